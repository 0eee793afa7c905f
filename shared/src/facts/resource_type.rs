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
    /// A TLS certificate that IAM keeps for load balancers.
    #[serde(rename = "AWS::IAM::ServerCertificate")]
    ServerCertificate,
    /// A SAML identity provider.
    #[serde(rename = "AWS::IAM::SAMLProvider")]
    SamlProvider,
    /// An OpenID Connect identity provider.
    #[serde(rename = "AWS::IAM::OIDCProvider")]
    OidcProvider,
    /// The account itself.
    #[serde(rename = "AWS::::Account")]
    Account,
}

impl ResourceType {
    /// AWS Config's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "AWS::IAM::User",
            Self::Role => "AWS::IAM::Role",
            Self::Group => "AWS::IAM::Group",
            Self::Policy => "AWS::IAM::Policy",
            Self::ServerCertificate => "AWS::IAM::ServerCertificate",
            Self::SamlProvider => "AWS::IAM::SAMLProvider",
            Self::OidcProvider => "AWS::IAM::OIDCProvider",
            Self::Account => "AWS::::Account",
        }
    }

    /// Whether `GetAccountAuthorizationDetails` tells of resources of this kind.
    pub fn is_detailed(self) -> bool {
        matches!(self, Self::User | Self::Role | Self::Group | Self::Policy)
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
            Some(("server-certificate", _)) => Some(Self::ServerCertificate),
            Some(("saml-provider", _)) => Some(Self::SamlProvider),
            Some(("oidc-provider", _)) => Some(Self::OidcProvider),
            // The account goes by its root user.
            None if arn.resource() == "root" => Some(Self::Account),
            _ => None,
        }
    }

    /// The read that finds one of them by its name. An account need not be found, and the others are only ever listed.
    pub fn found_by(self) -> Option<Read> {
        match self {
            Self::User => Some(Read::GetUser),
            Self::Role => Some(Read::GetRole),
            Self::Group => Some(Read::GetGroup),
            Self::Policy => Some(Read::GetPolicy),
            Self::ServerCertificate | Self::SamlProvider | Self::OidcProvider | Self::Account => None,
        }
    }

    /// What people call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
            Self::Policy => "policy",
            Self::ServerCertificate => "server certificate",
            Self::SamlProvider => "SAML provider",
            Self::OidcProvider => "OIDC provider",
            Self::Account => "account",
        }
    }
}
