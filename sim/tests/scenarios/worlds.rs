//! A few accounts with something of everything.

use serde_json::{Value, json};
use sim::AccountFile;

use crate::fixture::*;

/// Managed policies of the account itself, so many.
pub(crate) fn arns(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("arn:aws:iam::{ACCOUNT}:policy/p{number}")).collect()
}

/// An inline policy of so many characters as IAM counts them.
pub(crate) fn inline_of(name: &str, size: usize) -> Value {
    let frame = r#"{"Id":""}"#.len();
    json!({"name": name, "document": format!(r#"{{"Id":"{}"}}"#, "x".repeat(size - frame))})
}

/// Something for each rule that anything is done about, and for suspension one of each kind.
pub(crate) fn something_of_everything() -> AccountFile {
    account(json!({"users": everyones(), "roles": roles()}))
}

/// Roles with all that is wrong with roles.
fn roles() -> Value {
    let used = json!({"at": ago(1), "region": "eu-west-1"});
    let trusting = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]});
    let own = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    let assume =
        |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    let github = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    json!([
        {"name": "open", "created": ago(9), "lastUsed": used, "trust": trusting(assume(json!("*")))},
        {"name": "foreign", "created": ago(9), "lastUsed": used,
         "trust": trusting(assume(json!({"AWS": ["arn:aws:iam::999988887777:root", own["AWS"]]})))},
        {"name": "any-repository", "created": ago(9), "lastUsed": used, "trust": trusting(json!({
            "Effect": "Allow", "Principal": {"Federated": github}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}))},
        {"name": "all-day", "created": ago(9), "lastUsed": used, "maxSessionDuration": 43_200,
         "trust": trusting(assume(own.clone()))},
        {"name": "forgotten", "created": ago(500), "lastUsed": {"at": ago(200), "region": "eu-west-1"},
         "trust": trusting(assume(own))}
    ])
}

fn everyones() -> Value {
    json!([
        {"name": "old-key", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(30)), key("NEW1", 5, Some(0))]},
        {"name": "idle-key", "created": ago(500), "loginProfile": {}, "passwordLastUsed": ago(1), "mfaDevices": ["m"],
         "accessKeys": [key("IDL1", 80, None), key("IDL2", 300, Some(200))]},
        {"name": "two-keys", "created": ago(500), "accessKeys": [key("TWO1", 80, Some(0)), key("TWO2", 60, Some(50))]},
        {"name": "inline", "inlinePolicies": [{"name": "a", "document": "{ \"Statement\":\n[] }"}, {"name": "b"}]},
        {"name": "attached", "attachedPolicies": arns(3)},
        {"name": "no-mfa", "created": ago(500), "loginProfile": {}, "passwordLastUsed": ago(2)},
        {"name": "leaver", "created": ago(500), "loginProfile": {"created": ago(400)}, "mfaDevices": ["m"],
         "passwordLastUsed": ago(300), "boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
         "accessKeys": [key("GON1", 400, Some(300)), {"id": key_id("GON2"), "status": "Inactive", "created": ago(450)}]}
    ])
}
