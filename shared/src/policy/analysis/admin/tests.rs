use serde_json::{Value, json};

use super::super::{Boundary, NamedPolicy};
use super::*;
use crate::policy::{Policy, PolicyKind};

fn read(statements: &Value) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, PolicyKind::Identity).unwrap()
}

/// Whether several policies, each a list of statements, make an administrator, under a boundary or none.
fn admin(policies: &[Value], boundary: Option<&Value>) -> bool {
    let policies: Vec<Policy> = policies.iter().map(read).collect();
    let boundary = boundary.map(read);
    let named = |policy| NamedPolicy { name: "p".into(), policy };
    Permissions {
        identity: policies.iter().map(named).collect(),
        boundary: boundary.as_ref().map_or(Boundary::Absent, |policy| Boundary::Known(named(policy))),
    }
    .is_admin(&Circumstances::unknown())
}

fn allow(actions: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

fn all_but(actions: &Value) -> Value {
    json!({"Effect": "Allow", "NotAction": actions, "Resource": "*"})
}

fn deny(actions: &Value) -> Value {
    json!({"Effect": "Deny", "Action": actions, "Resource": "*"})
}

#[test]
fn everything_has_many_spellings() {
    for statements in [
        allow(&json!("*")),
        allow(&json!(["s3:Get*", "**"])),
        allow(&json!("*:*")),
        allow(&json!("*:?*")),
        all_but(&json!("nosuchservice:*")),
        all_but(&json!([])),
        json!([all_but(&json!("iam:*")), allow(&json!("IAM:*"))]),
        json!([all_but(&json!(["iam:*", "s3:*"])), all_but(&json!(["ec2:*", "sts:*"]))]),
        json!([all_but(&json!(["iam:*", "s3:Put*"])), all_but(&json!(["s3:*"])), allow(&json!(["s3:Put*"]))]),
        json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:*:*:*:*"}),
        json!({"Effect": "Allow", "Action": "*", "Resource": ["arn:aws:s3:::a", "arn:*"]}),
        json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::vault/*"}),
    ] {
        assert!(admin(std::slice::from_ref(&statements), None), "{statements}");
    }
}

#[test]
fn a_part_is_not_everything() {
    for statements in [
        allow(&json!("iam:*")),
        allow(&json!(["ec2:*", "s3:*", "lambda:*", "iam:*"])),
        allow(&json!("*:Get*")),
        all_but(&json!("iam:*")),
        all_but(&json!("*")),
        all_but(&json!(["s3:PutObject"])),
        json!([all_but(&json!(["iam:*", "s3:*"])), all_but(&json!(["ec2:*", "IAM:*"]))]),
        json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::*"}),
        json!({"Effect": "Allow", "Action": "*", "NotResource": "*"}),
        json!({"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:iam::*:*"]}),
        deny(&json!("*")),
        json!([]),
    ] {
        assert!(!admin(std::slice::from_ref(&statements), None), "{statements}");
    }
}

#[test]
fn conditions_that_cannot_be_met_allow_nothing() {
    let policy = |condition: &Value| {
        let mut statement = allow(&json!("*"));
        statement["Condition"] = condition.clone();
        read(&statement)
    };
    let known = Circumstances::unknown().with("aws:PrincipalAccount", "111122223333");
    for (condition, expected) in [
        (json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:user/x"}}), false),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}}), true),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/x"}}), true),
        (json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:*"}}), true),
        (json!({"StringEquals": {"aws:ResourceAccount": "999988887777"}}), false),
        (json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}), true),
        (json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}), true),
        (json!({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}), true),
        (json!({"StringEquals": {"aws:RequestedRegion": []}}), false),
        (json!({"StringNotEquals": {"aws:RequestedRegion": []}}), true),
        (json!({"Null": {"aws:PrincipalTag/x": "true"}, "StringEquals": {"aws:PrincipalTag/x": "a"}}), false),
        (json!({"Null": {"aws:PrincipalTag/x": "false"}, "StringEquals": {"aws:PrincipalTag/x": "a"}}), true),
        (
            json!({"Null": {"aws:PrincipalTag/x": "true"}, "StringNotEquals": {"aws:PrincipalTag/x": "a"}}),
            true,
        ),
    ] {
        assert_eq!(Permissions::of(&policy(&condition)).is_admin(&known), expected, "{condition}");
    }
}

#[test]
fn a_deny_under_the_condition_of_the_allow_leaves_nothing() {
    let region = json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}});
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let under = |condition: &Value, mut statement: Value| {
        statement["Condition"] = condition.clone();
        statement
    };
    let everything = json!("*");
    for condition in [&region, &mfa] {
        let taken = json!([under(condition, allow(&everything)), under(condition, deny(&everything))]);
        assert!(!admin(std::slice::from_ref(&taken), None), "{taken}");
        let part = json!([under(condition, allow(&everything)), under(condition, deny(&json!("iam:Put*")))]);
        assert!(!admin(std::slice::from_ref(&part), None), "{part}");
        let all_but_s3 =
            json!([under(condition, all_but(&json!("s3:*"))), under(condition, deny(&json!("iam:*")))]);
        assert!(!admin(&[all_but_s3, allow(&json!("s3:*"))], None));
        // Who is allowed it without the condition need not meet it.
        assert!(admin(&[taken.clone(), allow(&everything)], None));
        assert!(admin(&[under(condition, allow(&everything)), under(condition, deny(&json!("x:*")))], None));
        // The boundary's condition is as good as the Allow's.
        let cap = under(condition, allow(&everything));
        let denying = json!([allow(&everything), under(condition, deny(&everything))]);
        assert!(!admin(std::slice::from_ref(&denying), Some(&cap)));
        assert!(admin(std::slice::from_ref(&denying), None));
    }
    let other = json!([under(&region, allow(&everything)), under(&mfa, deny(&everything))]);
    assert!(admin(&[other], None));
    // Asking for less is as good.
    let regions = json!({"StringEquals": {"AWS:RequestedRegion": ["us-east-1", "eu-west-1"]}});
    let if_any = json!({"StringEqualsIfExists": {"aws:RequestedRegion": "eu-west-1"}});
    let not_one = json!({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}});
    let not_two = json!({"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-east-2"]}});
    for (given, taken, left) in [
        (&region, &regions, false),
        (&regions, &region, true),
        (&region, &if_any, false),
        (&if_any, &region, true),
        (&not_two, &not_one, false),
        (&not_one, &not_two, true),
    ] {
        let both = json!([under(given, allow(&everything)), under(taken, deny(&everything))]);
        assert_eq!(admin(std::slice::from_ref(&both), None), left, "{both}");
    }
}

#[test]
fn policies_sum_up() {
    let (iam, not_iam) = (allow(&json!("iam:*")), all_but(&json!("iam:*")));
    assert!(admin(&[iam.clone(), not_iam.clone()], None));
    assert!(!admin(&[iam], None));
    assert!(!admin(&[not_iam.clone(), not_iam], None));
}

#[test]
fn a_list_of_the_services_that_count_is_everything() {
    let mut services: Vec<String> = CORE.iter().map(|service| format!("{service}:*")).collect();
    services.push("gamelift:*".to_owned());
    assert!(admin(&[allow(&json!(services))], None));
    let letters: Vec<String> = ('a'..='z').map(|letter| format!("{letter}*:*")).collect();
    assert!(admin(&[allow(&json!(letters))], None));
    services.retain(|service| service != "kms:*");
    assert!(!admin(&[allow(&json!(services))], None));
}

#[test]
fn denies_take_away_what_they_take_for_certain() {
    for (rest, expected) in [
        (deny(&json!("*")), false),
        (deny(&json!(["iam:*"])), false),
        (deny(&json!("s3:DeleteBucket")), false),
        (deny(&json!("*:Delete*")), false),
        (deny(&json!("nosuchservice:*")), true),
        (json!({"Effect": "Deny", "NotAction": "ec2:DescribeInstances", "Resource": "*"}), false),
        (json!({"Effect": "Deny", "NotAction": "*", "Resource": "*"}), true),
        (json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}), false),
        (json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::vault"}), true),
        (
            json!({"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::*:user/${aws:username}"}),
            false,
        ),
        (
            json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}),
            true,
        ),
        (
            json!({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}}),
            true,
        ),
        (
            json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "*"}}}),
            false,
        ),
    ] {
        assert_eq!(admin(&[allow(&json!("*")), rest.clone()], None), expected, "{rest}");
    }
    let halves = [
        allow(&json!("*")),
        deny(&json!("iam:*")),
        json!({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}),
    ];
    assert!(!admin(&halves, None));
}

#[test]
fn a_boundary_caps() {
    let all = allow(&json!("*"));
    for (boundary, expected) in [
        (all.clone(), true),
        (json!([allow(&json!("iam:*")), all_but(&json!("iam:*"))]), true),
        (allow(&json!("ec2:DescribeInstances")), false),
        (all_but(&json!("*")), false),
        (deny(&json!("*")), false),
        (json!([all, deny(&json!("iam:*"))]), false),
        (json!([]), false),
    ] {
        assert_eq!(admin(&[allow(&json!("*"))], Some(&boundary)), expected, "{boundary}");
    }
}

#[test]
fn only_a_condition_that_restricts_makes_it_less() {
    for (condition, expected) in [
        (json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), true),
        (json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), true),
        (json!({"DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}), true),
        (json!({"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}}), true),
        (json!({"StringLike": {"aws:UserAgent": "*"}}), true),
        (json!({"StringLike": {"s3:prefix": "*"}}), false),
        (json!({"StringNotEquals": {"aws:ResourceTag/stage": "prod"}}), true),
        (json!({"StringEquals": {"aws:ResourceTag/stage": "dev"}}), false),
        (json!({"StringEqualsIfExists": {"aws:ResourceTag/stage": "dev"}}), true),
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}), true),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}), false),
        (json!({"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}), false),
        (json!({"Bool": {"aws:ViaAWSService": "true"}}), false),
        (json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), false),
        (json!({"StringEquals": {"aws:RequestedRegion": "eu-*"}}), false),
        (json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}), true),
    ] {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
        assert_eq!(admin(std::slice::from_ref(&statement), None), expected, "{condition}");
    }
}

#[test]
fn full_access_is_told_by_service() {
    for (statements, expected) in [
        (allow(&json!("s3:*")), vec!["s3"]),
        (allow(&json!(["S3:**", "ec2:?*", "kms:Get*"])), vec!["ec2", "s3"]),
        (allow(&json!("*")), vec!["*"]),
        (allow(&json!(["*", "s3:*"])), vec!["*"]),
        (all_but(&json!("iam:*")), CORE.iter().copied().filter(|service| *service != "iam").collect()),
        (json!([all_but(&json!("iam:*")), deny(&json!(["s3:*", "ec2:*", "*:Create*"]))]), vec![]),
        (json!([allow(&json!(["s3:*", "sqs:*"])), deny(&json!("s3:Delete*"))]), vec!["sqs"]),
        (json!({"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "arn:aws:s3:::*"}), vec!["s3"]),
        (
            json!({"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "arn:aws:sqs:*:111122223333:*"}),
            vec!["sqs"],
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]}),
            vec![],
        ),
        (
            json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:*:*:table/*"}),
            vec![],
        ),
    ] {
        let policy = read(&statements);
        assert_eq!(Permissions::of(&policy).full_access(&Circumstances::unknown()), expected, "{statements}");
    }
}
