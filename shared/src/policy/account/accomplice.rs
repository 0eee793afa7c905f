//! Ways that take two: one whom a principal becomes changes that principal itself, or another that it becomes.

use std::collections::{BTreeSet, HashMap};

use super::certainty::Certainty;
use super::graph::CHANGING;
use super::principal::Kind;
use super::search::{Node, Search, Shortcut};
use super::step::Step;
use super::takeover::{Takeover, shortcut_of, take_over};
use super::victims::Victims;

/// Shortcuts for principals that no way was found for so far; and whether all were looked for.
pub(super) fn shortcuts(search: &Search<'_, '_>) -> (Vec<Shortcut>, bool) {
    let mut steps_left = MOST_STEPS;
    let mut found: HashMap<usize, Shortcut> = HashMap::new();
    let victims = Victims::of(search.nodes());
    for accomplice in search.nodes() {
        if search.arrives(accomplice.at) || !accomplice.reach.has_any(CHANGING) {
            continue;
        }
        let victims = victims.of_node(search.world(), accomplice);
        if victims.as_ref().is_some_and(BTreeSet::is_empty) {
            continue;
        }
        let becoming = becoming(search, accomplice, &found, &mut steps_left);
        if becoming.len() < 2 {
            continue;
        }
        steps_left = steps_left.saturating_sub(victims.as_ref().map_or(search.nodes().len(), BTreeSet::len));
        let others = others_it_makes_strong(search, accomplice, victims.as_ref());
        for from in becoming.keys().copied().filter(|from| *from != accomplice.at) {
            steps_left = steps_left.saturating_sub(1 + others.len());
            if steps_left == 0 {
                break;
            }
            let Some(node) = search.node(from) else { continue };
            if found.get(&from).is_some_and(|known| known.certainty == Certainty::Is) {
                continue;
            }
            let mut shortcut = None;
            let itself = victims.as_ref().is_none_or(|victims| victims.contains(&from));
            let takeover = itself.then(|| strongest(search, accomplice, node)).flatten();
            if let Some(takeover) = takeover {
                shortcut = Some((takeover.steps, takeover.certainty));
            } else {
                for (other, takeover) in &others {
                    let Some((edge, steps)) = search.step(node, other) else { continue };
                    let certainty = takeover.certainty.min(edge);
                    if shortcut.as_ref().is_none_or(|(_, best)| certainty > *best) {
                        shortcut = Some((takeover.steps.iter().cloned().chain(steps).collect(), certainty));
                    }
                    if certainty == Certainty::Is {
                        break;
                    }
                }
            }
            let Some((steps, certainty)) = shortcut else { continue };
            let (mut all, on_the_way) = way(search, &becoming, from, accomplice.at);
            all.extend(steps);
            let shortcut = Shortcut { from, to: None, steps: all, certainty: certainty.min(on_the_way) };
            let better = |known: &Shortcut| {
                (shortcut.certainty, known.steps.len()) > (known.certainty, shortcut.steps.len())
            };
            if found.get(&from).is_none_or(better) {
                found.insert(from, shortcut);
            }
        }
    }
    let mut found: Vec<Shortcut> = found.into_values().collect();
    found.sort_by_key(|shortcut| shortcut.from);
    (found, steps_left > 0)
}

/// How many steps are looked at, of some hundred nanoseconds each. An account in which thousands may assume a thousand
/// roles that each may change somebody else would take minutes otherwise.
const MOST_STEPS: usize = 3_000_000;

/// Who becomes a node, over however many steps, each with the next on its way.
fn becoming(
    search: &Search<'_, '_>,
    node: &Node<'_>,
    found: &HashMap<usize, Shortcut>,
    steps_left: &mut usize,
) -> HashMap<usize, usize> {
    let mut next = HashMap::from([(node.at, node.at)]);
    let mut front = vec![node.at];
    while !front.is_empty() {
        let mut further = Vec::new();
        for to in front.into_iter().filter_map(|at| search.node(at)) {
            for from in search.candidates_for(to) {
                *steps_left = steps_left.saturating_sub(1);
                if *steps_left == 0 {
                    return next;
                }
                if next.contains_key(&from) || search.arrives(from) || found.contains_key(&from) {
                    continue;
                }
                if search.node(from).is_some_and(|from| search.step(from, to).is_some()) {
                    next.insert(from, to.at);
                    further.push(from);
                }
            }
        }
        further.sort_unstable();
        front = further;
    }
    next
}

fn way(
    search: &Search<'_, '_>,
    becoming: &HashMap<usize, usize>,
    from: usize,
    to: usize,
) -> (Vec<Step>, Certainty) {
    let (mut steps, mut certainty) = (Vec::new(), Certainty::Is);
    let mut at = from;
    while at != to {
        let Some(next) = becoming.get(&at).copied() else { break };
        let Some((node, onward)) = search.node(at).zip(search.node(next)) else { break };
        let Some((edge, taken)) = search.step(node, onward) else { break };
        steps.extend(taken);
        certainty = certainty.min(edge);
        at = next;
    }
    (steps, certainty)
}

/// What an accomplice makes of a principal, if that is an administrator.
fn strongest<'a>(search: &Search<'_, 'a>, by: &Node<'a>, of: &Node<'a>) -> Option<Takeover<'a>> {
    let world = search.world();
    let all =
        take_over(world, &by.actor, &of.actor).into_iter().chain(shortcut_of(world, &by.actor, &of.actor));
    all.filter(|takeover| takeover.is_admin).max_by_key(|takeover| takeover.certainty)
}

/// The principals that an accomplice makes administrators without becoming them itself.
fn others_it_makes_strong<'w, 'a>(
    search: &Search<'w, 'a>,
    accomplice: &Node<'a>,
    victims: Option<&BTreeSet<usize>>,
) -> Vec<(&'w Node<'a>, Takeover<'a>)> {
    let others = [Kind::User, Kind::Role].into_iter().flat_map(|kind| search.nodes_of(kind));
    let others = others.filter(|other| {
        other.at != accomplice.at
            && !search.arrives(other.at)
            && victims.is_none_or(|victims| victims.contains(&other.at))
    });
    others.filter_map(|other| Some((other, strongest(search, accomplice, other)?))).collect()
}
