use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::policy::evaluate::{Context, Decision, Policies, Principal, Request, evaluate};

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

/// Accounts of which nothing is said elsewhere; no policy here names the last one.
const ACCOUNTS: [&str; 4] = [OWN, OTHER, "555566667777", "888899990000"];

/// Whether the evaluator lets a role of an account in.
fn gets_in(policy: &Policy, account: &str) -> bool {
    let caller = format!("arn:aws:iam::{account}:role/caller");
    let request = Request {
        principal: Principal::parse(&caller).unwrap(),
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::111122223333:role/deployer",
        resource_account: Some(OWN),
        context: Context::new(Vec::new()).unwrap(),
    };
    let any = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let policies = Policies {
        identity: vec![Cow::Owned(Policy::parse(any, PolicyKind::Identity).unwrap())],
        resource: vec![Cow::Borrowed(policy)],
        ..Policies::default()
    };
    evaluate(&request, &policies).decision == Decision::Allowed
}

/// A statement about whole accounts, or all but some.
fn about_accounts() -> impl Strategy<Value = Value> {
    let named = prop::sample::subsequence(vec![OWN, OTHER, "555566667777"], 1..3)
        .prop_map(|accounts| json!({"AWS": accounts}));
    let principal = prop_oneof![1 => Just(json!("*")), 2 => named];
    let action = prop::sample::select(vec!["sts:AssumeRole", "sts:A*Role", "sts:TagSession"]);
    (any::<bool>(), any::<bool>(), principal, action).prop_map(|(deny, but, who, action)| {
        let name = if deny && but && who != json!("*") { "NotPrincipal" } else { "Principal" };
        json!({"Effect": if deny { "Deny" } else { "Allow" }, name: who, "Action": action})
    })
}

proptest! {
    #[test]
    fn who_gets_in_is_told_as_the_evaluator_decides(statements in prop::collection::vec(about_accounts(), 1..5)) {
        let policy = policy(&statements);
        let report = report(&statements);
        let [_, named @ .., stranger] = ACCOUNTS;
        prop_assert_eq!(report.public, gets_in(&policy, stranger));
        let found = |rule: &str| report.findings.iter().any(|finding| finding.rule == rule);
        let outsiders = named.iter().filter(|account| gets_in(&policy, account)).count();
        prop_assert_eq!(found("role-trust-public"), report.public);
        if !report.public {
            let told = report.external_accounts.iter().map(AccountId::as_str);
            prop_assert_eq!(told.filter(|account| gets_in(&policy, account)).count(), outsiders);
            prop_assert_eq!(report.external_accounts.len(), outsiders);
            prop_assert_eq!(found("role-trust-external"), outsiders > 0);
        }
    }
}
