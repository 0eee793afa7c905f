use aws_sdk_iam::types::{
    GroupDetail, ManagedPolicyDetail, PolicyDetail, PolicyVersion, RoleDetail, UserDetail,
};
use shared::facts::{
    self, AwsManagedPolicy, Fact, Group, GroupIdentity, InlinePolicy, ManagedPolicy, PolicyIdentity, Read,
    Role, RoleIdentity, Unread, User, UserIdentity,
};
use shared::identifier::{Arn, GroupName, PolicyName, PolicyVersionId, RoleName, UniqueId, UserName};
use shared::policy::PolicyDocument;

use super::attached_policies::attached;
use super::find::{boundary, moment, role_last_use, tags};
use super::{Iam, fact, senseless};

const READ: Read = Read::GetAccountAuthorizationDetails;

/// A user as the bulk read tells it. An empty list may be left out of the answer; what is there and senseless
/// leaves its own fact unknown, and an identity that is makes the whole page worthless.
pub(super) fn user(iam: &Iam, detail: UserDetail) -> Result<User, Unread> {
    let arn = iam.own_arn(&detail.arn.unwrap_or_default(), READ)?;
    let identity = UserIdentity {
        account: iam.account.clone(),
        name: UserName::parse(&detail.user_name.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        unique_id: UniqueId::parse(&detail.user_id.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        arn,
    };
    let mut user = User::unread(identity);
    user.created = detail.create_date.map_or_else(|| Fact::not_read(READ), |created| moment(&created, READ));
    user.tags = Fact::Known(tags(detail.tags.unwrap_or_default()));
    user.boundary = boundary(detail.permissions_boundary, READ);
    user.inline_policies =
        fact(detail.user_policy_list.unwrap_or_default().into_iter().map(inline).collect());
    user.attached_policies = fact(attached(detail.attached_managed_policies.unwrap_or_default(), READ));
    user.groups = fact(
        detail
            .group_list
            .unwrap_or_default()
            .iter()
            .map(|group| GroupName::parse(group).map_err(|error| senseless(READ, error)))
            .collect(),
    );
    Ok(user)
}

/// A group as the bulk read tells it; its members are told with the users.
pub(super) fn group(iam: &Iam, detail: GroupDetail) -> Result<Group, Unread> {
    let identity = GroupIdentity {
        account: iam.account.clone(),
        name: GroupName::parse(&detail.group_name.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        unique_id: UniqueId::parse(&detail.group_id.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        arn: iam.own_arn(&detail.arn.unwrap_or_default(), READ)?,
    };
    let mut group = Group::unread(identity);
    group.created = detail.create_date.map_or_else(|| Fact::not_read(READ), |created| moment(&created, READ));
    group.inline_policies =
        fact(detail.group_policy_list.unwrap_or_default().into_iter().map(inline).collect());
    group.attached_policies = fact(attached(detail.attached_managed_policies.unwrap_or_default(), READ));
    Ok(group)
}

/// A role as the bulk read tells it.
pub(super) fn role(iam: &Iam, detail: RoleDetail) -> Result<Role, Unread> {
    let identity = RoleIdentity {
        account: iam.account.clone(),
        name: RoleName::parse(&detail.role_name.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        unique_id: UniqueId::parse(&detail.role_id.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        arn: iam.own_arn(&detail.arn.unwrap_or_default(), READ)?,
    };
    let mut role = Role::unread(identity);
    role.created = detail.create_date.map_or_else(|| Fact::not_read(READ), |created| moment(&created, READ));
    role.tags = Fact::Known(tags(detail.tags.unwrap_or_default()));
    role.boundary = boundary(detail.permissions_boundary, READ);
    role.trust = detail
        .assume_role_policy_document
        .map_or_else(|| Fact::not_read(READ), |encoded| fact(decoded(&encoded)));
    role.last_used = role_last_use(detail.role_last_used, READ);
    role.inline_policies =
        fact(detail.role_policy_list.unwrap_or_default().into_iter().map(inline).collect());
    role.attached_policies = fact(attached(detail.attached_managed_policies.unwrap_or_default(), READ));
    role.instance_profiles = fact(
        detail
            .instance_profile_list
            .unwrap_or_default()
            .iter()
            .map(|profile| Arn::parse(&profile.arn).map_err(|error| senseless(READ, error)))
            .collect(),
    );
    Ok(role)
}

/// A customer managed policy as the bulk read tells it: only the default version counts.
pub(super) fn policy(iam: &Iam, detail: ManagedPolicyDetail) -> Result<ManagedPolicy, Unread> {
    let identity = PolicyIdentity {
        account: iam.account.clone(),
        name: PolicyName::parse(&detail.policy_name.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        unique_id: UniqueId::parse(&detail.policy_id.unwrap_or_default())
            .map_err(|error| senseless(READ, error))?,
        arn: iam.own_arn(&detail.arn.unwrap_or_default(), READ)?,
    };
    let mut policy = ManagedPolicy::unread(identity);
    policy.created =
        detail.create_date.map_or_else(|| Fact::not_read(READ), |created| moment(&created, READ));
    let count = |count: Option<i32>| {
        count.and_then(|count| u64::try_from(count).ok()).map_or_else(|| Fact::not_read(READ), Fact::Known)
    };
    policy.attachments = count(detail.attachment_count);
    policy.bounds = count(detail.permissions_boundary_usage_count);
    let versions = detail.policy_version_list.unwrap_or_default();
    policy.default_version = detail.default_version_id.as_deref().map_or_else(
        || Fact::not_read(READ),
        |id| fact(PolicyVersionId::parse(id).map_err(|error| senseless(READ, error))),
    );
    policy.document = in_force(&versions, detail.default_version_id.as_deref());
    let others = versions.iter().filter(|version| version.version_id != detail.default_version_id);
    policy.other_versions = if detail.default_version_id.is_some() {
        fact(others.map(other_version).collect())
    } else {
        Fact::not_read(READ)
    };
    Ok(policy)
}

fn other_version(version: &PolicyVersion) -> Result<facts::PolicyVersion, Unread> {
    let id = PolicyVersionId::parse(version.version_id.as_deref().unwrap_or_default());
    let document = version.document.as_deref();
    Ok(facts::PolicyVersion {
        id: id.map_err(|error| senseless(READ, error))?,
        document: document.map_or_else(|| Fact::not_read(READ), |encoded| fact(decoded(encoded))),
    })
}

/// A policy of AWS's own. A text that makes no sense leaves the others alone.
pub(super) fn aws_managed_policy(detail: ManagedPolicyDetail) -> Result<AwsManagedPolicy, Unread> {
    let arn = Arn::parse(&detail.arn.unwrap_or_default()).map_err(|error| senseless(READ, error))?;
    let versions = detail.policy_version_list.unwrap_or_default();
    Ok(AwsManagedPolicy { arn, document: in_force(&versions, detail.default_version_id.as_deref()) })
}

/// The text of the default version.
fn in_force(versions: &[PolicyVersion], default: Option<&str>) -> Fact<PolicyDocument> {
    let default = versions.iter().find(|version| version.version_id.as_deref() == default);
    default
        .and_then(|version| version.document.as_deref())
        .map_or_else(|| Fact::not_read(READ), |encoded| fact(decoded(encoded)))
}

fn decoded(encoded: &str) -> Result<PolicyDocument, Unread> {
    PolicyDocument::from_percent_encoded(encoded).map_err(|error| senseless(READ, error))
}

fn inline(policy: PolicyDetail) -> Result<InlinePolicy, Unread> {
    let name = PolicyName::parse(&policy.policy_name.unwrap_or_default());
    let encoded = policy.policy_document.ok_or_else(|| senseless(READ, "an inline policy has no text"))?;
    Ok(InlinePolicy { name: name.map_err(|error| senseless(READ, error))?, document: decoded(&encoded)? })
}
