//! What a containment says and does where its deny, or its mark, is not what it was a moment ago.

use serde_json::json;
use shared::facts::Read;
use shared::remedy::{Entry, Refusal, Status, Step, StepResult};
use sim::{Fault, Local, Operation, Times};

use crate::fixture::*;

fn ada() -> Local {
    let user = json!([{"name": "ada", "loginProfile": {}, "accessKeys": [key("KEY1", 3, None)]}]);
    local(users(user), enforce(&[]))
}

/// Ada, whose suspension a worker died over once its entry was as wanted.
fn interrupted(wanted: impl Fn(&Entry) -> bool) -> Local {
    (1..200)
        .map(|calls| {
            let local = ada();
            local.world.die_after(calls);
            let _ = suspend(&local, "user/ada");
            local
        })
        .find(|local| local.world.entries().first().is_some_and(&wanted))
        .unwrap()
}

fn result_of(entry: &Entry, is_it: impl Fn(&Step) -> bool) -> Option<&StepResult> {
    let of = |index: usize| entry.plan.steps.get(index).is_some_and(&is_it);
    entry.outcomes.iter().find(|outcome| of(outcome.index)).map(|outcome| &outcome.result)
}

#[test]
fn a_deny_that_somebody_else_put_on_stays_theirs_though_it_cannot_be_read_again() {
    let mut unknown = 0;
    for spared in 0..12 {
        let local = interrupted(|entry| !entry.is_closed() && entry.attempting.is_none());
        local.world.edit(|file| {
            file.users[0].attached_policies.insert(quarantine());
        });
        let read = Operation::Read(Read::ListAttachedUserPolicies);
        local.world.fail_later(read, None, spared, Fault::Denied, Times::Always);
        let _ = suspend(&local, "user/ada");
        let entry = local.world.entries().remove(0);
        let Some(result) = result_of(&entry, Step::denies) else { continue };
        if *result == StepResult::AlreadyDone && entry.status == Status::Unknown {
            unknown += 1;
            assert!(entry.unread.iter().any(|unread| unread.detail.contains("still stands")), "{entry:#?}");
        }
        // Nothing of it was written here, so no undo takes it off.
        assert!(!entry.written().any(Step::denies), "{spared}: {entry:#?}");
    }
    assert!(unknown > 0, "the second reading never failed");
}

#[test]
fn whoever_finishes_for_a_dead_worker_marks_nobody_whose_deny_was_taken_off_meanwhile() {
    let is_last = |entry: &Entry| {
        let outstanding = entry.outstanding();
        outstanding.len() == 1 && entry.plan.steps[outstanding[0]].marks() && entry.attempting.is_none()
    };
    for taken_off in [true, false] {
        let local = interrupted(is_last);
        if taken_off {
            local.world.edit(|file| assert!(file.users[0].attached_policies.remove(&quarantine())));
        }
        suspend(&local, "user/ada").unwrap();
        let entry = local.world.entries().remove(0);
        let result = result_of(&entry, Step::marks).unwrap();
        if taken_off {
            let refused = matches!(result, StepResult::Refused { refusal: Refusal::NotDenied { .. } });
            assert!(refused, "{entry:#?}");
        } else {
            assert_eq!(*result, StepResult::Verified, "{entry:#?}");
        }
        // The order itself is carried out anew.
        let ada = local.world.account().users.remove(0);
        assert!(ada.attached_policies.contains(&quarantine()));
        assert!(ada.tags.contains_key("bailiff:quarantined"));
    }
}

#[test]
fn an_undo_is_carried_out_though_somebody_took_the_mark_off_before() {
    let local = ada();
    let before = local.world.account();
    let suspension = suspend(&local, "user/ada").unwrap().entry().unwrap().clone();
    local.world.edit(|file| assert!(file.users[0].tags.remove("bailiff:quarantined").is_some()));
    let undone = restore(&local, &suspension.id).unwrap().entry().unwrap().clone();
    assert_eq!(undone.status, Status::Verified, "{undone:#?}");
    assert_eq!(result_of(&undone, Step::unmarks), Some(&StepResult::AlreadyDone));
    let ada = local.world.account().users.remove(0);
    assert_eq!(ada.attached_policies, before.users[0].attached_policies);
    assert_eq!(ada.access_keys[0].status, before.users[0].access_keys[0].status);
}
