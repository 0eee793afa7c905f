mod claim;
mod oracle;

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::Judged;
use super::super::judge::{Judgement, judge};
use super::*;
use crate::engine::Deployment;
use crate::facts::fixture::{QUARANTINE, alice, arn, days, inline, just_over, key, key_id, now, other};
use crate::facts::{AccessKey, OtherCredentialKind};
use crate::rules::RuleId;

fn deployment() -> Deployment {
    Deployment {
        account: crate::identifier::AccountId::parse("111122223333").unwrap(),
        stack: "bailiff".to_owned(),
        quarantine_policy: arn(QUARANTINE),
    }
}

fn judged(governance: &Governance, rule: &str, resource: &Resource, at: Timestamp) -> Judgement {
    let id = RuleId::parse(rule).unwrap();
    judge(governance, &deployment(), id, &*governance.rule(id).rule, resource, at)
}

/// A file of exemptions: of each the rule, whom it is for, and what else it says.
fn exempting(exemptions: &[(&str, &str, &str)]) -> Governance {
    let mut text = "version: 1\nexemptions:\n".to_owned();
    for (rule, subject, rest) in exemptions {
        let rest = if rest.contains("expires") {
            (*rest).to_owned()
        } else {
            format!("expires: 2027-01-31, {rest}")
        };
        let _ = writeln!(
            text,
            "  - {{rule: {rule}, {subject}, ticket: SEC-7, owner: ann, approver: bob, reason: why, created: 2026-10-01, \
             {rest}}}"
        );
    }
    Governance::parse(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

const ALICE: &str = "principal: \"arn:aws:iam::111122223333:user/alice\"";

fn of_key(letter: char) -> String {
    format!("accessKey: {}", key_id(letter).as_str())
}

fn with(keys: impl IntoIterator<Item = AccessKey>) -> Resource {
    alice().with_keys(keys).into()
}

fn said(judgement: &Judgement) -> String {
    match &judgement.judged {
        Judged::Exempt { annotation, ticket, until } => format!("exempt {until} {ticket}: {annotation}"),
        Judged::NonCompliant { annotation } => annotation.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_key_older_than_its_exemption_allows_breaks_the_rule_and_the_annotation_says_why() {
    let governance = exempting(&[("access-key-age", &of_key('A'), "rotateEvery: 180")]);
    let young = judged(&governance, "access-key-age", &with([key('A', days(180))]), now());
    assert_eq!(
        said(&young),
        "exempt 2027-01-31 SEC-7: active longer than 90 days: key …AAAA created by 2026-05-26"
    );
    assert_eq!(young.exemptions, [0]);
    let old = judged(&governance, "access-key-age", &with([key('A', just_over(180))]), now());
    assert_eq!(
        said(&old),
        "exempt until 2027-01-31 under SEC-7, but due for rotation every 180 days: active longer than 90 days: key \
         …AAAA created by 2026-05-26"
    );
    assert_eq!(old.exemptions, Vec::<usize>::new());
}

#[test]
fn of_an_exempt_users_keys_the_ones_due_for_rotation_are_found_and_no_others() {
    let governance = exempting(&[("access-key-age", ALICE, "rotateEvery: 180")]);
    let keys = [key('A', days(100)), key('B', just_over(180)), key('C', days(10))];
    let found = said(&judged(&governance, "access-key-age", &with(keys), now()));
    assert_eq!(
        found,
        "exempt until 2027-01-31 under SEC-7, but due for rotation every 180 days: active longer than 180 days: key \
         …BBBB created by 2026-05-26"
    );
}

#[test]
fn ssh_keys_and_signing_certificates_are_rotated_inside_an_exemption_too() {
    for (rule, kind) in [
        ("user-ssh-key-age", OtherCredentialKind::SshPublicKey),
        ("user-signing-certificate-age", OtherCredentialKind::SigningCertificate),
    ] {
        let governance = exempting(&[(rule, ALICE, "rotateEvery: 180")]);
        let of_age = |age| alice().with_others([other(kind, 'A', age)]).into();
        let young = judged(&governance, rule, &of_age(days(180)), now());
        assert!(matches!(young.judged, Judged::Exempt { .. }), "{rule}: {young:?}");
        let old = said(&judged(&governance, rule, &of_age(just_over(180)), now()));
        assert!(old.contains("due for rotation every 180 days: older than 180 days"), "{rule}: {old}");
    }
}

#[test]
fn an_age_that_leaves_the_rotation_open_is_unknown_and_never_exempt() {
    let bounds = key('A', days(0)).created_between(days(400), days(120));
    for subject in [ALICE, &of_key('A')] {
        let governance = exempting(&[("access-key-age", subject, "rotateEvery: 180")]);
        let judgement = judged(&governance, "access-key-age", &with([bounds.clone()]), now());
        assert!(matches!(judgement.judged, Judged::Unknown { .. }), "{judgement:?}");
        // Without the question how old it is there is an answer.
        let governance = exempting(&[("access-key-age", subject, "process: report")]);
        let judgement = judged(&governance, "access-key-age", &with([bounds.clone()]), now());
        assert!(matches!(judgement.judged, Judged::Exempt { .. }), "{judgement:?}");
    }
}

#[test]
fn a_rotation_sooner_than_the_rules_own_limit_makes_nothing_stricter_and_exempts_nothing() {
    let governance = exempting(&[("access-key-age", ALICE, "rotateEvery: 30")]);
    let of_age = |age| judged(&governance, "access-key-age", &with([key('A', age)]), now()).judged;
    assert_eq!(of_age(days(60)), Judged::Compliant);
    assert!(matches!(of_age(just_over(90)), Judged::NonCompliant { .. }));
    // Nor beside a key that breaks the rule.
    let both = with([key('A', days(60)), key('B', just_over(90))]);
    let found = said(&judged(&governance, "access-key-age", &both, now()));
    assert!(found.contains("…BBBB") && !found.contains("…AAAA"), "{found}");
}

#[test]
fn a_key_due_for_rotation_keeps_its_user_no_more() {
    let idle = |age| with([key('A', age).used(days(100))]);
    let governance = exempting(&[("access-key-age", &of_key('A'), "rotateEvery: 180")]);
    let kept = judged(&governance, "user-unused", &idle(days(170)), now());
    assert!(matches!(kept.judged, Judged::Exempt { .. }), "{kept:?}");
    assert_eq!(kept.exemptions, [0]);
    let found = judged(&governance, "user-unused", &idle(days(190)), now());
    assert!(matches!(found.judged, Judged::NonCompliant { .. }), "{found:?}");
}

#[test]
fn what_is_found_after_an_exemption_lapsed_says_so() {
    let user = alice().with_inline([inline("own", "{}")]).into();
    let governance = exempting(&[
        ("user-inline-policy", ALICE, "expires: 2026-10-31"),
        ("access-key-age", &of_key('A'), "expires: 2026-11-20"),
    ]);
    assert_eq!(
        said(&judged(&governance, "user-inline-policy", &user, now())),
        "exemption lapsed on 2026-11-01 under SEC-7: inline policies: own"
    );
    let keys = [key('A', days(100)), key('B', days(100))];
    let found = said(&judged(&governance, "access-key-age", &with(keys), now()));
    assert!(found.starts_with("exemption lapsed on 2026-11-21 under SEC-7: active longer"), "{found}");
    let other = said(&judged(&governance, "access-key-age", &with([key('B', days(100))]), now()));
    assert!(other.starts_with("active longer"), "{other}");
}

#[test]
fn an_exemption_is_at_work_where_more_would_be_found_without_it() {
    let governance = exempting(&[
        ("access-key-age", &of_key('A'), "process: a"),
        ("access-key-age", &of_key('B'), "process: b"),
        ("access-key-age", &of_key('C'), "process: c"),
    ]);
    let at_work = |keys: Vec<AccessKey>| judged(&governance, "access-key-age", &with(keys), now()).exemptions;
    assert_eq!(at_work(vec![key('A', days(100)), key('B', days(100)), key('C', days(1))]), [0, 1]);
    // Beside a violation too.
    assert_eq!(at_work(vec![key('A', days(100)), key('D', days(100))]), [0]);
    assert_eq!(at_work(vec![key('A', days(10)), key('D', days(100))]), Vec::<usize>::new());
    assert_eq!(at_work(vec![key('A', days(10))]), Vec::<usize>::new());
    let user = alice().with_inline([inline("own", "{}")]).into();
    let governance = exempting(&[("access-key-age", ALICE, ""), ("user-inline-policy", ALICE, "")]);
    assert_eq!(judged(&governance, "user-inline-policy", &user, now()).exemptions, [1]);
}
