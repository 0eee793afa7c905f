use serde::{Deserialize, Serialize};

use crate::facts::ResourceIdentity;
use crate::identifier::Arn;

/// Roles of IAM Identity Center begin so, and Identity Center alone gives out their session names: the user's own
/// (Identity Center user guide, "Referencing permission sets").
const IDENTITY_CENTER: &str = "AWSReservedSSO_";

/// Somebody who approves or refuses a plan, as AWS names whoever signed the request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approver {
    /// The ARN that AWS gives the caller.
    pub arn: Arn,
    /// The unique id that AWS gives a user, whom a new name makes nobody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// What tells people apart. Whoever may assume a role may call the session whatever they like, so all sessions of
    /// one role count as one person; but those of Identity Center's roles, whose names it gives out itself.
    pub person: String,
}

/// A caller that nobody answers for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no user and no role's session; sign in as one to approve a plan")]
pub struct NobodyError(String);

impl Approver {
    /// The person behind a caller's ARN.
    pub fn of(caller: &str) -> Result<Self, NobodyError> {
        let nobody = || NobodyError(caller.to_owned());
        let arn = Arn::parse(caller).map_err(|_| nobody())?;
        let person = match (arn.service(), arn.resource().split('/').collect::<Vec<_>>().as_slice()) {
            ("iam", ["user", .., name]) if !name.is_empty() => format!("user {}", arn.as_str()),
            ("sts", ["assumed-role", role, session]) if !role.is_empty() && !session.is_empty() => {
                if role.starts_with(IDENTITY_CENTER) {
                    format!("{session} of Identity Center")
                } else {
                    format!(
                        "role {role} of {}",
                        arn.account().map(|account| account.to_string()).unwrap_or_default()
                    )
                }
            }
            _ => return Err(nobody()),
        };
        Ok(Self { arn, unique_id: None, person })
    }

    /// The same, with the id that AWS gives the caller beside the ARN.
    #[must_use]
    pub fn with_id(self, id: &str) -> Self {
        if self.arn.service() != "iam" || id.is_empty() {
            return self;
        }
        Self { person: format!("user {id}"), unique_id: Some(id.to_owned()), ..self }
    }

    /// Whether a text names this person: by an ARN of theirs, or as their user or session is called. Whoever gives an
    /// order types who they are, so this keeps honest people apart and nobody else.
    pub fn is_named(&self, text: &str) -> bool {
        let text = text.trim();
        let own = self.arn.resource().rsplit('/').next().unwrap_or_default();
        text.eq_ignore_ascii_case(own)
            || text.eq_ignore_ascii_case(self.arn.as_str())
            || Self::of(text).is_ok_and(|named| named.arn == self.arn || named.person == self.person)
    }

    /// Whether it is this very principal, or one of its sessions.
    pub fn is(&self, principal: &ResourceIdentity) -> bool {
        match principal {
            ResourceIdentity::User(user) => {
                user.arn == self.arn || self.unique_id.as_deref() == Some(user.unique_id.as_str())
            }
            ResourceIdentity::Role(role) => {
                self.arn.account().as_ref() == Some(&role.account)
                    && self
                        .arn
                        .resource()
                        .strip_prefix("assumed-role/")
                        .and_then(|rest| rest.split('/').next())
                        .is_some_and(|name| name == role.name.as_str())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(arn: &str) -> Option<String> {
        Approver::of(arn).ok().map(|approver| approver.person)
    }

    #[test]
    fn one_role_is_one_person_whatever_its_sessions_are_called() {
        let of = |session: &str| person(&format!("arn:aws:sts::111122223333:assumed-role/Admin/{session}"));
        assert!(of("ada").is_some());
        assert_eq!(of("ada"), of("grace"));
        assert_ne!(of("ada"), person("arn:aws:sts::444455556666:assumed-role/Admin/ada"));
    }

    #[test]
    fn a_user_of_identity_center_is_one_person_in_every_role() {
        let of = |role: &str, session: &str| {
            person(&format!("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_{role}/{session}"))
        };
        assert_eq!(of("Admin_1", "ada@example.com"), of("Audit_2", "ada@example.com"));
        assert_ne!(of("Admin_1", "ada@example.com"), of("Admin_1", "grace@example.com"));
    }

    #[test]
    fn users_are_told_apart_by_their_whole_arn() {
        let of = |path: &str| person(&format!("arn:aws:iam::111122223333:user{path}ada"));
        assert!(of("/").is_some());
        assert_ne!(of("/"), of("/security/"));
    }

    #[test]
    fn a_user_is_the_same_person_under_another_name() {
        let of = |name: &str| {
            let arn = format!("arn:aws:iam::111122223333:user/{name}");
            Approver::of(&arn).unwrap().with_id("AIDAEXAMPLEEXAMPLE001")
        };
        assert_eq!(of("ada").person, of("security/ada2").person);
        let alice = crate::facts::fixture::alice().identity;
        assert!(of("security/not-alice").is(&ResourceIdentity::User(alice)));
    }

    #[test]
    fn a_person_is_known_by_their_arn_and_by_the_name_they_go_by() {
        let ada = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_1/ada@example.com";
        let approver = Approver::of(ada).unwrap();
        for named in [ada, "ada@example.com", " Ada@Example.com ", &ada.replace("Admin_1", "Audit_2")] {
            assert!(approver.is_named(named), "{named}");
        }
        for other in ["", "grace@example.com", "ada", &ada.replace("ada@", "grace@")] {
            assert!(!approver.is_named(other), "{other}");
        }
        // All sessions of one role are one person.
        let session = |name: &str| format!("arn:aws:sts::111122223333:assumed-role/responder/{name}");
        assert!(Approver::of(&session("ada")).unwrap().is_named(&session("grace")));
        let user =
            Approver::of("arn:aws:iam::111122223333:user/security/ada").unwrap().with_id("AIDAEXAMPLE");
        assert!(user.is_named("ada") && user.is_named("arn:aws:iam::111122223333:user/security/ada"));
    }

    #[test]
    fn nobody_answers_for_root_services_and_nonsense() {
        for nobody in [
            "",
            "ada",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:role/Admin",
            "arn:aws:sts::111122223333:federated-user/ada",
            "arn:aws:sts::111122223333:assumed-role/Admin",
            "arn:aws:sts::111122223333:assumed-role/Admin/",
            "arn:aws:sts::111122223333:assumed-role/Admin/a/b",
        ] {
            assert_eq!(person(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn an_id_tells_a_user_apart_and_no_session_of_a_role() {
        let session = Approver::of("arn:aws:sts::111122223333:assumed-role/responder/ada").unwrap();
        // AWS gives a session the role's id and the session's name, which whoever assumes the role chooses.
        assert_eq!(session.clone().with_id("AROAEXAMPLEEXAMPLE001:ada"), session);
        let user = Approver::of("arn:aws:iam::111122223333:user/ada").unwrap();
        assert_eq!(user.clone().with_id(""), user);
    }

    #[test]
    fn a_session_is_the_role_of_its_account_and_name_and_no_other() {
        let deployer = ResourceIdentity::Role(crate::facts::fixture::deployer().identity);
        let is = |caller: &str| Approver::of(caller).unwrap().is(&deployer);
        assert!(is("arn:aws:sts::111122223333:assumed-role/deployer/ada"));
        assert!(!is("arn:aws:sts::444455556666:assumed-role/deployer/ada"));
        assert!(!is("arn:aws:sts::111122223333:assumed-role/admin/deployer"));
        assert!(!is("arn:aws:iam::111122223333:user/deployer"));
    }
}
