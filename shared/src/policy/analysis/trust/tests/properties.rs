use proptest::prelude::*;

use super::*;

fn principal() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!("*"),
        json!({"AWS": [OWN, OTHER]}),
        json!({"AWS": format!("arn:aws:iam::{OTHER}:role/ci"), "Service": "ssm.amazonaws.com"}),
        json!({"Service": ["ssm.amazonaws.com", "ec2.amazonaws.com", "rolesanywhere.amazonaws.com"]}),
        json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com")}),
        json!({"Federated": ["cognito-identity.amazonaws.com", "*"]}),
        json!({"Federated": format!("arn:aws:iam::{OWN}:saml-provider/idp"), "AWS": "AROAEXAMPLE1EXAMPLE12"}),
    ])
}

fn condition() -> impl Strategy<Value = Value> {
    let set = prop::sample::select(vec!["", "", "ForAllValues:", "ForAnyValue:"]);
    let name = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "ArnLike",
        "ArnNotLike",
        "Null",
        "Bool",
        "IpAddress",
        "NotIpAddress",
    ]);
    let key = prop::sample::select(vec![
        "aws:PrincipalOrgID",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:SourceAccount",
        "aws:SourceIp",
        "sts:ExternalId",
        "token.actions.githubusercontent.com:sub",
        "token.actions.githubusercontent.com:aud",
        "cognito-identity.amazonaws.com:amr",
        "SAML:aud",
    ]);
    let value = prop::sample::select(vec![
        json!("*"),
        json!("true"),
        json!("false"),
        json!(OWN),
        json!([OTHER, OWN]),
        json!(OWN_ORGANIZATION),
        json!("o-*"),
        json!("repo:acme/*"),
        json!("repo:acme*"),
        json!("authenticated"),
        json!("0.0.0.0/0"),
        json!("203.0.113.0/24"),
        json!("${aws:ResourceAccount}"),
        json!(format!("arn:aws:iam::{OTHER}:role/*")),
        json!([]),
    ]);
    (set, name, any::<bool>(), key, value).prop_map(|(set, name, if_exists, key, value)| {
        let suffix = if if_exists && name != "Null" { "IfExists" } else { "" };
        json!({format!("{set}{name}{suffix}"): {key: value}})
    })
}

fn conditions() -> impl Strategy<Value = Value> {
    prop::collection::vec(condition(), 0..4).prop_map(|all| {
        let mut merged = serde_json::Map::new();
        for one in all {
            merged.extend(one.as_object().cloned().unwrap_or_default());
        }
        Value::Object(merged)
    })
}

fn action() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:*",
        "*",
        "sts:TagSession",
    ])
}

fn allowing() -> impl Strategy<Value = Value> {
    (principal(), action(), conditions()).prop_map(|(who, action, when)| allow(who, action, when))
}

fn denying() -> impl Strategy<Value = Value> {
    (principal(), action(), conditions()).prop_map(|(who, action, when)| deny(who, action, when))
}

/// The answers that say that somebody gets in who should not. Who is named as external is not among them: a deny may
/// turn everybody into one account.
fn openings(report: &TrustReport) -> [bool; 5] {
    [
        report.public,
        report.service_confused_deputy,
        report.oidc_any_subject == Some(true),
        report.oidc_weak_operator,
        report.anonymous_federation,
    ]
}

proptest! {
    #[test]
    fn a_deny_opens_nothing(allows in prop::collection::vec(allowing(), 1..4), denied in denying()) {
        let before = report(&allows);
        let after = report(&[allows.as_slice(), &[denied]].concat());
        for (before, after) in openings(&before).into_iter().zip(openings(&after)) {
            prop_assert!(before || !after);
        }
    }

    #[test]
    fn an_allow_closes_nothing(allows in prop::collection::vec(allowing(), 1..4), more in allowing()) {
        let before = report(&allows);
        let after = report(&[allows.as_slice(), &[more]].concat());
        for (before, after) in openings(&before).into_iter().zip(openings(&after)) {
            prop_assert!(after || !before);
        }
    }

    #[test]
    fn every_opening_is_a_finding(statements in prop::collection::vec(allowing(), 1..4)) {
        let report = report(&statements);
        let found = |rule: &str| report.findings.iter().any(|finding| finding.rule == rule);
        prop_assert!(!report.public || found("role-trust-public") || found("role-trust-oidc-subject"));
        prop_assert!(report.oidc_any_subject != Some(true) || found("role-trust-oidc-subject"));
        prop_assert!(!report.external_organization || found("role-trust-external"));
        prop_assert!(!report.anonymous_federation || found("role-trust-anonymous-federation"));
        prop_assert!(!report.service_confused_deputy
            || found("role-trust-service-source")
            || found("role-trust-roles-anywhere"));
    }
}
