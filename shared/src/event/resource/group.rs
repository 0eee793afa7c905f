use jiff::Timestamp;

use super::parts::{AttachedPolicy, InlinePolicy};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, GroupName, UniqueId};

/// A group, as a configuration item describes it. Who belongs to it is not in there.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupItem {
    /// The group's name.
    pub name: GroupName,
    /// The group's unique id.
    pub id: UniqueId,
    /// The group's ARN.
    pub arn: Arn,
    /// Such as `/team/`.
    pub path: Option<String>,
    /// When the group was made.
    pub created: Option<Timestamp>,
    /// `groupPolicyList`
    pub inline_policies: Option<Vec<InlinePolicy>>,
    /// `attachedManagedPolicies`
    pub attached_policies: Option<Vec<AttachedPolicy>>,
}

impl GroupItem {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            name: field.get("groupName")?.identifier(GroupName::parse)?,
            id: field.get("groupId")?.identifier(UniqueId::parse)?,
            arn: field.get("arn")?.identifier(Arn::parse)?,
            path: field.get("path")?.optional_text()?,
            created: field.get("createDate")?.optional(Field::time)?,
            inline_policies: field.get("groupPolicyList")?.list(InlinePolicy::read)?,
            attached_policies: field.get("attachedManagedPolicies")?.list(AttachedPolicy::read)?,
        })
    }
}
