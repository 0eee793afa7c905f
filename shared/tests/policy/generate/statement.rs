//! Documents and their statements, made with an eye on the request.

use serde_json::{Map, Value, json};

use super::Slot;
use super::condition::{blurred, condition};
use super::dice::Dice;
use super::scene::{ACTIONS, Scene, some_entry};

pub(super) fn document(slot: Slot, scene: &Scene, dice: &mut Dice) -> Value {
    let mut document = Map::new();
    let version = [json!("2012-10-17"), json!("2008-10-17"), Value::Null][match dice.below(100) {
        0..70 => 0,
        70..80 => 1,
        _ => 2,
    }]
    .clone();
    if !version.is_null() {
        document.insert("Version".to_owned(), version);
    }
    if slot == Slot::Resource && dice.percent(10) {
        document.insert("Id".to_owned(), json!("policy"));
    }
    let mut statements: Vec<Value> =
        (0..[1, 1, 1, 1, 2, 3][dice.below(6)]).map(|at| statement(slot, at, scene, dice)).collect();
    let single = statements.len() == 1 && dice.percent(40);
    let statements = if single { statements.remove(0) } else { Value::Array(statements) };
    document.insert("Statement".to_owned(), statements);
    Value::Object(document)
}

/// A document that comes to nothing but its conditions: one statement, which allows everything where they hold, or one
/// that denies everything beside one that allows it.
pub(super) fn only_conditions(scene: &Scene, dice: &mut Dice) -> Value {
    let mut statement = full_access(Slot::Identity);
    statement["Condition"] = condition(scene, dice);
    let statements = if dice.percent(25) {
        statement["Effect"] = json!("Deny");
        json!([full_access(Slot::Identity), statement])
    } else {
        statement
    };
    let version = if dice.percent(80) { "2012-10-17" } else { "2008-10-17" };
    json!({ "Version": version, "Statement": statements })
}

fn statement(slot: Slot, at: usize, scene: &Scene, dice: &mut Dice) -> Value {
    let caps = !matches!(slot, Slot::Identity | Slot::Resource);
    if caps && at == 0 && dice.percent(60) {
        return full_access(slot);
    }
    let denies = dice.percent(if slot == Slot::Identity { 17 } else { 22 });
    let mut statement = Map::new();
    if dice.percent(20) {
        statement.insert("Sid".to_owned(), json!(format!("S{at}")));
    }
    statement.insert("Effect".to_owned(), json!(if denies { "Deny" } else { "Allow" }));
    if slot.has_principal() {
        let (name, value) = principal(slot, denies, scene, dice);
        statement.insert(name.to_owned(), value);
    }
    let (name, value) = actions(scene, denies, dice);
    statement.insert(name.to_owned(), value);
    if !(scene.is_trust() && slot == Slot::Resource) {
        let (name, value) = resources(scene, denies, dice);
        statement.insert(name.to_owned(), value);
    }
    if dice.percent(if denies { 65 } else { 55 }) {
        statement.insert("Condition".to_owned(), condition(scene, dice));
    }
    Value::Object(statement)
}

fn full_access(slot: Slot) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    if slot.has_principal() {
        statement["Principal"] = json!("*");
    }
    statement
}

/// One entry as it is, or in a list; several in a list.
fn one_or_list(mut entries: Vec<String>, dice: &mut Dice) -> Value {
    if entries.len() == 1 && dice.percent(60) { json!(entries.remove(0)) } else { json!(entries) }
}

/// `Principal`, or seldom `NotPrincipal`, which trust policies and RCPs do not have.
fn principal(slot: Slot, denies: bool, scene: &Scene, dice: &mut Dice) -> (&'static str, Value) {
    let everyone = match slot {
        Slot::Resource => 8,
        Slot::ResourceControl => 85,
        _ => 65,
    };
    let has_not = slot != Slot::ResourceControl && !scene.is_trust();
    let not = has_not && dice.percent(if denies { 18 } else { 4 });
    if dice.percent(everyone) && !not {
        return ("Principal", if dice.percent(50) { json!("*") } else { json!({ "AWS": "*" }) });
    }
    let own = if not { 40 } else { 75 };
    let mut kinds: Map<String, Value> = Map::new();
    for at in 0..=dice.below(3) {
        let (kind, entry) =
            if at == 0 && dice.percent(own) { scene.own_entry(dice) } else { some_entry(dice) };
        let entries = kinds.entry(kind).or_insert_with(|| json!([]));
        entries.as_array_mut().expect("made as one").push(json!(entry));
    }
    // As AWS advises, whom a denial spares often stands there with the account.
    if not && let Some(account) = scene.account.filter(|_| dice.percent(35)) {
        let entries = kinds.entry("AWS").or_insert_with(|| json!([]));
        let entries = entries.as_array_mut().expect("made as one");
        entries.push(json!(format!("arn:aws:iam::{account}:root")));
    }
    for entries in kinds.values_mut() {
        if let [single] = entries.as_array().expect("made as one").as_slice()
            && dice.percent(60)
        {
            *entries = single.clone();
        }
    }
    (if not { "NotPrincipal" } else { "Principal" }, Value::Object(kinds))
}

fn actions(scene: &Scene, denies: bool, dice: &mut Dice) -> (&'static str, Value) {
    let not = dice.percent(12);
    let own = match (not, denies) {
        (true, _) => 25,
        (false, true) => 60,
        (false, false) => 82,
    };
    let entries = (0..[1, 1, 1, 2, 3][dice.below(5)])
        .map(|at| {
            let action = if at == 0 && dice.percent(own) { scene.action } else { dice.pick(&ACTIONS) };
            action_pattern(action, dice)
        })
        .collect();
    (if not { "NotAction" } else { "Action" }, one_or_list(entries, dice))
}

fn action_pattern(action: &str, dice: &mut Dice) -> String {
    let (service, name) = action.split_once(':').expect("an action has a service");
    match dice.below(12) {
        0 => dice.other_letters(action),
        1 | 2 => format!("{service}:*"),
        3 => format!("{service}:{}", blurred(name, dice)),
        4 => format!("{service}:{}*", &name.chars().take(3).collect::<String>()),
        5 if dice.percent(60) => "*".to_owned(),
        6 => format!("{service}:{}", blurred(&dice.other_letters(name), dice)),
        _ => action.to_owned(),
    }
}

fn resources(scene: &Scene, denies: bool, dice: &mut Dice) -> (&'static str, Value) {
    let not = dice.percent(10);
    let own = match (not, denies) {
        (true, _) => 20,
        (false, true) => 65,
        (false, false) => 85,
    };
    let entries = (0..=dice.below(2))
        .map(|at| {
            let other = dice.pick(&OTHERS);
            let resource = if at == 0 && dice.percent(own) { &scene.resource } else { other };
            if !not && dice.percent(20) { "*".to_owned() } else { resource_pattern(resource, dice) }
        })
        .collect();
    (if not { "NotResource" } else { "Resource" }, one_or_list(entries, dice))
}

const OTHERS: [&str; 5] = [
    "arn:aws:s3:::bucket/home/bob/y",
    "arn:aws:s3:::other",
    "arn:aws:sqs:eu-west-1:111122223333:queue-blue",
    "arn:aws:iam::444455556666:role/other",
    "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
];

/// The ARN or a pattern of it; only what comes after the fifth colon is cut up.
fn resource_pattern(resource: &str, dice: &mut Dice) -> String {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else {
        return resource.to_owned();
    };
    let with = |name: &str| [arn, partition, service, region, account, name].join(":");
    match dice.below(11) {
        0 | 1 => with("*"),
        2 | 3 => with(&blurred(name, dice)),
        4 => [arn, partition, service, "*", "*", name].join(":"),
        5 => with(&name.replace("alice", "${aws:username}").replace("red", "${aws:PrincipalTag/team}")),
        6 => with(
            &name
                .replace("alice", "${AWS:USERNAME, 'alice'}")
                .replace("red", "${aws:PrincipalTag/team, 'red'}"),
        ),
        7 => with(&format!(
            "*{}",
            dice.pick(&["${aws:PrincipalTag/team}*", "/${aws:username}/*", "${aws:TagKeys}*"])
        )),
        8 => with(&escaped(name)),
        _ => resource.to_owned(),
    }
}

/// The name with its special characters as variables.
fn escaped(name: &str) -> String {
    let one = |char: char| if "*?$".contains(char) { format!("${{{char}}}") } else { char.to_string() };
    name.chars().map(one).collect()
}
