use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    AccessKey, Account, Fact, KeyCount, KeyStatus, LastUse, LoginProfile, MfaDevice, OtherCredential,
    OtherCredentialKind, Read, RootUser, Span, Unread, User, WhyUnread,
};

/// IAM's credential report: one line a user, at most four hours old.
///
/// It names no key id and no creation date, shows the first two keys only, and its `last_rotated` moves whenever
/// a key is switched on again. So it bounds facts rather than giving them; a verdict the bounds leave open is
/// looked at closer. Source: IAM user guide, "Getting credential reports".
#[derive(Debug, Clone, Default)]
pub struct CredentialReport {
    rows: HashMap<String, Row>,
}

/// A line of it, as far as rules need it.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    arn: String,
    user_creation_time: String,
    password_enabled: String,
    password_last_used: String,
    password_last_changed: String,
    mfa_active: String,
    access_key_1_active: String,
    access_key_1_last_rotated: String,
    access_key_1_last_used_date: String,
    #[serde(default)]
    access_key_1_last_used_service: String,
    access_key_2_active: String,
    access_key_2_last_rotated: String,
    access_key_2_last_used_date: String,
    #[serde(default)]
    access_key_2_last_used_service: String,
    #[serde(default)]
    cert_1_active: Option<String>,
    #[serde(default)]
    cert_1_last_rotated: String,
    #[serde(default)]
    cert_2_active: Option<String>,
    #[serde(default)]
    cert_2_last_rotated: String,
    #[serde(default)]
    additional_credentials_info: String,
}

/// A report that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the credential report cannot be read: {0}")]
pub struct CredentialReportError(String);

impl CredentialReport {
    /// Reads the CSV that `GetCredentialReport` gives.
    pub fn parse(csv: &[u8]) -> Result<Self, CredentialReportError> {
        let mut rows = HashMap::new();
        for row in csv::Reader::from_reader(csv).into_deserialize::<Row>() {
            let row = row.map_err(|error| CredentialReportError(error.to_string()))?;
            rows.insert(row.arn.clone(), row);
        }
        Ok(Self { rows })
    }

    /// Fills in what the report knows of a user. One it does not know, or knew under an earlier life, keeps its
    /// facts unread.
    pub fn fill(&self, user: &mut User) {
        let Some(row) = self.rows.get(user.identity.arn.as_str()) else { return };
        let (Some(created), Fact::Known(live)) = (moment(&row.user_creation_time), &user.created) else {
            return;
        };
        if created.duration_since(*live).abs().as_secs() > 1 {
            return;
        }
        user.mfa_devices = match row.mfa_active.as_str() {
            "true" => Fact::Known(vec![MfaDevice { serial: None }]),
            "false" => Fact::Known(Vec::new()),
            other => failed("mfa_active", other),
        };
        user.password_last_used = last_use(&row.password_last_used, "password_last_used");
        user.password_last_changed = last_use(&row.password_last_changed, "password_last_changed");
        user.login_profile = match row.password_enabled.as_str() {
            "false" => Fact::Absent,
            "true" => match moment(&row.password_last_changed) {
                Some(changed) => Fact::Known(LoginProfile {
                    created: Span::between(created, changed),
                    reset_required: None,
                }),
                None => Fact::not_read(Read::GetLoginProfile),
            },
            other => failed("password_enabled", other),
        };
        if is_blank(&row.additional_credentials_info) {
            user.access_keys = row.keys(created);
            user.signing_certificates = row.certificates(created);
        }
    }

    /// What of a user's line changes when one of its keys is made, deleted or switched.
    pub fn key_line(&self, user: &User) -> Option<String> {
        let row = self.rows.get(user.identity.arn.as_str())?;
        Some(format!(
            "{} {} {} {} {}",
            row.access_key_1_active,
            row.access_key_1_last_rotated,
            row.access_key_2_active,
            row.access_key_2_last_rotated,
            row.additional_credentials_info
        ))
    }

    /// Fills in what the report knows of the account: its root user's last use, and how many keys users have.
    pub fn fill_account(&self, account: &mut Account) {
        let root = account.identity.arn.as_str();
        account.root = match self.rows.get(root) {
            Some(row) => Fact::Known(RootUser {
                password_last_used: last_use(&row.password_last_used, "password_last_used"),
                keys_last_used: [
                    (&row.access_key_1_last_used_date, &row.access_key_1_last_used_service),
                    (&row.access_key_2_last_used_date, &row.access_key_2_last_used_service),
                ]
                .map(|(used, service)| key_use(used, service))
                .into(),
            }),
            None => Fact::Unknown(Unread::new(
                Read::GetCredentialReport,
                WhyUnread::Failed,
                "it has no line of the root user",
            )),
        };
        let mut keys = KeyCount { counted: 0, more: false };
        for row in self.rows.values().filter(|row| row.arn != root) {
            let active = [&row.access_key_1_active, &row.access_key_2_active];
            keys.counted += active.into_iter().filter(|active| *active == "true").count() as u64;
            keys.more |= !is_blank(&row.additional_credentials_info);
        }
        account.active_keys = Fact::Known(keys);
    }

    /// Marks all the report would have told of the account as unknown.
    pub fn account_unread(account: &mut Account, unread: &Unread) {
        account.root = Fact::Unknown(unread.clone());
        account.active_keys = Fact::Unknown(unread.clone());
    }

    /// Marks all the report would have told as unknown.
    pub fn unread(user: &mut User, unread: &Unread) {
        user.mfa_devices = Fact::Unknown(unread.clone());
        user.password_last_used = Fact::Unknown(unread.clone());
        user.login_profile = Fact::Unknown(unread.clone());
        user.password_last_changed = Fact::Unknown(unread.clone());
        user.access_keys = Fact::Unknown(unread.clone());
        user.signing_certificates = Fact::Unknown(unread.clone());
    }
}

impl Row {
    fn keys(&self, user_created: Timestamp) -> Fact<Vec<AccessKey>> {
        let slots = [
            (
                &self.access_key_1_active,
                &self.access_key_1_last_rotated,
                &self.access_key_1_last_used_date,
                &self.access_key_1_last_used_service,
            ),
            (
                &self.access_key_2_active,
                &self.access_key_2_last_rotated,
                &self.access_key_2_last_used_date,
                &self.access_key_2_last_used_service,
            ),
        ];
        let mut keys = Vec::new();
        for (active, rotated, used, service) in slots {
            let status = match active.as_str() {
                "true" => KeyStatus::Active,
                "false" if is_blank(rotated) && is_blank(used) => continue,
                "false" => KeyStatus::Inactive,
                other => return failed("access_key_active", other),
            };
            // IAM's guide promises the date for active keys only.
            let rotated = if is_blank(rotated) && status == KeyStatus::Inactive { used } else { rotated };
            let Some(rotated) = moment(rotated) else { return failed("access_key_last_rotated", rotated) };
            let last_used = key_use(used, service);
            // A key was there when it was last used, so it is at least that old.
            let latest = last_used.known().ok().flatten().map_or(rotated, |used| rotated.min(used.at));
            keys.push(AccessKey {
                id: Fact::not_read(Read::ListAccessKeys),
                status,
                created: Span::between(user_created.min(latest), latest),
                last_used,
            });
        }
        Fact::Known(keys)
    }

    /// The certificates in use. Of an inactive one the report shows no date, and nothing where there is none.
    fn certificates(&self, user_created: Timestamp) -> Fact<Vec<OtherCredential>> {
        let mut certificates = Vec::new();
        for (active, rotated) in [
            (&self.cert_1_active, &self.cert_1_last_rotated),
            (&self.cert_2_active, &self.cert_2_last_rotated),
        ] {
            match active.as_deref() {
                None => return Fact::not_read(Read::ListSigningCertificates),
                Some("false") => continue,
                Some("true") => {}
                Some(other) => return failed("cert_active", other),
            }
            let Some(rotated) = moment(rotated) else { return failed("cert_last_rotated", rotated) };
            certificates.push(OtherCredential {
                kind: OtherCredentialKind::SigningCertificate,
                id: Fact::not_read(Read::ListSigningCertificates),
                status: KeyStatus::Active,
                created: Span::between(user_created.min(rotated), rotated),
                service: None,
                expires: None,
            });
        }
        Fact::Known(certificates)
    }
}

/// `N/A` is none or never, `no_information` is never since IAM keeps record (October 2014).
fn is_blank(text: &str) -> bool {
    matches!(text, "" | "N/A" | "no_information" | "not_supported")
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn last_use(text: &str, column: &str) -> Fact<Timestamp> {
    if is_blank(text) { Fact::Absent } else { moment(text).map_or_else(|| failed(column, text), Fact::Known) }
}

fn key_use(used: &str, service: &str) -> Fact<LastUse> {
    last_use(used, "access_key_last_used_date").map(|at| LastUse {
        at,
        service: service.to_owned(),
        region: String::new(),
    })
}

fn failed<T>(column: &str, text: &str) -> Fact<T> {
    let text: String = text.chars().take(32).collect();
    Fact::Unknown(Unread::new(
        Read::GetCredentialReport,
        WhyUnread::Failed,
        format!("its column {column} says `{text}`"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{AccountIdentity, UserIdentity};
    use crate::identifier::{AccountId, Arn, UniqueId, UserName};

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
        password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
        access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
        cert_1_last_rotated,cert_2_active,cert_2_last_rotated,additional_credentials_info";

    fn filled(row: &str) -> User {
        let mut user = User::unread(UserIdentity {
            account: AccountId::parse("111122223333").unwrap(),
            name: UserName::parse("ada").unwrap(),
            unique_id: UniqueId::parse("AIDAEXAMPLEEXAMPLE001").unwrap(),
            arn: Arn::parse("arn:aws:iam::111122223333:user/ada").unwrap(),
        });
        user.created = Fact::Known("2020-01-01T00:00:00Z".parse().unwrap());
        CredentialReport::parse(format!("{HEADER}\n{row}\n").as_bytes()).unwrap().fill(&mut user);
        user
    }

    fn row(password: &str, keys: &str, more: &str) -> String {
        format!(
            "ada,arn:aws:iam::111122223333:user/ada,2020-01-01T00:00:00+00:00,{password},{keys},false,N/A,false,N/A,{more}"
        )
    }

    const NO_PASSWORD: &str = "false,N/A,N/A,N/A,false";
    const NO_KEYS: &str = "false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A";

    #[test]
    fn a_key_never_used_is_absent_use_not_unknown() {
        let user =
            filled(&row(NO_PASSWORD, "true,2026-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A", ""));
        let keys = user.access_keys.list().unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].last_used, Fact::Absent);
        assert_eq!(
            keys[0].created,
            Span::between("2020-01-01T00:00:00Z".parse().unwrap(), "2026-01-01T00:00:00Z".parse().unwrap(),)
        );
    }

    #[test]
    fn a_use_before_the_rotation_shows_that_the_key_is_older_than_it_says() {
        let keys =
            "true,2026-10-01T00:00:00+00:00,2024-05-01T00:00:00+00:00,eu-west-1,s3,false,N/A,N/A,N/A,N/A";
        let user = filled(&row(NO_PASSWORD, keys, ""));
        assert_eq!(
            user.access_keys.list().unwrap()[0].created.latest,
            "2024-05-01T00:00:00Z".parse().unwrap()
        );
    }

    #[test]
    fn an_inactive_key_is_there_and_an_empty_slot_is_not() {
        let keys = "false,2026-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A";
        assert_eq!(
            filled(&row(NO_PASSWORD, keys, "")).access_keys.list().unwrap()[0].status,
            KeyStatus::Inactive
        );
        assert!(filled(&row(NO_PASSWORD, NO_KEYS, "")).access_keys.list().unwrap().is_empty());
    }

    #[test]
    fn an_inactive_key_tells_its_last_use_whether_or_not_it_tells_its_rotation() {
        let used: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
        for rotated in ["2026-11-01T00:00:00+00:00", "N/A"] {
            let keys =
                format!("false,{rotated},2026-10-01T00:00:00+00:00,eu-west-1,s3,false,N/A,N/A,N/A,N/A");
            let user = filled(&row(NO_PASSWORD, &keys, ""));
            let [key] = user.access_keys.list().unwrap() else { panic!("{:?}", user.access_keys) };
            assert_eq!(key.status, KeyStatus::Inactive);
            assert_eq!(key.last_used.known().unwrap().map(|used| used.at), Some(used));
            assert_eq!(key.created.latest, used);
        }
    }

    #[test]
    fn more_keys_than_the_report_shows_are_left_to_a_closer_look() {
        let user = filled(&row(NO_PASSWORD, NO_KEYS, "1 more access key"));
        assert!(matches!(&user.access_keys, Fact::Unknown(unread) if unread.why == WhyUnread::NotRead));
    }

    #[test]
    fn a_password_that_was_never_used_has_no_information() {
        let password = "true,no_information,2026-01-01T00:00:00+00:00,N/A,true";
        let user = filled(&row(password, NO_KEYS, ""));
        assert_eq!(user.password_last_used, Fact::Absent);
        assert!(matches!(user.login_profile, Fact::Known(_)));
        assert_eq!(user.mfa_devices.list().unwrap().len(), 1);
    }

    #[test]
    fn certificates_in_use_are_told_with_bounds_and_without_an_id() {
        assert_eq!(filled(&row(NO_PASSWORD, NO_KEYS, "")).signing_certificates, Fact::Known(Vec::new()));
        let certificate = "true,2026-01-01T00:00:00+00:00,false,N/A,";
        let line = row(NO_PASSWORD, NO_KEYS, "").replace("false,N/A,false,N/A,", "");
        let user = filled(&format!("{line}{certificate}"));
        let [only] = user.signing_certificates.list().unwrap() else {
            panic!("{:?}", user.signing_certificates)
        };
        assert_eq!(only.status, KeyStatus::Active);
        assert!(only.id.is_unknown());
        let [born, rotated] =
            ["2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"].map(|time| time.parse().unwrap());
        assert_eq!(only.created, Span::between(born, rotated));
    }

    #[test]
    fn a_report_without_columns_of_certificates_tells_nothing_of_them() {
        let header = HEADER.replace("cert_1_active,", "").replace("cert_1_last_rotated,", "");
        let header = header.replace("cert_2_active,", "").replace("cert_2_last_rotated,", "");
        let line = row(NO_PASSWORD, NO_KEYS, "");
        let line = line.strip_suffix("false,N/A,false,N/A,").unwrap();
        let report = CredentialReport::parse(format!("{header}\n{line}\n").as_bytes()).unwrap();
        let mut user = filled(&row(NO_PASSWORD, NO_KEYS, ""));
        user.signing_certificates = Fact::not_read(Read::ListSigningCertificates);
        report.fill(&mut user);
        assert!(user.signing_certificates.is_unknown());
        assert_eq!(user.access_keys, Fact::Known(Vec::new()));
    }

    #[test]
    fn the_last_change_of_a_password_is_told_and_no_password_has_none() {
        let password = "true,no_information,2026-01-01T00:00:00+00:00,N/A,true";
        let user = filled(&row(password, NO_KEYS, ""));
        assert_eq!(user.password_last_changed, Fact::Known("2026-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(user.login_profile.known().unwrap().unwrap().reset_required, None);
        assert_eq!(filled(&row(NO_PASSWORD, NO_KEYS, "")).password_last_changed, Fact::Absent);
    }

    #[test]
    fn a_cell_it_cannot_read_is_unknown() {
        let user = filled(&row("maybe,N/A,N/A,N/A,perhaps", NO_KEYS, ""));
        assert!(user.login_profile.is_unknown());
        assert!(user.mfa_devices.is_unknown());
    }

    #[test]
    fn a_user_made_again_under_the_same_name_is_not_judged_by_the_old_line() {
        let stale = row(NO_PASSWORD, NO_KEYS, "").replace("2020-01-01T00", "2019-01-01T00");
        assert!(filled(&stale).mfa_devices.is_unknown());
    }

    fn account(rows: &str) -> Account {
        let identity = AccountIdentity::new(&AccountId::parse("111122223333").unwrap(), "aws").unwrap();
        let mut account = Account::unread(identity);
        CredentialReport::parse(format!("{HEADER}\n{rows}\n").as_bytes()).unwrap().fill_account(&mut account);
        account
    }

    fn root(used: &str, keys: &str) -> String {
        format!(
            "<root_account>,arn:aws:iam::111122223333:root,2015-01-01T00:00:00+00:00,not_supported,{used},\
             not_supported,not_supported,true,{keys},false,N/A,false,N/A,"
        )
    }

    #[test]
    fn the_line_of_the_root_user_tells_when_it_was_used() {
        let key =
            "true,2015-01-01T00:00:00+00:00,2026-01-02T00:00:00+00:00,eu-west-1,s3,false,N/A,N/A,N/A,N/A";
        let root_user =
            |used: &str, keys: &str| account(&root(used, keys)).root.known().unwrap().unwrap().clone();
        let seen = root_user("2026-01-01T00:00:00+00:00", key);
        assert_eq!(seen.password_last_used, Fact::Known("2026-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(seen.keys_last_used[0].known().unwrap().unwrap().service, "s3");
        assert_eq!(seen.keys_last_used[1], Fact::Absent);
        let seen = root_user("no_information", NO_KEYS);
        assert_eq!((seen.password_last_used, &seen.keys_last_used[0]), (Fact::Absent, &Fact::Absent));
        assert!(root_user("lately", NO_KEYS).password_last_used.is_unknown());
    }

    #[test]
    fn a_report_without_the_root_user_says_nothing_of_it() {
        assert!(account(&row(NO_PASSWORD, NO_KEYS, "")).root.is_unknown());
    }

    #[test]
    fn active_keys_of_users_are_counted_and_the_root_users_are_not() {
        let two = "true,2026-01-01T00:00:00+00:00,N/A,N/A,N/A,false,2026-01-01T00:00:00+00:00,N/A,N/A,N/A";
        let rows = [
            root("N/A", two),
            row(NO_PASSWORD, two, ""),
            row(NO_PASSWORD, NO_KEYS, "").replace("ada", "bob"),
        ];
        let keys = KeyCount { counted: 1, more: false };
        assert_eq!(account(&rows.join("\n")).active_keys, Fact::Known(keys));
        let more = KeyCount { counted: 1, more: true };
        assert_eq!(account(&row(NO_PASSWORD, two, "1 more access key")).active_keys, Fact::Known(more));
    }

    #[test]
    fn a_missing_column_is_an_error_that_names_it() {
        let error =
            CredentialReport::parse(b"user,arn\nada,arn:aws:iam::111122223333:user/ada\n").unwrap_err();
        assert!(error.to_string().contains("user_creation_time"), "{error}");
    }
}
