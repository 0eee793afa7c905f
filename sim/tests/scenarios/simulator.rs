//! Each claim of the seeded simulator over a few hundred worlds; `bailiff-sim` runs more of them.

use sim::simulator::{Claim, Tally};

/// Worlds each, so that a debug build takes no longer than a minute for all.
const WORLDS: u64 = 150;

/// Runs a claim's worlds, and gives back what happened in them.
fn holds(claim: Claim) -> Tally {
    holds_in(claim, WORLDS)
}

/// The same over so many worlds.
fn holds_in(claim: Claim, worlds: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in 1..=worlds {
        let ran = claim.run(seed, false);
        assert_eq!(ran.violation, None, "bailiff-sim --claim {claim} --seed {seed} --trace");
        tally.add(&ran.tally);
    }
    tally
}

#[test]
fn nothing_is_lost_and_nothing_done_twice_in_bad_weather() {
    let tally = holds(Claim::NothingLost);
    assert!(tally.acts > 80 && tally.faults > 1_000, "{tally:?}");
    assert!(tally.duplicates > 100 && tally.reordered > 100, "{tally:?}");
    assert!(tally.poison > 5 && tally.deaths > 1, "{tally:?}");
}

#[test]
fn two_sweeps_put_everything_right_though_every_event_is_lost() {
    let tally = holds(Claim::Converges);
    assert!(tally.acts > 100 && tally.events_lost > 100, "{tally:?}");
}

#[test]
fn the_protected_are_never_written_whatever_the_configuration() {
    let tally = holds(Claim::Protected);
    assert!(tally.met > 50 && tally.acts > 20 && tally.other_actors > 100, "{tally:?}");
}

#[test]
fn undo_gives_back_the_account_byte_for_byte() {
    let tally = holds(Claim::Undo);
    assert!(tally.met > 50 && tally.undos > 100, "{tally:?}");
}

#[test]
fn a_dry_run_plans_exactly_what_a_real_run_does() {
    assert!(holds(Claim::DryRun).met > 20);
}

#[test]
fn no_limit_is_overrun() {
    let tally = holds(Claim::Breaker);
    assert!(tally.met > 50 && tally.acts > 50 && tally.clock_jumps > 50, "{tally:?}");
}

#[test]
fn who_puts_everything_back_is_fought_as_often_as_the_budget_says() {
    let tally = holds(Claim::Wars);
    assert!(tally.met > 50 && tally.acts > 100, "{tally:?}");
}

#[test]
fn no_rule_acts_without_its_warnings_and_the_people_who_must_agree() {
    let tally = holds(Claim::Stages);
    assert!(tally.acts > 20 && tally.orders > 20, "{tally:?}");
}

#[test]
fn no_write_begins_once_the_switch_is_thrown_or_unreadable() {
    let tally = holds(Claim::Switch);
    assert!(tally.met > 40 && tally.acts > 20, "{tally:?}");
}

#[test]
fn a_governance_file_that_is_not_in_order_enforces_nothing() {
    assert!(holds(Claim::InvalidGovernance).refused_files > 60);
}

#[test]
fn only_a_sound_exemption_suppresses_and_a_sound_one_always_does() {
    let tally = holds(Claim::Exemptions);
    assert!(tally.met > 100 && tally.acts > 100 && tally.refused_files > 5, "{tally:?}");
}

#[test]
fn a_seed_replays_the_same_world_call_by_call() {
    for claim in Claim::ALL {
        let (once, again) = (claim.run(7, true), claim.run(7, true));
        assert_eq!(once.trace, again.trace, "{claim}");
        assert_eq!(once.tally, again.tally, "{claim}");
        assert_eq!(Claim::parse(claim.as_str()), Some(claim));
    }
}

#[test]
fn forged_events_write_nothing_and_those_that_count_nothing_but_what_they_name() {
    let tally = holds_in(Claim::ForgedEvents, 20);
    assert!(tally.met > 150 && tally.events > 2_000, "{tally:?}");
}

#[test]
fn with_the_organisation_s_policies_whoever_is_suspended_is_out_within_one_lag() {
    let tally = holds_in(Claim::ContainmentHolds, 60);
    assert!(tally.poison > 1_000 && tally.writes > 100, "{tally:?}");
    // Nearly every world is judged, whatever it was that denied.
    assert!(tally.judged >= 57 && tally.by_attachment > 20, "{tally:?}");
    assert!(tally.by_inline > 10 && tally.by_boundary > 3, "{tally:?}");
}

#[test]
fn without_them_each_undo_is_told_and_nobody_is_reported_as_contained_who_is_not() {
    let tally = holds_in(Claim::UndoingIsTold, 60);
    assert!(tally.met > 100 && tally.other_actors > 300, "{tally:?}");
}
