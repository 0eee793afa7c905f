//! That an act begins is told before it does, and how it ended is told later where nobody could be told then.

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{Decision, Journal};
use shared::notice::Notice;
use shared::remedy::{Entry, JournalId, Refusal, Status};
use sim::{Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::stages::{ADA, staged};
use crate::threats::approve;

const NOTICES: &str =
    "notices: { from: bailiff@example.com, domains: [example.com], fallback: security@example.com }\n";

fn ada(mode: &str, rest: &str) -> Local {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    local(account, only(&[INLINE], mode, rest))
}

fn found(local: &Local) -> Vec<Decision> {
    local.deliver(&change(&local.world, "ada", INLINE)).decisions
}

fn next_sweep(local: &Local) {
    local.world.advance(SignedDuration::from_hours(12));
    sweep(local);
}

/// How often nobody could be told, as the log says.
fn not_told(decisions: &[Decision]) -> usize {
    decisions.iter().filter(|decision| matches!(decision, Decision::NotNotified { .. })).count()
}

fn told_of(local: &Local, entry: &Entry) -> usize {
    local.world.notices().iter().filter(|notice| notice.id == entry.id).count()
}

/// Where in the order of all calls the entry was opened, the notices went out, and IAM was written.
fn order(local: &Local) -> (usize, Vec<usize>, Vec<usize>) {
    let calls = local.world.calls().0;
    let places = |wanted: &dyn Fn(Operation) -> bool| {
        let made = calls.iter().enumerate().filter(|(_, call)| wanted(call.operation));
        made.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let opened = places(&|operation| operation == Operation::PutItem)[0];
    let told = places(&|operation| operation == Operation::Publish);
    (opened, told, places(&|operation| matches!(operation, Operation::Write(_))))
}

#[test]
fn an_act_is_written_down_told_done_and_told_again() {
    let local = ada("enforce", "");
    found(&local);
    let (opened, told, written) = order(&local);
    assert_eq!((told.len(), written.len()), (2, 1));
    assert!(
        opened < told[0] && told[0] < written[0] && written[0] < told[1],
        "{opened} {told:?} {written:?}"
    );
    let (begun, ended) = (local.world.begun().remove(0), local.world.notices().remove(0));
    assert_eq!((begun.status, ended.status), (Status::Open, Status::Verified));
    assert_eq!(begun.id, ended.id);
}

#[test]
fn an_act_whose_worker_dies_is_not_said_to_begin_again_once_a_step_was_attempted() {
    let calm = ada("enforce", "");
    found(&calm);
    for call in 1..=u32::try_from(calm.world.calls().total()).unwrap() {
        let local = ada("enforce", "");
        local.world.die_after(call);
        found(&local);
        assert_eq!(entry(&local).status, Status::Verified, "dies after call {call}");
        // Who dies before the attempt is written down may have told of it, and whoever goes on cannot know.
        let calls = local.world.calls().0;
        let told =
            |operation| calls.iter().take(call as usize).filter(|made| made.operation == operation).count();
        let attempted = told(Operation::UpdateItem) > 0;
        let most = if attempted { 1 } else { 2 };
        assert!((1..=most).contains(&local.world.begun().len()), "dies after call {call}");
    }
}

#[test]
fn what_is_only_looked_at_and_closed_is_not_said_to_begin() {
    let mut local = ada("enforce", NOTICES);
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    found(&local);
    assert_eq!(entry(&local).status, Status::Open);
    local.world.heal();
    local.governance = only(&[], "enforce", NOTICES);
    next_sweep(&local);
    assert!(matches!(entry(&local).refusal, Some(Refusal::NoLongerWanted { .. })));
    assert_eq!((local.world.begun(), told_of(&local, &entry(&local))), (vec![], 1));
}

#[test]
fn nothing_begins_where_nothing_is_done() {
    for mode in ["audit", "notify"] {
        let local = ada(mode, "");
        found(&local);
        assert_eq!(local.world.begun(), []);
    }
    let stopped = ada("enforce", "limits: { actsPerHour: 0 }\n");
    found(&stopped);
    assert_eq!(stopped.world.begun(), []);
}

#[test]
fn whom_it_concerns_reads_what_begins_how_to_stop_it_and_how_to_undo_it() {
    let local = ada("enforce", NOTICES);
    found(&local);
    assert_eq!(local.deliver_notices(), []);
    let heard = local.world.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].subject, "Bailiff: user ada: a change begins (rule user-inline-policy)");
    for said in [
        "A change begins. What comes of it is told once it has ended.",
        "- delete inline policy p from user ada: about to be done",
        "How to stop it:",
        "To undo it, once it is done, invoke the function `bailiff-restore` with",
    ] {
        assert!(heard[0].body.contains(said), "{said}: {}", heard[0].body);
    }
    assert!(heard[1].subject.contains("changed and verified"), "{}", heard[1].subject);
}

#[test]
fn where_nobody_can_be_told_a_rule_changes_nothing_until_somebody_can() {
    for fault in [Fault::Denied, Fault::Throttled, Fault::Failed] {
        let local = ada("enforce", "limits: { actsPerResourceAndDay: 1 }\n");
        let before = local.world.account();
        local.world.fail(Operation::Publish, fault, Times::Always);
        let delivery = local.deliver(&change(&local.world, "ada", INLINE));
        let [dead] = &delivery.dead_letters[..] else { panic!("{:?}", delivery.dead_letters) };
        assert!(dead.tries == 5 && dead.why.contains("nobody could be told that entry"), "{dead:?}");
        assert_eq!((not_told(&delivery.decisions), local.world.calls().iam_writes()), (5, 0));
        assert_eq!(local.world.account().users, before.users);
        // Nothing is used up by it, however often it is tried: one act on one day is all there may be.
        let waiting = entry(&local);
        assert_eq!(waiting.status, Status::Open);

        local.world.heal();
        next_sweep(&local);
        let done = entry(&local);
        assert_eq!((done.id, done.status), (waiting.id.clone(), Status::Verified));
        assert_eq!((local.world.begun().len(), told_of(&local, &waiting)), (1, 1));
    }
}

#[test]
fn what_people_agreed_to_is_not_used_up_where_nobody_can_be_told() {
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, staged(INLINE, "approvals: 1"));
    found(&local);
    let asking = entry(&local);
    assert!(matches!(asking.refusal, Some(Refusal::AwaitsApproval { .. })), "{asking:#?}");
    assert_eq!(approve(&local, ADA, &asking), Ok(1));
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    found(&local);
    local.world.heal();
    next_sweep(&local);
    let [_, done] = &local.world.entries()[..] else { panic!("{:#?}", local.world.entries()) };
    assert_eq!(done.status, Status::Verified);
}

#[test]
fn a_topic_that_is_throttled_for_a_moment_holds_nothing_up() {
    let local = ada("enforce", "");
    local.world.fail(Operation::Publish, Fault::Throttled, Times::Next(2));
    assert_eq!(not_told(&found(&local)), 0);
    assert_eq!((entry(&local).status, local.world.begun().len()), (Status::Verified, 1));
}

#[test]
fn orders_and_undos_wait_for_no_topic_and_are_told_once_it_takes_notices_again() {
    let local = ada("enforce", "");
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    suspend(&local, "user/ada").unwrap();
    let order = entry(&local);
    assert_eq!(order.status, Status::Verified, "{order:?}");
    restore(&local, &order.id).unwrap();
    let undo = local.world.entries().pop().unwrap();
    assert_eq!(undo.status, Status::Verified, "{undo:?}");
    assert_eq!(local.world.notices(), []);

    // What cannot be told still is kept.
    next_sweep(&local);
    local.world.heal();
    next_sweep(&local);
    next_sweep(&local);
    assert_eq!((told_of(&local, &order), told_of(&local, &undo)), (1, 1));
}

#[test]
fn orders_are_told_as_they_begin_without_waiting_for_it() {
    let local = ada("enforce", "");
    suspend(&local, "user/ada").unwrap();
    let (opened, told, written) = order(&local);
    assert!(opened < told[0] && told[0] < written[0] && written[1] < told[1], "{told:?} {written:?}");
    let begun = local.world.begun().remove(0);
    assert!(begun.attempting.is_none() && begun.outcomes.is_empty());
    // What it says of sessions is what is to be expected, not what is so before anything is denied.
    let notice = Notice::of(&begun, "bailiff", None);
    assert!(notice.sessions.iter().any(|line| line.contains("once everything is denied")), "{notice:#?}");
}

#[test]
fn an_entry_that_was_never_written_down_is_no_longer_looked_for() {
    let local = ada("notify", "");
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    found(&local);
    let planned = entry(&local);
    let never = Entry { id: JournalId::of_plan("never written", &planned.plan), ..planned };
    pollster::block_on(local.world.put_untold(&never)).unwrap();
    local.world.heal();
    next_sweep(&local);
    assert_eq!(told_of(&local, &never), 0);
    assert!(!pollster::block_on(local.world.is_untold(&never.id)).unwrap());
}

#[test]
fn one_that_this_version_cannot_read_is_a_dead_letter_once() {
    let local = ada("notify", "");
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    found(&local);
    local.world.heal();
    local.world.garble(&entry(&local).id);
    // The rule has nothing more to say of it.
    local.world.edit(|file| file.users.clear());
    local.world.advance(SignedDuration::from_hours(12));
    let dead = |local: &Local| sweep(local).dead_letters.len();
    assert_eq!(dead(&local), 1);
    local.world.advance(SignedDuration::from_hours(12));
    assert_eq!(dead(&local), 0);
}

#[test]
fn a_plan_that_nobody_could_be_told_of_is_told_later_though_its_principal_is_gone() {
    let local = ada("notify", "");
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    found(&local);
    let planned = entry(&local);
    local.world.heal();
    local.world.edit(|file| file.users.clear());
    next_sweep(&local);
    assert_eq!((planned.status, told_of(&local, &planned)), (Status::Planned, 1));
}

#[test]
fn what_is_not_told_of_and_cannot_be_remembered_either_is_said_in_the_log() {
    let local = ada("notify", "");
    local.world.fail(Operation::Publish, Fault::Denied, Times::Always);
    local.world.fail(Operation::PutItem, Fault::Throttled, Times::Next(1));
    let decisions = found(&local);
    assert_eq!(not_told(&decisions), 1);
    assert!(decisions.iter().any(|decision| matches!(decision, Decision::NotRemembered { .. })));
    assert_eq!(entry(&local).status, Status::Planned);
}
