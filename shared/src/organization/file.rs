use serde::Deserialize;

use super::effective::{ControlPolicy, ControlType};
use crate::identifier::{AccountId, Arn};
use crate::policy::{Json, Malformed, Policy};

/// A file with one policy of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// The policy.
    pub policy: ControlPolicy,
    /// The organisation's management account, where the file tells.
    pub management_account: Option<AccountId>,
}

/// Why a file holds no policy of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFileError {
    /// Not JSON, or not what the AWS CLI prints.
    #[error(
        "it is no policy: {0}; give what `aws organizations describe-policy` prints, or the policy alone"
    )]
    NotAPolicy(String),
    /// A type that says nothing about requests, such as a tag policy.
    #[error("it is a policy of type `{0}`, which refuses no request; leave it out")]
    OtherType(String),
    /// One of `organization/policies` as it is in the repository.
    #[error(
        "`${{{0}}}` stands in it where your value belongs; deploy organization/template.yaml, which asks for it, or put it in"
    )]
    Placeholder(String),
    /// A policy that AWS would not take.
    #[error("AWS would refuse the policy: {0}; check that the file holds all of it")]
    Malformed(#[from] Malformed),
}

/// What `aws organizations describe-policy` prints.
///
/// Source: AWS Organizations API Reference, `DescribePolicy`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    policy: DescribedPolicy,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedPolicy {
    policy_summary: Summary,
    content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    arn: Option<String>,
    name: String,
    r#type: String,
}

impl PolicyFile {
    /// Reads what `aws organizations describe-policy` prints, or the policy alone, which then goes by `name`. A policy
    /// alone whose statements name principals is a resource control policy.
    pub fn read(name: &str, text: &str) -> Result<Self, PolicyFileError> {
        if let Some(placeholder) = placeholder(text) {
            return Err(PolicyFileError::Placeholder(placeholder.to_owned()));
        }
        let json = Json::parse(text).map_err(|error| PolicyFileError::NotAPolicy(error.to_string()))?;
        if json.get("Policy").is_none() {
            let statements = json.get("Statement").map(Json::elements).unwrap_or_default();
            let control = if statements.iter().any(|statement| statement.get("Principal").is_some()) {
                ControlType::ResourceControl
            } else {
                ControlType::ServiceControl
            };
            let policy = Policy::read(&json, control.policy_kind())?;
            let policy = ControlPolicy { name: name.to_owned(), control, policy };
            return Ok(Self { policy, management_account: None });
        }
        let described: Described =
            serde_json::from_str(text).map_err(|error| PolicyFileError::NotAPolicy(error.to_string()))?;
        let DescribedPolicy { policy_summary: summary, content } = described.policy;
        let control = [ControlType::ServiceControl, ControlType::ResourceControl]
            .into_iter()
            .find(|control| control.as_str() == summary.r#type)
            .ok_or(PolicyFileError::OtherType(summary.r#type))?;
        let policy = Policy::parse(&content, control.policy_kind())?;
        // A policy of the organisation's own carries the management account in its ARN; one of AWS's carries `aws`.
        let arn = summary.arn.and_then(|arn| Arn::parse(&arn).ok());
        Ok(Self {
            policy: ControlPolicy { name: summary.name, control, policy },
            management_account: arn.and_then(|arn| arn.account()),
        })
    }
}

/// The first name that `CloudFormation` would have put a value for. IAM's own variables have a key of a service, as
/// `${aws:PrincipalTag/team}`, or are a single character.
fn placeholder(text: &str) -> Option<&str> {
    let mut names = text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    let is_one = |name: &&str| {
        name.starts_with("AWS::") || name.len() > 1 && name.chars().all(|c| c.is_ascii_alphanumeric())
    };
    names.find(is_one)
}
