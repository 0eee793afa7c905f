use super::action::{Action, ActionSet};
use super::details::ManagedId;
use super::principal::Principal;
use super::reach::{Directory, Reach};
use crate::policy::analysis::{ActionSet as PathActions, INDEX, variables};
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
    /// Its statements that speak of any of the actions.
    speaking: Vec<Speaking>,
    /// What it allows at all, on whatever resource.
    pub(super) allows: ActionSet,
    /// What it allows of the actions of known paths to administrator, on whatever resource.
    pub(super) on_paths: PathActions,
    /// Whether it takes anything away.
    pub(super) denies: bool,
    /// Whether it has conditions on who makes a request.
    pub(super) asks_who: bool,
}

impl Document {
    pub(super) fn new(name: String, managed: Option<ManagedId>, policy: Policy) -> Self {
        let mut speaking = Vec::new();
        let mut allows = ActionSet::default();
        let mut on_paths = PathActions::default();
        for (index, statement) in policy.statements.iter().enumerate() {
            let actions = spoken_of(&statement.action);
            if !actions.is_empty() {
                speaking.push(Speaking { index, actions, reach: Reach::Varies });
            }
            if statement.effect == Effect::Allow {
                allows = allows.union(actions);
                on_paths = on_paths.union(INDEX.actions_of(&statement.action));
            }
        }
        let denies = policy.statements.iter().any(|statement| statement.effect == Effect::Deny);
        let asks_who =
            policy.statements.iter().flat_map(|statement| &statement.conditions).any(|condition| {
                let is_about = |key: &str| WHO.iter().any(|who| starts_with(key, who));
                let mut variables = condition.values.iter().flat_map(|it| variables(it, policy.version));
                is_about(&condition.key) || variables.any(is_about)
            });
        Self { name, managed, policy, speaking, allows, on_paths, denies, asks_who }
    }

    /// AWS's `AdministratorAccess`, which allows everything and which every account has.
    ///
    /// Source: AWS Managed Policy Reference Guide; it has not changed since 2015.
    pub(super) fn administrator_access(partition: &str) -> Self {
        Self::of_aws(partition, "AdministratorAccess", "*")
    }

    /// What of AWS's `IAMFullAccess` makes administrators; the rest of it reads the organisation.
    ///
    /// Source: AWS Managed Policy Reference Guide.
    pub(super) fn iam_full_access(partition: &str) -> Self {
        Self::of_aws(partition, "IAMFullAccess", "iam:*")
    }

    /// A policy of AWS that allows an action on everything.
    fn of_aws(partition: &str, name: &str, action: &str) -> Self {
        let statement = Statement {
            sid: None,
            effect: Effect::Allow,
            principal: None,
            action: Element { negated: false, entries: ActionPattern::parse(action).into_iter().collect() },
            resource: None,
            conditions: Vec::new(),
        };
        let policy = Policy { version: Version::V2012, id: None, statements: vec![statement] };
        Self::new(format!("arn:{partition}:iam::aws:policy/{name}"), None, policy)
    }

    /// Whether it is one of AWS's own.
    pub(super) fn is_of_aws(&self) -> bool {
        self.managed.is_some() && self.name.split(':').nth(4) == Some("aws")
    }

    /// Finds out which principals its statements are about, once these are all known.
    fn direct(&mut self, directory: &Directory<'_>) {
        for speaking in &mut self.speaking {
            if let Some(statement) = self.policy.statements.get(speaking.index) {
                speaking.reach = directory.reach(statement.resource.as_ref(), self.policy.version);
            }
        }
    }

    /// The statements that speak of an action.
    pub(super) fn about(&self, action: Action) -> impl Iterator<Item = (&Speaking, &Statement)> {
        let speaking = self.speaking.iter().filter(move |speaking| speaking.actions.has(action));
        speaking.filter_map(|speaking| Some((speaking, self.policy.statements.get(speaking.index)?)))
    }
}

/// How condition keys begin that say who makes a request, or whose the resource is.
const WHO: &[&str] = &["aws:Principal", "aws:username", "aws:userid", "aws:ResourceAccount"];

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
}

/// A statement that speaks of some of the actions.
#[derive(Debug)]
pub(super) struct Speaking {
    /// Its position.
    pub(super) index: usize,
    actions: ActionSet,
    /// Which principals are among its resources.
    pub(super) reach: Reach,
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

    /// Finds out which principals the policies are about.
    pub(super) fn direct(&mut self, principals: &[Principal]) {
        let directory = Directory::of(principals);
        self.0.iter_mut().for_each(|document| document.direct(&directory));
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
        let about = |action| document.about(action).map(|(speaking, _)| speaking.index).collect::<Vec<_>>();
        assert_eq!(about(Action::PassRole), [0, 2]);
        assert_eq!(about(Action::AssumeRole), [1, 2]);
        assert!(document.allows.has(Action::PassRole) && document.allows.has(Action::AssumeRole));
        assert!(!document.allows.has(Action::CreateUser));
        assert!(document.denies);
    }
}
