use super::{IdentifierError, string_identifier};

/// An organisation of AWS Organizations, such as `o-a1b2c3d4e5`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationId(String);

impl OrganizationId {
    /// Reads an organisation id: `o-` and lower-case letters and digits.
    ///
    /// AWS gives out ten to thirty-two of them, but the examples in its own guides are shorter.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let legal = |rest: &str| {
            (1..=32).contains(&rest.len())
                && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        match text.strip_prefix("o-") {
            Some(rest) if legal(rest) => Ok(Self(text.to_owned())),
            _ => Err(IdentifierError::new(text, "an organisation id such as `o-a1b2c3d4e5`")),
        }
    }
}

string_identifier!(OrganizationId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_then_lower_case_letters_and_digits() {
        assert!(OrganizationId::parse("o-a1b2c3d4e5").is_ok());
        for wrong in ["", "o-", "o-A1B2C3D4E5", "o-*", "r-a1b2", "o-a1b2c3d4e5/r-ab12", "a1b2c3d4e5"] {
            assert!(OrganizationId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
