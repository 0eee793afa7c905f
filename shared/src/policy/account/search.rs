//! The shortest way from each principal to an administrator.
//!
//! It is sought backwards: from the administrators to those who can become them, from these to those who can become
//! these. Whoever reaches no administrator, which should be nearly everybody, is never followed.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::accomplice;
use super::action::ActionSet;
use super::actor::Actor;
use super::anyone;
use super::candidates::Candidates;
use super::certainty::Certainty;
use super::edge::{BECOMING, Edge};
use super::graph::is_free;
use super::principal::{Kind, Principal};
use super::route::{Route, routes_of};
use super::step::Step;
use super::takeover::take_over;
use super::world::World;

/// A principal as it is, or as it could come to be.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// Its place among the nodes.
    pub(super) at: usize,
    pub(super) actor: Actor<'a>,
    pub(super) reach: ActionSet,
    pub(super) routes: Vec<Route>,
    pub(super) is_admin: bool,
    /// The principal to become, where one can become this; what a principal could come to be is nobody else's yet.
    pub(super) becomes: Option<&'a Principal>,
    /// Whether it may be able to become anybody at all.
    pub(super) is_live: bool,
}

impl<'a> Node<'a> {
    pub(super) fn new(
        world: &World<'a>,
        at: usize,
        actor: Actor<'a>,
        becomes: Option<&'a Principal>,
    ) -> Self {
        let is_admin = world.is_admin(&actor);
        let reach = actor.reach();
        let routes = if is_admin { Vec::new() } else { routes_of(&actor) };
        let is_live = reach.has_any(BECOMING) || !routes.is_empty() || world.is_named(actor.principal);
        Self { at, actor, reach, routes, is_admin, becomes, is_live }
    }
}

/// A way of several steps that was found beforehand, from one node to another, or to an administrator.
#[derive(Debug, Clone)]
pub(super) struct Shortcut {
    pub(super) from: usize,
    pub(super) to: Option<usize>,
    pub(super) steps: Vec<Step>,
    pub(super) certainty: Certainty,
}

/// What is next on the way from a node.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// Nothing: it is an administrator.
    Arrived,
    /// It becomes another, by an edge.
    Edge(usize),
    /// It takes a shortcut.
    Shortcut(usize),
}

#[derive(Debug, Clone, Copy)]
struct Way {
    length: usize,
    next: Next,
}

/// The ways found.
pub(super) struct Search<'w, 'a> {
    world: &'w World<'a>,
    nodes: &'w [Node<'a>],
    shortcuts: Vec<Shortcut>,
    candidates: Candidates<'w>,
    by_kind: HashMap<Kind, Vec<&'w Node<'a>>>,
    ways: Vec<Option<Way>>,
    /// Whether every way was looked for.
    pub(super) is_whole: bool,
    shortcuts_of: HashMap<usize, Vec<usize>>,
    behind_service: HashMap<&'static str, Vec<&'a Principal>>,
}

impl<'w, 'a> Search<'w, 'a> {
    /// Looks for ways that are open for certain first, and for possible ones for those who have none.
    ///
    /// `ends` are nodes to which a way counts as one to an administrator, though they are none as far as is known.
    pub(super) fn run(
        world: &'w World<'a>,
        nodes: &'w [Node<'a>],
        shortcuts: Vec<Shortcut>,
        ends: &HashSet<usize>,
    ) -> Self {
        let arrived = |node: &Node<'_>| {
            (node.is_admin || ends.contains(&node.at)).then_some(Way { length: 0, next: Next::Arrived })
        };
        let ways = nodes.iter().map(arrived).collect();
        let candidates = Candidates::of(nodes);
        let mut by_kind: HashMap<Kind, Vec<&Node<'a>>> = HashMap::new();
        for node in nodes {
            if let Some(principal) = node.becomes {
                by_kind.entry(principal.kind).or_default().push(node);
            }
        }
        let mut search = Self {
            world,
            nodes,
            shortcuts,
            candidates,
            by_kind,
            ways,
            is_whole: true,
            shortcuts_of: HashMap::new(),
            behind_service: HashMap::new(),
        };
        search.spread(Certainty::Is);
        search.spread(Certainty::Possible);
        // Whoever arrives by an accomplice brings others along, who may be the accomplices of yet others.
        loop {
            let (more, whole) = accomplice::shortcuts(&search);
            search.is_whole &= whole;
            if more.is_empty() {
                break;
            }
            search.add(more);
        }
        let more = anyone::shortcuts(&search);
        search.add(more);
        search.index();
        search
    }

    /// What is asked of every principal that gets there.
    fn index(&mut self) {
        for (index, shortcut) in self.shortcuts.iter().enumerate() {
            self.shortcuts_of.entry(shortcut.from).or_default().push(index);
        }
        let arriving: Vec<&'a Principal> = self.arriving(Kind::Role).collect();
        for role in arriving {
            for service in &role.services {
                self.behind_service.entry(service).or_default().push(role);
            }
        }
    }

    fn add(&mut self, shortcuts: Vec<Shortcut>) {
        if !shortcuts.is_empty() {
            self.shortcuts.extend(shortcuts);
            self.spread(Certainty::Is);
            self.spread(Certainty::Possible);
        }
    }

    /// Whether a node is or becomes an administrator.
    pub(super) fn arrives(&self, node: usize) -> bool {
        self.ways.get(node).is_some_and(Option::is_some)
    }

    fn spread(&mut self, least: Certainty) {
        let mut tentative = self.ways.clone();
        let mut queue = BinaryHeap::new();
        for (index, way) in self.ways.iter().enumerate() {
            queue.extend(way.map(|way| Reverse((way.length, index))));
        }
        for (index, shortcut) in self.shortcuts.iter().enumerate() {
            if shortcut.to.is_none() && shortcut.certainty >= least {
                let way = Way { length: shortcut.steps.len(), next: Next::Shortcut(index) };
                relax(&mut tentative, &mut queue, shortcut.from, way);
            }
        }
        let mut leading_to: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, shortcut) in self.shortcuts.iter().enumerate() {
            if let Some(to) = shortcut.to.filter(|_| shortcut.certainty >= least) {
                leading_to.entry(to).or_default().push(index);
            }
        }
        let mut done = vec![false; self.nodes.len()];
        while let Some(Reverse((length, at))) = queue.pop() {
            let Some(done) = done.get_mut(at).filter(|done| !**done) else { continue };
            *done = true;
            let Some(way) = self.ways.get_mut(at) else { continue };
            if way.is_none() {
                *way = tentative.get(at).copied().flatten();
            }
            for index in leading_to.get(&at).into_iter().flatten().copied() {
                let Some(shortcut) = self.shortcuts.get(index) else { continue };
                let way = Way { length: length + shortcut.steps.len(), next: Next::Shortcut(index) };
                relax(&mut tentative, &mut queue, shortcut.from, way);
            }
            let Some(node) = self.nodes.get(at) else { continue };
            let Some(to) = node.becomes.filter(|_| self.may_help(&tentative, length)) else { continue };
            for from in self.candidates_for(node) {
                if self.arrives(from) {
                    continue;
                }
                let known = tentative.get(from).copied().flatten();
                if known.is_some_and(|way| way.length <= length + 1) {
                    continue;
                }
                let Some(edge) = self.edge(from, to).filter(|edge| edge.certainty >= least) else { continue };
                if to.kind == Kind::Group && !self.is_worth_joining(from, at, least) {
                    continue;
                }
                let way = Way { length: length + edge.length(), next: Next::Edge(at) };
                relax(&mut tentative, &mut queue, from, way);
            }
        }
    }

    /// Whether anybody is left whom a step to a node of this length would bring nearer.
    fn may_help(&self, tentative: &[Option<Way>], length: usize) -> bool {
        let known = self.ways.iter().zip(tentative).zip(self.nodes);
        known.into_iter().any(|((way, tentative), node)| {
            node.is_live && way.is_none() && tentative.is_none_or(|way| way.length > length + 1)
        })
    }

    fn edge(&self, from: usize, to: &'w Principal) -> Option<Edge<'w>> {
        let node = self.nodes.get(from).filter(|node| node.is_live)?;
        Edge::between(&node.actor, node.reach, &node.routes, to)
    }

    /// Whether a member of a group gets where any other does: its own denies and boundary stay with it.
    fn is_worth_joining(&self, from: usize, group: usize, least: Certainty) -> bool {
        let (Some(node), Some(member)) = (self.nodes.get(from), self.nodes.get(group)) else { return false };
        if is_free(&node.actor) {
            return true;
        }
        let mut joined = node.actor.clone();
        joined.identity.extend(member.actor.identity.iter().copied());
        if self.world.is_admin(&joined) {
            return true;
        }
        match self.ways.get(group).copied().flatten().map(|way| way.next) {
            Some(Next::Edge(next)) => self.nodes.get(next).and_then(|node| node.becomes).is_some_and(|to| {
                let routes = routes_of(&joined);
                Edge::between(&joined, joined.reach(), &routes, to)
                    .is_some_and(|edge| edge.certainty >= least)
            }),
            Some(Next::Shortcut(_)) => take_over(self.world, &joined, &joined)
                .is_some_and(|takeover| takeover.is_admin && takeover.certainty >= least),
            // What a group has that is not known, its members have.
            Some(Next::Arrived) => !member.is_admin,
            None => false,
        }
    }

    pub(super) fn world(&self) -> &'w World<'a> {
        self.world
    }

    pub(super) fn nodes(&self) -> &'w [Node<'a>] {
        self.nodes
    }

    pub(super) fn node(&self, at: usize) -> Option<&'w Node<'a>> {
        self.nodes.get(at)
    }

    /// Those that are worth asking for a step to a node.
    pub(super) fn candidates_for(&self, node: &Node<'a>) -> Vec<usize> {
        let mut candidates = node.becomes.map(|it| self.candidates.for_principal(it)).unwrap_or_default();
        candidates.sort_unstable();
        candidates.dedup();
        candidates.retain(|candidate| *candidate != node.at);
        candidates
    }

    /// The step from a node to a user or role.
    pub(super) fn step(&self, from: &Node<'a>, to: &Node<'a>) -> Option<(Certainty, Vec<Step>)> {
        let principal = to.becomes.filter(|principal| principal.kind != Kind::Group)?;
        let edge = self.edge(from.at, principal)?;
        Some((edge.certainty, edge.steps(&from.actor, principal)))
    }

    /// Every node that can become a principal of a kind.
    pub(super) fn nodes_of(&self, kind: Kind) -> impl Iterator<Item = &'w Node<'a>> {
        self.by_kind.get(&kind).into_iter().flatten().copied()
    }

    /// The principals of a kind that are or become administrators.
    pub(super) fn arriving(&self, kind: Kind) -> impl Iterator<Item = &'a Principal> {
        self.nodes_of(kind).filter(|node| self.arrives(node.at)).filter_map(|node| node.becomes)
    }

    /// The roles that trust a service and are or become administrators.
    pub(super) fn behind(&self, service: &str) -> impl Iterator<Item = &'a Principal> {
        self.behind_service.get(service).into_iter().flatten().copied()
    }

    /// How surely a node becomes an administrator by changing itself.
    pub(super) fn gain(&self, node: &Node<'a>) -> Option<Certainty> {
        let own = self.shortcuts_of.get(&node.at).into_iter().flatten();
        let leads = |shortcut: &&Shortcut| {
            shortcut.steps.iter().all(|step| step.to == node.actor.principal.arn.as_str())
                && shortcut.to.is_none_or(|to| self.arrives(to))
        };
        let own = own.filter_map(|index| self.shortcuts.get(*index));
        own.filter(leads).map(|shortcut| shortcut.certainty).max()
    }

    /// Whether a node that joins a group gets where its members get.
    pub(super) fn joins(&self, node: &Node<'a>, group: &'a Principal) -> bool {
        let to = self.nodes.iter().find(|other| other.becomes.is_some_and(|it| std::ptr::eq(it, group)));
        to.is_some_and(|to| self.is_worth_joining(node.at, to.at, Certainty::Possible))
    }

    /// The steps from a node to an administrator; none where it is one or never becomes one.
    pub(super) fn steps(&self, from: usize) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut at = from;
        // Each step of a way is nearer to its end, so it ends.
        while let Some(way) = self.ways.get(at).copied().flatten() {
            let next = match way.next {
                Next::Arrived => break,
                Next::Shortcut(index) => {
                    let Some(shortcut) = self.shortcuts.get(index) else { break };
                    steps.extend(shortcut.steps.iter().cloned());
                    shortcut.to
                }
                Next::Edge(to) => {
                    let Some(principal) = self.nodes.get(to).and_then(|node| node.becomes) else { break };
                    if let (Some(node), Some(edge)) = (self.nodes.get(at), self.edge(at, principal)) {
                        steps.extend(edge.steps(&node.actor, principal));
                    }
                    Some(to)
                }
            };
            let Some(next) = next else { break };
            at = next;
        }
        steps
    }
}

/// Takes a way if it is shorter than the one known.
fn relax(
    tentative: &mut [Option<Way>],
    queue: &mut BinaryHeap<Reverse<(usize, usize)>>,
    at: usize,
    way: Way,
) {
    let Some(known) = tentative.get_mut(at) else { return };
    if known.is_none_or(|known| way.length < known.length) {
        *known = Some(way);
        queue.push(Reverse((way.length, at)));
    }
}
