//! Each statement of the pack, by the cases of `organization/cases`: what it denies, and what it lets through that it
//! would deny but for its conditions.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::organization::{ControlType, Denial};
use crate::policy::evaluate::Simulation;
use crate::policy::{Effect, Json, PolicyKind};

/// What every organisation may attach, whatever more AWS gave it since.
///
/// Source: AWS Organizations User Guide, "Quotas and service limits for AWS Organizations".
const MOST_CHARACTERS: usize = 5120;

#[derive(Debug, Deserialize)]
struct Case {
    statement: String,
    decision: Expected,
    name: String,
    #[serde(flatten)]
    request: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Expected {
    #[serde(rename = "denied")]
    Denied,
    #[serde(rename = "let through")]
    LetThrough,
}

#[expect(clippy::disallowed_methods, reason = "the cases are files")]
fn cases(policy: &str) -> Vec<Case> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../organization/cases").join(format!("{policy}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn every_case() -> Vec<Case> {
    packed().iter().flat_map(|policy| cases(policy.name)).collect()
}

/// The request with what a case need not say, because it is so in most: who asks and what is asked for are of the
/// organisation, and the request comes from one of its networks.
fn completed(request: &serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let mut request = request.clone();
    let context = request.entry("context").or_insert_with(|| json!({})).as_object_mut().unwrap();
    for (key, usual) in [
        ("aws:PrincipalOrgID", "o-a1b2c3d4e5"),
        ("aws:ResourceOrgID", "o-a1b2c3d4e5"),
        ("aws:SourceIp", "203.0.113.9"),
        ("aws:ViaAWSService", "false"),
    ] {
        context.entry(key).or_insert_with(|| json!(usual));
    }
    request
}

fn denial(policies: &[ControlPolicy], case: &Case) -> Option<Denial> {
    let line = Value::Object(completed(&case.request)).to_string();
    let json = Json::parse(&line).unwrap();
    let simulation = Simulation::read(&json).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    in_force(policies.to_vec()).denial(&simulation.request)
}

/// The pack with one statement changed, or left out.
fn with(sid: &str, change: impl Fn(&mut crate::policy::Statement) -> bool) -> Vec<ControlPolicy> {
    let mut policies = filled();
    for policy in &mut policies {
        policy
            .policy
            .statements
            .retain_mut(|statement| statement.sid.as_deref() != Some(sid) || change(statement));
    }
    policies
}

fn sids() -> Vec<String> {
    let statements = filled().into_iter().flat_map(|policy| policy.policy.statements);
    statements.map(|statement| statement.sid.unwrap()).collect()
}

#[test]
fn every_case_comes_out_as_it_says() {
    for case in every_case() {
        let denial = denial(&filled(), &case);
        match case.decision {
            Expected::LetThrough => assert_eq!(denial, None, "{}: {}", case.statement, case.name),
            Expected::Denied => {
                let Some(Denial::By(by)) = denial else {
                    panic!("{}: {} is not denied", case.statement, case.name)
                };
                let named = by.iter().any(|by| by.statement == case.statement);
                assert!(named, "{}: {} is denied by {by:?}", case.statement, case.name);
            }
        }
    }
}

#[test]
fn without_its_statement_nothing_denies_a_case() {
    for case in every_case().iter().filter(|case| case.decision == Expected::Denied) {
        assert_eq!(
            denial(&with(&case.statement, |_| false), case),
            None,
            "{}: {}",
            case.statement,
            case.name
        );
    }
}

#[test]
fn without_its_conditions_a_statement_denies_what_it_lets_through() {
    let mut tried = 0;
    for case in every_case().iter().filter(|case| case.decision == Expected::LetThrough) {
        let unconditional = with(&case.statement, |statement| {
            statement.conditions.clear();
            true
        });
        if unconditional == filled() || case.name.contains("service-linked") {
            continue;
        }
        // The pack spares the same things in several ways; one of them must be what the case is about.
        assert_ne!(denial(&unconditional, case), None, "{}: {}", case.statement, case.name);
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn every_statement_has_both_kinds_of_case_and_every_case_a_statement() {
    let with = |decision| -> BTreeSet<String> {
        every_case().into_iter().filter(|case| case.decision == decision).map(|case| case.statement).collect()
    };
    let statements: BTreeSet<String> = sids().into_iter().collect();
    assert_eq!(statements.len(), sids().len(), "a statement's id stands for it in reports");
    assert_eq!(with(Expected::Denied), statements);
    assert_eq!(with(Expected::LetThrough), statements);
}

#[test]
fn every_action_that_a_statement_names_exists() {
    let catalogue = crate::policy::Catalogue::bundled();
    for policy in filled() {
        for action in policy.policy.statements.iter().flat_map(|statement| &statement.action.entries) {
            let known = catalogue.matching(action).next().is_some() || action.is_everything();
            assert!(known, "{}: {}", policy.name, action.as_str());
        }
    }
}

#[test]
fn aws_takes_each_as_it_is() {
    for policy in packed() {
        let document = policy.document(&settings()).unwrap();
        let text = document.to_string();
        assert!(
            text.chars().count() <= MOST_CHARACTERS,
            "{}: {} characters",
            policy.name,
            text.chars().count()
        );
        assert!(!text.contains("${"), "{}: {text}", policy.name);
        assert_eq!(document["Version"], "2012-10-17");
        let policy = policy.policy(&settings()).unwrap();
        for statement in &policy.policy.statements {
            assert_eq!(
                statement.effect,
                Effect::Deny,
                "what a policy allows, an organisation has in `FullAWSAccess`"
            );
            if policy.control == ControlType::ResourceControl {
                let everybody = statement.principal.as_ref().map(|principal| principal.entries.as_slice());
                assert_eq!(everybody, Some([crate::policy::PrincipalEntry::Everyone].as_slice()));
                assert!(statement.action.entries.iter().all(|action| !action.is_everything()));
            }
        }
    }
}

/// A policy that was printed elsewhere for the same purpose: it compares a pattern with an operator that knows none.
#[test]
fn a_pattern_in_string_not_equals_would_keep_the_allowed_role_out_too() {
    let wrong = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Wrong", "Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*",
        "Condition": { "StringNotEquals": { "aws:PrincipalARN": "arn:aws:iam::*:role/identity-pipeline" } },
    }] });
    let policy = crate::policy::Policy::parse(&wrong.to_string(), PolicyKind::ServiceControl).unwrap();
    let wrong = ControlPolicy { name: "wrong".to_owned(), control: ControlType::ServiceControl, policy };
    let of_pipeline = |case: &&Case| {
        case.decision == Expected::LetThrough && case.request["action"] == "iam:CreateAccessKey"
    };
    let cases = cases("protect-account");
    let case = cases.iter().find(of_pipeline).unwrap();
    assert_ne!(denial(&[wrong], case), None);
    assert_eq!(denial(&filled(), case), None);
}
