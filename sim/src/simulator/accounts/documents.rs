use serde_json::{Value, json};

use super::ACCOUNT;
use crate::simulator::dice::Dice;

/// A text that allows something, as people and programs write them.
pub(super) fn identity(dice: &mut Dice) -> Value {
    let fine = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    let (element, action) = dice.pick(&[
        ("Action", "*"),
        ("NotAction", "iam:*"),
        ("Action", "iam:CreatePolicyVersion"),
        ("Action", "iam:PassRole"),
        ("Action", "kms:Decrypt"),
        ("Action", "s3:ListBucket"),
        ("Action", "ec2:DescribeInstances"),
    ]);
    let other = json!({"Effect": "Allow", element: action, "Resource": "*"});
    let statements = match dice.below(3) {
        0 => json!([fine, other]),
        1 => json!([other]),
        _ => json!([fine]),
    };
    text(dice, &json!({"Version": "2012-10-17", "Statement": statements}))
}

/// Who may assume a role.
pub(super) fn trust(dice: &mut Dice) -> Value {
    let github = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    let (principal, action) = match dice.below(6) {
        0 => (json!({"AWS": [ACCOUNT, "*"]}), "sts:AssumeRole"),
        1 => (json!("*"), "sts:AssumeRole"),
        2 => (json!({"AWS": [ACCOUNT, "444455556666"]}), "sts:AssumeRole"),
        3 => (json!({"Federated": github}), "sts:AssumeRoleWithWebIdentity"),
        4 => (json!({"Service": "ec2.amazonaws.com"}), "sts:AssumeRole"),
        _ => (json!({"AWS": ACCOUNT}), "sts:AssumeRole"),
    };
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action});
    let ours = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"});
    let statements = if dice.chance(500) { json!([statement]) } else { json!([ours, statement]) };
    text(dice, &json!({"Version": "2012-10-17", "Statement": statements}))
}

/// The same document in one of the ways in which it can be written: undo must give back that very one.
fn text(dice: &mut Dice, document: &Value) -> Value {
    match dice.below(3) {
        0 => document.clone(),
        1 => json!(format!(" {document}\n")),
        _ => json!(serde_json::to_string_pretty(document).unwrap_or_default()),
    }
}
