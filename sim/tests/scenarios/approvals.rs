//! What becomes of people's agreement where the act it was given for fails, dies or is asked for otherwise.

use shared::engine::Say;
use shared::remedy::{Cause, Entry, Status};

use crate::fixture::*;
use crate::stages::{answer, is_active, of_rule, staged, stale_key};
use crate::threats::{ADA, approve, asked, suspended, undo_by, with_approvers};

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
        assert_eq!(changes(&before, &local), Vec::<String>::new(), "dies after call {call} of {calls}");
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
