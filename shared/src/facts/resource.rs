use super::{Principal, Role, User};

/// Anything a rule can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// An IAM user.
    User(Box<User>),
    /// An IAM role.
    Role(Box<Role>),
}

impl Resource {
    /// AWS Config's name of its type.
    pub fn config_type(&self) -> &'static str {
        match self {
            Self::User(_) => "AWS::IAM::User",
            Self::Role(_) => "AWS::IAM::Role",
        }
    }

    /// Who it is.
    pub fn principal(&self) -> Principal {
        match self {
            Self::User(user) => Principal::User(user.identity.clone()),
            Self::Role(role) => Principal::Role(role.identity.clone()),
        }
    }
}

impl From<User> for Resource {
    fn from(user: User) -> Self {
        Self::User(Box::new(user))
    }
}

impl From<Role> for Resource {
    fn from(role: Role) -> Self {
        Self::Role(Box::new(role))
    }
}
