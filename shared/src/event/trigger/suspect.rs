//! Whom an event speaks of, from the fragments that its source gives.

use super::Suspect;
use crate::identifier::{AccessKeyId, AccountId, Arn, RoleName, UniqueId, UserName};

impl Suspect {
    /// A user by as much as is told; nobody where it is too little.
    pub(super) fn of_user(name: Option<&str>, principal_id: Option<&str>) -> Option<Self> {
        let unique_id = unique_id(principal_id, "AIDA");
        match name.and_then(|name| UserName::parse(name).ok()) {
            Some(name) => Some(Self::User { name, unique_id }),
            None => unique_id.map(Self::UniqueId),
        }
    }

    /// A role by as much as is told.
    pub(super) fn of_role(name: Option<&str>, principal_id: Option<&str>) -> Option<Self> {
        let unique_id = unique_id(principal_id, "AROA");
        match name.and_then(|name| RoleName::parse(name).ok()) {
            Some(name) => Some(Self::Role { name, unique_id }),
            None => unique_id.map(Self::UniqueId),
        }
    }

    /// Its unique id, where the event has it.
    pub(crate) fn unique_id(&self) -> Option<&UniqueId> {
        match self {
            Self::User { unique_id, .. } | Self::Role { unique_id, .. } => unique_id.as_ref(),
            Self::UniqueId(id) => Some(id),
            Self::HolderOf(_) | Self::Arn(_) => None,
        }
    }

    /// The account, which goes by the ARN of its root user.
    pub(super) fn of_account(partition: &str, account: &AccountId) -> Option<Self> {
        Arn::parse(&format!("arn:{partition}:iam::{account}:root")).ok().map(Self::Arn)
    }
}

/// The part of a principal id before the session's name, if it is of that kind.
pub(super) fn unique_id(principal_id: Option<&str>, prefix: &str) -> Option<UniqueId> {
    let id = principal_id?.split(':').next()?;
    if id.starts_with(prefix) { UniqueId::parse(id).ok() } else { None }
}

/// An access key of a user or of root. The ids of sessions, `ASIA…`, are none: there is nothing to switch off.
pub(super) fn long_term_key(text: &str) -> Option<AccessKeyId> {
    if text.starts_with("AKIA") { AccessKeyId::parse(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_its_role() {
        let Some(Suspect::Role { name, unique_id }) =
            Suspect::of_role(Some("tracker"), Some("AROAQ2XH7WMR4VJHC6XSG:i-0abc123def4567890"))
        else {
            panic!()
        };
        assert_eq!(name.as_str(), "tracker");
        assert_eq!(unique_id.unwrap().as_str(), "AROAQ2XH7WMR4VJHC6XSG");
    }

    #[test]
    fn an_id_will_do_without_a_name_and_the_wrong_kind_of_id_will_not() {
        let id = Some("AIDAQ2XH7WMR6JIU4SGRY");
        assert!(matches!(Suspect::of_user(None, id), Some(Suspect::UniqueId(_))));
        assert!(matches!(Suspect::of_user(Some("a b"), id), Some(Suspect::UniqueId(_))));
        assert_eq!(Suspect::of_role(None, id), None);
        assert_eq!(Suspect::of_user(None, Some("111122223333")), None);
    }

    #[test]
    fn a_sessions_key_is_none() {
        assert!(long_term_key("AKIAQ2XH7WMRTEXAMPLE").is_some());
        assert!(long_term_key("ASIAQ2XH7WMRTEXAMPLE").is_none());
        assert!(long_term_key("AKIA").is_none());
    }
}
