//! The account file: an account written down as JSON, for the demo, for replays and for tests.

mod records;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::identifier::AccountId;

pub use records::{AccessKey, Group, InlinePolicy, LastUse, LoginProfile, Policy, Role, User};

/// An account at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountFile {
    /// The account's id.
    pub account: AccountId,
    /// The moment at which the simulation starts.
    pub now: Timestamp,
    /// Its users.
    #[serde(default)]
    pub users: Vec<User>,
    /// Its roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Its groups.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Its customer managed policies.
    #[serde(default)]
    pub policies: Vec<Policy>,
}

/// An account file that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the account file cannot be taken: `{path}`: {what}")]
pub struct AccountFileError {
    /// Where in the file, such as `users[3].accessKeys[0].status`.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

impl AccountFile {
    /// Reads an account file; the first thing wrong with it is named by its path.
    pub fn parse(text: &str) -> Result<Self, AccountFileError> {
        serde_json::from_str(text)
            .map_err(|error| AccountFileError { path: String::new(), what: error.to_string() })
    }
}
