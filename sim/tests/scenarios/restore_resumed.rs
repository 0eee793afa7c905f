//! An undo that a worker died over, given again: what was reported in between, nobody had seen who wanted it.

use jiff::SignedDuration;
use shared::engine::Hold;
use shared::engine::Journal;
use shared::remedy::{Cause, Entry, Status};
use sim::Local;

use crate::fixture::*;
use crate::threats::*;

const THREATENED: &str = "principal-threatened";

/// After how many calls an undo's worker may die, and the account then: suspended, with the undo half done.
fn died_over(
    suspended: impl Fn() -> (Local, Entry),
    undo: impl Fn(&Local, &Entry) -> bool,
) -> Vec<(u32, Local, Entry)> {
    let (calm, suspension) = suspended();
    calm.world.forget_calls();
    assert!(undo(&calm, &suspension));
    let died = (1..=u32::try_from(calm.world.calls().total()).unwrap()).filter_map(|call| {
        let (local, suspension) = suspended();
        local.world.die_after(call);
        assert!(!undo(&local, &suspension), "after call {call}");
        let is_undone = local.world.entries().iter().any(|entry| entry.undone_by.is_some());
        (!is_undone).then_some((call, local, suspension))
    });
    died.collect()
}

fn is_open(local: &Local) -> bool {
    local.world.entries().iter().any(|entry| matches!(entry.cause, Cause::Undo { .. }) && !entry.is_closed())
}

fn wait(local: &Local, seconds: i64) {
    local.world.advance(SignedDuration::from_secs(seconds));
}

/// Suspended for no threat.
fn ordered(whom: &str, rules: &[&str]) -> (Local, Entry) {
    let local = at_work(with_approvers(rules));
    make_admin(&local);
    let suspension = suspend(&local, whom).unwrap().entry().unwrap().clone();
    wait(&local, 3_600);
    (local, suspension)
}

fn by_kim(local: &Local, suspension: &Entry) -> bool {
    undo_by(local, "kim", suspension, false)
        .is_ok_and(|outcome| outcome.entry().is_some_and(|entry| entry.status == Status::Verified))
}

#[test]
fn what_was_reported_since_its_worker_died_asks_for_a_second_person() {
    let mut open = 0;
    for (call, local, suspension) in died_over(|| ordered("user/mallory", &[THREATENED]), by_kim) {
        open += usize::from(is_open(&local));
        let opened = local.world.now();
        wait(&local, 60);
        local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
        wait(&local, 121);
        let contained = local.world.account();
        let request = asked(&undo_by(&local, "kim", &suspension, false).unwrap());
        assert_eq!(changes(&contained, &local), Vec::<String>::new(), "after call {call}");
        assert_eq!(approve(&local, ADA, &request), Ok(1));
        assert!(by_kim(&local, &suspension), "after call {call}");
        assert_eq!(status(&local, "mallory", "MAL1"), "Inactive", "the detector names it");
        let principal = suspension.plan.resource.unique_id();
        let hold = pollster::block_on(local.world.hold(principal)).unwrap().unwrap();
        assert!(hold.until > opened + Hold::LASTS, "after call {call}: people knew of the report");
    }
    assert!(open > 0);
}

#[test]
fn an_undo_that_is_resumed_stands_against_what_was_known_when_it_was_opened() {
    let mut open = 0;
    for (call, local, suspension) in died_over(|| ordered("user/mallory", &[]), by_kim) {
        let is_open = is_open(&local);
        open += usize::from(is_open);
        let died = local.world.now();
        wait(&local, 181);
        // It may have been finished but for that: there is nothing left to undo then.
        let _ = by_kim(&local, &suspension);
        let hold =
            pollster::block_on(local.world.hold(suspension.plan.resource.unique_id())).unwrap().unwrap();
        assert_eq!(hold.until <= died + Hold::LASTS, is_open, "after call {call}");
    }
    assert!(open > 0);
}

#[test]
fn a_key_that_was_reported_since_its_worker_died_stays_off() {
    let mut open = 0;
    for (call, local, suspension) in died_over(|| ordered("user/ann", &["access-key-exposed"]), by_kim) {
        if status(&local, "ann", "ANN1") != "Inactive" {
            continue;
        }
        open += usize::from(is_open(&local));
        wait(&local, 60);
        local.deliver(&health(&["ANN1"]));
        wait(&local, 121);
        assert!(by_kim(&local, &suspension), "after call {call}");
        let keys = ["ANN1", "ANN2"].map(|key| status(&local, "ann", key));
        assert_eq!(keys, ["Inactive", "Active"], "after call {call}");
    }
    assert!(open > 0);
}

#[test]
fn an_undo_with_known_keys_is_not_finished_by_one_that_does_not_mean_them() {
    let suspended = || {
        let (local, _) = suspended(with_approvers(&[THREATENED]));
        let suspension = written(&local).pop().unwrap();
        let request = asked(&undo_by(&local, "sam", &suspension, true).unwrap());
        approve(&local, ADA, &request).unwrap();
        (local, suspension)
    };
    let by_sam = |local: &Local, suspension: &Entry| {
        undo_by(local, "sam", suspension, true)
            .is_ok_and(|outcome| outcome.entry().is_some_and(|entry| entry.status == Status::Verified))
    };
    let mut open = 0;
    for (call, local, suspension) in died_over(suspended, by_sam) {
        if status(&local, "mallory", "MAL1") != "Inactive" {
            continue;
        }
        open += usize::from(is_open(&local));
        wait(&local, 181);
        asked(&undo_by(&local, "kim", &suspension, false).unwrap());
        assert_eq!(status(&local, "mallory", "MAL1"), "Inactive", "after call {call}");
    }
    assert!(open > 0);
}
