use super::{Action, without_case};

/// A service, as policies know it: by its prefix.
///
/// A product may have several prefixes, and several products may share one.
#[derive(Debug)]
pub struct Service {
    pub(super) prefix: &'static str,
    pub(super) name: &'static str,
    pub(super) resource_types: Vec<ResourceType>,
    /// In order of their names without letter case.
    pub(super) actions: Vec<Action>,
}

impl Service {
    /// What stands before the colon: `iam`.
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// What AWS calls it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The kinds of resource it has. A kind with two formats of ARN is there twice.
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// Its actions, in order of name.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The action with this name, without the service, in any letter case.
    pub fn action(&self, name: &str) -> Option<&Action> {
        let at = self.actions.binary_search_by(|action| without_case(action.name()).cmp(without_case(name)));
        self.actions.get(at.ok()?)
    }
}

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceType {
    /// Its name in AWS's reference: `role`.
    pub name: &'static str,
    /// What its ARNs look like, with a star for each part that varies: `arn:*:iam::*:role/*`.
    pub arn_pattern: &'static str,
}
