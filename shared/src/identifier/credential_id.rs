use std::fmt;

use super::{IdentifierError, has_form_of_id, serde_as_string};

/// The id of a credential other than an access key: `APKA…` of an SSH public key, `ACCA…` of a service-specific
/// credential, letters and digits of a signing certificate.
///
/// Printing shows the last four characters only, as with an access key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId(String);

impl CredentialId {
    /// Reads such an id: 16 to 128 letters, digits and underscores; IAM's are of at least 20 (IAM API,
    /// `publicKeyIdType`, `serviceSpecificCredentialId`, `certificateIdType`).
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if has_form_of_id(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::new("…", "a credential's id such as `ACCA…`"))
        }
    }

    /// The whole id, for the IAM API.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn last_four(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.last_four())
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialId(…{})", self.last_four())
    }
}

serde_as_string!(CredentialId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_masks_all_but_the_last_four() {
        let id = CredentialId::parse("ACCAEXAMPLEEXAMPLE123").unwrap();
        assert_eq!(id.to_string(), "…E123");
        assert_eq!(format!("{id:?}"), "CredentialId(…E123)");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"ACCAEXAMPLEEXAMPLE123\"");
    }

    #[test]
    fn what_is_no_id_is_not_echoed() {
        let error = CredentialId::parse("a password, perhaps").unwrap_err();
        assert!(!error.to_string().contains("password"));
    }
}
