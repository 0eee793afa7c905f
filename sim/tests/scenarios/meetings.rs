//! Two functions meet over one principal: one waits for the other, then judges what is left.

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{EngineError, Novelty, Outcome, RestoreRequest, SuspendOrder};
use shared::facts::KeyStatus;
use shared::identifier::Arn;
use shared::remedy::{Entry, Refusal, Status, Write};
use sim::{AccountFile, Local, Operation, Work};

use crate::fixture::*;

/// Ways in which two can meet.
const SEEDS: u64 = 40;

/// Ada breaks a rule of each function.
fn ada() -> AccountFile {
    users(json!([{
        "name": "ada", "created": ago(500), "inlinePolicies": [{"name": "p"}, {"name": "q"}], "mfaDevices": ["m"],
        "loginProfile": {"created": ago(400)}, "accessKeys": [key("OLD1", 400, Some(300))]
    }]))
}

fn no_policy(account: &AccountFile) -> bool {
    account.users[0].inline_policies.is_empty()
}

fn no_key(account: &AccountFile) -> bool {
    account.users[0].access_keys.iter().all(|key| key.status == KeyStatus::Inactive)
}

fn suspended(account: &AccountFile) -> bool {
    let user = &account.users[0];
    user.attached_policies.contains(&quarantine()) && user.login_profile.is_none() && no_key(account)
}

fn found(local: &Local, rule: &str) -> Work {
    Work::Finding(remediator(rule), finding(local, &local.world.account().users[0], rule))
}

fn order() -> Work {
    let principal = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:user/ada")).unwrap();
    Work::Order(SuspendOrder {
        principal,
        reason: "a leaver".to_owned(),
        requested_by: "sam".to_owned(),
        threat: None,
    })
}

fn undo(entry: &Entry) -> Work {
    let (requested_by, reason) = ("sam".to_owned(), "a mistake".to_owned());
    Work::Undo(RestoreRequest { journal_id: entry.id.clone(), requested_by, reason, reactivate_keys: false })
}

/// Lets them meet in many ways. Each comes to an outcome at the first try, in seconds, and all of it is done.
fn meet(
    prepared: impl Fn() -> Local,
    work: impl Fn(&Local) -> Vec<Work>,
    done: impl Fn(&AccountFile) -> bool,
) {
    let mut waited = 0;
    for seed in 0..SEEDS {
        let local = prepared();
        let began = local.world.now();
        let outcomes = local.at_once(&work(&local), seed);
        assert!(outcomes.iter().all(Result::is_ok), "seed {seed}: {outcomes:#?}");
        let took = local.world.now().duration_since(began);
        assert!(took < SignedDuration::from_secs(10), "seed {seed}: {took:#}");
        waited += u64::from(took > SignedDuration::from_secs(2));
        let entries = local.world.entries();
        // Whoever comes after an undo is held.
        let settled = |entry: &Entry| {
            entry.status == Status::Verified || matches!(entry.refusal, Some(Refusal::Restored { .. }))
        };
        assert!(entries.iter().all(settled), "seed {seed}: {entries:#?}");
        assert!(done(&local.world.account()), "seed {seed}: {:#?}", local.world.account());
    }
    assert!(waited > SEEDS / 2, "only {waited} of {SEEDS} met");
}

#[test]
fn findings_of_three_functions_that_meet_are_all_put_right() {
    meet(
        || local(ada(), all_rules("enforce", "")),
        |local| [INLINE, KEY_AGE, UNUSED].map(|rule| found(local, rule)).into(),
        |account| no_policy(account) && suspended(account),
    );
}

#[test]
fn an_order_that_meets_a_finding_of_another_function_or_of_its_own_is_carried_out() {
    for rule in [INLINE, UNUSED] {
        meet(
            || local(ada(), all_rules("enforce", "")),
            |local| vec![order(), found(local, rule)],
            |account| suspended(account) && no_policy(account) == (rule == INLINE),
        );
    }
}

#[test]
fn an_undo_that_meets_a_finding_is_carried_out() {
    let prepared = || {
        let local = local(ada(), enforce(&[INLINE, KEY_AGE]));
        local.deliver(&change(&local.world, "ada", INLINE));
        local
    };
    meet(
        prepared,
        |local| vec![undo(&entry(local)), found(local, KEY_AGE)],
        |account| account.users[0].inline_policies == ada().users[0].inline_policies,
    );
}

#[test]
fn one_undo_asked_for_twice_at_once_is_done_once() {
    for seed in 0..SEEDS {
        let local = local(ada(), enforce(&[INLINE]));
        let before = local.world.account();
        local.deliver(&change(&local.world, "ada", INLINE));
        local.world.forget_calls();
        let original = entry(&local);
        let outcomes = local.at_once(&[undo(&original), undo(&original)], seed);
        assert!(outcomes.iter().any(Result::is_ok), "seed {seed}: {outcomes:#?}");
        assert_eq!(changes(&before, &local), Vec::<String>::new(), "seed {seed}");
        assert_eq!(local.world.calls().iam_writes(), 2, "seed {seed}: {outcomes:#?}");
        assert!(local.world.entries().iter().all(Entry::is_closed), "seed {seed}");
    }
}

#[test]
fn one_that_dies_while_another_waits_is_finished_when_its_message_comes_again() {
    for call in 1..60 {
        let local = local(ada(), enforce(&[INLINE, UNUSED]));
        local.world.die_after(call);
        local.at_once(&[INLINE, UNUSED].map(|rule| found(&local, rule)), u64::from(call));
        for rule in [INLINE, UNUSED] {
            let body =
                serde_json::to_string(&finding(&local, &local.world.account().users[0], rule)).unwrap();
            local.world.put_message(remediator(rule), "ada", &body);
        }
        let (_, dead_letters) = local.work_off();
        assert!(dead_letters.is_empty(), "{call}: {dead_letters:#?}");
        let account = local.world.account();
        assert!(no_policy(&account) && suspended(&account), "{call}: {account:#?}");
        let entries = local.world.entries();
        assert!(entries.iter().all(|entry| entry.status == Status::Verified), "{call}: {entries:#?}");
    }
}

/// Ada, with a policy removed and another not: whoever was at it has just died, and nobody has come after.
fn interrupted(mode: &str) -> Local {
    let calm = local(ada(), enforce(&[INLINE]));
    calm.at_once(&[found(&calm, INLINE)], 0);
    let delete = Operation::Write(Write::DeleteUserPolicy);
    let at = calm.world.calls().0.iter().position(|call| call.operation == delete).unwrap();
    let enforcing = local(ada(), enforce(&[INLINE]));
    enforcing.world.die_after(u32::try_from(at + 1).unwrap());
    assert!(enforcing.at_once(&[found(&enforcing, INLINE)], 0)[0].is_err());
    assert_eq!(entry(&enforcing).status, Status::Open);
    assert_eq!(enforcing.world.account().users[0].inline_policies.len(), 1);
    Local::new(enforcing.world, all_rules(mode, ""), deployment())
}

#[test]
fn patience_has_an_end() {
    let local = interrupted("enforce");
    let open = entry(&local);
    for work in [found(&local, KEY_AGE), order(), undo(&open)] {
        let began = local.world.now();
        let outcome = local.at_once(std::slice::from_ref(&work), 0).pop().unwrap();
        let expected = format!("remove-user-policies is at work on the principal under entry {}", open.id);
        assert_eq!(outcome, Err(EngineError::Retry(expected)), "{work:#?}");
        let took = local.world.now().duration_since(began).as_secs();
        assert!((28..=32).contains(&took), "{took} s: {work:#?}");
    }
    assert_eq!(local.world.entries(), [open]);
}

#[test]
fn what_is_only_written_down_waits_for_nobody() {
    for mode in ["audit", "notify"] {
        let local = interrupted(mode);
        let (open, began) = (entry(&local), local.world.now());
        let outcome = local.at_once(&[found(&local, KEY_AGE)], 0).pop().unwrap().unwrap();
        assert!(
            matches!(&outcome, Outcome::Journaled { entry, novelty: Novelty::Fresh } if entry.status == Status::Planned),
            "{outcome:#?}"
        );
        assert!(local.world.now().duration_since(began) < SignedDuration::from_secs(1));
        assert_eq!(local.world.entries()[0], open);
    }
    let off = interrupted("enforce");
    let off = Local::new(off.world, enforce(&[INLINE]), deployment());
    let outcome = off.at_once(&[found(&off, KEY_AGE)], 0).pop().unwrap();
    assert!(matches!(outcome, Ok(Outcome::NothingToDo { .. })), "{outcome:#?}");
}

#[test]
fn what_its_own_dead_worker_left_is_closed_in_every_mode_and_finished_in_enforce() {
    for (mode, novelty, status) in [
        ("audit", Novelty::Fresh, Status::Refused),
        ("notify", Novelty::Fresh, Status::Refused),
        ("enforce", Novelty::Resumed, Status::Verified),
    ] {
        let local = interrupted(mode);
        let outcome = local.at_once(&[found(&local, INLINE)], 0).pop().unwrap().unwrap();
        assert!(
            matches!(outcome, Outcome::Journaled { novelty: found, .. } if found == novelty),
            "{mode}: {outcome:#?}"
        );
        assert_eq!(local.world.entries()[0].status, status, "{mode}");
        assert_eq!(no_policy(&local.world.account()), mode == "enforce", "{mode}");
    }
}
