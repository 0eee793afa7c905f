//! IAM's credential report, column by column as IAM writes it (IAM user guide, "Getting credential reports").

use std::fmt::Write as _;

use jiff::Timestamp;
use shared::facts::{KeyStatus, OtherCredential, OtherCredentialKind};

use super::iam::{Iam, Key, Password, User};
use crate::account_file::{AccessKey, LastUse};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
    cert_1_last_rotated,cert_2_active,cert_2_last_rotated,additional_credentials_info";

/// The report as of now, the account's root first.
pub(super) fn write(iam: &Iam, now: Timestamp) -> Vec<u8> {
    let mut csv = String::from(HEADER);
    let account = &iam.account;
    let root = iam.settings.as_ref().and_then(|settings| settings.seen(now)).map(|settings| &settings.root);
    let used =
        root.and_then(|root| root.password_last_used).map_or_else(|| "no_information".to_owned(), time);
    let mfa = root.is_none_or(|root| !root.mfa_devices.is_empty());
    let mut keys = root.map_or(&[][..], |root| &root.access_keys).iter().map(root_key);
    let mut next = || keys.next().unwrap_or_else(|| NO_KEY.to_owned());
    let (first, second) = (next(), next());
    let _ = write!(
        csv,
        "\n<root_account>,arn:aws:iam::{account}:root,{ROOT_CREATED},not_supported,{used},not_supported,\
         not_supported,{mfa},{first},{second},false,N/A,false,N/A,"
    );
    for user in iam.users.values().filter_map(|versions| versions.seen(now)) {
        csv.push('\n');
        csv.push_str(&row(user));
    }
    csv.push('\n');
    csv.into_bytes()
}

const NO_CERTIFICATE: &str = "false,N/A";
const NO_KEY: &str = "false,N/A,N/A,N/A,N/A";
/// The account is as old as the oldest thing a file plants.
const ROOT_CREATED: &str = "2015-01-01T00:00:00+00:00";

fn row(user: &User) -> String {
    let password = match user.password {
        None => "false,N/A,N/A,N/A".to_owned(),
        Some(Password { changed, .. }) => {
            let last_used = user.password_last_used.map_or_else(|| "no_information".to_owned(), time);
            format!("true,{last_used},{},N/A", time(changed))
        }
    };
    let mut keys = user.keys.iter().map(key);
    let (first, second) = (keys.next(), keys.next());
    let mut certificates = user
        .other_credentials
        .iter()
        .filter(|other| other.kind == OtherCredentialKind::SigningCertificate)
        .map(certificate);
    let more = match keys.count() {
        0 => String::new(),
        1 => "1 additional access key".to_owned(),
        more => format!("{more} additional access keys"),
    };
    format!(
        "{},{},{},{password},{},{},{},{},{},{more}",
        user.identity.name,
        user.identity.arn,
        time(user.created),
        !user.mfa_devices.is_empty(),
        first.as_deref().unwrap_or(NO_KEY),
        second.as_deref().unwrap_or(NO_KEY),
        certificates.next().unwrap_or_else(|| NO_CERTIFICATE.to_owned()),
        certificates.next().unwrap_or_else(|| NO_CERTIFICATE.to_owned()),
    )
}

/// `last_rotated` is the creation, or the last time the key was switched on or off.
fn key(key: &Key) -> String {
    let rotated = time(key.status_changed.unwrap_or(key.created));
    format!("{},{rotated},{}", key.status == KeyStatus::Active, used(key.last_used.as_ref()))
}

/// A key of the root user.
fn root_key(key: &AccessKey) -> String {
    let rotated = key.status_changed.or(key.created).map_or_else(|| ROOT_CREATED.to_owned(), time);
    format!("{},{rotated},{}", key.status == KeyStatus::Active, used(key.last_used.as_ref()))
}

fn used(last: Option<&LastUse>) -> String {
    last.map_or_else(
        || "N/A,N/A,N/A".to_owned(),
        |used| format!("{},{},{}", time(used.at), used.region, used.service),
    )
}

/// An inactive one has no date.
fn certificate(certificate: &OtherCredential) -> String {
    match certificate.status {
        KeyStatus::Active => format!("true,{}", time(certificate.created.latest)),
        KeyStatus::Inactive => NO_CERTIFICATE.to_owned(),
    }
}

/// To the second, with an offset.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
