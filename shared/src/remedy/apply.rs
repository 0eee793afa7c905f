//! What a step does to the facts, as IAM would do it, for tests alone.

use std::collections::BTreeMap;

use super::Step;
use crate::facts::{
    AccessKey, AttachedPolicy, Entity, Fact, InlinePolicy, KeyStatus, OtherCredentialKind, Resource, User,
};
use crate::identifier::{AccessKeyId, Arn, CredentialId, PolicyName, PolicyVersionId};
use crate::policy::PolicyDocument;

/// Applies a step to the resource it is about. What is unknown stays so.
pub(crate) fn apply(step: &Step, live: &mut Resource) {
    let live = match (step, live) {
        (Step::DetachGroupPolicy { policy, .. }, Resource::Group(group)) => {
            return detach(&mut group.attached_policies, policy);
        }
        (Step::AttachGroupPolicy { policy, .. }, Resource::Group(group)) => {
            return attach(&mut group.attached_policies, policy);
        }
        (Step::CreatePolicyVersion { document, replaces, .. }, Resource::Policy(policy)) => {
            let number: u32 = replaces.as_str().trim_start_matches('v').parse().unwrap();
            policy.default_version =
                Fact::Known(PolicyVersionId::parse(&format!("v{}", number + 1)).unwrap());
            policy.document = Fact::Known(document.clone());
            return;
        }
        (Step::SetDefaultPolicyVersion { version, document, .. }, Resource::Policy(policy)) => {
            policy.default_version = Fact::Known(version.clone());
            policy.document = Fact::Known(document.clone());
            return;
        }
        (Step::UpdateAccountPasswordPolicy { policy, .. }, Resource::Account(account)) => {
            account.password_policy = Fact::Known(*policy);
            return;
        }
        (Step::DeleteAccountPasswordPolicy { .. }, Resource::Account(account)) => {
            account.password_policy = Fact::Absent;
            return;
        }
        (_, Resource::Entity(live)) => live,
        (step, live) => panic!("`{step}` is not about {}", live.identity()),
    };
    match (step, live) {
        (Step::DeactivateAccessKey { key, .. }, Entity::User(user)) => {
            set_status(&mut user.access_keys, key, KeyStatus::Inactive);
        }
        (Step::ActivateAccessKey { key, .. }, Entity::User(user)) => {
            set_status(&mut user.access_keys, key, KeyStatus::Active);
        }
        (Step::DeleteAccessKey { key, .. }, Entity::User(user)) => {
            if let Fact::Known(keys) = &mut user.access_keys {
                keys.retain(|live| live.id != Fact::Known(key.clone()));
            }
        }
        (Step::DeactivateCredential { kind, credential, .. }, Entity::User(user)) => {
            set_credential(user, *kind, credential, KeyStatus::Inactive);
        }
        (Step::ActivateCredential { kind, credential, .. }, Entity::User(user)) => {
            set_credential(user, *kind, credential, KeyStatus::Active);
        }
        (Step::DeleteUserPolicy { policy, .. }, Entity::User(user)) => {
            delete(&mut user.inline_policies, policy);
        }
        (Step::DeleteRolePolicy { policy, .. }, Entity::Role(role)) => {
            delete(&mut role.inline_policies, policy);
        }
        (Step::PutUserPolicy { policy, document, .. }, Entity::User(user)) => {
            put(&mut user.inline_policies, policy, document);
        }
        (Step::PutRolePolicy { policy, document, .. }, Entity::Role(role)) => {
            put(&mut role.inline_policies, policy, document);
        }
        (Step::DetachUserPolicy { policy, .. }, Entity::User(user)) => {
            detach(&mut user.attached_policies, policy);
        }
        (Step::DetachRolePolicy { policy, .. }, Entity::Role(role)) => {
            detach(&mut role.attached_policies, policy);
        }
        (Step::AttachUserPolicy { policy, .. }, Entity::User(user)) => {
            attach(&mut user.attached_policies, policy);
        }
        (Step::AttachRolePolicy { policy, .. }, Entity::Role(role)) => {
            attach(&mut role.attached_policies, policy);
        }
        (Step::DeleteLoginProfile { .. }, Entity::User(user)) => user.login_profile = Fact::Absent,
        (Step::PutUserPermissionsBoundary { boundary, .. }, Entity::User(user)) => {
            user.boundary = Fact::Known(boundary.clone());
        }
        (Step::PutRolePermissionsBoundary { boundary, .. }, Entity::Role(role)) => {
            role.boundary = Fact::Known(boundary.clone());
        }
        (Step::DeleteUserPermissionsBoundary { .. }, Entity::User(user)) => user.boundary = Fact::Absent,
        (Step::DeleteRolePermissionsBoundary { .. }, Entity::Role(role)) => role.boundary = Fact::Absent,
        (Step::TagUser { tag, value, .. }, Entity::User(user)) => set_tag(&mut user.tags, tag, Some(value)),
        (Step::UntagUser { tag, .. }, Entity::User(user)) => set_tag(&mut user.tags, tag, None),
        (Step::TagRole { tag, value, .. }, Entity::Role(role)) => set_tag(&mut role.tags, tag, Some(value)),
        (Step::UntagRole { tag, .. }, Entity::Role(role)) => set_tag(&mut role.tags, tag, None),
        (Step::UpdateAssumeRolePolicy { document, .. }, Entity::Role(role)) => {
            role.trust = Fact::Known(document.clone());
        }
        (Step::UpdateRoleMaxSessionDuration { seconds, .. }, Entity::Role(role)) => {
            role.max_session_duration = Fact::Known(*seconds);
        }
        (step, live) => panic!("`{step}` is not about {}", live.principal()),
    }
}

/// The list to write into, in order, so that two ways to the same content are equal.
fn change<T>(
    list: &mut Fact<Vec<T>>,
    order: impl FnMut(&T, &T) -> std::cmp::Ordering,
    f: impl FnOnce(&mut Vec<T>),
) {
    let mut items = match std::mem::replace(list, Fact::Absent) {
        Fact::Known(items) => items,
        Fact::Absent => Vec::new(),
        Fact::Unknown(unread) => {
            *list = Fact::Unknown(unread);
            return;
        }
    };
    f(&mut items);
    items.sort_by(order);
    *list = Fact::Known(items);
}

fn set_status(keys: &mut Fact<Vec<AccessKey>>, id: &AccessKeyId, status: KeyStatus) {
    if let Fact::Known(keys) = keys {
        for key in keys.iter_mut().filter(|key| key.id == Fact::Known(id.clone())) {
            key.status = status;
        }
    }
}

fn set_credential(user: &mut User, kind: OtherCredentialKind, id: &CredentialId, status: KeyStatus) {
    if let Fact::Known(credentials) = user.other_credentials_mut(kind) {
        for credential in credentials.iter_mut().filter(|live| live.id == Fact::Known(id.clone())) {
            credential.status = status;
        }
    }
}

fn set_tag(tags: &mut Fact<BTreeMap<String, String>>, tag: &str, value: Option<&String>) {
    let mut live = match std::mem::replace(tags, Fact::Absent) {
        Fact::Known(live) => live,
        Fact::Absent => BTreeMap::new(),
        Fact::Unknown(unread) => return *tags = Fact::Unknown(unread),
    };
    live.remove(tag);
    live.extend(value.map(|value| (tag.to_owned(), value.clone())));
    *tags = Fact::Known(live);
}

fn delete(policies: &mut Fact<Vec<InlinePolicy>>, name: &PolicyName) {
    change(policies, |a, b| a.name.cmp(&b.name), |policies| policies.retain(|live| live.name != *name));
}

fn put(policies: &mut Fact<Vec<InlinePolicy>>, name: &PolicyName, document: &PolicyDocument) {
    let policy = InlinePolicy { name: name.clone(), document: document.clone() };
    change(
        policies,
        |a, b| a.name.cmp(&b.name),
        |policies| {
            policies.retain(|live| live.name != *name);
            policies.push(policy);
        },
    );
}

fn detach(policies: &mut Fact<Vec<AttachedPolicy>>, arn: &Arn) {
    change(policies, |a, b| a.arn.cmp(&b.arn), |policies| policies.retain(|live| live.arn != *arn));
}

fn attach(policies: &mut Fact<Vec<AttachedPolicy>>, arn: &Arn) {
    change(
        policies,
        |a, b| a.arn.cmp(&b.arn),
        |policies| {
            policies.retain(|live| live.arn != *arn);
            policies.push(AttachedPolicy { arn: arn.clone() });
        },
    );
}
