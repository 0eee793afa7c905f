use jiff::Timestamp;

use super::parts::{Tag, document};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, PolicyName, UniqueId};
use crate::policy::PolicyDocument;

/// A policy that the customer manages, as a configuration item describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyItem {
    /// The policy's name.
    pub name: PolicyName,
    /// The policy's unique id.
    pub id: UniqueId,
    /// The policy's ARN.
    pub arn: Arn,
    /// Such as `/team/`.
    pub path: Option<String>,
    /// What its author wrote about it.
    pub description: Option<String>,
    /// The version in force, such as `v3`.
    pub default_version_id: Option<String>,
    /// `policyVersionList`: up to five versions.
    pub versions: Option<Vec<PolicyVersion>>,
    /// How many principals it is attached to.
    pub attachment_count: Option<u64>,
    /// How many principals it bounds.
    pub boundary_usage_count: Option<u64>,
    /// Whether it can be attached.
    pub is_attachable: Option<bool>,
    /// When the policy was made.
    pub created: Option<Timestamp>,
    /// When its default version was last made or set.
    pub updated: Option<Timestamp>,
    /// The tags.
    pub tags: Option<Vec<Tag>>,
}

/// One version of a managed policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyVersion {
    /// Such as `v3`.
    pub id: String,
    /// Whether this version says it is the one in force.
    pub is_default: bool,
    /// `None` where the item names the version without its text.
    pub document: Option<PolicyDocument>,
    /// When the version was made.
    pub created: Option<Timestamp>,
}

impl PolicyItem {
    /// The version in force, the only one to judge. `None` where the item does not hold it, or where its two ways
    /// of naming it disagree.
    pub fn default_version(&self) -> Option<&PolicyVersion> {
        let versions = self.versions.as_deref()?;
        let mut flagged = versions.iter().filter(|version| version.is_default);
        let only = flagged.next().filter(|_| flagged.next().is_none())?;
        self.default_version_id.as_ref().is_none_or(|id| *id == only.id).then_some(only)
    }

    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            name: field.get("policyName")?.identifier(PolicyName::parse)?,
            id: field.get("policyId")?.identifier(UniqueId::parse)?,
            arn: field.get("arn")?.identifier(Arn::parse)?,
            path: field.get("path")?.optional_text()?,
            description: field.get("description")?.optional_text()?,
            default_version_id: field.get("defaultVersionId")?.optional_text()?,
            versions: field.get("policyVersionList")?.list(PolicyVersion::read)?,
            attachment_count: field.get("attachmentCount")?.optional(Field::count)?,
            boundary_usage_count: field.get("permissionsBoundaryUsageCount")?.optional(Field::count)?,
            is_attachable: field.get("isAttachable")?.optional(Field::boolean)?,
            created: field.get("createDate")?.optional(Field::time)?,
            updated: field.get("updateDate")?.optional(Field::time)?,
            tags: field.get("tags")?.list(Tag::read)?,
        })
    }
}

impl PolicyVersion {
    fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            id: field.get("versionId")?.filled_text()?.to_owned(),
            is_default: field.get("isDefaultVersion")?.boolean()?,
            document: document(&field.get("document")?),
            created: field.get("createDate")?.optional(Field::time)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn policy(default: &Value, flags: [bool; 2]) -> PolicyItem {
        let value = json!({
            "policyName": "depot-read", "policyId": "ANPAQ2XH7WMR6YB3UZNDP",
            "arn": "arn:aws:iam::111122223333:policy/depot-read", "defaultVersionId": default,
            "policyVersionList": [
                {"versionId": "v2", "isDefaultVersion": flags[0], "document": "%7B%7D"},
                {"versionId": "v1", "isDefaultVersion": flags[1], "document": "%7B%7D"}
            ]
        });
        PolicyItem::read(&Field::at("configuration", &value)).unwrap()
    }

    #[test]
    fn only_the_default_version_is_in_force() {
        let policy = policy(&json!("v2"), [true, false]);
        assert_eq!(policy.default_version().unwrap().id, "v2");
    }

    #[test]
    fn a_default_version_that_is_not_clear_is_unknown() {
        assert_eq!(policy(&json!("v1"), [true, false]).default_version(), None);
        assert_eq!(policy(&json!("v2"), [true, true]).default_version(), None);
        assert_eq!(policy(&json!("v2"), [false, false]).default_version(), None);
        assert_eq!(policy(&json!(null), [false, true]).default_version().unwrap().id, "v1");
    }
}
