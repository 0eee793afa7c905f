use super::{AccountId, Arn, IdentifierError, has_form_of_id, string_identifier};

/// What a resource is known by for its lifetime: the id IAM gives a principal or policy, such as `AIDA…` for a user.
///
/// A name can be used again after a deletion, a unique id never: it is what a plan is bound to. IAM gives none to an
/// account, which has its number, nor to identity providers and server certificates, which have their ARN.
/// Source: IAM user guide, "IAM identifiers".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueId(String);

impl UniqueId {
    /// Reads a unique id: 16 to 128 letters, digits and underscores; an account's number; an ARN.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if has_form_of_id(text) || AccountId::parse(text).is_ok() || Arn::parse(text).is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::new(text, "a unique id such as `AIDA…` or `AROA…`"))
        }
    }

    /// An account's.
    pub fn of_account(account: &AccountId) -> Self {
        Self(account.as_str().to_owned())
    }

    /// That of what IAM gives no id of its own.
    pub fn of_arn(arn: &Arn) -> Self {
        Self(arn.as_str().to_owned())
    }
}

string_identifier!(UniqueId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_account_numbers_and_arns_are_taken_and_nothing_else() {
        let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        for id in ["AIDAEXAMPLEEXAMPLE001", "111122223333", provider] {
            assert_eq!(UniqueId::parse(id).unwrap().as_str(), id);
        }
        for wrong in ["", "ada", "11112222333", "AIDA-EXAMPLE-EXAMPLE-001", "arn:aws:iam::111122223333"] {
            assert!(UniqueId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
