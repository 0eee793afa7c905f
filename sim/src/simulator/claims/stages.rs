use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use shared::engine::{Answer, Say};
use shared::remedy::{Approver, Cause, Entry, Refusal, Step, Warning};
use shared::rules::{RULES, RuleId};

use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::actors;
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, some_rules};
use crate::simulator::stage::Stage;
use crate::simulator::storm::Storm;

/// Who may approve, and who would like to.
const APPROVERS: [&str; 2] = [
    "arn:aws:iam::111122223333:user/security/ada",
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Security_1/grace@example.com",
];
const OTHERS: [&str; 2] = [
    "arn:aws:iam::111122223333:user/mallory",
    "arn:aws:sts::111122223333:assumed-role/Build/grace@example.com",
];
const KEY_AGE: &str = "access-key-age";
const DELETION: &str = "access-key-disabled";
/// How long a key is switched off before it may be deleted, and how many people must agree.
const SWITCHED_OFF_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
const TO_DELETE: usize = 2;
/// How long an answer counts where the file does not say.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Between a notice and its writing down a clock goes on.
const MOMENTS: SignedDuration = SignedDuration::from_mins(2);

/// An answer that was taken.
struct Said {
    at: Timestamp,
    /// Two rules can plan the same, and each is asked about by itself.
    rule: String,
    person: &'static str,
    plan: String,
    approves: bool,
}

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("stages", seed);
    let size = Size { users: 2, roles: 1, groups: 1, policies: 1 };
    let account = accounts::account(&mut dice, size);
    let days = dice.chance(700).then(|| (dice.between(1, 7), dice.between(1, 5)));
    let people = if days.is_none() || dice.chance(400) { dice.below(2) + 1 } else { 0 };
    // Keys that are switched off, and deleted months later.
    let deletes = dice.chance(300);
    // Then what comes before the deletion takes no time of its own, as often as not.
    let (days, people) = if deletes && dice.chance(700) { (None, 0) } else { (days, people) };
    let rulebook = staged(&mut dice, deletes, days, people);
    let mut stage = Stage::new(account, rulebook.governance, dice.fork(), traced);
    let (mut said, mut looks): (Vec<Said>, Vec<Timestamp>) = (Vec::new(), Vec::new());
    for _ in 0..stage.dice.between(4, 12) {
        looks.push(stage.now());
        if stage.dice.chance(300) {
            stage.begin_storm(Storm { deaths: 30, poison: 30, ..Storm::AS_CLAIMED });
            stage.sweep();
            stage.end_storm();
        } else {
            stage.storm = Storm { together: 300, duplicates: 200, ..Storm::CALM };
            stage.sweep();
        }
        for _ in 0..stage.dice.below(if deletes { 8 } else { 4 }) {
            said.extend(answer(&mut stage));
            stage.work_off();
        }
        if stage.dice.chance(200) {
            actors::anything(&mut stage);
        }
        let far = if stage.dice.chance(200) { 24 * 3_653 } else { 24 * 35 };
        let hours = if deletes && stage.dice.chance(300) {
            24 * 50
        } else {
            stage.dice.pick(&[1, 20, 24, 24, 30, 48, 48, 72, 96, 120, 24 * 12, far])
        };
        stage.tally.clock_jumps += u64::from(hours > 24 * 300);
        stage.advance(hours);
    }
    let violation = unannounced(&stage, days, &looks)
        .or_else(|| unapproved(&stage, &said, people))
        .or_else(|| rash(&stage));
    let mut tally = stage.counted();
    tally.met += tally.acts;
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

fn staged(dice: &mut Dice, deletes: bool, days: Option<(i64, i64)>, people: usize) -> Rulebook {
    let mut text = "version: 1\nrules:\n".to_owned();
    let mut rules = some_rules(dice);
    if deletes {
        let keys = [KEY_AGE, DELETION].iter().filter_map(|id| RuleId::parse(id).ok());
        rules = keys.collect();
    }
    for rule in &rules {
        let _ = writeln!(text, "  {rule}:\n    enabled: true\n    mode: enforce");
        if let Some((last, act)) = days {
            let waits = !shared::rules::find(*rule).is_some_and(|entry| entry.meta.answers_threats());
            if waits {
                let _ = writeln!(text, "    warnings: {{ finalAfterDays: {last}, actAfterDays: {act} }}");
            }
        }
        if people > 0 && rule.as_str() != DELETION {
            let _ = writeln!(text, "    approvals: {people}");
        }
    }
    let [ada, grace] = APPROVERS;
    let _ = writeln!(text, "approvals: {{ approvers: ['{ada}', '{grace}'] }}");
    text.push_str(NO_LIMITS);
    let off: Vec<_> = RULES.iter().map(|rule| rule.meta.id).filter(|id| !rules.contains(id)).collect();
    Rulebook::read(text, &off)
}

/// Somebody answers something that was asked, as they may or may not.
fn answer(stage: &mut Stage) -> Option<Said> {
    let asked = |entry: Entry| match entry.refusal {
        Some(Refusal::AwaitsApproval { ref plan, .. }) => {
            Some((entry.id.clone(), plan.clone(), entry.cause_rule()?.to_owned()))
        }
        _ => None,
    };
    let asked: Vec<_> = stage.local.world.entries().into_iter().filter_map(asked).collect();
    // The newest, as most people would.
    let newest = asked.last().filter(|_| stage.dice.chance(700));
    let (journal_id, mut plan, rule) = newest.or_else(|| stage.dice.one(&asked))?.clone();
    let from = if stage.dice.chance(200) { &OTHERS } else { &APPROVERS };
    let person = stage.dice.one(from).copied()?;
    // Of another plan than the one that was shown.
    if stage.dice.chance(100) {
        plan.clone_from(&stage.dice.one(&asked)?.1);
    }
    let approves = stage.dice.chance(850);
    let say = if approves { Say::Approve } else { Say::Refuse };
    let answer = Answer { journal_id, plan: plan.clone(), answer: say, reason: "looked at it".to_owned() };
    let by = Approver::of(person).ok()?;
    stage.tally.orders += 1;
    stage.local.world.note(|| format!("{person}: {answer:?}"));
    let at = stage.now();
    let answered = stage.local.answer(by, answer);
    stage.local.world.note(|| format!("{answered:?}"));
    answered.ok().map(|_| Said { at, rule, person, plan, approves })
}

/// An act that people were not warned of twice, so long before, by notices that went out; or so long ago that they take the
/// matter for settled.
fn unannounced(stage: &Stage, days: Option<(i64, i64)>, looks: &[Timestamp]) -> Option<String> {
    let (last, act) = days?;
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let notices = stage.local.world.notices();
    let warned = |of: &Entry, target: &str, which: Warning, after: Timestamp, until: Timestamp| {
        let told = notices.iter().filter(|notice| {
            notice.cause_rule() == of.cause_rule()
                && notice.plan.resource.unique_id() == of.plan.resource.unique_id()
                && matches!(&notice.refusal, Some(Refusal::Warned { warning, .. }) if *warning == which)
                && notice.plan.steps.iter().any(|step| step.target() == target)
        });
        told.map(|notice| notice.opened).filter(|at| after < *at && *at <= until).max()
    };
    let acts = oracle::acts(stage);
    for write in stage.local.world.writes() {
        let under = write.entry.as_ref().and_then(|id| acts.get(id.as_str()));
        let Some(entry) = under.filter(|entry| matches!(entry.cause, Cause::Rule { .. })) else { continue };
        let target = write.step.target();
        // What was told before it was last done was about that.
        let before = acts.values().filter(|other| {
            other.opened < entry.opened
                && other.cause_rule() == entry.cause_rule()
                && other.plan.resource.unique_id() == entry.plan.resource.unique_id()
                && other.written().any(|step| step.target() == target)
        });
        let since = before.map(|other| other.opened).max().unwrap_or(Timestamp::MIN);
        let until =
            |moment: Timestamp, time: SignedDuration| moment.saturating_sub(time - MOMENTS).unwrap_or(moment);
        let told = warned(entry, &target, Warning::Final, since, until(entry.opened, days(act)));
        let twice =
            told.and_then(|told| warned(entry, &target, Warning::First, since, until(told, days(last))));
        if let Some(ripe) = told.and_then(|told| told.checked_add(days(act)).ok())
            && is_stale(ripe, entry.opened, looks)
        {
            return Some(format!(
                "`{}` under {}, of which people were warned too long ago",
                write.step, entry.id
            ));
        }
        if twice.is_none() {
            return Some(format!(
                "`{}` under {}, of which people were not warned in time",
                write.step, entry.id
            ));
        }
    }
    None
}

/// Whether an act that could have been done from a time on came when nobody had looked at it for more than a week, or after
/// more than a month.
fn is_stale(ripe: Timestamp, acted: Timestamp, looks: &[Timestamp]) -> bool {
    // That it was looked at is written down once a day.
    const WEEK: SignedDuration = SignedDuration::from_hours(24 * 8);
    const MONTH: SignedDuration = SignedDuration::from_hours(24 * 31);
    let mut last = ripe;
    let between = looks.iter().copied().filter(|look| ripe < *look && *look < acted).chain([acted]);
    let unseen =
        between.into_iter().any(|look| look.duration_since(std::mem::replace(&mut last, look)) > WEEK);
    unseen || acted.duration_since(ripe) > MONTH
}

/// An act that fewer people agreed to than must, each to this very plan, since it was last done or refused.
fn unapproved(stage: &Stage, said: &[Said], people: usize) -> Option<String> {
    let acts = oracle::acts(stage);
    for entry in acts.values().filter(|entry| matches!(entry.cause, Cause::Rule { .. })) {
        let (plan, rule) = (entry.plan.fingerprint(), entry.cause_rule());
        let same = acts.values().filter(|other| other.opened < entry.opened);
        let same = same.filter(|other| other.plan.fingerprint() == plan && other.cause_rule() == rule);
        let used = same.map(|other| other.opened).max();
        let of_it = || {
            let said = said.iter().filter(|said| said.plan == plan && Some(said.rule.as_str()) == rule);
            said.filter(|said| said.at <= entry.opened)
        };
        let refused = of_it().filter(|said| !said.approves).map(|said| said.at);
        let since = refused.chain(used).max().unwrap_or(Timestamp::MIN);
        let agreed: BTreeSet<&str> = of_it()
            .filter(|said| said.approves && APPROVERS.contains(&said.person) && since < said.at)
            .filter(|said| entry.opened.duration_since(said.at) <= VALID_FOR)
            .map(|said| said.person)
            .collect();
        let deletes = entry.plan.steps.iter().any(|step| matches!(step, Step::DeleteAccessKey { .. }));
        let people = if deletes { TO_DELETE } else { people };
        if agreed.len() < people {
            return Some(format!("{} of {people} agreed to {}", agreed.len(), entry.id));
        }
    }
    None
}

/// A key that was deleted and that no function had switched off, that long before, with nobody switching it on since.
fn rash(stage: &Stage) -> Option<String> {
    let writes = stage.local.world.writes();
    let (mut off, mut rash) = (BTreeMap::new(), None);
    for write in writes.iter().filter(|write| write.refused.is_none()) {
        match &write.step {
            Step::DeactivateAccessKey { key, .. } => {
                off.insert(key.clone(), write.at);
            }
            Step::ActivateAccessKey { key, .. } => {
                off.remove(key);
            }
            Step::DeleteAccessKey { key, .. } => {
                let since = off.get(key).map(|since| write.at.duration_since(*since));
                if since.is_none_or(|since| since < SWITCHED_OFF_FOR) {
                    rash = Some(format!("`{}`, and it was off for {since:?}", write.step));
                }
            }
            _ => {}
        }
    }
    rash
}

/// The rule that an entry is of.
trait OfRule {
    fn cause_rule(&self) -> Option<&str>;
}

impl OfRule for Entry {
    fn cause_rule(&self) -> Option<&str> {
        match &self.cause {
            Cause::Rule { rule, .. } => Some(rule.as_str()),
            Cause::Order { .. } | Cause::Undo { .. } => None,
        }
    }
}
