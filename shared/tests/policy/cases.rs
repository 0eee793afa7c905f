//! The naive evaluator against the semantics, sentence by sentence: what is asked, and what must come of it.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a table reads better without a reference before every value"
)]

mod condition;
mod decision;
mod principal;
mod refused;
mod statement;

use serde_json::{Map, Value, json};

use crate::naive::{self, Decision};

const ALLOWED: Option<Decision> = Some(Decision::Allowed);
const EXPLICITLY: Option<Decision> = Some(Decision::ExplicitlyDenied);
const IMPLICITLY: Option<Decision> = Some(Decision::ImplicitlyDenied);
const REFUSED: Option<Decision> = None;

const ALICE: &str = "arn:aws:iam::111122223333:user/staff/alice";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const ROLE: &str = "arn:aws:iam::111122223333:role/app/reader";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/reader/one";
const OTHER_SESSION: &str = "arn:aws:sts::111122223333:assumed-role/reader/two";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/carol";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const STRANGER: &str = "arn:aws:iam::444455556666:user/stranger";
const OBJECT: &str = "arn:aws:s3:::bucket/key";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";
const TARGET: &str = "arn:aws:iam::111122223333:role/target";

type Case = (&'static str, Value, Option<Decision>);

#[track_caller]
fn check(cases: impl IntoIterator<Item = Case>) {
    for (what, request, expected) in cases {
        let answer = naive::decide(&request);
        assert_eq!(answer.clone().ok(), expected, "{what}: {answer:?}\n{request:#}");
    }
}

/// A request by alice to read an object, with what is given in place of that or added to it.
fn ask(changes: Value) -> Value {
    changed(json!({ "principal": ALICE, "action": "s3:GetObject", "resource": OBJECT }), changes)
}

/// A policy of one statement that allows everything, with what is given in place of that or added to it.
fn allow(changes: Value) -> Value {
    policy([statement("Allow", changes)])
}

/// A policy of one statement that denies everything, with what is given in place of that or added to it.
fn deny(changes: Value) -> Value {
    policy([statement("Deny", changes)])
}

/// As `allow`, for the principal given.
fn allow_to(principal: Value) -> Value {
    allow(json!({ "Principal": principal }))
}

fn policy<const N: usize>(statements: [Value; N]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements.to_vec() })
}

fn statement(effect: &str, changes: Value) -> Value {
    let mut statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
    for element in ["Action", "Resource"] {
        if changes.get(format!("Not{element}")).is_some() {
            statement.as_object_mut().unwrap().remove(element);
        }
    }
    changed(statement, changes)
}

/// Members of an object replaced or, by null, removed.
fn changed(mut object: Value, changes: Value) -> Value {
    let members: &mut Map<String, Value> = object.as_object_mut().unwrap();
    let Value::Object(changes) = changes else { panic!("{changes} is no object") };
    for (name, value) in changes {
        members.remove(&name);
        if !value.is_null() {
            members.insert(name, value);
        }
    }
    object
}
