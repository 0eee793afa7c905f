use super::{IdentifierError, string_identifier};

/// The unique id IAM gives a principal or policy for its lifetime, such as `AIDA…` for a user.
///
/// A name can be used again after a deletion, a unique id never: it is what a plan is bound to.
/// Source: IAM user guide, "IAM identifiers".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueId(String);

impl UniqueId {
    /// Reads a unique id: 16 to 128 letters, digits and underscores (IAM API, `existingUserId` pattern).
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let well_formed =
            (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::new(text, "a unique id such as `AIDA…` or `AROA…`"))
        }
    }
}

string_identifier!(UniqueId);
