//! What becomes of people's agreement where the act it was given for fails, dies or is asked for otherwise.

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{Say, SuspendOrder};
use shared::governance::Mode;
use shared::remedy::{Cause, Entry, Status};
use shared::threat::{Sign, Source};
use sim::Local;

use crate::fixture::*;
use crate::stages::{answer, is_active, of_rule, staged, stale_key};
use crate::threats::{ADA, approve, asked, at_work, health, status, suspended, undo_by, with_approvers};

const THREATENED: &str = "principal-threatened";

#[test]
fn an_approved_undo_that_dies_at_any_call_needs_no_second_approval() {
    let prepared = || {
        let (local, before) = suspended(with_approvers(&[THREATENED]));
        let suspension = written(&local).pop().unwrap();
        let question = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
        approve(&local, ADA, &question).unwrap();
        local.world.forget_calls();
        (local, suspension, before)
    };
    let (calm, suspension, _) = prepared();
    undo_by(&calm, "sam", &suspension, false).unwrap();
    let calls = calm.world.calls().total();
    for call in 1..=u32::try_from(calls).unwrap() {
        let (local, suspension, before) = prepared();
        local.world.die_after(call);
        assert!(undo_by(&local, "sam", &suspension, false).is_err());
        let is_undo = |entry: &Entry| matches!(entry.cause, Cause::Undo { .. });
        let done = written(&local).iter().any(|entry| is_undo(entry) && entry.status == Status::Verified);
        if !done {
            let again = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
            assert_eq!(again.status, Status::Verified, "dies after call {call} of {calls}: {again:#?}");
        }
        // All but the key that the detector named.
        let kept_off = ["user mallory: accessKeys[0]: status: \"Active\" became \"Inactive\""];
        assert_eq!(changes(&before, &local), kept_off, "dies after call {call} of {calls}");
        // Nor does it serve twice: what was undone and contained again waits for people.
        let lifted = written(&local).pop().unwrap();
        let contained = undo_by(&local, "sam", &lifted, false).unwrap().entry().unwrap().clone();
        asked(&undo_by(&local, "sam", &contained, false).unwrap());
    }
}

#[test]
fn an_approved_act_of_a_rule_that_dies_at_any_call_is_done_once() {
    let prepared = || {
        let local = stale_key(staged(KEY_AGE, "approvals: 1"));
        sweep(&local);
        answer(&local, crate::stages::ADA, Say::Approve).unwrap();
        local.world.forget_calls();
        local
    };
    let calm = prepared();
    calm.work_off();
    let calls = calm.world.calls().total();
    for call in 1..=u32::try_from(calls).unwrap() {
        let local = prepared();
        local.world.die_after(call);
        local.work_off();
        assert!(!is_active(&local), "dies after call {call} of {calls}");
        let asked = of_rule(&local).into_iter().filter(|entry| entry.status == Status::Planned).count();
        assert_eq!(asked, 1, "dies after call {call} of {calls}: nobody is asked twice");
    }
}

#[test]
fn whoever_agrees_reads_which_keys_somebody_else_may_know_and_why() {
    let exposed = |local: &Local| {
        local.deliver(&health(&["ANN1"]));
        written(local).pop().unwrap()
    };
    let told = |local: &Local, entry: &Entry| {
        asked(&undo_by(local, "sam", entry, true).unwrap());
        local.world.notices().pop().unwrap().plan.left
    };
    let local = at_work(with_approvers(&["access-key-exposed"]));
    let entry = exposed(&local);
    let left = told(&local, &entry);
    assert!(
        left[0].starts_with("switches …ANN1 on, though it was switched off by access-key-exposed"),
        "{left:?}"
    );
    assert!(left[0].contains("AWS Health reported at"), "{left:?}");
    assert_eq!(left.len(), 2, "one line for each key, and what to do: {left:?}");
    // An order that switched off an exposed key beside another one.
    let local = at_work(with_approvers(&[]));
    local.deliver(&health(&["ANN1"]));
    let entry = ordered(&local);
    let left = told(&local, &entry);
    assert!(left[0].contains("…ANN1 on, though AWS Health reported at"), "{left:?}");
    assert_eq!(left.len(), 2, "nothing is said against the other key: {left:?}");
    // What cannot be read is said to be unknown.
    let local = at_work(with_approvers(&[]));
    let entry = ordered(&local);
    let threats = sim::Operation::Read(shared::facts::Read::Threats);
    local.world.fail(threats, sim::Fault::Denied, sim::Times::Always);
    let left = told(&local, &entry);
    assert!(left[0].contains("whether somebody else knows it could not be read"), "{left:?}");
}

#[test]
fn an_undo_asked_with_other_keys_is_a_question_of_its_own_and_takes_nobody_s_word_away() {
    let two = "approvals:\n  approvers:\n    - arn:aws:iam::111122223333:user/security/*\n  platinum:\n    \
               - principal: arn:aws:iam::111122223333:user/ann\n      reason: the books\n";
    let local = at_work(only(&[], "enforce", two));
    local.deliver(&health(&["ANN1"]));
    let suspension = ordered(&local);
    let without = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    assert_eq!(approve(&local, ADA, &without), Ok(1));
    let with = asked(&undo_by(&local, "sam", &suspension, true).unwrap());
    assert_ne!(with.id, without.id);
    let grace = ADA.replace("ada", "grace");
    assert_eq!(approve(&local, &grace, &with), Ok(1), "the word for one is none for the other");
    assert_eq!(approve(&local, &grace, &without), Ok(2), "the first question stands, with its answers");
    let undone = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    assert_eq!(undone.status, Status::Verified, "{undone:#?}");
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Inactive", "Active"]);
    // What was undone one way is not undone the other way.
    assert_eq!(approve(&local, ADA, &with), Ok(2));
    let again = undo_by(&local, "sam", &suspension, true).unwrap_err().to_string();
    assert!(again.contains("was undone already"), "{again}");
}

/// Ann, suspended by an order that names a threat.
fn ordered(local: &Local) -> Entry {
    let order = SuspendOrder {
        principal: format!("arn:aws:iam::{ACCOUNT}:user/ann").parse().unwrap(),
        reason: "to be sure".to_owned(),
        requested_by: "sam".to_owned(),
        threat: Some("GuardDuty finding 5ec1".to_owned()),
    };
    local.suspend(&order).unwrap().entry().unwrap().clone()
}

#[test]
fn a_platinum_role_is_suspended_by_the_word_of_two_though_time_has_gone_by() {
    let grace = ADA.replace("ada", "grace");
    let deploy = format!("arn:aws:iam::{ACCOUNT}:role/production/deploy");
    let rest = format!(
        "approvals:\n  approvers: ['{ADA}', '{grace}']\n  platinum: [{{ principal: '{deploy}', reason: r }}]\n"
    );
    let role = json!({"name": "deploy", "path": "/production/",
        "attachedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"]});
    let local = local(account(json!({ "roles": [role] })), only(&[THREATENED], "enforce", &rest));
    let mut threat = threat(Sign::Detected, Source::GuardDuty, None);
    threat.at = local.world.now();
    local.world.threaten("deploy", threat);
    sweep(&local);
    let first = entry(&local);
    for by in [ADA, &grace] {
        assert_eq!(local.world.calls().iam_writes(), 0);
        local.world.advance(SignedDuration::from_mins(7));
        // Asked once, however often it is found meanwhile.
        sweep(&local);
        assert_eq!(local.world.entries().len(), 1);
        approve(&local, by, &first).unwrap();
        local.work_off();
    }
    let role = local.world.account().roles.remove(0);
    assert!(role.attached_policies.iter().any(|policy| policy.name() == "bailiff-quarantine"));
    let act = local
        .world
        .entries()
        .into_iter()
        .find(|entry| entry.mode == Mode::Enforce && entry.status == Status::Verified);
    assert!(act.is_some(), "{:#?}", local.world.entries());
}
