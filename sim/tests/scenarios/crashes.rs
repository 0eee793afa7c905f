//! A function may die after any call. Whoever comes next must end as if nothing had happened.
//!
//! `plans.rs` has the cases, and sees to it that there is one of every write that any remediator makes.

use serde_json::json;
use shared::engine::{Decision, Novelty, Outcome};
use shared::policy::PolicyDocument;
use shared::remedy::{Entry, Status};
use sim::{AccountFile, Delivery, Local, Operation};

use crate::fixture::*;
use crate::plans::{APPROVERS, Case, approve, cases, long_off};
use crate::worlds::*;

/// What was carried out. A rule that stays broken until somebody enrols a device is told of again; that is no plan.
fn plans(local: &Local) -> Vec<(Status, Vec<String>)> {
    let entries = local.world.entries();
    let mut plans: Vec<_> = entries.iter().map(|entry| (entry.status, steps(entry))).collect();
    plans.retain(|(_, steps)| !steps.is_empty());
    plans.sort_by(|a, b| a.1.cmp(&b.1));
    plans
}

/// What differs from that end, but for the moment of a revocation of sessions: after a death that is a later one.
pub(crate) fn differs(end: &AccountFile, local: &Local) -> Vec<String> {
    timeless(end.clone()).differences(&timeless(local.world.account()))
}

fn timeless(mut account: AccountFile) -> AccountFile {
    for policy in account.roles.iter_mut().flat_map(|role| &mut role.inline_policies) {
        if let Some((revocation, _)) = policy.document.as_str().split_once("aws:TokenIssueTime") {
            policy.document = PolicyDocument::new(revocation.to_owned());
        }
    }
    account
}

pub(crate) fn open(local: &Local) -> Vec<Entry> {
    local.world.entries().into_iter().filter(|entry| !entry.is_closed()).collect()
}

/// How often people were told how an entry ended.
fn told(local: &Local, entry: &Entry) -> usize {
    let end = |entry: &Entry| (entry.id.clone(), entry.status, entry.outcomes.clone());
    local
        .world
        .notices()
        .iter()
        .filter(|notice| end(notice) == end(entry))
        .inspect(|notice| assert!(notice.closed.is_some() && notice.is_closed(), "{notice:#?}"))
        .count()
}

/// Entries whose end people were never told.
pub(crate) fn untold(local: &Local) -> Vec<Entry> {
    local.world.entries().into_iter().filter(|entry| told(local, entry) == 0).collect()
}

/// The number, from one, of the call that told how the one entry there was ended; one before told that it begins.
fn call_that_tells(calm: &Local) -> u32 {
    let calls = calm.world.calls().0;
    let telling = calls.iter().enumerate().filter(|(_, call)| call.operation == Operation::Publish);
    let telling: Vec<usize> = telling.map(|(at, _)| at).collect();
    let [_, ended] = telling[..] else { panic!("{calls:?}") };
    u32::try_from(ended + 1).unwrap()
}

/// A worker dies just before it tells, or just after, before it writes the end down; `again` is what comes next.
fn dies_around_its_notice(prepared: impl Fn() -> Local, act: impl Fn(&Local), again: impl Fn(&Local)) {
    let calm = prepared();
    calm.world.forget_calls();
    act(&calm);
    let tells = call_that_tells(&calm);
    for (dies_after, times) in [(tells - 1, 1), (tells, 2)] {
        let local = prepared();
        local.world.die_after(dies_after);
        act(&local);
        again(&local);
        let entries = local.world.entries();
        let last = entries.last().unwrap();
        assert_eq!(last.status, Status::Verified, "{entries:#?}");
        assert_eq!(told(&local, last), times, "dies after call {dies_after}: {entries:#?}");
        assert_eq!(open(&local), []);
        assert_eq!(changes(&calm.world.account(), &local), Vec::<String>::new());
    }
}

#[test]
fn dying_after_any_call_of_any_plan_ends_in_the_same_state() {
    let mut points = 0;
    for case in cases() {
        let calm = case.prepared();
        assert!(sweep(&calm).dead_letters.is_empty());
        let (end, calls, writes) =
            (calm.world.account(), calm.world.calls().total(), calm.world.calls().iam_writes());
        assert!(!changes(&case.account_before(), &calm).is_empty(), "{}", case.name);
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = case.prepared();
            local.world.die_after(call);
            let delivery = sweep(&local);
            let at = format!("{} dies after call {call} of {calls}", case.name);
            assert_eq!(differs(&end, &local), Vec::<String>::new(), "{at}");
            assert!(delivery.dead_letters.is_empty(), "{at}: {:?}", delivery.dead_letters);
            assert_eq!(open(&local), [], "{at}: an entry stays open");
            audited(&local).unwrap_or_else(|found| panic!("{at}: {found}"));
            assert_eq!(untold(&local), [], "{at}: nobody was told");
            assert_eq!(local.world.calls().iam_writes(), writes, "{at}");
            assert_eq!(plans(&local), plans(&calm), "{at}");
            points += 1;
        }
    }
    println!("{points} points");
}

#[test]
fn what_a_dead_worker_did_can_be_undone() {
    for case in cases().into_iter().filter(|case| case.comes_back() && case.is_undone_at_once()) {
        let calls = {
            let calm = case.prepared();
            sweep(&calm);
            calm.world.calls().total()
        };
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = case.prepared();
            local.world.die_after(call);
            sweep(&local);
            for entry in written(&local).iter().rev() {
                let undone = restore(&local, &entry.id).unwrap();
                assert_eq!(undone.entry().unwrap().status, Status::Verified, "{} {call}", case.name);
            }
            assert_eq!(changes(&case.account_before(), &local), Vec::<String>::new(), "{} {call}", case.name);
        }
    }
}

#[test]
fn dying_at_any_call_of_an_undo_and_asking_again_ends_in_the_same_state() {
    for case in cases().into_iter().filter(|case| case.is_undone_at_once() && case.name != "password") {
        let prepared = || {
            let local = case.prepared();
            sweep(&local);
            local.world.forget_calls();
            local
        };
        let calm = prepared();
        let entry = written(&calm).pop().unwrap();
        restore(&calm, &entry.id).unwrap();
        let (end, calls) = (calm.world.account(), calm.world.calls().total());
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = prepared();
            let entry = written(&local).pop().unwrap();
            local.world.die_after(call);
            assert!(restore(&local, &entry.id).is_err());
            let again = restore(&local, &entry.id);
            let at = format!("{} dies after call {call} of {calls}", case.name);
            assert_eq!(changes(&end, &local), Vec::<String>::new(), "{at}: {again:#?}");
            assert_eq!(open(&local), [], "{at}");
            let undo = local.world.entries().pop().unwrap();
            assert!(told(&local, &undo) > 0, "{at}: nobody was told");
            let original =
                local.world.entries().into_iter().find(|candidate| candidate.id == entry.id).unwrap();
            assert!(original.undone_by.is_some(), "{at}: {again:#?}");
        }
    }
}

#[test]
fn dying_at_any_call_of_the_answers_before_a_deletion_deletes_once_and_never_by_one_person_s_word() {
    let answered = |local: &Local| APPROVERS.map(|by| approve(local, by).is_ok());
    let calm = long_off().prepared();
    answered(&calm);
    let calls = calm.world.calls().total();
    for call in 1..=u32::try_from(calls).unwrap() {
        let local = long_off().prepared();
        let keys = || local.world.account().users[0].access_keys.len();
        let at = format!("dies after call {call} of {calls}");
        local.world.die_after(call);
        if approve(&local, APPROVERS[0]).is_err() {
            local.work_off();
            assert_eq!(keys(), 1, "{at}");
            // It may have been written down before the death, and then counts.
            let _ = approve(&local, APPROVERS[0]);
        }
        local.work_off();
        assert_eq!(keys(), 1, "{at}: one is not enough");
        if approve(&local, APPROVERS[1]).is_err() {
            let _ = approve(&local, APPROVERS[1]);
        }
        sweep(&local);
        assert_eq!(keys(), 0, "{at}");
        let writes = |action| local.world.calls().count(action);
        assert_eq!((writes("iam:DeleteAccessKey"), local.world.calls().iam_writes()), (1, 1), "{at}");
        assert_eq!(open(&local), [], "{at}");
    }
}

#[test]
fn dying_at_any_call_of_an_ordered_suspension_and_asking_again_suspends() {
    let account = || {
        account(json!({"roles": [{"name": "deployer", "attachedPolicies": arns(1)}],
            "users": [{"name": "u", "loginProfile": {}, "accessKeys": [key("KEY1", 3, None)]}]}))
    };
    for who in ["user/u", "role/deployer"] {
        let calm = local(account(), all_rules("audit", ""));
        suspend(&calm, who).unwrap();
        // The revocation of sessions holds the time of the order, which differs.
        let attached = |local: &Local| {
            let file = local.world.account();
            (
                file.users[0].clone(),
                file.roles[0].attached_policies.clone(),
                file.roles[0].inline_policies.len(),
            )
        };
        let calls = calm.world.calls().total();
        for call in 1..=u32::try_from(calls).unwrap() {
            let local = local(account(), all_rules("audit", ""));
            local.world.die_after(call);
            assert!(suspend(&local, who).is_err());
            let again = suspend(&local, who);
            assert!(again.is_ok(), "{who} {call}: {again:#?}");
            assert_eq!(attached(&local), attached(&calm), "{who} {call}: {again:#?}");
            assert_eq!(open(&local), [], "{who} {call}");
            assert_eq!(untold(&local), [], "{who} {call}: nobody was told");
        }
    }
}

#[test]
fn a_worker_that_dies_around_its_notice_leaves_the_telling_to_the_next() {
    let of_one_entry = |case: &Case| case.rules.len() == 1 && case.name != "a blocked policy";
    for case in cases().into_iter().filter(of_one_entry) {
        let prepared = || case.prepared();
        let act = |local: &Local| assert!(sweep(local).dead_letters.is_empty(), "{}", case.name);
        // The queue itself brings the finding back.
        dies_around_its_notice(prepared, act, |_| {});
    }
}

#[test]
fn what_is_finished_for_a_dead_worker_is_neither_fresh_nor_repeated() {
    let account = || users(json!([{"name": "u", "inlinePolicies": [{"name": "a"}]}]));
    let novelties = |delivery: &Delivery| -> Vec<_> {
        let journaled = |outcome: &Outcome| match outcome {
            Outcome::Journaled { entry, novelty } => Some((entry.status, *novelty)),
            Outcome::NothingToDo { .. } => None,
        };
        let decided = delivery.decisions.iter().filter_map(|decision| match decision {
            Decision::Remediated { outcome } => journaled(outcome),
            _ => None,
        });
        let delivered = delivery.findings.iter().filter_map(|delivered| journaled(&delivered.outcome));
        assert!(delivered.eq(decided.clone()));
        decided.collect()
    };
    let calm = local(account(), enforce(&[INLINE]));
    assert_eq!(novelties(&sweep(&calm)), [(Status::Verified, Novelty::Fresh)]);
    let dying = local(account(), enforce(&[INLINE]));
    dying.world.die_after(call_that_tells(&calm));
    assert_eq!(novelties(&sweep(&dying)), [(Status::Verified, Novelty::Resumed)]);
    let planning = local(account(), only(&[INLINE], "notify", ""));
    assert_eq!(novelties(&sweep(&planning)), [(Status::Planned, Novelty::Fresh)]);
    planning.world.advance(jiff::SignedDuration::from_hours(1));
    assert_eq!(novelties(&sweep(&planning)), [(Status::Planned, Novelty::Repeated)]);
}

#[test]
fn an_order_or_an_undo_that_dies_around_its_notice_tells_when_it_is_given_again() {
    let account = || {
        users(json!([{"name": "u", "inlinePolicies": [{"name": "a"}], "accessKeys": [key("KEY1", 3, None)]}]))
    };
    let suspend = |local: &Local| drop(suspend(local, "user/u"));
    dies_around_its_notice(|| local(account(), all_rules("audit", "")), suspend, suspend);
    let remedied = || {
        let local = local(account(), enforce(&[INLINE]));
        sweep(&local);
        local
    };
    let undo = |local: &Local| drop(restore(local, &local.world.entries()[0].id));
    dies_around_its_notice(remedied, undo, undo);
}

#[test]
fn a_plan_or_a_refusal_of_a_worker_that_dies_is_told_all_the_same() {
    let break_glass =
        format!("breakGlass:\n  - principal: arn:aws:iam::{ACCOUNT}:user/*\n    reason: in the safe\n");
    for (mode, rest) in [("notify", ""), ("enforce", break_glass.as_str())] {
        let prepared = || local(something_of_everything(), only(&[INLINE], mode, rest));
        let calm = prepared();
        sweep(&calm);
        assert_eq!((calm.world.entries().len(), calm.world.notices().len()), (1, 1), "{mode}");
        for call in 1..=u32::try_from(calm.world.calls().total()).unwrap() {
            let local = prepared();
            local.world.die_after(call);
            sweep(&local);
            assert_eq!(local.world.entries().len(), 1, "{mode} {call}");
            assert_eq!(untold(&local), [], "{mode} {call}");
        }
    }
}
