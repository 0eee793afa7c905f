//! Condition keys: the values that requests have for them, and what policies ask of them.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::scene::Scene;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Date,
    Bool,
    Binary,
    Address,
    Arn,
}

struct Key {
    name: &'static str,
    kind: Kind,
    /// In so many of a hundred requests the caller gives it.
    given: usize,
    several: bool,
}

const fn key(name: &'static str, kind: Kind, given: usize) -> Key {
    Key { name, kind, given, several: false }
}

const fn several(name: &'static str, given: usize) -> Key {
    Key { name, kind: Kind::Text, given, several: true }
}

const KEYS: [Key; 22] = [
    key("aws:PrincipalTag/team", Kind::Text, 45),
    key("s3:prefix", Kind::Text, 30),
    several("aws:TagKeys", 45),
    several("aws:CalledVia", 30),
    several("aws:PrincipalOrgPaths", 60),
    key("aws:MultiFactorAuthPresent", Kind::Bool, 40),
    key("aws:SecureTransport", Kind::Bool, 40),
    key("aws:MultiFactorAuthAge", Kind::Number, 40),
    key("s3:max-keys", Kind::Number, 30),
    key("aws:CurrentTime", Kind::Date, 50),
    key("aws:TokenIssueTime", Kind::Date, 30),
    key("aws:SourceIp", Kind::Address, 50),
    key("aws:VpcSourceIp", Kind::Address, 25),
    key("aws:SourceArn", Kind::Arn, 40),
    key("app:Digest", Kind::Binary, 40),
    key("aws:PrincipalArn", Kind::Arn, 3),
    key("aws:PrincipalAccount", Kind::Text, 3),
    key("aws:PrincipalType", Kind::Text, 3),
    key("aws:username", Kind::Text, 6),
    key("aws:PrincipalIsAWSService", Kind::Bool, 3),
    key("aws:PrincipalServiceName", Kind::Text, 3),
    key("aws:ResourceAccount", Kind::Text, 3),
];

const TEXTS: [&str; 10] = ["red", "Red", "blue", "alice", "*", "r?d", "", "team-red", "ü", "${aws:username}"];
const NUMBERS: [&str; 8] = ["9", "10", "10.0", "10.5", "-3", "0", "1000000", "ten"];
const DATES: [&str; 10] = [
    "2024-02-29T12:00:00Z",
    "2024-02-29T14:00:00+02:00",
    "1709208000",
    "2024-02-29T12:00:00.5Z",
    "2024-02-29",
    "2024-02-29T00:00:00Z",
    "2031-12-31T23:59:59Z",
    "0",
    "2023-02-29T00:00:00Z",
    "soon",
];
const BOOLS: [&str; 5] = ["true", "true", "false", "false", "yes"];
const BINARIES: [&str; 5] = ["QmFpbGlmZg==", "QUJD", "QUI=", "", "!!!!"];
const ADDRESSES: [&str; 6] =
    ["203.0.113.7", "203.0.113.77", "10.1.2.3", "2001:db8::1", "2001:db8:0:0::1", "somewhere"];
const RANGES: [&str; 10] = [
    "203.0.113.0/24",
    "203.0.113.7",
    "203.0.113.7/32",
    "203.0.113.9/29",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "2001:DB8::1",
    "2001:db8::/127",
];
const ARNS: [&str; 7] = [
    "arn:aws:sns:eu-west-1:111122223333:topic",
    "arn:aws:sns:us-east-1:444455556666:topic",
    "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
    "arn:aws:s3:::bucket",
    "arn:aws:iam::111122223333:user/staff/alice",
    "arn:aws:iam::111122223333:role/reader",
    "topic",
];
const ARN_PATTERNS: [&str; 9] = [
    "arn:aws:sns:*:111122223333:topic",
    "arn:aws:sns:*:*:t*",
    "arn:aws:s?s:eu-west-1:111122223333:topic",
    "arn:aws:logs:*:*:log-group:*",
    "arn:aws:logs:*:g:*",
    "arn:*:sns:*:*:*",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:user/*/alice",
    "arn:aws:sns:*",
];

/// What a request may say of a key.
fn vocabulary(key: &Key) -> &'static [&'static str] {
    match (key.name, key.kind) {
        ("aws:PrincipalAccount" | "aws:ResourceAccount", _) => {
            &["111122223333", "444455556666", "777788889999"]
        }
        ("aws:PrincipalType", _) => &["User", "AssumedRole", "Account", "FederatedUser", "Anonymous"],
        ("aws:PrincipalServiceName", _) => &["lambda.amazonaws.com", "ec2.amazonaws.com"],
        ("aws:username", _) => &["alice", "bob", "Alice"],
        (_, Kind::Text) => &TEXTS,
        (_, Kind::Number) => &NUMBERS,
        (_, Kind::Date) => &DATES,
        (_, Kind::Bool) => &BOOLS,
        (_, Kind::Binary) => &BINARIES,
        (_, Kind::Address) => &ADDRESSES,
        (_, Kind::Arn) => &ARNS,
    }
}

/// The keys that the caller gives.
pub(super) fn context(dice: &mut Dice) -> Map<String, Value> {
    let mut context = Map::new();
    for key in &KEYS {
        if !dice.percent(key.given) {
            continue;
        }
        let mut one = || native(dice.pick(vocabulary(key)), dice);
        let value = if key.several { json!([one(), one()]) } else { one() };
        let value = match dice.below(20) {
            0 => json!([]),
            1 => json!([value_of(key, dice), value_of(key, dice), value_of(key, dice)]),
            2 => json!([value_of(key, dice)]),
            3 => value_of(key, dice),
            _ => value,
        };
        let name = if dice.percent(10) { dice.other_letters(key.name) } else { key.name.to_owned() };
        context.insert(name, value);
    }
    context
}

fn value_of(key: &Key, dice: &mut Dice) -> Value {
    let text = dice.pick(vocabulary(key));
    native(text, dice)
}

/// The value as text or, now and then, as the number or boolean that it is.
fn native(text: &str, dice: &mut Dice) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) if dice.percent(30) => value,
        _ => json!(text),
    }
}

const OF_TEXT: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const OF_NUMBER: [&str; 7] = [
    "NumericNotEquals",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const OF_DATE: [&str; 7] = [
    "DateNotEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
];
const OF_ARN: [&str; 6] =
    ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "ArnNotEquals", "StringLike"];
const OF_ANY: [&str; 6] =
    ["Bool", "NumericLessThan", "DateGreaterThan", "IpAddress", "ArnLike", "BinaryEquals"];

fn operators(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text => &OF_TEXT,
        Kind::Number => &OF_NUMBER,
        Kind::Date => &OF_DATE,
        Kind::Bool => &["Bool", "Bool", "StringEquals"],
        Kind::Binary => &["BinaryEquals"],
        Kind::Address => &["IpAddress", "NotIpAddress", "NotIpAddress"],
        Kind::Arn => &OF_ARN,
    }
}

/// A `Condition` element: a few operators, each with a few keys.
pub(super) fn condition(scene: &Scene, dice: &mut Dice) -> Value {
    let mut operators = Map::new();
    for _ in 0..[1, 1, 1, 1, 2, 2, 0][dice.below(7)] {
        let key = &KEYS[dice.below(KEYS.len())];
        let (operator, values) = test(key, scene, dice);
        let keys = operators.entry(operator).or_insert_with(|| json!({}));
        let name = if dice.percent(10) { dice.other_letters(key.name) } else { key.name.to_owned() };
        keys[name] = values;
    }
    Value::Object(operators)
}

/// An operator and what it compares a key with.
fn test(key: &Key, scene: &Scene, dice: &mut Dice) -> (String, Value) {
    if dice.percent(7) {
        let there = [json!("true"), json!("false"), json!(true), json!(false)];
        return (letters("Null".to_owned(), dice), there[dice.below(4)].clone());
    }
    let base = if dice.percent(6) { dice.pick(&OF_ANY) } else { dice.pick(operators(key.kind)) };
    let mut operator = base.to_owned();
    if dice.percent(if key.several { 70 } else { 9 }) {
        operator = format!("{}:{operator}", dice.pick(&["ForAnyValue", "ForAllValues"]));
    }
    if dice.percent(20) {
        operator += "IfExists";
    }
    let values = match dice.below(10) {
        0..=6 => wanted(base, key, scene, dice),
        more => Value::Array((5..more).map(|_| wanted(base, key, scene, dice)).collect()),
    };
    (letters(operator, dice), values)
}

fn letters(operator: String, dice: &mut Dice) -> String {
    if dice.percent(8) { dice.other_letters(&operator) } else { operator }
}

/// One value of the policy, often that of the request or a pattern of it.
fn wanted(base: &str, key: &Key, scene: &Scene, dice: &mut Dice) -> Value {
    let own = scene.values(key.name);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let text = match key.kind {
        _ if dice.percent(8) && !base.starts_with("Numeric") && !base.starts_with("Date") => variable(dice),
        Kind::Address if dice.percent(85) => dice.pick(&RANGES).to_owned(),
        Kind::Arn if dice.percent(40) => dice.pick(&ARN_PATTERNS).to_owned(),
        _ if !own.is_empty() && dice.percent(65) => dice.pick(&own).to_owned(),
        _ => dice.pick(vocabulary(key)).to_owned(),
    };
    if base.ends_with("Like") && dice.percent(40) && !text.contains("${") {
        return json!(blurred(&text, dice));
    }
    native(&text, dice)
}

fn variable(dice: &mut Dice) -> String {
    dice.pick(&[
        "${aws:username}",
        "${AWS:UserName}",
        "${aws:PrincipalTag/team}",
        "${aws:PrincipalTag/team, 'red'}",
        "${aws:TagKeys}",
        "${aws:TagKeys, 'blue'}",
        "${aws:SourceArn}",
        "${aws:PrincipalArn}",
        "team-${aws:PrincipalTag/team}",
        "${*}",
        "r${?}d",
        "${$}{aws:username}",
        "${aws:SecureTransport}",
        "arn:aws:sns:*:${aws:PrincipalAccount}:topic",
        "*${aws:NoSuchKey}",
    ])
    .to_owned()
}

/// The text with a wildcard in place of a part of it.
pub(super) fn blurred(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let from = dice.below(chars.len() + 1);
    if dice.percent(30) && from < chars.len() {
        chars[from] = '?';
    } else {
        let to = if dice.percent(50) { chars.len() } else { from + dice.below(chars.len() - from + 1) };
        chars.splice(from..to, ['*']);
    }
    chars.into_iter().collect()
}
