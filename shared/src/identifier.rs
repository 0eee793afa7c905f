//! The names AWS gives to things, each a type of its own, so that a user name is never passed for a key id.

mod access_key_id;
mod account_id;
mod arn;
mod credential_id;
mod email_address;
mod name;
mod organization_id;
mod policy_version_id;
mod unique_id;

pub use access_key_id::AccessKeyId;
pub use account_id::AccountId;
pub(crate) use arn::PARTITIONS;
pub use arn::{Arn, Partition};
pub use credential_id::CredentialId;
pub use email_address::{EmailAddress, MailDomain};
pub use name::{GroupName, PolicyName, RoleName, ServerCertificateName, UserName};
pub use organization_id::OrganizationId;
pub use policy_version_id::PolicyVersionId;
pub use unique_id::UniqueId;

/// A text that is not the identifier it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct IdentifierError {
    /// What was read, cut to 64 characters.
    text: String,
    /// What it should have been, with its article.
    expected: &'static str,
}

impl IdentifierError {
    pub(crate) fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.chars().take(64).collect(), expected }
    }
}

/// Whether it is of 16 to 128 letters, digits and underscores, as IAM's ids are (IAM API, `accessKeyIdType` and
/// `existingUserId`).
fn has_form_of_id(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Gives a validated string newtype its conversions: parse, print, serde as a plain string.
macro_rules! string_identifier {
    ($type:ident) => {
        impl $type {
            /// The identifier as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self.0)
            }
        }

        $crate::identifier::serde_as_string!($type);
    };
}
use string_identifier;

/// Serde through `TryFrom<String>`, so that nothing unvalidated comes in from outside.
macro_rules! serde_as_string {
    ($type:ident) => {
        impl std::str::FromStr for $type {
            type Err = $crate::identifier::IdentifierError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = $crate::identifier::IdentifierError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_string;
