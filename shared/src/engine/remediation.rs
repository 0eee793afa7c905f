use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::closing::{close, write_down};
use super::execution::{Run, execute};
use super::judge::{Stripped, without_exempt_keys};
use super::patience::Patience;
use super::{
    Clock, Decision, Deployment, EngineError, Finding, Journal, Notify, Novelty, Observe, Opened, Outcome,
    PrincipalName, ReadIam, SuspendOrder, WriteIam,
};
use crate::facts::{Entity, Need, Principal, Unread, WhyUnread};
use crate::governance::{Governance, Mode};
use crate::identifier::{Arn, UniqueId};
use crate::remedy::{
    Cause, Entry, JournalId, Plan, Refusal, Remediator, SCHEMA, Status, check_identity, check_remit,
    suspend_role, suspend_user,
};
use crate::rules::{Meta, Proposal, RuleId, Verdict};

/// An open entry older than this is nobody's any more: Lambda ends a function after 15 minutes.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_mins(20);

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
struct Intent {
    cause: Cause,
    mode: Mode,
    plan: Plan,
    /// Why it must not be done, if it must not.
    refusal: Option<Refusal>,
}

/// Another worker's open entry, opened since this one had looked for any.
struct Busy(Entry);

/// Who has the principal already.
enum Found {
    /// Nobody.
    Nothing,
    /// Nobody any more: a worker died over this entry, which is closed now.
    Dead(Entry),
    /// A worker of another function, or another one of this.
    AtWork(Entry),
}

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

impl<P: ReadIam + WriteIam + Journal + Notify + Clock + Observe> Remediation<'_, P> {
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
        let principal = finding.resource.principal().ok_or_else(|| {
            EngineError::Permanent(format!("{} is neither a user nor a role", finding.resource))
        })?;
        let mut patience = Patience::from(self.ports.now());
        let setting = self.governance.rule(finding.rule);
        // What is only written down gets in nobody's way.
        let waits = setting.enabled && setting.mode == Mode::Enforce;
        let mut resumed = None;
        loop {
            // What was done before a worker died may well hide the violation: it would never be closed, nor could it
            // be undone.
            match self.recover(principal.unique_id(), &patience).await? {
                Found::Dead(entry) => resumed = Some(entry),
                Found::AtWork(other) if waits || self.is_ours(&other) => {
                    patience.outwait(self.ports, &other).await?;
                    continue;
                }
                Found::Nothing | Found::AtWork(_) => {}
            }
            let intended = self.intend(&entry.meta, &principal, &finding.annotation).await?;
            if waits && is_blurred(&intended) && patience.looks_again() {
                continue;
            }
            let leaves_steps = intended.as_ref().is_ok_and(|intent| !intent.plan.steps.is_empty());
            if let Some(entry) = resumed.take_if(|_| !leaves_steps) {
                return Ok(Outcome::Journaled { entry, novelty: Novelty::Resumed });
            }
            match self.carry_out(intended).await? {
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
        loop {
            let mut live = self.ordered(&order.principal).await?;
            let principal = live.principal();
            match self.recover(principal.unique_id(), &patience).await? {
                Found::Dead(entry) if matches!(entry.cause, Cause::Order { .. }) => {
                    return Ok(Outcome::Journaled { entry, novelty: Novelty::Resumed });
                }
                Found::Nothing => {}
                // The principal is no longer what it was when it was looked up.
                Found::Dead(_) => continue,
                Found::AtWork(other) => {
                    patience.outwait(self.ports, &other).await?;
                    continue;
                }
            }
            self.ports.refresh(&mut live, &suspension_needs()).await;
            let context = self.deployment.context(self.ports.now());
            let proposal = match &live {
                Entity::User(user) => suspend_user(user, &context),
                Entity::Role(role) => suspend_role(role, &context),
            };
            let cause =
                Cause::Order { requested_by: order.requested_by.clone(), reason: order.reason.clone() };
            let intended = self.guarded(principal, cause, Mode::Enforce, None, proposal)?;
            if is_blurred(&intended) && patience.looks_again() {
                continue;
            }
            match self.carry_out(intended).await? {
                Ok(outcome) => return Ok(outcome),
                Err(Busy(other)) => patience.outwait(self.ports, &other).await?,
            }
        }
    }

    /// Whom an order is for, by name and path.
    async fn ordered(&self, arn: &Arn) -> Result<Entity, EngineError> {
        let name = PrincipalName::of_arn(arn).map_err(|error| EngineError::Permanent(error.to_string()))?;
        let live = match self.ports.find(&name).await {
            Ok(Some(live)) => live,
            Ok(None) => {
                return Err(EngineError::Permanent(format!("there is no {arn} in this account")));
            }
            Err(unread) => return Err(unreadable(&unread)),
        };
        let principal = live.principal();
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
    async fn intend(
        &self,
        meta: &Meta,
        principal: &Principal,
        annotation: &str,
    ) -> Result<Result<Intent, Outcome>, EngineError> {
        let setting = self.governance.rule(meta.id);
        let nothing = |why: &str| {
            Ok(Err(Outcome::NothingToDo {
                rule: Some(meta.id),
                principal: principal.clone(),
                why: why.to_owned(),
            }))
        };
        if !setting.enabled {
            return nothing("the governance file has this rule off");
        }
        let cause = Cause::Rule { rule: meta.id, annotation: annotation.to_owned() };
        let refused = |refusal: Refusal| {
            let plan = Plan { principal: principal.clone(), steps: Vec::new(), left: Vec::new() };
            Ok(Ok(Intent { cause: cause.clone(), mode: setting.mode, plan, refusal: Some(refusal) }))
        };
        let protected = self.deployment.protected(self.governance);
        // Nobody outside the account this function works in can even be looked up by it.
        if *principal.account() != self.deployment.account
            && let Some(reason) = protected.reason(principal)
        {
            return refused(Refusal::Protected { reason });
        }
        let mut live = match self.ports.find(&PrincipalName::of(principal)).await {
            Ok(Some(live)) => live,
            Ok(None) => return nothing("the principal is gone"),
            Err(unread) => return refused(Refusal::UnknownFact { unread }),
        };
        if let Err(refusal) = check_identity(principal, &live.principal()) {
            return refused(refusal);
        }
        let needs: BTreeSet<Need> = meta.needs.iter().chain(meta.plan_needs).copied().collect();
        self.ports.refresh(&mut live, &needs).await;
        let at = self.ports.now();
        let context = self.deployment.context(at);
        let exemption = self.governance.exemption(meta.id, live.principal().arn(), at);
        let (subject, key_exemption) = match without_exempt_keys(self.governance, meta.id, &live, at) {
            Stripped::Untouched => (live, None),
            Stripped::Without(rest, exemption) => (rest, Some(exemption)),
            Stripped::IdsUnknown(unread) => return refused(Refusal::UnknownFact { unread }),
        };
        match setting.rule.plan(&subject, &context) {
            None => nothing("the rule is not about this kind of principal"),
            Some(Verdict::Compliant) => match key_exemption {
                Some(exemption) => nothing(&format!("its keys are exempt under {}", exemption.ticket)),
                None => nothing("it keeps the rule now"),
            },
            Some(Verdict::Unknown(unread)) => refused(Refusal::UnknownFact { unread }),
            Some(Verdict::NonCompliant((violation, proposal))) => {
                let exempt = exemption.map(|exemption| Refusal::Exempt {
                    ticket: exemption.ticket.clone(),
                    until: exemption.last_day(),
                });
                let refusal = match exempt {
                    Some(refusal) => Some(refusal),
                    None => self.held(meta.id, principal, at).await?,
                };
                let cause = Cause::Rule { rule: meta.id, annotation: violation.annotation };
                self.guarded(subject.principal(), cause, setting.mode, refusal, proposal)
            }
        }
    }

    /// Whether a person has undone this rule's work on the principal lately.
    async fn held(
        &self,
        rule: RuleId,
        principal: &Principal,
        at: Timestamp,
    ) -> Result<Option<Refusal>, EngineError> {
        let hold = self.ports.hold(principal.unique_id(), rule).await?;
        Ok(hold.filter(|hold| at < hold.until).map(|hold| Refusal::Restored {
            by: hold.restored_by,
            until: hold.until.strftime("%Y-%m-%d").to_string(),
        }))
    }

    /// Holds a proposal against every guard.
    fn guarded(
        &self,
        principal: Principal,
        cause: Cause,
        mode: Mode,
        refusal: Option<Refusal>,
        proposal: Proposal,
    ) -> Result<Result<Intent, Outcome>, EngineError> {
        let protected = self.deployment.protected(self.governance);
        let nothing_to_do =
            proposal.steps.is_empty() && proposal.left.is_empty() && proposal.unknown.is_empty();
        if nothing_to_do {
            let rule = match cause {
                Cause::Rule { rule, .. } => Some(rule),
                Cause::Order { .. } | Cause::Undo { .. } => None,
            };
            let why = "all that can be done is done already".to_owned();
            return Ok(Err(Outcome::NothingToDo { rule, principal, why }));
        }
        let unknown = proposal.unknown.first().cloned();
        let plan = Plan::new(principal, proposal.steps, proposal.left)
            .map_err(|error| EngineError::Permanent(error.to_string()))?;
        let refusal = protected
            .reason(&plan.principal)
            .or_else(|| plan.steps.iter().find_map(|step| protected.step_reason(step)))
            .map(|reason| Refusal::Protected { reason })
            .or(refusal)
            // What is unknown of a principal lets nothing about it be changed.
            .or_else(|| unknown.map(|unread| Refusal::UnknownFact { unread }))
            .or_else(|| check_remit(&plan, self.remediator).err())
            .or_else(|| plan.steps.is_empty().then(|| Refusal::LeftToPeople { what: plan.left.clone() }));
        Ok(Ok(Intent { cause, mode, plan, refusal }))
    }

    /// Writes the intent down and, where nothing stands against it, carries it out.
    async fn carry_out(
        &self,
        intended: Result<Intent, Outcome>,
    ) -> Result<Result<Outcome, Busy>, EngineError> {
        let outcome = match intended {
            Err(outcome) => outcome,
            Ok(intent) if intent.refusal.is_some() || intent.mode != Mode::Enforce => {
                self.record(intent).await?
            }
            Ok(intent) => match self.enforce(intent).await? {
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
    async fn record(&self, intent: Intent) -> Result<Outcome, EngineError> {
        let now = self.ports.now();
        let status = match &intent.refusal {
            Some(Refusal::UnknownFact { .. }) => Status::Unknown,
            Some(_) => Status::Refused,
            None => Status::Planned,
        };
        let id = JournalId::of_plan(&intent.once(now), &intent.plan);
        let entry = Entry { closed: Some(now), status, ..self.entry(id, intent, now) };
        let opened = if entry.mode == Mode::Audit {
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

    async fn enforce(&self, intent: Intent) -> Result<Result<Outcome, Busy>, EngineError> {
        let now = self.ports.now();
        let id = JournalId::of_act(&intent.cause, &intent.plan, now);
        let mut entry = self.entry(id, intent, now);
        let novelty = match self.ports.open(&entry).await? {
            Opened::New => {
                let protected = self.deployment.protected(self.governance);
                execute(self.ports, &protected, &mut entry, Run::First).await?;
                Novelty::Fresh
            }
            Opened::Known => Novelty::Repeated,
            Opened::Busy(other) => return Ok(Err(Busy(other))),
        };
        Ok(Ok(Outcome::Journaled { entry, novelty }))
    }

    /// Looks for an open entry of the principal, before anything new is judged, and finishes it where it is a dead
    /// worker's of this function.
    async fn recover(&self, principal: &UniqueId, patience: &Patience) -> Result<Found, EngineError> {
        let Some(mut open) = self.ports.unfinished(principal).await? else { return Ok(Found::Nothing) };
        if self.is_ours(&open) && patience.takes_for_dead(&open, self.ports.now()) {
            let protected = self.deployment.protected(self.governance);
            execute(self.ports, &protected, &mut open, Run::Resumed).await?;
        } else if self.ports.now().duration_since(open.opened) > ABANDONED_AFTER {
            open.status = Status::Unknown;
            open.closed = Some(self.ports.now());
            close(self.ports, &open).await?;
        } else {
            return Ok(Found::AtWork(open));
        }
        let outcome = Outcome::Journaled { entry: open.clone(), novelty: Novelty::Resumed };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome) });
        Ok(Found::Dead(open))
    }

    fn is_ours(&self, entry: &Entry) -> bool {
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
            opened: now,
            closed: None,
            undone_by: None,
            lost: Vec::new(),
        }
    }
}

/// Whether a read failed as it does where another worker is changing, at this very moment, what is read: a policy that
/// was listed is gone when its text is asked for. A second look tells.
fn is_blurred(intended: &Result<Intent, Outcome>) -> bool {
    let refusal = intended.as_ref().ok().and_then(|intent| intent.refusal.as_ref());
    matches!(refusal, Some(Refusal::UnknownFact { unread }) if unread.why == WhyUnread::Failed)
}

fn suspension_needs() -> BTreeSet<Need> {
    [Need::InlinePolicies, Need::AttachedPolicies, Need::AccessKeys, Need::LoginProfile].into_iter().collect()
}

pub(super) fn unreadable(unread: &Unread) -> EngineError {
    if unread.why.is_retryable() {
        EngineError::Retry(unread.to_string())
    } else {
        EngineError::Permanent(unread.to_string())
    }
}
