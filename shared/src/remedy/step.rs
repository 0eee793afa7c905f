mod state;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{FIRST_DENY_PREFIX, Write, hexadecimal};
use crate::facts::{
    AccountIdentity, GroupIdentity, Need, OtherCredentialKind, PasswordPolicy, PolicyIdentity,
    ResourceIdentity, RoleIdentity, Unread, UserIdentity,
};
use crate::identifier::{AccessKeyId, Arn, CredentialId, PolicyName, PolicyVersionId};
use crate::policy::{PolicyDocument, is_no_wider};

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
    /// Deletes one key that Bailiff switched off under this entry. It cannot come back: IAM makes no key twice.
    DeleteAccessKey { user: UserIdentity, key: AccessKeyId, switched_off_under: String, since: Timestamp },
    /// Switches one credential of another kind off.
    DeactivateCredential { user: UserIdentity, kind: OtherCredentialKind, credential: CredentialId },
    /// Switches one credential of another kind on.
    ActivateCredential { user: UserIdentity, kind: OtherCredentialKind, credential: CredentialId },
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
    /// Gives a user a tag that it does not have.
    TagUser { user: UserIdentity, tag: String, value: String },
    /// Takes a tag off a user.
    UntagUser { user: UserIdentity, tag: String, value: String },
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
    /// Gives a role a tag that it does not have.
    TagRole { role: RoleIdentity, tag: String, value: String },
    /// Takes a tag off a role.
    UntagRole { role: RoleIdentity, tag: String, value: String },
    /// Sets who may assume a role.
    UpdateAssumeRolePolicy { role: RoleIdentity, document: PolicyDocument, replaces: PolicyDocument },
    /// Sets how long a role's sessions may last; its description stays.
    UpdateRoleMaxSessionDuration { role: RoleIdentity, seconds: u32, replaces: u32 },
    /// Takes a managed policy off a group.
    DetachGroupPolicy { group: GroupIdentity, policy: Arn },
    /// Attaches a managed policy to a group.
    AttachGroupPolicy { group: GroupIdentity, policy: Arn },
    /// Makes a new version of a managed policy and puts it in force. The version it replaces stays.
    CreatePolicyVersion {
        policy: PolicyIdentity,
        document: PolicyDocument,
        replaces: PolicyVersionId,
        prior: PolicyDocument,
    },
    /// Puts a version of a managed policy in force again, in the place of one with another text.
    SetDefaultPolicyVersion {
        policy: PolicyIdentity,
        version: PolicyVersionId,
        document: PolicyDocument,
        replaces: PolicyDocument,
        /// The version it replaces, where anybody knows its number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces_version: Option<PolicyVersionId>,
    },
    /// Sets what the account demands of passwords: all of it, because IAM resets what a request leaves out.
    UpdateAccountPasswordPolicy {
        account: AccountIdentity,
        policy: PasswordPolicy,
        replaces: Option<PasswordPolicy>,
    },
    /// Gives up the account's own password policy for AWS's.
    DeleteAccountPasswordPolicy { account: AccountIdentity, policy: PasswordPolicy },
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
    /// The credential that the step switches on or off is there no more: this one.
    Gone(String),
    /// It could not be read.
    Unknown(Unread),
}

impl Step {
    /// The API operation, hence the permission.
    pub fn write(&self) -> Write {
        match self {
            Self::DeactivateAccessKey { .. } | Self::ActivateAccessKey { .. } => Write::UpdateAccessKey,
            Self::DeleteAccessKey { .. } => Write::DeleteAccessKey,
            Self::DeactivateCredential { kind, .. } | Self::ActivateCredential { kind, .. } => {
                Write::of_credential(*kind)
            }
            Self::DeleteUserPolicy { .. } => Write::DeleteUserPolicy,
            Self::PutUserPolicy { .. } => Write::PutUserPolicy,
            Self::DetachUserPolicy { .. } => Write::DetachUserPolicy,
            Self::AttachUserPolicy { .. } => Write::AttachUserPolicy,
            Self::DeleteLoginProfile { .. } => Write::DeleteLoginProfile,
            Self::PutUserPermissionsBoundary { .. } => Write::PutUserPermissionsBoundary,
            Self::DeleteUserPermissionsBoundary { .. } => Write::DeleteUserPermissionsBoundary,
            Self::TagUser { .. } => Write::TagUser,
            Self::UntagUser { .. } => Write::UntagUser,
            Self::DeleteRolePolicy { .. } => Write::DeleteRolePolicy,
            Self::PutRolePolicy { .. } => Write::PutRolePolicy,
            Self::DetachRolePolicy { .. } => Write::DetachRolePolicy,
            Self::AttachRolePolicy { .. } => Write::AttachRolePolicy,
            Self::PutRolePermissionsBoundary { .. } => Write::PutRolePermissionsBoundary,
            Self::DeleteRolePermissionsBoundary { .. } => Write::DeleteRolePermissionsBoundary,
            Self::TagRole { .. } => Write::TagRole,
            Self::UntagRole { .. } => Write::UntagRole,
            Self::UpdateAssumeRolePolicy { .. } => Write::UpdateAssumeRolePolicy,
            Self::UpdateRoleMaxSessionDuration { .. } => Write::UpdateRole,
            Self::DetachGroupPolicy { .. } => Write::DetachGroupPolicy,
            Self::AttachGroupPolicy { .. } => Write::AttachGroupPolicy,
            Self::CreatePolicyVersion { .. } => Write::CreatePolicyVersion,
            Self::SetDefaultPolicyVersion { .. } => Write::SetDefaultPolicyVersion,
            Self::UpdateAccountPasswordPolicy { .. } => Write::UpdateAccountPasswordPolicy,
            Self::DeleteAccountPasswordPolicy { .. } => Write::DeleteAccountPasswordPolicy,
        }
    }

    /// What it changes.
    pub fn resource(&self) -> ResourceIdentity {
        match self {
            Self::DeactivateAccessKey { user, .. }
            | Self::ActivateAccessKey { user, .. }
            | Self::DeleteAccessKey { user, .. }
            | Self::DeactivateCredential { user, .. }
            | Self::ActivateCredential { user, .. }
            | Self::DeleteUserPolicy { user, .. }
            | Self::PutUserPolicy { user, .. }
            | Self::DetachUserPolicy { user, .. }
            | Self::AttachUserPolicy { user, .. }
            | Self::DeleteLoginProfile { user }
            | Self::PutUserPermissionsBoundary { user, .. }
            | Self::DeleteUserPermissionsBoundary { user, .. }
            | Self::TagUser { user, .. }
            | Self::UntagUser { user, .. } => ResourceIdentity::User(user.clone()),
            Self::DeleteRolePolicy { role, .. }
            | Self::PutRolePolicy { role, .. }
            | Self::DetachRolePolicy { role, .. }
            | Self::AttachRolePolicy { role, .. }
            | Self::PutRolePermissionsBoundary { role, .. }
            | Self::DeleteRolePermissionsBoundary { role, .. }
            | Self::TagRole { role, .. }
            | Self::UntagRole { role, .. }
            | Self::UpdateAssumeRolePolicy { role, .. }
            | Self::UpdateRoleMaxSessionDuration { role, .. } => ResourceIdentity::Role(role.clone()),
            Self::DetachGroupPolicy { group, .. } | Self::AttachGroupPolicy { group, .. } => {
                ResourceIdentity::Group(group.clone())
            }
            Self::CreatePolicyVersion { policy, .. } | Self::SetDefaultPolicyVersion { policy, .. } => {
                ResourceIdentity::Policy(policy.clone())
            }
            Self::UpdateAccountPasswordPolicy { account, .. }
            | Self::DeleteAccountPasswordPolicy { account, .. } => ResourceIdentity::Account(account.clone()),
        }
    }

    /// What undoes it.
    #[expect(clippy::too_many_lines, reason = "one arm a step")]
    pub fn inverse(&self) -> Inverse {
        let step = match self.clone() {
            Self::DeactivateAccessKey { user, key } => Self::ActivateAccessKey { user, key },
            Self::ActivateAccessKey { user, key } => Self::DeactivateAccessKey { user, key },
            Self::DeleteAccessKey { .. } => {
                return Inverse::Impossible(
                    "the access key is gone: IAM makes no key twice, so whoever needs one gets a new one",
                );
            }
            Self::DeactivateCredential { user, kind, credential } => {
                Self::ActivateCredential { user, kind, credential }
            }
            Self::ActivateCredential { user, kind, credential } => {
                Self::DeactivateCredential { user, kind, credential }
            }
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
            Self::TagUser { user, tag, value } => Self::UntagUser { user, tag, value },
            Self::UntagUser { user, tag, value } => Self::TagUser { user, tag, value },
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
            Self::TagRole { role, tag, value } => Self::UntagRole { role, tag, value },
            Self::UntagRole { role, tag, value } => Self::TagRole { role, tag, value },
            Self::UpdateAssumeRolePolicy { role, document, replaces } => {
                Self::UpdateAssumeRolePolicy { role, document: replaces, replaces: document }
            }
            Self::UpdateRoleMaxSessionDuration { role, seconds, replaces } => {
                Self::UpdateRoleMaxSessionDuration { role, seconds: replaces, replaces: seconds }
            }
            Self::DetachGroupPolicy { group, policy } => Self::AttachGroupPolicy { group, policy },
            Self::AttachGroupPolicy { group, policy } => Self::DetachGroupPolicy { group, policy },
            // Which number the new version has IAM alone knows; the one before it is still there.
            Self::CreatePolicyVersion { policy, document, replaces, prior } => {
                Self::SetDefaultPolicyVersion {
                    policy,
                    version: replaces,
                    document: prior,
                    replaces: document,
                    replaces_version: None,
                }
            }
            Self::SetDefaultPolicyVersion { policy, version, document, replaces, replaces_version } => {
                match replaces_version {
                    Some(prior) => Self::SetDefaultPolicyVersion {
                        policy,
                        version: prior,
                        document: replaces,
                        replaces: document,
                        replaces_version: Some(version),
                    },
                    None => Self::CreatePolicyVersion {
                        policy,
                        document: replaces,
                        replaces: version,
                        prior: document,
                    },
                }
            }
            Self::UpdateAccountPasswordPolicy { account, policy, replaces: Some(prior) } => {
                Self::UpdateAccountPasswordPolicy { account, policy: prior, replaces: Some(policy) }
            }
            Self::UpdateAccountPasswordPolicy { account, policy, replaces: None } => {
                Self::DeleteAccountPasswordPolicy { account, policy }
            }
            Self::DeleteAccountPasswordPolicy { account, policy } => {
                Self::UpdateAccountPasswordPolicy { account, policy, replaces: None }
            }
        };
        Inverse::Step(Box::new(step))
    }

    /// What people are warned of before a rule does it: the step, with the text that it takes or writes. However everything
    /// is denied, it is one thing.
    pub fn target(&self) -> String {
        let thing = match self {
            _ if self.denies() => return "deny".to_owned(),
            Self::DeactivateAccessKey { key, .. }
            | Self::ActivateAccessKey { key, .. }
            | Self::DeleteAccessKey { key, .. } => key.as_str().to_owned(),
            Self::DeactivateCredential { credential, .. } | Self::ActivateCredential { credential, .. } => {
                credential.as_str().to_owned()
            }
            // Another text under an old name is another thing.
            Self::DeleteUserPolicy { policy, document, .. }
            | Self::DeleteRolePolicy { policy, document, .. } => {
                format!("{policy} {}", hexadecimal(&Sha256::digest(document.as_str())))
            }
            Self::PutUserPolicy { policy, .. } | Self::PutRolePolicy { policy, .. } => policy.to_string(),
            Self::DetachUserPolicy { policy, .. }
            | Self::AttachUserPolicy { policy, .. }
            | Self::DetachRolePolicy { policy, .. }
            | Self::AttachRolePolicy { policy, .. }
            | Self::DetachGroupPolicy { policy, .. }
            | Self::AttachGroupPolicy { policy, .. } => policy.to_string(),
            Self::DeleteLoginProfile { .. } => String::new(),
            Self::PutUserPermissionsBoundary { boundary, .. }
            | Self::DeleteUserPermissionsBoundary { boundary, .. }
            | Self::PutRolePermissionsBoundary { boundary, .. }
            | Self::DeleteRolePermissionsBoundary { boundary, .. } => boundary.to_string(),
            Self::TagUser { tag, .. }
            | Self::UntagUser { tag, .. }
            | Self::TagRole { tag, .. }
            | Self::UntagRole { tag, .. } => tag.clone(),
            Self::UpdateAssumeRolePolicy { document, .. } | Self::CreatePolicyVersion { document, .. } => {
                hexadecimal(&Sha256::digest(document.as_str()))
            }
            Self::SetDefaultPolicyVersion { version, .. } => version.to_string(),
            Self::UpdateRoleMaxSessionDuration { seconds, .. } => seconds.to_string(),
            Self::UpdateAccountPasswordPolicy { policy, .. }
            | Self::DeleteAccountPasswordPolicy { policy, .. } => format!("{policy:?}"),
        };
        format!("{} {thing}", self.write().action())
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

    /// Whether it denies everything before all of the principal was read.
    pub fn denies_first(&self) -> bool {
        match self {
            Self::PutUserPolicy { policy, .. } | Self::PutRolePolicy { policy, .. } => {
                policy.as_str().starts_with(FIRST_DENY_PREFIX)
            }
            _ => false,
        }
    }

    /// Whether it takes rights from others than what it changes: from those who have the policy, or are in the group.
    /// A version that surely allows all that the one before it does takes nothing, as most undoes do.
    pub fn takes_from_holders(&self) -> bool {
        match self {
            Self::DetachGroupPolicy { .. } => true,
            Self::CreatePolicyVersion { document, prior: before, .. }
            | Self::SetDefaultPolicyVersion { document, replaces: before, .. } => {
                !is_no_wider(before, document)
            }
            _ => false,
        }
    }

    /// What to do where AWS refuses it.
    pub fn where_refused(&self) -> Option<String> {
        match self {
            Self::SetDefaultPolicyVersion { version, .. } => Some(format!(
                "if somebody has deleted {version}, its text is in this entry's plan as `document`: put it in force \
                 with `aws iam create-policy-version --set-as-default`"
            )),
            _ => None,
        }
    }

    /// Whether it deletes a credential, which only people may decide.
    pub fn deletes_credential(&self) -> bool {
        matches!(self, Self::DeleteAccessKey { .. })
    }

    /// Whether it takes a credential from a user.
    pub fn takes_credential(&self) -> bool {
        matches!(
            self,
            Self::DeactivateAccessKey { .. }
                | Self::DeactivateCredential { .. }
                | Self::DeleteLoginProfile { .. }
        )
    }

    /// The managed policy that it puts on somebody, as a policy or as a boundary. IAM is told its name alone, whatever the
    /// policy says by then.
    pub fn puts_on(&self) -> Option<&Arn> {
        match self {
            Self::AttachUserPolicy { policy, .. }
            | Self::AttachRolePolicy { policy, .. }
            | Self::AttachGroupPolicy { policy, .. } => Some(policy),
            Self::PutUserPermissionsBoundary { boundary, .. }
            | Self::PutRolePermissionsBoundary { boundary, .. } => Some(boundary),
            _ => None,
        }
    }

    /// Whether it switches a credential on or off, which may be gone meanwhile.
    pub fn switches_credential(&self) -> bool {
        matches!(
            self,
            Self::DeactivateAccessKey { .. }
                | Self::ActivateAccessKey { .. }
                | Self::DeactivateCredential { .. }
                | Self::ActivateCredential { .. }
        )
    }

    /// Whether it marks a principal as quarantined, for the organisation's policies to know.
    pub fn marks(&self) -> bool {
        matches!(self, Self::TagUser { .. } | Self::TagRole { .. })
    }

    /// Whether it takes that mark off.
    pub fn unmarks(&self) -> bool {
        matches!(self, Self::UntagUser { .. } | Self::UntagRole { .. })
    }

    /// The permissions boundary that it puts another one in the place of.
    pub fn replaces_boundary(&self) -> Option<&Arn> {
        match self {
            Self::PutUserPermissionsBoundary { replaces, .. }
            | Self::PutRolePermissionsBoundary { replaces, .. } => replaces.as_ref(),
            _ => None,
        }
    }

    /// Whether it changes a permissions boundary.
    pub fn changes_boundary(&self) -> bool {
        matches!(
            self,
            Self::PutUserPermissionsBoundary { .. }
                | Self::DeleteUserPermissionsBoundary { .. }
                | Self::PutRolePermissionsBoundary { .. }
                | Self::DeleteRolePermissionsBoundary { .. }
        )
    }

    /// The same where nobody has a boundary by now that it would replace.
    #[must_use]
    pub fn over_no_boundary(self) -> Self {
        match self {
            Self::PutUserPermissionsBoundary { user, boundary, replaces: _ } => {
                Self::PutUserPermissionsBoundary { user, boundary, replaces: None }
            }
            Self::PutRolePermissionsBoundary { role, boundary, replaces: _ } => {
                Self::PutRolePermissionsBoundary { role, boundary, replaces: None }
            }
            other => other,
        }
    }

    /// What must be read to know where the live state stands; a boundary and tags come with the principal itself.
    pub fn needs(&self) -> Option<Need> {
        match self {
            Self::DeactivateAccessKey { .. } | Self::ActivateAccessKey { .. } => Some(Need::AccessKeys),
            // That nobody has used it since is looked at once more.
            Self::DeleteAccessKey { .. } => Some(Need::AccessKeyLastUse),
            Self::DeactivateCredential { kind, .. } | Self::ActivateCredential { kind, .. } => {
                Some(kind.need())
            }
            Self::DeleteUserPolicy { .. }
            | Self::PutUserPolicy { .. }
            | Self::DeleteRolePolicy { .. }
            | Self::PutRolePolicy { .. } => Some(Need::InlinePolicies),
            Self::DetachUserPolicy { .. }
            | Self::AttachUserPolicy { .. }
            | Self::DetachRolePolicy { .. }
            | Self::AttachRolePolicy { .. }
            | Self::DetachGroupPolicy { .. }
            | Self::AttachGroupPolicy { .. } => Some(Need::AttachedPolicies),
            Self::CreatePolicyVersion { .. } | Self::SetDefaultPolicyVersion { .. } => Some(Need::PolicyText),
            Self::DeleteLoginProfile { .. } => Some(Need::LoginProfile),
            Self::PutUserPermissionsBoundary { .. }
            | Self::DeleteUserPermissionsBoundary { .. }
            | Self::PutRolePermissionsBoundary { .. }
            | Self::DeleteRolePermissionsBoundary { .. }
            | Self::TagUser { .. }
            | Self::UntagUser { .. }
            | Self::TagRole { .. }
            | Self::UntagRole { .. } => None,
            Self::UpdateAssumeRolePolicy { .. } => Some(Need::Trust),
            Self::UpdateRoleMaxSessionDuration { .. } => Some(Need::SessionDuration),
            Self::UpdateAccountPasswordPolicy { .. } | Self::DeleteAccountPasswordPolicy { .. } => {
                Some(Need::PasswordPolicy)
            }
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
            Self::DeleteAccessKey { user, key, .. } => {
                write!(f, "delete access key {key} of user {}", user.name)
            }
            Self::DeactivateCredential { user, kind, credential } => {
                write!(f, "deactivate {kind} {credential} of user {}", user.name)
            }
            Self::ActivateCredential { user, kind, credential } => {
                write!(f, "activate {kind} {credential} of user {}", user.name)
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
            Self::TagUser { user, tag, .. } => write!(f, "set tag {tag} on user {}", user.name),
            Self::UntagUser { user, tag, .. } => write!(f, "remove tag {tag} from user {}", user.name),
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
            Self::TagRole { role, tag, .. } => write!(f, "set tag {tag} on role {}", role.name),
            Self::UntagRole { role, tag, .. } => write!(f, "remove tag {tag} from role {}", role.name),
            Self::UpdateAssumeRolePolicy { role, .. } => {
                write!(f, "set the trust policy of role {}", role.name)
            }
            Self::UpdateRoleMaxSessionDuration { role, seconds, .. } => {
                write!(f, "set the maximum session duration of role {} to {seconds} s", role.name)
            }
            Self::DetachGroupPolicy { group, policy } => {
                write!(f, "detach {} from group {}", policy.name(), group.name)
            }
            Self::AttachGroupPolicy { group, policy } => {
                write!(f, "attach {} to group {}", policy.name(), group.name)
            }
            Self::CreatePolicyVersion { policy, replaces, .. } => {
                write!(f, "put a narrower version of policy {} in the place of {replaces}", policy.name)
            }
            Self::SetDefaultPolicyVersion { policy, version, .. } => {
                write!(f, "put version {version} of policy {} in force", policy.name)
            }
            Self::UpdateAccountPasswordPolicy { account, policy, replaces } => {
                let changes = policy.changes(replaces.as_ref()).join(", ");
                write!(f, "set the password policy of account {}: {changes}", account.account)
            }
            Self::DeleteAccountPasswordPolicy { account, .. } => {
                write!(f, "delete the password policy of account {}", account.account)
            }
        }
    }
}

#[cfg(test)]
mod tests;
