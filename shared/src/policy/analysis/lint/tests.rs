use serde_json::{Value, json};

use super::super::{Permissions, analyze_identity, analyze_policy};
use crate::policy::{Policy, PolicyKind};

fn read(document: &Value) -> Policy {
    Policy::parse(&document.to_string(), PolicyKind::Identity).unwrap()
}

/// Rule and place of every finding but those that the case is not about.
fn found(statements: &Value) -> Vec<(&'static str, String)> {
    let policy = read(&json!({"Version": "2012-10-17", "Statement": statements}));
    let findings = analyze_identity(&Permissions::of(&policy)).findings;
    findings.into_iter().map(|finding| (finding.rule, finding.at)).collect()
}

fn allow(actions: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

fn when(effect: &str, condition: &Value) -> Value {
    json!({"Effect": effect, "Action": "s3:GetObject", "Resource": "*", "Condition": condition})
}

/// Asserts that a rule finds just these places, other rules aside.
fn assert_found(statements: &Value, rule: &str, places: &[&str]) {
    let all = found(statements);
    let of_rule: Vec<&str> = all.iter().filter(|(by, _)| *by == rule).map(|(_, at)| at.as_str()).collect();
    assert_eq!(of_rule, places, "{rule} in {statements}");
}

#[test]
fn harmless_policies_have_no_findings() {
    for statements in [
        allow(&json!(["s3:GetObject", "ec2:Describe*"])),
        when("Allow", &json!({"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}})),
        when("Allow", &json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}})),
        when("Deny", &json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})),
        when("Allow", &json!({"StringLike": {"s3:prefix": ["home/*"]}})),
        json!({"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::a"}),
    ] {
        assert_eq!(found(&statements), [], "{statements}");
    }
}

#[test]
fn an_administrator_is_found_where_it_is_said() {
    let rule = "policy-admin";
    assert_found(
        &json!([allow(&json!("s3:Get*")), allow(&json!(["s3:*", "*"]))]),
        rule,
        &["Statement[1].Action[1]"],
    );
    let split = json!([allow(&json!("iam:*")), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]);
    assert_found(&split, rule, &["Statement[1].NotAction"]);
    assert_found(
        &json!([allow(&json!("*")), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]),
        rule,
        &[],
    );
    // Its escalations go without saying.
    assert_found(&allow(&json!("*")), "policy-privilege-escalation", &[]);
}

#[test]
fn full_access_is_found_service_by_service() {
    let statements = json!([allow(&json!(["s3:Get*", "EC2:*", "sqs:*"])), {"Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"}]);
    assert_found(&statements, "policy-service-full-access", &["Statement[0].Action[1]"]);
}

#[test]
fn escalations_are_found_once_for_the_statements_that_open_them() {
    let rule = "policy-privilege-escalation";
    assert_found(
        &allow(&json!(["s3:Get*", "iam:PutUserPolicy", "iam:AttachUserPolicy"])),
        rule,
        &["Statement[0].Action[2]"],
    );
    let two =
        json!([allow(&json!("iam:PassRole")), allow(&json!(["glue:CreateDevEndpoint", "ssm:StartSession"]))]);
    assert_found(&two, rule, &["Statement[0].Action[0]", "Statement[1].Action[1]"]);
    let policy = read(&json!({"Version": "2012-10-17", "Statement": two}));
    let messages: Vec<String> = analyze_identity(&Permissions::of(&policy))
        .findings
        .into_iter()
        .filter(|finding| finding.rule == rule)
        .map(|finding| finding.message)
        .collect();
    assert_eq!(
        messages,
        [
            "leads to administrator by iam:PassRole + glue:CreateDevEndpoint (with Statement[1])",
            "may lead to administrator by ssm:StartSession, if there is a managed instance with a stronger role",
        ]
    );
}

#[test]
fn passing_any_role_is_found_unless_the_service_is_named() {
    let pass = |condition: Value| json!({"Effect": "Allow", "Action": ["iam:GetRole", "iam:PassRole"], "Resource": "*", "Condition": condition});
    for (condition, places) in [
        (json!({}), vec!["Statement[0].Action[1]"]),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), vec!["Statement[0].Action[1]"]),
        (
            json!({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}),
            vec!["Statement[0].Action[1]"],
        ),
        (json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), vec![]),
    ] {
        assert_found(&pass(condition), "policy-pass-role-any", &places);
    }
    let one = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app"});
    assert_found(&one, "policy-pass-role-any", &[]);
}

#[test]
fn decrypting_with_any_key_is_found_unless_something_narrows_it() {
    let decrypt = |resource: &str, condition: Value| json!({"Effect": "Allow", "Action": "kms:Dec*", "Resource": resource, "Condition": condition});
    let any = "arn:aws:kms:*:111122223333:key/*";
    for (resource, condition, places) in [
        ("*", json!({}), vec!["Statement[0].Action[0]"]),
        (any, json!({}), vec!["Statement[0].Action[0]"]),
        ("arn:aws:kms:*:111122223333:key/1234", json!({}), vec![]),
        ("*", json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}), vec![]),
        ("*", json!({"StringEquals": {"kms:EncryptionContext:app": "x"}}), vec![]),
    ] {
        assert_found(&decrypt(resource, condition), "policy-kms-decrypt-any", &places);
    }
}

#[test]
fn what_is_sensitive_should_ask_for_mfa() {
    let rule = "policy-sensitive-without-mfa";
    let create = |condition: Value| json!({"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*", "Condition": condition});
    assert_found(&create(json!({})), rule, &["Statement[0].Action[0]"]);
    assert_found(&create(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})), rule, &[]);
    assert_found(&create(json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})), rule, &[]);
    assert_found(
        &create(json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})),
        rule,
        &["Statement[0].Action[0]"],
    );
    let deny = |operator: &str| json!({"Effect": "Deny", "NotAction": "iam:ListMFADevices", "Resource": "*", "Condition": {operator: {"aws:MultiFactorAuthPresent": "false"}}});
    assert_found(&json!([create(json!({})), deny("BoolIfExists")]), rule, &[]);
    assert_found(&json!([create(json!({})), deny("Bool")]), rule, &["Statement[0].Action[0]"]);
}

#[test]
fn language_that_means_something_else_is_found() {
    for (statement, rule, at) in [
        (
            json!({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "arn:aws:s3:::a/*"}),
            "policy-not-action-allow",
            "NotAction",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::a/*"}),
            "policy-not-resource-allow",
            "NotResource",
        ),
        (
            when(
                "Allow",
                &json!({"StringEquals": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b*"]}}),
            ),
            "policy-exact-match-wildcard",
            "Condition.StringEquals.aws:PrincipalArn[1]",
        ),
        (
            when("Deny", &json!({"StringNotEqualsIgnoreCase": {"s3:prefix": "home/*"}})),
            "policy-exact-match-wildcard",
            "Condition.StringNotEqualsIgnoreCase.s3:prefix[0]",
        ),
        (
            when("Allow", &json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a*"]}})),
            "policy-for-all-values-empty",
            "Condition.ForAllValues:StringLike.dynamodb:LeadingKeys",
        ),
        (
            when("Allow", &json!({"StringLikeIfExists": {"iam:PassedToService": "ec2.*"}})),
            "policy-if-exists-passed-to-service",
            "Condition.StringLikeIfExists.iam:PassedToService",
        ),
        (
            when("Deny", &json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}})),
            "policy-mfa-condition",
            "Condition.Bool.aws:MultiFactorAuthPresent",
        ),
        (
            when("Allow", &json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})),
            "policy-mfa-condition",
            "Condition.BoolIfExists.aws:MultiFactorAuthPresent",
        ),
        (
            when("Deny", &json!({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}})),
            "policy-mfa-condition",
            "Condition.NumericGreaterThan.aws:MultiFactorAuthAge",
        ),
        (
            when("Allow", &json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}})),
            "policy-condition-without-effect",
            "Condition.IpAddress.aws:SourceIp",
        ),
        (
            when("Allow", &json!({"StringLike": {"aws:PrincipalOrgID": "*"}})),
            "policy-condition-without-effect",
            "Condition.StringLike.aws:PrincipalOrgID",
        ),
        (
            json!({"Effect": "Deny", "Action": [], "Resource": "*"}),
            "policy-statement-without-effect",
            "Action",
        ),
        (
            json!({"Effect": "Deny", "Action": "*", "NotResource": "*"}),
            "policy-statement-without-effect",
            "NotResource",
        ),
    ] {
        assert_eq!(found(&statement), [(rule, format!("Statement[0].{at}"))], "{statement}");
    }
}

#[test]
fn a_guard_elsewhere_makes_the_trap_none() {
    for statements in [
        when(
            "Allow",
            &json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a*"]}, "Null": {"dynamodb:LeadingKeys": "false"}}),
        ),
        json!([
            when("Deny", &json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}})),
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}},
        ]),
    ] {
        assert_eq!(found(&statements), [], "{statements}");
    }
}

#[test]
fn a_variable_needs_the_newer_version() {
    let policy = |version: Option<&str>| {
        let mut document = json!({"Statement": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::a/x", "arn:aws:s3:::a/${aws:username}/*"],
            "Condition": {"StringLike": {"s3:prefix": "${aws:username}/*"}},
        }});
        if let Some(version) = version {
            document["Version"] = json!(version);
        }
        read(&document)
    };
    let places = |policy: &Policy| -> Vec<String> {
        let findings = analyze_policy(policy).findings;
        assert!(findings.iter().all(|finding| finding.rule == "policy-variable-in-old-version"));
        findings.into_iter().map(|finding| finding.at).collect()
    };
    assert_eq!(places(&policy(Some("2012-10-17"))), [""; 0]);
    for old in [None, Some("2008-10-17")] {
        assert_eq!(
            places(&policy(old)),
            ["Statement[0].Resource[1]", "Statement[0].Condition.StringLike.s3:prefix[0]"]
        );
    }
}

#[test]
fn findings_stand_in_the_order_of_the_statements() {
    let not_action = json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "arn:aws:s3:::none"});
    let statements = vec![not_action; 12];
    let places: Vec<String> = found(&json!(statements)).into_iter().map(|(_, at)| at).collect();
    let expected: Vec<String> = (0..12).map(|index| format!("Statement[{index}].NotAction")).collect();
    assert_eq!(places, expected);
}
