//! Undo: exact, or not at all.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;
use shared::engine::{Journal, Stop};
use shared::facts::{KeyStatus, Read};
use shared::remedy::{Cause, Entry, Refusal, Status, Write};
use sim::{AccountFile, Fault, Local, Operation, Times, World};

use crate::fixture::*;
use crate::worlds::*;

const TEXT: &str = "{ \"Version\" : \"2012-10-17\",\r\n\t\"Statement\":[ ],\"Id\":\"caf\u{e9} %20+\" }";

fn mara() -> AccountFile {
    users(
        json!([{"name": "mara", "inlinePolicies": [{"name": "debug", "document": TEXT}, {"name": "more"}]}]),
    )
}

/// Remediated, with what it was before.
fn remediated(account: AccountFile, rules: &[&str]) -> (Local, AccountFile) {
    let before = World::new(account.clone()).account();
    let local = local(account, enforce(rules));
    sweep(&local);
    assert!(!changes(&before, &local).is_empty());
    local.world.forget_calls();
    (local, before)
}

#[test]
fn inline_policies_come_back_byte_for_byte() {
    let (local, before) = remediated(mara(), &[INLINE]);
    let original = entry(&local);
    let outcome = restore(&local, &original.id).unwrap();
    assert_eq!(outcome.entry().unwrap().status, Status::Verified);
    assert_eq!(local.world.account().users[0].inline_policies[0].document.as_str(), TEXT);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    assert_eq!(local.world.notices().len(), 2);
}

#[test]
fn an_undo_is_an_entry_of_its_own_that_each_names_the_other_by() {
    let (local, _) = remediated(mara(), &[INLINE]);
    let original = entry(&local);
    let undone = restore(&local, &original.id).unwrap().entry().unwrap().clone();
    let entries = local.world.entries();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].undone_by, Some(undone.id.clone()));
    assert!(undone.cause.to_string().contains(original.id.as_str()));
    // The last step is the first to be undone.
    assert_eq!(
        steps(&undone),
        ["put inline policy more on user mara", "put inline policy debug on user mara"]
    );
}

#[test]
fn keys_attachments_and_boundaries_come_back() {
    let (local, before) =
        remediated(something_of_everything(), &[KEY_AGE, KEY_UNUSED, SECOND_KEY, ATTACHED, NO_MFA]);
    for entry in written(&local).iter().rev() {
        assert_eq!(restore(&local, &entry.id).unwrap().entry().unwrap().status, Status::Verified);
    }
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn a_password_cannot_come_back_and_it_says_so() {
    let (local, before) = remediated(something_of_everything(), &[UNUSED]);
    let original = entry(&local);
    assert!(original.lost[0].contains("password"));
    let undone = restore(&local, &original.id).unwrap();
    assert!(undone.entry().unwrap().lost[0].contains("the user needs a new one"));
    let left = changes(&before, &local);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].starts_with("user leaver: loginProfile: "), "{left:?}");
}

#[test]
fn it_is_refused_as_a_whole_once_a_part_has_changed() {
    let (local, _) = remediated(mara(), &[INLINE]);
    let original = entry(&local);
    local.world.edit(|account| {
        let policy = sim::account_file::InlinePolicy {
            name: "debug".parse().unwrap(),
            document: shared::policy::PolicyDocument::new("{}"),
        };
        account.users[0].inline_policies.push(policy);
    });
    let outcome = restore(&local, &original.id).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::StateChanged { what }) if what.contains("debug")));
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert_eq!(local.world.account().users[0].inline_policies.len(), 1);
}

#[test]
fn it_is_refused_for_a_user_of_the_same_name_and_another_life() {
    let (local, _) = remediated(mara(), &[INLINE]);
    local.world.edit(|account| account.users[0].id = Some("AIDAANOTHERLIFE000001".parse().unwrap()));
    let outcome = restore(&local, &entry(&local).id).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::Replaced { .. })));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn it_is_refused_for_a_user_who_is_gone() {
    let (local, _) = remediated(mara(), &[INLINE]);
    local.world.edit(|account| account.users.clear());
    assert_eq!(restore(&local, &entry(&local).id).unwrap().refusal(), Some(&Refusal::Gone));
}

#[test]
fn the_rule_lets_the_principal_be_for_seven_days_and_then_no_longer() {
    let (local, before) = remediated(mara(), &[INLINE]);
    restore(&local, &entry(&local).id).unwrap();
    let delivery = local.deliver(&change(&local.world, "mara", INLINE));
    assert!(matches!(delivery.findings[0].outcome.refusal(), Some(Refusal::Restored { .. })));
    local.world.advance(SignedDuration::from_hours(7 * 24 - 1));
    sweep(&local);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    local.world.advance(SignedDuration::from_hours(2));
    sweep(&local);
    assert!(local.world.account().users[0].inline_policies.is_empty());
}

#[test]
fn the_hold_is_of_one_principal_and_of_every_rule() {
    let account = users(json!([
        {"name": "mara", "inlinePolicies": [{"name": "a"}], "attachedPolicies": arns(1)},
        {"name": "otto", "inlinePolicies": [{"name": "a"}]}
    ]));
    let (local, _) = remediated(account, &[INLINE]);
    let mara = written(&local).into_iter().find(|entry| entry.plan.resource.name() == "mara").unwrap();
    restore(&local, &mara.id).unwrap();
    local.world.edit(|account| {
        let policy = account.users[0].inline_policies[0].clone();
        account.users[1].inline_policies.push(policy);
    });
    let local = Local::new(local.world, enforce(&[INLINE, ATTACHED]), deployment());
    sweep(&local);
    let account = local.world.account();
    assert_eq!((account.users[0].inline_policies.len(), account.users[0].attached_policies.len()), (1, 1));
    assert!(account.users[1].inline_policies.is_empty());
}

#[test]
fn an_undone_order_may_be_given_again_at_once_while_rules_are_held() {
    let local =
        local(users(json!([{"name": "ada", "accessKeys": [key("KEY1", 3, None)]}])), all_rules("audit", ""));
    let before = local.world.account();
    let suspended = suspend(&local, "user/ada").unwrap().entry().unwrap().clone();
    restore(&local, &suspended.id).unwrap();
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    assert_eq!(suspend(&local, "user/ada").unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn an_undo_leads_to_no_harsher_act_of_another_rule() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
    let (local, before) = remediated(account, &[UNUSED, KEY_UNUSED]);
    let wrote = written(&local);
    assert_eq!(wrote.len(), 1, "the key is off, which leaves nothing to suspend her for");
    restore(&local, &wrote[0].id).unwrap();
    local.world.advance(SignedDuration::from_hours(6));
    let delivery = sweep(&local);
    assert_eq!(delivery.findings.len(), 2, "both rules are still told of");
    for found in delivery.findings {
        assert!(matches!(found.outcome.refusal(), Some(Refusal::Restored { .. })), "{found:#?}");
    }
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn an_undo_cannot_be_made_twice_and_may_itself_be_undone() {
    let (local, before) = remediated(mara(), &[INLINE]);
    let after = local.world.account();
    let original = entry(&local);
    let undone = restore(&local, &original.id).unwrap().entry().unwrap().clone();
    let twice = restore(&local, &original.id).unwrap_err();
    assert!(twice.to_string().contains("was undone already"), "{twice}");
    restore(&local, &undone.id).unwrap();
    assert_eq!(changes(&after, &local), Vec::<String>::new());
    assert!(!changes(&before, &local).is_empty());
}

#[test]
fn what_was_only_planned_cannot_be_undone() {
    let local = local(mara(), only(&[INLINE], "audit", ""));
    sweep(&local);
    let error = restore(&local, &entry(&local).id).unwrap_err();
    assert!(error.to_string().contains("is planned and changed nothing"), "{error}");
}

#[test]
fn an_entry_that_does_not_exist_is_said_so() {
    let local = local(mara(), enforce(&[INLINE]));
    let error = restore(&local, &"20260101t000000-000000000000".to_owned().try_into().unwrap()).unwrap_err();
    assert!(error.to_string().contains("there is no journal entry"), "{error}");
}

#[test]
fn only_the_steps_that_were_written_are_undone() {
    let account = users(json!([{"name": "ada", "created": ago(500),
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, None)]}]));
    let local = local(account, enforce(&[KEY_AGE]));
    local.world.fail_later(Operation::Write(Write::UpdateAccessKey), None, 1, Fault::Denied, Times::Next(1));
    sweep(&local);
    let original = entry(&local);
    assert_eq!(original.status, Status::Failed);
    let undone = restore(&local, &original.id).unwrap().entry().unwrap().clone();
    assert_eq!(steps(&undone), ["activate access key …OLD1 of user ada"]);
    assert!(local.world.account().users[0].access_keys.iter().all(|key| key.status == KeyStatus::Active));
}

#[test]
fn a_protected_principal_is_not_changed_by_an_undo_either() {
    let (local, _) = remediated(mara(), &[INLINE]);
    let protected = format!(
        "protected:\n  - principal: arn:aws:iam::{ACCOUNT}:user/mara\n    reason: audited by others\n"
    );
    let local = Local::new(local.world, only(&[INLINE], "enforce", &protected), deployment());
    let outcome = restore(&local, &entry(&local).id).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::Protected { .. })));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn unreadable_state_is_tried_again_by_whoever_asked_and_nothing_is_written() {
    let (local, _) = remediated(mara(), &[INLINE]);
    let original = entry(&local);
    for fault in [Fault::Throttled, Fault::Denied, Fault::Failed] {
        local.world.heal();
        local.world.fail(Operation::Read(Read::ListUserPolicies), fault, Times::Always);
        assert!(restore(&local, &original.id).is_err());
        assert_eq!(local.world.calls().iam_writes(), 0, "{fault:?}");
    }
    local.world.heal();
    assert_eq!(restore(&local, &original.id).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn a_lost_answer_is_read_back() {
    let (local, before) = remediated(mara(), &[INLINE]);
    local.world.fail(Operation::Write(Write::PutUserPolicy), Fault::LostAnswer, Times::Always);
    assert_eq!(restore(&local, &entry(&local).id).unwrap().entry().unwrap().status, Status::Verified);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
}

#[test]
fn it_is_refused_where_the_one_key_it_would_switch_on_was_deleted_since() {
    let account =
        users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]}]));
    let (local, _) = remediated(account, &[KEY_AGE]);
    local.world.edit(|account| account.users[0].access_keys.clear());
    let outcome = restore(&local, &entry(&local).id).unwrap();
    let Some(Refusal::StateChanged { what }) = outcome.refusal() else { panic!("{outcome:#?}") };
    assert!(what.contains("access key …OLD1 was deleted meanwhile"), "{what}");
    assert!(what.contains("nothing else to undo"), "{what}");
    assert_eq!(local.world.calls().iam_writes(), 0);
}

/// Ada, suspended by an order, with two keys, another credential and one key deleted since.
fn a_key_gone_since() -> (Local, AccountFile, Entry) {
    let account = users(json!([{
        "name": "ada", "accessKeys": [key("KEY1", 3, None), key("KEY2", 3, None)],
        "otherCredentials": [{"kind": "sshPublicKey", "created": ago(20)}, {"kind": "sshPublicKey", "created": ago(9)}]
    }]));
    let local = local(account, all_rules("audit", ""));
    let mut before = local.world.account();
    let suspended = suspend(&local, "user/ada").unwrap().entry().unwrap().clone();
    let delete = |account: &mut AccountFile| {
        account.users[0].access_keys.remove(0);
        account.users[0].other_credentials.remove(0);
    };
    local.world.edit(delete);
    delete(&mut before);
    (local, before, suspended)
}

#[test]
fn a_suspension_is_lifted_though_some_of_its_credentials_were_deleted_since() {
    let (local, before, suspended) = a_key_gone_since();
    let undone = restore(&local, &suspended.id).unwrap().entry().unwrap().clone();
    assert_eq!(undone.status, Status::Verified, "{undone:#?}");
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    let lost = |what: &str| undone.lost.iter().any(|lost| lost.contains(what));
    assert!(lost("access key …KEY1 was deleted meanwhile"), "{:?}", undone.lost);
    assert!(lost("SSH") && lost("was deleted meanwhile"), "{:?}", undone.lost);
    // Who contains her again needs none of them either.
    local.world.edit(|account| account.users[0].access_keys.clear());
    let again = restore(&local, &undone.id).unwrap().entry().unwrap().clone();
    assert_eq!(again.status, Status::Verified, "{again:#?}");
    assert!(local.world.account().users[0].attached_policies.contains(&quarantine()));
}

#[test]
fn an_undo_without_a_deleted_key_is_finished_where_its_worker_dies() {
    let (calm, _, suspended) = a_key_gone_since();
    calm.world.forget_calls();
    restore(&calm, &suspended.id).unwrap();
    let calls = u32::try_from(calm.world.calls().total()).unwrap();
    for call in 1..=calls {
        let (local, before, suspended) = a_key_gone_since();
        local.world.die_after(call);
        assert!(restore(&local, &suspended.id).is_err());
        let again = restore(&local, &suspended.id);
        let is_done = again.is_ok_and(|again| again.entry().unwrap().status == Status::Verified)
            || local.world.entries()[0].undone_by.is_some();
        assert!(is_done, "dies after call {call} of {calls}");
        assert_eq!(changes(&before, &local), Vec::<String>::new(), "dies after call {call} of {calls}");
    }
}

/// Mara gets another inline policy; whether the rule takes it.
fn is_acted_upon(local: &Local, policy: &str) -> bool {
    local.world.edit(|account| {
        let policy = sim::account_file::InlinePolicy {
            name: policy.parse().unwrap(),
            document: shared::policy::PolicyDocument::new("{}"),
        };
        account.users[0].inline_policies.push(policy);
    });
    sweep(local);
    let is_there = local.world.account().users[0].inline_policies.iter().any(|it| it.name.as_str() == policy);
    local.world.edit(|account| account.users[0].inline_policies.retain(|it| it.name.as_str() != policy));
    !is_there
}

#[test]
fn an_undo_that_wrote_nothing_holds_no_rule() {
    let (local, _) = remediated(mara(), &[INLINE]);
    local.world.fail(Operation::Write(Write::PutUserPolicy), Fault::Denied, Times::Always);
    assert_eq!(restore(&local, &entry(&local).id).unwrap().entry().unwrap().status, Status::Failed);
    local.world.heal();
    assert!(is_acted_upon(&local, "other"));
    // Nor does one that the switch stopped before its first step.
    let (local, _) = remediated(mara(), &[INLINE]);
    let (since, by, reason) = (local.world.now(), "ada".to_owned(), "the books".to_owned());
    local.world.set_stop(Some(Stop { since, by, reason, undo_too: true, tripped: None }));
    let outcome = restore(&local, &entry(&local).id).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::Stopped { .. })));
    local.world.set_stop(None);
    assert!(is_acted_upon(&local, "other"));
}

#[test]
fn a_hold_of_before_stands_though_a_later_undo_wrote_nothing() {
    let (local, _) = remediated(mara(), &[INLINE]);
    let first = entry(&local);
    restore(&local, &first.id).unwrap();
    let suspended = suspend(&local, "user/mara").unwrap().entry().unwrap().clone();
    local.world.fail(Operation::Write(Write::DetachUserPolicy), Fault::Denied, Times::Always);
    local.world.fail(Operation::Write(Write::UntagUser), Fault::Denied, Times::Always);
    assert_eq!(restore(&local, &suspended.id).unwrap().entry().unwrap().status, Status::Failed);
    local.world.heal();
    assert!(!is_acted_upon(&local, "other"));
}

#[test]
fn the_hold_is_of_undos_that_lift_and_ends_with_one_that_puts_back_what_was_done() {
    let (local, _) = remediated(mara(), &[INLINE]);
    let mut last = entry(&local);
    for lifts in [true, false, true, false] {
        last = restore(&local, &last.id).unwrap().entry().unwrap().clone();
        assert_eq!(last.status, Status::Verified);
        assert_eq!(is_acted_upon(&local, "other"), !lifts, "{:?}", steps(&last));
        local.world.advance(SignedDuration::from_hours(1));
    }
}

#[test]
fn the_hold_stands_from_the_first_write_on_whenever_the_worker_dies() {
    let (calm, _) = remediated(mara(), &[INLINE]);
    restore(&calm, &entry(&calm).id).unwrap();
    let calls = u32::try_from(calm.world.calls().total()).unwrap();
    for call in 1..=calls {
        let (local, _) = remediated(mara(), &[INLINE]);
        local.world.die_after(call);
        assert!(restore(&local, &entry_of_rule(&local).id).is_err());
        let given_back = local.world.account().users[0].inline_policies.len();
        // Long after, so that the rule's own function closes what is open.
        local.world.advance(SignedDuration::from_hours(12));
        sweep(&local);
        assert_eq!(local.world.account().users[0].inline_policies.len(), given_back, "after call {call}");
        let writes = local
            .world
            .entries()
            .into_iter()
            .skip(1)
            .flat_map(|it| it.written().cloned().collect::<Vec<_>>());
        if writes.count() == 0 && given_back == 0 {
            assert!(is_acted_upon(&local, "other"), "after call {call}: nothing was put back");
        }
    }
}

fn entry_of_rule(local: &Local) -> Entry {
    local.world.entries().into_iter().next().unwrap()
}

#[test]
fn an_open_entry_that_somebody_else_may_finish_stands_before_the_undo_of_another() {
    let (local, _) = remediated(mara(), &[INLINE]);
    let first = entry(&local);
    let calls = {
        let (calm, _) = remediated(mara(), &[INLINE]);
        suspend(&calm, "user/mara").unwrap();
        u32::try_from(calm.world.calls().total()).unwrap()
    };
    local.world.die_after(calls - 4);
    assert!(suspend(&local, "user/mara").is_err());
    let open = local.world.entries().pop().unwrap();
    assert_eq!(open.status, Status::Open);
    local.world.advance(SignedDuration::from_mins(10));
    let refused = restore(&local, &first.id).unwrap_err().to_string();
    assert!(refused.contains(open.id.as_str()) && refused.contains("first"), "{refused}");
    assert_eq!(local.world.account().users[0].inline_policies.len(), 0);
    // The sweep finishes it, and no hold stands against that.
    local.world.advance(SignedDuration::from_hours(1));
    sweep(&local);
    let finished = local.world.entries().into_iter().find(|it| it.id == open.id).unwrap();
    assert_eq!(finished.status, Status::Verified, "{finished:#?}");
    assert_eq!(restore(&local, &first.id).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn nobody_is_marked_by_the_undo_of_an_undo_whose_deny_did_not_take() {
    let account = users(json!([{"name": "ada", "accessKeys": [key("KEY1", 3, None)]}]));
    let local = local(account, all_rules("audit", ""));
    let suspended = suspend(&local, "user/ada").unwrap().entry().unwrap().clone();
    let lifted = restore(&local, &suspended.id).unwrap().entry().unwrap().clone();
    local.world.fail(Operation::Write(Write::AttachUserPolicy), Fault::Denied, Times::Always);
    let again = restore(&local, &lifted.id).unwrap().entry().unwrap().clone();
    assert_eq!(again.status, Status::Failed);
    assert!(local.world.account().users[0].tags.is_empty(), "{again:#?}");
}

#[test]
fn nobody_is_marked_by_the_undo_of_an_undo_that_took_the_mark_alone() {
    let account = users(json!([{"name": "ada", "attachedPolicies": [quarantine().as_str()]}]));
    let local = local(account, all_rules("audit", ""));
    let marked = suspend(&local, "user/ada").unwrap().entry().unwrap().clone();
    assert_eq!(steps(&marked), ["set tag bailiff:quarantined on user ada"]);
    let unmarked = restore(&local, &marked.id).unwrap().entry().unwrap().clone();
    local.world.edit(|account| account.users[0].attached_policies.clear());
    let again = restore(&local, &unmarked.id).unwrap().entry().unwrap().clone();
    assert!(matches!(again.refusal, Some(Refusal::NotDenied { .. })), "{again:#?}");
    assert!(local.world.account().users[0].tags.is_empty());
    local.world.edit(|account| account.users[0].attached_policies.extend([quarantine()]));
    assert_eq!(restore(&local, &unmarked.id).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn the_undo_of_an_undo_marks_by_the_deny_that_it_has_read_back_itself() {
    let account = users(json!([{"name": "ada", "accessKeys": [key("KEY1", 3, None)]}]));
    let local = local(account, all_rules("audit", ""));
    let suspended = suspend(&local, "user/ada").unwrap().entry().unwrap().clone();
    let lifted = restore(&local, &suspended.id).unwrap().entry().unwrap().clone();
    local.world.forget_calls();
    let list = Operation::Read(Read::ListAttachedUserPolicies);
    let again = restore(&local, &lifted.id).unwrap().entry().unwrap().clone();
    assert_eq!(again.status, Status::Verified, "{again:#?}");
    let calls = local.world.calls().0;
    let place = |write| calls.iter().position(|call| call.operation == Operation::Write(write)).unwrap();
    let between = &calls[place(Write::AttachUserPolicy)..place(Write::TagUser)];
    assert_eq!(between.iter().filter(|call| call.operation == list).count(), 1, "{between:#?}");
}

#[test]
fn an_undo_holds_once_however_its_worker_died() {
    let (calm, _) = remediated(mara(), &[INLINE]);
    calm.world.forget_calls();
    restore(&calm, &entry(&calm).id).unwrap();
    for call in 1..=u32::try_from(calm.world.calls().total()).unwrap() {
        let (local, _) = remediated(mara(), &[INLINE]);
        let removed = entry_of_rule(&local);
        local.world.die_after(call);
        assert!(restore(&local, &removed.id).is_err());
        // Once all is done it is no longer to be undone.
        let _ = restore(&local, &removed.id);
        let undone = local.world.account().users[0].inline_policies.len() == 2;
        assert!(undone, "after call {call}");
        let hold = pollster::block_on(local.world.hold(removed.plan.resource.unique_id())).unwrap();
        let holds = std::iter::successors(hold.as_ref(), |hold| hold.before.as_deref());
        let holds: Vec<_> = holds.map(|hold| &hold.restored_by).collect();
        let undos: BTreeSet<_> = holds.iter().collect();
        assert!(!undos.is_empty() && undos.len() == holds.len(), "after call {call}: {holds:?}");
    }
}

#[test]
fn an_undo_that_is_given_up_before_it_held_anything_leaves_the_hold_of_another_as_it_is() {
    let is_open = |entry: &Entry| matches!(entry.cause, Cause::Undo { .. }) && !entry.is_closed();
    let mut given_up = 0;
    for call in 1..12 {
        let (local, _) = remediated(mara(), &[INLINE]);
        let removed = entry(&local);
        restore(&local, &removed.id).unwrap();
        let hold =
            || pollster::block_on(local.world.hold(removed.plan.resource.unique_id())).unwrap().unwrap();
        let first = hold();
        // It is over, and the rule has acted again.
        local.world.advance(SignedDuration::from_hours(8 * 24));
        sweep(&local);
        let again = local.world.entries().pop().unwrap();
        local.world.die_after(call);
        assert!(restore(&local, &again.id).is_err());
        let holds_nothing = local.world.entries().iter().any(is_open) && hold() == first;
        local.world.advance(SignedDuration::from_hours(12));
        sweep(&local);
        assert!(!local.world.entries().iter().any(is_open), "after call {call}");
        if holds_nothing {
            assert_eq!(hold(), first, "after call {call}");
            given_up += 1;
        }
    }
    assert!(given_up > 0);
}

#[test]
fn whoever_undoes_the_taking_of_a_policy_that_others_write_is_told_to_look_at_it() {
    let account = users(json!([{"name": "otto", "attachedPolicies": [
        arns(1)[0].as_str(), "arn:aws:iam::aws:policy/ReadOnlyAccess"]}]));
    let (local, _) = remediated(account, &[ATTACHED]);
    let undone = restore(&local, &entry(&local).id).unwrap().entry().unwrap().clone();
    assert_eq!(undone.status, Status::Verified);
    let told = local.world.notices().pop().unwrap().plan.left;
    assert_eq!(told.len(), 1, "AWS alone writes the other: {told:?}");
    assert!(told[0].contains("policy/p0") && told[0].contains("by its name"), "{told:?}");
}

#[test]
fn it_is_refused_as_a_whole_once_somebody_has_put_a_part_back() {
    let (local, before) = remediated(mara(), &[INLINE]);
    let original = entry(&local);
    local.world.edit(|account| {
        account.users[0].inline_policies.extend(before.users[0].inline_policies.first().cloned());
    });
    let outcome = restore(&local, &original.id).unwrap();
    assert!(
        matches!(outcome.refusal(), Some(Refusal::StateChanged { what }) if what.contains("already")),
        "{outcome:#?}"
    );
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn what_an_undo_put_back_before_it_failed_is_let_be() {
    let (local, _) = remediated(mara(), &[INLINE]);
    local.world.fail_later(Operation::Write(Write::PutUserPolicy), None, 1, Fault::Denied, Times::Always);
    let undone = restore(&local, &entry(&local).id).unwrap();
    assert_ne!(undone.entry().unwrap().status, Status::Verified);
    local.world.heal();
    let left = local.world.account();
    assert_eq!(left.users[0].inline_policies.len(), 1);
    sweep(&local);
    assert_eq!(changes(&left, &local), Vec::<String>::new());
}
