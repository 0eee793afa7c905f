use serde_json::{Value, json};

use super::super::ResourceKind;
use super::*;
use crate::policy::PolicyKind;

const USERS: Asked<'static> = Asked::Every(ResourceKind::USER);
const BOB: &str = "arn:aws:iam::111122223333:user/bob";

fn policy(statements: &Value) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, PolicyKind::Identity).unwrap()
}

fn allows(statements: &Value, action: &str, asked: &Asked<'_>) -> bool {
    let policy = policy(statements);
    Permissions::of(&policy).grants(action).allow(asked, &Circumstances::unknown())
}

fn bounded(identity: &Value, boundary: &Value, action: &str, asked: &Asked<'_>) -> bool {
    let (identity, boundary) = (policy(identity), policy(boundary));
    let boundary = Boundary::Known(NamedPolicy { name: "b".into(), policy: &boundary });
    let permissions = Permissions { boundary, ..Permissions::of(&identity) };
    permissions.grants(action).allow(asked, &Circumstances::unknown())
}

#[test]
fn patterns_are_held_against_the_action_in_any_letter_case() {
    for (element, pattern, expected) in [
        ("Action", "*", true),
        ("Action", "IAM:createaccessK?y", true),
        ("Action", "iam:List*", false),
        ("NotAction", "iam:List*", true),
        ("NotAction", "iam:*", false),
        ("NotAction", "codestar:*", true),
    ] {
        let statements = json!({"Effect": "Allow", element: pattern, "Resource": "*"});
        assert_eq!(allows(&statements, "iam:CreateAccessKey", &USERS), expected, "{element} {pattern}");
    }
}

#[test]
fn every_user_has_many_spellings() {
    for (resource, expected) in [
        ("*", true),
        ("arn:aws:iam::*:user/*", true),
        ("arn:*:iam::*:*", true),
        ("arn:aws:iam::111122223333:user/*", true),
        ("arn:aws-cn:iam::111122223333:*", true),
        ("arn:aws:iam::${aws:PrincipalAccount}:user/*", true),
        ("arn:aws:iam::*:user/dev-*", false),
        ("arn:aws:iam::*:user/*/*", false),
        ("arn:aws:iam::*:role/*", false),
        ("arn:aws:iam::*:user/${aws:username}", false),
        ("arn:aws:iam::aws:user/*", false),
        (BOB, false),
    ] {
        let statements = json!({"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": resource});
        assert_eq!(allows(&statements, "iam:CreateAccessKey", &USERS), expected, "{resource}");
    }
}

#[test]
fn policies_of_aws_are_not_among_the_policies_of_an_account() {
    let of = |resource| json!({"Effect": "Allow", "Action": "iam:*", "Resource": resource});
    let policies = Asked::Every(ResourceKind::POLICY);
    assert!(!allows(&of("arn:aws:iam::aws:policy/*"), "iam:CreatePolicyVersion", &policies));
    assert!(allows(&of("arn:aws:iam::*:policy/*"), "iam:CreatePolicyVersion", &policies));
}

#[test]
fn a_named_resource_is_matched_with_what_is_known_of_the_principal() {
    let statements =
        json!({"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/${aws:username}"});
    let policy = policy(&statements);
    let permissions = Permissions::of(&policy);
    let grants = permissions.grants("iam:PutUserPolicy");
    let bob = Asked::One(BOB.into());
    assert!(grants.allow(&bob, &Circumstances::unknown().with("aws:username", "bob")));
    assert!(!grants.allow(&bob, &Circumstances::unknown().with("aws:username", "eve")));
    assert!(!grants.allow(&bob, &Circumstances::unknown()));
}

#[test]
fn a_deny_takes_what_it_names_for_certain_and_no_more() {
    let deny = |rest: Value| {
        let mut deny = json!({"Effect": "Deny"});
        deny.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny])
    };
    for (rest, every, bob) in [
        (json!({"Action": "iam:*", "Resource": "*"}), false, false),
        (json!({"Action": "iam:*", "Resource": "arn:aws:iam::*:user/*"}), false, false),
        (json!({"Action": "iam:*", "Resource": "arn:aws:iam::111122223333:user/*"}), false, false),
        (json!({"Action": "iam:*", "Resource": BOB}), true, false),
        (json!({"NotAction": "s3:*", "Resource": "*"}), false, false),
        (json!({"NotAction": "iam:*", "Resource": "*"}), true, true),
        (json!({"Action": "iam:*", "NotResource": BOB}), false, true),
        (
            json!({"Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}),
            true,
            true,
        ),
        (
            json!({"Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "*"}}}),
            false,
            false,
        ),
    ] {
        let statements = deny(rest.clone());
        assert_eq!(allows(&statements, "iam:CreateAccessKey", &USERS), every, "{rest}");
        assert_eq!(allows(&statements, "iam:CreateAccessKey", &Asked::One(BOB.into())), bob, "{rest}");
    }
}

#[test]
fn a_deny_under_the_conditions_of_the_allow_takes_it_back() {
    let when = json!({"StringEquals": {"aws:PrincipalTag/team": "red"}});
    let both = json!([
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": when},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": when},
    ]);
    assert!(!allows(&both, "iam:CreateAccessKey", &USERS));
}

#[test]
fn a_boundary_caps_and_grants_nothing() {
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let s3 = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let not_iam = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]);
    assert!(bounded(&all, &all, "iam:CreateAccessKey", &USERS));
    assert!(!bounded(&all, &s3, "iam:CreateAccessKey", &USERS));
    assert!(!bounded(&all, &not_iam, "iam:CreateAccessKey", &USERS));
    assert!(!bounded(&s3, &all, "iam:CreateAccessKey", &USERS));
}

#[test]
fn any_resource_is_one_that_both_policy_and_boundary_reach() {
    let on = |resource| json!({"Effect": "Allow", "Action": "lambda:*", "Resource": resource});
    let (wide, narrow) = (on("*"), on("arn:aws:lambda:*:*:function:dev-*"));
    let other = on("arn:aws:lambda:*:*:function:test-*");
    for (identity, boundary, expected) in
        [(&wide, &narrow, true), (&narrow, &wide, true), (&narrow, &narrow, true), (&narrow, &other, false)]
    {
        assert_eq!(bounded(identity, boundary, "lambda:CreateFunction", &Asked::Some), expected);
    }
}

#[test]
fn any_resource_is_at_least_one_of_the_service() {
    for (resource, expected) in
        [("arn:aws:lambda:*:*:function:dev-*", true), ("arn:aws:*:*:*:*", true), ("arn:aws:s3:::a", false)]
    {
        let statements = json!({"Effect": "Allow", "Action": "*", "Resource": ["arn:aws:s3:::b", resource]});
        assert_eq!(allows(&statements, "lambda:CreateFunction", &Asked::Some), expected, "{resource}");
    }
}

#[test]
fn what_is_known_of_the_request_decides_its_conditions() {
    let when = |effect, condition: Value| json!({"Effect": effect, "Action": "iam:PassRole", "Resource": "*", "Condition": condition});
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    for (statements, expected) in [
        (
            json!([when("Allow", json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}))]),
            false,
        ),
        (json!([when("Allow", json!({"StringLike": {"IAM:passedtoservice": ["ec2.*", "lambda.*"]}}))]), true),
        (
            json!([when("Allow", json!({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}))]),
            true,
        ),
        (json!([when("Allow", json!({"Null": {"iam:PassedToService": "true"}}))]), false),
        (
            json!([
                all,
                when("Deny", json!({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}))
            ]),
            false,
        ),
        (
            json!([all, when("Deny", json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}))]),
            true,
        ),
    ] {
        let policy = policy(&statements);
        let permissions = Permissions::of(&policy);
        let lambda = Circumstances::unknown().with("iam:PassedToService", "lambda.amazonaws.com");
        let allowed = permissions.grants("iam:PassRole").allow(&Asked::Every(ResourceKind::ROLE), &lambda);
        assert_eq!(allowed, expected, "{statements}");
    }
}

#[test]
fn statements_are_named_by_their_policy_only_where_there_are_several() {
    let policy = policy(&json!([]));
    let named = |name: &'static str| NamedPolicy { name: name.into(), policy: &policy };
    let at = StatementRef { policy: 1, statement: 2 };
    let two = Permissions { identity: vec![named("a"), named("b")], boundary: Boundary::Absent };
    assert_eq!(two.name_of(at), "b#Statement[2]");
    assert_eq!(Permissions::of(&policy).name_of(StatementRef { policy: 0, ..at }), "Statement[2]");
}

#[test]
fn a_time_gone_by_comes_no_more() {
    for (condition, allow, deny) in [
        (json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}), false, true),
        (json!({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}), false, true),
        (json!({"DateLessThanIfExists": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}), true, true),
        (json!({"DateLessThan": {"aws:EpochTime": "1577836800"}}), false, true),
        (json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}), true, false),
        (json!({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}), true, true),
        (json!({"DateLessThan": {"aws:CurrentTime": "2999-01-01T00:00:00Z"}}), true, true),
    ] {
        let statement = |effect: &str, condition: &Value| {
            let mut statement = json!({"Effect": effect, "Action": "iam:*", "Resource": "*"});
            statement["Condition"] = condition.clone();
            statement
        };
        let allowing = json!([statement("Allow", &condition)]);
        assert_eq!(allows(&allowing, "iam:CreateAccessKey", &USERS), allow, "{condition}");
        let denying =
            json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, statement("Deny", &condition)]);
        assert_eq!(allows(&denying, "iam:CreateAccessKey", &USERS), deny, "{condition}");
    }
}
