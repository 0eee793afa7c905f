use std::fmt;

use super::{IdentifierError, has_form_of_id, serde_as_string};

/// An access key id such as `AKIA…`.
///
/// Printing shows the last four characters only, so that a full id cannot slip into a log;
/// [`AccessKeyId::as_str`] and serialisation, which the API and the journal need, give all of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessKeyId(String);

impl AccessKeyId {
    /// Reads an access key id: 16 to 128 letters, digits and underscores.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if has_form_of_id(text) {
            Ok(Self(text.to_owned()))
        } else {
            // The text itself may be a secret pasted in the wrong place: never echo it.
            Err(IdentifierError::new("…", "an access key id such as `AKIA…`"))
        }
    }

    /// The whole id, for the IAM API.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last four characters, for people.
    pub fn last_four(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.last_four())
    }
}

impl fmt::Debug for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessKeyId(…{})", self.last_four())
    }
}

serde_as_string!(AccessKeyId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_masks_all_but_the_last_four() {
        let key = AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
        assert_eq!(key.to_string(), "…MPLE");
        assert_eq!(format!("{key:?}"), "AccessKeyId(…MPLE)");
        assert_eq!(serde_json::to_string(&key).unwrap(), "\"AKIAIOSFODNN7EXAMPLE\"");
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_echoed() {
        let error = AccessKeyId::parse("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap_err();
        assert!(!error.to_string().contains("wJalr"));
    }
}
