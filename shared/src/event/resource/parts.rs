use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, PolicyName};
use crate::policy::PolicyDocument;

/// A policy that is part of a user, role or group.
#[derive(Debug, Clone, PartialEq)]
pub struct InlinePolicy {
    /// Unique within the principal.
    pub name: PolicyName,
    /// `None` where the item names the policy without its text.
    pub document: Option<PolicyDocument>,
}

impl InlinePolicy {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            name: field.get("policyName")?.identifier(PolicyName::parse)?,
            document: document(&field.get("policyDocument")?),
        })
    }
}

/// A managed policy on a user, role or group.
#[derive(Debug, Clone, PartialEq)]
pub struct AttachedPolicy {
    /// The policy's name.
    pub name: PolicyName,
    /// The policy's ARN; the account in it is `aws` for those that AWS manages.
    pub arn: Arn,
}

impl AttachedPolicy {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            name: field.get("policyName")?.identifier(PolicyName::parse)?,
            arn: field.get("policyArn")?.identifier(Arn::parse)?,
        })
    }
}

/// The managed policy that bounds what a user or role may do.
#[derive(Debug, Clone, PartialEq)]
pub struct PermissionsBoundary {
    /// The policy's ARN.
    pub arn: Arn,
    /// Always a policy so far; AWS writes `Policy` here and `PermissionsBoundaryPolicy` in IAM's own answers.
    pub kind: Option<String>,
}

impl PermissionsBoundary {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            arn: field.get("permissionsBoundaryArn")?.identifier(Arn::parse)?,
            kind: field.get("permissionsBoundaryType")?.optional_text()?,
        })
    }
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value, often empty.
    pub value: String,
}

impl Tag {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        let value = field.get("value")?;
        Ok(Self {
            key: field.get("key")?.filled_text()?.to_owned(),
            value: value.optional(Field::text)?.unwrap_or_default().to_owned(),
        })
    }

    /// Tags of what is recorded by its `CloudFormation` schema: a list of `Key` and `Value` in the configuration, or an
    /// object beside it. `None` where neither is there.
    pub(super) fn of_schema(
        configuration: &Field<'_>,
        beside: &Field<'_>,
    ) -> Result<Option<Vec<Self>>, EventError> {
        let inside = configuration.get("Tags")?.list(|tag| {
            Ok(Self {
                key: tag.get("Key")?.filled_text()?.to_owned(),
                value: tag.get("Value")?.optional(Field::text)?.unwrap_or_default().to_owned(),
            })
        })?;
        let beside = beside.texts()?;
        if inside.is_none() && beside.is_none() {
            return Ok(None);
        }
        let mut tags = inside.unwrap_or_default();
        for (key, value) in beside.unwrap_or_default() {
            if !tags.iter().any(|tag| tag.key == key) {
                tags.push(Self { key, value });
            }
        }
        Ok(Some(tags))
    }
}

/// Reads a policy document, and keeps what it was sent where that is none.
///
/// A rule about the existence of a policy must not be blind because of the policy's text, and a remediator reads
/// the text again from IAM. So a malformed document is neither an error nor dropped: its raw text becomes the
/// document, which will not parse as a policy, and whoever needs its meaning finds out there.
pub(super) fn document(field: &Field<'_>) -> Option<PolicyDocument> {
    let value = field.raw().filter(|value| !value.is_null())?;
    Some(PolicyDocument::from_wire(value).unwrap_or_else(|_| {
        PolicyDocument::new(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn inline(value: &Value) -> Result<InlinePolicy, EventError> {
        InlinePolicy::read(&Field::at("userPolicyList[0]", value))
    }

    fn text(document: &Value) -> String {
        let policy = inline(&json!({"policyName": "p", "policyDocument": document})).unwrap();
        policy.document.unwrap().as_str().to_owned()
    }

    #[test]
    fn a_malformed_document_keeps_its_raw_text() {
        assert_eq!(text(&json!("%7B%2")), "%7B%2");
        assert_eq!(text(&json!("")), "");
        assert_eq!(text(&json!(["{}", "{}"])), r#"["{}","{}"]"#);
        assert_eq!(text(&json!(3)), "3");
    }

    #[test]
    fn a_document_that_was_not_sent_is_unknown() {
        for value in [json!({"policyName": "p"}), json!({"policyName": "p", "policyDocument": null})] {
            assert_eq!(inline(&value).unwrap().document, None);
        }
    }

    #[test]
    fn a_policy_without_a_usable_name_is_an_error() {
        let error = inline(&json!({"policyDocument": "{}"})).unwrap_err();
        assert_eq!(error.to_string(), "`userPolicyList[0].policyName` is absent; expected a string");
        let error = inline(&json!({"policyName": "a/b"})).unwrap_err();
        assert!(error.to_string().starts_with("`userPolicyList[0].policyName` cannot be used: `a/b` is not"));
    }

    #[test]
    fn tags_of_a_schema_stand_in_the_configuration_or_beside_it() {
        let read = |configuration: Value, beside: Value| {
            let tags =
                Tag::of_schema(&Field::at("configuration", &configuration), &Field::at("tags", &beside));
            tags.unwrap().map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect::<Vec<_>>())
        };
        let owner = Some(vec![("owner".to_owned(), "ann".to_owned())]);
        let inside = json!({"Tags": [{"Key": "owner", "Value": "ann"}]});
        assert_eq!(read(inside.clone(), json!({})), owner);
        assert_eq!(read(inside, json!({"owner": "ann"})), owner);
        assert_eq!(read(json!({}), json!({"owner": "ann"})), owner);
        assert_eq!(read(json!({}), json!({})), Some(vec![]));
        assert_eq!(read(json!({"Tags": null}), json!(null)), Some(vec![]));
        assert_eq!(read(json!({}), json!(null)), None);
    }

    #[test]
    fn a_tag_may_have_an_empty_value() {
        let tag = Tag::read(&Field::at("tags[0]", &json!({"key": "owner", "value": ""}))).unwrap();
        assert_eq!(tag, Tag { key: "owner".to_owned(), value: String::new() });
    }
}
