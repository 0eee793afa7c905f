use super::{IdentifierError, string_identifier};

/// Which version of a managed policy it is, such as `v3`. IAM never gives a policy the same one twice.
/// Source: IAM API reference, `policyVersionIdType`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyVersionId(String);

impl PolicyVersionId {
    /// Reads a `v` with a number.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let number = text.strip_prefix('v').unwrap_or_default();
        let is_number = (1..=18).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && !number.starts_with('0') {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::new(text, "a version of a policy such as `v3`"))
        }
    }

    /// Its number: a later version has a greater one.
    pub fn number(&self) -> u64 {
        self.0.trim_start_matches('v').parse().unwrap_or_default()
    }
}

string_identifier!(PolicyVersionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_v_with_a_number() {
        for right in ["v1", "v10", "v123456789"] {
            assert_eq!(PolicyVersionId::parse(right).unwrap().as_str(), right);
        }
        assert!(
            PolicyVersionId::parse("v10").unwrap().number() > PolicyVersionId::parse("v9").unwrap().number()
        );
        for wrong in ["", "v", "1", "V1", "v01", "v0", "v1a", "v1 ", "vv1", "v-1"] {
            assert!(PolicyVersionId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
