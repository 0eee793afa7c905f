use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identifier::{AccountId, Arn, RoleName, UniqueId, UserName};

/// Who a user is: its name can come back after a deletion, its unique id never does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserIdentity {
    /// The account it lives in.
    pub account: AccountId,
    /// Its name.
    pub name: UserName,
    /// Its id for life.
    pub unique_id: UniqueId,
    /// Its ARN, with its path.
    pub arn: Arn,
}

/// Who a role is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleIdentity {
    /// The account it lives in.
    pub account: AccountId,
    /// Its name.
    pub name: RoleName,
    /// Its id for life.
    pub unique_id: UniqueId,
    /// Its ARN, with its path.
    pub arn: Arn,
}

/// A user or a role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Principal {
    /// An IAM user.
    User(UserIdentity),
    /// An IAM role.
    Role(RoleIdentity),
}

impl Principal {
    /// The account it lives in.
    pub fn account(&self) -> &AccountId {
        match self {
            Self::User(user) => &user.account,
            Self::Role(role) => &role.account,
        }
    }

    /// Its id for life.
    pub fn unique_id(&self) -> &UniqueId {
        match self {
            Self::User(user) => &user.unique_id,
            Self::Role(role) => &role.unique_id,
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> &Arn {
        match self {
            Self::User(user) => &user.arn,
            Self::Role(role) => &role.arn,
        }
    }

    /// Its name without the path.
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => user.name.as_str(),
            Self::Role(role) => role.name.as_str(),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "user {}", user.name),
            Self::Role(role) => write!(f, "role {}", role.name),
        }
    }
}

impl From<UserIdentity> for Principal {
    fn from(user: UserIdentity) -> Self {
        Self::User(user)
    }
}

impl From<RoleIdentity> for Principal {
    fn from(role: RoleIdentity) -> Self {
        Self::Role(role)
    }
}
