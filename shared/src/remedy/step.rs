use std::fmt;

use serde::{Deserialize, Serialize};

use super::Write;
use crate::facts::{
    Entity, Fact, InlinePolicy, KeyStatus, Need, Principal, Role, RoleIdentity, Unread, User, UserIdentity,
};
use crate::identifier::{AccessKeyId, Arn, PolicyName};
use crate::policy::PolicyDocument;

/// One IAM write on one exact thing, with all that its undo needs.
///
/// Every `match` below is exhaustive, so a step without a permission, an inverse or a read-back check does not
/// compile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "PascalCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Step {
    /// Switches one key off.
    DeactivateAccessKey { user: UserIdentity, key: AccessKeyId },
    /// Switches one key on.
    ActivateAccessKey { user: UserIdentity, key: AccessKeyId },
    /// Takes an inline policy off a user.
    DeleteUserPolicy { user: UserIdentity, policy: PolicyName, document: PolicyDocument },
    /// Writes an inline policy into a user.
    PutUserPolicy { user: UserIdentity, policy: PolicyName, document: PolicyDocument },
    /// Takes a managed policy off a user.
    DetachUserPolicy { user: UserIdentity, policy: Arn },
    /// Attaches a managed policy to a user.
    AttachUserPolicy { user: UserIdentity, policy: Arn },
    /// Takes a user's console password. It cannot come back: AWS never shows it.
    DeleteLoginProfile { user: UserIdentity },
    /// Sets a user's permissions boundary.
    PutUserPermissionsBoundary { user: UserIdentity, boundary: Arn, replaces: Option<Arn> },
    /// Takes a user's permissions boundary off.
    DeleteUserPermissionsBoundary { user: UserIdentity, boundary: Arn },
    /// Takes an inline policy off a role.
    DeleteRolePolicy { role: RoleIdentity, policy: PolicyName, document: PolicyDocument },
    /// Writes an inline policy into a role.
    PutRolePolicy { role: RoleIdentity, policy: PolicyName, document: PolicyDocument },
    /// Takes a managed policy off a role.
    DetachRolePolicy { role: RoleIdentity, policy: Arn },
    /// Attaches a managed policy to a role.
    AttachRolePolicy { role: RoleIdentity, policy: Arn },
    /// Sets a role's permissions boundary.
    PutRolePermissionsBoundary { role: RoleIdentity, boundary: Arn, replaces: Option<Arn> },
    /// Takes a role's permissions boundary off.
    DeleteRolePermissionsBoundary { role: RoleIdentity, boundary: Arn },
}

/// What undoes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inverse {
    /// Another step.
    Step(Box<Step>),
    /// Nothing can; the text says what is lost and what to do instead.
    Impossible(&'static str),
}

/// Where the live state stands as seen from a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// The state the step was planned on: it can run.
    Pending,
    /// The state the step would make: nothing is left to do.
    Done,
    /// Neither: somebody changed it since.
    Changed(String),
    /// It could not be read.
    Unknown(Unread),
}

impl Step {
    /// The API operation, hence the permission.
    pub fn write(&self) -> Write {
        match self {
            Self::DeactivateAccessKey { .. } | Self::ActivateAccessKey { .. } => Write::UpdateAccessKey,
            Self::DeleteUserPolicy { .. } => Write::DeleteUserPolicy,
            Self::PutUserPolicy { .. } => Write::PutUserPolicy,
            Self::DetachUserPolicy { .. } => Write::DetachUserPolicy,
            Self::AttachUserPolicy { .. } => Write::AttachUserPolicy,
            Self::DeleteLoginProfile { .. } => Write::DeleteLoginProfile,
            Self::PutUserPermissionsBoundary { .. } => Write::PutUserPermissionsBoundary,
            Self::DeleteUserPermissionsBoundary { .. } => Write::DeleteUserPermissionsBoundary,
            Self::DeleteRolePolicy { .. } => Write::DeleteRolePolicy,
            Self::PutRolePolicy { .. } => Write::PutRolePolicy,
            Self::DetachRolePolicy { .. } => Write::DetachRolePolicy,
            Self::AttachRolePolicy { .. } => Write::AttachRolePolicy,
            Self::PutRolePermissionsBoundary { .. } => Write::PutRolePermissionsBoundary,
            Self::DeleteRolePermissionsBoundary { .. } => Write::DeleteRolePermissionsBoundary,
        }
    }

    /// Whom it changes.
    pub fn principal(&self) -> Principal {
        match self {
            Self::DeactivateAccessKey { user, .. }
            | Self::ActivateAccessKey { user, .. }
            | Self::DeleteUserPolicy { user, .. }
            | Self::PutUserPolicy { user, .. }
            | Self::DetachUserPolicy { user, .. }
            | Self::AttachUserPolicy { user, .. }
            | Self::DeleteLoginProfile { user }
            | Self::PutUserPermissionsBoundary { user, .. }
            | Self::DeleteUserPermissionsBoundary { user, .. } => Principal::User(user.clone()),
            Self::DeleteRolePolicy { role, .. }
            | Self::PutRolePolicy { role, .. }
            | Self::DetachRolePolicy { role, .. }
            | Self::AttachRolePolicy { role, .. }
            | Self::PutRolePermissionsBoundary { role, .. }
            | Self::DeleteRolePermissionsBoundary { role, .. } => Principal::Role(role.clone()),
        }
    }

    /// What undoes it.
    pub fn inverse(&self) -> Inverse {
        let step = match self.clone() {
            Self::DeactivateAccessKey { user, key } => Self::ActivateAccessKey { user, key },
            Self::ActivateAccessKey { user, key } => Self::DeactivateAccessKey { user, key },
            Self::DeleteUserPolicy { user, policy, document } => {
                Self::PutUserPolicy { user, policy, document }
            }
            Self::PutUserPolicy { user, policy, document } => {
                Self::DeleteUserPolicy { user, policy, document }
            }
            Self::DetachUserPolicy { user, policy } => Self::AttachUserPolicy { user, policy },
            Self::AttachUserPolicy { user, policy } => Self::DetachUserPolicy { user, policy },
            Self::DeleteLoginProfile { .. } => {
                return Inverse::Impossible(
                    "the console password is gone: AWS never shows one, so the user needs a new one",
                );
            }
            Self::PutUserPermissionsBoundary { user, boundary, replaces: Some(prior) } => {
                Self::PutUserPermissionsBoundary { user, boundary: prior, replaces: Some(boundary) }
            }
            Self::PutUserPermissionsBoundary { user, boundary, replaces: None } => {
                Self::DeleteUserPermissionsBoundary { user, boundary }
            }
            Self::DeleteUserPermissionsBoundary { user, boundary } => {
                Self::PutUserPermissionsBoundary { user, boundary, replaces: None }
            }
            Self::DeleteRolePolicy { role, policy, document } => {
                Self::PutRolePolicy { role, policy, document }
            }
            Self::PutRolePolicy { role, policy, document } => {
                Self::DeleteRolePolicy { role, policy, document }
            }
            Self::DetachRolePolicy { role, policy } => Self::AttachRolePolicy { role, policy },
            Self::AttachRolePolicy { role, policy } => Self::DetachRolePolicy { role, policy },
            Self::PutRolePermissionsBoundary { role, boundary, replaces: Some(prior) } => {
                Self::PutRolePermissionsBoundary { role, boundary: prior, replaces: Some(boundary) }
            }
            Self::PutRolePermissionsBoundary { role, boundary, replaces: None } => {
                Self::DeleteRolePermissionsBoundary { role, boundary }
            }
            Self::DeleteRolePermissionsBoundary { role, boundary } => {
                Self::PutRolePermissionsBoundary { role, boundary, replaces: None }
            }
        };
        Inverse::Step(Box::new(step))
    }

    /// Whether it denies something, as all do that write into a principal on anybody's behalf but a person's undo.
    pub fn denies(&self) -> bool {
        matches!(
            self,
            Self::PutUserPolicy { .. }
                | Self::AttachUserPolicy { .. }
                | Self::PutUserPermissionsBoundary { .. }
                | Self::PutRolePolicy { .. }
                | Self::AttachRolePolicy { .. }
                | Self::PutRolePermissionsBoundary { .. }
        )
    }

    /// Whether it takes a credential from a user.
    pub fn takes_credential(&self) -> bool {
        matches!(self, Self::DeactivateAccessKey { .. } | Self::DeleteLoginProfile { .. })
    }

    /// What must be read to know where the live state stands; a boundary comes with the principal itself.
    pub fn needs(&self) -> Option<Need> {
        match self {
            Self::DeactivateAccessKey { .. } | Self::ActivateAccessKey { .. } => Some(Need::AccessKeys),
            Self::DeleteUserPolicy { .. }
            | Self::PutUserPolicy { .. }
            | Self::DeleteRolePolicy { .. }
            | Self::PutRolePolicy { .. } => Some(Need::InlinePolicies),
            Self::DetachUserPolicy { .. }
            | Self::AttachUserPolicy { .. }
            | Self::DetachRolePolicy { .. }
            | Self::AttachRolePolicy { .. } => Some(Need::AttachedPolicies),
            Self::DeleteLoginProfile { .. } => Some(Need::LoginProfile),
            Self::PutUserPermissionsBoundary { .. }
            | Self::DeleteUserPermissionsBoundary { .. }
            | Self::PutRolePermissionsBoundary { .. }
            | Self::DeleteRolePermissionsBoundary { .. } => None,
        }
    }

    /// Where the live state stands: before this step, after it, or somewhere else.
    pub fn state(&self, live: &Entity) -> StepState {
        match (self, live) {
            (Self::DeactivateAccessKey { key, .. }, Entity::User(user)) => {
                key_state(user, key, KeyStatus::Active, KeyStatus::Inactive)
            }
            (Self::ActivateAccessKey { key, .. }, Entity::User(user)) => {
                key_state(user, key, KeyStatus::Inactive, KeyStatus::Active)
            }
            (Self::DeleteUserPolicy { policy, document, .. }, Entity::User(user)) => {
                deleted_state(&user.inline_policies, policy, document)
            }
            (Self::PutUserPolicy { policy, document, .. }, Entity::User(user)) => {
                put_state(&user.inline_policies, policy, document)
            }
            (Self::DetachUserPolicy { policy, .. }, Entity::User(user)) => attached(user, policy, false),
            (Self::AttachUserPolicy { policy, .. }, Entity::User(user)) => attached(user, policy, true),
            (Self::DeleteLoginProfile { .. }, Entity::User(user)) => match user.login_profile.known() {
                Ok(Some(_)) => StepState::Pending,
                Ok(None) => StepState::Done,
                Err(unread) => StepState::Unknown(unread.clone()),
            },
            (Self::PutUserPermissionsBoundary { boundary, replaces, .. }, Entity::User(user)) => {
                boundary_state(&user.boundary, replaces.as_ref(), Some(boundary))
            }
            (Self::DeleteUserPermissionsBoundary { boundary, .. }, Entity::User(user)) => {
                boundary_state(&user.boundary, Some(boundary), None)
            }
            (Self::DeleteRolePolicy { policy, document, .. }, Entity::Role(role)) => {
                deleted_state(&role.inline_policies, policy, document)
            }
            (Self::PutRolePolicy { policy, document, .. }, Entity::Role(role)) => {
                put_state(&role.inline_policies, policy, document)
            }
            (Self::DetachRolePolicy { policy, .. }, Entity::Role(role)) => attached_role(role, policy, false),
            (Self::AttachRolePolicy { policy, .. }, Entity::Role(role)) => attached_role(role, policy, true),
            (Self::PutRolePermissionsBoundary { boundary, replaces, .. }, Entity::Role(role)) => {
                boundary_state(&role.boundary, replaces.as_ref(), Some(boundary))
            }
            (Self::DeleteRolePermissionsBoundary { boundary, .. }, Entity::Role(role)) => {
                boundary_state(&role.boundary, Some(boundary), None)
            }
            // A step on a user is never held against a role: the identity guard refuses first. Said once more
            // here, so that the answer can only ever be "do nothing".
            (_, Entity::User(_) | Entity::Role(_)) => StepState::Changed(format!(
                "{} is not the kind of principal this step is about",
                live.principal()
            )),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeactivateAccessKey { user, key } => {
                write!(f, "deactivate access key {key} of user {}", user.name)
            }
            Self::ActivateAccessKey { user, key } => {
                write!(f, "activate access key {key} of user {}", user.name)
            }
            Self::DeleteUserPolicy { user, policy, .. } => {
                write!(f, "delete inline policy {policy} from user {}", user.name)
            }
            Self::PutUserPolicy { user, policy, .. } => {
                write!(f, "put inline policy {policy} on user {}", user.name)
            }
            Self::DetachUserPolicy { user, policy } => {
                write!(f, "detach {} from user {}", policy.name(), user.name)
            }
            Self::AttachUserPolicy { user, policy } => {
                write!(f, "attach {} to user {}", policy.name(), user.name)
            }
            Self::DeleteLoginProfile { user } => {
                write!(f, "delete the console password of user {}", user.name)
            }
            Self::PutUserPermissionsBoundary { user, boundary, .. } => {
                write!(f, "set permissions boundary {} on user {}", boundary.name(), user.name)
            }
            Self::DeleteUserPermissionsBoundary { user, boundary } => {
                write!(f, "remove permissions boundary {} from user {}", boundary.name(), user.name)
            }
            Self::DeleteRolePolicy { role, policy, .. } => {
                write!(f, "delete inline policy {policy} from role {}", role.name)
            }
            Self::PutRolePolicy { role, policy, .. } => {
                write!(f, "put inline policy {policy} on role {}", role.name)
            }
            Self::DetachRolePolicy { role, policy } => {
                write!(f, "detach {} from role {}", policy.name(), role.name)
            }
            Self::AttachRolePolicy { role, policy } => {
                write!(f, "attach {} to role {}", policy.name(), role.name)
            }
            Self::PutRolePermissionsBoundary { role, boundary, .. } => {
                write!(f, "set permissions boundary {} on role {}", boundary.name(), role.name)
            }
            Self::DeleteRolePermissionsBoundary { role, boundary } => {
                write!(f, "remove permissions boundary {} from role {}", boundary.name(), role.name)
            }
        }
    }
}

fn key_state(user: &User, key: &AccessKeyId, before: KeyStatus, after: KeyStatus) -> StepState {
    let keys = match user.access_keys.list() {
        Ok(keys) => keys,
        Err(unread) => return StepState::Unknown(unread.clone()),
    };
    match keys.iter().find(|live| live.id.known().is_ok_and(|id| id == Some(key))) {
        Some(live) if live.status == after => StepState::Done,
        Some(live) if live.status == before => StepState::Pending,
        Some(_) => StepState::Changed(format!("access key {key} is in another state")),
        None => StepState::Changed(format!("access key {key} is gone")),
    }
}

fn find<'a>(
    policies: &'a Fact<Vec<InlinePolicy>>,
    name: &PolicyName,
) -> Result<Option<&'a InlinePolicy>, StepState> {
    match policies.list() {
        Ok(policies) => Ok(policies.iter().find(|live| live.name == *name)),
        Err(unread) => Err(StepState::Unknown(unread.clone())),
    }
}

fn deleted_state(
    policies: &Fact<Vec<InlinePolicy>>,
    name: &PolicyName,
    document: &PolicyDocument,
) -> StepState {
    match find(policies, name) {
        Err(state) => state,
        Ok(None) => StepState::Done,
        // The exact text, not only its meaning: what is deleted must be what the journal can put back.
        Ok(Some(live)) if live.document == *document => StepState::Pending,
        Ok(Some(_)) => StepState::Changed(format!("inline policy {name} has another text now")),
    }
}

fn put_state(policies: &Fact<Vec<InlinePolicy>>, name: &PolicyName, document: &PolicyDocument) -> StepState {
    match find(policies, name) {
        Err(state) => state,
        Ok(None) => StepState::Pending,
        Ok(Some(live)) if live.document == *document => StepState::Done,
        Ok(Some(_)) => StepState::Changed(format!("an inline policy {name} with another text is there")),
    }
}

fn attachment<'a>(
    policies: Result<&'a [crate::facts::AttachedPolicy], &'a Unread>,
    policy: &Arn,
    wanted: bool,
) -> StepState {
    match policies {
        Err(unread) => StepState::Unknown(unread.clone()),
        Ok(policies) if policies.iter().any(|live| live.arn == *policy) == wanted => StepState::Done,
        Ok(_) => StepState::Pending,
    }
}

fn attached(user: &User, policy: &Arn, wanted: bool) -> StepState {
    attachment(user.attached_policies.list(), policy, wanted)
}

fn attached_role(role: &Role, policy: &Arn, wanted: bool) -> StepState {
    attachment(role.attached_policies.list(), policy, wanted)
}

fn boundary_state(live: &Fact<Arn>, before: Option<&Arn>, after: Option<&Arn>) -> StepState {
    match live.known() {
        Err(unread) => StepState::Unknown(unread.clone()),
        Ok(live) if live == after => StepState::Done,
        Ok(live) if live == before => StepState::Pending,
        Ok(_) => StepState::Changed("the permissions boundary is another one now".to_owned()),
    }
}

#[cfg(test)]
mod tests;
