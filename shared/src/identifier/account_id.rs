use super::{IdentifierError, string_identifier};

/// An AWS account: twelve digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl AccountId {
    /// Reads an account id; anything but twelve digits is refused.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::new(text, "an account id of twelve digits"))
        }
    }
}

string_identifier!(AccountId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_and_nothing_else() {
        assert!(AccountId::parse("012345678901").is_ok());
        for wrong in ["", "12345678901", "1234567890123", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢"] {
            assert!(AccountId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
