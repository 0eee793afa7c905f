use std::collections::BTreeMap;

use super::{Fact, Principal, Role, User};
use crate::identifier::Arn;

/// An IAM entity, as AWS calls what can act: a user or a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entity {
    /// An IAM user.
    User(Box<User>),
    /// An IAM role.
    Role(Box<Role>),
}

impl Entity {
    /// Who it is.
    pub fn principal(&self) -> Principal {
        match self {
            Self::User(user) => Principal::User(user.identity.clone()),
            Self::Role(role) => Principal::Role(role.identity.clone()),
        }
    }
}

impl Entity {
    /// Its tags.
    pub fn tags(&self) -> &Fact<BTreeMap<String, String>> {
        match self {
            Self::User(user) => &user.tags,
            Self::Role(role) => &role.tags,
        }
    }

    /// Its permissions boundary.
    pub fn boundary(&self) -> &Fact<Arn> {
        match self {
            Self::User(user) => &user.boundary,
            Self::Role(role) => &role.boundary,
        }
    }

    /// Whether it is a role that nobody but AWS can change; see [`Role::is_made_by_aws`].
    pub fn is_made_by_aws(&self) -> bool {
        match self {
            Self::User(_) => false,
            Self::Role(role) => role.is_made_by_aws(),
        }
    }
}

impl From<User> for Entity {
    fn from(user: User) -> Self {
        Self::User(Box::new(user))
    }
}

impl From<Role> for Entity {
    fn from(role: Role) -> Self {
        Self::Role(Box::new(role))
    }
}
