use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, LastUse, MfaDevice, PasswordPolicy, PolicyUsage, Read};
use crate::identifier::{AccountId, Arn, IdentifierError, UniqueId};

/// Which account it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountIdentity {
    /// Its number.
    pub account: AccountId,
    /// The number again, which is AWS Config's id of it.
    pub unique_id: UniqueId,
    /// The ARN of its root user, by which policies name the account too.
    pub arn: Arn,
}

impl AccountIdentity {
    /// The account in a partition such as `aws`.
    pub fn new(account: &AccountId, partition: &str) -> Result<Self, IdentifierError> {
        Ok(Self {
            account: account.clone(),
            unique_id: UniqueId::of_account(account),
            arn: Arn::parse(&format!("arn:{partition}:iam::{account}:root"))?,
        })
    }
}

/// The account itself, as far as it was read: its root user, its settings, and what it holds in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which one it is.
    pub identity: AccountIdentity,
    /// Its numbers.
    pub summary: Fact<AccountSummary>,
    /// What the root user signs in and requests with, from the credential report.
    pub root: Fact<RootUser>,
    /// The virtual MFA devices of the root user.
    pub root_virtual_mfa_devices: Fact<Vec<MfaDevice>>,
    /// What passwords of users must be; `Absent` is AWS's own policy, which nobody has set.
    pub password_policy: Fact<PasswordPolicy>,
    /// Active access keys of users, from the credential report.
    pub active_keys: Fact<KeyCount>,
    /// Who holds which managed policy.
    pub policy_usage: Fact<PolicyUsage>,
    /// The analyzers of IAM Access Analyzer in this Region.
    pub analyzers: Fact<Vec<Analyzer>>,
    /// That there is an alternate contact for security. Who it is stays out of here.
    pub security_contact: Fact<()>,
}

impl Account {
    /// An account of which nothing but the identity is known.
    pub fn unread(identity: AccountIdentity) -> Self {
        Self {
            identity,
            summary: Fact::not_read(Read::GetAccountSummary),
            root: Fact::not_read(Read::GetCredentialReport),
            root_virtual_mfa_devices: Fact::not_read(Read::ListVirtualMfaDevices),
            password_policy: Fact::not_read(Read::GetAccountPasswordPolicy),
            active_keys: Fact::not_read(Read::GetCredentialReport),
            policy_usage: Fact::not_read(Read::GetAccountAuthorizationDetails),
            analyzers: Fact::not_read(Read::ListAnalyzers),
            security_contact: Fact::not_read(Read::GetAlternateContact),
        }
    }
}

/// IAM's numbers of an account, as far as rules need them (IAM API, `GetAccountSummary`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSummary {
    /// Whether the root user has an access key, used or not.
    pub root_has_access_key: bool,
    /// Whether the root user has an MFA device.
    pub root_has_mfa: bool,
    /// Whether the root user has a password. An organisation can take it from its members; IAM has told since 2024,
    /// and where it does not tell there may be one.
    pub root_has_password: Option<bool>,
    /// How many users there are.
    pub users: u64,
}

impl AccountSummary {
    /// Whether nobody can be the root user: it has neither a password nor an access key.
    pub fn root_cannot_sign_in(self) -> bool {
        self.root_has_password == Some(false) && !self.root_has_access_key
    }
}

/// The root user, as the credential report tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootUser {
    /// When its password was last used; `Absent` is never.
    pub password_last_used: Fact<Timestamp>,
    /// The last use of each of its access keys.
    pub keys_last_used: Vec<Fact<LastUse>>,
}

/// How many access keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCount {
    /// Those that were counted.
    pub counted: u64,
    /// Whether there are more that the report does not show.
    pub more: bool,
}

/// An analyzer of IAM Access Analyzer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Analyzer {
    /// Its name.
    pub name: String,
    /// What it looks at, such as `ACCOUNT` or `ORGANIZATION`, in AWS's word.
    #[serde(rename = "type")]
    pub kind: String,
    /// Such as `ACTIVE`, in AWS's word.
    pub status: String,
}
