//! A worker dies and no delivery ever comes again: a queue was emptied, a rule switched off, a principal deleted. The
//! next sweep has what was left open finished, or closed with a true outcome.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{Abandoned, Decision, HandOver, LeftOpen, Message, Outcome};
use shared::governance::{Governance, Mode};
use shared::remedy::{Entry, Refusal, Remediator, SCHEMA, Status};
use sim::{AccountFile, Delivery, Fault, Local, Operation, Times};

use crate::crashes::{differs, open, untold};
use crate::fixture::*;
use crate::plans::{Case, cases};

/// The worker dies after so many calls, and whatever was on the queues is gone.
fn dies_for_good(local: &Local, call: u32, act: impl Fn(&Local)) {
    local.world.die_after(call);
    local.world.lose_messages(true);
    act(local);
    local.world.lose_messages(false);
}

/// The next sweep, half a day later.
fn next_sweep(local: &Local) -> Delivery {
    local.world.advance(SignedDuration::from_hours(12));
    sweep(local)
}

fn left_open(delivery: &Delivery) -> LeftOpen {
    let found = delivery.decisions.iter().find_map(|decision| match decision {
        Decision::LeftOpen { left, .. } => Some(*left),
        _ => None,
    });
    found.unwrap()
}

/// The calls of a run without a death.
fn calls(prepared: impl Fn() -> Local, act: impl Fn(&Local)) -> u32 {
    let calm = prepared();
    calm.world.forget_calls();
    act(&calm);
    u32::try_from(calm.world.calls().total()).unwrap()
}

fn swept(local: &Local) {
    sweep(local);
}

#[test]
fn a_death_after_any_call_without_another_delivery_is_ended_by_the_next_sweep() {
    let (mut points, mut left) = (0, 0);
    for case in cases() {
        let prepared = || case.prepared();
        let calm = prepared();
        swept(&calm);
        next_sweep(&calm);
        for call in 1..=calls(prepared, swept) {
            let local = prepared();
            dies_for_good(&local, call, swept);
            let at = format!("{} dies after call {call}", case.name);
            let before = open(&local).len() as u64;
            let found = left_open(&next_sweep(&local));
            assert_eq!((found.abandoned, found.handed_over, found.stuck), (before, before, 0), "{at}");
            assert_eq!(open(&local), [], "{at}: an entry stays open");
            assert_eq!(untold(&local), [], "{at}: nobody was told");
            assert_eq!(differs(&calm.world.account(), &local), Vec::<String>::new(), "{at}");
            audited(&local).unwrap_or_else(|found| panic!("{at}: {found}"));
            assert_eq!(left_open(&next_sweep(&local)), LeftOpen::default(), "{at}");
            points += 1;
            left += before;
        }
    }
    println!("{points} points, {left} of them left an entry open");
    assert!(left > 20, "{left}");
}

/// Dies at each call, then hands what is left to the next sweep under other circumstances.
fn ended_though(
    name: &str,
    concerns: fn(&Case) -> bool,
    change: fn(&mut Local),
    true_of: fn(&Entry) -> bool,
) {
    let mut left = 0;
    for case in cases().into_iter().filter(concerns) {
        for call in 1..=calls(|| case.prepared(), swept) {
            let mut local = case.prepared();
            dies_for_good(&local, call, swept);
            let before = open(&local);
            change(&mut local);
            local.world.forget_calls();
            next_sweep(&local);
            let at = format!("{name}: {} dies after call {call}", case.name);
            assert_eq!(open(&local), [], "{at}");
            assert_eq!(untold(&local), [], "{at}");
            if !before.is_empty() {
                assert_eq!(local.world.calls().iam_writes(), 0, "{at}");
            }
            for entry in &before {
                let closed = local.world.entries().into_iter().find(|other| other.id == entry.id).unwrap();
                assert!(true_of(&closed), "{at}: {closed:#?}");
                left += 1;
            }
        }
    }
    assert!(left > 0, "{name}");
}

fn governed_anew(local: &mut Local, governance: Governance) {
    local.governance = governance;
}

#[test]
fn what_a_rule_left_open_is_closed_once_the_rule_is_off_and_its_worker_dead() {
    let off = |local: &mut Local| governed_anew(local, enforce(&[]));
    ended_though(
        "rule off",
        |_| true,
        off,
        |entry| {
            entry.status == Status::Verified
                || matches!(&entry.refusal, Some(Refusal::NoLongerWanted { why }) if why.contains("has this rule off"))
                || entry.attempting.is_none() && entry.status == Status::Unknown
        },
    );
}

#[test]
fn what_was_left_open_on_somebody_who_is_gone_is_closed_as_such() {
    let somebody = |case: &Case| !(case.account.users.is_empty() && case.account.roles.is_empty());
    let gone = |local: &mut Local| {
        local.world.edit(|account| {
            account.users.clear();
            account.roles.clear();
            account.groups.clear();
        });
    };
    ended_though("gone", somebody, gone, |entry| {
        // A step that may have been written stays one that may have been.
        matches!(entry.status, Status::Verified | Status::Unknown) || entry.refusal == Some(Refusal::Gone)
    });
}

fn ada() -> AccountFile {
    users(json!([{
        "name": "ada", "created": ago(500), "loginProfile": {}, "inlinePolicies": [{"name": "p"}, {"name": "q"}],
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, Some(130))]
    }]))
}

#[test]
fn an_order_and_an_undo_that_nobody_gives_again_are_ended_too() {
    let ordered = || local(ada(), all_rules("audit", ""));
    let order = |local: &Local| drop(suspend(local, "user/ada"));
    let remedied = || {
        let local = local(ada(), enforce(&[INLINE]));
        swept(&local);
        local
    };
    let undo = |local: &Local| drop(restore(local, &local.world.entries()[0].id));
    let (mut left, mut carried_out) = ([0; 2], 0);
    for call in 1..=calls(ordered, order) {
        let local = ordered();
        dies_for_good(&local, call, order);
        left[0] += open(&local).len();
        let began = !open(&local).is_empty();
        next_sweep(&local);
        assert_eq!(open(&local), [], "order, {call}");
        // The plans of rules in `audit` are told to nobody.
        assert!(untold(&local).iter().all(|entry| entry.mode == Mode::Audit), "order, {call}");
        // Begun, it is carried out in full, unless another function that has findings of the sweep comes first and closes
        // it, which says so.
        let cut_off = local.world.entries().iter().any(|entry| entry.status == Status::Unknown);
        let suspended = local.world.account().users[0].login_profile.is_none();
        assert!(!began || suspended || cut_off, "order, {call}");
        carried_out += usize::from(began && suspended);
    }
    for call in 1..=calls(remedied, undo) {
        let local = remedied();
        dies_for_good(&local, call, undo);
        left[1] += open(&local).len();
        let undos: Vec<_> = open(&local).into_iter().map(|entry| entry.id).collect();
        next_sweep(&local);
        assert_eq!(open(&local), [], "undo, {call}");
        assert_eq!(untold(&local), [], "undo, {call}");
        // Nobody but restore gives anything back: it is closed, and a person reads that it is not known to be done.
        for id in &undos {
            let undo = local.world.entries().into_iter().find(|entry| entry.id == *id).unwrap();
            assert_eq!((undo.status, undo.remediator), (Status::Unknown, Remediator::Restore), "{call}");
        }
        let original = local.world.entries()[0].id.clone();
        let mut again = restore(&local, &original);
        if local.world.account().users[0].inline_policies.len() == 1 {
            // Half of it is back, and nothing is put back piecemeal: first that half is taken off again.
            restore(&local, &undos[0]).unwrap();
            again = restore(&local, &original);
        }
        assert_eq!(local.world.account().users[0].inline_policies.len(), 2, "undo, {call}: {again:#?}");
    }
    assert!(left.iter().all(|left| *left > 4) && carried_out > 4, "{left:?} {carried_out}");
}

/// A sweep whose worker dies over the second key, and whose messages are lost.
fn sweep_half(local: &Local) {
    local.world.lose_messages(true);
    let list = Operation::Read(shared::facts::Read::ListAccessKeys);
    local.world.fail_later(list, None, 3, Fault::Throttled, Times::Always);
    swept(local);
    local.world.heal();
    local.world.lose_messages(false);
}

/// Ada's keys, the first switched off by a worker who died over the second.
fn half_done() -> Local {
    let local = local(ada(), enforce(&[KEY_UNUSED]));
    sweep_half(&local);
    assert_eq!(open(&local).len(), 1);
    local
}

#[test]
fn a_worker_that_may_still_live_is_left_to_its_work_and_its_message() {
    let local = half_done();
    local.world.advance(SignedDuration::from_mins(14));
    let found = left_open(&sweep(&local));
    assert_eq!(found, LeftOpen::default());
}

#[test]
fn one_entry_found_by_two_sweeps_is_finished_once() {
    let local = half_done();
    let entry = open(&local).remove(0);
    local.world.advance(SignedDuration::from_hours(12));
    for sweep in 0..2 {
        let abandoned = message(&entry, &format!("sweep {sweep}"));
        pollster::block_on(local.world.hand_over(&abandoned, entry.remediator)).unwrap();
    }
    let (_, dead) = local.work_off();
    assert!(dead.is_empty(), "{dead:?}");
    assert_eq!(open(&local), []);
    assert_eq!(local.world.notices().iter().filter(|notice| notice.id == entry.id).count(), 1);
    let late = |decision: &Decision| {
        matches!(decision, Decision::Remediated { outcome }
            if matches!(&**outcome, Outcome::NothingToDo { why, .. } if why.contains("closed already")))
    };
    let decided = local.world.take_decisions();
    assert_eq!(decided.iter().filter(|decision| late(decision)).count(), 1, "{decided:#?}");
}

fn message(entry: &Entry, id: &str) -> Abandoned {
    let body = json!({"schema": 1, "id": id, "abandoned": entry.id, "resource": entry.plan.resource});
    match Message::parse(&body.to_string()) {
        Ok(Message::Abandoned(abandoned)) => abandoned,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_entry_that_cannot_be_read_is_a_dead_letter_once_and_stays_in_the_count() {
    let mut local = half_done();
    let entry = open(&local).remove(0);
    local.world.garble(&entry.id);
    governed_anew(&mut local, enforce(&[]));
    let first = next_sweep(&local);
    assert_eq!(left_open(&first), LeftOpen { abandoned: 1, untold: 0, handed_over: 1, stuck: 0 });
    let [letter] = &first.dead_letters[..] else { panic!("{:?}", first.dead_letters) };
    assert!(letter.why.contains("cannot be read"), "{letter:?}");
    for _ in 0..2 {
        let later = next_sweep(&local);
        assert_eq!(left_open(&later), LeftOpen { abandoned: 1, untold: 0, handed_over: 0, stuck: 1 });
        assert!(later.dead_letters.is_empty(), "{:?}", later.dead_letters);
    }
}

#[test]
fn what_is_listed_and_closed_is_taken_off_the_list_by_whoever_comes_to_finish_it() {
    let local = half_done();
    next_sweep(&local);
    let closed = local.world.entries().remove(0);
    assert!(closed.is_closed());
    local.world.list_again(&closed);
    assert_eq!(
        left_open(&next_sweep(&local)),
        LeftOpen { abandoned: 1, untold: 0, handed_over: 1, stuck: 0 }
    );
    assert_eq!(left_open(&next_sweep(&local)), LeftOpen::default());
    assert_eq!(local.world.entries().iter().find(|entry| entry.id == closed.id), Some(&closed));
}

#[test]
fn what_a_function_left_open_that_is_there_no_longer_is_closed_by_another() {
    let mut local = half_done();
    let entry = open(&local).remove(0);
    local.world.list_as(&entry.id, "rotate-everything");
    governed_anew(&mut local, enforce(&[]));
    assert_eq!(left_open(&next_sweep(&local)).handed_over, 1);
    assert_eq!(open(&local), []);
}

#[test]
fn what_the_chain_does_not_vouch_for_is_closed_and_never_carried_out() {
    let mut local = half_done();
    let mut forged = open(&local).remove(0);
    forged.plan.left = vec!["one thing more".to_owned()];
    local.world.plant(&forged).unwrap();
    governed_anew(&mut local, only(&[KEY_UNUSED], "audit", ""));
    local.world.forget_calls();
    next_sweep(&local);
    assert_eq!(local.world.calls().iam_writes(), 0);
    let closed = local.world.entries().into_iter().find(|entry| entry.id == forged.id).unwrap();
    assert!(matches!(closed.refusal, Some(Refusal::NotCredible { .. })), "{closed:#?}");
}

#[test]
fn a_queue_that_fails_keeps_no_other_waiting_and_the_next_sweep_makes_up_for_it() {
    let mut local = half_done();
    governed_anew(&mut local, enforce(&[]));
    local.world.fail(Operation::SendMessage, Fault::Denied, Times::Always);
    let failed = next_sweep(&local);
    assert!(failed.evaluated.is_err(), "nobody could be asked: the sweep says so");
    assert_eq!(left_open(&failed).handed_over, 0);
    local.world.heal();
    next_sweep(&local);
    assert_eq!(open(&local), []);
}

#[test]
fn what_is_open_that_cannot_be_listed_fails_the_sweep_and_keeps_it_from_nothing_else() {
    let local = local(ada(), enforce(&[INLINE]));
    local.world.fail(Operation::Query, Fault::Denied, Times::Always);
    let delivery = sweep(&local);
    assert!(delivery.evaluated.is_err());
    assert!(local.world.account().users[0].inline_policies.is_empty());
}

#[test]
fn a_thousand_entries_left_open_are_ended_by_one_sweep() {
    let many = 1_000;
    let began = std::time::Instant::now();
    let users: Vec<Value> = (0..many)
        .map(|number| json!({"name": format!("user-{number:04}"), "inlinePolicies": [{"name": "p"}]}))
        .collect();
    let mut local = local(account(json!({ "users": users })), only(&[INLINE], "audit", ""));
    swept(&local);
    for planned in local.world.entries() {
        let id = planned.id.as_str().replace("plan-", "20261122t085959-").try_into().unwrap();
        let opened = Entry { id, status: Status::Open, mode: Mode::Enforce, closed: None, ..planned };
        assert_eq!(opened.schema, SCHEMA);
        pollster::block_on(shared::engine::Journal::open(&local.world, &opened)).unwrap();
    }
    assert_eq!(open(&local).len(), many);
    governed_anew(&mut local, enforce(&[INLINE]));
    let found = left_open(&next_sweep(&local));
    assert_eq!(found, LeftOpen { abandoned: many as u64, untold: 0, handed_over: many as u64, stuck: 0 });
    assert_eq!(open(&local), []);
    assert!(local.world.account().users.iter().all(|user| user.inline_policies.is_empty()));
    println!("{many} entries in {:?}", began.elapsed());
}

/// Ada's keys put right under an entry that is closed, and open under another since.
fn half_done_again() -> (Local, Entry, Entry) {
    let local = half_done();
    next_sweep(&local);
    let closed = local.world.entries().remove(0);
    assert!(closed.is_closed());
    local.world.advance(SignedDuration::from_hours(48));
    local.world.edit(|account| account.users = ada().users);
    sweep_half(&local);
    let reopened = open(&local).remove(0);
    (local, closed, reopened)
}

#[test]
fn who_comes_to_finish_what_is_closed_says_so_whoever_has_the_principal_by_then() {
    for (hours, left) in [(0, 1), (12, 0)] {
        let (local, closed, reopened) = half_done_again();
        local.world.advance(SignedDuration::from_hours(hours));
        let abandoned = message(&closed, "late");
        pollster::block_on(local.world.hand_over(&abandoned, closed.remediator)).unwrap();
        local.world.take_decisions();
        let (_, dead) = local.work_off();
        assert!(dead.is_empty(), "{dead:?}");
        let told = format!("entry {} is closed already", closed.id);
        let says = |decision: &Decision| {
            matches!(decision, Decision::Remediated { outcome }
                if matches!(&**outcome, Outcome::NothingToDo { why, .. } if *why == told))
        };
        let decided = local.world.take_decisions();
        assert_eq!(decided.iter().filter(|decision| says(decision)).count(), 1, "{decided:#?}");
        // A worker that may live is left to its work, a dead one's is finished on the way.
        assert_eq!(open(&local).len(), left, "{}", reopened.id);
    }
}

#[test]
fn who_comes_to_finish_what_is_open_waits_for_a_worker_that_may_live() {
    let local = half_done();
    let entry = open(&local).remove(0);
    pollster::block_on(local.world.hand_over(&message(&entry, "early"), entry.remediator)).unwrap();
    let (_, dead) = local.work_off();
    assert!(dead.is_empty(), "{dead:?}");
    assert_eq!(open(&local), []);
    let ended = local.world.entries().into_iter().find(|one| one.id == entry.id).unwrap();
    assert_eq!(ended.status, shared::remedy::Status::Verified);
}

#[test]
fn what_nobody_could_be_told_of_and_is_open_still_is_ended_first() {
    let unheard = || {
        let local = local(ada(), enforce(&[KEY_UNUSED]));
        local.world.fail_later(Operation::Publish, None, 1, Fault::Denied, Times::Always);
        local
    };
    let mut met = 0;
    for call in 1..=calls(unheard, swept) {
        let local = unheard();
        dies_for_good(&local, call, swept);
        local.world.heal();
        let Some(entry) = open(&local).pop() else { continue };
        met += u32::from(entry.outcomes.len() == entry.plan.steps.len());
        local.world.advance(SignedDuration::from_hours(12));
        let abandoned = message(&entry, "later");
        pollster::block_on(local.world.hand_over(&abandoned, entry.remediator)).unwrap();
        local.work_off();
        assert_eq!(open(&local), [], "a death after {call} calls");
    }
    assert!(met > 0);
}
