use super::{IdentifierError, has_form_of_id, string_identifier};

/// The unique id IAM gives a principal or policy for its lifetime, such as `AIDA…` for a user.
///
/// A name can be used again after a deletion, a unique id never: it is what a plan is bound to.
/// Source: IAM user guide, "IAM identifiers".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueId(String);

impl UniqueId {
    /// Reads a unique id: 16 to 128 letters, digits and underscores.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if has_form_of_id(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::new(text, "a unique id such as `AIDA…` or `AROA…`"))
        }
    }
}

string_identifier!(UniqueId);
