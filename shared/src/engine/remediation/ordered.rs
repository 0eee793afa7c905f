//! A person's order to suspend a principal.

use super::intent::{Intent, known_keys, made_by_another};
use super::{Busy, Remediation, is_blurred, unreadable};
use crate::engine::brake::obstacles;
use crate::engine::patience::Patience;
use crate::engine::recovery::Found;
use crate::engine::{
    AlreadyContained, Brakes, Clock, Decision, EngineError, Journal, KeepSwitchedOffKeys, Notify, Novelty,
    Observe, Opened, Outcome, ReadIam, ReportThreat, ResourceName, Stages, SuspendOrder, WriteIam,
};
use crate::event::said;
use crate::facts::{Entity, Resource};
use crate::governance::Mode;
use crate::identifier::{Arn, UniqueId};
use crate::remedy::{
    Cause, Entry, JournalId, Plan, Remediator, SUSPENSION_NEEDS, Status, is_denied, mark, suspend_role,
    suspend_user,
};
use crate::rules::Proposal;
use crate::threat::{Grade, Risk, Sign, Source, Threat};

/// The id of the report of an order: a later one takes the place of an earlier.
const ORDERED: &str = "order";

impl<
    P: ReadIam
        + WriteIam
        + Brakes
        + Journal
        + Stages
        + KeepSwitchedOffKeys
        + ReportThreat
        + Notify
        + Clock
        + Observe,
> Remediation<'_, P>
{
    /// Handles a person's order to suspend a principal. The rules' modes do not apply, the guards do. Whom it suspends is
    /// watched from then on, as after a report.
    pub async fn suspend(&self, order: &SuspendOrder) -> Result<Outcome, EngineError> {
        let outcome = self.carry_out_order(order).await?;
        let (resource, holds) = match &outcome {
            Outcome::NothingToDo { resource, .. } => (resource, true),
            Outcome::Journaled { entry, .. } => {
                (&entry.plan.resource, entry.has_acted() || entry.status == Status::Verified)
            }
        };
        if holds {
            self.watch(resource.unique_id(), order).await?;
        }
        Ok(outcome)
    }

    /// Keeps the order in mind: who takes off what it did has it put back.
    async fn watch(&self, principal: &UniqueId, order: &SuspendOrder) -> Result<(), EngineError> {
        let now = self.ports.now();
        let (sign, source) = (Sign::SuspendedByOrder, Source::Order);
        let SuspendOrder { reason, requested_by, .. } = order;
        let report = Threat {
            id: ORDERED.to_owned(),
            source,
            sign,
            at: now,
            heard: now,
            key: None,
            by: None,
            said: said(&format!("{requested_by}: {reason}")),
            risk: Risk::of(sign, source, Grade::Three),
        };
        self.ports.put_threat(principal, &report).await?;
        Ok(())
    }

    async fn carry_out_order(&self, order: &SuspendOrder) -> Result<Outcome, EngineError> {
        if self.remediator != Remediator::SuspendPrincipal {
            return Err(EngineError::Permanent(format!("{} takes no orders", self.remediator)));
        }
        let mut patience = Patience::from(self.ports.now());
        let mut resumed: Option<Entry> = None;
        loop {
            let mut live = self.ordered(&order.principal).await?;
            let principal = live.identity();
            let obstacles = obstacles(self.ports, principal.unique_id(), None, None).await?;
            match self.recover(&obstacles, &patience).await? {
                Found::Nothing => {}
                Found::Dead(entry) => {
                    // The principal is no longer what it was when it was looked up.
                    resumed = Some(entry);
                    continue;
                }
                Found::AtWork(other) => {
                    patience.outwait(self.ports, &other).await?;
                    continue;
                }
            }
            let needs = SUSPENSION_NEEDS.iter().chain(self.remediator.tells()).copied().collect();
            self.ports.refresh(&mut live, &needs).await;
            let context = self.deployment.context(self.governance, self.ports.now());
            let mut proposal = match &live {
                Resource::Entity(Entity::User(user)) => suspend_user(user, &context),
                Resource::Entity(Entity::Role(role)) => suspend_role(role, &context),
                other => return Err(EngineError::Permanent(format!("{} is no principal", other.identity()))),
            };
            // Those who were suspended before there was a mark get it when a person asks, and no rule comes back for it.
            if proposal.steps.is_empty() && proposal.unknown.is_empty() {
                mark(&live, &mut proposal);
            }
            let cause = Cause::Order {
                requested_by: order.requested_by.clone(),
                reason: order.reason.clone(),
                threat: order.threat.clone(),
            };
            let is_contained = proposal.steps.is_empty()
                && proposal.unknown.is_empty()
                && is_denied(&live, &context).is_ok_and(|denied| denied);
            // What a dead worker had begun for somebody else, or for no threat, does not stand for this order.
            if is_contained && resumed.as_ref().is_none_or(|entry| entry.cause != cause) {
                match self.contained_already(cause, &live, proposal).await? {
                    Ok(outcome) => return Ok(outcome),
                    Err(Busy(other)) => patience.outwait(self.ports, &other).await?,
                }
                continue;
            }
            let intended = self.guarded(&live, cause, Mode::Enforce, None, proposal)?;
            if is_blurred(&intended) && patience.looks_again() {
                continue;
            }
            // What a dead worker had begun was all there was to do.
            let leaves_steps = intended.as_ref().is_ok_and(|intent| !intent.plan.steps.is_empty());
            if let Some(entry) = resumed.take_if(|_| !leaves_steps)
                && matches!(entry.cause, Cause::Order { .. })
            {
                return Ok(Outcome::Journaled { entry, novelty: Novelty::Resumed });
            }
            match self.carry_out(intended, None, &obstacles).await? {
                Ok(outcome) => return Ok(outcome),
                Err(Busy(other)) => patience.outwait(self.ports, &other).await?,
            }
        }
    }

    /// The answer to an order that finds everything denied and nothing left to do: that is no refusal. One over a threat is
    /// written down: whoever undoes what denies it must know.
    async fn contained_already(
        &self,
        cause: Cause,
        live: &Resource,
        proposal: Proposal,
    ) -> Result<Result<Outcome, Busy>, EngineError> {
        let said =
            "contained already: everything is denied to it, and nothing is left to switch off".to_owned();
        let left: Vec<String> = [said].into_iter().chain(proposal.left).collect();
        let resource = live.identity();
        let outcome = if let Cause::Order { reason, threat: Some(threat), .. } = &cause {
            let now = self.ports.now();
            let salt = format!("{cause} contained already {reason} {threat} {}", now.strftime("%Y-%m-%d"));
            let plan = Plan { resource, steps: Vec::new(), left };
            let (known_keys, made_by_another) = (known_keys(&cause, live), made_by_another(live));
            let intent = Intent { known_keys, made_by_another, ..Intent::of(cause, Mode::Enforce, plan) };
            let id = JournalId::of_plan(&salt, &intent.plan);
            let entry = Entry { status: Status::Verified, closed: Some(now), ..self.entry(id, intent, now) };
            let contained = AlreadyContained::by(&entry, now);
            let principal = entry.plan.resource.unique_id();
            self.ports.put_contained(principal, &contained).await?;
            // An undo that began before that may be taking the denial off. One that begins now has to ask.
            if let Some(other) = self.ports.unfinished(principal).await? {
                return Ok(Err(Busy(other)));
            }
            let opened = self.ports.open(&entry).await?;
            let novelty = if opened == Opened::New { Novelty::Fresh } else { Novelty::Repeated };
            Outcome::Journaled { entry, novelty }
        } else {
            Outcome::NothingToDo { rule: None, resource, why: left.join("; ") }
        };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome.clone()) });
        Ok(Ok(outcome))
    }

    /// Whom an order is for, by name and path.
    async fn ordered(&self, arn: &Arn) -> Result<Resource, EngineError> {
        let name =
            ResourceName::of_principal(arn).map_err(|error| EngineError::Permanent(error.to_string()))?;
        let live = match self.ports.find(&name).await {
            Ok(Some(live)) => live,
            Ok(None) => {
                return Err(EngineError::Permanent(format!("there is no {arn} in this account")));
            }
            Err(unread) => return Err(unreadable(&unread)),
        };
        let principal = live.identity();
        if principal.arn() == arn {
            Ok(live)
        } else {
            Err(EngineError::Permanent(format!(
                "the order is for {arn}, and {} is what lives here by that name",
                principal.arn()
            )))
        }
    }
}
