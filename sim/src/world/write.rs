//! IAM's writes, with its own refusals. They go by name, as IAM's API does: whoever bears the name is hit.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::engine::{WriteError, WriteIam};
use shared::facts::{Fact, KeyStatus, OtherCredentialKind, PasswordPolicy};
use shared::identifier::{AccessKeyId, Arn, CredentialId, PolicyName, RoleName, UserName};
use shared::policy::{Policy, PolicyDocument, PolicyKind, PrincipalEntry};
use shared::remedy::Step;

use super::World;
use super::iam::{Iam, Role, User};
use super::policy_versions;
use super::state::State;
use super::versions::Versions;
use crate::account_file::AccountSettings;
use crate::call::Operation;
use crate::fault::Fault;

/// Managed policies a principal may have attached (IAM and STS quotas, default).
const ATTACHED_QUOTA: usize = 10;
/// Characters of a user's inline policies together, white space not counted.
const USER_INLINE_QUOTA: usize = 2_048;
/// The same for a role.
const ROLE_INLINE_QUOTA: usize = 10_240;
/// Tags of a principal.
const TAGS_QUOTA: usize = 50;
/// Characters of a trust policy.
const TRUST_QUOTA: usize = 2_048;

impl WriteIam for World {
    async fn apply(&self, step: &Step) -> Result<(), WriteError> {
        let operation = Operation::Write(step.write());
        let principal = step.resource();
        self.call(
            operation,
            principal.name(),
            |state| {
                let hit = state.hit_by(step);
                let answer = state.write(step);
                state.saw_write(step, hit, answer.as_ref().err());
                answer.map_err(|why| match why.split(':').next() {
                    Some("LimitExceeded") => WriteError::QuotaUsedUp(why),
                    _ => WriteError::Refused(why),
                })
            },
            |fault| match fault {
                Fault::Denied => {
                    WriteError::Denied { action: operation.action(), message: fault.said(operation) }
                }
                Fault::Failed => WriteError::Refused(fault.said(operation)),
                Fault::Throttled | Fault::LostAnswer => WriteError::Uncertain(fault.said(operation)),
            },
        )
        .await
    }
}

impl State {
    pub(super) fn write(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::DeactivateAccessKey { user, key } => {
                self.change_user(&user.name, |user, _, now| set_status(user, key, KeyStatus::Inactive, now))
            }
            Step::ActivateAccessKey { user, key } => {
                self.change_user(&user.name, |user, _, now| set_status(user, key, KeyStatus::Active, now))
            }
            Step::DeleteAccessKey { user, key, .. } => {
                self.change_user(&user.name, |user, _, _| delete_key(user, key))
            }
            Step::DeactivateCredential { user, kind, credential } => self
                .change_user(&user.name, |user, _, _| {
                    set_credential(user, *kind, credential, KeyStatus::Inactive)
                }),
            Step::ActivateCredential { user, kind, credential } => self
                .change_user(&user.name, |user, _, _| {
                    set_credential(user, *kind, credential, KeyStatus::Active)
                }),
            Step::DeleteUserPolicy { user, policy, .. } => {
                self.change_user(&user.name, |user, _, _| delete_inline(&mut user.inline, policy))
            }
            Step::PutUserPolicy { user, policy, document } => self.change_user(&user.name, |user, _, _| {
                put_inline(&mut user.inline, policy, document, USER_INLINE_QUOTA)
            }),
            Step::DetachUserPolicy { user, policy } => {
                self.change_user(&user.name, |user, _, _| detach(&mut user.attached, policy))
            }
            Step::AttachUserPolicy { user, policy } => {
                self.change_user(&user.name, |user, iam, _| attach(&mut user.attached, policy, iam))
            }
            Step::DeleteLoginProfile { user } => self.change_user(&user.name, |user, _, _| {
                user.password.take().map(|_| ()).ok_or_else(|| {
                    format!("NoSuchEntity: Login Profile for User {} cannot be found.", user.identity.name)
                })
            }),
            Step::PutUserPermissionsBoundary { user, boundary, .. } => {
                self.change_user(&user.name, |user, iam, _| put_boundary(&mut user.boundary, boundary, iam))
            }
            Step::DeleteUserPermissionsBoundary { user, .. } => {
                self.change_user(&user.name, |user, _, _| delete_boundary(&mut user.boundary))
            }
            Step::TagUser { user, tag, value } => {
                self.change_user(&user.name, |user, _, _| set_tag(&mut user.tags, tag, value))
            }
            Step::UntagUser { user, tag, .. } => self.change_user(&user.name, |user, _, _| {
                remove_tag(&mut user.tags, tag);
                Ok(())
            }),
            Step::DeleteRolePolicy { role, policy, .. } => {
                self.change_role(&role.name, |role, _, _| delete_inline(&mut role.inline, policy))
            }
            Step::PutRolePolicy { role, policy, document } => self.change_role(&role.name, |role, _, _| {
                put_inline(&mut role.inline, policy, document, ROLE_INLINE_QUOTA)
            }),
            Step::DetachRolePolicy { role, policy } => {
                self.change_role(&role.name, |role, _, _| detach(&mut role.attached, policy))
            }
            Step::AttachRolePolicy { role, policy } => {
                self.change_role(&role.name, |role, iam, _| attach(&mut role.attached, policy, iam))
            }
            Step::PutRolePermissionsBoundary { role, boundary, .. } => {
                self.change_role(&role.name, |role, iam, _| put_boundary(&mut role.boundary, boundary, iam))
            }
            Step::DeleteRolePermissionsBoundary { role, .. } => {
                self.change_role(&role.name, |role, _, _| delete_boundary(&mut role.boundary))
            }
            Step::TagRole { role, tag, value } => {
                self.change_role(&role.name, |role, _, _| set_tag(&mut role.tags, tag, value))
            }
            Step::UntagRole { role, tag, .. } => self.change_role(&role.name, |role, _, _| {
                remove_tag(&mut role.tags, tag);
                Ok(())
            }),
            Step::DetachGroupPolicy { group, policy } => {
                self.change_group(&group.name, |group, _| detach(&mut group.attached_policies, policy))
            }
            Step::AttachGroupPolicy { group, policy } => {
                self.change_group(&group.name, |group, iam| attach(&mut group.attached_policies, policy, iam))
            }
            Step::CreatePolicyVersion { policy, document, .. } => {
                self.change_policy(&policy.arn, |policy| policy_versions::create(policy, document))
            }
            Step::SetDefaultPolicyVersion { policy, version, .. } => {
                self.change_policy(&policy.arn, |policy| policy_versions::set_default(policy, version))
            }
            Step::UpdateAssumeRolePolicy { role, document, .. } => {
                self.change_role(&role.name, |role, _, _| set_trust(&mut role.trust, document))
            }
            Step::UpdateRoleMaxSessionDuration { role, seconds, .. } => {
                self.change_role(&role.name, |role, _, _| set_duration(role, *seconds))
            }
            Step::UpdateAccountPasswordPolicy { policy, .. } => {
                self.change_settings(|settings| set_password_policy(settings, *policy))
            }
            Step::DeleteAccountPasswordPolicy { .. } => self.change_settings(|settings| {
                settings.password_policy.take().map(|_| ()).ok_or_else(|| {
                    "NoSuchEntity: The account policy with name PasswordPolicy cannot be found.".to_owned()
                })
            }),
        }
    }

    pub(super) fn change_user(
        &mut self,
        name: &UserName,
        change: impl FnOnce(&mut User, &Iam, Timestamp) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut user = self
            .iam
            .users
            .get(name)
            .and_then(|versions| versions.latest())
            .cloned()
            .ok_or_else(|| format!("NoSuchEntity: The user with name {name} cannot be found."))?;
        change(&mut user, &self.iam, self.now)?;
        let (now, seen_from) = (self.now, self.seen_from());
        if let Some(versions) = self.iam.users.get_mut(name) {
            versions.write(now, seen_from, Some(user));
        }
        Ok(())
    }

    fn change_role(
        &mut self,
        name: &RoleName,
        change: impl FnOnce(&mut Role, &Iam, Timestamp) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut role = self
            .iam
            .roles
            .get(name)
            .and_then(|versions| versions.latest())
            .cloned()
            .ok_or_else(|| format!("NoSuchEntity: The role with name {name} cannot be found."))?;
        if role.path.starts_with("/aws-service-role/") || role.path.starts_with("/aws-reserved/") {
            return Err(format!(
                "UnmodifiableEntity: Cannot perform the operation on the protected role '{name}'"
            ));
        }
        change(&mut role, &self.iam, self.now)?;
        let (now, seen_from) = (self.now, self.seen_from());
        if let Some(versions) = self.iam.roles.get_mut(name) {
            versions.write(now, seen_from, Some(role));
        }
        Ok(())
    }

    fn change_settings(
        &mut self,
        change: impl FnOnce(&mut AccountSettings) -> Result<(), String>,
    ) -> Result<(), String> {
        let (now, seen_from) = (self.now, self.seen_from());
        let versions = self.iam.settings.get_or_insert_with(|| Versions::settled(AccountSettings::default()));
        let mut settings = versions.latest().cloned().unwrap_or_default();
        change(&mut settings)?;
        versions.write(now, seen_from, Some(settings));
        Ok(())
    }
}

fn set_status(user: &mut User, key: &AccessKeyId, status: KeyStatus, now: Timestamp) -> Result<(), String> {
    let name = user.identity.name.clone();
    let key =
        user.keys.iter_mut().find(|live| live.id == *key).ok_or_else(|| {
            format!("NoSuchEntity: The Access Key with id {key} of {name} cannot be found.")
        })?;
    // IAM notes a rotation even where the status was the same before.
    key.status = status;
    key.status_changed = Some(now);
    Ok(())
}

fn delete_key(user: &mut User, key: &AccessKeyId) -> Result<(), String> {
    let before = user.keys.len();
    user.keys.retain(|live| live.id != *key);
    if user.keys.len() < before {
        return Ok(());
    }
    Err(format!("NoSuchEntity: The Access Key with id {key} of {} cannot be found.", user.identity.name))
}

fn set_credential(
    user: &mut User,
    kind: OtherCredentialKind,
    id: &CredentialId,
    status: KeyStatus,
) -> Result<(), String> {
    let name = user.identity.name.clone();
    let mut of_kind = user.other_credentials.iter_mut().filter(|live| live.kind == kind);
    let live = of_kind
        .find(|live| live.id == Fact::Known(id.clone()))
        .ok_or_else(|| format!("NoSuchEntity: The {kind} with id {id} of {name} cannot be found."))?;
    live.status = status;
    Ok(())
}

fn delete_inline(
    policies: &mut BTreeMap<PolicyName, PolicyDocument>,
    name: &PolicyName,
) -> Result<(), String> {
    policies
        .remove(name)
        .map(|_| ())
        .ok_or_else(|| format!("NoSuchEntity: The policy with name {name} cannot be found."))
}

/// Overwrites a policy of the same name, as IAM does.
fn put_inline(
    policies: &mut BTreeMap<PolicyName, PolicyDocument>,
    name: &PolicyName,
    document: &PolicyDocument,
    quota: usize,
) -> Result<(), String> {
    if !serde_json::from_str::<serde_json::Value>(document.as_str()).is_ok_and(|value| value.is_object()) {
        return Err("MalformedPolicyDocument: Syntax errors in policy.".to_owned());
    }
    let others = policies.iter().filter(|(other, _)| *other != name).map(|(_, document)| size(document));
    if others.sum::<usize>() + size(document) > quota {
        return Err(format!("LimitExceeded: Maximum policy size of {quota} bytes exceeded"));
    }
    policies.insert(name.clone(), document.clone());
    Ok(())
}

/// Characters as IAM counts them.
fn size(document: &PolicyDocument) -> usize {
    document.as_str().chars().filter(|character| !character.is_whitespace()).count()
}

/// IAM takes no trust policy without a statement, nor one that names a principal whom it does not know any more.
fn set_trust(trust: &mut PolicyDocument, document: &PolicyDocument) -> Result<(), String> {
    let policy = Policy::parse_document(document, PolicyKind::Trust)
        .map_err(|malformed| format!("MalformedPolicyDocument: {malformed}"))?;
    if policy.statements.is_empty() {
        return Err("MalformedPolicyDocument: Syntax errors in policy.".to_owned());
    }
    let principals = policy.statements.iter().filter_map(|statement| statement.principal.as_ref());
    for entry in principals.flat_map(|principal| &principal.entries) {
        if let PrincipalEntry::UniqueId(id) = entry {
            return Err(format!("MalformedPolicyDocument: Invalid principal in policy: \"AWS\":\"{id}\""));
        }
    }
    if size(document) > TRUST_QUOTA {
        return Err(format!("LimitExceeded: Cannot exceed quota for ACLSizePerRole: {TRUST_QUOTA}"));
    }
    *trust = document.clone();
    Ok(())
}

fn set_duration(role: &mut Role, seconds: u32) -> Result<(), String> {
    if !(3_600..=43_200).contains(&seconds) {
        return Err(format!("ValidationError: MaxSessionDuration {seconds} is not from 3600 to 43200"));
    }
    role.max_session_duration = seconds;
    Ok(())
}

/// All nine options at once, within IAM's limits (IAM API, `UpdateAccountPasswordPolicy`).
fn set_password_policy(settings: &mut AccountSettings, policy: PasswordPolicy) -> Result<(), String> {
    let within = |number: Option<u32>, most| number.is_none_or(|number| (1..=most).contains(&number));
    let is_valid = (6..=128).contains(&policy.minimum_password_length)
        && within(policy.max_password_age, 1_095)
        && within(policy.password_reuse_prevention, 24);
    if !is_valid {
        return Err("ValidationError: a number is out of range".to_owned());
    }
    settings.password_policy = Some(policy);
    Ok(())
}

fn detach(attached: &mut BTreeSet<Arn>, policy: &Arn) -> Result<(), String> {
    if attached.remove(policy) {
        Ok(())
    } else {
        Err(format!("NoSuchEntity: Policy {policy} was not found."))
    }
}

fn attach(attached: &mut BTreeSet<Arn>, policy: &Arn, iam: &Iam) -> Result<(), String> {
    if !iam.can_attach(policy) {
        return Err(format!("NoSuchEntity: Policy {policy} does not exist or is not attachable."));
    }
    if attached.len() >= ATTACHED_QUOTA && !attached.contains(policy) {
        return Err(format!("LimitExceeded: Cannot exceed quota for PoliciesPerPrincipal: {ATTACHED_QUOTA}"));
    }
    attached.insert(policy.clone());
    Ok(())
}

/// Overwrites a tag of the same key, however it is spelled, as IAM does.
fn set_tag(tags: &mut BTreeMap<String, String>, tag: &str, value: &str) -> Result<(), String> {
    remove_tag(tags, tag);
    if tags.len() >= TAGS_QUOTA {
        return Err(format!("LimitExceeded: Cannot exceed quota for TagsPerPrincipal: {TAGS_QUOTA}"));
    }
    tags.insert(tag.to_owned(), value.to_owned());
    Ok(())
}

/// IAM says nothing of a tag that is not there.
fn remove_tag(tags: &mut BTreeMap<String, String>, tag: &str) {
    tags.retain(|key, _| !key.eq_ignore_ascii_case(tag));
}

fn put_boundary(boundary: &mut Option<Arn>, policy: &Arn, iam: &Iam) -> Result<(), String> {
    if !iam.can_attach(policy) {
        return Err(format!("NoSuchEntity: Scope ARN: {policy} does not exist or is not attachable."));
    }
    *boundary = Some(policy.clone());
    Ok(())
}

fn delete_boundary(boundary: &mut Option<Arn>) -> Result<(), String> {
    boundary.take().map(|_| ()).ok_or_else(|| "NoSuchEntity: it has no permissions boundary.".to_owned())
}
