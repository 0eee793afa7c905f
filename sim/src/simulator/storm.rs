use serde_json::Value;
use shared::engine::{EngineError, Message as Told};
use shared::remedy::Remediator;

use jiff::SignedDuration;

use super::stage::Stage;
use crate::fault::Chances;
use crate::local::Work;
use crate::world::Message;

/// How bad it gets, in thousandths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Storm {
    /// Calls that fail.
    pub(crate) faults: Chances,
    /// Events and messages that come twice.
    pub(crate) duplicates: u64,
    /// Messages taken out of the order of the whole queue, and events that come late. Of one group a FIFO queue keeps the
    /// order.
    pub(crate) reordered: u64,
    /// Messages put on a queue that are no finding, or not one of its own, or forged.
    pub(crate) poison: u64,
    /// Functions that die at work.
    pub(crate) deaths: u64,
    /// Messages that two or three functions work at together.
    pub(crate) together: u64,
    /// Events that never come.
    pub(crate) lost: u64,
}

impl Storm {
    /// What the claim names: 20 % faults, 30 % duplicates, 30 % reordered, 1 % poison, 1 % deaths.
    pub(crate) const AS_CLAIMED: Self = Self {
        faults: Chances { throttled: 80, denied: 20, failed: 40, lost_answer: 60 },
        duplicates: 300,
        reordered: 300,
        poison: 10,
        deaths: 10,
        together: 100,
        lost: 100,
    };
    /// Nothing goes wrong.
    pub(crate) const CALM: Self = Self {
        faults: Chances { throttled: 0, denied: 0, failed: 0, lost_answer: 0 },
        duplicates: 0,
        reordered: 0,
        poison: 0,
        deaths: 0,
        together: 0,
        lost: 0,
    };
}

/// A message that failed this often is a dead letter (`maxReceiveCount`).
const TRIES_OF_A_MESSAGE: u32 = 5;
/// A message that failed is not seen for so long (`VisibilityTimeout`).
const VISIBILITY_TIMEOUT: SignedDuration = SignedDuration::from_secs(720);

impl Stage {
    /// Delivers events in any order, some twice and some never, and works off what comes of them.
    pub(crate) fn deliver(&mut self, mut events: Vec<Value>) {
        let storm = self.storm;
        let before = events.len();
        events.retain(|_| !self.dice.chance(storm.lost));
        self.tally.events_lost += (before - events.len()) as u64;
        let again: Vec<Value> = self.dice.some(&events, storm.duplicates);
        self.tally.duplicates += again.len() as u64;
        events.extend(again);
        for at in 0..events.len() {
            if self.dice.chance(storm.reordered) {
                let other = self.dice.below(events.len());
                events.swap(at, other);
                self.tally.reordered += 1;
            }
        }
        for event in events {
            self.evaluate(&event);
            let some = self.dice.below(6);
            if self.dice.chance(500) {
                self.work_off_some(some);
            }
        }
        self.work_off();
    }

    /// Hands one event to its evaluator.
    pub(crate) fn evaluate(&mut self, event: &Value) {
        self.tally.events += 1;
        self.maybe_kill();
        let (evaluated, dead) = self.local.evaluate_only(event);
        self.local.world.let_live();
        self.local.world.note(|| format!("evaluated: {evaluated:?}"));
        self.tally.dead_letters += dead.len() as u64;
        let _ = self.local.world.take_decisions();
    }

    /// Works until every queue is empty; where all that is left is hidden, time passes.
    pub(crate) fn work_off(&mut self) {
        loop {
            self.work_off_some(usize::MAX);
            let Some(next) = self.local.world.next_receipt() else { return };
            self.local.world.set_now(next.max(self.local.world.now()));
        }
    }

    fn work_off_some(&mut self, most: usize) {
        for _ in 0..most {
            if self.dice.chance(self.storm.poison) {
                self.poison();
            }
            let mut due = self.local.world.due();
            if due.is_empty() {
                return;
            }
            let mut taken: Vec<(Remediator, Message)> = Vec::new();
            let together = if self.dice.chance(self.storm.together) { 3 } else { 1 };
            while taken.len() < together && !due.is_empty() {
                let reordered = self.dice.chance(self.storm.reordered);
                let at = if reordered { self.dice.below(due.len()) } else { 0 };
                let (on, groups) = due.remove(at);
                let nth = if reordered { self.dice.below(groups) } else { 0 };
                self.tally.reordered += u64::from(at + nth > 0);
                taken.extend(self.local.world.receive_of(on, nth).map(|message| (on, message)));
            }
            self.handle(taken);
            self.between_deliveries();
        }
    }

    fn handle(&mut self, messages: Vec<(Remediator, Message)>) {
        let (mut work, mut handled) = (Vec::new(), Vec::new());
        for (on, message) in messages {
            self.tally.messages += 1;
            work.push(match Told::parse(&message.body) {
                Ok(Told::Finding(finding)) => Work::Finding(on, finding),
                Ok(Told::Abandoned(abandoned)) => Work::Abandoned(on, abandoned),
                Ok(Told::Event(event)) => {
                    self.local.deny_first(&event);
                    continue;
                }
                Err(_) => {
                    self.tally.dead_letters += 1;
                    continue;
                }
            });
            handled.push((on, message));
        }
        self.tally.at_once += u64::from(work.len() > 1);
        self.maybe_kill();
        let seed = self.dice.seed();
        let outcomes = self.local.at_once(&work, seed);
        self.local.world.let_live();
        let _ = self.local.world.take_decisions();
        for ((on, message), outcome) in handled.into_iter().zip(outcomes) {
            self.local.world.note(|| format!("{on}: {}", in_short(&outcome)));
            match outcome {
                Ok(_) => {
                    if self.dice.chance(self.storm.duplicates) && message.tries < TRIES_OF_A_MESSAGE {
                        self.tally.duplicates += 1;
                        let hidden = SignedDuration::from_secs(self.dice.between(0, 900));
                        self.local.world.put_back(on, message, hidden);
                    }
                }
                Err(error) => {
                    self.tally.deaths += u64::from(error.to_string().contains("died at work"));
                    if matches!(error, EngineError::Retry(_)) && message.tries < TRIES_OF_A_MESSAGE {
                        self.local.world.put_back(on, message, VISIBILITY_TIMEOUT);
                    } else {
                        self.tally.dead_letters += 1;
                        self.dead.push((on, message));
                    }
                }
            }
        }
    }

    /// A person sends the dead letters back to their queues, once what killed them is mended. What is no finding stays.
    pub(crate) fn redrive(&mut self) {
        for (on, message) in std::mem::take(&mut self.dead) {
            self.local.world.put_message(on, &message.group, &message.body);
        }
        self.work_off();
    }

    fn maybe_kill(&mut self) {
        if self.dice.chance(self.storm.deaths) {
            let after = u32::try_from(self.dice.between(1, 15)).unwrap_or(1);
            self.local.world.die_after(after);
        }
    }

    fn poison(&mut self) {
        self.tally.poison += 1;
        let on: Vec<Remediator> = Remediator::asked().collect();
        let Some(on) = self.dice.one(&on).copied() else { return };
        let body = match self.dice.below(4) {
            0 => self.dice.pick(&["", "{}", "null", "[[[[", "\u{0}", "{\"schema\":99}"]).to_owned(),
            _ => match self.forged() {
                Some(finding) => serde_json::to_string(&finding).unwrap_or_default(),
                None => return,
            },
        };
        self.local.world.note(|| format!("poison on {on}: {body}"));
        self.local.world.put_message(on, "poison", &body);
    }
}

fn in_short(outcome: &Result<shared::engine::Outcome, EngineError>) -> String {
    use shared::engine::Outcome;
    match outcome {
        Ok(Outcome::NothingToDo { why, resource, .. }) => format!("nothing to do on {resource}: {why}"),
        Ok(Outcome::Journaled { entry, novelty }) => {
            let refusal = entry.refusal.as_ref().map(ToString::to_string).unwrap_or_default();
            let (id, cause, status) = (&entry.id, &entry.cause, entry.status);
            format!("{} entry {id}, {cause} on {}, {status} {refusal}", novelty.as_str(), entry.plan.resource)
        }
        Err(error) => format!("failed: {error}"),
    }
}
