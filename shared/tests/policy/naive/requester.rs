//! Who asks.

use serde_json::Value;

use super::{Refused, refuse};

/// The principal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Requester {
    User {
        arn: String,
        account: String,
        name: String,
    },
    Role {
        arn: String,
        account: String,
    },
    Session {
        arn: String,
        account: String,
        role_name: String,
    },
    FederatedUser {
        arn: String,
        account: String,
    },
    Root {
        arn: String,
        account: String,
    },
    Service(String),
    /// A SAML or OIDC provider, or one of the four providers known by name.
    Provider(String),
    Anonymous,
}

const PROVIDERS_BY_NAME: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com"];

impl Requester {
    pub(super) fn read(principal: &Value) -> Result<Self, Refused> {
        match principal {
            Value::String(text) if text.starts_with("arn:") => Self::read_arn(text),
            Value::String(text) if PROVIDERS_BY_NAME.contains(&text.as_str()) => {
                Ok(Self::Provider(text.clone()))
            }
            Value::String(text)
                if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") =>
            {
                Ok(Self::Service(text.clone()))
            }
            Value::Object(object) if object.get("type").and_then(Value::as_str) == Some("Anonymous") => {
                Ok(Self::Anonymous)
            }
            other => refuse(format!("principal: {other} is no principal")),
        }
    }

    fn read_arn(text: &str) -> Result<Self, Refused> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let &["arn", _, service, "", account, name] = parts.as_slice() else {
            return refuse(format!("principal: `{text}` is no principal's ARN"));
        };
        if !is_account(account) {
            return refuse(format!("principal: `{account}` is no account"));
        }
        let (arn, account) = (text.to_owned(), account.to_owned());
        let segments: Vec<&str> = name.split('/').collect();
        match (service, segments.as_slice()) {
            ("iam", ["root"]) => Ok(Self::Root { arn, account }),
            ("iam", ["user", .., user]) => Ok(Self::User { arn, account, name: (*user).to_owned() }),
            ("iam", ["role", .., _]) => Ok(Self::Role { arn, account }),
            ("iam", ["saml-provider" | "oidc-provider", _, ..]) => Ok(Self::Provider(arn)),
            ("sts", ["assumed-role", role, _]) => {
                Ok(Self::Session { arn, account, role_name: (*role).to_owned() })
            }
            ("sts", ["federated-user", _]) => Ok(Self::FederatedUser { arn, account }),
            _ => refuse(format!("principal: `{text}` is no principal's ARN")),
        }
    }

    /// The account whose policies speak for the requester. A federated provider is not of an account: its request is
    /// not signed with any account's credentials.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::Session { account, .. }
            | Self::FederatedUser { account, .. }
            | Self::Root { account, .. } => Some(account),
            Self::Service(_) | Self::Provider(_) | Self::Anonymous => None,
        }
    }

    /// What `aws:PrincipalArn` says: for a session, its role.
    pub(super) fn principal_arn(&self) -> Option<String> {
        match self {
            Self::User { arn, .. }
            | Self::Role { arn, .. }
            | Self::FederatedUser { arn, .. }
            | Self::Root { arn, .. } => Some(arn.clone()),
            Self::Session { arn, account, role_name } => {
                let partition = arn.split(':').nth(1).unwrap_or("aws");
                Some(format!("arn:{partition}:iam::{account}:role/{role_name}"))
            }
            Self::Service(_) | Self::Provider(_) | Self::Anonymous => None,
        }
    }

    /// What `aws:PrincipalType` says.
    pub(super) fn principal_type(&self) -> Option<&'static str> {
        match self {
            Self::User { .. } => Some("User"),
            Self::Role { .. } | Self::Session { .. } => Some("AssumedRole"),
            Self::Root { .. } => Some("Account"),
            Self::FederatedUser { .. } => Some("FederatedUser"),
            Self::Anonymous => Some("Anonymous"),
            Self::Service(_) | Self::Provider(_) => None,
        }
    }

    /// A role tells by its path; a session, which does not say the path, by the beginning of the role's name.
    pub(super) fn is_service_linked_role(&self) -> bool {
        match self {
            Self::Role { arn, .. } => arn.contains(":role/aws-service-role/"),
            Self::Session { role_name, .. } => role_name.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }

    /// Whose resource it is that has no account of its own: the requester's, or the provider's.
    pub(super) fn home(&self) -> Option<&str> {
        match self {
            Self::Provider(arn) => arn.split(':').nth(4),
            other => other.account(),
        }
    }
}

/// Twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|char| char.is_ascii_digit())
}
