use jiff::Timestamp;

use super::parts::{AttachedPolicy, InlinePolicy, PermissionsBoundary, Tag};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, GroupName, UniqueId, UserName};

/// A user, as a configuration item describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct UserItem {
    /// The user's name.
    pub name: UserName,
    /// The user's unique id.
    pub id: UniqueId,
    /// The user's ARN.
    pub arn: Arn,
    /// Such as `/team/`.
    pub path: Option<String>,
    /// When the user was made.
    pub created: Option<Timestamp>,
    /// `userPolicyList`
    pub inline_policies: Option<Vec<InlinePolicy>>,
    /// `attachedManagedPolicies`
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// `groupList`
    pub groups: Option<Vec<GroupName>>,
    /// `None` where there is none, and in items older than boundaries.
    pub permissions_boundary: Option<PermissionsBoundary>,
    /// The tags.
    pub tags: Option<Vec<Tag>>,
}

impl UserItem {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            name: field.get("userName")?.identifier(UserName::parse)?,
            id: field.get("userId")?.identifier(UniqueId::parse)?,
            arn: field.get("arn")?.identifier(Arn::parse)?,
            path: field.get("path")?.optional_text()?,
            created: field.get("createDate")?.optional(Field::time)?,
            inline_policies: field.get("userPolicyList")?.list(InlinePolicy::read)?,
            attached_policies: field.get("attachedManagedPolicies")?.list(AttachedPolicy::read)?,
            groups: field.get("groupList")?.list(|name| name.identifier(GroupName::parse))?,
            permissions_boundary: field.get("permissionsBoundary")?.optional(PermissionsBoundary::read)?,
            tags: field.get("tags")?.list(Tag::read)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn user() -> Value {
        json!({
            "path": "/warehouse/", "userName": "mara.lindqvist", "userId": "AIDAQ2XH7WMR4TKV5JLCE",
            "arn": "arn:aws:iam::111122223333:user/warehouse/mara.lindqvist",
            "createDate": "2024-02-05T08:30:11.000Z"
        })
    }

    fn with(key: &str, value: Value) -> UserItem {
        let mut user = user();
        user[key] = value;
        read(&user).unwrap()
    }

    fn read(value: &Value) -> Result<UserItem, EventError> {
        UserItem::read(&Field::at("configuration", value))
    }

    #[test]
    fn null_lists_of_a_user_are_empty() {
        assert_eq!(with("userPolicyList", json!(null)).inline_policies, Some(vec![]));
        assert_eq!(with("attachedManagedPolicies", json!(null)).attached_policies, Some(vec![]));
        assert_eq!(with("groupList", json!(null)).groups, Some(vec![]));
    }

    #[test]
    fn absent_lists_of_a_user_are_unknown() {
        let user = read(&user()).unwrap();
        assert_eq!((user.inline_policies, user.attached_policies), (None, None));
        assert_eq!((user.groups, user.tags), (None, None));
    }

    #[test]
    fn an_absent_or_null_boundary_is_none() {
        assert_eq!(read(&user()).unwrap().permissions_boundary, None);
        assert_eq!(with("permissionsBoundary", json!(null)).permissions_boundary, None);
        let boundary = json!({"permissionsBoundaryArn": "arn:aws:iam::111122223333:policy/b",
                              "permissionsBoundaryType": "Policy"});
        let boundary = with("permissionsBoundary", boundary).permissions_boundary.unwrap();
        assert_eq!(boundary.arn.name(), "b");
    }

    #[test]
    fn a_list_of_another_type_is_an_error() {
        let mut user = user();
        user["groupList"] = json!("admins");
        let error = read(&user).unwrap_err();
        assert_eq!(error.to_string(), "`configuration.groupList` is a string; expected an array");
    }

    #[test]
    fn every_identity_field_is_needed() {
        for key in ["userName", "userId", "arn"] {
            let mut user = user();
            user.as_object_mut().unwrap().remove(key);
            let error = read(&user).unwrap_err().to_string();
            assert_eq!(error, format!("`configuration.{key}` is absent; expected a string"));
        }
    }
}
