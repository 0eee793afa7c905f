//! The other accounts of an organisation, as one account's Bailiff meets them: in the table that they share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use shared::engine::{Counter, Stop};
use shared::governance::OrganizationLimits;
use shared::remedy::Cause;

use super::breaker::counted;
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::stage::Stage;
use crate::world::{Meddler, Moment, OrganizationTable};

/// Acts of other accounts, by the hour and the day.
type Acts = Rc<RefCell<BTreeMap<String, usize>>>;

pub(super) struct Organization {
    pub(super) table: Option<OrganizationTable>,
    pub(super) limits: OrganizationLimits,
    others: Acts,
}

impl Organization {
    /// None, as often as not; now and then limits and no table to count in.
    pub(super) fn any(dice: &mut Dice) -> Self {
        let mut limits = OrganizationLimits::default();
        let mut table = None;
        if dice.chance(500) {
            limits.per_hour = dice.chance(600).then(|| counted(dice));
            limits.per_day = dice.chance(600).then(|| counted(dice));
            table = (!dice.chance(50)).then(OrganizationTable::default);
        }
        Self { table, limits, others: Acts::default() }
    }

    /// As the governance file says it.
    pub(super) fn text(&self) -> String {
        let hour = self.limits.per_hour.map(|most| format!("actsPerHour: {most}"));
        let day = self.limits.per_day.map(|most| format!("actsPerDay: {most}"));
        let named: Vec<String> = hour.into_iter().chain(day).collect();
        if named.is_empty() {
            return String::new();
        }
        format!(", organization: {{ {} }}", named.join(", "))
    }

    /// Lets other accounts act in between, each under the same limits.
    pub(super) fn goes_on(&mut self, stage: &mut Stage) {
        let Some(table) = self.table.clone() else { return };
        let often = stage.dice.pick(&[0, 5, 50]);
        let (limits, others, dice) = (self.limits, Rc::clone(&self.others), stage.dice.fork());
        stage.local.world.let_meddle(Some(others_act(table, limits, others, dice, often)));
    }

    /// A person lets it go on, without having looked.
    pub(super) fn let_go_on(&self) {
        if let Some(table) = &self.table {
            table.set_stop(None);
        }
    }

    /// A limit that more was done than it says, in all accounts together.
    pub(super) fn overrun(&self, stage: &Stage) -> Option<String> {
        if self.table.is_none() {
            let is_kept = self.limits.is_none() || stage.tried_writes().is_empty();
            return (!is_kept).then(|| "a write, and no table to count it in".to_owned());
        }
        let mut acts = self.others.borrow().clone();
        for act in oracle::acts(stage).values().filter(|act| matches!(act.cause, Cause::Rule { .. })) {
            for name in [hour(act.opened), day(act.opened)] {
                *acts.entry(name).or_default() += 1;
            }
        }
        let most = |name: &str| {
            let most = if name.starts_with("hour") { self.limits.per_hour } else { self.limits.per_day };
            most.map_or(usize::MAX, |most| most as usize)
        };
        let (name, count) = acts.into_iter().find(|(name, count)| *count > most(name))?;
        Some(format!("{count} acts in all accounts in {name}"))
    }
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
        let counter = |name: String, most: Option<u32>| {
            Some(Counter { name, limit: "", most: most?, expires: now, of_one_resource: false })
        };
        let counters: Vec<_> = counter(hour(now), limits.per_hour)
            .into_iter()
            .chain(counter(day(now), limits.per_day))
            .collect();
        let full = table.count(&counters);
        moment.note(|| format!("another account acts, unless a limit is reached: {full:?}"));
        if full.is_some() {
            let (by, reason) = ("another account".to_owned(), "a limit".to_owned());
            table.set_stop(Some(Stop { since: now, by, reason, undo_too: false, tripped: None }));
            return;
        }
        for name in [hour(now), day(now)] {
            *acts.borrow_mut().entry(name).or_default() += 1;
        }
    })
}

fn hour(at: Timestamp) -> String {
    at.strftime("hour#%Y-%m-%dT%H").to_string()
}

fn day(at: Timestamp) -> String {
    at.strftime("day#%Y-%m-%d").to_string()
}
