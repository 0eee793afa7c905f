use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde_json::{Value, json};
use shared::facts::KeyStatus;
use shared::governance::Governance;
use shared::identifier::{AccessKeyId, UniqueId};
use shared::remedy::{Remediator, Step};
use shared::rules::{RULES, RuleId};

use crate::simulator::Ran;
use crate::simulator::dice::Dice;
use crate::simulator::forgery::{
    Cast, Lot, Person, PersonKind, Roles, any_sample, contradicted, damage, junk, put, sample, spoil,
};
use crate::simulator::oracle;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, putting_right};
use crate::simulator::stage::Stage;
use crate::world::WriteSeen;

/// Those of whom nothing may be written, whatever is said.
const IMMUNE: [Lot; 2] = [Lot::Shut, Lot::Guarded];

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("forged-events", seed);
    let cast = Cast::of(&mut dice);
    let account = cast.account(&mut dice);
    let mut stage = Stage::new(account, governance(&IN_ORDER, &cast.protected()), dice.fork(), traced);

    stage.local.denies_first = dice.chance(500);

    let grounds = grounds(&cast, &mut dice);
    let mut events = grounds.clone();
    for _ in 0..dice.between(40, 80) {
        events.push(forged(&cast, &mut dice));
    }
    tell(&mut stage, &mut dice, events.clone());
    let mut violation = untouched(&stage, &cast);

    // The same again: word by word, or as if it came up anew, hours or days after.
    for _ in 0..=dice.below(2) {
        let hours = dice.pick(&[0, 0, 1, 20, 48_i64]);
        stage.advance(hours);
        let mut again = dice.some(&events, 300);
        again.extend(grounds.iter().cloned());
        for (number, event) in again.iter_mut().enumerate() {
            if dice.chance(300) {
                put(event, &["id"], json!(format!("told-again-{number}")));
            }
        }
        stage.tally.duplicates += again.len() as u64;
        tell(&mut stage, &mut dice, again);
    }
    if dice.chance(100) {
        let sweep = stage.sweep_event();
        stage.local.deliver(&sweep);
    }
    violation = violation.or_else(|| oracle::done_twice(&stage)).or_else(|| strayed(&stage, &cast));

    // Once a person took an act back, the same report leads to nothing.
    if dice.chance(200) {
        for entry in stage.local.world.entries() {
            let _ = stage.undo(&entry.id);
        }
        let before = writes_of_reports(&stage);
        tell(&mut stage, &mut dice, grounds);
        let more = writes_of_reports(&stage) - before;
        if more > 0 {
            violation.get_or_insert(format!("{more} writes for reports whose acts a person had taken back"));
        }
    }
    let mut tally = stage.counted();
    tally.met += writes_of_reports(&stage) as u64;
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

/// Delivers events in any order, a fifth of them twice.
fn tell(stage: &mut Stage, dice: &mut Dice, mut events: Vec<Value>) {
    let twice = dice.some(&events, 200);
    stage.tally.duplicates += twice.len() as u64;
    events.extend(twice);
    for at in 0..events.len() {
        let other = dice.below(events.len());
        events.swap(at, other);
    }
    for event in events {
        stage.tally.events += 1;
        stage.local.world.note(|| format!("event: {event}"));
        let delivery = stage.local.deliver(&event);
        stage.tally.dead_letters += delivery.dead_letters.len() as u64;
    }
}

/// An event that must lead to nothing.
fn forged(cast: &Cast, dice: &mut Dice) -> Value {
    let immune: Vec<&Person> = cast.people.iter().filter(|person| IMMUNE.contains(&person.lot)).collect();
    match dice.below(20) {
        0..=7 => {
            let roles = Roles::any(cast, dice, &IMMUNE);
            let mut event = any_sample(dice, roles).event;
            for _ in 0..dice.below(5) {
                damage(&mut event, dice, &immune);
            }
            event
        }
        8..=14 => {
            let everybody: Vec<&Person> = cast.people.iter().collect();
            let roles = Roles::any(cast, dice, &[Lot::Open, Lot::Open, Lot::Shut]);
            let mut sample = any_sample(dice, roles);
            for _ in 0..dice.below(3) {
                damage(&mut sample.event, dice, &everybody);
            }
            spoil(&mut sample.event, sample.name, dice);
            sample.event
        }
        15..=17 => contradicted(cast, dice).0,
        18 => update(cast, dice),
        _ => junk(dice),
    }
}

/// A finding of medium severity that goes on: told any number of times, it is one.
fn update(cast: &Cast, dice: &mut Dice) -> Value {
    let target = cast.one(dice, Lot::OftenReported, PersonKind::User);
    let role = cast.one(dice, Lot::Shut, PersonKind::Role);
    let mut event = sample("guardduty-user", Roles { target, caller: target, role }).event;
    put(&mut event, &["id"], json!(format!("update-{}", dice.below(1_000_000))));
    put(&mut event, &["detail", "severity"], json!(dice.pick(&[1, 2, 4, 5, 6_i64])));
    let seen = format!("2026-11-{:02}T0{}:10:00Z", dice.between(17, 22), dice.below(9));
    put(&mut event, &["detail", "updatedAt"], json!(seen));
    put(&mut event, &["detail", "service", "eventLastSeen"], json!(seen));
    put(&mut event, &["detail", "service", "count"], json!(dice.below(5_000)));
    event
}

/// The events that are grounds to act: one of each kind, and the same about those who are protected or contained.
fn grounds(cast: &Cast, dice: &mut Dice) -> Vec<Value> {
    let role_of = |lot, dice: &mut Dice| cast.one(dice, lot, PersonKind::Role);
    let user_of = |lot, dice: &mut Dice| cast.one(dice, lot, PersonKind::User);
    let caller = user_of(Lot::Shut, dice);
    let mut events = Vec::new();
    for (exposed, made, attacking) in [
        (Lot::Exposed, Lot::GivenAKey, Lot::Attacking),
        (Lot::Guarded, Lot::Guarded, Lot::Guarded),
        (Lot::Shut, Lot::Shut, Lot::Shut),
    ] {
        let role = role_of(attacking, dice);
        let of = |target| Roles { target, caller, role };
        let exposed = of(user_of(exposed, dice));
        let kind = dice.pick(&["health-key-exposed", "trusted-advisor-exposed"]);
        let mut exposure = sample(kind, exposed).event;
        if kind == "health-key-exposed" {
            let code = dice.pick(&["AWS_RISK_CREDENTIALS_EXPOSED", "AWS_RISK_CREDENTIALS_COMPROMISED"]);
            put(&mut exposure, &["detail", "eventTypeCode"], json!(code));
            if let Some(key) = exposed.target.keys.first() {
                let told = match dice.below(3) {
                    0 => format!("{} / {}", key.as_str(), exposed.target.name),
                    _ => key.as_str().to_owned(),
                };
                put(&mut exposure, &["detail", "affectedEntities"], json!([{"entityValue": told}]));
            }
        }
        events.push(exposure);
        events.push(sample("cloudtrail-key-made-for-another", of(user_of(made, dice))).event);
        let attackers = of(user_of(attacking, dice));
        for kind in ["guardduty-user", "guardduty-instance-credentials"] {
            let mut finding = sample(kind, attackers).event;
            put(&mut finding, &["detail", "severity"], json!(dice.pick(&[7, 8, 10_i64])));
            events.push(finding);
        }
    }
    events
}

/// Who was not touched though there were grounds to.
fn untouched(stage: &Stage, cast: &Cast) -> Option<String> {
    let account = stage.local.world.account();
    let quarantine = &stage.local.deployment.quarantine_policy;
    let is_on = |key: &AccessKeyId| {
        let keys = account.users.iter().flat_map(|user| &user.access_keys);
        keys.into_iter().any(|live| live.id.as_ref() == Some(key) && live.status == KeyStatus::Active)
    };
    for person in &cast.people {
        let is_open = match (person.lot, person.kind) {
            (Lot::Exposed | Lot::GivenAKey, _) => person.keys.first().is_some_and(is_on),
            (Lot::Attacking, PersonKind::User) => {
                let live = account.users.iter().find(|user| user.id.as_ref() == Some(&person.id));
                person.keys.iter().any(is_on)
                    || live.is_none_or(|live| {
                        live.login_profile.is_some() || !live.attached_policies.contains(quarantine)
                    })
            }
            (Lot::Attacking, PersonKind::Role) => {
                let live = account.roles.iter().find(|role| role.id.as_ref() == Some(&person.id));
                live.is_none_or(|live| !live.attached_policies.contains(quarantine))
            }
            _ => false,
        };
        if is_open {
            return Some(format!("{} is open, and there were grounds to act", person.resource()));
        }
    }
    None
}

/// A write about another than the one whom a ground names, or more of that one than the ground covers.
fn strayed(stage: &Stage, cast: &Cast) -> Option<String> {
    let writes = stage.local.world.writes();
    let person_of = |id: &UniqueId| cast.people.iter().find(|person| person.id == *id);
    let is_covered = |write: &WriteSeen| {
        let meant = write.step.resource();
        let id = write.hit.as_ref().and_then(|hit| hit.id.as_ref()).unwrap_or(meant.unique_id());
        let Some(person) = person_of(id) else { return false };
        let of_key = Remediator::DeactivateAccessKeys.as_str() == write.function;
        match person.lot {
            Lot::Exposed | Lot::GivenAKey => {
                let only = person.keys.first();
                of_key && matches!(&write.step, Step::DeactivateAccessKey { key, .. } if Some(key) == only)
            }
            Lot::Attacking => write.function == Remediator::SuspendPrincipal.as_str(),
            Lot::Open | Lot::OftenReported | Lot::Shut | Lot::Guarded => false,
        }
    };
    let stray = writes.iter().find(|write| !is_covered(write))?;
    Some(format!("no ground for `{}` by {}", stray.step, stray.function))
}

fn writes_of_reports(stage: &Stage) -> usize {
    let writes = stage.local.world.writes();
    writes.iter().filter(|write| write.function != Remediator::Restore.as_str()).count()
}

/// The rules that find nothing to change in such an account, so that whatever is written comes of a report.
static IN_ORDER: LazyLock<Vec<RuleId>> = LazyLock::new(|| {
    let writes_nothing = |rule: &RuleId| {
        (0..8).all(|seed| {
            let mut dice = Dice::of("in order", seed);
            let cast = Cast::of(&mut dice);
            let account = cast.account(&mut dice);
            let mut stage =
                Stage::new(account, governance(&[*rule], &cast.protected()), Dice::of("sweep", seed), false);
            stage.sweep();
            stage.local.world.writes().is_empty()
        })
    };
    putting_right().filter(writes_nothing).collect()
});

/// These rules enforced, and who is suspended from a risk of 6 on, so that a finding of high severity is enough.
fn governance(rules: &[RuleId], rest: &str) -> Governance {
    let mut text = "version: 1\nrules:\n".to_owned();
    for rule in rules {
        let _ = writeln!(text, "  {rule}:\n    mode: enforce");
        if rule.as_str() == "principal-threatened" {
            text.push_str("    parameters: { suspendFromRisk: 6 }\n");
        }
    }
    text.push_str(NO_LIMITS);
    text.push_str(rest);
    let on: BTreeSet<RuleId> = rules.iter().copied().collect();
    let off: Vec<RuleId> = RULES.iter().map(|rule| rule.meta.id).filter(|id| !on.contains(id)).collect();
    Rulebook::read(text, &off).governance
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that reports alone can set off.
    const OF_REPORTS: [&str; 3] =
        ["access-key-exposed", "access-key-made-by-another", "principal-threatened"];

    #[test]
    fn the_worlds_are_in_order_for_most_rules_and_for_those_that_reports_set_off() {
        let all = putting_right().count();
        assert!(OF_REPORTS.iter().all(|of| IN_ORDER.iter().any(|rule| rule.as_str() == *of)));
        let out: Vec<RuleId> = putting_right().filter(|rule| !IN_ORDER.contains(rule)).collect();
        assert!(out.len() <= 3, "of {all} these find something: {out:?}");
    }
}
