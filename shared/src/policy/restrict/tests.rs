use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::policy::evaluate::{Context, Decision, Policies, Principal, Request, Values, evaluate};

fn document(policy: &Value) -> PolicyDocument {
    PolicyDocument::new(policy.to_string())
}

fn allow(principal: &Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })
}

fn policy(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The policy without what the places name, as JSON.
fn restricted(policy: &Value, places: &[&str]) -> Value {
    let restricted = without(&document(policy), places).unwrap().unwrap();
    serde_json::from_str(restricted.as_str()).unwrap()
}

#[test]
fn one_principal_of_a_list_is_taken_out_and_nothing_else_changes() {
    let conditions = json!({ "NumericLessThan": { "aws:MultiFactorAuthAge": 3600 } });
    let mut before = allow(&json!({ "AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com" }));
    before["Condition"] = conditions;
    let mut after = before.clone();
    after["Principal"]["AWS"] = json!(["111122223333"]);
    let other = json!({ "Sid": "x", "Effect": "Deny", "Principal": "*", "Action": "sts:*" });
    let places = ["Statement[1].Principal.AWS[1]"];
    assert_eq!(restricted(&policy(&[other.clone(), before]), &places), policy(&[other, after]));
}

#[test]
fn the_last_of_a_kind_takes_the_kind_along() {
    let before = policy(&[allow(&json!({ "AWS": "444455556666", "Service": ["ec2.amazonaws.com"] }))]);
    let after = policy(&[allow(&json!({ "Service": ["ec2.amazonaws.com"] }))]);
    assert_eq!(restricted(&before, &["Statement[0].Principal.AWS[0]"]), after);
}

#[test]
fn the_last_principal_takes_the_statement_along() {
    let ours = allow(&json!({ "AWS": "111122223333" }));
    for principal in [json!({ "AWS": "444455556666" }), json!({ "AWS": ["444455556666"] })] {
        let before = policy(&[ours.clone(), allow(&principal)]);
        assert_eq!(
            restricted(&before, &["Statement[1].Principal.AWS[0]"]),
            policy(std::slice::from_ref(&ours))
        );
    }
}

#[test]
fn a_whole_statement_is_taken_out() {
    let ours = allow(&json!({ "AWS": "111122223333" }));
    let everybody_but =
        json!({ "Effect": "Allow", "NotPrincipal": { "AWS": "444455556666" }, "Action": "sts:*" });
    let before = policy(&[allow(&json!("*")), ours.clone(), everybody_but]);
    let places = ["Statement[0].Principal", "Statement[2].NotPrincipal"];
    assert_eq!(restricted(&before, &places), policy(&[ours]));
}

#[test]
fn several_of_one_list_are_taken_out_at_once() {
    let before = policy(&[allow(&json!({ "AWS": ["444455556666", "111122223333", "444455556667"] }))]);
    let after = policy(&[allow(&json!({ "AWS": ["111122223333"] }))]);
    let places = ["Statement[0].Principal.AWS[0]", "Statement[0].Principal.AWS[2]"];
    assert_eq!(restricted(&before, &places), after);
}

#[test]
fn where_nothing_would_be_left_nobody_is_let_in() {
    // A lone statement need not stand in a list.
    let before = json!({ "Statement": allow(&json!("*")) });
    let nobody = restricted(&before, &["Statement[0].Principal"]);
    let read = Policy::parse(&nobody.to_string(), PolicyKind::Trust).unwrap();
    assert!(read.only_denies());
    for action in ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"] {
        for principal in [
            "arn:aws:iam::111122223333:user/ann",
            "ec2.amazonaws.com",
            "arn:aws:iam::111122223333:saml-provider/idp",
        ] {
            assert_eq!(
                decide(&read, principal, action, None),
                Decision::ExplicitlyDenied,
                "{principal} {action}"
            );
        }
    }
}

#[test]
fn a_deny_that_is_left_alone_stays() {
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" });
    let before = policy(&[deny.clone(), allow(&json!("*"))]);
    assert_eq!(restricted(&before, &["Statement[1].Principal"]), policy(&[deny]));
}

#[test]
fn what_is_no_principal_of_an_allow_is_left() {
    let deny = json!({ "Effect": "Deny", "Principal": { "AWS": ["111122223333", "444455556666"] }, "Action": "sts:*" });
    let before = document(&policy(&[allow(&json!({ "AWS": "444455556666" })), deny]));
    for place in [
        "Statement[0].Condition.StringEquals.aws:PrincipalOrgID[0]",
        "Statement[1].Principal.AWS[1]",
        "Statement[0].Principal.AWS[1]",
        "Statement[0].Principal.Service[0]",
        "Statement[2].Principal",
        "Statement[0]",
        "",
    ] {
        assert_eq!(without(&before, &[place]), Ok(None), "{place}");
    }
}

#[test]
fn deleted_principals_go_along_out_of_what_denies_them_too() {
    let deny =
        |principal: &Value| json!({ "Effect": "Deny", "Principal": principal, "Action": "sts:AssumeRole" });
    let before = policy(&[
        allow(&json!({ "AWS": ["111122223333", "*"] })),
        deny(&json!({ "AWS": "AIDAEXAMPLE1EXAMPLE12" })),
        deny(&json!({ "AWS": ["AROAEXAMPLE1EXAMPLE12", "444455556666"] })),
    ]);
    let after =
        policy(&[allow(&json!({ "AWS": ["111122223333"] })), deny(&json!({ "AWS": ["444455556666"] }))]);
    assert_eq!(restricted(&before, &["Statement[0].Principal.AWS[1]"]), after);
    // Whoever exists stays denied, and so do all but those who were deleted.
    let denied =
        |principal: &Value| document(&policy(&[allow(&json!({ "AWS": "111122223333" })), deny(principal)]));
    let ours = document(&policy(&[allow(&json!({ "AWS": "111122223333" }))]));
    for kept in [json!({ "AWS": ["AROAEXAMPLE1EXAMPLE12", "444455556666"] }), json!("*")] {
        assert!(!is_narrower(&ours, &denied(&kept)), "{kept}");
    }
    let mixed = denied(&json!({ "AWS": ["AROAEXAMPLE1EXAMPLE12", "444455556666"] }));
    assert!(!is_narrower(&denied(&json!({ "AWS": ["AROAEXAMPLE1EXAMPLE12"] })), &mixed));
    assert!(is_narrower(&ours, &denied(&json!({ "AWS": "AROAEXAMPLE1EXAMPLE12" }))));
    let all_but = policy(&[
        allow(&json!({ "AWS": ["111122223333", "*"] })),
        json!({ "Effect": "Deny", "NotPrincipal": { "AWS": "AIDAEXAMPLE1EXAMPLE12" }, "Action": "sts:AssumeRole" }),
    ]);
    let rest = restricted(&all_but, &["Statement[0].Principal.AWS[1]"]);
    assert_eq!(rest["Statement"][1], all_but["Statement"][1]);
}

#[test]
fn deleted_principals_go_along_and_by_themselves_are_no_reason() {
    let before = policy(&[
        allow(&json!({ "AWS": ["AROAEXAMPLE1EXAMPLE12", "111122223333", "*"] })),
        allow(&json!({ "AWS": "AIDAEXAMPLE1EXAMPLE12" })),
    ]);
    let after = policy(&[allow(&json!({ "AWS": ["111122223333"] }))]);
    assert_eq!(restricted(&before, &["Statement[0].Principal.AWS[2]"]), after);
    assert_eq!(without(&document(&before), &["Statement[0].Condition.Bool.x"]), Ok(None));
}

#[test]
fn a_policy_says_the_same_in_iams_own_spelling() {
    let ours = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": ["sts:AssumeRole"],
        "Principal": { "AWS": ["111122223333", "arn:aws:iam::444455556666:role/ci"] },
        "Condition": { "StringEquals": { "aws:a": ["1", "2"] }, "Bool": { "aws:b": "true" } } }] });
    let iams = json!({ "Version": "2012-10-17", "Statement": { "Action": "sts:AssumeRole", "Effect": "Allow",
        "Condition": { "Bool": { "aws:b": true }, "StringEquals": { "aws:a": ["2", "1"] } },
        "Principal": { "AWS": ["arn:aws:iam::444455556666:role/ci", "arn:aws:iam::111122223333:root"] } } });
    assert!(says_the_same(&document(&ours), &document(&iams)));
    let mut other = iams.clone();
    other["Statement"]["Condition"]["StringEquals"]["aws:a"] = json!(["2"]);
    assert!(!says_the_same(&document(&ours), &document(&other)));
    let broken = PolicyDocument::new("{");
    assert!(says_the_same(&broken, &broken.clone()) && !says_the_same(&broken, &PolicyDocument::new("[")));
}

#[test]
fn a_policy_that_iam_would_refuse_is_not_changed() {
    let twice = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#;
    for text in ["{", "[]", "{}", twice] {
        assert!(without(&PolicyDocument::new(text), &["Statement[0].Principal"]).is_err(), "{text}");
    }
}

#[test]
fn only_what_lets_fewer_in_is_narrower() {
    let deny =
        json!({ "Effect": "Deny", "Principal": { "AWS": "444455556666" }, "Action": "sts:AssumeRole" });
    let both = allow(&json!({ "AWS": ["111122223333", "444455556666"] }));
    let old = policy(&[both.clone(), deny.clone(), allow(&json!("*"))]);
    let narrower = |new: &Value| is_narrower(&document(new), &document(&old));
    let ours = allow(&json!({ "AWS": "111122223333" }));
    assert!(narrower(&old));
    assert!(narrower(&policy(&[ours.clone(), deny.clone()])));
    assert!(narrower(&policy(std::slice::from_ref(&deny))));
    let mut sooner = ours.clone();
    sooner["Action"] = json!("sts:*");
    let mut other_version = old.clone();
    other_version["Version"] = json!("2008-10-17");
    let mut milder = deny.clone();
    milder["Condition"] = json!({ "Bool": { "aws:MultiFactorAuthPresent": "false" } });
    for wider in [
        policy(&[]),
        policy(std::slice::from_ref(&both)),
        policy(&[both.clone(), deny.clone(), allow(&json!({ "AWS": "444455556667" }))]),
        policy(&[allow(&json!({ "AWS": "444455556667" })), deny.clone()]),
        policy(&[sooner, deny.clone()]),
        policy(&[both.clone(), milder]),
        policy(&[deny, both.clone(), both]),
        other_version,
        json!({}),
    ] {
        assert!(!narrower(&wider), "{wider}");
    }
    assert!(is_narrower(&PolicyDocument::new(NOBODY), &document(&old)));
    // A policy that merely denies is not ours.
    assert!(!narrower(&policy(&[json!({ "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" })])));
}

fn decide(policy: &Policy, principal: &str, action: &str, organization: Option<&str>) -> Decision {
    let told = organization.map(|id| (Cow::Borrowed("aws:PrincipalOrgID"), Values::One(id.into())));
    let request = Request {
        principal: Principal::parse(principal).unwrap(),
        action,
        resource: "arn:aws:iam::111122223333:role/deployer",
        resource_account: Some("111122223333"),
        context: Context::new(told.into_iter().collect()).unwrap(),
    };
    // Whoever may assume roles at all.
    let any = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let identity = Policy::parse(any, PolicyKind::Identity).unwrap();
    let policies = Policies {
        identity: vec![Cow::Owned(identity)],
        resource: vec![Cow::Borrowed(policy)],
        ..Policies::default()
    };
    evaluate(&request, &policies).decision
}

const CALLERS: [&str; 6] = [
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::444455556666:role/ci",
    "arn:aws:iam::444455556667:user/eve",
    "ec2.amazonaws.com",
    "arn:aws:iam::111122223333:saml-provider/idp",
    "cognito-identity.amazonaws.com",
];
const ACTIONS: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

fn any_principal() -> impl Strategy<Value = Value> {
    let entries = [
        ("AWS", "*"),
        ("AWS", "111122223333"),
        ("AWS", "arn:aws:iam::444455556666:role/ci"),
        ("AWS", "444455556667"),
        ("Service", "ec2.amazonaws.com"),
        ("Federated", "arn:aws:iam::111122223333:saml-provider/idp"),
        ("Federated", "cognito-identity.amazonaws.com"),
    ];
    let several = prop::sample::subsequence(entries.to_vec(), 1..4).prop_map(|entries| {
        let mut kinds = serde_json::Map::new();
        for (kind, entry) in entries {
            if let Value::Array(list) = kinds.entry(kind).or_insert_with(|| json!([])) {
                list.push(json!(entry));
            }
        }
        Value::Object(kinds)
    });
    prop_oneof![1 => Just(json!("*")), 5 => several]
}

fn any_statement() -> impl Strategy<Value = Value> {
    let condition = prop::sample::select(vec![
        json!({}),
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-ours000000" } }),
        json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-ours000000" } }),
    ]);
    let action = prop::sample::select(vec![json!("sts:AssumeRole"), json!("sts:*"), json!(ACTIONS)]);
    (prop::bool::weighted(0.3), any_principal(), prop::bool::weighted(0.1), action, condition).prop_map(
        |(deny, principal, negated, action, condition)| {
            let name = if negated && principal != json!("*") { "NotPrincipal" } else { "Principal" };
            let effect = if deny { "Deny" } else { "Allow" };
            json!({ "Effect": effect, name: principal, "Action": action, "Condition": condition })
        },
    )
}

/// Every place of a policy that names somebody who gets in.
fn doors(policy: &Value) -> Vec<String> {
    let mut doors = Vec::new();
    for (index, statement) in policy["Statement"].as_array().unwrap().iter().enumerate() {
        if statement["Effect"] == "Deny" {
            continue;
        }
        match statement["Principal"].as_object() {
            None if statement["Principal"] == "*" => doors.push(format!("Statement[{index}].Principal")),
            None => doors.push(format!("Statement[{index}].NotPrincipal")),
            Some(kinds) => {
                for (kind, list) in kinds {
                    let entries = 0..list.as_array().unwrap().len();
                    doors.extend(entries.map(|at| format!("Statement[{index}].Principal.{kind}[{at}]")));
                }
            }
        }
    }
    doors
}

/// The policy with nothing but one way in, and all that denies.
fn with_this_door_alone(policy: &Value, place: &str) -> Value {
    let Some(part) = Part::parse(place) else { panic!("{place}") };
    let (Part::Statement(wanted) | Part::Principal { statement: wanted, .. }) = &part;
    let statements = policy["Statement"].as_array().unwrap().iter().enumerate();
    let kept = statements.filter(|(index, statement)| statement["Effect"] == "Deny" || index == wanted);
    let mut statements: Vec<Value> = kept.map(|(_, statement)| statement.clone()).collect();
    if let Part::Principal { kind, index, .. } = &part {
        let open = statements.iter_mut().find(|statement| statement["Effect"] == "Allow").unwrap();
        let entry = open["Principal"][kind.as_str()][*index].clone();
        open["Principal"] = json!({ kind.as_str(): [entry] });
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(400), failure_persistence: None, ..ProptestConfig::default() })]

    /// Nobody gets in by a way that was taken out, and everybody as before by those that were not.
    #[test]
    fn exactly_the_ways_taken_out_are_closed(
        statements in prop::collection::vec(any_statement(), 1..5),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let before = policy(&statements);
        let doors = doors(&before);
        prop_assume!(!doors.is_empty());
        let taken: BTreeSet<&str> = chosen.iter().map(|at| at.get(&doors).as_str()).collect();
        let places: Vec<&str> = taken.iter().copied().collect();
        let old = document(&before);
        let new = without(&old, &places).unwrap().unwrap();
        prop_assert!(is_narrower(&new, &old));
        prop_assert!(!is_narrower(&old, &new));

        let read = |document: &PolicyDocument| Policy::parse_document(document, PolicyKind::Trust).unwrap();
        let new = read(&new);
        let open: Vec<Policy> = doors
            .iter()
            .filter(|door| !taken.contains(door.as_str()))
            .map(|door| read(&document(&with_this_door_alone(&before, door))))
            .collect();
        for caller in CALLERS {
            for action in ACTIONS {
                for organization in [None, Some("o-ours000000")] {
                    let gets_in = |policy: &Policy| decide(policy, caller, action, organization) == Decision::Allowed;
                    prop_assert_eq!(gets_in(&new), open.iter().any(gets_in), "{} {}", caller, action);
                }
            }
        }
    }
}
