use serde::Serialize;

use super::Read;
use crate::identifier::Arn;

/// AWS Config's resource types that rules judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ResourceType {
    /// An IAM user.
    #[serde(rename = "AWS::IAM::User")]
    User,
    /// An IAM role.
    #[serde(rename = "AWS::IAM::Role")]
    Role,
    /// An IAM group.
    #[serde(rename = "AWS::IAM::Group")]
    Group,
    /// A policy that the customer manages.
    #[serde(rename = "AWS::IAM::Policy")]
    Policy,
}

impl ResourceType {
    /// AWS Config's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "AWS::IAM::User",
            Self::Role => "AWS::IAM::Role",
            Self::Group => "AWS::IAM::Group",
            Self::Policy => "AWS::IAM::Policy",
        }
    }

    /// What kind of IAM resource an ARN names.
    pub fn of_arn(arn: &Arn) -> Option<Self> {
        if arn.service() != "iam" {
            return None;
        }
        match arn.resource().split_once('/') {
            Some(("user", _)) => Some(Self::User),
            Some(("role", _)) => Some(Self::Role),
            Some(("group", _)) => Some(Self::Group),
            Some(("policy", _)) => Some(Self::Policy),
            _ => None,
        }
    }

    /// The read that finds one of them by its name.
    pub fn found_by(self) -> Read {
        match self {
            Self::User => Read::GetUser,
            Self::Role => Read::GetRole,
            Self::Group => Read::GetGroup,
            Self::Policy => Read::GetPolicy,
        }
    }

    /// What people call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
            Self::Policy => "policy",
        }
    }
}
