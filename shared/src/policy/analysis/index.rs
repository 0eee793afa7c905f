use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Permissions;
use super::escalation::{Path, paths};
use super::lint::WATCHED;
use crate::policy::glob::{self, Case};
use crate::policy::{ActionPattern, Effect, Element, Policy};

/// The actions that are asked about, by service, because most statements are about services without any.
pub(in crate::policy) static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

pub(in crate::policy) struct Index {
    /// Each service's prefix, the names of its actions, and their numbers.
    services: Vec<(String, Vec<(String, usize)>)>,
    /// Where in that list the services are that begin with a letter.
    by_letter: [Vec<usize>; 26],
    /// Every path with the actions it needs.
    pub(in crate::policy) paths: Vec<(&'static Path, ActionSet)>,
    /// Every other action that is asked about, each as a set.
    watched: Vec<(&'static str, ActionSet)>,
    all: ActionSet,
}

/// A set of the numbered actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::policy) struct ActionSet([u64; 4]);

impl ActionSet {
    fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        let mut words = self.0;
        for (word, other) in words.iter_mut().zip(other.0) {
            *word = with(*word, other);
        }
        Self(words)
    }

    pub(in crate::policy) fn union(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    pub(in crate::policy) fn intersection(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    fn without(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    pub(in crate::policy) fn is_within(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, other)| own & !other == 0)
    }

    /// How many actions it can number.
    const CAPACITY: usize = 256;
}

impl Index {
    fn new() -> Self {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let needed = paths().flat_map(|path| path.needs).map(|need| need.action);
        for action in needed.chain(WATCHED.iter().copied()) {
            let next = numbers.len();
            numbers.entry(action.to_ascii_lowercase()).or_insert(next);
        }
        debug_assert!(numbers.len() <= ActionSet::CAPACITY, "an action without a number would be missed");
        let mut index = Self {
            services: Vec::new(),
            by_letter: Default::default(),
            paths: Vec::new(),
            watched: Vec::new(),
            all: ActionSet::default(),
        };
        for (action, number) in &numbers {
            index.all.insert(*number);
            let Some((service, name)) = action.split_once(':') else { continue };
            let name = (name.to_owned(), *number);
            match index.services.last_mut() {
                Some((last, names)) if last == service => names.push(name),
                _ => index.services.push((service.to_owned(), vec![name])),
            }
        }
        for (at, (service, _)) in index.services.iter().enumerate() {
            if let Some(services) = letter(service).and_then(|letter| index.by_letter.get_mut(letter)) {
                services.push(at);
            }
        }
        let set_of = |actions: &mut dyn Iterator<Item = &'static str>| {
            let mut set = ActionSet::default();
            for number in actions.filter_map(|action| numbers.get(&action.to_ascii_lowercase())) {
                set.insert(*number);
            }
            set
        };
        for path in paths() {
            index.paths.push((path, set_of(&mut path.needs.iter().map(|need| need.action))));
        }
        for action in WATCHED {
            index.watched.push((action, set_of(&mut std::iter::once(*action))));
        }
        index
    }

    /// Whether a set has any of the watched actions.
    pub(super) fn has_any_watched(&self, set: ActionSet) -> bool {
        self.watched.iter().any(|(_, alone)| alone.is_within(set))
    }

    /// Whether a set has one of the watched actions.
    pub(super) fn has(&self, set: ActionSet, action: &str) -> bool {
        self.watched.iter().any(|(watched, alone)| *watched == action && alone.is_within(set))
    }

    /// The actions that an `Action` or `NotAction` element speaks of, of those that are asked about.
    pub(in crate::policy) fn actions_of(&self, element: &Element<ActionPattern>) -> ActionSet {
        let mut listed = ActionSet::default();
        for entry in &element.entries {
            self.add(entry, &mut listed);
        }
        if element.negated { self.all.without(listed) } else { listed }
    }

    fn add(&self, pattern: &ActionPattern, to: &mut ActionSet) {
        let (service, name) = halves(pattern.as_str());
        if has_wildcards(service) {
            let services = self.services.iter();
            for (_, names) in services.filter(|(prefix, _)| glob::matches(service, prefix, Case::Ignored)) {
                add_names(names, name, to);
            }
            return;
        }
        let letter = letter(service).and_then(|letter| self.by_letter.get(letter));
        let mut services = letter.into_iter().flatten().filter_map(|at| self.services.get(*at));
        if let Some((_, names)) = services.find(|(prefix, _)| prefix.eq_ignore_ascii_case(service)) {
            add_names(names, name, to);
        }
    }
}

fn letter(text: &str) -> Option<usize> {
    let first = text.bytes().next()?.to_ascii_lowercase();
    first.is_ascii_lowercase().then(|| usize::from(first - b'a'))
}

fn has_wildcards(text: &str) -> bool {
    text.bytes().any(|byte| byte == b'*' || byte == b'?')
}

fn add_names(names: &[(String, usize)], pattern: &str, to: &mut ActionSet) {
    let plain = !has_wildcards(pattern);
    for (name, number) in names {
        let is =
            name.eq_ignore_ascii_case(pattern) || (!plain && glob::matches(pattern, name, Case::Ignored));
        if is {
            to.insert(*number);
        }
    }
}

/// What the Allows say at a glance, because most of what can be asked is answered by that.
#[derive(Debug, Default)]
pub(super) struct Survey<'a> {
    /// The actions, of those that are asked about, that some Allow names, and one of the boundary's as well. No other
    /// can be allowed, and most policies name none.
    pub(super) named: ActionSet,
    /// Whether an Allow speaks of services that it does not name.
    pub(super) any_service: bool,
    /// The services of which an Allow lists every action, in no order.
    pub(super) whole: Vec<&'a str>,
}

impl<'a> Survey<'a> {
    fn add(&mut self, policy: &'a Policy) {
        for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            self.named = self.named.union(INDEX.actions_of(&statement.action));
            self.any_service |= statement.action.negated;
            for entry in statement.action.entries.iter().filter(|entry| entry.as_str().ends_with('*')) {
                self.any_service |= has_wildcards(halves(entry.as_str()).0);
                self.whole.extend(whole_service(entry).filter(|_| !statement.action.negated));
            }
        }
    }
}

impl<'a> Permissions<'a> {
    /// Looks over the policies.
    pub(super) fn survey(&self) -> Survey<'a> {
        let mut survey = Survey::default();
        for named in &self.identity {
            survey.add(named.policy);
        }
        if let Some(boundary) = self.boundary.known() {
            let mut cap = Survey::default();
            cap.add(boundary.policy);
            survey.named = survey.named.intersection(cap.named);
        }
        survey
    }
}

/// A pattern's service and name.
pub(super) fn halves(pattern: &str) -> (&str, &str) {
    pattern.split_once(':').unwrap_or(("*", "*"))
}

/// The service of which a pattern is every action, if it is of one.
pub(super) fn whole_service(pattern: &ActionPattern) -> Option<&str> {
    if !pattern.as_str().ends_with('*') {
        return None;
    }
    let (service, name) = halves(pattern.as_str());
    let every = name.strip_prefix('?').unwrap_or(name);
    (glob::is_everything(every) && !has_wildcards(service)).then_some(service)
}
