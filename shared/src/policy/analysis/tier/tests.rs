use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::escalation::tests::{statement, with_effect};
use super::super::{Boundary, ByVerb, NamedPolicy, analyze_identity, analyze_identity_with};
use super::weight::GOVERNING;
use super::*;
use crate::policy::{Policy, PolicyKind};

fn read(statements: &Value) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, PolicyKind::Identity).unwrap()
}

fn tier_under(statements: &Value, boundary: Option<&Value>) -> Tier {
    let policy = read(statements);
    let boundary = boundary.map(read);
    let named = |policy| NamedPolicy { name: "cap".into(), policy };
    let permissions = Permissions {
        boundary: boundary.as_ref().map_or(Boundary::Absent, |policy| Boundary::Known(named(policy))),
        ..Permissions::of(&policy)
    };
    analyze_identity(&permissions).tier
}

fn tier(statements: &Value) -> Tier {
    tier_under(statements, None)
}

fn allow(actions: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

fn deny(actions: &Value) -> Value {
    json!({"Effect": "Deny", "Action": actions, "Resource": "*"})
}

#[test]
fn the_tier_is_that_of_the_most_that_is_allowed() {
    for (actions, expected) in [
        (json!("*"), Tier::Platinum),
        (json!("iam:*"), Tier::Platinum),
        (json!("iam:PutUserPolicy"), Tier::Platinum),
        (json!(["iam:PassRole", "ec2:RunInstances"]), Tier::Platinum),
        (json!("iam:CreateUser"), Tier::Gold),
        (json!("IAM:TagRole"), Tier::Gold),
        (json!("cloudtrail:StopLogging"), Tier::Gold),
        (json!("guardduty:*"), Tier::Gold),
        (json!("organizations:Create*"), Tier::Gold),
        (json!("sso:CreateAccountAssignment"), Tier::Gold),
        (json!("*:Delete*"), Tier::Gold),
        (json!("iam:SetDefaultPolicyVersion"), Tier::Gold),
        (json!("iam:PassRole"), Tier::Silver),
        (json!("iam:CreateServiceLinkedRole"), Tier::Silver),
        (json!("kms:GenerateDataKey*"), Tier::Silver),
        (json!("s3:*"), Tier::Silver),
        (json!("s3:PutObject"), Tier::Silver),
        (json!("sts:AssumeRole"), Tier::Silver),
        (json!("lambda:UpdateFunctionCode"), Tier::Silver),
        (json!(["s3:Get*", "ec2:Describe*", "iam:List*"]), Tier::Bronze),
        (json!("*:Get*"), Tier::Bronze),
        (json!([]), Tier::None),
    ] {
        assert_eq!(tier(&allow(&actions)), expected, "{actions}");
    }
    assert_eq!(tier(&deny(&json!("*"))), Tier::None);
}

#[test]
fn all_but_a_list_governs_what_is_not_listed() {
    let all_but = |actions: Value| json!({"Effect": "Allow", "NotAction": actions, "Resource": "*"});
    let governing: Vec<String> = GOVERNING.iter().map(|service| format!("{service}:*")).collect();
    assert_eq!(tier(&all_but(json!(governing))), Tier::Silver);
    assert_eq!(tier(&all_but(json!(["iam:*", "organizations:*", "account:*"]))), Tier::Gold);
    assert_eq!(tier(&all_but(json!("*"))), Tier::None);
}

#[test]
fn what_is_denied_for_certain_does_not_count() {
    for (statements, expected) in [
        (json!([allow(&json!(["s3:Put*", "s3:Get*"])), deny(&json!("s3:P*"))]), Tier::Bronze),
        (json!([allow(&json!("s3:*")), deny(&json!("*"))]), Tier::None),
        (
            json!([allow(&json!("s3:*")), {"Effect": "Deny", "NotAction": ["s3:Get*"], "Resource": "*"}]),
            Tier::Bronze,
        ),
        (
            json!([allow(&json!("s3:*")), {"Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*"}]),
            Tier::Silver,
        ),
        (
            json!([allow(&json!("s3:PutObject")), {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::a"}]),
            Tier::Silver,
        ),
        (
            json!([
                {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a/b"},
                {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"},
            ]),
            Tier::None,
        ),
        (
            json!([allow(&json!("s3:PutObject")), {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]),
            Tier::Silver,
        ),
    ] {
        assert_eq!(tier(&statements), expected, "{statements}");
    }
}

#[test]
fn what_is_denied_under_the_condition_of_the_allow_does_not_count() {
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let under = |mut statement: Value| {
        statement["Condition"] = mfa.clone();
        statement
    };
    let (everything, iam) = (json!("*"), json!("iam:*"));
    assert_eq!(tier(&json!([under(allow(&everything)), under(deny(&everything))])), Tier::None);
    assert_eq!(tier(&json!([under(allow(&iam)), under(deny(&iam))])), Tier::None);
    assert_eq!(tier(&json!([under(allow(&json!("s3:*"))), under(deny(&iam))])), Tier::Silver);
    assert_eq!(tier(&json!([allow(&json!("s3:*")), under(deny(&everything))])), Tier::Silver);
}

#[test]
fn a_boundary_lowers_to_what_it_allows() {
    let all_but_iam = json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"});
    for (identity, boundary, expected) in [
        (allow(&json!("*")), allow(&json!("*")), Tier::Platinum),
        (allow(&json!("*")), all_but_iam.clone(), Tier::Gold),
        (allow(&json!("*")), allow(&json!(["s3:*", "sqs:*"])), Tier::Silver),
        (allow(&json!("*")), allow(&json!("*:Get*")), Tier::Bronze),
        (all_but_iam.clone(), allow(&json!("s3:*")), Tier::Silver),
        (all_but_iam, allow(&json!("iam:*")), Tier::None),
        (allow(&json!("s3:*")), allow(&json!("sqs:*")), Tier::None),
        (allow(&json!("s3:*Object")), allow(&json!("s3:Get*")), Tier::Bronze),
        (allow(&json!("iam:*")), json!([allow(&json!("*")), deny(&json!("iam:*"))]), Tier::None),
        (allow(&json!("iam:*")), json!([]), Tier::None),
    ] {
        assert_eq!(tier_under(&identity, Some(&boundary)), expected, "{identity} under {boundary}");
    }
}

#[test]
fn ones_own_credentials_govern_nothing() {
    let own = json!({"Effect": "Allow", "Action": ["iam:*AccessKey*", "iam:ChangePassword"], "Resource": "arn:aws:iam::*:user/${aws:username}"});
    assert_eq!(tier(&own), Tier::Silver);
}

#[test]
fn a_session_that_only_reads_is_no_write() {
    let mode = |mode: &str| json!({"Effect": "Allow", "Action": "s3express:CreateSession", "Resource": "*", "Condition": {"StringEquals": {"s3express:SessionMode": mode}}});
    assert_eq!(tier(&mode("ReadOnly")), Tier::Bronze);
    assert_eq!(tier(&mode("ReadWrite")), Tier::Silver);
}

#[test]
fn a_catalogue_may_say_what_an_action_is() {
    struct Catalogue;
    impl AccessLevels for Catalogue {
        fn writes(&self, service: &str, name: &str) -> Option<bool> {
            (service == "example").then_some(name == "GetAndForget")
        }
    }
    let of = |action: &str, levels: &dyn AccessLevels| {
        let policy = read(&allow(&json!(action)));
        analyze_identity_with(&Permissions::of(&policy), &Circumstances::unknown(), levels).tier
    };
    assert_eq!(of("example:Frobnicate", &Catalogue), Tier::Bronze);
    assert_eq!(of("example:Frobnicate", &ByVerb), Tier::Silver);
    assert_eq!(of("example:GetAndForget", &Catalogue), Tier::Silver);
    // What a Deny leaves of a pattern is never more than the pattern was.
    let left = json!([allow(&json!("example:Get*")), {"Effect": "Deny", "NotAction": "example:GetAndForget", "Resource": "*"}]);
    let policy = read(&left);
    let report = analyze_identity_with(&Permissions::of(&policy), &Circumstances::unknown(), &Catalogue);
    assert_eq!(report.tier, Tier::Bronze);
}

fn all(statements: Vec<Value>, effect: &str) -> Vec<Value> {
    statements.into_iter().map(|it| with_effect(it, effect)).collect()
}

proptest! {
    // Each case analyses a dozen policies.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_allow_never_lowers_and_a_deny_or_a_boundary_never_raises(
        allows in proptest::collection::vec(statement(), 0..4),
        denies in proptest::collection::vec(statement(), 0..3),
        more in statement(),
        boundary in proptest::collection::vec(statement(), 0..3),
        boundary_denies in proptest::collection::vec(statement(), 0..2),
    ) {
        let mut statements = [all(allows, "Allow"), all(denies, "Deny")].concat();
        let before = tier(&json!(statements));
        let boundary = json!([all(boundary, "Allow"), all(boundary_denies, "Deny")].concat());
        let bounded = tier_under(&json!(statements), Some(&boundary));
        prop_assert!(bounded <= before, "a boundary raised {before} to {bounded}");
        for boundary in [None, Some(&boundary)] {
            let before = tier_under(&json!(statements), boundary);
            statements.push(with_effect(more.clone(), "Allow"));
            let allowed = tier_under(&json!(statements), boundary);
            prop_assert!(allowed >= before, "an Allow lowered {before} to {allowed}");
            statements.pop();
            statements.push(with_effect(more.clone(), "Deny"));
            let denied = tier_under(&json!(statements), boundary);
            prop_assert!(denied <= before, "a Deny raised {before} to {denied}");
            statements.pop();
        }
    }
}
