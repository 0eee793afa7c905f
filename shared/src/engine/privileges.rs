//! What everybody in a listed account can do and become. It takes the whole account: one principal's strength is
//! often another's policy, trust or group.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::facts::{
    self, AwsManagedPolicy, Entity, Fact, Group, ManagedPolicy, Privileges, Read, Resource, Role, Unread,
    User, WhyUnread,
};
use crate::identifier::Arn;
use crate::policy::account::{
    AttachedPolicy, GroupDetail, IdentityPolicy, InlinePolicy, InstanceProfile, ListedAccount,
    ManagedPolicyDetail, OrganizationPolicies, PermissionsBoundary, PolicyVersion, RoleDetail, Tag,
    TrustPolicy, UserDetail, analyze_listed,
};
use crate::policy::{Policy, PolicyDocument, PolicyKind};

/// Enters the privileges of every user, group and role, given all there is in the account and the policies of AWS that
/// it uses.
pub(super) fn enter(resources: &mut [Resource], of_aws: &[AwsManagedPolicy]) {
    let found = analyze_listed(listed(resources, of_aws), OrganizationPolicies::Unknown);
    let mut found: Result<HashMap<String, Privileges>, Unread> = found
        .map(|reports| {
            reports.into_iter().map(|report| (report.arn.clone(), Privileges::from(report))).collect()
        })
        .map_err(|error| {
            Unread::new(Read::GetAccountAuthorizationDetails, WhyUnread::Failed, error.to_string())
        });
    for resource in resources {
        let arn = resource.identity().arn().to_string();
        let privileges = match &mut found {
            Ok(found) => match found.remove(&arn) {
                Some(privileges) => Fact::Known(privileges),
                None => continue,
            },
            Err(unread) => Fact::Unknown(unread.clone()),
        };
        match resource {
            Resource::Entity(Entity::User(user)) => user.privileges = privileges,
            Resource::Entity(Entity::Role(role)) => role.privileges = privileges,
            Resource::Group(group) => group.privileges = privileges,
            _ => {}
        }
    }
}

/// The account as the analysis takes it, each thing once: what changes while it is listed may come twice.
fn listed<'a>(resources: &'a [Resource], of_aws: &'a [AwsManagedPolicy]) -> ListedAccount<'a> {
    let mut listed = ListedAccount::default();
    let mut seen: HashSet<&Arn> = HashSet::new();
    for policy in of_aws {
        if seen.insert(&policy.arn) {
            listed.policies.push(of_aws_managed_policy(policy));
        }
    }
    for resource in resources {
        match resource {
            Resource::Entity(Entity::User(user)) if seen.insert(&user.identity.arn) => {
                listed.users.push(of_user(user));
            }
            Resource::Entity(Entity::Role(role)) if seen.insert(&role.identity.arn) => {
                listed.roles.push(of_role(role));
            }
            Resource::Group(group) if seen.insert(&group.identity.arn) => listed.groups.push(of_group(group)),
            Resource::Policy(policy) if seen.insert(&policy.identity.arn) => {
                listed.policies.push(of_managed_policy(policy));
            }
            _ => {}
        }
    }
    listed
}

fn of_user(user: &User) -> UserDetail<'_> {
    let mut unread = Vec::new();
    UserDetail {
        arn: user.identity.arn.as_str().into(),
        user_id: Some(user.identity.unique_id.as_str().into()),
        user_policy_list: told(&user.inline_policies, "inline policies", inline, &mut unread),
        group_list: told(&user.groups, "groups", |group| group.as_str().into(), &mut unread),
        attached_managed_policies: told(&user.attached_policies, "attached policies", attached, &mut unread),
        permissions_boundary: boundary(&user.boundary),
        tags: tags(&user.tags, &mut unread),
        unread,
    }
}

fn of_group(group: &Group) -> GroupDetail<'_> {
    let mut unread = Vec::new();
    GroupDetail {
        arn: group.identity.arn.as_str().into(),
        group_policy_list: told(&group.inline_policies, "inline policies", inline, &mut unread),
        attached_managed_policies: told(&group.attached_policies, "attached policies", attached, &mut unread),
        unread,
    }
}

fn of_role(role: &Role) -> RoleDetail<'_> {
    let mut unread = Vec::new();
    let trust = match &role.trust {
        Fact::Known(trust) => Some(TrustPolicy(Policy::parse_document(trust, PolicyKind::Trust))),
        Fact::Absent | Fact::Unknown(_) => None,
    };
    let profile = |arn: &'_ Arn| InstanceProfile { arn: arn.to_string().into() };
    RoleDetail {
        arn: role.identity.arn.as_str().into(),
        assume_role_policy_document: trust,
        instance_profile_list: told(&role.instance_profiles, "instance profiles", profile, &mut unread),
        role_policy_list: told(&role.inline_policies, "inline policies", inline, &mut unread),
        attached_managed_policies: told(&role.attached_policies, "attached policies", attached, &mut unread),
        permissions_boundary: boundary(&role.boundary),
        tags: tags(&role.tags, &mut unread),
        unread,
    }
}

fn of_managed_policy(policy: &ManagedPolicy) -> ManagedPolicyDetail<'_> {
    // Versions whose texts are not told take up room all the same.
    let others = policy.other_versions.list().unwrap_or_default().iter().map(|other| {
        version(match &other.document {
            Fact::Known(document) => Some(document),
            Fact::Absent | Fact::Unknown(_) => None,
        })
    });
    let versions = std::iter::once(in_force(&policy.document)).chain(others).collect();
    ManagedPolicyDetail {
        arn: policy.identity.arn.as_str().into(),
        default_version_id: None,
        policy_version_list: versions,
    }
}

fn of_aws_managed_policy(policy: &AwsManagedPolicy) -> ManagedPolicyDetail<'_> {
    ManagedPolicyDetail {
        arn: policy.arn.as_str().into(),
        default_version_id: None,
        policy_version_list: vec![in_force(&policy.document)],
    }
}

fn in_force(document: &Fact<PolicyDocument>) -> PolicyVersion<'_> {
    let document = match document {
        Fact::Known(document) => Some(document),
        Fact::Absent | Fact::Unknown(_) => None,
    };
    PolicyVersion { is_default_version: true, ..version(document) }
}

fn version(document: Option<&PolicyDocument>) -> PolicyVersion<'_> {
    PolicyVersion { version_id: None, is_default_version: false, document: document.map(identity_policy) }
}

fn identity_policy(document: &PolicyDocument) -> IdentityPolicy {
    IdentityPolicy(Policy::parse_document(document, PolicyKind::Identity))
}

fn inline(policy: &facts::InlinePolicy) -> InlinePolicy<'_> {
    InlinePolicy {
        policy_name: policy.name.as_str().into(),
        policy_document: Some(identity_policy(&policy.document)),
    }
}

fn attached(policy: &facts::AttachedPolicy) -> AttachedPolicy<'_> {
    AttachedPolicy { policy_arn: policy.arn.as_str().into() }
}

fn boundary(boundary: &Fact<Arn>) -> Option<PermissionsBoundary<'_>> {
    let arn = match boundary {
        Fact::Known(arn) => Some(Cow::Borrowed(arn.as_str())),
        Fact::Absent => return None,
        Fact::Unknown(_) => None,
    };
    Some(PermissionsBoundary { permissions_boundary_arn: arn })
}

fn tags<'a>(
    tags: &'a Fact<std::collections::BTreeMap<String, String>>,
    unread: &mut Vec<String>,
) -> Vec<Tag<'a>> {
    match tags.known() {
        Ok(tags) => {
            let tags = tags.into_iter().flatten();
            tags.map(|(key, value)| Tag { key: key.as_str().into(), value: value.as_str().into() }).collect()
        }
        Err(why) => {
            unread.push(format!("tags: {why}"));
            Vec::new()
        }
    }
}

/// Each of a list, or a note that it is not told.
fn told<'a, T, U>(
    list: &'a Fact<Vec<T>>,
    what: &str,
    each: impl FnMut(&'a T) -> U,
    unread: &mut Vec<String>,
) -> Vec<U> {
    match list.list() {
        Ok(list) => list.iter().map(each).collect(),
        Err(why) => {
            unread.push(format!("{what}: {why}"));
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
