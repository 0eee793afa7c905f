//! What stops a rule's act that nothing else stands against: orders, windows and limits.

use jiff::Timestamp;

use super::Remediation;
use super::intent::{Intent, contains};
use crate::engine::brake::{counters, shared_counters};
use crate::engine::execution::stopped;
use crate::engine::{
    Brake, Brakes, Clock, Counter, Decision, EngineError, Journal, KeepSwitchedOffKeys, Notify, Novelty,
    Observe, Obstacles, Outcome, ReadIam, SharedBrake, Stages, Stop, Tripped, WriteIam,
};
use crate::remedy::{Cause, Refusal};

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Remediation<'_, P>
{
    /// Writes down that everything is stopped. Where it is over this very act, and is news, the worker that stopped it has
    /// died before it could tell.
    pub(super) async fn tell_of_orders(
        &self,
        mut intent: Intent,
        refusal: Refusal,
    ) -> Result<Outcome, EngineError> {
        let tripped = match (&refusal, &intent.cause) {
            (Refusal::LimitReached { limit, most }, Cause::Rule { rule, .. }) => {
                let (limit, resource) = (limit.clone(), intent.plan.resource.clone());
                Some(Decision::Tripped { limit, most: *most, rule: *rule, resource })
            }
            _ => None,
        };
        intent.refusal = Some(refusal);
        let outcome = self.record(intent).await?;
        if let (Some(tripped), Outcome::Journaled { novelty: Novelty::Fresh, .. }) = (tripped, &outcome) {
            self.ports.decided(&tripped);
        }
        Ok(outcome)
    }

    /// Until when a rule waits, where change windows are set and none is open. Threats wait for none.
    pub(super) fn outside_window(&self, intent: &Intent, now: Timestamp) -> Option<Refusal> {
        let Cause::Rule { rule, .. } = intent.cause else { return None };
        let waits = !contains(rule);
        let closed = self.governance.change_windows().filter(|windows| waits && !windows.is_open(now));
        closed.map(|windows| Refusal::OutsideWindow { opens: windows.next_opening(now) })
    }

    /// The account's counters that an act counts on. A person's order is a person's to count.
    pub(in crate::engine) fn counters(
        &self,
        intent: &Intent,
        sweep: Option<&str>,
        now: Timestamp,
        obstacles: &Obstacles,
    ) -> Vec<Counter> {
        match intent.cause {
            Cause::Rule { .. } => {
                counters(self.governance.limits(), now, sweep, &intent.plan.resource, obstacles.principals)
            }
            Cause::Order { .. } | Cause::Undo { .. } => Vec::new(),
        }
    }

    /// Why a rule's act would be one too many for the organisation, if it would. It counts there from here on, whatever comes
    /// of it.
    pub(super) async fn over_the_organizations(
        &self,
        intent: &mut Intent,
        own: &[Counter],
        now: Timestamp,
        obstacles: &Obstacles,
    ) -> Result<Option<Refusal>, EngineError> {
        let limits = self.governance.limits().organization.in_force();
        let shared = shared_counters(&limits, now, obstacles.organization_principals);
        let counts = matches!(intent.cause, Cause::Rule { .. }) && !shared.is_empty();
        let Some(organization) = self.ports.organization().filter(|_| counts) else { return Ok(None) };
        if let Some(full) = self.ports.full(own).await? {
            return Ok(Some(self.over(self.ports, full, intent, now).await?));
        }
        match organization.count(&shared).await? {
            Some(full) => Ok(Some(self.over(&organization, full, intent, now).await?)),
            None => Ok(None),
        }
    }

    /// What a full counter comes to. But where it counts one resource alone, all that hangs on the brake is stopped, which is
    /// told once.
    pub(super) async fn over(
        &self,
        brake: &impl Brake,
        full: Counter,
        intent: &mut Intent,
        now: Timestamp,
    ) -> Result<Refusal, EngineError> {
        let Counter { name, limit, most, of_one_resource, .. } = full;
        let resource = intent.plan.resource.clone();
        let rule = match intent.cause {
            Cause::Rule { rule, .. } if !of_one_resource => rule,
            _ => return Ok(Refusal::ChangedTooOften { times: most }),
        };
        let stop = Stop {
            since: now,
            by: format!("Bailiff's limit `{limit}`"),
            reason: format!(
                "{most} acts are done ({name}), and {rule} on {resource} of account {} is one more",
                resource.account()
            ),
            undo_too: false,
            tripped: Some(Tripped {
                limit: limit.to_owned(),
                most,
                rule,
                resource: resource.unique_id().clone(),
            }),
        };
        if !brake.stop(&stop).await? {
            // Another worker was first, and has told.
            return Ok(stopped(self.ports, &intent.cause).await?.unwrap_or_else(|| stop.into()));
        }
        intent.tripped = Some(now);
        self.ports.decided(&Decision::Tripped { limit: limit.to_owned(), most, rule, resource });
        Ok(Refusal::LimitReached { limit: limit.to_owned(), most })
    }
}

/// Why nothing is done while everything is stopped: over this very act, or anyhow.
pub(super) fn against_orders(intent: &mut Intent, obstacles: &Obstacles) -> Option<Refusal> {
    let orders = obstacles.orders();
    if let Cause::Rule { rule, .. } = intent.cause
        && let Some((since, Tripped { limit, most, .. })) =
            orders.tripped_by(rule, intent.plan.resource.unique_id())
    {
        intent.tripped = Some(since);
        return Some(Refusal::LimitReached { limit, most });
    }
    orders.against(&intent.cause)
}
