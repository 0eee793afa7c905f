use serde::Serialize;

use crate::policy::analysis::ResourceKind;

/// A way to become an administrator, as a set of actions that must all be allowed.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// Its name here. Never changed once published.
    pub id: &'static str,
    /// What it takes advantage of.
    pub category: Category,
    /// What must be allowed.
    pub needs: &'static [Need],
    /// The services to one of which a role is passed, as `iam:PassedToService` has them.
    pub passed_to: &'static [&'static str],
    /// What must exist besides, if a policy alone cannot tell whether the path leads anywhere.
    pub depends_on: Option<&'static str>,
    /// The public catalogues that name this set of actions, with their own names for it.
    pub named_by: &'static [&'static str],
}

/// What a path takes advantage of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The principal adds to its own permissions. A boundary caps what it adds.
    SelfEscalation,
    /// The principal sheds what caps it.
    BoundaryRemoval,
    /// The principal takes over another principal.
    PrincipalAccess,
    /// The principal makes something that runs as a role of its choice.
    NewPassRole,
    /// The principal uses what runs as a role already.
    ExistingResource,
}

/// One action of a path.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Need {
    /// The action.
    pub action: &'static str,
    /// On what it must be allowed.
    pub on: Target,
}

/// On what an action of a path must be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// On something: the principal makes it, or any will do.
    Any,
    /// On all of a kind, for only then is the strong one known to be among them.
    Every(ResourceKind),
    /// On the principal itself.
    Own(ResourceKind),
    /// On the same one as the other needs of this kind: together they make it strong and take it over, so any will
    /// do.
    Same(ResourceKind),
}

impl Target {
    /// The action that sets tags on it, where what it is bears tags that IAM's conditions ask for.
    pub(super) fn tagging(self) -> Option<&'static str> {
        let (Self::Every(kind) | Self::Own(kind) | Self::Same(kind)) = self else { return None };
        match kind {
            ResourceKind::USER => Some("iam:TagUser"),
            ResourceKind::ROLE => Some("iam:TagRole"),
            ResourceKind::POLICY => Some("iam:TagPolicy"),
            _ => None,
        }
    }
}

pub(super) const PASS_ROLE: Need = every("iam:PassRole", ResourceKind::ROLE);

pub(super) const fn any(action: &'static str) -> Need {
    Need { action, on: Target::Any }
}

pub(super) const fn every(action: &'static str, kind: ResourceKind) -> Need {
    Need { action, on: Target::Every(kind) }
}

pub(super) const fn own(action: &'static str, kind: ResourceKind) -> Need {
    Need { action, on: Target::Own(kind) }
}

pub(super) const fn same(action: &'static str, kind: ResourceKind) -> Need {
    Need { action, on: Target::Same(kind) }
}
