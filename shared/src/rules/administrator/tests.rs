use serde_json::{Value, json};

use super::*;
use crate::facts::fixture::{arn, throttled};
use crate::facts::{Read, WhyUnread};
use crate::policy::account::Certainty;
use crate::policy::analysis::Tier;
use crate::rules::Parameters as _;

fn of(tier: Tier, depends_on: &[&str]) -> Privileges {
    Privileges {
        tier,
        admin: tier == Tier::Platinum,
        certainty: if depends_on.is_empty() { Certainty::Is } else { Certainty::Possible },
        path: Vec::new(),
        depends_on: depends_on.iter().map(|on| (*on).to_owned()).collect(),
        errors: Vec::new(),
    }
}

fn judged(privileges: &Privileges, params: &Value) -> Verdict<Privileges> {
    let alice = arn("arn:aws:iam::111122223333:user/team/alice");
    judge(&alice, &Fact::Known(privileges.clone()), &Params::read(params).unwrap())
}

#[test]
fn every_administrator_counts_and_nobody_below() {
    for tier in [Tier::None, Tier::Bronze, Tier::Silver, Tier::Gold] {
        assert_eq!(judged(&of(tier, &[ORGANIZATION]), &Value::Null), Verdict::Compliant, "{tier}");
    }
    for on in [&[][..], &[ORGANIZATION], &["aws:SourceIp"], &[ORGANIZATION, "aws:SourceIp"]] {
        let admin = of(Tier::Platinum, on);
        assert_eq!(judged(&admin, &Value::Null), Verdict::NonCompliant(admin.clone()), "{on:?}");
    }
}

#[test]
fn what_is_but_possible_counts_as_the_parameters_say() {
    let table = [
        (&[][..], true, true),
        (&[ORGANIZATION], true, false),
        (&["aws:SourceIp"], false, true),
        (&["aws:SourceIp", ORGANIZATION], false, false),
    ];
    for (on, without_possible, without_organization) in table {
        let admin = of(Tier::Platinum, on);
        let found = |params| matches!(judged(&admin, &params), Verdict::NonCompliant(_));
        assert_eq!(found(json!({"countPossible": false})), without_possible, "{on:?}");
        assert_eq!(found(json!({"countUnlessOrganizationForbids": "false"})), without_organization, "{on:?}");
    }
}

#[test]
fn those_who_may_be_administrators_are_named_by_as_much_of_their_arn_as_is_given() {
    let admin = of(Tier::Platinum, &[]);
    let fine =
        |pattern: &str| judged(&admin, &json!({"allowedAdministrators": pattern})) == Verdict::Compliant;
    for pattern in [
        "alice",
        "al*",
        "user/team/alice",
        "user/*/alice",
        "user/team/a?ice",
        "arn:aws:iam::111122223333:user/team/alice",
        "arn:*:user/team/*",
        "x, alice",
    ] {
        assert!(fine(pattern), "{pattern}");
    }
    for pattern in ["bob", "Alice", "user/alice", "role/*", "team/alice", "arn:*:role/*", "", "alic"] {
        assert!(!fine(pattern), "{pattern}");
    }
}

#[test]
fn what_could_not_be_read_leaves_open_only_what_nothing_else_settles() {
    let unread = throttled(Read::GetAccountAuthorizationDetails);
    let alice = arn("arn:aws:iam::111122223333:user/alice");
    let params = |value| Params::read(&value).unwrap();
    let unknown = Fact::Unknown(unread.clone());
    assert_eq!(judge(&alice, &unknown, &params(Value::Null)), Verdict::Unknown(unread));
    assert_eq!(
        judge(&alice, &unknown, &params(json!({"allowedAdministrators": "alice"}))),
        Verdict::Compliant
    );

    let untold =
        |tier| Privileges { errors: vec!["policy `p`: gone".into(), "b".into()], ..of(tier, &["errors"]) };
    let Verdict::Unknown(unread) = judged(&untold(Tier::Silver), &Value::Null) else { panic!() };
    assert_eq!((unread.why, unread.detail.as_str()), (WhyUnread::Incomplete, "policy `p`: gone, and 1 more"));
    assert!(matches!(judged(&untold(Tier::Platinum), &Value::Null), Verdict::NonCompliant(_)));
    // Possible because of what is not read, and not to be counted for that: it may still be one for certain.
    let not_counted = judged(&untold(Tier::Platinum), &json!({"countPossible": false}));
    assert!(matches!(not_counted, Verdict::Unknown(_)));
}

#[test]
fn says_how_and_how_surely() {
    let path = vec!["sts:AssumeRole on role/a".to_owned(), "iam:PutUserPolicy on user/b".to_owned()];
    let becomes = |on: &[&str]| Privileges { admin: false, path: path.clone(), ..of(Tier::Platinum, on) };
    let forbidden = "unless the organization's policies forbid it";
    let steps = "sts:AssumeRole on role/a, then iam:PutUserPolicy on user/b";
    assert_eq!(annotate(&of(Tier::Platinum, &[])), "is an administrator");
    assert_eq!(
        annotate(&of(Tier::Platinum, &[ORGANIZATION])),
        format!("is possibly an administrator, {forbidden}")
    );
    assert_eq!(annotate(&becomes(&[])), format!("can become an administrator: {steps}"));
    assert_eq!(
        annotate(&becomes(&[ORGANIZATION])),
        format!("can possibly become an administrator, {forbidden}: {steps}")
    );
    assert_eq!(
        annotate(&becomes(&["aws:SourceIp", ORGANIZATION])),
        format!(
            "can possibly become an administrator, depending on aws:SourceIp and {ORGANIZATION}: {steps}"
        )
    );
}
