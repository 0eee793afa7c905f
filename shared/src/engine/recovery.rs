use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::brake::can_keep;
use super::closing::{close, tell_again};
use super::execution::Run;
use super::hold;
use super::patience::{Patience, is_abandoned};
use super::remediation::{Remediation, unreadable};
use super::witness::doubted;
use super::{
    Abandoned, Brakes, Clock, Decision, Deployment, EngineError, Journal, KeepSwitchedOffKeys, Notify,
    Novelty, Observe, Obstacles, Outcome, PortError, PortErrorKind, ReadIam, ResourceName, Stages, WriteIam,
};
use crate::facts::{Need, ResourceIdentity, Unread};
use crate::governance::Mode;
use crate::remedy::{
    Cause, Entry, Refusal, Status, Step, StepState, check_entry, check_identity, does_the_same,
};
use crate::rules::RuleId;

/// A person's order stands for so long; who still wants it after that gives it again.
const ORDER_STANDS_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Who has a principal already.
pub(super) enum Found {
    /// Nobody.
    Nothing,
    /// Nobody any more: a worker died over this entry, which is closed now.
    Dead(Entry),
    /// A worker of another function, or another one of this.
    AtWork(Entry),
}

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Remediation<'_, P>
{
    /// Sees to the open entry of the principal, before anything new is judged. A dead worker's of this function is
    /// finished as far as it is still wanted, another function's is closed.
    pub(super) async fn recover(
        &self,
        obstacles: &Obstacles,
        patience: &Patience,
    ) -> Result<Found, EngineError> {
        let Some(mut open) = obstacles.unfinished.clone() else { return Ok(Found::Nothing) };
        let now = self.ports.now();
        if self.is_ours(&open) && patience.takes_for_dead(&open, now) {
            can_keep(self.ports, self.governance)?;
            let Deployment { account, quarantine_policy, .. } = self.deployment;
            let refusal = match check_entry(&open, account, quarantine_policy) {
                Ok(()) => doubted(self.ports, &open).await?,
                Err(refusal) => Some(refusal),
            };
            if refusal.is_some() {
                give_up(self.ports, &mut open, refusal).await?;
            } else {
                let unwanted = self.unwanted(&open, obstacles).await?;
                self.run(&mut open, &unwanted.map_or(Run::Through, Run::ToItsEnd)).await?;
            }
        } else if is_abandoned(&open, now) {
            give_up(self.ports, &mut open, None).await?;
        } else {
            return Ok(Found::AtWork(open));
        }
        let outcome = Outcome::Journaled { entry: open.clone(), novelty: Novelty::Resumed };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome) });
        Ok(Found::Dead(open))
    }

    /// Finishes what a sweep found abandoned, if it still is: somebody may have been faster, or only slow.
    pub async fn finish(&self, abandoned: &Abandoned) -> Result<Outcome, EngineError> {
        let principal = abandoned.resource.unique_id();
        if self.ports.is_untold(&abandoned.abandoned).await?
            && let Some(outcome) = self.tell_of(abandoned).await?
        {
            return Ok(outcome);
        }
        let mut patience = Patience::from(self.ports.now());
        if let Err(error) = self.ports.unfinished(principal).await {
            // It stays as it is, and so does its hold on the principal: what it did is not known here.
            if error.kind == PortErrorKind::Failed {
                self.ports.set_aside(principal, &abandoned.abandoned).await?;
            }
            return Err(error.into());
        }
        let why = loop {
            let obstacles = self.ports.obstacles(principal, None).await?;
            match self.recover(&obstacles, &patience).await? {
                Found::Dead(entry) if entry.id == abandoned.abandoned => {
                    return Ok(Outcome::Journaled { entry, novelty: Novelty::Resumed });
                }
                // Only one is open at a time: it was another, and this one is closed.
                Found::Dead(_) => {}
                Found::AtWork(other) if other.id == abandoned.abandoned => {
                    patience.outwait(self.ports, &other).await?;
                }
                Found::AtWork(_) | Found::Nothing => {
                    break format!("entry {} is closed already", abandoned.abandoned);
                }
            }
        };
        let entry = self.ports.entry(&abandoned.abandoned).await?;
        if entry.is_none_or(|entry| entry.is_closed()) {
            self.ports.take_off_list(principal, &abandoned.abandoned).await?;
        }
        let outcome = Outcome::NothingToDo { rule: None, resource: abandoned.resource.clone(), why };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome.clone()) });
        Ok(outcome)
    }

    /// Tells how an entry ended that nobody could be told of; nothing where it is open still.
    async fn tell_of(&self, abandoned: &Abandoned) -> Result<Option<Outcome>, EngineError> {
        let id = &abandoned.abandoned;
        let entry = match self.ports.entry(id).await {
            Ok(entry) => entry,
            Err(error) => {
                if error.kind == PortErrorKind::Failed {
                    self.ports.set_aside(abandoned.resource.unique_id(), id).await?;
                }
                return Err(error.into());
            }
        };
        let why = match entry {
            Some(open) if !open.is_closed() => return Ok(None),
            Some(ended) if tell_again(self.ports, &ended).await? => {
                format!("entry {id} has ended, and now people are told of it")
            }
            Some(_) => format!("entry {id} has ended, and still nobody can be told of it"),
            None => {
                self.ports.told(id).await?;
                format!("entry {id} was never written down")
            }
        };
        let outcome = Outcome::NothingToDo { rule: None, resource: abandoned.resource.clone(), why };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome.clone()) });
        Ok(Some(outcome))
    }

    /// Why what is left of an entry is not to be done any more: it was judged when it was opened, and much may have
    /// changed since, the governance file above all.
    async fn unwanted(&self, open: &Entry, obstacles: &Obstacles) -> Result<Option<Refusal>, EngineError> {
        let principal = &open.plan.resource;
        if let Some(reason) = self.deployment.protected(self.governance).reason(principal) {
            return Ok(Some(Refusal::Protected { reason }));
        }
        let why = match &open.cause {
            Cause::Rule { rule, annotation } => self.unwanted_by(*rule, annotation, open, obstacles).await?,
            Cause::Order { .. } if self.ports.now().duration_since(open.opened) > ORDER_STANDS_FOR => {
                Some("the order was given more than 24 hours ago".to_owned())
            }
            Cause::Order { .. } => None,
            Cause::Undo { .. } => Some("an undo is finished by `restore`".to_owned()),
        };
        Ok(why.map(|why| Refusal::NoLongerWanted { why }))
    }

    /// Why the rule would not do what is left, judged as if it had just been found.
    async fn unwanted_by(
        &self,
        rule: RuleId,
        annotation: &str,
        open: &Entry,
        obstacles: &Obstacles,
    ) -> Result<Option<String>, EngineError> {
        let Some(entry) = crate::rules::find(rule) else { return Ok(Some(format!("no rule {rule}"))) };
        if entry.meta.remediator != Some(self.remediator) {
            return Ok(Some(format!("{rule} is not {}'s", self.remediator)));
        }
        let setting = self.governance.rule(rule);
        if !setting.enabled {
            return Ok(Some("the governance file has this rule off".to_owned()));
        }
        if setting.mode != Mode::Enforce {
            return Ok(Some(format!("the rule is in `{}` now", setting.mode)));
        }
        let now = self.ports.now();
        let waits = !entry.meta.answers_threats();
        if self.governance.change_windows().is_some_and(|windows| waits && !windows.is_open(now)) {
            return Ok(Some("it is outside the change windows now".to_owned()));
        }
        let left = match self.left_undone(open).await {
            Ok(left) => left,
            Err(unread) if unread.why.is_retryable() => return Err(unreadable(&unread)),
            Err(unread) => return Ok(Some(Refusal::UnknownFact { unread }.to_string())),
        };
        if left.is_empty() {
            return Ok(None);
        }
        let intent = match self
            .intend(&entry.meta, &open.plan.resource, annotation, obstacles, &BTreeSet::new())
            .await?
        {
            Ok(intent) => intent,
            // What was done already hides the violation, and the mark belongs to it.
            Err(Outcome::NothingToDo { .. }) if left.iter().all(|step| step.marks()) => return Ok(None),
            Err(Outcome::NothingToDo { why, .. }) => return Ok(Some(why)),
            Err(Outcome::Journaled { entry, .. }) => return Ok(Some(format!("entry {}", entry.id))),
        };
        Ok(match intent.refusal {
            Some(Refusal::UnknownFact { unread }) if unread.why.is_retryable() => {
                return Err(unreadable(&unread));
            }
            Some(refusal) => Some(refusal.to_string()),
            None => left
                .into_iter()
                .find(|step| !intent.plan.steps.iter().any(|planned| does_the_same(step, planned)))
                .map(|step| format!("`{step}` is no part of what would be done now")),
        })
    }

    /// Steps without an outcome that do not show in the live state. Where the principal is gone, or is another, none:
    /// each step is refused over that anyway.
    async fn left_undone<'e>(&self, open: &'e Entry) -> Result<Vec<&'e Step>, Unread> {
        let meant: &ResourceIdentity = &open.plan.resource;
        let outstanding: Vec<&Step> =
            open.outstanding().into_iter().filter_map(|index| open.plan.steps.get(index)).collect();
        let needs: BTreeSet<Need> = outstanding.iter().filter_map(|step| step.needs()).collect();
        let Some(live) = self.ports.read(&ResourceName::of(meant), &needs).await? else {
            return Ok(Vec::new());
        };
        if check_identity(meant, &live.identity()).is_err() {
            return Ok(Vec::new());
        }
        Ok(outstanding.into_iter().filter(|step| step.state(&live) != StepState::Done).collect())
    }
}

/// Closes an open entry that nobody will finish. What its worker attempted stays in it: undo looks at that too.
pub(super) async fn give_up<P: Journal + Notify + Clock + Observe>(
    ports: &P,
    open: &mut Entry,
    refusal: Option<Refusal>,
) -> Result<(), PortError> {
    let since = open.written_at();
    open.status = if refusal.is_some() { Status::Refused } else { Status::Unknown };
    open.refusal = refusal;
    open.closed = Some(ports.now());
    close(ports, open, since).await?;
    hold::end_of_given_up(ports, open).await
}
