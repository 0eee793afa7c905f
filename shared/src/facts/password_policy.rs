use std::fmt;

use serde::{Deserialize, Serialize};

/// What an account demands of its users' passwords: the nine options of the IAM API's `PasswordPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the API's, and each stands by itself")]
pub struct PasswordPolicy {
    /// The fewest characters.
    pub minimum_password_length: u32,
    /// Whether one of `! @ # $ % ^ & * ( ) _ + - = [ ] { } | '` must be in it.
    pub require_symbols: bool,
    /// Whether a digit must be in it.
    pub require_numbers: bool,
    /// Whether a letter from A to Z must be in it.
    pub require_uppercase_characters: bool,
    /// Whether a letter from a to z must be in it.
    pub require_lowercase_characters: bool,
    /// Whether users may change their own.
    pub allow_users_to_change_password: bool,
    /// After how many days it expires; `None` is never.
    pub max_password_age: Option<u32>,
    /// How many earlier passwords cannot be used again; `None` is none.
    pub password_reuse_prevention: Option<u32>,
    /// Whether who lets it expire needs an administrator to get in again.
    pub hard_expiry: bool,
}

impl PasswordPolicy {
    /// What takes the place of AWS's own policy where something has to be set: nothing that it demands is given up.
    /// It wants eight characters of three kinds out of four, which no policy of one's own can say, so all four are
    /// wanted here (IAM User Guide, "Default password policy"). Nor can one say that a password is not the account's name
    /// or e-mail address.
    pub const IN_PLACE_OF_NONE: Self = Self {
        minimum_password_length: 8,
        require_symbols: true,
        require_numbers: true,
        require_uppercase_characters: true,
        require_lowercase_characters: true,
        allow_users_to_change_password: false,
        max_password_age: None,
        password_reuse_prevention: None,
        hard_expiry: false,
    };

    /// The policy that demands what either does, and lets users change their passwords where either does. So it never
    /// gives up anything of the first, and a policy that asks for enough already stays as it is.
    #[must_use]
    pub fn stricter(self, wanted: &Self) -> Self {
        Self {
            minimum_password_length: self.minimum_password_length.max(wanted.minimum_password_length),
            require_symbols: self.require_symbols || wanted.require_symbols,
            require_numbers: self.require_numbers || wanted.require_numbers,
            require_uppercase_characters: self.require_uppercase_characters
                || wanted.require_uppercase_characters,
            require_lowercase_characters: self.require_lowercase_characters
                || wanted.require_lowercase_characters,
            allow_users_to_change_password: self.allow_users_to_change_password
                || wanted.allow_users_to_change_password,
            max_password_age: match (self.max_password_age, wanted.max_password_age) {
                (Some(days), Some(wanted)) => Some(days.min(wanted)),
                (days, wanted) => days.or(wanted),
            },
            password_reuse_prevention: self.password_reuse_prevention.max(wanted.password_reuse_prevention),
            hard_expiry: self.hard_expiry || wanted.hard_expiry,
        }
    }

    /// Names of the options, in the API's words, in which it falls short of another.
    pub fn shortfalls(&self, wanted: &Self) -> Vec<&'static str> {
        let pairs = self.options().into_iter().zip(self.stricter(wanted).options());
        pairs.filter(|(own, merged)| own != merged).map(|((name, _), _)| name).collect()
    }

    /// What setting it changes: the options that differ from the prior policy's, each with what it is now, and all nine
    /// where there was none.
    pub fn changes(&self, prior: Option<&Self>) -> Vec<String> {
        let prior = prior.map(Self::options);
        let options = self.options().into_iter();
        let changed = options.filter(|option| prior.is_none_or(|prior| !prior.contains(option)));
        changed.map(|(name, setting)| format!("{name} {setting}")).collect()
    }

    /// The nine options by the API's names.
    fn options(&self) -> [(&'static str, Setting); 9] {
        use Setting::{Flag, Number};
        [
            ("MinimumPasswordLength", Number(Some(self.minimum_password_length))),
            ("RequireSymbols", Flag(self.require_symbols)),
            ("RequireNumbers", Flag(self.require_numbers)),
            ("RequireUppercaseCharacters", Flag(self.require_uppercase_characters)),
            ("RequireLowercaseCharacters", Flag(self.require_lowercase_characters)),
            ("AllowUsersToChangePassword", Flag(self.allow_users_to_change_password)),
            ("MaxPasswordAge", Number(self.max_password_age)),
            ("PasswordReusePrevention", Number(self.password_reuse_prevention)),
            ("HardExpiry", Flag(self.hard_expiry)),
        ]
    }
}

/// What an option is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    Flag(bool),
    Number(Option<u32>),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(set) => write!(f, "{set}"),
            Self::Number(Some(number)) => write!(f, "{number}"),
            Self::Number(None) => f.write_str("none"),
        }
    }
}

impl Default for PasswordPolicy {
    /// What `UpdateAccountPasswordPolicy` makes of an empty request (IAM API).
    fn default() -> Self {
        Self {
            minimum_password_length: 6,
            require_symbols: false,
            require_numbers: false,
            require_uppercase_characters: false,
            require_lowercase_characters: false,
            allow_users_to_change_password: false,
            max_password_age: None,
            password_reuse_prevention: None,
            hard_expiry: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::facts::fixture::any_password_policy;

    proptest! {
        #[test]
        fn merging_falls_short_of_neither_and_asks_for_nothing_more(live in any_password_policy(), wanted in any_password_policy()) {
            let merged = live.stricter(&wanted);
            prop_assert!(merged.shortfalls(&live).is_empty());
            prop_assert!(merged.shortfalls(&wanted).is_empty());
            prop_assert_eq!(merged.stricter(&wanted), merged);
            prop_assert_eq!(live.shortfalls(&wanted).is_empty(), merged == live);
        }
    }

    #[test]
    fn what_setting_it_changes_is_what_differs_and_all_of_it_where_there_was_none() {
        let prior = PasswordPolicy { max_password_age: Some(180), ..PasswordPolicy::default() };
        let policy = PasswordPolicy {
            minimum_password_length: 14,
            require_symbols: true,
            password_reuse_prevention: Some(24),
            ..PasswordPolicy::default()
        };
        assert_eq!(
            policy.changes(Some(&prior)),
            [
                "MinimumPasswordLength 14",
                "RequireSymbols true",
                "MaxPasswordAge none",
                "PasswordReusePrevention 24"
            ]
        );
        assert_eq!(policy.changes(None).len(), 9);
        assert!(policy.changes(Some(&policy)).is_empty());
    }

    #[test]
    fn of_two_ages_the_shorter_one_counts_and_of_none_the_other() {
        let aged = |days| PasswordPolicy { max_password_age: days, ..PasswordPolicy::default() };
        assert_eq!(aged(Some(30)).stricter(&aged(Some(90))).max_password_age, Some(30));
        assert_eq!(aged(Some(180)).stricter(&aged(Some(90))).max_password_age, Some(90));
        assert_eq!(aged(None).stricter(&aged(Some(90))).max_password_age, Some(90));
        assert_eq!(aged(Some(90)).stricter(&aged(None)).max_password_age, Some(90));
    }
}
