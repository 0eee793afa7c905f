use jiff::Timestamp;
use shared::facts::{KeyStatus, ResourceIdentity};
use sim::AccountFile;
use sim::account_file::{AccessKey, Role, User};

/// What is in use under a principal, as far as the account file tells: it stops with it.
pub(super) fn of(account: &AccountFile, identity: &ResourceIdentity) -> Vec<String> {
    match identity {
        ResourceIdentity::User(user) => {
            account.users.iter().find(|live| live.name == user.name).map(of_user).unwrap_or_default()
        }
        ResourceIdentity::Role(role) => {
            account.roles.iter().find(|live| live.name == role.name).map(of_role).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn of_user(user: &User) -> Vec<String> {
    let mut costs: Vec<String> =
        user.access_keys.iter().filter(|key| key.status == KeyStatus::Active).map(of_key).collect();
    if user.login_profile.is_some() {
        let used = last(user.password_last_used);
        costs.push(format!("the console password, {used}, and does not come back"));
    }
    let others = user.other_credentials.iter().filter(|other| other.status == KeyStatus::Active).count();
    if others > 0 {
        costs
            .push(format!("{others} of its SSH keys, service-specific credentials and signing certificates"));
    }
    costs
}

fn of_key(key: &AccessKey) -> String {
    let id = key.id.as_ref().map_or_else(|| "…".to_owned(), ToString::to_string);
    match &key.last_used {
        None => format!("access key {id}, never used as far as IAM shows"),
        Some(used) => format!(
            "access key {id}, last used at {} for {} in {}: whatever uses it stops",
            used.at, used.service, used.region
        ),
    }
}

fn of_role(role: &Role) -> Vec<String> {
    vec![format!("all that runs as the role, {}", last(role.last_used.as_ref().map(|used| used.at)))]
}

fn last(used: Option<Timestamp>) -> String {
    used.map_or_else(|| "never used as far as IAM shows".to_owned(), |at| format!("last used at {at}"))
}
