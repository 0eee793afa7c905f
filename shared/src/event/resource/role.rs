use jiff::Timestamp;

use super::parts::{AttachedPolicy, InlinePolicy, PermissionsBoundary, Tag, document};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, RoleName, UniqueId};
use crate::policy::PolicyDocument;

/// A role, as a configuration item describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleItem {
    /// The role's name.
    pub name: RoleName,
    /// The role's unique id.
    pub id: UniqueId,
    /// The role's ARN.
    pub arn: Arn,
    /// Such as `/service-role/`.
    pub path: Option<String>,
    /// When the role was made.
    pub created: Option<Timestamp>,
    /// `assumeRolePolicyDocument`
    pub trust_policy: Option<PolicyDocument>,
    /// `rolePolicyList`
    pub inline_policies: Option<Vec<InlinePolicy>>,
    /// `attachedManagedPolicies`
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// The ARNs in `instanceProfileList`
    pub instance_profiles: Option<Vec<Arn>>,
    /// `None` where there is none, and in items older than boundaries.
    pub permissions_boundary: Option<PermissionsBoundary>,
    /// The last use as of the last *change* of the role, so often long stale: to judge use, ask IAM.
    pub last_used: Option<RoleLastUsed>,
    /// The tags.
    pub tags: Option<Vec<Tag>>,
}

/// When and where a role was last used; both missing where AWS has seen no use in its tracking period.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleLastUsed {
    /// When.
    pub at: Option<Timestamp>,
    /// Where.
    pub region: Option<String>,
}

impl RoleItem {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            name: field.get("roleName")?.identifier(RoleName::parse)?,
            id: field.get("roleId")?.identifier(UniqueId::parse)?,
            arn: field.get("arn")?.identifier(Arn::parse)?,
            path: field.get("path")?.optional_text()?,
            created: field.get("createDate")?.optional(Field::time)?,
            trust_policy: document(&field.get("assumeRolePolicyDocument")?),
            inline_policies: field.get("rolePolicyList")?.list(InlinePolicy::read)?,
            attached_policies: field.get("attachedManagedPolicies")?.list(AttachedPolicy::read)?,
            instance_profiles: field
                .get("instanceProfileList")?
                .list(|profile| profile.get("arn")?.identifier(Arn::parse))?,
            permissions_boundary: field.get("permissionsBoundary")?.optional(PermissionsBoundary::read)?,
            last_used: field.get("roleLastUsed")?.optional(RoleLastUsed::read)?,
            tags: field.get("tags")?.list(Tag::read)?,
        })
    }
}

impl RoleLastUsed {
    fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            at: field.get("lastUsedDate")?.optional(Field::time)?,
            region: field.get("region")?.optional_text()?,
        })
    }
}
