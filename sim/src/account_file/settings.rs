use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::facts::{Analyzer, PasswordPolicy};
use shared::identifier::ServerCertificateName;

use super::records::{AccessKey, root_path};

/// The account itself: its root user and its settings. What the file does not say is as in an account that was made
/// today: a root user with a password and nothing else, no password policy, no analyzer, no contact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AccountSettings {
    /// The root user.
    pub root: RootUser,
    /// What passwords must be; AWS's own policy where there is none.
    pub password_policy: Option<PasswordPolicy>,
    /// Analyzers of IAM Access Analyzer.
    pub analyzers: Vec<Analyzer>,
    /// Whether there is an alternate contact for security.
    pub security_contact: bool,
}

/// The root user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RootUser {
    /// Whether it has a password; an organisation can take it away.
    pub password: bool,
    /// When the password was last used.
    pub password_last_used: Option<Timestamp>,
    /// Serial numbers of its MFA devices; an ARN with `:mfa/` in it is that of a virtual one, one with `:u2f/` that of a
    /// security key.
    pub mfa_devices: Vec<String>,
    /// Its access keys.
    pub access_keys: Vec<AccessKey>,
}

impl Default for RootUser {
    fn default() -> Self {
        Self { password: true, password_last_used: None, mfa_devices: Vec::new(), access_keys: Vec::new() }
    }
}

/// A server certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerCertificate {
    /// Its name.
    pub name: ServerCertificateName,
    /// Its path.
    #[serde(default = "root_path")]
    pub path: String,
    /// The last moment at which it is valid.
    pub expires: Timestamp,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityProvider {
    /// Its name; of an OIDC provider its URL without the scheme.
    pub name: String,
    /// What it speaks.
    #[serde(rename = "type")]
    pub protocol: Protocol,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What an identity provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// SAML 2.0.
    Saml,
    /// OpenID Connect.
    Oidc,
}
