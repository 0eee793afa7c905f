//! How far a rule may go.

use shared::governance::Governance;
use shared::remedy::Status;
use shared::rules::RULES;

use crate::fixture::*;
use crate::worlds::*;

#[test]
fn audit_writes_down_the_very_plan_that_enforce_carries_out_and_changes_nothing() {
    for rule in RULES {
        let id = rule.meta.id.as_str();
        let audited = local(something_of_everything(), only(&[id], "audit", ""));
        let enforced = local(something_of_everything(), enforce(&[id]));
        let before = audited.world.account();
        sweep(&audited);
        sweep(&enforced);
        assert_eq!(changes(&before, &audited), Vec::<String>::new(), "{id}");
        assert_eq!(audited.world.calls().iam_writes(), 0, "{id}");
        let plans = |local: &sim::Local| -> Vec<_> {
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
        local.world.advance(jiff::SignedDuration::from_hours(1));
        sweep(&local);
    }
    assert_eq!((local.world.entries().len(), local.world.notices().len()), (entries, notices));
    local.world.advance(jiff::SignedDuration::from_hours(24));
    sweep(&local);
    assert!(local.world.entries().len() > entries);
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
    local.world.advance(jiff::SignedDuration::from_hours(5));
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
