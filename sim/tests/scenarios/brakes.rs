//! What stops Bailiff: the switch that is read before every write, and limits that no number of workers overruns.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{Decision, Stop};
use shared::governance::Governance;
use shared::remedy::{Entry, Refusal, Status, Write};
use sim::{AccountFile, Fault, Local, Operation, Times, Work};

use crate::fixture::*;

/// So many users who each have an inline policy.
fn many(count: usize) -> AccountFile {
    let named = |n: usize| json!({"name": format!("user-{n:03}"), "inlinePolicies": [{"name": "p"}]});
    users((0..count).map(named).collect::<Vec<Value>>().into())
}

fn limited(limits: &str) -> Governance {
    only(&[INLINE], "enforce", &format!("limits: {{ {limits} }}\n"))
}

/// Who still has a policy.
fn untouched(local: &Local) -> usize {
    local.world.account().users.iter().filter(|user| !user.inline_policies.is_empty()).count()
}

fn by_a_person(undo_too: bool) -> Stop {
    let (by, reason) = ("sam".to_owned(), "the night build is broken".to_owned());
    Stop { since: NOW.parse().unwrap(), by, reason, undo_too, tripped: None }
}

fn refused(local: &Local, matching: fn(&Refusal) -> bool) -> Vec<Entry> {
    let entries = local.world.entries().into_iter();
    entries.filter(|entry| entry.refusal.as_ref().is_some_and(matching)).collect()
}

fn is_stopped(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Stopped { .. })
}

fn is_limited(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::LimitReached { .. })
}

fn is_too_often(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::ChangedTooOften { .. })
}

#[test]
fn nothing_is_written_while_a_person_has_stopped_it_and_all_of_it_once_they_let_it_go_on() {
    let local = local(many(3), enforce(&[INLINE]));
    local.world.set_stop(Some(by_a_person(false)));
    sweep(&local);
    assert_eq!((local.world.calls().iam_writes(), untouched(&local)), (0, 3));
    assert_eq!(refused(&local, is_stopped).len(), 3);
    assert!(local.world.notices().is_empty(), "whoever stopped it knows");

    local.world.set_stop(None);
    sweep(&local);
    assert_eq!(untouched(&local), 0);
}

#[test]
fn a_switch_thrown_between_two_steps_stops_the_second() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}, {"name": "q"}]}]));
    let local = local(account, enforce(&[INLINE]));
    // The first policy is deleted and read back; the switch is thrown before the second is looked at.
    local.world.stop_before(Operation::Write(Write::DeleteUserPolicy), 0, by_a_person(false));
    sweep(&local);
    let entry = entry(&local);
    assert_eq!(entry.status, Status::Refused);
    assert_eq!((entry.written().count(), local.world.account().users[0].inline_policies.len()), (1, 1));
    assert!(entry.refusal.as_ref().is_some_and(is_stopped));
}

/// A switch thrown while the journal takes so long to write down that a step is attempted.
fn thrown_during_the_writing_down(local: &Local, undisturbed: u32, seconds: i64) {
    let takes = SignedDuration::from_secs(seconds);
    local.world.stop_during(Operation::UpdateItem, undisturbed, takes, by_a_person(false));
}

#[test]
fn a_switch_thrown_while_the_journal_was_slow_stops_the_step_that_was_about_to_be_written() {
    let two = || users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}, {"name": "q"}]}]));
    // Each step is written down before and after.
    for (undisturbed, done) in [(0, 0), (2, 1)] {
        let local = local(two(), enforce(&[INLINE]));
        thrown_during_the_writing_down(&local, undisturbed, 8);
        sweep(&local);
        let entry = entry(&local);
        assert_eq!((entry.status, local.world.calls().iam_writes()), (Status::Refused, done));
        assert!(entry.refusal.as_ref().is_some_and(is_stopped), "{entry:#?}");
        // It is known not to have been sent.
        assert_eq!((entry.written().count(), entry.attempting), (done, None));
    }
    // What was read a moment ago is as good as new.
    let local = local(two(), enforce(&[INLINE]));
    thrown_during_the_writing_down(&local, 0, 1);
    sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 1);
}

#[test]
fn an_undo_is_stopped_as_late_and_leaves_nothing_to_undo() {
    let local = local(many(1), enforce(&[INLINE]));
    sweep(&local);
    let done = entry(&local);
    let takes = SignedDuration::from_secs(8);
    local.world.stop_during(Operation::UpdateItem, 0, takes, by_a_person(true));
    let undo = restore(&local, &done.id).unwrap().entry().unwrap().clone();
    assert_eq!((undo.status, undo.written().count(), untouched(&local)), (Status::Refused, 0, 0));
    local.world.set_stop(None);
    assert!(restore(&local, &undo.id).is_err());
    assert_eq!(restore(&local, &done.id).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn what_a_dead_worker_attempted_is_found_out_though_the_switch_is_thrown_late() {
    let calm = local(many(1), enforce(&[INLINE]));
    sweep(&calm);
    let calls = u32::try_from(calm.world.calls().total()).unwrap();
    let mut found_out = 0;
    for call in 1..calls {
        let local = local(many(1), enforce(&[INLINE]));
        local.world.die_after(call);
        // The second worker's attempt is the second that is written down.
        thrown_during_the_writing_down(&local, 1, 8);
        sweep(&local);
        let Some(entry) = local.world.entries().into_iter().next() else { continue };
        if entry.status == Status::Unknown {
            found_out += 1;
            assert_eq!((entry.written().count(), local.world.calls().iam_writes()), (1, 0), "after {call}");
        }
    }
    assert!(found_out > 0);
}

#[test]
fn a_switch_that_cannot_be_read_late_leaves_the_step_unwritten_and_not_attempted() {
    let local = local(many(1), enforce(&[INLINE]));
    let takes = SignedDuration::from_secs(8);
    // It is thrown and taken back; only the time counts.
    local.world.stop_during(Operation::UpdateItem, 0, takes, by_a_person(false));
    local.world.fail_later(Operation::GetItem, Some("switch"), 2, Fault::Denied, Times::Always);
    sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 0);
    let entries = local.world.entries();
    assert_eq!((entries[0].status, entries[0].attempting), (Status::Open, None));
    local.world.heal();
    local.world.set_stop(None);
    local.world.advance(SignedDuration::from_hours(1));
    sweep(&local);
    assert_eq!(untouched(&local), 0);
}

#[test]
fn a_switch_that_cannot_be_read_stops_everything_at_any_step() {
    // It is read once with all else that may stand against an act, and once before each write; the sweep looks at it too,
    // and tells.
    for (operation, target, own) in
        [(Operation::TransactGetItems, None, 0), (Operation::GetItem, Some("switch"), 1)]
    {
        for undisturbed in 0..=own + 1 {
            let local = local(many(1), enforce(&[INLINE]));
            local.world.fail_later(operation, target, undisturbed, Fault::Denied, Times::Always);
            sweep(&local);
            assert_eq!(untouched(&local) == 0, undisturbed > own, "{operation:?}, {undisturbed} undisturbed");
        }
    }
}

#[test]
fn rules_wait_for_their_window_and_people_do_not() {
    // A Sunday morning.
    let windows =
        "changeWindows:\n  timeZone: UTC\n  open: [{ days: [monday], from: '08:00', to: '12:00' }]\n";
    let local = local(many(2), only(&[INLINE], "enforce", windows));
    sweep(&local);
    assert_eq!(untouched(&local), 2);
    let waits = refused(&local, |refusal| matches!(refusal, Refusal::OutsideWindow { opens: Some(_) }));
    assert_eq!((waits.len(), local.world.notices().len()), (2, 0));
    assert!(waits[0].refusal.as_ref().unwrap().to_string().contains("2026-11-23T08:00:00Z"));
    assert_eq!(suspend(&local, "user/user-001").unwrap().entry().unwrap().status, Status::Verified);

    local.world.advance(SignedDuration::from_hours(24));
    sweep(&local);
    assert_eq!(untouched(&local), 0);
}

#[test]
fn an_undo_goes_on_while_it_is_stopped_unless_it_is_stopped_too() {
    let local = local(many(1), enforce(&[INLINE]));
    sweep(&local);
    let done = entry(&local);
    local.world.set_stop(Some(by_a_person(true)));
    let outcome = restore(&local, &done.id).unwrap();
    assert!(outcome.refusal().is_some_and(is_stopped), "{outcome:?}");
    assert_eq!(untouched(&local), 0);
    local.world.set_stop(Some(by_a_person(false)));
    assert_eq!(restore(&local, &done.id).unwrap().entry().unwrap().status, Status::Verified);
    assert_eq!(untouched(&local), 1);
}

#[test]
fn a_persons_order_is_stopped_and_not_counted() {
    let local = local(many(1), only(&[INLINE], "enforce", "limits: { actsPerHour: 0 }\n"));
    local.world.set_stop(Some(by_a_person(false)));
    assert!(suspend(&local, "user/user-000").unwrap().refusal().is_some_and(is_stopped));
    assert_eq!(local.world.calls().iam_writes(), 0);
    local.world.set_stop(None);
    assert_eq!(suspend(&local, "user/user-000").unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn each_limit_is_kept_to_the_act_then_everything_stops_and_one_page_is_sent() {
    for (limits, most) in [
        ("actsPerSweep: 4", 4),
        ("actsPerHour: 3", 3),
        ("actsPerDay: 2", 2),
        ("actsPerHour: 0", 0),
        ("actsPerDay: 0", 0),
        ("actsPerSweep: 0", 0),
        ("sharePerDay: 0", 0),
        ("sharePerHour: 0", 0),
        ("sharePerSweep: 0", 0),
        ("actsPerHour: 1000, sharePerHour: 1", 5),
        ("actsPerResourceAndDay: 3", 5),
    ] {
        let local = local(many(20), limited(limits));
        let delivery = sweep(&local);
        // A tenth of twenty is less than the five that are never too many.
        assert_eq!(20 - untouched(&local), most, "{limits}");
        let limited = refused(&local, is_limited);
        assert_eq!(limited.len(), 1, "{limits}");
        assert!(local.world.notices().contains(&limited[0]), "{limits}");
        assert!(local.world.stop_order().is_some(), "{limits}");
        let tripped = |decision: &Decision| matches!(decision, Decision::Tripped { .. });
        assert_eq!(delivery.decisions.iter().filter(|it| tripped(it)).count(), 1, "{limits}");

        // Time does not let it go on.
        local.world.advance(SignedDuration::from_hours(48));
        sweep(&local);
        assert_eq!(20 - untouched(&local), most, "{limits}");
    }
}

#[test]
fn a_limit_that_is_reached_again_on_the_same_day_is_told_again() {
    let local = local(many(3), limited("actsPerDay: 1"));
    let tripped = |delivery: &sim::Delivery| {
        delivery.decisions.iter().filter(|decision| matches!(decision, Decision::Tripped { .. })).count()
    };
    assert_eq!(tripped(&sweep(&local)), 1);
    // Not while it stands, but each time that somebody lets it go on.
    for again in [0, 1, 1] {
        local.world.advance(SignedDuration::from_mins(10));
        local.world.set_stop(local.world.stop_order().filter(|_| again == 0));
        assert_eq!(tripped(&sweep(&local)), again);
    }
    assert_eq!(
        local.world.notices().iter().filter(|it| it.refusal.as_ref().is_some_and(is_limited)).count(),
        3
    );
    assert_eq!(untouched(&local), 2);
}

#[test]
fn each_sweep_says_whether_everything_is_stopped() {
    let local = local(many(1), only(&[INLINE], "audit", ""));
    let said = |local: &Local| {
        let mut decisions = sweep(local).decisions.into_iter();
        decisions.find_map(|decision| match decision {
            Decision::Swept { stopped } => Some(stopped),
            _ => None,
        })
    };
    assert_eq!(said(&local), Some(None));
    local.world.set_stop(Some(by_a_person(false)));
    assert!(said(&local).flatten().is_some_and(|why| why.contains("sam")), "who, and since when");
    // What cannot be read stops everything too.
    local.world.set_stop(None);
    local.world.fail_later(Operation::GetItem, Some("switch"), 0, Fault::Denied, Times::Always);
    assert!(said(&local).flatten().is_some());
}

#[test]
fn once_a_person_has_looked_the_next_hour_has_its_own_limit() {
    let local = local(many(5), limited("actsPerHour: 2"));
    sweep(&local);
    local.world.set_stop(None);
    sweep(&local);
    assert_eq!(untouched(&local), 3, "the hour is not over");
    local.world.set_stop(None);
    local.world.advance(SignedDuration::from_hours(1));
    sweep(&local);
    assert_eq!(untouched(&local), 1);
}

#[test]
fn the_share_is_of_those_whom_the_last_sweep_has_counted() {
    let plenty = "actsPerSweep: 1000, actsPerHour: 1000, actsPerDay: 1000, sharePerDay: 50";
    let local = local(many(40), limited(plenty));
    // The first sweep's findings are worked off when it has counted.
    sweep(&local);
    assert_eq!(untouched(&local), 20);
}

#[test]
fn a_user_whose_policy_somebody_puts_back_is_let_be_after_three_times_and_others_are_not() {
    let local = local(many(2), limited(""));
    let back = |local: &Local| {
        local.world.edit(|account| {
            let policies = many(1).users[0].inline_policies.clone();
            account.users[0].inline_policies = policies;
        });
    };
    for _ in 0..6 {
        sweep(&local);
        local.world.advance(SignedDuration::from_mins(10));
        back(&local);
    }
    let done = written(&local).iter().filter(|entry| entry.plan.resource.arn().name() == "user-000").count();
    assert_eq!((done, untouched(&local)), (3, 1));
    let told = refused(&local, is_too_often);
    assert_eq!(told.len(), 1, "told once a day");
    assert!(local.world.notices().contains(&told[0]));
    assert_eq!(local.world.stop_order(), None);

    local.world.advance(SignedDuration::from_hours(24));
    sweep(&local);
    assert_eq!(untouched(&local), 0, "another day");
}

#[test]
fn workers_at_once_never_overrun_a_limit_and_tell_of_it_once() {
    let mut acted = 0;
    for seed in 0..60 {
        let local = local(many(8), limited("actsPerHour: 3"));
        let users = local.world.account().users;
        let work: Vec<Work> = users
            .iter()
            .map(|user| Work::Finding(remediator(INLINE), finding(&local, user, INLINE)))
            .collect();
        local.at_once(&work, seed);
        // Whoever has counted and not written yet is stopped as well.
        assert!(untouched(&local) >= 5, "seed {seed}");
        assert_eq!(local.world.counted("hour#2026-11-22T09"), 3, "seed {seed}");
        acted += 8 - untouched(&local);
        assert_eq!(refused(&local, is_limited).len(), 1, "seed {seed}");
    }
    assert!(acted > 0);
}

#[test]
fn an_act_that_cannot_be_counted_is_not_done_and_leaves_no_count() {
    for fault in [Fault::Denied, Fault::Throttled, Fault::Failed] {
        let local = local(many(2), limited(""));
        // It is counted in the write that opens its entry.
        local.world.fail_later(Operation::PutItem, None, 0, fault, Times::Always);
        sweep(&local);
        assert_eq!((local.world.calls().iam_writes(), untouched(&local)), (0, 2), "{fault:?}");
        assert_eq!(local.world.counted("hour#2026-11-22T09"), 0, "{fault:?}");
    }
}

#[test]
fn what_is_counted_is_what_is_opened_whatever_is_tried_again() {
    for undisturbed in 0..12 {
        for fault in [Fault::Throttled, Fault::Failed, Fault::LostAnswer] {
            let local = local(many(3), limited("actsPerResourceAndDay: 1"));
            local.world.fail_later(Operation::PutItem, None, undisturbed, fault, Times::Next(1));
            sweep(&local);
            local.work_off();
            let entries = u32::try_from(local.world.entries().len()).unwrap();
            assert_eq!(local.world.counted("hour#2026-11-22T09"), entries, "{fault:?} after {undisturbed}");
            let all = fault == Fault::Failed || untouched(&local) == 0;
            assert!(all && entries >= 2, "{fault:?} after {undisturbed}: {entries} entries");
        }
    }
}

#[test]
fn whoever_dies_over_the_act_too_many_the_next_delivery_tells_of_it() {
    for calls in 1..60 {
        let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "own"}]}]));
        let local = local(account, only(&[INLINE], "enforce", "limits: { actsPerHour: 0 }\n"));
        local.world.die_after(calls);
        let mut decided = sweep(&local).decisions;
        local.work_off();
        decided.extend(local.world.take_decisions());
        assert!(local.world.stop_order().is_some(), "{calls}");
        let tripped = |decision: &Decision| matches!(decision, Decision::Tripped { .. });
        assert!(decided.iter().any(tripped), "a death after {calls} calls");
        let told = |entry: &Entry| matches!(entry.refusal, Some(Refusal::LimitReached { .. }));
        assert!(local.world.notices().iter().any(told), "a death after {calls} calls");
        assert!(local.world.entries().iter().any(told), "a death after {calls} calls");
    }
}
