//! What stands before the undoing of what answered a threat: a second person's word. And what no undo gives back
//! unasked: keys that somebody else may know, and other credentials that somebody else may have made.

use std::fmt;

use jiff::Timestamp;

use super::closing::write_down;
use super::execution::stopped;
use super::remediation::unreadable;
use super::restoration::{RestoreError, RestoreRequest};
use super::unanswered::{Since, is_threatened, lifts_denial};
use super::{
    ApprovalRequest, Brakes, Clock, Consent, EngineError, Journal, KeepSwitchedOffKeys, Matter, Notify,
    Novelty, Observe, Outcome, ReadIam, ResourceName, Restoration, Stages, WriteIam,
};
use crate::facts::{Entity, Need, OtherCredentialKind, Resource};
use crate::identifier::{AccessKeyId, Arn, CredentialId};
use crate::remedy::{Entry, JournalId, KnownKeys, Plan, Refusal, Status, Step, Undo, takes_denial_off};

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Restoration<'_, P>
{
    /// The word of a second person for this very undo, as it is once it is used; or asks for it, and gives back what came
    /// of that. `since` is when the last answer to a threat was written down that they have to know of.
    pub(super) async fn second_person(
        &self,
        request: &RestoreRequest,
        undo: &Entry,
        known_keys: Vec<String>,
        since: Option<Timestamp>,
    ) -> Result<Result<ApprovalRequest, Outcome>, EngineError> {
        let now = self.ports.now();
        if let Some(refusal) = stopped(self.ports, &undo.cause).await? {
            // Not so much as opened: whoever finishes an open entry asks nobody. The word is kept.
            let mut entry = undo.clone();
            (entry.status, entry.refusal, entry.closed) = (Status::Refused, Some(refusal), Some(now));
            entry.id = JournalId::of_plan(&format!("{} stopped at {now}", entry.cause), &entry.plan);
            write_down(self.ports, &entry).await?;
            return Ok(Err(self.conclude(entry, Novelty::Fresh)));
        }
        let resource = undo.plan.resource.clone();
        let plan = undo.plan.fingerprint();
        // Asked otherwise, with other keys, it is another question, and the first one stands.
        let about = Matter::Undo { of: request.journal_id.clone(), plan: plan.clone() };
        let needed = self.governance.approvals_needed_to_undo(&undo.plan);
        let approvals = self.governance.approvals();
        let asked = self.ports.request(resource.unique_id(), &about).await?;
        let asked = asked.map(|asked| asked.without(&request.requested_by));
        let waits =
            |why: String| Ok(Err(Outcome::NothingToDo { rule: None, resource: resource.clone(), why }));
        let version = asked.as_ref().map_or(0, |asked| asked.version);
        let refusals = asked.as_ref().map(|asked| asked.standing_refusals(now)).unwrap_or_default();
        match (ApprovalRequest::consent(asked.as_ref(), &plan, needed, approvals, now), asked) {
            // Whoever was asked before a threat was answered here has to be asked again.
            (Consent::Given | Consent::Waits { .. }, Some(asked)) if since > Some(asked.asked) => {}
            (Consent::Given, Some(given)) => return Ok(Ok(given.after_use(now))),
            (Consent::Refused { until }, Some(_)) => {
                return waits(format!("one of the approvers refused this undo, which stands until {until}"));
            }
            (Consent::Waits { people }, Some(asked)) => {
                return waits(format!(
                    "{people} of {needed} people have approved it under {}, who may until {}: somebody else than {} \
                     must, who then gives the same undo again",
                    asked.entry, asked.expires, request.requested_by
                ));
            }
            _ => {}
        }
        let mut asking = undo.clone();
        asking.closed = Some(now);
        if approvals.has_approvers() {
            let expires = now.saturating_add(approvals.valid_for()).unwrap_or(jiff::Timestamp::MAX);
            asking.status = Status::Planned;
            asking.refusal = Some(Refusal::AwaitsApproval { needed, plan, expires });
            asking.plan.left.splice(0..0, known_keys);
            asking.plan.left.push(format!(
                "a threat was answered here, or stands against it: once somebody else than {} has approved this, give the same undo again",
                request.requested_by
            ));
        } else {
            asking.status = Status::Refused;
            asking.refusal = Some(Refusal::LeftToPeople {
                what: vec![
                    "a threat was answered here, or stands against it, and the governance file names nobody who may approve its undo: name \
                     `approvals.approvers`, deploy, and give the undo again"
                        .to_owned(),
                ],
            });
        }
        asking.id = JournalId::of_plan(&format!("{} asks at {now}", asking.cause), &asking.plan);
        // Nobody may count on a notice that was not sent.
        if let Err(error) = self.ports.notify(&asking).await {
            return Err(EngineError::Retry(format!("people could not be asked to approve it: {error}")));
        }
        self.ports.open(&asking).await?;
        if let Some(request) = ApprovalRequest::of(&asking, about, version, refusals, now)
            && !self.ports.put_request(&request).await?
        {
            return Err(EngineError::Retry(
                "somebody else asked for the same undo at the same moment".to_owned(),
            ));
        }
        Ok(Err(self.conclude(asking, Novelty::Fresh)))
    }

    /// Whether an undo takes off a denial that answers a threat though its own entry does not: one that was reported since,
    /// which nobody had to answer, or one that an order named and found denied already.
    pub(super) fn lifts_what_else_answers(
        &self,
        plan: &Plan,
        live: &Resource,
        since: &Since,
        began: Timestamp,
    ) -> Result<bool, EngineError> {
        if !lifts_denial(plan, self.deployment) {
            return Ok(false);
        }
        if since.is_any() {
            return Ok(true);
        }
        is_threatened(live, began, self.governance, self.deployment).map_err(|unread| unreadable(&unread))
    }

    /// The undo without the keys that somebody else may know, and without other credentials where somebody else made one; or
    /// with them, where the order says that they are meant, and then what whoever agrees to it must know of them.
    pub(super) async fn about_known_keys(
        &self,
        request: &RestoreRequest,
        mut undo: Undo,
        mut known: KnownKeys,
    ) -> Result<(Undo, Vec<String>), EngineError> {
        let activated: Vec<Activated> = undo.plan.steps.iter().filter_map(Activated::by).collect();
        if activated.is_empty() {
            return Ok((undo, Vec::new()));
        }
        if request.reactivate_keys {
            if let Err(unread) = self.look_for_known(&undo.plan, &mut known).await {
                known.note_unread(&unread.to_string());
            }
            let tells = |one: &Activated| Some(format!("switches {one} on, though {}", one.doubt(&known)?));
            return Ok((undo, activated.iter().filter_map(tells).collect()));
        }
        if activated.iter().any(|one| !one.is_settled(&known)) {
            self.look_for_known(&undo.plan, &mut known).await?;
        }
        let stays_off = |step: &Step| Activated::by(step).is_some_and(|one| one.doubt(&known).is_some());
        undo.plan.steps.retain(|step| !stays_off(step));
        if undo.plan.steps.is_empty() {
            let id = request.journal_id.clone();
            return Err(EngineError::Permanent(RestoreError::KnownKeys { id }.to_string()));
        }
        undo.lost.extend(activated.iter().filter_map(|one| one.stays_off(&known)));
        Ok((undo, Vec::new()))
    }

    /// What is said of a user's keys by now, whatever they were switched off for.
    async fn look_for_known(&self, plan: &Plan, known: &mut KnownKeys) -> Result<(), EngineError> {
        let mut live = match self.ports.find(&ResourceName::of(&plan.resource)).await {
            Ok(Some(live)) => live,
            // That it is gone is said where it is looked at once more.
            Ok(None) => return Ok(()),
            Err(unread) => return Err(unreadable(&unread)),
        };
        self.ports.refresh(&mut live, &[Need::Threats, Need::AttachedPolicies].into()).await;
        match live {
            Resource::Entity(Entity::User(user)) => known.look(&user).map_err(|unread| unreadable(&unread)),
            _ => Ok(()),
        }
    }
}

/// What an undo's step switches on.
enum Activated {
    Key(AccessKeyId),
    Other(OtherCredentialKind, CredentialId),
}

impl Activated {
    fn by(step: &Step) -> Option<Self> {
        match step {
            Step::ActivateAccessKey { key, .. } => Some(Self::Key(key.clone())),
            Step::ActivateCredential { kind, credential, .. } => Some(Self::Other(*kind, credential.clone())),
            _ => None,
        }
    }

    /// Why it may be in somebody else's hands.
    fn doubt(&self, known: &KnownKeys) -> Option<String> {
        match self {
            Self::Key(key) => known.why(key),
            Self::Other(..) => known.why_others(),
        }
    }

    /// Whether what was known before leaves nothing to ask.
    fn is_settled(&self, known: &KnownKeys) -> bool {
        match self {
            Self::Key(_) => known.all_may_be(),
            Self::Other(..) => known.why_others().is_some(),
        }
    }

    /// What is said of it where it is left off.
    fn stays_off(&self, known: &KnownKeys) -> Option<String> {
        let why = self.doubt(known)?;
        Some(match self {
            Self::Key(key) => format!(
                "access key {key} stays off, for somebody else may know it ({why}): whoever needs one makes a new key"
            ),
            Self::Other(..) => format!(
                "{self} stays off, for somebody else may have made it ({why}): whoever needs one makes a new one"
            ),
        })
    }
}

impl fmt::Display for Activated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => key.fmt(f),
            Self::Other(kind, credential) => write!(f, "{kind} {credential}"),
        }
    }
}

/// Whether an undo that a worker died over is what undoing the entry takes, but for keys that are left off,
/// credentials that were deleted before, and what denies still for another entry.
pub(super) fn is_what_undoes(all: &Plan, open: &Plan, quarantine: &Arn) -> bool {
    let mut done = open.steps.iter().peekable();
    let in_order = all.steps.iter().all(|step| {
        let is = |planned: &&Step| **planned == *step || **planned == step.clone().over_no_boundary();
        done.next_if(is).is_some() || step.switches_credential() || takes_denial_off(step, quarantine)
    });
    in_order && done.peek().is_none() && all.resource == open.resource && !open.steps.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{QUARANTINE, alice, arn, deployer, inline, key_id};

    const STAFF: &str = "arn:aws:iam::111122223333:policy/staff";

    fn put(name: &str) -> Step {
        Step::PutUserPolicy {
            user: alice().identity,
            policy: name.parse().unwrap(),
            document: inline(name, "{}").document,
        }
    }

    fn activate(letter: char) -> Step {
        Step::ActivateAccessKey { user: alice().identity, key: key_id(letter) }
    }

    fn plan(steps: &[Step]) -> Plan {
        Plan { resource: alice().identity.into(), steps: steps.to_vec(), left: Vec::new() }
    }

    #[test]
    fn an_open_undo_is_what_undoes_where_it_is_all_of_it_in_order_but_for_credentials() {
        let all = plan(&[put("a"), activate('A'), put("b")]);
        let is = |steps: &[Step]| is_what_undoes(&all, &plan(steps), &arn(QUARANTINE));
        assert!(is(&all.steps) && is(&[put("a"), put("b")]), "keys may be left off");
        assert!(!is(&[put("a"), activate('A')]), "a part");
        assert!(!is(&[put("b"), put("a")]), "another order");
        assert!(!is(&[put("a"), put("b"), put("c")]), "more than that");
        assert!(!is(&[put("a"), put("b"), activate('B')]), "another key");
        let another = Plan { resource: deployer().identity.into(), ..all.clone() };
        assert!(!is_what_undoes(&all, &another, &arn(QUARANTINE)), "somebody else's");
        let bound = |boundary: &str, replaces: Option<&str>| Step::PutUserPermissionsBoundary {
            user: alice().identity,
            boundary: arn(boundary),
            replaces: replaces.map(arn),
        };
        let denied = plan(&[activate('A'), bound(STAFF, Some(QUARANTINE))]);
        for steps in [&[activate('A')][..], &[bound(STAFF, None)]] {
            assert!(is_what_undoes(&denied, &plan(steps), &arn(QUARANTINE)), "what denies for another entry");
        }
        let wider = plan(&[activate('A'), bound("arn:aws:iam::111122223333:policy/wide", None)]);
        assert!(!is_what_undoes(&denied, &wider, &arn(QUARANTINE)), "another boundary");
        let keys = plan(&[activate('A')]);
        assert!(!is_what_undoes(&keys, &plan(&[]), &arn(QUARANTINE)), "nothing");
    }
}
