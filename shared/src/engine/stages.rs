//! What comes between a violation and an act: warnings that are delivered, and people who agree.

use jiff::Timestamp;

use super::remediation::{Intent, Remediation};
use super::{
    ApprovalRequest, Brakes, Clock, Consent, Counter, EngineError, Journal, KeepSwitchedOffKeys, Matter,
    Notify, Novelty, Observe, Opened, Outcome, PortError, ReadIam, WriteIam,
};
use crate::identifier::UniqueId;
use crate::remedy::{Cause, Entry, Refusal, Ripe, Step, Warnings, ripe};
use crate::rules::RuleId;

/// What is remembered between a violation and an act, across workers. Every write is on the condition that nobody else
/// made one since.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Stages {
    /// What people have been told of what the rule is about to do to the resource; nothing at first.
    async fn warnings(&self, resource: &UniqueId, rule: RuleId) -> Result<Warnings, PortError>;

    /// Writes down what they have been told; whether nobody else did since version `version - 1` was read.
    async fn put_warnings(
        &self,
        resource: &UniqueId,
        rule: RuleId,
        warnings: &Warnings,
    ) -> Result<bool, PortError>;

    /// What people are asked about the matter and the resource, if they are.
    async fn request(
        &self,
        resource: &UniqueId,
        about: &Matter,
    ) -> Result<Option<ApprovalRequest>, PortError>;

    /// Writes a request down; whether nobody else did since version `version - 1` was read.
    async fn put_request(&self, request: &ApprovalRequest) -> Result<bool, PortError>;

    /// Opens an entry as [`Journal::open`] does, and writes down that it uses up what it has behind it: both or neither. So
    /// neither is an approval lost to an act that never began, nor does it serve a second one, and what is counted is what
    /// is done.
    async fn open_using(&self, entry: &Entry, used: &Used) -> Result<Result<Opened, Spent>, PortError>;
}

/// Why nothing was opened, where there was nothing left to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spent {
    /// Somebody else used or changed the approval or the warnings since they were read.
    Behind,
    /// A counter is full.
    Counter(Counter),
}

/// What an act uses up, as it is once it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    /// The approval of its plan.
    pub request: Option<ApprovalRequest>,
    /// The warnings before it, and of which rule they were.
    pub warnings: Option<(RuleId, Warnings)>,
    /// The account's counters, each of which it counts one more on.
    pub counters: Vec<Counter>,
}

/// What a rule's act has behind it.
pub(super) enum Stage {
    /// All that it needs, which is used up when it acts.
    Ready(Used),
    /// It waits, and this is why.
    Held(Outcome),
}

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Remediation<'_, P>
{
    /// Whether people have been warned of a rule's act, and have agreed. What is not due yet leaves the plan.
    pub(super) async fn staged(&self, intent: &mut Intent, now: Timestamp) -> Result<Stage, EngineError> {
        let Cause::Rule { rule, .. } = intent.cause else { return Ok(Stage::Ready(Used::default())) };
        let has_stages = self.governance.rule(rule).warnings.is_some()
            || self.governance.approvals_needed(rule, &intent.plan, &intent.holders) > 0;
        if !has_stages {
            return Ok(Stage::Ready(Used::default()));
        }
        let warnings = match self.warned(intent, rule, now).await? {
            Ok(warnings) => warnings,
            Err(outcome) => return Ok(Stage::Held(outcome)),
        };
        Ok(match self.approved(intent, rule, now).await? {
            Ok(request) => {
                let targets: Vec<String> = intent.plan.steps.iter().map(Step::target).collect();
                Stage::Ready(Used {
                    request: request.map(|request| request.after_use(now)),
                    warnings: warnings.map(|warnings| (rule, warnings.after_act(&targets))),
                    counters: Vec::new(),
                })
            }
            Err(outcome) => Stage::Held(outcome),
        })
    }

    async fn warned(
        &self,
        intent: &mut Intent,
        rule: RuleId,
        now: Timestamp,
    ) -> Result<Result<Option<Warnings>, Outcome>, EngineError> {
        let Some(schedule) = self.governance.rule(rule).warnings else { return Ok(Ok(None)) };
        let resource = intent.plan.resource.unique_id().clone();
        let planned: Vec<String> = intent.plan.steps.iter().map(Step::target).collect();
        let mut warnings = self.ports.warnings(&resource, rule).await?;
        // What something else holds back, day after day, is no warning that nobody acted on.
        if let Some(seen) = warnings.clone().after_look(&planned, &schedule, now) {
            if !self.ports.put_warnings(&resource, rule, &seen).await? {
                return Err(EngineError::Retry(format!("another worker looks at the warnings of {rule}")));
            }
            warnings = seen;
        }
        match ripe(&warnings, &schedule, &intent.plan.steps, now) {
            Ripe::Act(steps) => {
                intent.plan.steps = steps;
                Ok(Ok(Some(warnings)))
            }
            Ripe::Wait(until) => {
                Ok(Err(waits(intent, rule, format!("people have been warned and have time until {until}"))))
            }
            Ripe::Warn(warning, steps) => {
                let targets: Vec<String> = steps.iter().map(Step::target).collect();
                intent.plan.steps = steps;
                let acts_from = schedule.acts_from(warning, now);
                intent.refusal = Some(Refusal::Warned { warning, acts_from });
                let outcome = self.tell_first(intent).await?;
                // Told and not written down it is told again; the other way round it never would be.
                let handed_on = outcome.entry().and_then(|entry| entry.closed).unwrap_or(now);
                // Where the courier goes on from the topic, it is delivered when somebody is told.
                let delivered = self.governance.notices().is_none().then_some(handed_on);
                let said = (handed_on, acts_from);
                let warnings = warnings.after_warning(warning, &targets, said, delivered, &planned);
                if !self.ports.put_warnings(&resource, rule, &warnings).await? {
                    return Err(EngineError::Retry(format!(
                        "another worker warned of {rule} at the same moment"
                    )));
                }
                Ok(Err(outcome))
            }
        }
    }

    async fn approved(
        &self,
        intent: &mut Intent,
        rule: RuleId,
        now: Timestamp,
    ) -> Result<Result<Option<ApprovalRequest>, Outcome>, EngineError> {
        let needed = self.governance.approvals_needed(rule, &intent.plan, &intent.holders);
        if needed == 0 {
            return Ok(Ok(None));
        }
        let (resource, plan) = (&intent.plan.resource, intent.plan.fingerprint());
        let asked = self.ports.request(resource.unique_id(), &Matter::Rule(rule)).await?;
        let version = asked.as_ref().map_or(0, |request| request.version);
        let refusals = asked.as_ref().map(|request| request.standing_refusals(now)).unwrap_or_default();
        let approvals = self.governance.approvals();
        match (ApprovalRequest::consent(asked.as_ref(), &plan, needed, approvals, now), asked) {
            (Consent::Given, Some(request)) => return Ok(Ok(Some(request))),
            (Consent::Refused { until }, Some(_)) => {
                let why = format!("one of the approvers refused it, which stands until {until}");
                return Ok(Err(waits(intent, rule, why)));
            }
            (Consent::Waits { people }, Some(request)) => {
                let why = format!(
                    "{people} of {needed} people have approved it under {}; the rest may until {}",
                    request.entry, request.expires
                );
                return Ok(Err(waits(intent, rule, why)));
            }
            _ => {}
        }
        let expires = now.saturating_add(self.governance.approvals().valid_for()).unwrap_or(Timestamp::MAX);
        intent.refusal = Some(Refusal::AwaitsApproval { needed, plan, expires });
        let outcome = self.tell_first(intent).await?;
        let about = Matter::Rule(rule);
        let asks = |entry| ApprovalRequest::of(entry, about, version, refusals, now);
        let Some(request) = outcome.entry().and_then(asks) else { return Ok(Err(outcome)) };
        if !self.ports.put_request(&request).await? {
            return Err(EngineError::Retry(format!("another worker asked about {rule} at the same moment")));
        }
        Ok(Err(outcome))
    }

    /// Tells people, then writes down that they were told. Nobody may count on a notice that was not sent.
    async fn tell_first(&self, intent: &Intent) -> Result<Outcome, EngineError> {
        let entry = self.ended(intent.clone());
        if let Err(error) = self.ports.notify(&entry).await {
            return Err(EngineError::Retry(format!(
                "people could not be told of entry {}: {error}",
                entry.id
            )));
        }
        self.ports.open(&entry).await?;
        Ok(Outcome::Journaled { entry, novelty: Novelty::Fresh })
    }
}

fn waits(intent: &Intent, rule: RuleId, why: String) -> Outcome {
    Outcome::NothingToDo { rule: Some(rule), resource: intent.plan.resource.clone(), why }
}
