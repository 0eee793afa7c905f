//! The other accounts of an organisation, as one account's Bailiff meets them: in the table that they share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use shared::engine::{Counter, Stop};
use shared::governance::OrganizationLimits;
use shared::remedy::Cause;

use super::breaker::{counted, of_all, share};
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::stage::Stage;
use crate::world::{Meddler, Moment, OrganizationTable};

/// A length of the clock that a limit counts in, and when it began, both in seconds.
type Span = (i64, i64);

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Acts of other accounts, by the hour and the day.
type Acts = Rc<RefCell<BTreeMap<Span, usize>>>;

/// How many users and roles a sweep of another account found, and until when that counts.
type Found = (&'static str, u64, Timestamp);

const OTHERS: [&str; 3] = ["444455556666", "777788889999", "888899990000"];

pub(super) struct Organization {
    pub(super) table: Option<OrganizationTable>,
    pub(super) limits: OrganizationLimits,
    others: Acts,
    swept: Vec<Found>,
}

impl Organization {
    /// None, as often as not; now and then limits and no table to count in.
    pub(super) fn any(dice: &mut Dice) -> Self {
        let mut limits = OrganizationLimits::default();
        let mut table = None;
        if dice.chance(500) {
            limits.per_hour = dice.chance(600).then(|| counted(dice));
            limits.per_day = dice.chance(600).then(|| counted(dice));
            limits.share_per_hour = dice.chance(300).then(|| share(dice));
            limits.share_per_day = dice.chance(600).then(|| share(dice));
            table = (!dice.chance(50)).then(OrganizationTable::default);
        }
        Self { table, limits, others: Acts::default(), swept: Vec::new() }
    }

    /// As the governance file says it.
    pub(super) fn text(&self) -> String {
        let OrganizationLimits { per_hour, per_day, share_per_hour, share_per_day } = self.limits;
        let each = [
            ("actsPerHour", per_hour),
            ("actsPerDay", per_day),
            ("sharePerHour", share_per_hour),
            ("sharePerDay", share_per_day),
        ];
        let named: Vec<String> =
            each.into_iter().filter_map(|(key, most)| Some(format!("{key}: {}", most?))).collect();
        if named.is_empty() {
            return String::new();
        }
        format!(", organization: {{ {} }}", named.join(", "))
    }

    /// Lets other accounts act in between, each under the same limits.
    pub(super) fn goes_on(&mut self, stage: &mut Stage) {
        let Some(table) = self.table.clone() else { return };
        self.are_swept(&table, stage);
        let often = stage.dice.pick(&[0, 5, 50]);
        let (limits, others, dice) = (self.limits, Rc::clone(&self.others), stage.dice.fork());
        stage.local.world.let_meddle(Some(others_act(table, limits, others, dice, often)));
    }

    /// Some of the other accounts have been swept since: lately, or so long ago that it counts hardly or no more.
    fn are_swept(&mut self, table: &OrganizationTable, stage: &mut Stage) {
        let now = stage.local.world.now();
        for account in OTHERS {
            if !stage.dice.chance(300) {
                continue;
            }
            let principals = stage.dice.pick(&[0, 3, 40, 90, 400]);
            let hours = stage.dice.pick(&[30 * 24, 1, 0, -1, -30 * 24]);
            let expires = now + SignedDuration::from_hours(hours);
            stage.local.world.note(|| format!("{account} has {principals} users and roles until {expires}"));
            table.put_principals(account, principals, expires);
            self.swept.push((account, principals, expires));
        }
    }

    /// The most users and roles that could count in all other accounts from a time on.
    fn others_since(&self, start: i64) -> u64 {
        let mut most = BTreeMap::<&str, u64>::new();
        for (account, principals, _) in self.swept.iter().filter(|(.., expires)| expires.as_second() > start)
        {
            let found = most.entry(account).or_default();
            *found = (*found).max(*principals);
        }
        most.into_values().sum()
    }

    /// A person lets it go on, without having looked.
    pub(super) fn let_go_on(&self) {
        if let Some(table) = &self.table {
            table.set_stop(None);
        }
    }

    /// A limit that more was done than it says, in all accounts together: this one's and the others'.
    pub(super) fn overrun(&self, stage: &Stage, own_principals: usize) -> Option<String> {
        if self.table.is_none() {
            let is_kept = self.limits.names_none() || stage.tried_writes().is_empty();
            return (!is_kept).then(|| "a write, and no table to count it in".to_owned());
        }
        let mut acts = self.others.borrow().clone();
        for act in oracle::acts(stage).values().filter(|act| matches!(act.cause, Cause::Rule { .. })) {
            for span in spans(act.opened) {
                *acts.entry(span).or_default() += 1;
            }
        }
        let most = |(length, start): Span| {
            most(self.limits, length, own_principals as u64 + self.others_since(start))
        };
        let ((length, start), count) = acts.into_iter().find(|(span, count)| *count > most(*span))?;
        Some(format!("{count} acts in all accounts in the {length} s from {start} on"))
    }
}

/// What may be done in an hour or on a day where so many users and roles count. By default it is a tenth of them a day.
fn most(limits: OrganizationLimits, length: i64, principals: u64) -> usize {
    let OrganizationLimits { per_hour, per_day, share_per_hour, share_per_day } = limits;
    let (count, percent) = if length == HOUR {
        (per_hour, share_per_hour.unwrap_or(100))
    } else {
        (per_day, share_per_day.unwrap_or(10))
    };
    let share = of_all(percent, usize::try_from(principals).unwrap_or(usize::MAX));
    count.map_or(share, |count| share.min(count as usize))
}

/// Somebody else's functions, which count as ours are to.
fn others_act(
    table: OrganizationTable,
    limits: OrganizationLimits,
    acts: Acts,
    mut dice: Dice,
    often: u64,
) -> Meddler {
    Box::new(move |moment: &mut Moment<'_>| {
        if !dice.chance(often) || table.stop_order().is_some() {
            return;
        }
        let now = moment.now();
        let principals = table.principals(now).unwrap_or_default();
        let counter = |(name, length): (String, i64)| Counter {
            name,
            limit: "",
            most: u32::try_from(most(limits, length, principals)).unwrap_or(u32::MAX),
            expires: now,
            of_one_resource: false,
        };
        let full = table.count(&[(hour(now), HOUR), (day(now), DAY)].map(counter));
        moment.note(|| format!("another account acts, unless a limit is reached: {full:?}"));
        if full.is_some() {
            let (by, reason) = ("another account".to_owned(), "a limit".to_owned());
            table.set_stop(Some(Stop { since: now, by, reason, undo_too: false, tripped: None }));
            return;
        }
        for span in spans(now) {
            *acts.borrow_mut().entry(span).or_default() += 1;
        }
    })
}

/// The hour and the day that a moment is in.
fn spans(at: Timestamp) -> [Span; 2] {
    [HOUR, DAY].map(|length| (length, at.as_second().div_euclid(length) * length))
}

fn hour(at: Timestamp) -> String {
    at.strftime("hour#%Y-%m-%dT%H").to_string()
}

fn day(at: Timestamp) -> String {
    at.strftime("day#%Y-%m-%d").to_string()
}
