#![expect(clippy::needless_pass_by_value, reason = "`json!(…)` is written where it is used")]

use serde_json::{Value, json};

use super::*;
use crate::policy::PolicyKind;

mod conditions;
mod federated;
mod principals;
mod properties;
mod services;

const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";
const OWN_ORGANIZATION: &str = "o-ours000000";

fn context() -> TrustContext {
    TrustContext {
        account: Some(AccountId::parse(OWN).unwrap()),
        organization: Some(OrganizationId::parse(OWN_ORGANIZATION).unwrap()),
        trusted: Arc::new([AccountId::parse("777788889999").unwrap()].into()),
    }
}

fn allow(principal: Value, action: &str, condition: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition })
}

fn deny(principal: Value, action: &str, condition: Value) -> Value {
    json!({ "Effect": "Deny", "Principal": principal, "Action": action, "Condition": condition })
}

fn policy(statements: &[Value]) -> Policy {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    Policy::parse(&text, PolicyKind::Trust).unwrap_or_else(|malformed| panic!("{text}: {malformed}"))
}

fn report(statements: &[Value]) -> TrustReport {
    TrustReport::of(&policy(statements), &context())
}

/// The rules with a finding, each with its place.
fn rules(report: &TrustReport) -> Vec<String> {
    report.findings.iter().map(|finding| format!("{} {}", finding.rule, finding.at)).collect()
}

#[test]
fn a_report_has_the_keys_that_are_promised() {
    let json = serde_json::to_value(TrustReport::default()).unwrap();
    assert_eq!(
        json,
        json!({"public": false, "organizationOnly": false, "externalAccounts": [],
            "externalOrganization": false, "externalId": false, "serviceConfusedDeputy": false,
            "oidcAnySubject": null, "oidcWeakOperator": false, "anonymousFederation": false,
            "orphanPrincipals": [], "findings": [], "errors": []})
    );
}

#[test]
fn findings_come_in_the_order_of_the_policy() {
    let other = |n: u64| json!({ "AWS": format!("arn:aws:iam::{n}:root") });
    let statements: Vec<Value> =
        (0..12).map(|n| allow(other(444_455_556_600 + n), "sts:AssumeRole", json!({}))).collect();
    let places = report(&statements).findings.into_iter().map(|finding| finding.at);
    let order: Vec<usize> = places.filter_map(|at| statement_of(&at)).collect();
    assert_eq!(order.len(), 24);
    assert!(order.is_sorted());
}
