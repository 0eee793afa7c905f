#![expect(clippy::needless_pass_by_value, reason = "`json!` reads best as an argument of its own")]

use serde_json::{Value, json};

use super::answer_line;

mod conditions;
mod decisions;
mod lines;
mod properties;
mod statements;

const ALICE: &str = "arn:aws:iam::111122223333:user/people/alice";
const ROLE: &str = "arn:aws:iam::111122223333:role/builder";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/builder/run-7";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bob";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const OBJECT: &str = "arn:aws:s3:::reports/q3.pdf";
const OTHER_ACCOUNT: &str = "999988887777";

/// What a line is answered with.
fn answer(line: &Value) -> Value {
    let mut out = String::new();
    answer_line(line.to_string().as_bytes(), &mut out);
    serde_json::from_str(&out).unwrap()
}

#[track_caller]
fn decision(line: &Value) -> String {
    let answer = answer(line);
    answer["decision"].as_str().unwrap_or_else(|| panic!("{line}: {answer}")).to_owned()
}

#[track_caller]
fn by(line: &Value) -> Vec<String> {
    answer(line)["by"].as_array().unwrap().iter().map(|by| by.as_str().unwrap().to_owned()).collect()
}

/// A request to read an object in the principal's own account, with further keys.
fn request(principal: &str, more: Value) -> Value {
    let mut line = json!({
        "principal": principal,
        "action": "s3:GetObject",
        "resource": OBJECT,
        "resourceAccount": "111122223333",
    });
    let Value::Object(more) = more else { panic!("{more}") };
    line.as_object_mut().unwrap().extend(more);
    line
}

fn policy(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A statement on every resource, with further keys.
fn statement(effect: &str, action: &str, more: Value) -> Value {
    let mut statement = json!({ "Effect": effect, "Action": action, "Resource": "*" });
    let Value::Object(more) = more else { panic!("{more}") };
    statement.as_object_mut().unwrap().extend(more);
    statement
}

fn allow(action: &str) -> Value {
    policy(statement("Allow", action, json!({})))
}

fn deny(action: &str) -> Value {
    policy(statement("Deny", action, json!({})))
}

fn open_to(principal: Value) -> Value {
    policy(statement("Allow", "*", json!({ "Principal": principal })))
}
