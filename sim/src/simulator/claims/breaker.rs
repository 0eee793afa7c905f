use std::collections::{BTreeMap, BTreeSet};

use shared::governance::{Limits, OrganizationLimits};
use shared::remedy::Cause;

use super::organization::Organization;
use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::actors;
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::rulebook::{Rulebook, putting_right};
use crate::simulator::stage::Stage;
use crate::simulator::storm::Storm;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("breaker", seed);
    // More than a limit's worth, and now and then nobody at all.
    let size = match dice.below(20) {
        0 | 1 => Size { users: 0, roles: 0, groups: 0, policies: 0 },
        2 => Size { users: 60, roles: 20, groups: 2, policies: 4 },
        _ => Size { users: 8, roles: 4, groups: 1, policies: 2 },
    };
    let account = accounts::account(&mut dice, size);
    let mut limits = some_limits(&mut dice);
    let mut organization = Organization::any(&mut dice);
    limits.organization = organization.limits;
    let text = format!(
        "limits: {{ actsPerSweep: {}, actsPerHour: {}, actsPerDay: {}, sharePerSweep: {}, sharePerHour: {}, \
         sharePerDay: {}, actsPerResourceAndDay: {}{} }}\n",
        limits.per_sweep,
        limits.per_hour,
        limits.per_day,
        limits.share_per_sweep,
        limits.share_per_hour,
        limits.share_per_day,
        limits.per_resource_and_day,
        organization.text(),
    );
    let all: Vec<_> = putting_right().collect();
    let rules = dice.some(&all, 400);
    let rulebook = Rulebook::only(&rules, "enforce", &text);
    let mut stage = Stage::new(account, rulebook.governance, dice.fork(), traced);
    if let Some(table) = &organization.table {
        stage.local.world.join(table);
    }

    let (mut violation, mut most_principals) = (None, 0);
    // How many there are by the last sweeps that may count, and whether the next one's count is surely written down.
    let (mut lately, mut is_later) = (0, true);
    for _ in 0..=stage.dice.below(4) {
        let stormy = stage.dice.chance(300);
        if stormy {
            stage.begin_storm(Storm { deaths: 50, together: 500, poison: 0, ..Storm::AS_CLAIMED });
        } else {
            stage.storm = Storm { together: 500, duplicates: 200, ..Storm::CALM };
        }
        organization.goes_on(&mut stage);
        let account = stage.local.world.account();
        let principals = account.users.len() + account.roles.len();
        most_principals = most_principals.max(principals);
        lately = if is_later && !stormy { principals } else { lately.max(principals) };
        let opened_before: BTreeSet<_> =
            stage.local.world.entries().into_iter().map(|entry| entry.id.to_string()).collect();
        stage.sweep();
        stage.end_storm();
        // What was begun before and is only finished now was counted then.
        let acts = oracle::acts(&stage).into_keys().filter(|id| !opened_before.contains(id)).count();
        let most = of_all(limits.share_per_sweep, lately).min(limits.per_sweep as usize);
        if acts > most {
            violation.get_or_insert(format!("{acts} acts of one sweep"));
        }
        if stage.dice.chance(300) {
            actors::anything(&mut stage);
        }
        // Nearly everybody leaves.
        if stage.dice.chance(100) {
            let left = stage.dice.below(6);
            stage.local.world.note(|| format!("{left} users stay"));
            stage.local.world.edit(|account| account.users.truncate(left));
        }
        // A person lets it go on, without having looked.
        if stage.dice.chance(700) {
            stage.local.world.set_stop(None);
        }
        if stage.dice.chance(700) {
            organization.let_go_on();
        }
        let hours = stage.dice.pick(&[0, 0, 1, 5, 24, -1, -30, 24 * 3_653, -24 * 3_653_i64]);
        // By an hour clocks may differ.
        is_later = hours != -1;
        stage.tally.clock_jumps += u64::from(!(0..=24).contains(&hours));
        stage.local.world.note(|| format!("{hours} hours go by"));
        stage.advance(hours);
    }
    let violation = violation
        .or_else(|| overrun(&stage, &limits, most_principals))
        .or_else(|| organization.overrun(&stage, most_principals))
        .or_else(|| oracle::unwritten(&stage));
    let mut tally = stage.counted();
    tally.met += u64::from(stage.local.world.entries().iter().any(|entry| {
        matches!(
            entry.refusal,
            Some(
                shared::remedy::Refusal::LimitReached { .. }
                    | shared::remedy::Refusal::ChangedTooOften { .. }
            )
        )
    }));
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

/// Of the account; those of the organisation are named beside.
fn some_limits(dice: &mut Dice) -> Limits {
    let limits = Limits {
        per_sweep: counted(dice),
        per_hour: counted(dice),
        per_day: counted(dice),
        share_per_sweep: share(dice),
        share_per_hour: share(dice),
        share_per_day: share(dice),
        per_resource_and_day: counted(dice),
        organization: OrganizationLimits::default(),
    };
    // One of them alone, as often as not: the least would hide the others.
    if dice.chance(500) {
        let only = dice.below(7);
        let at = |number: usize, limit: u32, none: u32| if number == only { limit } else { none };
        return Limits {
            per_sweep: at(0, limits.per_sweep, 1_000_000),
            per_hour: at(1, limits.per_hour, 1_000_000),
            per_day: at(2, limits.per_day, 1_000_000),
            share_per_day: at(3, limits.share_per_day, 100),
            share_per_hour: at(5, limits.share_per_hour, 100),
            share_per_sweep: at(6, limits.share_per_sweep, 100),
            per_resource_and_day: at(4, limits.per_resource_and_day, 1_000_000),
            ..limits
        };
    }
    limits
}

pub(super) fn counted(dice: &mut Dice) -> u32 {
    u32::try_from(dice.pick(&[0, 1, 2, 3, 5, 25, 1_000_000_i64])).unwrap_or_default()
}

pub(super) fn share(dice: &mut Dice) -> u32 {
    u32::try_from(dice.pick(&[0, 1, 10, 50, 99, 100, 100, 100_i64])).unwrap_or_default()
}

/// As the operator's guide says: in percent of the users and roles, of which five are never too many, none where it is 0,
/// and no limit where it is 100.
pub(super) fn of_all(percent: u32, principals: usize) -> usize {
    match percent {
        0 => 0,
        100.. => usize::MAX,
        percent => (principals * percent as usize / 100).max(5),
    }
}

/// A limit that more was done than it says, by the clock at which each act began.
fn overrun(stage: &Stage, limits: &Limits, principals: usize) -> Option<String> {
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for act in oracle::acts(stage).values() {
        if !matches!(act.cause, Cause::Rule { .. }) {
            continue;
        }
        let (hour, day) = (act.opened.strftime("%Y-%m-%dT%H"), act.opened.strftime("%Y-%m-%d"));
        for key in [
            ("an hour", hour.to_string()),
            ("a day", day.to_string()),
            ("a resource's day", format!("{day} {}", act.plan.resource.unique_id())),
        ] {
            *counts.entry(key).or_default() += 1;
        }
    }
    let over = counts.into_iter().find(|((of, _), count)| {
        *count
            > match *of {
                "an hour" => of_all(limits.share_per_hour, principals).min(limits.per_hour as usize),
                "a day" => of_all(limits.share_per_day, principals).min(limits.per_day as usize),
                _ => limits.per_resource_and_day as usize,
            }
    })?;
    let ((of, which), count) = over;
    Some(format!("{count} acts in {of} ({which})"))
}
