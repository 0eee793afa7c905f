use jiff::{SignedDuration, Timestamp};

use super::brake::{can_keep, counters, obstacles, shared_counters};
use super::closing::write_down;
use super::execution::{Run, execute, stopped};
use super::guards::Guards;
use super::patience::Patience;
use super::recovery::Found;
use super::relief::Relief;
use super::retirement::remember_keys;
use super::stages::Stage;
use super::{
    AlreadyContained, Brake, Brakes, Clock, Counter, Decision, Deployment, EngineError, FailedAct, Finding,
    Journal, KeepSwitchedOffKeys, Notify, Novelty, Observe, Obstacles, Opened, Outcome, ReadIam,
    ResourceName, SharedBrake, Spent, Stages, Stop, SuspendOrder, Tripped, WriteIam,
};
use crate::facts::{Entity, Resource, ResourceIdentity, Unread, WhyUnread};
use crate::governance::{Governance, Mode};
use crate::identifier::Arn;
use crate::remedy::{
    Aftermath, Cause, Denial, Entry, JournalId, KnownKey, KnownKeys, Plan, Refusal, Remediator, SCHEMA,
    SUSPENSION_NEEDS, Status, Step, StepOutcome, check_identity, is_denied, mark, suspend_role, suspend_user,
};
use crate::rules::{Meta, Proposal, Verdict};

/// What AWS refused is not tried again for so long: mending a permission takes a person.
const NOT_AGAIN_FOR: SignedDuration = SignedDuration::from_hours(24);

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

/// What is to be done to whom, before it is written down.
#[derive(Clone)]
pub(super) struct Intent {
    pub(super) cause: Cause,
    pub(super) mode: Mode,
    pub(super) plan: Plan,
    /// Why it must not be done, if it must not.
    pub(super) refusal: Option<Refusal>,
    /// What could not be read, and is left out of the plan.
    unread: Vec<Unread>,
    /// What of whom it suspends lives on.
    aftermath: Option<Aftermath>,
    /// Access keys of whom it is about that somebody else may know.
    known_keys: Vec<KnownKey>,
}

/// Another worker's open entry, opened since this one had looked for any.
struct Busy(Entry);

impl Intent {
    /// What only one entry of a plan is written for, where nothing is carried out: the same why, on the same day.
    ///
    /// What is left to people takes them longer, so they are reminded once a week, and whatever its details say by
    /// then: a key in use was last used at another time each day.
    fn once(&self, at: Timestamp) -> String {
        let Self { cause, mode, refusal, .. } = self;
        let found = match cause {
            Cause::Rule { annotation, .. } => annotation,
            Cause::Order { reason, .. } | Cause::Undo { reason, .. } => reason,
        };
        match refusal {
            Some(Refusal::LeftToPeople { .. }) => {
                format!("{cause} {mode} left to people: {found} {}", at.strftime("%G-W%V"))
            }
            Some(refusal) => format!("{cause} {mode} {refusal} {}", at.strftime("%Y-%m-%d")),
            None => format!("{cause} {mode} {}", at.strftime("%Y-%m-%d")),
        }
    }
}

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
        let mut resumed = None;
        loop {
            // What was done before a worker died may well hide the violation: it would never be closed, nor could it
            // be undone.
            let obstacles = obstacles(self.ports, resource.unique_id(), Some(finding.rule)).await?;
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
            let intended = self.intend(&entry.meta, resource, &finding.annotation, &obstacles).await?;
            if waits && is_blurred(&intended) && patience.looks_again() {
                continue;
            }
            let leaves_steps = intended.as_ref().is_ok_and(|intent| !intent.plan.steps.is_empty());
            if let Some(entry) = resumed.take_if(|_| !leaves_steps) {
                return Ok(Outcome::Journaled { entry, novelty: Novelty::Resumed });
            }
            match self.carry_out(intended, finding.sweep.as_deref(), &obstacles).await? {
                Ok(outcome) => return Ok(outcome),
                Err(Busy(other)) => patience.outwait(self.ports, &other).await?,
            }
        }
    }

    /// Handles a person's order to suspend a principal. The rules' modes do not apply, the guards do.
    pub async fn suspend(&self, order: &SuspendOrder) -> Result<Outcome, EngineError> {
        if self.remediator != Remediator::SuspendPrincipal {
            return Err(EngineError::Permanent(format!("{} takes no orders", self.remediator)));
        }
        let mut patience = Patience::from(self.ports.now());
        let mut resumed: Option<Entry> = None;
        loop {
            let mut live = self.ordered(&order.principal).await?;
            let principal = live.identity();
            let obstacles = obstacles(self.ports, principal.unique_id(), None).await?;
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
            if is_contained && resumed.is_none() {
                return self.contained_already(cause, &live, proposal).await;
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
    ) -> Result<Outcome, EngineError> {
        let said =
            "contained already: everything is denied to it, and nothing is left to switch off".to_owned();
        let left: Vec<String> = [said].into_iter().chain(proposal.left).collect();
        let resource = live.identity();
        let outcome = if let Cause::Order { reason, threat: Some(threat), .. } = &cause {
            let now = self.ports.now();
            let salt = format!("{cause} contained already {reason} {threat} {}", now.strftime("%Y-%m-%d"));
            let refusal = None;
            let plan = Plan { resource, steps: Vec::new(), left };
            let known_keys = known_keys(&cause, live);
            let (mode, unread, aftermath) = (Mode::Enforce, Vec::new(), None);
            let intent = Intent { cause, mode, plan, refusal, unread, aftermath, known_keys };
            let id = JournalId::of_plan(&salt, &intent.plan);
            let entry = Entry { status: Status::Verified, closed: Some(now), ..self.entry(id, intent, now) };
            let contained = AlreadyContained { entry: entry.id.clone(), at: now };
            self.ports.put_contained(entry.plan.resource.unique_id(), &contained).await?;
            let opened = self.ports.open(&entry).await?;
            let novelty = if opened == Opened::New { Novelty::Fresh } else { Novelty::Repeated };
            Outcome::Journaled { entry, novelty }
        } else {
            Outcome::NothingToDo { rule: None, resource, why: left.join("; ") }
        };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome.clone()) });
        Ok(outcome)
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

    /// Judges the live state and plans; or says why nothing is to be done.
    pub(super) async fn intend(
        &self,
        meta: &Meta,
        resource: &ResourceIdentity,
        annotation: &str,
        obstacles: &Obstacles,
    ) -> Result<Result<Intent, Outcome>, EngineError> {
        let setting = self.governance.rule(meta.id);
        let nothing = |why: &str| {
            Ok(Err(Outcome::NothingToDo {
                rule: Some(meta.id),
                resource: resource.clone(),
                why: why.to_owned(),
            }))
        };
        if !setting.enabled {
            return nothing("the governance file has this rule off");
        }
        let cause = Cause::Rule { rule: meta.id, annotation: annotation.to_owned() };
        let refused = |refusal: Refusal| {
            let plan = Plan { resource: resource.clone(), steps: Vec::new(), left: Vec::new() };
            let (cause, mode, refusal) = (cause.clone(), setting.mode, Some(refusal));
            let (unread, aftermath, known_keys) = (Vec::new(), None, Vec::new());
            Ok(Ok(Intent { cause, mode, plan, refusal, unread, aftermath, known_keys }))
        };
        let protected = self.deployment.protected(self.governance);
        // Nobody outside the account this function works in can even be looked up by it.
        if *resource.account() != self.deployment.account
            && let Some(reason) = protected.reason(resource)
        {
            return refused(Refusal::Protected { reason });
        }
        let name = match resource {
            // Nothing finds an account out. It is the one governed, by its own ARN, whatever the finding says of it.
            ResourceIdentity::Account(_) => ResourceName::Account(self.deployment.identity()?),
            other => ResourceName::of(other),
        };
        let needs = meta.needs.iter().chain(meta.plan_needs).chain(self.remediator.tells());
        let live = match self.ports.read(&name, &needs.copied().collect()).await {
            Ok(Some(live)) => live,
            Ok(None) => return nothing("it is gone"),
            Err(unread) => return refused(Refusal::UnknownFact { unread }),
        };
        if let Err(refusal) = check_identity(resource, &live.identity()) {
            return refused(refusal);
        }
        let at = self.ports.now();
        let context = self.deployment.context(self.governance, at);
        let relief = match Relief::of(self.governance, meta, &live, &context) {
            Ok(relief) => relief,
            Err(unread) => return refused(Refusal::UnknownFact { unread }),
        };
        let subject = &relief.rest;
        let strict = relief.rotation(self.governance).and_then(|strict| strict.plan(subject, &context));
        let (verdict, exemption) = match strict {
            // Nothing is due for rotation: what is found beside that is exempt.
            None | Some(Verdict::Compliant) => (setting.rule.plan(subject, &context), relief.exemption()),
            due => (due, None),
        };
        match verdict {
            None => nothing("the rule is not about this kind of resource"),
            Some(Verdict::Compliant) => match relief.of_a_key() {
                Some(exemption) => nothing(&format!("its keys are exempt under {}", exemption.ticket)),
                None => nothing("it keeps the rule now"),
            },
            Some(Verdict::Unknown(unread)) => refused(Refusal::UnknownFact { unread }),
            Some(Verdict::NonCompliant((violation, proposal))) => {
                let exempt = exemption.map(|exemption| Refusal::Exempt {
                    ticket: exemption.ticket.clone(),
                    until: exemption.last_day(),
                });
                let annotation = match exempt {
                    Some(_) => violation.annotation,
                    None => relief.said_of(self.governance, meta, &context, &violation.annotation),
                };
                let refusal = match exempt {
                    Some(refusal) => Some(refusal),
                    None => obstacles.held(at),
                };
                let cause = Cause::Rule { rule: meta.id, annotation };
                self.guarded(subject, cause, setting.mode, refusal, proposal)
            }
        }
    }

    /// Holds a proposal against every guard.
    fn guarded(
        &self,
        live: &Resource,
        cause: Cause,
        mode: Mode,
        refusal: Option<Refusal>,
        proposal: Proposal,
    ) -> Result<Result<Intent, Outcome>, EngineError> {
        let resource = live.identity();
        let protected = self.deployment.protected(self.governance);
        let nothing_to_do =
            proposal.steps.is_empty() && proposal.left.is_empty() && proposal.unknown.is_empty();
        if nothing_to_do {
            let rule = match cause {
                Cause::Rule { rule, .. } => Some(rule),
                Cause::Order { .. } | Cause::Undo { .. } => None,
            };
            let why = "all that can be done is done already".to_owned();
            return Ok(Err(Outcome::NothingToDo { rule, resource, why }));
        }
        let Proposal { steps, mut left, unknown } = proposal;
        // What is unknown of a principal lets no rule change anything about it. A person who orders its suspension
        // wants all that can be done, and is told of the rest.
        let (unread, unknown) = match &cause {
            Cause::Order { .. } if !steps.is_empty() => (unknown, None),
            Cause::Order { .. } | Cause::Rule { .. } | Cause::Undo { .. } => {
                (Vec::new(), unknown.into_iter().next())
            }
        };
        left.extend(unread.iter().map(|unread| format!("let be, for it could not be read: {unread}")));
        let plan =
            Plan::new(resource, steps, left).map_err(|error| EngineError::Permanent(error.to_string()))?;
        let guards = Guards::of(self.deployment, self.governance);
        let refusal = protected
            .reason(&plan.resource)
            .map(|reason| Refusal::Protected { reason })
            .or_else(|| plan.steps.iter().find_map(|step| guards.against(step, self.remediator)))
            .or_else(|| self.managed(&cause, live, &plan.steps))
            .or(refusal)
            .or_else(|| unknown.map(|unread| Refusal::UnknownFact { unread }))
            .or_else(|| plan.steps.iter().find_map(|step| guards.against_holders(step, live)))
            .or_else(|| plan.steps.is_empty().then(|| Refusal::LeftToPeople { what: plan.left.clone() }));
        let aftermath = (self.remediator == Remediator::SuspendPrincipal)
            .then(|| Aftermath::of(&plan, live, &self.deployment.quarantine_policy))
            .flatten();
        let known_keys = known_keys(&cause, live);
        Ok(Ok(Intent { cause, mode, plan, refusal, unread, aftermath, known_keys }))
    }

    /// By whom it is managed, where a rule would act. A person who orders it knows better.
    fn managed(&self, cause: &Cause, live: &Resource, steps: &[Step]) -> Option<Refusal> {
        let Cause::Rule { rule, .. } = cause else { return None };
        let managed = self.governance.managed();
        let contains = crate::rules::find(*rule).is_some_and(|entry| entry.meta.answers_threats());
        // No stack switches a credential on again, and a threat waits for nobody's template.
        let of_credential = |step: &Step| step.takes_credential() || step.deletes_credential();
        let is_stacks = !contains && !steps.iter().all(of_credential);
        let stack = || if is_stacks { managed.by_stack(live) } else { None };
        managed.by_automation(live).or_else(stack).map(|by| Refusal::Managed { by })
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
            _ => Ok(Ok(outcome)),
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
        if let Some(refusal) = against_orders(&intent, obstacles) {
            return Ok(Ok(self.refuse(intent, refusal).await?));
        }
        let mut used = match self.staged(&mut intent, now).await? {
            Stage::Ready(used) => used,
            Stage::Held(outcome) => return Ok(Ok(outcome)),
        };
        if let Some(refusal) = self.outside_window(&intent, now) {
            return Ok(Ok(self.refuse(intent, refusal).await?));
        }
        used.counters = self.counters(&intent, sweep, now, obstacles);
        if let Some(refusal) = self.over_the_organizations(&intent, &used.counters, now).await? {
            return Ok(Ok(self.refuse(intent, refusal).await?));
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
                let refusal = self.over(self.ports, full, &intent, now).await?;
                return Ok(Ok(self.refuse(intent, refusal).await?));
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
        self.remember_contained(entry).await?;
        execute(self.ports, &Guards::of(self.deployment, self.governance), entry, run).await?;
        remember_keys(self.ports, entry).await;
        if let Cause::Rule { rule, .. } = entry.cause
            && entry.status == Status::Failed
        {
            // From the refusal, not from its writing down: that may have waited a day for somebody to mend something.
            let refused = entry.outcomes.iter().filter_map(StepOutcome::refused_at).max();
            let until = refused.unwrap_or_else(|| self.ports.now()) + NOT_AGAIN_FOR;
            let failure = FailedAct { entry: entry.id.clone(), plan: entry.plan.fingerprint(), until };
            // What was done is told and written down whether or not this can be kept.
            if let Err(error) = self.ports.put_failure(entry.plan.resource.unique_id(), rule, &failure).await
            {
                self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
            }
        }
        Ok(())
    }

    /// What answers a threat and found everything denied already stands on another entry's denial.
    async fn remember_contained(&self, entry: &Entry) -> Result<(), EngineError> {
        let in_force = entry.aftermath.as_ref().is_some_and(|it| it.denial == Denial::InForce);
        if in_force && entry.cause.answers_threat() {
            let contained = AlreadyContained { entry: entry.id.clone(), at: entry.opened };
            self.ports.put_contained(entry.plan.resource.unique_id(), &contained).await?;
        }
        Ok(())
    }

    /// Writes down that an act was refused. That a limit was reached is decided once, by whoever writes it down: the worker
    /// that stopped everything over it may have died before.
    async fn refuse(&self, mut intent: Intent, refusal: Refusal) -> Result<Outcome, EngineError> {
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
    fn outside_window(&self, intent: &Intent, now: Timestamp) -> Option<Refusal> {
        let Cause::Rule { rule, .. } = intent.cause else { return None };
        let waits = !crate::rules::find(rule).is_some_and(|entry| entry.meta.answers_threats());
        let closed = self.governance.change_windows().filter(|windows| waits && !windows.is_open(now));
        closed.map(|windows| Refusal::OutsideWindow { opens: windows.next_opening(now) })
    }

    /// The account's counters that an act counts on. A person's order is a person's to count.
    fn counters(
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
    async fn over_the_organizations(
        &self,
        intent: &Intent,
        own: &[Counter],
        now: Timestamp,
    ) -> Result<Option<Refusal>, EngineError> {
        let shared = shared_counters(&self.governance.limits().organization, now);
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
    async fn over(
        &self,
        brake: &impl Brake,
        full: Counter,
        intent: &Intent,
        now: Timestamp,
    ) -> Result<Refusal, EngineError> {
        let Counter { name, limit, most, of_one_resource, .. } = full;
        let resource = &intent.plan.resource;
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
        Ok(Refusal::LimitReached { limit: limit.to_owned(), most })
    }

    /// The entry under which AWS refused this very plan lately.
    async fn failed_before(
        &self,
        intent: &Intent,
        now: Timestamp,
        obstacles: &Obstacles,
    ) -> Result<Option<Entry>, EngineError> {
        let Cause::Rule { .. } = intent.cause else { return Ok(None) };
        let same = |failure: &FailedAct| now < failure.until && failure.plan == intent.plan.fingerprint();
        let Some(failure) = obstacles.failure.as_ref().filter(|failure| same(failure)) else {
            return Ok(None);
        };
        Ok(self.ports.entry(&failure.entry).await?.filter(|entry| entry.status == Status::Failed))
    }

    pub(super) fn is_ours(&self, entry: &Entry) -> bool {
        entry.remediator == self.remediator && entry.mode == Mode::Enforce
    }

    fn entry(&self, id: JournalId, intent: Intent, now: Timestamp) -> Entry {
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
        }
    }
}

/// Why nothing is done while everything is stopped: over this very act, or anyhow.
fn against_orders(intent: &Intent, obstacles: &Obstacles) -> Option<Refusal> {
    let orders = obstacles.orders();
    if let Cause::Rule { rule, .. } = intent.cause
        && let Some(Tripped { limit, most, .. }) = orders.tripped_by(rule, intent.plan.resource.unique_id())
    {
        return Some(Refusal::LimitReached { limit, most });
    }
    orders.against(&intent.cause)
}

fn known_keys(cause: &Cause, live: &Resource) -> Vec<KnownKey> {
    match live {
        Resource::Entity(Entity::User(user)) => KnownKeys::at_opening(cause, user),
        _ => Vec::new(),
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

pub(super) fn unreadable(unread: &Unread) -> EngineError {
    if unread.why.is_retryable() {
        EngineError::Retry(unread.to_string())
    } else {
        EngineError::Permanent(unread.to_string())
    }
}
