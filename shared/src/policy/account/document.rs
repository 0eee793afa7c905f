use super::action::{Action, ActionSet};
use super::details::ManagedId;
use crate::policy::glob::{self, Case};
use crate::policy::{ActionPattern, Effect, Element, Policy, Statement, Version};

/// A policy of the account, indexed once for all principals that have it.
#[derive(Debug)]
pub(super) struct Document {
    /// What messages call it: an inline policy by its name, that of a group as `group/name`, a managed one by its ARN.
    pub(super) name: String,
    /// Which managed policy it is a version of.
    pub(super) managed: Option<ManagedId>,
    pub(super) policy: Policy,
    /// Its statements that speak of any of the actions, by position.
    speaking: Vec<(usize, ActionSet)>,
    /// What it allows at all, on whatever resource.
    pub(super) allows: ActionSet,
    /// Whether it takes anything away.
    pub(super) denies: bool,
}

impl Document {
    pub(super) fn new(name: String, managed: Option<ManagedId>, policy: Policy) -> Self {
        let mut speaking = Vec::new();
        let mut allows = ActionSet::default();
        for (index, statement) in policy.statements.iter().enumerate() {
            let actions = spoken_of(&statement.action);
            if !actions.is_empty() {
                speaking.push((index, actions));
            }
            if statement.effect == Effect::Allow {
                allows = allows.union(actions);
            }
        }
        let denies = policy.statements.iter().any(|statement| statement.effect == Effect::Deny);
        Self { name, managed, policy, speaking, allows, denies }
    }

    /// A policy that allows everything, as whoever may write policies can write one.
    pub(super) fn everything() -> Self {
        let statement = Statement {
            sid: None,
            effect: Effect::Allow,
            principal: None,
            action: Element { negated: false, entries: ActionPattern::parse("*").into_iter().collect() },
            resource: None,
            conditions: Vec::new(),
        };
        Self::new(
            String::new(),
            None,
            Policy { version: Version::V2012, id: None, statements: vec![statement] },
        )
    }

    /// The statements that speak of an action, with their positions.
    pub(super) fn about(&self, action: Action) -> impl Iterator<Item = (usize, &Statement)> {
        let speaking = self.speaking.iter().filter(move |(_, actions)| actions.has(action));
        speaking.filter_map(|(index, _)| Some((*index, self.policy.statements.get(*index)?)))
    }
}

fn spoken_of(element: &Element<ActionPattern>) -> ActionSet {
    let mut listed = ActionSet::default();
    for pattern in &element.entries {
        // Most patterns are of services that make nobody anybody else.
        let service = pattern.service();
        let may_match = |name: &str| {
            service.eq_ignore_ascii_case(name)
                || (service.contains(['*', '?']) && glob::matches(service, name, Case::Ignored))
        };
        if may_match("iam") || may_match("sts") {
            for action in Action::ALL.iter().filter(|action| pattern.matches(action.name())) {
                listed.insert(*action);
            }
        }
    }
    if !element.negated {
        return listed;
    }
    let mut rest = ActionSet::default();
    for action in Action::ALL.iter().filter(|action| !listed.has(**action)) {
        rest.insert(*action);
    }
    rest
}

/// A document's place among [`Documents`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DocumentId(usize);

/// Every policy of the account that can be read, each held once.
#[derive(Debug, Default)]
pub(super) struct Documents(Vec<Document>);

impl Documents {
    pub(super) fn add(&mut self, document: Document) -> DocumentId {
        self.0.push(document);
        DocumentId(self.0.len() - 1)
    }

    pub(super) fn get(&self, id: DocumentId) -> Option<&Document> {
        self.0.get(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyKind;

    #[test]
    fn every_action_fits_the_set_and_reads_back() {
        assert!(Action::ALL.len() <= 64);
        for action in Action::ALL {
            let mut set = ActionSet::default();
            set.insert(*action);
            assert_eq!(Action::ALL.iter().filter(|other| set.has(**other)).count(), 1);
        }
    }

    #[test]
    fn the_index_knows_what_each_statement_speaks_of() {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["s3:*","I?M:pass*"],"Resource":"*"},
            {"Effect":"Allow","NotAction":"iam:*","Resource":"*"},
            {"Effect":"Deny","Action":"*","Resource":"*"},
            {"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        let document = Document::new("p".into(), None, Policy::parse(text, PolicyKind::Identity).unwrap());
        let about = |action| document.about(action).map(|(index, _)| index).collect::<Vec<_>>();
        assert_eq!(about(Action::PassRole), [0, 2]);
        assert_eq!(about(Action::AssumeRole), [1, 2]);
        assert!(document.allows.has(Action::PassRole) && document.allows.has(Action::AssumeRole));
        assert!(!document.allows.has(Action::CreateUser));
        assert!(document.denies);
    }
}
