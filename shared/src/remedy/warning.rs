//! Warnings before an act: what people have been told is coming, counted from the day on which they were told.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Step;

/// A warning that was handed on and never confirmed as delivered is given again after this long.
const LOST_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A warning is forgotten when what it announced has been due for so long and nothing came: whoever read it takes the
/// matter for settled. The last one is given again, and the time after it begins anew.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Clocks of workers differ by less. A delivery later than that from now is a clock that was wrong, and counts for
/// nothing.
const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_hours(1);

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
        let Some(Given { warning, at, delivered, acts_from }) = self.given.get(target) else {
            return Due::Warn(Warning::First);
        };
        let from_the_future = |time: Timestamp| time.duration_since(now) > CLOCKS_DIFFER_BY;
        if from_the_future(*at) || delivered.is_some_and(from_the_future) {
            return Due::Warn(Warning::First);
        }
        let Some(delivered) = *delivered else {
            let lost = later(*at, LOST_AFTER);
            return if now < lost { Due::Wait(lost) } else { Due::Warn(*warning) };
        };
        let ripe = later(delivered, schedule.after(*warning));
        let ripe = acts_from.filter(|_| *warning == Warning::Final).map_or(ripe, |said| ripe.max(said));
        let stale = later(ripe, STALE_AFTER);
        match warning {
            _ if now < ripe => Due::Wait(ripe),
            Warning::First if now < stale => Due::Warn(Warning::Final),
            Warning::First => Due::Warn(Warning::First),
            Warning::Final if now < stale => Due::Act,
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
            let given = Given { warning, at, delivered, acts_from: Some(acts_from) };
            self.given.insert(target.clone(), given);
        }
        self.changed()
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
