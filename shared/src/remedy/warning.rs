//! Warnings before an act: what people have been told is coming, counted from the day on which they were told.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Step;
use crate::clocks::is_ahead;

/// A warning that was handed on and never confirmed as delivered is given again after this long.
const LOST_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A warning is forgotten when what it announced has been due for so long and nothing came: whoever read it takes the
/// matter for settled. The last one is given again, and the time after it begins anew.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// And the final one sooner where nobody so much as looked for so long: no sweep came, or everything was stopped. What waits
/// for people or a change window is looked at each day.
const UNSEEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// That it was looked at is written down no more often.
const SEEN_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long before an act people are warned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarningSchedule {
    /// From the delivery of the first warning to the final one.
    pub final_after: SignedDuration,
    /// From the delivery of the final warning to the act.
    pub act_after: SignedDuration,
}

/// Which warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// The first.
    First,
    /// The one before the act.
    Final,
}

/// What is known of the last warning about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Given {
    /// Which one it was.
    pub warning: Warning,
    /// When it was handed on.
    pub at: Timestamp,
    /// When a channel took it. All times count from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Timestamp>,
    /// From when on, as it said, the rule would act: never before, whatever the schedule is by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_from: Option<Timestamp>,
    /// When a function last found that the rule may act, and did not act on the first day: something else held it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Timestamp>,
}

impl Given {
    /// From when on what comes after it may come, if it was delivered.
    fn ripe(&self, schedule: &WarningSchedule) -> Option<Timestamp> {
        let ripe = later(self.delivered?, schedule.after(self.warning));
        let said = self.acts_from.filter(|_| self.warning == Warning::Final);
        Some(said.map_or(ripe, |said| ripe.max(said)))
    }

    /// When it was last looked at since it was ripe.
    fn last_seen(&self, ripe: Timestamp, now: Timestamp) -> Timestamp {
        self.seen.filter(|seen| !is_ahead(*seen, now)).map_or(ripe, |seen| seen.max(ripe))
    }
}

/// What people have been told of what one rule is about to do to one resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warnings {
    /// Changes so far: each is made on the condition that nobody else made one meanwhile.
    pub version: u64,
    /// By [`Step::target`].
    pub given: BTreeMap<String, Given>,
}

/// What is to be done about one thing now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// The rule may act.
    Act,
    /// People are to be warned.
    Warn(Warning),
    /// They have been, and have time until then.
    Wait(Timestamp),
}

impl Warnings {
    /// What is due for one thing.
    pub fn due(&self, target: &str, schedule: &WarningSchedule, now: Timestamp) -> Due {
        let Some(given) = self.given.get(target) else {
            return Due::Warn(Warning::First);
        };
        let Given { warning, at, delivered, .. } = given;
        // A clock that was wrong: it counts for nothing.
        if is_ahead(*at, now) || delivered.is_some_and(|delivered| is_ahead(delivered, now)) {
            return Due::Warn(Warning::First);
        }
        let Some(ripe) = given.ripe(schedule) else {
            let lost = later(*at, LOST_AFTER);
            return if now < lost { Due::Wait(lost) } else { Due::Warn(*warning) };
        };
        let stale = later(ripe, STALE_AFTER);
        let unseen = later(given.last_seen(ripe, now), UNSEEN_FOR);
        match warning {
            _ if now < ripe => Due::Wait(ripe),
            Warning::First if now < stale => Due::Warn(Warning::Final),
            Warning::First => Due::Warn(Warning::First),
            Warning::Final if now < stale.min(unseen) => Due::Act,
            Warning::Final => Due::Warn(Warning::Final),
        }
    }

    /// The same after a warning about these has been handed on, and delivered at once if it was; it said that the rule
    /// acts from then on. What is not `planned` any more is forgotten: it is mended, and would be warned of anew.
    #[must_use]
    pub fn after_warning(
        mut self,
        warning: Warning,
        targets: &[String],
        (at, acts_from): (Timestamp, Timestamp),
        delivered: Option<Timestamp>,
        planned: &[String],
    ) -> Self {
        self.given.retain(|target, _| planned.contains(target));
        for target in targets {
            let given = Given { warning, at, delivered, acts_from: Some(acts_from), seen: None };
            self.given.insert(target.clone(), given);
        }
        self.changed()
    }

    /// The same after a look at these, of which the rule may act on some; `None` where that need not be written down.
    #[must_use]
    pub fn after_look(
        mut self,
        targets: &[String],
        schedule: &WarningSchedule,
        now: Timestamp,
    ) -> Option<Self> {
        let is_old = |target: &&String| {
            let given = self.given.get(*target);
            let last = given.and_then(|given| Some(given.last_seen(given.ripe(schedule)?, now)));
            last.is_some_and(|last| now > later(last, SEEN_AGAIN_AFTER))
        };
        let may_act = targets.iter().filter(|target| self.due(target, schedule, now) == Due::Act);
        let seen: Vec<&String> = may_act.filter(is_old).collect();
        if seen.is_empty() {
            return None;
        }
        for (_, given) in self.given.iter_mut().filter(|(target, _)| seen.contains(target)) {
            given.seen = Some(now);
        }
        Some(self.changed())
    }

    /// Whether the warning that was handed on at that time is written down here, or a later one.
    pub fn knows_of(&self, handed_on: Timestamp) -> bool {
        self.given.values().any(|given| given.at >= handed_on)
    }

    /// The same after a channel took the warning that was handed on at that time; `None` where none waits for it. What
    /// was delivered before stays as it was.
    #[must_use]
    pub fn after_delivery(mut self, handed_on: Timestamp, delivered: Timestamp) -> Option<Self> {
        let mut any = false;
        for given in
            self.given.values_mut().filter(|given| given.at == handed_on && given.delivered.is_none())
        {
            given.delivered = Some(delivered);
            any = true;
        }
        any.then(|| self.changed())
    }

    /// The same once the rule acts on these: whoever puts them back is warned again.
    #[must_use]
    pub fn after_act(mut self, targets: &[String]) -> Self {
        for target in targets {
            self.given.remove(target);
        }
        self.changed()
    }

    fn changed(self) -> Self {
        Self { version: self.version.saturating_add(1), ..self }
    }
}

impl WarningSchedule {
    fn after(&self, warning: Warning) -> SignedDuration {
        match warning {
            Warning::First => self.final_after,
            Warning::Final => self.act_after,
        }
    }

    /// When the rule acts at the earliest, if this warning is delivered at that time.
    pub fn acts_from(&self, warning: Warning, delivered: Timestamp) -> Timestamp {
        let ripe = later(delivered, self.after(warning));
        match warning {
            Warning::First => later(ripe, self.act_after),
            Warning::Final => ripe,
        }
    }
}

/// What comes of the steps of a plan: the first of these that any of them calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ripe {
    /// These may be done; people know of the others, or will.
    Act(Vec<Step>),
    /// People are to be warned of these first.
    Warn(Warning, Vec<Step>),
    /// Until then there is nothing to do.
    Wait(Timestamp),
}

/// Sorts the steps of a plan. What is ripe goes first, so that nothing can be put off by adding to it; of two warnings
/// the final one does, because an act waits for it.
pub fn ripe(warnings: &Warnings, schedule: &WarningSchedule, steps: &[Step], now: Timestamp) -> Ripe {
    let due = |step: &Step| warnings.due(&step.target(), schedule, now);
    let those =
        |wanted: Due| steps.iter().filter(move |step| due(step) == wanted).cloned().collect::<Vec<_>>();
    let act = those(Due::Act);
    // What keeps credentials safe is not left out of a plan that takes them.
    let denies_too = || steps.iter().filter(|step| step.denies()).all(|step| act.contains(step));
    if !act.is_empty() && denies_too() {
        return Ripe::Act(act);
    }
    for warning in [Warning::Final, Warning::First] {
        let warned = those(Due::Warn(warning));
        if !warned.is_empty() {
            return Ripe::Warn(warning, warned);
        }
    }
    let next = steps.iter().filter_map(|step| match due(step) {
        Due::Wait(until) => Some(until),
        Due::Act | Due::Warn(_) => None,
    });
    Ripe::Wait(next.min().unwrap_or(now))
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
