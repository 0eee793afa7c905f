//! What a dead worker left open: finished as far as it is still wanted, never on the journal's word alone.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{EngineError, Journal, Opened, Outcome};
use shared::facts::{KeyStatus, Read};
use shared::governance::Governance;
use shared::remedy::{Entry, Refusal, Remediator, SCHEMA, Status, StepResult};
use sim::account_file::LastUse;
use sim::{AccountFile, Fault, Local, Operation, Times};

use crate::fixture::*;

fn ada() -> AccountFile {
    users(json!([{
        "name": "ada", "created": ago(500),
        "accessKeys": [key("OLD1", 200, Some(120)), key("OLD2", 300, Some(130))]
    }]))
}

/// Switching Ada's keys off, ended by so many readings of her keys that went well, and given up on in the end.
fn interrupted(spared: u32) -> Local {
    let local = local(ada(), enforce(&[KEY_UNUSED]));
    let list = Operation::Read(Read::ListAccessKeys);
    local.world.fail_later(list, None, spared, Fault::Throttled, Times::Always);
    assert_eq!(sweep(&local).dead_letters.len(), 1);
    local.world.heal();
    assert_eq!(entry(&local).status, Status::Open);
    local
}

fn statuses(local: &Local) -> Vec<KeyStatus> {
    local.world.account().users[0].access_keys.iter().map(|key| key.status).collect()
}

/// Brings the first finding back.
fn redeliver(local: &Local) {
    let finding = &local.world.announced()[0];
    let to = shared::rules::find(finding.rule).unwrap().meta.remediator.unwrap();
    local.world.put_message(to, "again", &serde_json::to_string(finding).unwrap());
    let (_, dead_letters) = local.work_off();
    assert!(dead_letters.is_empty(), "{dead_letters:#?}");
}

fn governed(local: Local, governance: Governance) -> Local {
    Local::new(local.world, governance, deployment())
}

fn exempting(subject: &str) -> Governance {
    let rest = format!(
        "exemptions:\n  - rule: {KEY_UNUSED}\n    {subject}\n    ticket: T\n    owner: o\n    approver: a\n    \
         reason: r\n    created: 2026-01-31\n    expires: 2027-01-31\n"
    );
    only(&[KEY_UNUSED], "enforce", &rest)
}

/// The first key is off, the second is not, and the entry says both.
fn went_no_further(local: &Local, why: &str) {
    let entry = local.world.entries()[0].clone();
    let (status, results) = results(&entry);
    assert_eq!(status, Status::Refused, "{entry:#?}");
    assert!(
        matches!(
            &results[..],
            [StepResult::Verified, StepResult::Refused { refusal: refusal @ Refusal::NoLongerWanted { .. } }]
                if refusal.to_string().contains(why)
        ),
        "{why}: {entry:#?}"
    );
    assert_eq!(statuses(local), [KeyStatus::Inactive, KeyStatus::Active], "{why}");
    assert!(local.world.notices().iter().any(|notice| notice.id == entry.id && notice.is_closed()));
    let undone = restore(local, &entry.id).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified, "{undone:#?}");
    assert_eq!(statuses(local), [KeyStatus::Active; 2]);
}

#[test]
fn what_the_governance_file_wants_no_longer_is_not_finished() {
    let user = format!("principal: arn:aws:iam::{ACCOUNT}:user/ada");
    let key = format!("accessKey: {}", key_id("OLD2"));
    let saturdays =
        "changeWindows:\n  timeZone: UTC\n  open: [{ days: [saturday], from: '08:00', to: '12:00' }]\n";
    for (governance, why) in [
        (only(&[KEY_UNUSED], "enforce", saturdays), "it is outside the change windows now"),
        (only(&[KEY_UNUSED], "audit", ""), "the rule is in `audit` now"),
        (only(&[KEY_UNUSED], "notify", ""), "the rule is in `notify` now"),
        (enforce(&[KEY_AGE]), "the governance file has this rule off"),
        (exempting(&user), "exempt until 2027-01-31 under T"),
        (exempting(&key), "exempt under T"),
    ] {
        let local = governed(interrupted(3), governance);
        local.world.advance(SignedDuration::from_hours(72));
        local.world.forget_calls();
        redeliver(&local);
        assert_eq!(local.world.calls().iam_writes(), 0, "{why}");
        went_no_further(&local, why);
    }
}

#[test]
fn what_is_in_use_again_is_not_finished() {
    let local = interrupted(3);
    local.world.advance(SignedDuration::from_hours(72));
    local.world.edit(|account| {
        let at = account.now;
        let used = LastUse { at, service: "s3".to_owned(), region: "eu-west-1".to_owned() };
        account.users[0].access_keys[1].last_used = Some(used);
    });
    local.world.forget_calls();
    redeliver(&local);
    assert_eq!(local.world.calls().iam_writes(), 0);
    went_no_further(&local, "it keeps the rule now");
}

#[test]
fn what_is_still_wanted_is_finished() {
    for spared in 1..4 {
        let local = interrupted(spared);
        local.world.advance(SignedDuration::from_hours(72));
        redeliver(&local);
        assert_eq!(statuses(&local), [KeyStatus::Inactive; 2], "{spared}");
        assert!(local.world.entries().iter().all(Entry::is_closed), "{spared}");
        assert_eq!(local.world.entries()[0].attempting, None);
    }
}

#[test]
fn what_was_attempted_is_found_out_though_nothing_more_is_wanted() {
    // It dies right after its write.
    let account = users(json!([{"name": "ada", "inlinePolicies": [{"name": "p"}, {"name": "q"}]}]));
    let calm = local(account.clone(), enforce(&[INLINE]));
    calm.deliver(&change(&calm.world, "ada", INLINE));
    let calls = calm.world.calls().0;
    let first = calls.iter().position(|call| matches!(call.operation, Operation::Write(_))).unwrap();
    for (written, left) in [(0, 2), (1, 1)] {
        let dying = local(account.clone(), enforce(&[INLINE]));
        dying.world.fail_later(Operation::UpdateItem, None, 1, Fault::Throttled, Times::Always);
        dying.world.die_after(u32::try_from(first + written).unwrap());
        dying.deliver(&change(&dying.world, "ada", INLINE));
        assert_eq!(entry(&dying).attempting, Some(0));
        dying.world.heal();
        let local = governed(dying, only(&[INLINE], "audit", ""));
        redeliver(&local);
        let entry = local.world.entries()[0].clone();
        assert_eq!(local.world.account().users[0].inline_policies.len(), left);
        assert!(matches!(entry.outcomes[1].result, StepResult::Refused { .. }), "{entry:#?}");
        assert_eq!(entry.attempting, None);
        assert_eq!(restore(&local, &entry.id).unwrap().entry().unwrap().status, Status::Verified);
        assert_eq!(local.world.account().users[0].inline_policies.len(), 2);
    }
}

#[test]
fn what_cannot_be_read_while_it_is_finished_is_tried_again_or_ends_it() {
    for (fault, entries) in [(Fault::Throttled, 1), (Fault::Denied, 2)] {
        let local = interrupted(1);
        local.world.fail(Operation::Read(Read::GetUser), fault, Times::Next(1));
        redeliver(&local);
        // What was refused to the one look is allowed to the next, which judges afresh.
        assert_eq!(statuses(&local), [KeyStatus::Inactive; 2], "{fault:?}");
        assert_eq!(written(&local).len(), entries.min(1), "{fault:?}");
        assert_eq!(local.world.entries().len(), entries, "{fault:?}: {:#?}", local.world.entries());
    }
}

#[test]
fn what_was_never_attempted_is_never_counted_as_ours_nor_undone() {
    let local = interrupted(1);
    assert_eq!((local.world.calls().iam_writes(), entry(&local).attempting), (0, None));
    // Incident response switches the leaked keys off by hand.
    local.world.edit(|account| {
        for key in &mut account.users[0].access_keys {
            key.status = KeyStatus::Inactive;
        }
    });
    redeliver(&local);
    let entry = entry(&local);
    assert_eq!(results(&entry), (Status::Verified, vec![&StepResult::AlreadyDone, &StepResult::AlreadyDone]));
    assert!(restore(&local, &entry.id).unwrap_err().to_string().contains("changed nothing"));
    assert_eq!(statuses(&local), [KeyStatus::Inactive; 2]);
}

#[test]
fn nothing_is_written_where_the_attempt_cannot_be_written_down() {
    let local = local(ada(), enforce(&[KEY_UNUSED]));
    local.world.fail(Operation::UpdateItem, Fault::Throttled, Times::Always);
    assert_eq!(sweep(&local).dead_letters.len(), 1);
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn an_order_is_finished_within_a_day_and_given_afresh_after_it() {
    let account =
        || users(json!([{"name": "ada", "loginProfile": {}, "accessKeys": [key("KEY1", 3, None)]}]));
    let calls = {
        let calm = local(account(), all_rules("audit", ""));
        suspend(&calm, "user/ada").unwrap();
        u32::try_from(calm.world.calls().total()).unwrap()
    };
    for (hours, fresh) in [(23, false), (25, true)] {
        let local = local(account(), all_rules("audit", ""));
        local.world.die_after(calls - 16);
        assert!(suspend(&local, "user/ada").is_err());
        assert_eq!(entry(&local).status, Status::Open);
        local.world.advance(SignedDuration::from_hours(hours));
        suspend(&local, "user/ada").unwrap();
        let entries = local.world.entries();
        let old_order = |entry: &Entry| {
            entry.refusal.as_ref().is_some_and(|refusal| refusal.to_string().contains("24 hours"))
        };
        assert_eq!((entries.len() > 1, old_order(&entries[0])), (fresh, fresh), "{entries:#?}");
        assert_eq!(entries.last().unwrap().status, Status::Verified, "{entries:#?}");
        assert!(local.world.account().users[0].login_profile.is_none());
    }
}

/// An entry as whoever may write into the journal's table could put it there.
#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
fn forge(user: &Value, step: Value, parts: Value) -> Entry {
    let mut entry = json!({
        "schema": SCHEMA, "id": "20261122t085959-000000000000",
        "cause": {"kind": "order", "requestedBy": "x", "reason": "y"},
        "remediator": "suspend-principal", "mode": "enforce",
        "plan": {"principal": user, "steps": [step]},
        "status": "open", "outcomes": [], "opened": "2026-11-22T08:59:59Z"
    });
    entry.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    serde_json::from_value(entry).unwrap()
}

/// Eve, whom rules only watch, and her identity as a principal and as a user.
fn eve() -> (Local, Value, Value) {
    let eve = json!({"name": "eve", "created": ago(500), "loginProfile": {"created": ago(400)},
        "passwordLastUsed": ago(300), "accessKeys": [{"id": key_id("OFF1"), "status": "Inactive", "created": ago(400)}]});
    let local = local(users(json!([eve])), only(&[UNUSED], "audit", ""));
    let delivery = sweep(&local);
    let principal = delivery.findings[0].finding.resource.principal().unwrap();
    let principal = serde_json::to_value(principal).unwrap();
    let mut identity = principal.clone();
    identity.as_object_mut().unwrap().remove("type");
    (local, principal, identity)
}

fn allow_all() -> Value {
    json!(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
}

#[test]
fn a_forged_open_entry_is_not_carried_out() {
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    let (_, _, user) = eve();
    let mut other = user.clone();
    other["uniqueId"] = json!("AIDAANOTHERLIFE000001");
    let forged = [
        json!({"do": "PutUserPolicy", "user": user, "policy": "BailiffQuarantine", "document": allow_all()}),
        json!({"do": "AttachUserPolicy", "user": user, "policy": administrator}),
        json!({"do": "PutUserPermissionsBoundary", "user": user, "boundary": administrator, "replaces": null}),
        json!({"do": "ActivateAccessKey", "user": user, "key": key_id("OFF1")}),
        json!({"do": "DeleteUserPolicy", "user": user, "policy": "p", "document": "{}"}),
        json!({"do": "AttachUserPolicy", "user": other, "policy": quarantine()}),
    ];
    for step in forged {
        for attempting in [None, Some(0)] {
            let (local, principal, _) = eve();
            let before = local.world.account();
            let entry = forge(&principal, step.clone(), json!({"attempting": attempting}));
            assert_eq!(pollster::block_on(local.world.open(&entry)), Ok(Opened::New));
            local.world.advance(SignedDuration::from_hours(6));
            local.world.forget_calls();
            sweep(&local);
            assert_eq!(changes(&before, &local), Vec::<String>::new(), "{step}");
            assert_eq!(local.world.calls().iam_writes(), 0, "{step}");
            let closed = pollster::block_on(local.world.entry(&entry.id)).unwrap().unwrap();
            assert!(matches!(closed.refusal, Some(Refusal::NotCredible { .. })), "{closed:#?}");
            assert!(local.world.notices().iter().any(|notice| notice.id == entry.id));
            // Nor is it a way for an undo to write.
            let _ = restore(&local, &entry.id);
            assert_eq!(changes(&before, &local), Vec::<String>::new(), "{step}");
        }
    }
}

#[test]
fn an_entry_that_contradicts_itself_is_not_undone() {
    let delete = |user: &Value| json!({"do": "DeleteUserPolicy", "user": user, "policy": "p", "document": allow_all()});
    let verified = json!([{"index": 0, "at": NOW, "result": "verified"}]);
    for parts in [
        // Not what this function does; more done than was planned; verified, though a step is unknown.
        json!({"status": "verified", "closed": NOW, "outcomes": verified}),
        json!({"remediator": "remove-user-policies", "status": "verified", "closed": NOW, "outcomes": verified}),
        json!({"remediator": "remove-user-policies", "cause": {"kind": "rule", "rule": INLINE, "annotation": "a"},
               "status": "verified", "closed": NOW,
               "outcomes": [{"index": 0, "at": NOW, "result": "unknown", "why": "?"}]}),
        json!({"remediator": "remove-user-policies", "cause": {"kind": "rule", "rule": INLINE, "annotation": "a"},
               "status": "verified", "outcomes": verified}),
    ] {
        let (local, principal, user) = eve();
        let before = local.world.account();
        let entry = forge(&principal, delete(&user), parts.clone());
        pollster::block_on(local.world.open(&entry)).unwrap();
        let outcome = restore(&local, &entry.id).unwrap();
        assert!(matches!(outcome.refusal(), Some(Refusal::NotCredible { .. })), "{parts}: {outcome:#?}");
        assert_eq!(changes(&before, &local), Vec::<String>::new(), "{parts}");
    }
}

#[test]
fn an_undo_that_is_not_the_undo_of_its_entry_is_not_finished() {
    let account = users(json!([{"name": "eve", "inlinePolicies": [{"name": "p"}]}]));
    let local = local(account, enforce(&[INLINE]));
    let before = local.world.account();
    local.deliver(&change(&local.world, "eve", INLINE));
    let original = entry(&local);
    let principal = serde_json::to_value(&original.plan.resource).unwrap();
    let mut user = principal.clone();
    user.as_object_mut().unwrap().remove("type");
    let step = json!({"do": "PutUserPolicy", "user": user, "policy": "p", "document": allow_all()});
    let cause = json!({"kind": "undo", "of": original.id, "requestedBy": "x", "reason": "y"});
    let entry = forge(&principal, step, json!({"cause": cause, "remediator": "restore"}));
    pollster::block_on(local.world.open(&entry)).unwrap();
    local.world.advance(SignedDuration::from_mins(5));
    assert_eq!(restore(&local, &original.id).unwrap().entry().unwrap().status, Status::Verified);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    let forged = pollster::block_on(local.world.entry(&entry.id)).unwrap().unwrap();
    assert!(matches!(forged.refusal, Some(Refusal::NotCredible { .. })), "{forged:#?}");
}

#[test]
fn an_entry_dated_ahead_holds_nobody_up() {
    let (local, principal, user) = eve();
    let step = json!({"do": "DetachUserPolicy", "user": user, "policy": quarantine()});
    let ahead = json!({"opened": "2100-01-01T00:00:00Z", "remediator": "remove-user-policies"});
    pollster::block_on(local.world.open(&forge(&principal, step, ahead))).unwrap();
    let outcome = suspend(&local, "user/eve").unwrap();
    assert_eq!(outcome.entry().unwrap().status, Status::Verified);
}

#[test]
fn an_order_waits_minutes_for_another_functions_dead_worker_and_no_longer() {
    let local = local_with_an_open_removal();
    assert!(matches!(suspend(&local, "user/ada"), Err(EngineError::Retry(_))));
    local.world.advance(SignedDuration::from_mins(3));
    let outcome = suspend(&local, "user/ada").unwrap();
    assert_eq!(outcome.entry().unwrap().status, Status::Verified);
    assert!(local.world.account().users[0].attached_policies.contains(&quarantine()));
    assert_eq!(local.world.entries()[0].status, Status::Unknown);
}

#[test]
fn an_undo_closes_what_a_dead_worker_left_open_and_undoes_it_in_one_call() {
    let local = local_with_an_open_removal();
    let id = entry(&local).id;
    let account = local.world.account();
    assert_eq!(account.users[0].inline_policies.len(), 1);
    local.world.advance(SignedDuration::from_mins(4));
    let outcome = restore(&local, &id).unwrap();
    assert_eq!(outcome.entry().unwrap().status, Status::Verified);
    assert_eq!(local.world.account().users[0].inline_policies.len(), 2);
    let entries = local.world.entries();
    assert_eq!((entries[0].status, entries[0].undone_by.is_some()), (Status::Unknown, true));
}

/// Of Ada's two policies one is removed, and a worker has died over the rest.
fn local_with_an_open_removal() -> Local {
    let account = users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("KEY1", 3, Some(0))],
        "inlinePolicies": [{"name": "p"}, {"name": "q"}]}]));
    let calm = local(account.clone(), enforce(&[INLINE]));
    calm.deliver(&change(&calm.world, "ada", INLINE));
    let write = calm.world.calls().0.iter().position(|call| matches!(call.operation, Operation::Write(_)));
    let local = local(account, enforce(&[INLINE]));
    // Whoever gets its message next can do nothing.
    local.world.fail_later(Operation::TransactGetItems, None, 1, Fault::Failed, Times::Always);
    local.world.die_after(u32::try_from(write.unwrap() + 1).unwrap());
    local.deliver(&change(&local.world, "ada", INLINE));
    local.world.heal();
    // As if it had died just now.
    local.world.set_now(entry(&local).touched());
    assert_eq!(entry(&local).status, Status::Open);
    local
}

#[test]
fn what_an_abandoned_order_did_is_undone_wherever_it_died() {
    let account = users(json!([{"name": "ada", "created": ago(500), "inlinePolicies": [{"name": "p"}],
        "accessKeys": [key("KEY1", 3, Some(0))]}]));
    let mut undone = 0;
    for call in 1..60 {
        let local = local(account.clone(), enforce(&[INLINE]));
        let before = local.world.account();
        local.world.die_after(call);
        if suspend(&local, "user/ada").is_ok() {
            break;
        }
        local.world.advance(SignedDuration::from_mins(4));
        // Another function closes it.
        local.deliver(&change(&local.world, "ada", INLINE));
        let Some(order) =
            local.world.entries().into_iter().find(|entry| entry.remediator == Remediator::SuspendPrincipal)
        else {
            continue;
        };
        let wrote = changes(&before, &local).len() > 1;
        let outcome = restore(&local, &order.id);
        let left = changes(&before, &local);
        assert!(left.iter().all(|change| change.contains("inlinePolicies")), "{call}: {left:?} {outcome:#?}");
        if wrote {
            assert_eq!(outcome.unwrap().entry().unwrap().status, Status::Verified, "{call}");
            undone += 1;
        }
    }
    assert!(undone > 3, "{undone}");
}

#[test]
fn a_resumed_order_takes_what_came_after_it_too() {
    let account = users(json!([{"name": "ada", "accessKeys": [key("KEY1", 3, None)]}]));
    let local = local(account, all_rules("audit", ""));
    local.world.die_after(12);
    assert!(suspend(&local, "user/ada").is_err());
    local.world.edit(|account| {
        let mut second = account.users[0].access_keys[0].clone();
        second.id = Some(key_id("KEY2").parse().unwrap());
        account.users[0].access_keys.push(second);
    });
    let outcome = suspend(&local, "user/ada").unwrap();
    assert!(matches!(outcome, Outcome::Journaled { .. }));
    assert_eq!(statuses(&local), [KeyStatus::Inactive; 2]);
}

#[test]
fn what_is_finished_within_a_change_window_or_waits_for_none_is_finished() {
    let window = |day: &str| {
        format!(
            "changeWindows:\n  timeZone: UTC\n  open: [{{ days: [{day}], from: '08:00', to: '12:00' }}]\n"
        )
    };
    let local = governed(interrupted(3), only(&[KEY_UNUSED], "enforce", &window("wednesday")));
    local.world.advance(SignedDuration::from_hours(72));
    redeliver(&local);
    assert_eq!(statuses(&local), [KeyStatus::Inactive; 2]);
    assert_eq!(entry(&local).status, Status::Verified);

    // What answers a threat is finished at any time.
    let mut met = 0;
    for spared in 0..6 {
        let closed = only(&["access-key-exposed"], "enforce", &window("monday"));
        let local = crate::threats::at_work(closed);
        let list = Operation::Read(Read::ListAccessKeys);
        local.world.fail_later(list, None, spared, Fault::Throttled, Times::Always);
        local.deliver(&crate::threats::health(&["ANN1", "ANN2"]));
        local.world.heal();
        let Some(open) = local.world.entries().into_iter().find(|entry| !entry.is_closed()) else { continue };
        met += 1;
        local.world.advance(SignedDuration::from_hours(1));
        local.deliver(&crate::threats::health(&["ANN1", "ANN2"]));
        let ended = local.world.entries().into_iter().find(|entry| entry.id == open.id).unwrap();
        assert!(ended.is_closed(), "{spared}");
        let unwanted = |result: &&StepResult| matches!(result, StepResult::Refused { .. });
        assert_eq!(results(&ended).1.into_iter().find(unwanted), None, "{spared}");
    }
    assert!(met > 0);
}

#[test]
fn what_can_no_longer_be_judged_is_closed_and_not_tried_for_ever() {
    let local = interrupted(3);
    local.world.advance(SignedDuration::from_hours(72));
    local.world.fail(Operation::Read(Read::GetAccessKeyLastUsed), Fault::Denied, Times::Always);
    redeliver(&local);
    let ended = local.world.entries()[0].clone();
    assert!(ended.is_closed(), "{ended:#?}");
    let unwanted = |result: &&StepResult| matches!(result, StepResult::Refused { .. });
    assert_eq!(results(&ended).1.into_iter().filter(unwanted).count(), 1, "{ended:#?}");
}
