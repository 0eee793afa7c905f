//! The shape of what `GetAccountAuthorizationDetails` answers.
//!
//! Source: IAM API Reference, `GetAccountAuthorizationDetails` and the types `UserDetail`, `GroupDetail`,
//! `RoleDetail`, `ManagedPolicyDetail`. Elements that do not bear on permissions are left out; AWS may add others.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny};

use super::AccountDetailsError;
use crate::policy::{Json, Malformed, Policy, PolicyKind};

/// One page. The AWS CLI merges all pages into one.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) user_detail_list: Option<Vec<UserDetail<'a>>>,
    #[serde(borrow)]
    pub(super) group_detail_list: Option<Vec<GroupDetail<'a>>>,
    #[serde(borrow)]
    pub(super) role_detail_list: Option<Vec<RoleDetail<'a>>>,
    #[serde(borrow)]
    pub(super) policies: Option<Vec<ManagedPolicyDetail<'a>>>,
    is_truncated: Option<bool>,
    /// What the CLI writes where `--max-items` cut its output off.
    next_token: Option<IgnoredAny>,
}

/// A user.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UserDetail<'a> {
    #[serde(borrow)]
    pub(crate) arn: Cow<'a, str>,
    pub(crate) user_id: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) user_policy_list: Vec<InlinePolicy<'a>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) group_list: Vec<Cow<'a, str>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) attached_managed_policies: Vec<AttachedPolicy<'a>>,
    pub(crate) permissions_boundary: Option<PermissionsBoundary<'a>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) tags: Vec<Tag<'a>>,
    /// What could not be read of it, where whoever asked AWS knows.
    #[serde(skip)]
    pub(crate) unread: Vec<String>,
}

/// A group.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupDetail<'a> {
    #[serde(borrow)]
    pub(crate) arn: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) group_policy_list: Vec<InlinePolicy<'a>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) attached_managed_policies: Vec<AttachedPolicy<'a>>,
    /// What could not be read of it, where whoever asked AWS knows.
    #[serde(skip)]
    pub(crate) unread: Vec<String>,
}

/// A role.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleDetail<'a> {
    #[serde(borrow)]
    pub(crate) arn: Cow<'a, str>,
    pub(crate) assume_role_policy_document: Option<TrustPolicy>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) instance_profile_list: Vec<InstanceProfile<'a>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) role_policy_list: Vec<InlinePolicy<'a>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) attached_managed_policies: Vec<AttachedPolicy<'a>>,
    pub(crate) permissions_boundary: Option<PermissionsBoundary<'a>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) tags: Vec<Tag<'a>>,
    /// What could not be read of it, where whoever asked AWS knows.
    #[serde(skip)]
    pub(crate) unread: Vec<String>,
}

/// A managed policy.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ManagedPolicyDetail<'a> {
    #[serde(borrow)]
    pub(crate) arn: Cow<'a, str>,
    pub(crate) default_version_id: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "or_none")]
    pub(crate) policy_version_list: Vec<PolicyVersion<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyVersion<'a> {
    #[serde(borrow)]
    pub(crate) version_id: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) is_default_version: bool,
    pub(crate) document: Option<IdentityPolicy>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InlinePolicy<'a> {
    #[serde(borrow)]
    pub(crate) policy_name: Cow<'a, str>,
    pub(crate) policy_document: Option<IdentityPolicy>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedPolicy<'a> {
    #[serde(borrow)]
    pub(crate) policy_arn: Cow<'a, str>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PermissionsBoundary<'a> {
    #[serde(borrow)]
    /// None where it is not told which: there is one, and nobody knows what it leaves.
    pub(crate) permissions_boundary_arn: Option<Cow<'a, str>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfile<'a> {
    #[serde(borrow)]
    pub(crate) arn: Cow<'a, str>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag<'a> {
    #[serde(borrow)]
    pub(crate) key: Cow<'a, str>,
    #[serde(default)]
    pub(crate) value: Cow<'a, str>,
}

/// A document of a user, group, role or managed policy: an object, or text that holds one, percent-encoded or plain.
///
/// Read where it stands, so that the file's text and its policies are all that is ever held.
#[derive(Debug)]
pub(crate) struct IdentityPolicy(pub(crate) Result<Policy, Malformed>);

/// A role's `AssumeRolePolicyDocument`.
#[derive(Debug)]
pub(crate) struct TrustPolicy(pub(crate) Result<Policy, Malformed>);

impl<'de> Deserialize<'de> for IdentityPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Policy::read(&Json::deserialize(deserializer)?, PolicyKind::Identity)))
    }
}

impl<'de> Deserialize<'de> for TrustPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Policy::read(&Json::deserialize(deserializer)?, PolicyKind::Trust)))
    }
}

/// A list that may be `null`, as some SDKs write an empty one.
fn or_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl<'a> Page<'a> {
    /// Reads pages: one, several in a row, or a list of them.
    pub(super) fn read_all(text: &'a str) -> Result<Vec<Self>, AccountDetailsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let unreadable = |page: usize, error: &serde_json::Error| AccountDetailsError::Unreadable {
            page,
            why: error.to_string(),
        };
        let mut pages = Vec::new();
        if text.trim_start().starts_with('[') {
            pages = serde_json::from_str(text).map_err(|error| unreadable(1, &error))?;
        } else {
            for page in serde_json::Deserializer::from_str(text).into_iter::<Self>() {
                pages.push(page.map_err(|error| unreadable(pages.len() + 1, &error))?);
            }
        }
        if let Some(index) = pages.iter().position(Self::is_something_else) {
            return Err(AccountDetailsError::NotAccountDetails { page: index + 1 });
        }
        match pages.last() {
            None => Err(AccountDetailsError::Empty),
            // Whoever put the pages together may have had another order in mind: one of them must be the last.
            Some(_) if pages.iter().all(Self::says_more_follow) => Err(AccountDetailsError::Truncated),
            Some(_) => Ok(pages),
        }
    }

    fn is_something_else(&self) -> bool {
        self.user_detail_list.is_none()
            && self.group_detail_list.is_none()
            && self.role_detail_list.is_none()
            && self.policies.is_none()
    }

    fn says_more_follow(&self) -> bool {
        self.is_truncated == Some(true) || self.next_token.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Page::read_all(text).unwrap_err().to_string()
    }

    #[test]
    fn pages_come_alone_in_a_row_or_in_a_list() {
        for (text, expected) in [
            (r#"{"UserDetailList":[]}"#, 1),
            ("\u{feff}{\"Policies\":null,\"RoleDetailList\":[]}", 1),
            (
                r#"{"UserDetailList":[],"IsTruncated":true,"Marker":"x"} {"Policies":[],"IsTruncated":false}"#,
                2,
            ),
            (r#"[{"UserDetailList":[]},{"GroupDetailList":[]}]"#, 2),
        ] {
            assert_eq!(Page::read_all(text).unwrap().len(), expected, "{text}");
        }
    }

    #[test]
    fn a_rest_that_is_missing_is_an_error() {
        let error = AccountDetailsError::Truncated.to_string();
        assert_eq!(refused(r#"{"UserDetailList":[],"IsTruncated":true,"Marker":"x"}"#), error);
        assert_eq!(refused(r#"{"UserDetailList":[],"NextToken":"x"}"#), error);
        assert_eq!(
            refused(r#"[{"Policies":[],"IsTruncated":true},{"Policies":[],"IsTruncated":true}]"#),
            error
        );
    }

    #[test]
    fn what_is_no_account_says_so() {
        assert_eq!(refused(" \n"), AccountDetailsError::Empty.to_string());
        assert_eq!(refused("[]"), AccountDetailsError::Empty.to_string());
        assert!(refused(r#"{"Version":"2012-10-17","Statement":[]}"#).starts_with("page 1 has none of"));
        assert!(refused(r#"{"Policies":[]} {"Users":[]}"#).starts_with("page 2 has none of"));
        assert!(
            refused(r#"{"Policies":[]} nonsense"#)
                .starts_with("page 2 of the account details cannot be read")
        );
        assert!(refused(r#"{"UserDetailList":[{"UserName":"a"}]}"#).contains("missing field `Arn`"));
    }

    #[test]
    fn documents_are_read_in_every_form() {
        let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        let quoted = serde_json::to_string(document).unwrap();
        for form in [document, &quoted, &format!("\"{encoded}\"")] {
            let text = format!(
                r#"{{"GroupDetailList":[{{"Arn":"a","GroupPolicyList":[{{"PolicyName":"p","PolicyDocument":{form}}}]}}]}}"#
            );
            let pages = Page::read_all(&text).unwrap();
            let policy = &pages[0].group_detail_list.as_ref().unwrap()[0].group_policy_list[0];
            assert_eq!(policy.policy_document.as_ref().unwrap().0.as_ref().unwrap().statements, [], "{form}");
        }
    }
}
