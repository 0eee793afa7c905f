//! An account in good order, but for seven users.

use std::error::Error;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use sim::AccountFile;

const NOW: Timestamp = Timestamp::constant(1_795_338_000, 0);

/// What a sweep finds there, as the rules and the governance file are shipped.
pub(crate) const FINDINGS: u64 = 8;

/// How much of everything.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    /// At least one a user, at most two.
    pub(crate) keys: usize,
    pub(crate) roles: usize,
    pub(crate) policies: usize,
}

/// A JSON object's members.
type Members = Vec<(&'static str, Value)>;

/// The account. Keys are of every age up to the limit, as where people rotate them; a second key is the one they
/// rotated away from.
pub(crate) fn account(size: Size) -> Result<AccountFile, Box<dyn Error>> {
    let second_keys = size.keys.saturating_sub(size.users);
    let mut violations = violations().into_iter();
    let users: Vec<Value> = (0..size.users)
        .rev()
        .map(|n| object(user(n, n < second_keys).into_iter().chain(violations.next().unwrap_or_default())))
        .collect();
    let named = |kind: &str, count| -> Vec<Value> {
        (0..count).map(|n| json!({ "name": format!("{kind}-{n:04}") })).collect()
    };
    let file = json!({
        "account": "111122223333",
        "now": NOW,
        "users": users,
        "groups": [{ "name": "staff" }],
        "roles": named("role", size.roles),
        "policies": named("policy", size.policies),
    });
    Ok(AccountFile::parse(&file.to_string())?)
}

/// Of two members with one name the later one counts.
fn object(members: impl Iterator<Item = (&'static str, Value)>) -> Value {
    members.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
}

fn user(n: usize, second_key: bool) -> Members {
    let day = i64::try_from(n).unwrap_or_default();
    let age = 1 + day % 85;
    let mut keys = vec![key("Active", age, Some(age.min(day % 14)))];
    if second_key {
        keys.push(key("Inactive", 90 + age, Some(age)));
    }
    let mut user = vec![
        ("name", json!(format!("user-{n:04}"))),
        ("created", json!(ago(400 + day % 300))),
        ("groups", json!(["staff"])),
        ("accessKeys", json!(keys)),
    ];
    // One in three signs in at the console, too.
    if n.is_multiple_of(3) {
        user.extend([
            ("loginProfile", json!({ "created": ago(300) })),
            ("passwordLastUsed", json!(ago(day % 30))),
            ("mfaDevices", json!([format!("arn:aws:iam::111122223333:mfa/user-{n:04}")])),
        ]);
    }
    user
}

/// What is wrong with the last users, a rule each; a key unused for longer than any may live is too old as well.
fn violations() -> [Members; 7] {
    let in_use = || key("Active", 30, Some(1));
    [
        vec![("accessKeys", json!([key("Active", 200, Some(2))]))],
        vec![
            ("accessKeys", json!([key("Active", 120, Some(100)), key("Inactive", 300, Some(200))])),
            ("loginProfile", json!({ "created": ago(300) })),
            ("passwordLastUsed", json!(ago(3))),
            ("mfaDevices", json!(["arn:aws:iam::111122223333:mfa/quiet"])),
        ],
        vec![("accessKeys", json!([in_use(), key("Active", 60, Some(40))]))],
        vec![("inlinePolicies", json!([{ "name": "scanner-debug" }]))],
        vec![("attachedPolicies", json!(["arn:aws:iam::aws:policy/AdministratorAccess"]))],
        vec![
            ("loginProfile", json!({ "created": ago(300) })),
            ("passwordLastUsed", json!(ago(3))),
            ("mfaDevices", json!([])),
        ],
        vec![
            ("accessKeys", json!([key("Inactive", 300, Some(200))])),
            ("loginProfile", json!({ "created": ago(300) })),
            ("passwordLastUsed", json!(ago(120))),
            ("mfaDevices", json!(["arn:aws:iam::111122223333:mfa/gone"])),
        ],
    ]
}

fn key(status: &str, created: i64, used: Option<i64>) -> Value {
    let last_used = used.map(|days| json!({ "at": ago(days) }));
    json!({ "status": status, "created": ago(created), "lastUsed": last_used })
}

fn ago(days: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(24 * days)
}
