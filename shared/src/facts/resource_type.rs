use serde::Serialize;

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
}
