//! Reading back: where the live state stands as seen from a step.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Step, StepState};
use crate::facts::{
    Account, AttachedPolicy, Fact, Group, InlinePolicy, KeyStatus, ManagedPolicy, OtherCredentialKind,
    PasswordPolicy, Resource, Role, Subject, Unread, User,
};
use crate::identifier::{AccessKeyId, Arn, CredentialId, PolicyName, PolicyVersionId};
use crate::policy::PolicyDocument;
use crate::policy::restrict::says_the_same;

impl Step {
    /// Where the live state stands: before this step, after it, or somewhere else.
    pub fn state(&self, live: &Resource) -> StepState {
        let user = |state: &dyn Fn(&User) -> StepState| of(live, state);
        let role = |state: &dyn Fn(&Role) -> StepState| of(live, state);
        let group = |state: &dyn Fn(&Group) -> StepState| of(live, state);
        let policy = |state: &dyn Fn(&ManagedPolicy) -> StepState| of(live, state);
        let account = |state: &dyn Fn(&Account) -> StepState| of(live, state);
        match self {
            Self::DeactivateAccessKey { key, .. } => {
                user(&|user| key_state(user, key, KeyStatus::Active, KeyStatus::Inactive))
            }
            Self::ActivateAccessKey { key, .. } => {
                user(&|user| key_state(user, key, KeyStatus::Inactive, KeyStatus::Active))
            }
            Self::DeleteAccessKey { key, since, .. } => user(&|user| deleted_key_state(user, key, *since)),
            Self::DeactivateCredential { kind, credential, .. } => user(&|user| {
                credential_state(user, *kind, credential, KeyStatus::Active, KeyStatus::Inactive)
            }),
            Self::ActivateCredential { kind, credential, .. } => user(&|user| {
                credential_state(user, *kind, credential, KeyStatus::Inactive, KeyStatus::Active)
            }),
            Self::DeleteUserPolicy { policy, document, .. } => {
                user(&|user| deleted_state(&user.inline_policies, policy, document))
            }
            Self::PutUserPolicy { policy, document, .. } => {
                user(&|user| put_state(&user.inline_policies, policy, document))
            }
            Self::DetachUserPolicy { policy, .. } => {
                user(&|user| attachment(&user.attached_policies, policy, false))
            }
            Self::AttachUserPolicy { policy, .. } => {
                user(&|user| attachment(&user.attached_policies, policy, true))
            }
            Self::DeleteLoginProfile { .. } => user(&|user| match user.login_profile.known() {
                Ok(Some(_)) => StepState::Pending,
                Ok(None) => StepState::Done,
                Err(unread) => StepState::Unknown(unread.clone()),
            }),
            Self::PutUserPermissionsBoundary { boundary, replaces, .. } => {
                user(&|user| boundary_state(&user.boundary, replaces.as_ref(), Some(boundary)))
            }
            Self::DeleteUserPermissionsBoundary { boundary, .. } => {
                user(&|user| boundary_state(&user.boundary, Some(boundary), None))
            }
            Self::TagUser { tag, value, .. } => user(&|user| tag_state(&user.tags, tag, value, true)),
            Self::UntagUser { tag, value, .. } => user(&|user| tag_state(&user.tags, tag, value, false)),
            Self::DeleteRolePolicy { policy, document, .. } => {
                role(&|role| deleted_state(&role.inline_policies, policy, document))
            }
            Self::PutRolePolicy { policy, document, .. } => {
                role(&|role| put_state(&role.inline_policies, policy, document))
            }
            Self::DetachRolePolicy { policy, .. } => {
                role(&|role| attachment(&role.attached_policies, policy, false))
            }
            Self::AttachRolePolicy { policy, .. } => {
                role(&|role| attachment(&role.attached_policies, policy, true))
            }
            Self::PutRolePermissionsBoundary { boundary, replaces, .. } => {
                role(&|role| boundary_state(&role.boundary, replaces.as_ref(), Some(boundary)))
            }
            Self::DeleteRolePermissionsBoundary { boundary, .. } => {
                role(&|role| boundary_state(&role.boundary, Some(boundary), None))
            }
            Self::TagRole { tag, value, .. } => role(&|role| tag_state(&role.tags, tag, value, true)),
            Self::UntagRole { tag, value, .. } => role(&|role| tag_state(&role.tags, tag, value, false)),
            Self::UpdateAssumeRolePolicy { document, replaces, .. } => {
                role(&|role| trust_state(&role.trust, replaces, document))
            }
            Self::UpdateRoleMaxSessionDuration { seconds, replaces, .. } => {
                role(&|role| duration_state(&role.max_session_duration, *replaces, *seconds))
            }
            Self::DetachGroupPolicy { policy, .. } => {
                group(&|group| attachment(&group.attached_policies, policy, false))
            }
            Self::AttachGroupPolicy { policy, .. } => {
                group(&|group| attachment(&group.attached_policies, policy, true))
            }
            Self::CreatePolicyVersion { document, replaces, prior, .. } => {
                policy(&|policy| version_state(policy, Some(replaces), prior, None, document))
            }
            Self::SetDefaultPolicyVersion { version, document, replaces, replaces_version, .. } => {
                policy(&|policy| {
                    version_state(policy, replaces_version.as_ref(), replaces, Some(version), document)
                })
            }
            Self::UpdateAccountPasswordPolicy { policy, replaces, .. } => {
                account(&|live| passwords_state(&live.password_policy, replaces.as_ref(), Some(policy)))
            }
            Self::DeleteAccountPasswordPolicy { policy, .. } => {
                account(&|live| passwords_state(&live.password_policy, Some(policy), None))
            }
        }
    }
}

/// A step on a user is never held against a role: the identity guard refuses first. Said once more here, so that the
/// answer can only ever be "do nothing".
fn of<S: Subject>(live: &Resource, state: &dyn Fn(&S) -> StepState) -> StepState {
    S::of(live).map_or_else(
        || StepState::Changed(format!("{} is not the kind of resource this step is about", live.identity())),
        state,
    )
}

/// A key that is on again, or was used since, is somebody's.
fn deleted_key_state(user: &User, key: &AccessKeyId, off_since: Timestamp) -> StepState {
    let keys = match user.access_keys.list() {
        Ok(keys) => keys,
        Err(unread) => return StepState::Unknown(unread.clone()),
    };
    match keys.iter().find(|live| live.id.known().is_ok_and(|id| id == Some(key))) {
        Some(live) if live.is_active() => StepState::Changed(format!("access key {key} is active")),
        Some(live) => match live.last_used.known() {
            Err(unread) => StepState::Unknown(unread.clone()),
            Ok(Some(last)) if last.at > off_since => {
                StepState::Changed(format!("access key {key} was used at {}", last.at))
            }
            Ok(_) => StepState::Pending,
        },
        None => StepState::Done,
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
        None => StepState::Gone(format!("access key {key}")),
    }
}

fn credential_state(
    user: &User,
    kind: OtherCredentialKind,
    credential: &CredentialId,
    before: KeyStatus,
    after: KeyStatus,
) -> StepState {
    let credentials = match user.other_credentials(kind).list() {
        Ok(credentials) => credentials,
        Err(unread) => return StepState::Unknown(unread.clone()),
    };
    match credentials.iter().find(|live| live.id.known().is_ok_and(|id| id == Some(credential))) {
        Some(live) if live.status == after => StepState::Done,
        Some(live) if live.status == before => StepState::Pending,
        Some(_) => StepState::Changed(format!("{kind} {credential} is in another state")),
        None => StepState::Gone(format!("{kind} {credential}")),
    }
}

fn find<'a>(
    policies: &'a Fact<Vec<InlinePolicy>>,
    name: &PolicyName,
) -> Result<Option<&'a InlinePolicy>, Unread> {
    let policies = policies.list().map_err(Clone::clone)?;
    Ok(policies.iter().find(|live| live.name == *name))
}

fn deleted_state(
    policies: &Fact<Vec<InlinePolicy>>,
    name: &PolicyName,
    document: &PolicyDocument,
) -> StepState {
    match find(policies, name) {
        Err(unread) => StepState::Unknown(unread),
        Ok(None) => StepState::Done,
        // The exact text, not only its meaning: what is deleted must be what the journal can put back.
        Ok(Some(live)) if live.document == *document => StepState::Pending,
        Ok(Some(_)) => StepState::Changed(format!("inline policy {name} has another text now")),
    }
}

fn put_state(policies: &Fact<Vec<InlinePolicy>>, name: &PolicyName, document: &PolicyDocument) -> StepState {
    match find(policies, name) {
        Err(unread) => StepState::Unknown(unread),
        Ok(None) => StepState::Pending,
        Ok(Some(live)) if live.document == *document => StepState::Done,
        Ok(Some(_)) => StepState::Changed(format!("an inline policy {name} with another text is there")),
    }
}

fn attachment(policies: &Fact<Vec<AttachedPolicy>>, policy: &Arn, wanted: bool) -> StepState {
    match policies.list() {
        Err(unread) => StepState::Unknown(unread.clone()),
        Ok(policies) if policies.iter().any(|live| live.arn == *policy) == wanted => StepState::Done,
        Ok(_) => StepState::Pending,
    }
}

/// By what the policies say: IAM keeps a trust policy's principals in its own spelling, and gives that back.
fn trust_state(live: &Fact<PolicyDocument>, before: &PolicyDocument, after: &PolicyDocument) -> StepState {
    match live.known() {
        Err(unread) => StepState::Unknown(unread.clone()),
        Ok(Some(live)) if says_the_same(live, after) => StepState::Done,
        Ok(Some(live)) if says_the_same(live, before) => StepState::Pending,
        Ok(_) => StepState::Changed("the trust policy is another one now".to_owned()),
    }
}

fn duration_state(live: &Fact<u32>, before: u32, after: u32) -> StepState {
    match live.known() {
        Err(unread) => StepState::Unknown(unread.clone()),
        Ok(Some(live)) if *live == after => StepState::Done,
        Ok(Some(live)) if *live == before => StepState::Pending,
        Ok(_) => StepState::Changed("the maximum session duration is another one now".to_owned()),
    }
}

/// The text counts byte for byte, because it is what the journal puts back; the version's number where it is known.
fn version_state(
    live: &ManagedPolicy,
    from: Option<&PolicyVersionId>,
    before: &PolicyDocument,
    to: Option<&PolicyVersionId>,
    after: &PolicyDocument,
) -> StepState {
    let (text, version) = match (live.document.known(), live.default_version.known()) {
        (Err(unread), _) | (_, Err(unread)) => return StepState::Unknown(unread.clone()),
        (Ok(text), Ok(version)) => (text, version),
    };
    let is =
        |document, id: Option<&PolicyVersionId>| text == Some(document) && (id.is_none() || version == id);
    if is(after, to) {
        StepState::Done
    } else if is(before, from) {
        StepState::Pending
    } else {
        StepState::Changed("another version of the policy is in force now".to_owned())
    }
}

fn boundary_state(live: &Fact<Arn>, before: Option<&Arn>, after: Option<&Arn>) -> StepState {
    match live.known() {
        Err(unread) => StepState::Unknown(unread.clone()),
        Ok(live) if live == after => StepState::Done,
        Ok(live) if live == before => StepState::Pending,
        Ok(_) => StepState::Changed("the permissions boundary is another one now".to_owned()),
    }
}

/// IAM does not tell tag keys apart by their case, so one that is spelled otherwise is somebody else's, and in the way.
fn tag_state(live: &Fact<BTreeMap<String, String>>, tag: &str, value: &str, wanted: bool) -> StepState {
    let tags = match live.known() {
        Ok(tags) => tags,
        Err(unread) => return StepState::Unknown(unread.clone()),
    };
    let same = tags.and_then(|tags| tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag)));
    match same {
        None if wanted => StepState::Pending,
        None => StepState::Done,
        Some((key, live)) if key == tag && live == value => {
            if wanted {
                StepState::Done
            } else {
                StepState::Pending
            }
        }
        Some((key, live)) => StepState::Changed(format!("the tag `{key}` says `{live}`")),
    }
}

/// By all nine options: one that somebody else has changed since would be changed back.
fn passwords_state(
    live: &Fact<PasswordPolicy>,
    before: Option<&PasswordPolicy>,
    after: Option<&PasswordPolicy>,
) -> StepState {
    match live.known() {
        Err(unread) => StepState::Unknown(unread.clone()),
        Ok(live) if live == after => StepState::Done,
        Ok(live) if live == before => StepState::Pending,
        Ok(_) => StepState::Changed("the password policy is another one now".to_owned()),
    }
}
