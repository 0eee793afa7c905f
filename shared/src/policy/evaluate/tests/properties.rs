use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{ALICE, FEDERATED, OBJECT, OTHER_ACCOUNT, ROLE, ROOT, SESSION, answer, decision, policy};

/// Where a policy may stand, and whether its statements name principals.
const SLOTS: [(&str, bool); 7] = [
    ("identityPolicies", false),
    ("permissionBoundaries", false),
    ("sessionPolicy", false),
    ("resourcePolicy", true),
    ("endpointPolicies", true),
    ("serviceControlPolicies", false),
    ("resourceControlPolicies", true),
];

fn any_statement(names_principals: bool) -> impl Strategy<Value = Value> {
    let action = (
        select(vec!["Action", "NotAction"]),
        proptest::collection::vec(
            select(vec!["*", "s3:*", "s3:Get*", "kms:*", "sts:AssumeRole", "ec2:Run*"]),
            1..3,
        ),
    );
    let resource = (
        select(vec!["Resource", "NotResource"]),
        proptest::collection::vec(
            select(vec!["*", OBJECT, "arn:aws:s3:::reports/*", "arn:aws:kms:*", "arn:*:${aws:username}"]),
            1..3,
        ),
    );
    let principal = (
        select(vec!["Principal", "NotPrincipal"]),
        select(vec![
            json!("*"),
            json!({ "AWS": "111122223333" }),
            json!({ "AWS": [ALICE, ROLE] }),
            json!({ "AWS": SESSION }),
            json!({ "AWS": FEDERATED }),
            json!({ "Service": "lambda.amazonaws.com" }),
            json!({ "Federated": "accounts.google.com" }),
        ]),
    );
    let operator = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLikeIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotLike",
        "Null",
        "NumericLessThan",
        "ArnNotLike",
    ]);
    let condition = proptest::option::of((
        operator,
        select(vec!["x:a", "x:b", "aws:PrincipalArn"]),
        select(vec!["1", "2", "true", "${x:b}", ALICE]),
    ));
    (any::<bool>(), action, resource, principal, condition).prop_map(
        move |(deny, action, resource, principal, condition)| {
            let mut statement = json!({ "Effect": if deny { "Deny" } else { "Allow" } });
            statement[action.0] = json!(action.1);
            statement[resource.0] = json!(resource.1);
            if names_principals {
                statement[principal.0] = principal.1;
            }
            if let Some((operator, key, value)) = condition {
                statement["Condition"] = json!({ operator: { key: value } });
            }
            statement
        },
    )
}

fn any_slot((slot, names_principals): (&'static str, bool)) -> impl Strategy<Value = (&'static str, Value)> {
    let statements = proptest::collection::vec(any_statement(names_principals), 1..4);
    let policies =
        proptest::collection::vec(statements.prop_map(|statements| policy(json!(statements))), 0..3);
    proptest::option::weighted(0.5, policies).prop_map(move |policies| {
        let value = match policies {
            None => Value::Null,
            Some(policies) if slot.contains("Control") => json!([policies]),
            Some(policies) => json!(policies),
        };
        (slot, value)
    })
}

fn any_request() -> impl Strategy<Value = Value> {
    let principal = select(vec![
        json!(ALICE),
        json!(ROLE),
        json!(SESSION),
        json!(FEDERATED),
        json!(ROOT),
        json!("lambda.amazonaws.com"),
        json!("accounts.google.com"),
        json!({ "type": "Anonymous" }),
    ]);
    let asked = select(vec![
        ("s3:GetObject", OBJECT),
        ("s3:ListAllMyBuckets", "*"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/deploy"),
    ]);
    let context = select(vec![
        json!({}),
        json!({ "x:a": "1" }),
        json!({ "x:a": ["1", "2"], "x:b": "2" }),
        json!({ "x:b": [] }),
    ]);
    (principal, asked, context, select(vec!["111122223333", OTHER_ACCOUNT]), SLOTS.map(any_slot)).prop_map(
        |(principal, (action, resource), context, account, slots)| {
            let mut line = json!({ "principal": principal, "action": action, "resource": resource,
                "resourceAccount": account, "context": context });
            for (slot, value) in slots {
                line[slot] = value;
            }
            line
        },
    )
}

/// All lists of statements in a line.
fn statements(line: &mut Value) -> Vec<&mut Vec<Value>> {
    fn documents<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Vec<Value>>) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(|value| documents(value, found)),
            Value::Object(document) => {
                if let Some(Value::Array(statements)) = document.get_mut("Statement") {
                    found.push(statements);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (key, value) in line.as_object_mut().unwrap() {
        if SLOTS.iter().any(|(slot, _)| slot == key) {
            documents(value, &mut found);
        }
    }
    found
}

/// How far a request gets.
fn reach(decision: &str) -> Option<usize> {
    ["ExplicitlyDenied", "ImplicitlyDenied", "Allowed"].iter().position(|other| *other == decision)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn one_more_deny_never_allows_more(mut line in any_request(), which in any::<prop::sample::Index>(), more in any_statement(false)) {
        let before = decision(&line);
        let mut lists = statements(&mut line);
        if !lists.is_empty() {
            let list = which.get_mut(&mut lists);
            let mut more = more;
            more["Effect"] = json!("Deny");
            if list.iter().any(|statement| statement.get("Principal").or(statement.get("NotPrincipal")).is_some()) {
                more["Principal"] = json!("*");
            }
            list.push(more);
            prop_assert!(reach(&decision(&line)) <= reach(&before), "{line}");
        }
    }

    #[test]
    fn one_more_allow_never_denies_more(mut line in any_request(), which in any::<prop::sample::Index>(), more in any_statement(false)) {
        let before = decision(&line);
        let mut lists = statements(&mut line);
        if !lists.is_empty() {
            let list = which.get_mut(&mut lists);
            let mut more = more;
            more["Effect"] = json!("Allow");
            if list.iter().any(|statement| statement.get("Principal").or(statement.get("NotPrincipal")).is_some()) {
                more["Principal"] = json!("*");
            }
            list.push(more);
            prop_assert!(reach(&decision(&line)) >= reach(&before), "{line}");
        }
    }

    #[test]
    fn the_order_of_statements_and_policies_does_not_matter(line in any_request()) {
        fn reversed(value: &Value) -> Value {
            match value {
                Value::Array(list) => list.iter().rev().map(reversed).collect(),
                Value::Object(entries) => entries.iter().rev().map(|(key, value)| (key.clone(), reversed(value))).collect(),
                other => other.clone(),
            }
        }
        prop_assert_eq!(decision(&reversed(&line)), decision(&line));
    }

    #[test]
    fn a_list_of_one_is_that_one(line in any_request()) {
        fn alone(value: &Value) -> Value {
            match value {
                Value::Array(list) if list.len() == 1 => alone(&list[0]),
                Value::Array(list) => list.iter().map(alone).collect(),
                Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), alone(value))).collect(),
                other => other.clone(),
            }
        }
        let mut lone = line.clone();
        for (slot, _) in SLOTS {
            // Levels stay lists: a list of one level is not that level.
            lone[slot] = match &line[slot] {
                Value::Array(levels) if slot.contains("Control") => {
                    levels.iter().map(|level| json!(level.as_array().unwrap().iter().map(alone).collect::<Vec<_>>())).collect()
                }
                other => alone(other),
            };
        }
        prop_assert_eq!(answer(&lone), answer(&line), "{}", lone);
    }

    #[test]
    fn letter_case_of_actions_and_keys_does_not_matter(line in any_request()) {
        let mut shouted = line.clone();
        shouted["action"] = json!(line["action"].as_str().unwrap().to_uppercase());
        for list in statements(&mut shouted) {
            for statement in list {
                for key in ["Action", "NotAction"] {
                    if let Some(actions) = statement.get_mut(key) {
                        *actions = actions.as_array().unwrap().iter().map(|action| json!(action.as_str().unwrap().to_uppercase())).collect();
                    }
                }
            }
        }
        prop_assert_eq!(answer(&shouted), answer(&line));
    }

    #[test]
    fn a_boundary_that_allows_everything_changes_nothing_without_not_principal(mut line in any_request()) {
        if line["permissionBoundaries"].is_null() && !line.to_string().contains("NotPrincipal") {
            let before = decision(&line);
            line["permissionBoundaries"] = super::allow("*");
            prop_assert_eq!(decision(&line), before);
        }
    }
}
