//! What a rule would do about what it finds now, and what stands against it before anything is written down.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Remediation;
use crate::engine::guards::Guards;
use crate::engine::relief::Relief;
use crate::engine::{
    Brakes, Clock, EngineError, Journal, KeepSwitchedOffKeys, Notify, Observe, Obstacles, Outcome, ReadIam,
    ResourceName, Stages, WriteIam,
};
use crate::facts::{Entity, Resource, ResourceIdentity, Unread};
use crate::governance::Mode;
use crate::remedy::{
    Aftermath, Cause, KnownKey, KnownKeys, Plan, Refusal, Remediator, Step, Write, check_identity,
};
use crate::rules::{Context, Meta, Proposal, RuleId, Verdict, Violation};

/// What is to be done to whom, before it is written down.
#[derive(Clone)]
pub(in crate::engine) struct Intent {
    pub(in crate::engine) cause: Cause,
    pub(in crate::engine) mode: Mode,
    pub(in crate::engine) plan: Plan,
    /// Who has the policy that it is about, or is in the group, where the plan takes from them.
    pub(in crate::engine) holders: BTreeSet<ResourceIdentity>,
    /// Why it must not be done, if it must not.
    pub(in crate::engine) refusal: Option<Refusal>,
    /// What could not be read, and is left out of the plan.
    pub(super) unread: Vec<Unread>,
    /// What of whom it suspends lives on.
    pub(super) aftermath: Option<Aftermath>,
    /// Access keys of whom it is about that somebody else may know.
    pub(super) known_keys: Vec<KnownKey>,
    /// Why others may hold its other credentials.
    pub(super) made_by_another: Vec<String>,
    /// When everything was stopped over it, if a limit was reached.
    pub(super) tripped: Option<Timestamp>,
}

impl Intent {
    /// A plan alone: nothing stands against it, and nothing is said of it.
    pub(super) fn of(cause: Cause, mode: Mode, plan: Plan) -> Self {
        Self {
            cause,
            mode,
            plan,
            holders: BTreeSet::new(),
            refusal: None,
            unread: Vec::new(),
            aftermath: None,
            known_keys: Vec::new(),
            made_by_another: Vec::new(),
            tripped: None,
        }
    }

    /// What only one entry of a plan is written for, where nothing is carried out: the same why, on the same day.
    ///
    /// What is left to people takes them longer, so they are reminded once a week, and whatever its details say by
    /// then: a key in use was last used at another time each day.
    pub(super) fn once(&self, at: Timestamp) -> String {
        let Self { cause, mode, refusal, .. } = self;
        let found = match cause {
            Cause::Rule { annotation, .. } => annotation,
            Cause::Order { reason, .. } | Cause::Undo { reason, .. } => reason,
        };
        match refusal {
            Some(Refusal::LeftToPeople { .. }) => {
                format!("{cause} {mode} left to people: {found} {}", at.strftime("%G-W%V"))
            }
            // Each time that everything is stopped, for a person has let it go on in between.
            Some(refusal) if let Some(since) = self.tripped => format!("{cause} {mode} {refusal} {since}"),
            Some(refusal) => format!("{cause} {mode} {refusal} {}", at.strftime("%Y-%m-%d")),
            None => format!("{cause} {mode} {}", at.strftime("%Y-%m-%d")),
        }
    }
}

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Remediation<'_, P>
{
    /// Judges the live state and plans, without what met a quota a moment ago; or says why nothing is to be done.
    pub(in crate::engine) async fn intend(
        &self,
        meta: &Meta,
        resource: &ResourceIdentity,
        annotation: &str,
        obstacles: &Obstacles,
        used_up: &BTreeSet<Write>,
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
            Ok(Ok(Intent { refusal: Some(refusal), ..Intent::of(cause.clone(), setting.mode, plan) }))
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
        let context = Context { used_up: used_up.clone(), ..self.deployment.context(self.governance, at) };
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
                let held = exempt.is_none().then(|| obstacles.held(at)).flatten();
                let since = held.as_ref().and_then(|_| self.found_since(meta, subject, &context, obstacles));
                let (refusal, violation, proposal) = match since {
                    Some((violation, proposal)) => (None, violation, proposal),
                    None => (held, violation, proposal),
                };
                let annotation = match exempt {
                    Some(_) => violation.annotation,
                    None => relief.said_of(self.governance, meta, &context, &violation.annotation),
                };
                let refusal = exempt.or(refusal);
                let cause = Cause::Rule { rule: meta.id, annotation };
                self.guarded(subject, cause, setting.mode, refusal, proposal)
            }
        }
    }

    /// What a rule that answers reports finds by those alone that came after a person's undo.
    fn found_since(
        &self,
        meta: &Meta,
        live: &Resource,
        context: &Context,
        obstacles: &Obstacles,
    ) -> Option<(Violation, Proposal)> {
        let hold = obstacles.hold.as_ref().filter(|_| meta.answers_reports())?;
        let newer = hold.reported_since(live)?;
        match self.governance.rule(meta.id).rule.plan(&newer, context) {
            Some(Verdict::NonCompliant(found)) => Some(found),
            Some(Verdict::Compliant | Verdict::Unknown(_)) | None => None,
        }
    }

    /// Holds a proposal against every guard.
    pub(in crate::engine) fn guarded(
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
        // wants all that can be done, and is told of the rest; so is who is told of a threat, which waits for no list.
        let takes_what_it_can = match &cause {
            Cause::Order { .. } => true,
            Cause::Rule { rule, .. } => contains(*rule),
            Cause::Undo { .. } => false,
        };
        let (unread, unknown) = if takes_what_it_can && !steps.is_empty() {
            (unknown, None)
        } else {
            (Vec::new(), unknown.into_iter().next())
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
        let (known_keys, made_by_another) = (known_keys(&cause, live), made_by_another(live));
        let holders =
            if plan.steps.iter().any(Step::takes_from_holders) { held_by(live) } else { BTreeSet::new() };
        let intent = Intent::of(cause, mode, plan);
        Ok(Ok(Intent { holders, refusal, unread, aftermath, known_keys, made_by_another, ..intent }))
    }

    /// By whom it is managed, where a rule would act. A person who orders it knows better.
    fn managed(&self, cause: &Cause, live: &Resource, steps: &[Step]) -> Option<Refusal> {
        let Cause::Rule { rule, .. } = cause else { return None };
        let managed = self.governance.managed();
        // No stack switches a credential on again, and a threat waits for nobody's template.
        let of_credential = |step: &Step| step.takes_credential() || step.deletes_credential();
        let is_stacks = !contains(*rule) && !steps.iter().all(of_credential);
        let stack = || if is_stacks { managed.by_stack(live) } else { None };
        managed.by_automation(live).or_else(stack).map(|by| Refusal::Managed { by })
    }
}

/// Whether a rule answers threats.
pub(super) fn contains(rule: RuleId) -> bool {
    crate::rules::find(rule).is_some_and(|entry| entry.meta.answers_threats())
}

/// Who has the policy or is in the group. Where that cannot be read nothing is done, which a guard sees to.
fn held_by(live: &Resource) -> BTreeSet<ResourceIdentity> {
    live.holders().and_then(|holders| holders.known().ok().flatten()).cloned().unwrap_or_default()
}

pub(super) fn known_keys(cause: &Cause, live: &Resource) -> Vec<KnownKey> {
    match live {
        Resource::Entity(Entity::User(user)) => KnownKeys::at_opening(cause, user),
        _ => Vec::new(),
    }
}

pub(super) fn made_by_another(live: &Resource) -> Vec<String> {
    match live {
        Resource::Entity(Entity::User(user)) => KnownKeys::others_at_opening(user),
        _ => Vec::new(),
    }
}
