//! Whose user it is. More than one person is an answer too: nobody can say, so nobody acts.

use std::collections::{BTreeMap, BTreeSet};

use super::{EmployeeId, Statement};
use crate::facts::{Unread, User};
use crate::identifier::{Arn, EmailAddress};

/// A way to tell whose user it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matcher {
    /// A tag of this key holds the employee's id, to the letter.
    Tag(String),
    /// A tag of this key holds the work address, in any case.
    Email(String),
    /// The governance file names the user's person.
    Table(BTreeMap<Arn, EmployeeId>),
}

/// The people that a directory spoke of.
#[derive(Debug, Default)]
pub struct People<'a> {
    statements: BTreeMap<&'a EmployeeId, &'a Statement>,
    by_email: BTreeMap<&'a EmailAddress, BTreeSet<&'a EmployeeId>>,
}

impl<'a> People<'a> {
    /// Those of the statements, of which there is one a person.
    pub fn of(statements: impl IntoIterator<Item = &'a Statement>) -> Self {
        let mut people = Self::default();
        for statement in statements {
            people.statements.insert(&statement.employee, statement);
            if let Some(email) = &statement.email {
                people.by_email.entry(email).or_default().insert(&statement.employee);
            }
        }
        people
    }

    /// What was said of a person.
    pub fn statement(&self, employee: &EmployeeId) -> Option<&'a Statement> {
        self.statements.get(employee).copied()
    }
}

/// Whose user it may be, and by which of its tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// One person, none, or several of whom nobody knows which.
    pub employees: BTreeSet<EmployeeId>,
    /// The tags that said so, as they read then.
    pub tags: BTreeMap<String, String>,
}

/// Whose user it is by every matcher. A tag and the table name a person whether the directory spoke of them or not, so
/// that a user of one person is not taken for another's by an address alone.
pub fn claim<'u>(user: &'u User, matchers: &[Matcher], people: &People<'_>) -> Result<Claim, &'u Unread> {
    let tags = user.tags.known()?;
    let tag = |key: &String| tags.and_then(|tags| tags.get(key));
    let mut claim = Claim::default();
    for matcher in matchers {
        match matcher {
            Matcher::Tag(key) => {
                if let Some(value) = tag(key)
                    && let Ok(employee) = EmployeeId::parse(value)
                {
                    claim.employees.insert(employee);
                    claim.tags.insert(key.clone(), value.clone());
                }
            }
            Matcher::Email(key) => {
                let address = tag(key).map(|value| EmailAddress::parse(&value.trim().to_ascii_lowercase()));
                if let Some(Ok(address)) = address
                    && let Some(employees) = people.by_email.get(&address)
                {
                    claim.employees.extend(employees.iter().map(|employee| (*employee).clone()));
                    claim.tags.extend(tag(key).map(|value| (key.clone(), value.clone())));
                }
            }
            Matcher::Table(table) => claim.employees.extend(table.get(&user.identity.arn).cloned()),
        }
    }
    Ok(claim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Status;
    use crate::facts::Fact;
    use crate::facts::fixture::{alice, now, throttled};

    fn id(text: &str) -> EmployeeId {
        EmployeeId::parse(text).unwrap()
    }

    fn said(employee: &str, email: &str) -> Statement {
        let (employee, status) = (id(employee), Status::Leaver);
        Statement { employee, status, effective_at: now(), email: None, unusable_email: false }
            .with_email(Some(email))
    }

    fn tagged(tags: &[(&str, &str)]) -> User {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        User { tags: Fact::Known(tags.collect()), ..alice() }
    }

    fn employees(user: &User, statements: &[Statement]) -> Vec<String> {
        let table =
            BTreeMap::from([(crate::facts::fixture::arn("arn:aws:iam::111122223333:user/bob"), id("E9"))]);
        let matchers = [
            Matcher::Tag("employee_id".to_owned()),
            Matcher::Email("email".to_owned()),
            Matcher::Table(table),
        ];
        let claim = claim(user, &matchers, &People::of(statements)).unwrap();
        claim.employees.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_tag_matches_to_the_letter() {
        let people = [said("E1", "")];
        assert_eq!(employees(&tagged(&[("employee_id", "E1")]), &people), ["E1"]);
        // Another person, or nobody: never E1.
        assert_eq!(employees(&tagged(&[("employee_id", "e1")]), &people), ["e1"]);
        assert_eq!(employees(&tagged(&[("employee_id", "E1 ")]), &people), [""; 0]);
        assert_eq!(employees(&tagged(&[("Employee_Id", "E1")]), &people), [""; 0]);
    }

    #[test]
    fn an_address_matches_in_any_case_and_one_that_only_looks_alike_never() {
        let people = [said("E1", "Kim@Example.com")];
        assert_eq!(employees(&tagged(&[("email", "kIM@example.COM ")]), &people), ["E1"]);
        // The Kelvin sign is a `K` to Unicode's lower case, and a Cyrillic letter to the eye.
        for alike in ["\u{212a}im@example.com", "к\u{456}m@example.com", "kim@ex\u{430}mple.com"] {
            assert_eq!(employees(&tagged(&[("email", alike)]), &people), [""; 0], "{alike}");
            assert!(said("E1", alike).unusable_email);
        }
    }

    #[test]
    fn who_matches_two_people_is_nobodys() {
        let people = [said("E1", "one@example.com"), said("E2", "two@example.com")];
        let user = tagged(&[("employee_id", "E1"), ("email", "two@example.com")]);
        assert_eq!(employees(&user, &people), ["E1", "E2"]);
        let shared = [said("E1", "desk@example.com"), said("E2", "desk@example.com")];
        assert_eq!(employees(&tagged(&[("email", "desk@example.com")]), &shared), ["E1", "E2"]);
        // A tag that names somebody of whom nothing was said still speaks against the address.
        let user = tagged(&[("employee_id", "E7"), ("email", "one@example.com")]);
        assert_eq!(employees(&user, &people), ["E1", "E7"]);
    }

    #[test]
    fn the_table_names_a_user_by_its_arn() {
        let mut bob = tagged(&[]);
        bob.identity.arn = crate::facts::fixture::arn("arn:aws:iam::111122223333:user/bob");
        assert_eq!(employees(&bob, &[]), ["E9"]);
        assert_eq!(employees(&tagged(&[]), &[]), [""; 0]);
    }

    #[test]
    fn of_whose_tags_nothing_is_known_nothing_is_said() {
        let unread = throttled(crate::facts::Read::GetAccountAuthorizationDetails);
        let user = User { tags: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(claim(&user, &[Matcher::Tag("employee_id".to_owned())], &People::default()), Err(&unread));
    }
}
