use crate::governance::is_hidden;
use crate::identifier::{IdentifierError, serde_as_string};

/// What a directory knows a person by, such as `E1042`. Compared as it is written: two that differ in a letter's case
/// are two people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmployeeId(String);

/// As long as the value of a tag may be (IAM API, `Tag`), for that is where it is looked for.
const LONGEST: usize = 256;

impl EmployeeId {
    /// Reads an id: some text without blanks around it and without anything that is not seen.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let is_plain = |c: char| !is_hidden(c) && (c == ' ' || !c.is_whitespace());
        if !text.is_empty()
            && text.chars().count() <= LONGEST
            && text.trim() == text
            && text.chars().all(is_plain)
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentifierError::new(text, "an employee's id such as `E1042`, without blanks around it"))
        }
    }

    /// The id as the directory writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EmployeeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_string!(EmployeeId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_what_can_be_seen_and_nothing_around_it() {
        for id in ["1", "E1042", "e-10/42.b", "Ä 7", &"9".repeat(256)] {
            assert_eq!(EmployeeId::parse(id).unwrap().as_str(), id);
        }
        for wrong in ["", " ", "E1 ", "\tE1", "E\n1", "E\u{200b}1", "E\u{a0}1", &"9".repeat(257)] {
            assert!(EmployeeId::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
