//! IAM is eventually consistent: a write is seen by reads a while later.

use jiff::SignedDuration;
use shared::remedy::Status;

use crate::fixture::*;
use crate::worlds::*;

#[test]
fn what_settles_within_seconds_ends_the_same() {
    let calm = local(something_of_everything(), all_rules("enforce", ""));
    sweep(&calm);
    for milliseconds in [1, 100, 900, 2_000, 5_000, 7_000] {
        let local = local(something_of_everything(), all_rules("enforce", ""));
        local.world.set_lag(SignedDuration::from_millis(milliseconds));
        sweep(&local);
        assert_eq!(changes(&calm.world.account(), &local), Vec::<String>::new(), "{milliseconds} ms");
        assert_eq!(local.world.calls().iam_writes(), calm.world.calls().iam_writes(), "{milliseconds} ms");
        assert!(written(&local).iter().all(|entry| entry.status == Status::Verified), "{milliseconds} ms");
    }
}

#[test]
fn what_settles_within_seconds_is_undone_all_the_same() {
    let local = local(something_of_everything(), enforce(&[INLINE, ATTACHED, KEY_AGE]));
    let before = local.world.account();
    local.world.set_lag(SignedDuration::from_secs(3));
    sweep(&local);
    for entry in written(&local).iter().rev() {
        local.world.advance(SignedDuration::from_secs(3));
        assert_eq!(restore(&local, &entry.id).unwrap().entry().unwrap().status, Status::Verified);
    }
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn what_takes_longer_is_not_called_verified_and_can_be_undone() {
    let local = local(something_of_everything(), enforce(&[INLINE]));
    let before = local.world.account();
    local.world.set_lag(SignedDuration::from_mins(1));
    sweep(&local);
    let entry = entry(&local);
    assert_ne!(entry.status, Status::Verified);
    local.world.advance(SignedDuration::from_mins(1));
    restore(&local, &entry.id).unwrap();
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn a_sweep_that_does_not_see_a_fresh_change_yet_does_no_harm() {
    let local = local(something_of_everything(), all_rules("enforce", ""));
    local.world.set_lag(SignedDuration::from_mins(10));
    let calm = {
        let calm = crate::fixture::local(something_of_everything(), all_rules("enforce", ""));
        sweep(&calm);
        calm.world.account()
    };
    sweep(&local);
    local.world.set_lag(SignedDuration::ZERO);
    // Nothing shows yet, so nobody's credentials have been taken on the strength of a deny.
    let open = apart_from_versions(&calm, &local);
    let expected = |change: &String| {
        change.starts_with("user leaver: ")
            || change.starts_with("user attacker: ")
            || change.starts_with("policy everything: document")
            || is_mark(change)
    };
    assert!(open.iter().all(expected), "{open:?}");
    sweep(&local);
    local.world.advance(SignedDuration::from_mins(15));
    sweep(&local);
    // Who is denied everything by then is not marked for the mark's own sake.
    let left: Vec<String> =
        apart_from_versions(&calm, &local).into_iter().filter(|change| !is_mark(change)).collect();
    assert_eq!(left, Vec::<String>::new());
}

fn is_mark(change: &str) -> bool {
    change.contains(": tags: bailiff:quarantined: ")
}

/// What differs, whichever way a policy's text came about: what is not seen yet is made once more.
fn apart_from_versions(calm: &sim::AccountFile, local: &sim::Local) -> Vec<String> {
    let of_versions = |change: &String| {
        [": defaultVersion: ", ": otherVersions: "].iter().any(|versions| change.contains(versions))
    };
    changes(calm, local).into_iter().filter(|change| !of_versions(change)).collect()
}
