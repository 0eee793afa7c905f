//! How far a rule may go.

use jiff::SignedDuration;
use serde_json::json;
use shared::governance::Governance;
use shared::remedy::{Refusal, Status, Write};
use sim::{AccountFile, Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::worlds::*;

#[test]
fn audit_writes_down_the_very_plan_that_enforce_carries_out_and_changes_nothing() {
    for rule in acting_rules() {
        let id = rule.meta.id.as_str();
        let audited = local(something_of_everything(), only(&[id], "audit", ""));
        let enforced = local(something_of_everything(), enforce(&[id]));
        let before = audited.world.account();
        sweep(&audited);
        sweep(&enforced);
        assert_eq!(changes(&before, &audited), Vec::<String>::new(), "{id}");
        assert_eq!(audited.world.calls().iam_writes(), 0, "{id}");
        let plans = |local: &Local| -> Vec<_> {
            local
                .world
                .entries()
                .into_iter()
                .map(|entry| entry.plan)
                .filter(|plan| !plan.steps.is_empty())
                .collect()
        };
        assert_eq!(plans(&audited), plans(&enforced), "{id}");
        assert!(!plans(&audited).is_empty(), "{id}");
        let steps: usize = plans(&enforced).iter().map(|plan| plan.steps.len()).sum();
        assert_eq!(enforced.world.calls().iam_writes(), steps, "{id}");
    }
}

#[test]
fn audit_tells_nobody_notify_tells_and_neither_writes() {
    for (mode, told) in [("audit", false), ("notify", true)] {
        let local = local(something_of_everything(), all_rules(mode, ""));
        let before = local.world.account();
        sweep(&local);
        assert_eq!(changes(&before, &local), Vec::<String>::new());
        assert_eq!(!local.world.notices().is_empty(), told, "{mode}");
        let planned = local.world.entries().iter().filter(|entry| entry.status == Status::Planned).count();
        assert!(planned >= 7, "{planned}");
    }
}

#[test]
fn a_plan_is_written_down_once_a_day_however_often_it_is_found() {
    let local = local(something_of_everything(), all_rules("notify", ""));
    sweep(&local);
    let (entries, notices) = (local.world.entries().len(), local.world.notices().len());
    for _ in 0..3 {
        local.world.advance(SignedDuration::from_hours(1));
        sweep(&local);
    }
    assert_eq!((local.world.entries().len(), local.world.notices().len()), (entries, notices));
    local.world.advance(SignedDuration::from_hours(24));
    sweep(&local);
    assert!(local.world.entries().len() > entries);
}

/// Sweeps every day of two weeks, Monday to Sunday, and gives the days on which people were told anything.
fn told_on(local: &Local, each_day: impl Fn(&mut AccountFile)) -> Vec<String> {
    let mut days = Vec::new();
    for _ in 0..14 {
        local.world.advance(SignedDuration::from_hours(24));
        local.world.edit(&each_day);
        let (day, before) = (local.world.now().strftime("%a %d").to_string(), local.world.notices().len());
        sweep(local);
        // Later sweeps of a day find no more than the first.
        sweep(local);
        days.extend(vec![day; local.world.notices().len() - before]);
    }
    days
}

#[test]
fn people_are_reminded_once_a_week_of_what_is_left_to_them() {
    let user = json!({"name": "ada", "created": ago(500), "loginProfile": {}, "passwordLastUsed": ago(1)});
    let local = local(users(json!([user])), enforce(&[NO_MFA]));
    sweep(&local);
    assert_eq!(entry(&local).status, Status::Verified);
    assert_eq!(told_on(&local, |_| {}), ["Mon 23", "Mon 30"]);
    assert!(matches!(local.world.notices()[1].refusal, Some(Refusal::LeftToPeople { .. })));
}

#[test]
fn a_key_in_use_is_left_to_people_once_a_week_whenever_it_was_used_last() {
    let user = json!({"name": "ada", "created": ago(500), "accessKeys": [key("USED", 200, Some(0))]});
    let local = local(users(json!([user])), enforce(&[KEY_AGE]));
    let use_key = |account: &mut AccountFile| {
        let at = account.now;
        account.users[0].access_keys[0].last_used =
            Some(sim::account_file::LastUse { at, service: "s3".to_owned(), region: "eu-west-1".to_owned() });
    };
    assert_eq!(told_on(&local, use_key), ["Mon 23", "Mon 30"]);
}

#[test]
fn other_refusals_are_told_once_a_day() {
    let rest =
        format!("breakGlass:\n  - principal: arn:aws:iam::{ACCOUNT}:user/*\n    reason: in the safe\n");
    let user = json!({"name": "ada", "inlinePolicies": [{"name": "p"}]});
    let local = local(users(json!([user])), only(&[INLINE], "enforce", &rest));
    assert_eq!(told_on(&local, |_| {}).len(), 14);
}

#[test]
fn what_aws_refused_is_tried_and_told_of_once_a_day() {
    let user = json!({"name": "ada", "created": ago(500), "accessKeys": [key("OLD1", 200, Some(120))]});
    let local = local(users(json!([user])), enforce(&[KEY_UNUSED]));
    local.world.fail(Operation::Write(Write::UpdateAccessKey), Fault::Denied, Times::Always);
    let told = |local: &Local| {
        (local.world.entries().len(), local.world.notices().len(), local.world.calls().iam_writes())
    };
    for day in 1..4 {
        for _ in 0..4 {
            let delivery = sweep(&local);
            local.deliver(&schedule(&local.world, KEY_UNUSED));
            assert_eq!(delivery.findings[0].outcome.entry().unwrap().status, Status::Failed);
            assert_eq!(told(&local), (day, day, day));
            local.world.advance(SignedDuration::from_mins(6 * 60 + 1));
        }
    }
    // Then it is tried again.
    local.world.heal();
    sweep(&local);
    assert_eq!(local.world.account().users[0].access_keys[0].status, shared::facts::KeyStatus::Inactive);
}

#[test]
fn what_ships_changes_nothing() {
    let governance = Governance::parse(include_str!("../../../governance/governance.yaml")).unwrap();
    let local = local(something_of_everything(), governance);
    let before = local.world.account();
    sweep(&local);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_second_sweep_has_nothing_left_to_write() {
    let local = local(something_of_everything(), all_rules("enforce", ""));
    sweep(&local);
    let after = local.world.account();
    local.world.forget_calls();
    // The report of the first sweep is still in force, and shows what is no more.
    sweep(&local);
    local.world.advance(SignedDuration::from_hours(5));
    sweep(&local);
    assert_eq!(changes(&after, &local), Vec::<String>::new());
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn the_same_inputs_give_the_same_run() {
    let run = || {
        let local = local(something_of_everything(), all_rules("enforce", ""));
        local
            .world
            .set_weather(7, sim::Chances { throttled: 100, lost_answer: 50, ..sim::Chances::default() });
        local.world.set_page_sizes(sim::PageSizes::Odd(3));
        sweep(&local);
        (local.world.calls(), local.world.entries(), local.world.account())
    };
    assert_eq!(run(), run());
}
