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

/// An active credential of another kind, so many days old.
fn other(kind: &str, days: i64) -> Value {
    json!({"kind": kind, "created": ago(days)})
}

/// One principal for each rule, for suspension one user of each kind, and an account that asks too little of passwords.
pub(crate) fn something_of_everything() -> AccountFile {
    let policies = everything_of_policies();
    // What is blocked, a group has.
    let groups = json!([
        {"name": "console", "attachedPolicies": ["arn:aws:iam::aws:policy/AWSCloudShellFullAccess"]}
    ]);
    account(json!({
        "users": everything_of_users(), "roles": everything_of_roles(), "groups": groups, "policies": policies,
        "accountSettings": {"passwordPolicy": {"minimumPasswordLength": 20}}
    }))
}

fn everything_of_users() -> Value {
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
         "accessKeys": [key("GON1", 400, Some(300)), {"id": key_id("GON2"), "status": "Inactive", "created": ago(450)}]},
        {"name": "git", "otherCredentials": [other("sshPublicKey", 200), other("sshPublicKey", 20)]},
        {"name": "api", "otherCredentials": [other("serviceSpecificCredential", 2)]},
        {"name": "exposed", "created": ago(500), "accessKeys": [key("EXP1", 3, Some(0))]},
        {"name": "given-a-key", "created": ago(500), "accessKeys": [key("GIV1", 1, Some(0))]},
        {"name": "attacker", "created": ago(500), "accessKeys": [key("ATT1", 5, Some(0))]},
        {"name": "soap", "otherCredentials": [other("signingCertificate", 200)]}
    ])
}

/// A role that lets these in by this action, used a day ago.
pub(crate) fn role(name: &str, principal: &Value, action: &str) -> Value {
    json!({
        "name": name, "created": ago(500), "lastUsed": {"at": ago(1), "region": "eu-west-1"},
        "trust": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": action}]}
    })
}

fn everything_of_roles() -> Value {
    let github = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    let ours = json!({"AWS": ACCOUNT});
    let mut long = role("long-sessions", &ours, "sts:AssumeRole");
    long["maxSessionDuration"] = json!(43_200);
    let mut idle = role("idle-role", &ours, "sts:AssumeRole");
    idle["lastUsed"]["at"] = json!(ago(200));
    json!([
        role("open-to-all", &json!({"AWS": [ACCOUNT, "*"]}), "sts:AssumeRole"),
        role("open-to-vendor", &json!({"AWS": [ACCOUNT, "444455556666"]}), "sts:AssumeRole"),
        role("open-to-github", &json!({"Federated": github}), "sts:AssumeRoleWithWebIdentity"),
        long,
        idle
    ])
}

/// A policy for each rule that one can break by a statement, beside one that is fine.
fn everything_of_policies() -> Value {
    let fine = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    let policy = |name: &str, element: &str, action: &str| {
        let statement = json!({"Effect": "Allow", element: action, "Resource": "*"});
        json!({"name": name, "document": {"Version": "2012-10-17", "Statement": [fine, statement]}})
    };
    json!([
        policy("everything", "Action", "*"),
        policy("all-but-iam", "NotAction", "iam:*"),
        policy("versions", "Action", "iam:CreatePolicyVersion"),
        policy("passes", "Action", "iam:PassRole"),
        policy("decrypts", "Action", "kms:Decrypt")
    ])
}
