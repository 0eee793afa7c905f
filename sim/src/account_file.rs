//! The account file: an account written down as JSON, for the demo, for replays and for tests.

mod check;
mod derived_id;
mod difference;
mod position;
mod records;
mod settings;
mod wording;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::identifier::AccountId;

pub(crate) use derived_id::derive;
pub(crate) use records::allows_nothing;
pub use records::{
    AccessKey, AwsManagedPolicy, Group, InlinePolicy, LastUse, LoginProfile, OtherCredential, Policy,
    PolicyVersion, Role, User,
};
pub use settings::{AccountSettings, IdentityProvider, Protocol, RootUser, ServerCertificate};

/// An account at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountFile {
    /// The account's id.
    pub account: AccountId,
    /// The moment.
    pub now: Timestamp,
    /// Its users.
    #[serde(default)]
    pub users: Vec<User>,
    /// Its roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Its groups.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Its customer managed policies.
    #[serde(default)]
    pub policies: Vec<Policy>,
    /// Texts of AWS's managed policies; without any, only those of a few small ones are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aws_managed_policies: Vec<AwsManagedPolicy>,
    /// Its server certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_certificates: Vec<ServerCertificate>,
    /// Its identity providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity_providers: Vec<IdentityProvider>,
    /// The account itself. A file without it tells of what is in the account alone, and no rule judges the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_settings: Option<AccountSettings>,
}

/// An account file that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` of the account file: {what}")]
pub struct AccountFileError {
    /// Where in the file, such as `users[3].accessKeys[0].status`.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

impl AccountFile {
    /// Reads an account file; the first thing wrong with it is named by its path.
    pub fn parse(text: &str) -> Result<Self, AccountFileError> {
        if text.trim().is_empty() {
            return Err(AccountFileError {
                path: "the file".to_owned(),
                what: "it is empty; `cli/account.example.json` is an example".to_owned(),
            });
        }
        if let Some(path) = position::list_for_object(text) {
            return Err(AccountFileError {
                path,
                what: "an object is expected, and this is a list".to_owned(),
            });
        }
        let file: Self = serde_json::from_str(text).map_err(|error| AccountFileError {
            path: position::path_of(&error, text),
            what: wording::worded(&error.to_string()),
        })?;
        check::check(&file)?;
        Ok(file)
    }

    /// What is different in `later`, a line each; the time is not compared.
    pub fn differences(&self, later: &Self) -> Vec<String> {
        difference::differences(self, later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        AccountFile::parse(text).unwrap_err().to_string()
    }

    /// However deep it is, which looked into at each step would take for ever.
    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let deep = "[".repeat(200_000);
        assert!(error(&deep).contains("an object is expected"), "{}", error(&deep));
        let below = format!("{{\"policies\": [{{\"document\": {deep}");
        assert!(error(&below).contains("recursion limit"), "{}", error(&below));
    }

    fn with_user(user: &str) -> String {
        format!(
            "{{\n  \"account\": \"111122223333\",\n  \"now\": \"2026-11-22T09:00:00Z\",\n  \
             \"users\": [{{\"name\": \"ada\"}},\n    {user}]\n}}"
        )
    }

    const README: &str = include_str!("../../cli/README.md");

    #[test]
    fn the_example_is_taken_and_has_every_key_that_a_file_can_have() {
        let example = include_str!("../../cli/account.example.json");
        AccountFile::parse(example).unwrap();
        let records = [
            include_str!("account_file.rs")
                .split("/// An account file that cannot be taken.")
                .next()
                .unwrap(),
            include_str!("account_file/records.rs"),
            include_str!("account_file/settings.rs"),
            include_str!("../../shared/src/facts/password_policy.rs"),
        ];
        let fields = records.iter().flat_map(|source| source.lines()).filter_map(|line| {
            let (name, _) = line.strip_prefix("    pub ")?.split_once(':')?;
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_').then_some(name)
        });
        let mut count = 0;
        for field in fields {
            let mut words = field.split('_');
            let mut key = words.next().unwrap().to_owned();
            for word in words {
                let (first, rest) = word.split_at(1);
                key.push_str(&first.to_ascii_uppercase());
                key.push_str(rest);
            }
            let key = if key == "protocol" { "type" } else { &key };
            assert!(example.contains(&format!("\"{key}\":")), "{key} is not in the example");
            assert!(README.contains(&format!("`{key}`")), "{key} is not in the README");
            count += 1;
        }
        assert!(count > 60, "{count}");
    }

    #[test]
    fn everything_but_the_names_has_a_default() {
        let file =
            AccountFile::parse(&with_user(r#"{"name":"bob","accessKeys":[{}],"loginProfile":{}}"#)).unwrap();
        assert_eq!(file.users.len(), 2);
        assert!(file.users[1].access_keys[0].id.is_none());
        assert!(file.roles.is_empty());
    }

    /// Each place of a document, with what stands there.
    fn places(value: &serde_json::Value, at: &str, found: &mut Vec<(String, bool)>) {
        let is_policy = at.ends_with("/document") || at.ends_with("/trust");
        found.push((at.to_owned(), value.is_object() && !is_policy));
        match value {
            serde_json::Value::Object(fields) if !is_policy => {
                fields.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), found));
            }
            serde_json::Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
            }
            _ => {}
        }
    }

    /// Every value of the example in turn is something else.
    #[test]
    fn what_is_wrong_is_said_in_words_of_json() {
        let example: serde_json::Value =
            serde_json::from_str(include_str!("../../cli/account.example.json")).unwrap();
        let mut found = Vec::new();
        places(&example, "", &mut found);
        let with = |at: &str, other: &str| {
            let mut changed = example.clone();
            *changed.pointer_mut(at).unwrap() = serde_json::from_str(other).unwrap();
            AccountFile::parse(&changed.to_string()).map_err(|error| error.to_string())
        };
        for (at, is_object) in &found {
            for other in ["[]", "[[1]]", r#"["x", 1]"#, "7", "-7", "1.5", "true", r#""x""#, "{}", "null"] {
                let Err(said) = with(at, other) else { continue };
                let rust = [
                    "struct",
                    "enum",
                    "variant index",
                    "u32",
                    "u64",
                    "i64",
                    "AccountFile",
                    "sequence",
                    " map",
                ];
                assert!(!rust.iter().any(|word| said.contains(word)), "{at} is {other}: {said}");
            }
            if *is_object {
                for list in ["[]", r#"["x", 1]"#] {
                    let said = with(at, list).unwrap_err();
                    let expected =
                        said.contains("an object is expected") || said.contains("expected an object");
                    assert!(expected, "{at} is {list}: {said}");
                }
            }
        }
        assert!(found.iter().filter(|(_, is_object)| *is_object).count() > 20);
        assert_eq!(error("[]"), "`the file` of the account file: an object is expected, and this is a list");
    }

    #[test]
    fn an_empty_file_says_so_and_where_an_example_is() {
        for text in ["", " \n"] {
            assert!(error(text).ends_with("it is empty; `cli/account.example.json` is an example"));
        }
    }

    #[test]
    fn errors_name_the_path() {
        let cases = [
            (
                with_user(r#"{"name":"bob","accessKeys":[{"status":"On"}]}"#),
                "`users[1].accessKeys[0].status`",
            ),
            (with_user(r#"{"name":"bob","akeys":[]}"#), "`users[1].akeys`"),
            (with_user(r#"{"path":"/x/"}"#), "`users[1]`"),
            (with_user(r#"{"name":"b/b"}"#), "`users[1].name`"),
            (with_user(r#"{"name":"bob","created":"yesterday"}"#), "`users[1].created`"),
            (with_user(r#"{"name":"bob","id":"x"}"#), "`users[1].id`"),
            (with_user(r#"{"name":"Ada"}"#), "`users[1].name`"),
            (with_user(r#"{"name":"bob","groups":["none"]}"#), "`users[1].groups`"),
            (with_user(r#"{"name":"bob","path":"team"}"#), "`users[1].path`"),
            (
                with_user(r#"{"name":"bob","inlinePolicies":[{"name":"p"},{"name":"p"}]}"#),
                "`users[1].inlinePolicies[1].name`",
            ),
            (
                with_user(r#"{"name":"bob","inlinePolicies":[{"name":"p","document":7}]}"#),
                "`users[1].inlinePolicies[0].document`",
            ),
            ("{}".to_owned(), "`the file`"),
        ];
        for (text, path) in cases {
            let said = error(&text);
            assert!(said.starts_with(&format!("{path} of the account file: ")), "{said}\n{text}");
        }
    }

    #[test]
    fn a_file_without_settings_says_nothing_of_the_account_and_empty_ones_are_those_of_a_new_account() {
        assert_eq!(AccountFile::parse(&with_user(r#"{"name":"bob"}"#)).unwrap().account_settings, None);
        let file = r#"{"account":"111122223333","now":"2026-11-22T09:00:00Z","accountSettings":{}}"#;
        let settings = AccountFile::parse(file).unwrap().account_settings.unwrap();
        assert!(settings.root.password && settings.root.mfa_devices.is_empty());
        assert_eq!((settings.password_policy, settings.security_contact), (None, false));
    }

    #[test]
    fn certificates_and_providers_are_there_once() {
        let with = |list: &str, records: &str| {
            error(&format!(
                r#"{{"account":"111122223333","now":"2026-11-22T09:00:00Z","{list}":[{records}]}}"#
            ))
        };
        let shop = r#"{"name":"shop","expires":"2027-01-01T00:00:00Z"}"#;
        let said = with("serverCertificates", &format!("{shop},{shop}"));
        assert!(said.starts_with("`serverCertificates[1].name` of"), "{said}");
        let office = r#"{"name":"office","type":"saml"}"#;
        let said = with("identityProviders", &format!("{office},{office}"));
        assert!(said.starts_with("`identityProviders[1].name` of"), "{said}");
        let said = with("identityProviders", r#"{"name":"a b","type":"oidc"}"#);
        assert!(said.starts_with("`identityProviders[0].name` of"), "{said}");
    }

    #[test]
    fn a_document_may_be_text_or_an_object() {
        let user = r#"{"name":"bob","inlinePolicies":[{"name":"a","document":" { }\n"},{"name":"b","document":{"Id": "x"}}]}"#;
        let file = AccountFile::parse(&with_user(user)).unwrap();
        assert_eq!(file.users[1].inline_policies[0].document.as_str(), " { }\n");
        assert_eq!(file.users[1].inline_policies[1].document.as_str(), r#"{"Id":"x"}"#);
    }

    #[test]
    fn differences_are_said_by_name_and_field() {
        let before = AccountFile::parse(&with_user(r#"{"name":"bob","accessKeys":[{}]}"#)).unwrap();
        let mut after = before.clone();
        after.users[1].access_keys[0].status = shared::facts::KeyStatus::Inactive;
        after.users.remove(0);
        assert_eq!(
            before.differences(&after),
            ["user ada is gone", r#"user bob: accessKeys[0]: status: "Active" became "Inactive""#]
        );
        assert!(before.differences(&before.clone()).is_empty());
        let mut hardened = before.clone();
        hardened.account_settings = Some(AccountSettings::default());
        let settings = hardened.clone();
        hardened.account_settings.as_mut().unwrap().security_contact = true;
        assert_eq!(settings.differences(&hardened), ["account: securityContact: false became true"]);
    }
}
