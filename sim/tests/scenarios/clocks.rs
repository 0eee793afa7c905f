//! Clocks that were wrong: what a worker wrote whose clock was ahead counts for nothing once clocks are right.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{CountPrincipals, RememberAdministrators};
use shared::identifier::UniqueId;
use shared::remedy::{Refusal, Status, Write};
use sim::{AccountFile, Fault, Local, Operation, OrganizationTable, Times};

use crate::fixture::*;

const TEN_YEARS: SignedDuration = SignedDuration::from_hours(24 * 3_653);

fn many(count: usize) -> AccountFile {
    let named = |n: usize| json!({"name": format!("user-{n:03}"), "inlinePolicies": [{"name": "p"}]});
    users((0..count).map(named).collect::<Vec<Value>>().into())
}

fn untouched(local: &Local) -> usize {
    local.world.account().users.iter().filter(|user| !user.inline_policies.is_empty()).count()
}

/// Does something while the clock is so far ahead.
fn ahead_by<T>(local: &Local, time: SignedDuration, act: impl FnOnce() -> T) -> T {
    let now = local.world.now();
    local.world.set_now(now + time);
    let done = act();
    local.world.set_now(now);
    // What was written then is there now.
    local.world.edit(|_| ());
    done
}

#[test]
fn what_aws_refused_when_a_clock_was_ahead_is_tried_by_one_that_is_right_and_then_once_a_day() {
    let local = local(many(1), enforce(&[INLINE]));
    local.world.fail(Operation::Write(Write::DeleteUserPolicy), Fault::Denied, Times::Always);
    ahead_by(&local, TEN_YEARS, || sweep(&local));
    assert_eq!(local.world.calls().iam_writes(), 1);
    // What is refused now is remembered in the place of that.
    for (hours, writes) in [(0, 2), (1, 2), (25, 3)] {
        local.world.advance(SignedDuration::from_hours(hours));
        sweep(&local);
        assert_eq!(local.world.calls().iam_writes(), writes, "{hours}");
    }
    local.world.heal();
    local.world.advance(SignedDuration::from_hours(25));
    sweep(&local);
    assert_eq!(untouched(&local), 0);
}

#[test]
fn a_hold_of_an_undo_when_a_clock_was_ahead_holds_nobody_and_gives_way_to_one_that_is_right() {
    let local = local(many(1), enforce(&[INLINE]));
    sweep(&local);
    let first = entry(&local);
    ahead_by(&local, TEN_YEARS, || restore(&local, &first.id)).unwrap();
    assert_eq!(untouched(&local), 1);
    sweep(&local);
    assert_eq!(untouched(&local), 0, "for a week, and not for ten years");
    restore(&local, &written(&local).pop().unwrap().id).unwrap();
    sweep(&local);
    assert_eq!(untouched(&local), 1, "an undo of today holds");
    let held = local.world.entries().pop().unwrap();
    assert!(matches!(held.refusal, Some(Refusal::Restored { .. })), "{held:#?}");
    local.world.advance(SignedDuration::from_hours(24 * 7 + 1));
    sweep(&local);
    assert_eq!(untouched(&local), 0);
}

#[test]
fn an_hour_is_no_wrong_clock() {
    let local = local(many(1), enforce(&[INLINE]));
    sweep(&local);
    ahead_by(&local, SignedDuration::from_mins(50), || restore(&local, &entry(&local).id)).unwrap();
    sweep(&local);
    assert_eq!(untouched(&local), 1);
}

#[test]
fn how_many_there_were_when_a_clock_was_ahead_gives_way_to_how_many_there_are() {
    for organization in [false, true] {
        let limits = if organization {
            "limits: { sharePerDay: 100, organization: { sharePerDay: 10 } }\n"
        } else {
            "limits: { sharePerSweep: 10, sharePerDay: 100 }\n"
        };
        let local = local(many(60), only(&[INLINE], "enforce", limits));
        let table = OrganizationTable::default();
        if organization {
            local.world.join(&table);
        }
        ahead_by(&local, TEN_YEARS, || pollster::block_on(local.world.remember_principals(400))).unwrap();
        sweep(&local);
        assert_eq!(60 - untouched(&local), 6, "a tenth of sixty ({organization})");
    }
}

#[test]
fn who_was_an_administrator_when_a_clock_was_ahead_gives_way_to_who_is() {
    let local = local(many(1), enforce(&[]));
    let nobody = UniqueId::parse("AIDAEXAMPLEEXAMPLE999").unwrap();
    ahead_by(&local, TEN_YEARS, || pollster::block_on(local.world.remember_administrators(&[nobody].into())))
        .unwrap();
    sweep(&local);
    assert!(pollster::block_on(local.world.remembered_administrators()).unwrap().is_empty());
    assert!(local.world.entries().iter().all(|entry| entry.status != Status::Failed));
}
