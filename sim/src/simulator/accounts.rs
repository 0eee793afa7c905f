//! Accounts made up by a seed: a little of everything that a rule looks at, some of it hostile.

mod documents;
mod roles;
mod users;

use serde_json::{Value, json};

use super::dice::Dice;
use crate::account_file::AccountFile;

pub(crate) const ACCOUNT: &str = "111122223333";
/// A Sunday.
pub(crate) const NOW: &str = "2026-11-22T09:00:00Z";

/// How big an account is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// The most users.
    pub(crate) users: usize,
    /// The most roles.
    pub(crate) roles: usize,
    /// The most groups.
    pub(crate) groups: usize,
    /// The most customer managed policies.
    pub(crate) policies: usize,
}

impl Size {
    /// Mostly a handful, now and then some dozens.
    pub(crate) fn any(dice: &mut Dice) -> Self {
        if dice.chance(5) {
            Self { users: 30, roles: 15, groups: 5, policies: 10 }
        } else if dice.chance(30) {
            Self { users: 0, roles: 0, groups: 0, policies: 0 }
        } else {
            Self { users: 3, roles: 2, groups: 1, policies: 2 }
        }
    }
}

/// The day that many days before the beginning, six hours off every threshold.
pub(crate) fn ago(days: i64) -> String {
    let now: jiff::Timestamp = NOW.parse().unwrap_or_default();
    now.saturating_sub(jiff::SignedDuration::from_hours(24 * days + 6)).unwrap_or(now).to_string()
}

/// An age in days, away from the thresholds of rules.
pub(crate) fn age(dice: &mut Dice) -> i64 {
    match dice.below(4) {
        0 => dice.between(0, 5),
        1 => dice.between(17, 40),
        2 => dice.between(50, 80),
        _ => dice.between(100, 400),
    }
}

/// An account of at most that size.
pub(crate) fn account(dice: &mut Dice, size: Size) -> AccountFile {
    let mut groups: Vec<Value> = Vec::new();
    let policies: Vec<Value> = (0..=size.policies)
        .take(dice.below(size.policies + 1))
        .map(|number| {
            let document = documents::identity(dice);
            let versions: Vec<Value> = (0..dice.pick(&[0, 0, 1, 4_i64]))
                .map(|version| json!({"id": format!("v{}", version + 1), "document": documents::identity(dice)}))
                .collect();
            json!({
                "name": format!("policy-{number}"), "path": dice.pick(&["/", "/", "/team/"]),
                "document": document, "defaultVersion": format!("v{}", versions.len() + 1), "otherVersions": versions,
            })
        })
        .collect();
    let attachable = attachable(&policies);
    for number in 0..dice.below(size.groups + 1) {
        groups.push(json!({
            "name": format!("group-{number}"), "attachedPolicies": dice.some(&attachable, 250),
        }));
    }
    let names: Vec<String> = (0..groups.len()).map(|number| format!("group-{number}")).collect();
    let users: Vec<Value> = (0..dice.below(size.users + 1))
        .map(|number| users::user(dice, number, &attachable, &names))
        .collect();
    let roles: Vec<Value> =
        (0..dice.below(size.roles + 1)).map(|number| roles::role(dice, number, &attachable)).collect();
    let settings = dice.chance(500).then(|| {
        let policy = dice.chance(700).then(|| {
            json!({
                "minimumPasswordLength": dice.between(6, 30), "requireSymbols": dice.chance(500),
                "maxPasswordAge": dice.chance(500).then(|| dice.between(30, 200)),
                "passwordReusePrevention": dice.chance(500).then(|| dice.between(1, 24)),
            })
        });
        json!({"passwordPolicy": policy})
    });
    let mut file = json!({
        "account": ACCOUNT, "now": NOW, "users": users, "roles": roles, "groups": groups, "policies": policies,
    });
    if let (Some(settings), Some(fields)) = (settings, file.as_object_mut()) {
        fields.insert("accountSettings".to_owned(), settings);
    }
    read(file)
}

/// The account that the generator has written down. One that it should not have written ends the run, as any fault
/// of the simulator does.
pub(crate) fn read(file: Value) -> AccountFile {
    serde_json::from_value(file).unwrap_or_else(|error| unreachable!("the generated account: {error}"))
}

fn attachable(policies: &[Value]) -> Vec<String> {
    let own = policies.iter().filter_map(|policy| {
        let (path, name) = (policy.get("path")?.as_str()?, policy.get("name")?.as_str()?);
        Some(format!("arn:aws:iam::{ACCOUNT}:policy{path}{name}"))
    });
    let aws = [
        "arn:aws:iam::aws:policy/AWSCloudShellFullAccess",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
    ];
    own.chain(aws.map(str::to_owned)).collect()
}
