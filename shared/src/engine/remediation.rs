mod intent;
mod ordered;
mod stopped;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub(super) use intent::Intent;
use stopped::against_orders;

use super::brake::{can_keep, obstacles};
use super::closing::write_down;
use super::execution::{Run, execute};
use super::guards::Guards;
use super::patience::Patience;
use super::recovery::Found;
use super::retirement::remember_keys;
use super::stages::Stage;
use super::{
    Brakes, Clock, Decision, Deployment, EngineError, FailedAct, Finding, Journal, KeepSwitchedOffKeys,
    Notify, Novelty, Observe, Obstacles, Opened, Outcome, ReadIam, Spent, Stages, WriteIam,
};
use crate::facts::{Unread, WhyUnread};
use crate::governance::{Governance, Mode};
use crate::remedy::{Cause, Entry, JournalId, Refusal, Remediator, SCHEMA, Status, Step, StepOutcome, Write};

/// Puts a violation right: live facts, judged again, planned, guarded, written down, done, read back, told.
pub struct Remediation<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
    /// Which function this is, hence what it may write.
    pub remediator: Remediator,
}

/// Another worker's open entry, opened since this one had looked for any.
struct Busy(Entry);

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Remediation<'_, P>
{
    /// Handles a finding. A finding is a hint: all that counts is the state found now.
    pub async fn handle(&self, finding: &Finding) -> Result<Outcome, EngineError> {
        let entry = crate::rules::find(finding.rule)
            .ok_or_else(|| EngineError::Permanent(format!("no rule {}", finding.rule)))?;
        if entry.meta.remediator != Some(self.remediator) {
            let by = entry.meta.remediator.map_or("a person", Remediator::as_str);
            return Err(EngineError::Permanent(format!(
                "{} is put right by {by}, not by {}",
                finding.rule, self.remediator
            )));
        }
        let resource = &finding.resource;
        let mut patience = Patience::from(self.ports.now());
        let setting = self.governance.rule(finding.rule);
        // What is only written down gets in nobody's way.
        let waits = setting.enabled && setting.mode == Mode::Enforce;
        let takes_a_share = waits && self.governance.limits().organization.in_force().take_a_share();
        let mut resumed = None;
        let mut used_up = BTreeSet::new();
        loop {
            // What was done before a worker died may well hide the violation: it would never be closed, nor could it
            // be undone.
            let counted_at = takes_a_share.then(|| self.ports.now());
            let obstacles =
                obstacles(self.ports, resource.unique_id(), Some(finding.rule), counted_at).await?;
            match self.recover(&obstacles, &patience).await? {
                Found::Dead(entry) => {
                    // What came of it may stand against anything more.
                    resumed = Some(entry);
                    continue;
                }
                Found::AtWork(other) if waits || self.is_ours(&other) => {
                    patience.outwait(self.ports, &other).await?;
                    continue;
                }
                Found::Nothing | Found::AtWork(_) => {}
            }
            let intended =
                self.intend(&entry.meta, resource, &finding.annotation, &obstacles, &used_up).await?;
            if waits && is_blurred(&intended) && patience.looks_again() {
                continue;
            }
            let leaves_steps = intended.as_ref().is_ok_and(|intent| !intent.plan.steps.is_empty());
            if let Some(entry) = resumed.take_if(|_| !leaves_steps) {
                return Ok(Outcome::Journaled { entry, novelty: Novelty::Resumed });
            }
            match self.carry_out(intended, finding.sweep.as_deref(), &obstacles).await? {
                Ok(outcome) => match outcome.entry().and_then(quota_of_deny) {
                    // By the next means, of which there are three: the last one knows no quota.
                    Some(write) if used_up.insert(write) => {}
                    Some(_) | None => return Ok(outcome),
                },
                Err(Busy(other)) => patience.outwait(self.ports, &other).await?,
            }
        }
    }

    /// Writes the intent down and, where nothing stands against it, carries it out.
    async fn carry_out(
        &self,
        intended: Result<Intent, Outcome>,
        sweep: Option<&str>,
        obstacles: &Obstacles,
    ) -> Result<Result<Outcome, Busy>, EngineError> {
        let outcome = match intended {
            Err(outcome) => outcome,
            Ok(intent) if intent.refusal.is_some() || intent.mode != Mode::Enforce => {
                self.record(intent).await?
            }
            Ok(intent) => match self.enforce(intent, sweep, obstacles).await? {
                Ok(outcome) => outcome,
                Err(busy) => return Ok(Err(busy)),
            },
        };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome.clone()) });
        match outcome.refusal() {
            // Written down as unknown, and worth another try.
            Some(Refusal::UnknownFact { unread }) if unread.why.is_retryable() => Err(unreadable(unread)),
            _ => left_out(&outcome).map_or(Ok(Ok(outcome.clone())), |unread| Err(unreadable(unread))),
        }
    }

    /// Writes down what is not carried out: a plan in `audit` or `notify`, or a refusal. Once a day or a week,
    /// however often it is found.
    pub(super) async fn record(&self, intent: Intent) -> Result<Outcome, EngineError> {
        let entry = self.ended(intent);
        // That everything is stopped is told once, by who stopped it; that it waits for a window is no news.
        let silent = entry.mode == Mode::Audit
            || matches!(entry.refusal, Some(Refusal::Stopped { .. } | Refusal::OutsideWindow { .. }));
        let opened = if silent {
            self.ports.open(&entry).await?
        } else if self.ports.entry(&entry.id).await?.is_some() {
            // Looked up first, for nobody is told twice of what is known.
            Opened::Known
        } else {
            write_down(self.ports, &entry).await?
        };
        let novelty = if opened == Opened::New { Novelty::Fresh } else { Novelty::Repeated };
        Ok(Outcome::Journaled { entry, novelty })
    }

    /// The entry of what is not carried out, or not yet.
    pub(super) fn ended(&self, intent: Intent) -> Entry {
        let now = self.ports.now();
        let status = match &intent.refusal {
            Some(Refusal::UnknownFact { .. }) => Status::Unknown,
            Some(Refusal::Warned { .. } | Refusal::AwaitsApproval { .. }) | None => Status::Planned,
            Some(_) => Status::Refused,
        };
        let id = JournalId::of_plan(&intent.once(now), &intent.plan);
        Entry { closed: Some(now), status, ..self.entry(id, intent, now) }
    }

    async fn enforce(
        &self,
        mut intent: Intent,
        sweep: Option<&str>,
        obstacles: &Obstacles,
    ) -> Result<Result<Outcome, Busy>, EngineError> {
        can_keep(self.ports, self.governance)?;
        let now = self.ports.now();
        if let Some(entry) = self.failed_before(&intent, now, obstacles).await? {
            return Ok(Ok(Outcome::Journaled { entry, novelty: Novelty::Repeated }));
        }
        // Before anybody is warned or asked: of what will not come.
        if let Some(refusal) = against_orders(&mut intent, obstacles) {
            return Ok(Ok(self.tell_of_orders(intent, refusal).await?));
        }
        let mut used = match self.staged(&mut intent, now).await? {
            Stage::Ready(used) => used,
            Stage::Held(outcome) => return Ok(Ok(outcome)),
        };
        if let Some(refusal) = self.outside_window(&intent, now) {
            intent.refusal = Some(refusal);
            return Ok(Ok(self.record(intent).await?));
        }
        used.counters = self.counters(&intent, sweep, now, obstacles);
        if let Some(refusal) =
            self.over_the_organizations(&mut intent, &used.counters, now, obstacles).await?
        {
            intent.refusal = Some(refusal);
            return Ok(Ok(self.record(intent).await?));
        }
        let id = JournalId::of_act(&intent.cause, &intent.plan, now);
        let mut entry = self.entry(id, intent.clone(), now);
        let novelty = match self.ports.open_using(&entry, &used).await? {
            Ok(Opened::New) => {
                self.run(&mut entry, &Run::Through).await?;
                Novelty::Fresh
            }
            Ok(Opened::Known) => Novelty::Repeated,
            Ok(Opened::Busy(other)) => return Ok(Err(Busy(other))),
            Err(Spent::Counter(full)) => {
                intent.refusal = Some(self.over(self.ports, full, &mut intent, now).await?);
                return Ok(Ok(self.record(intent).await?));
            }
            Err(Spent::Behind) => {
                let why = "another worker acts on the same warnings or approval";
                return Err(EngineError::Retry(why.to_owned()));
            }
        };
        Ok(Ok(Outcome::Journaled { entry, novelty }))
    }

    /// Carries an open entry out, and remembers what AWS refused of a rule's.
    pub(super) async fn run(&self, entry: &mut Entry, run: &Run) -> Result<(), EngineError> {
        execute(self.ports, &Guards::of(self.deployment, self.governance), entry, run).await?;
        remember_keys(self.ports, entry).await;
        if let Cause::Rule { rule, .. } = entry.cause
            && entry.status == Status::Failed
            && quota_of_deny(entry).is_none()
            && !entry.denies_first()
        {
            // From the refusal, not from its writing down: that may have waited a day for somebody to mend something.
            let refused = entry.outcomes.iter().filter_map(StepOutcome::refused_at).max();
            let until = refused.unwrap_or_else(|| self.ports.now()) + FailedAct::LASTS;
            let failure = FailedAct { entry: entry.id.clone(), plan: entry.plan.fingerprint(), until };
            // What was done is told and written down whether or not this can be kept.
            if let Err(error) = self.ports.put_failure(entry.plan.resource.unique_id(), rule, &failure).await
            {
                self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
            }
        }
        Ok(())
    }

    /// The entry under which AWS refused this very plan lately.
    async fn failed_before(
        &self,
        intent: &Intent,
        now: Timestamp,
        obstacles: &Obstacles,
    ) -> Result<Option<Entry>, EngineError> {
        let Cause::Rule { .. } = intent.cause else { return Ok(None) };
        let same = |failure: &FailedAct| failure.stands(now) && failure.plan == intent.plan.fingerprint();
        let Some(failure) = obstacles.failure.as_ref().filter(|failure| same(failure)) else {
            return Ok(None);
        };
        Ok(self.ports.entry(&failure.entry).await?.filter(|entry| entry.status == Status::Failed))
    }

    pub(super) fn is_ours(&self, entry: &Entry) -> bool {
        entry.remediator == self.remediator && entry.mode == Mode::Enforce
    }

    pub(super) fn entry(&self, id: JournalId, intent: Intent, now: Timestamp) -> Entry {
        Entry {
            schema: SCHEMA,
            id,
            cause: intent.cause,
            remediator: self.remediator,
            mode: intent.mode,
            plan: intent.plan,
            status: Status::Open,
            refusal: intent.refusal,
            outcomes: Vec::new(),
            attempting: None,
            unread: intent.unread,
            opened: now,
            updated: None,
            closed: None,
            undone_by: None,
            lost: Vec::new(),
            aftermath: intent.aftermath,
            known_keys: intent.known_keys,
            made_by_another: intent.made_by_another,
        }
    }
}

/// Whether a read failed as it does where another worker is changing, at this very moment, what is read: a policy that
/// was listed is gone when its text is asked for. A second look tells.
fn is_blurred(intended: &Result<Intent, Outcome>) -> bool {
    let Ok(intent) = intended else { return false };
    let refused = match &intent.refusal {
        Some(Refusal::UnknownFact { unread }) => Some(unread),
        _ => None,
    };
    refused.into_iter().chain(&intent.unread).any(|unread| unread.why == WhyUnread::Failed)
}

/// The write by which an answer to a threat was to deny everything, and which met a quota. That is never remembered as
/// refused: whoever is to be contained may use the quota up just before the write, and give it free after it.
fn quota_of_deny(entry: &Entry) -> Option<Write> {
    let of_threat = matches!(entry.cause, Cause::Rule { .. }) && entry.cause.answers_threat();
    entry.deny_over_quota().filter(|_| of_threat).map(Step::write)
}

/// What a rule's act that was just carried out had to leave out, and may not the next time. Whoever gave an order is told.
fn left_out(outcome: &Outcome) -> Option<&Unread> {
    match outcome {
        Outcome::Journaled { entry, novelty: Novelty::Fresh }
            if matches!(entry.cause, Cause::Rule { .. }) && entry.written().next().is_some() =>
        {
            entry.unread.iter().find(|unread| unread.why.is_retryable())
        }
        Outcome::Journaled { .. } | Outcome::NothingToDo { .. } => None,
    }
}

pub(super) fn unreadable(unread: &Unread) -> EngineError {
    if unread.why.is_retryable() {
        EngineError::Retry(unread.to_string())
    } else {
        EngineError::Permanent(unread.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{QUARANTINE, alice, arn, now};
    use crate::notice::tests::verified_entry;
    use crate::remedy::{Plan, StepResult};
    use crate::rules::RuleId;

    /// Denying Alice everything, which met a quota.
    fn over_quota(cause: Cause) -> Entry {
        let steps = vec![Step::AttachUserPolicy { user: alice().identity, policy: arn(QUARANTINE) }];
        let result = StepResult::Failed { why: "LimitExceeded".to_owned(), by_quota: true };
        Entry {
            plan: Plan { resource: alice().identity.into(), steps, left: Vec::new() },
            outcomes: vec![StepOutcome { index: 0, at: now(), result }],
            status: Status::Failed,
            cause,
            ..verified_entry()
        }
    }

    #[test]
    fn only_what_answers_a_threat_by_a_rule_goes_round_a_quota() {
        let rule = |id: &str| Cause::Rule { rule: RuleId::parse(id).unwrap(), annotation: String::new() };
        let order = |threat: Option<&str>| Cause::Order {
            requested_by: "sam".to_owned(),
            reason: "to be sure".to_owned(),
            threat: threat.map(str::to_owned),
        };
        assert_eq!(quota_of_deny(&over_quota(rule("principal-threatened"))), Some(Write::AttachUserPolicy));
        // A leaver's is remembered as refused, and tried again the next day; who gave an order is told.
        for cause in [rule("user-left"), order(None), order(Some("GuardDuty finding 5ec1"))] {
            assert_eq!(quota_of_deny(&over_quota(cause.clone())), None, "{cause}");
        }
    }
}
