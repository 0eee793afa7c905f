use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Read, Span, Unread, WhyUnread};
use crate::identifier::AccessKeyId;

/// A long-term access key of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessKey {
    /// Its id; unknown where only the credential report was read, which names none.
    pub id: Fact<AccessKeyId>,
    /// Whether it can be used.
    pub status: KeyStatus,
    /// When it was created. The credential report's `last_rotated` is only an upper bound of this:
    /// switching a key off and on moves it.
    pub created: Span,
    /// Its last use; `Absent` is never used.
    pub last_used: Fact<LastUse>,
}

impl AccessKey {
    /// Whether requests signed with it are accepted.
    pub fn is_active(&self) -> bool {
        self.status == KeyStatus::Active
    }

    /// Its id, without which it cannot be told from another.
    pub fn known_id(&self) -> Result<&AccessKeyId, Unread> {
        match &self.id {
            Fact::Known(id) => Ok(id),
            Fact::Unknown(unread) => Err(unread.clone()),
            Fact::Absent => {
                Err(Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's id is not known"))
            }
        }
    }

    /// Its masked id, for people.
    pub fn label(&self) -> String {
        match &self.id {
            Fact::Known(id) => format!("key {id}"),
            Fact::Absent | Fact::Unknown(_) => "a key".to_owned(),
        }
    }
}

impl AccessKey {
    /// What a new key alone does not mend, for people: a password of Amazon SES's SMTP interface is made from a key's secret,
    /// its id is the user name there, and both end with the key.
    ///
    /// Source: Amazon SES Developer Guide, "Obtaining Amazon SES SMTP credentials".
    pub fn smtp_password(&self) -> Option<String> {
        let last_use = self.last_used.known().ok().flatten()?;
        (last_use.service == SES).then(|| {
            format!(
                "{} was last used with Amazon SES: whoever sends mail by SMTP with it needs a new SMTP user name and \
                 password, made from a new key",
                self.label()
            )
        })
    }
}

/// How IAM names Amazon SES where a key was last used.
const SES: &str = "ses";

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// Requests signed with it are accepted.
    Active,
    /// They are refused.
    Inactive,
}

impl fmt::Display for KeyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        })
    }
}

/// The last recorded use of a key. IAM updates it at most every 15 minutes (IAM user guide,
/// `GetAccessKeyLastUsed`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// The service called, such as `s3`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The Region called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
}
