use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::brake::can_keep;
use super::closing::write_down;
use super::execution::{Run, execute};
use super::guards::Guards;
use super::hold;
use super::lineage::Lineage;
use super::order::{OrderError, said};
use super::patience::{Patience, is_abandoned};
use super::recovery::give_up;
use super::release::is_what_undoes;
use super::remediation::unreadable;
use super::replaced_boundary;
use super::retirement::remember_keys;
use super::unanswered::{Since, lifts_denial, remember_lifted};
use super::witness::doubted;
use super::{
    Brakes, Clock, Decision, Deployment, EngineError, Journal, KeepSwitchedOffKeys, Notify, Novelty, Observe,
    Opened, Outcome, ReadIam, ResourceName, Spent, Stages, Used, Witnessed, WriteIam,
};
use crate::facts::{Need, Resource};
use crate::governance::{Governance, Mode};
use crate::identifier::Arn;
use crate::remedy::{
    Aftermath, Cause, Entry, JournalId, KnownKeys, Plan, Refusal, Remediator, SCHEMA, Status, Step, Undo,
    check_entry, check_identity, check_remit, is_denied_by, takes_denial_off, undo,
};

/// A person's wish to undo a journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreRequest {
    /// The entry to undo.
    pub journal_id: JournalId,
    /// Who asks.
    pub requested_by: String,
    /// Why.
    pub reason: String,
    /// Whether access keys that somebody else may know, and other credentials that somebody else may have made, are switched
    /// on again, too.
    #[serde(default, skip_serializing_if = "is_not_said")]
    pub reactivate_keys: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_not_said(yes: &bool) -> bool {
    !yes
}

impl RestoreRequest {
    /// Reads a request; who, what and why must say something.
    pub fn parse(payload: &serde_json::Value) -> Result<Self, OrderError> {
        let request: Self = Self::deserialize(payload).map_err(|error| OrderError(error.to_string()))?;
        said("requestedBy", &request.requested_by)?;
        said("reason", &request.reason)?;
        Ok(request)
    }
}

/// An entry that cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// There is no such entry.
    #[error("there is no journal entry `{0}`")]
    NoEntry(JournalId),
    /// A newer version wrote it.
    #[error(
        "entry `{id}` has schema {schema}, this version reads {SCHEMA}; restore it with the version that wrote it"
    )]
    NewerSchema {
        /// The entry.
        id: JournalId,
        /// Its schema.
        schema: u32,
    },
    /// It is still being carried out.
    #[error("entry `{0}` is still open; wait until it is closed")]
    StillOpen(JournalId),
    /// It wrote nothing, so there is nothing to undo.
    #[error("entry `{id}` is {status} and changed nothing that can be put back{lost}")]
    NothingWritten {
        /// The entry.
        id: JournalId,
        /// Where it stands.
        status: Status,
        /// What is lost for good, as a half sentence.
        lost: String,
    },
    /// All that it did was to switch off keys that somebody else may know, or credentials that somebody else may have made.
    #[error(
        "entry `{id}` switched off access keys that somebody else may know, or credentials that somebody else may have made, \
         and did nothing else; make new ones, or say `\"reactivateKeys\": true` in the order if you are sure of the old ones"
    )]
    KnownKeys {
        /// The entry.
        id: JournalId,
    },
    /// A worker died over something else on the same principal.
    #[error(
        "a worker died over entry `{open}`, which is open on what entry `{id}` changed; the next sweep has it finished: \
         wait for that, or undo `{open}` first"
    )]
    Unfinished {
        /// The entry that is to be undone.
        id: JournalId,
        /// The one that is open.
        open: JournalId,
    },
    /// It was undone before.
    #[error("entry `{id}` was undone already, by `{by}`")]
    AlreadyUndone {
        /// The entry.
        id: JournalId,
        /// The entry that undid it.
        by: JournalId,
    },
}

/// Puts back what a journal entry changed, where nothing else has changed since.
pub struct Restoration<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file: protected principals are not changed by an undo either.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
}

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Restoration<'_, P>
{
    /// Undoes an entry.
    pub async fn restore(&self, request: &RestoreRequest) -> Result<Outcome, EngineError> {
        can_keep(self.ports, self.governance)?;
        let mut patience = Patience::from(self.ports.now());
        loop {
            let original = self.original(&request.journal_id).await?;
            let other = match self.ports.unfinished(original.entry.plan.resource.unique_id()).await? {
                None => match self.undo(request, original).await? {
                    Ok(outcome) => return Ok(outcome),
                    Err(other) => other,
                },
                Some(open)
                    if is_undo_of(&open, &original.entry)
                        && patience.takes_for_dead(&open, self.ports.now()) =>
                {
                    if let Some(outcome) = self.resume(request, open, original).await? {
                        return Ok(outcome);
                    }
                    continue;
                }
                // What a dead worker had begun on this very entry is nobody's to finish now that a person wants it undone,
                // nor is an undo, which no sweep finishes.
                Some(mut open)
                    if is_abandoned(&open, self.ports.now())
                        && (open.id == original.entry.id || matches!(open.cause, Cause::Undo { .. })) =>
                {
                    give_up(self.ports, &mut open, None).await?;
                    self.conclude(open, Novelty::Resumed);
                    continue;
                }
                // It may be what contains the principal.
                Some(open) if is_abandoned(&open, self.ports.now()) => {
                    let error = RestoreError::Unfinished { id: original.entry.id, open: open.id };
                    return Err(EngineError::Permanent(error.to_string()));
                }
                Some(other) => other,
            };
            patience.outwait(self.ports, &other).await?;
        }
    }

    /// Undoes an entry whose principal nobody has; gives back the entry of whoever took it just now.
    async fn undo(
        &self,
        request: &RestoreRequest,
        original: Witnessed,
    ) -> Result<Result<Outcome, Entry>, EngineError> {
        let lineage = Lineage::of(self.ports, &original.entry).await?;
        let Intended { undo, known_keys, refusal, asks, since } =
            self.intended(request, &original, &lineage).await?;
        let Undo { plan, lost, .. } = undo;
        let now = self.ports.now();
        let cause = Cause::Undo {
            of: original.entry.id.clone(),
            requested_by: request.requested_by.clone(),
            reason: request.reason.clone(),
        };
        let mut entry = Entry {
            schema: SCHEMA,
            id: JournalId::of_act(&cause, &plan, now),
            cause,
            remediator: Remediator::Restore,
            mode: Mode::Enforce,
            plan,
            status: if refusal.is_some() { Status::Refused } else { Status::Open },
            closed: refusal.is_some().then_some(now),
            refusal,
            outcomes: Vec::new(),
            attempting: None,
            unread: Vec::new(),
            updated: None,
            opened: now,
            undone_by: None,
            lost,
            aftermath: Aftermath::lifted(&original.entry),
            known_keys: original.entry.known_keys.clone(),
            made_by_another: original.entry.made_by_another.clone(),
        };
        if entry.refusal.is_some() {
            write_down(self.ports, &entry).await?;
            return Ok(Ok(self.conclude(entry, Novelty::Fresh)));
        }
        let mut used = Used::default();
        // When whoever agreed to it was asked.
        let mut asked = None;
        if asks {
            match self.second_person(request, &entry, known_keys, since).await? {
                Ok(given) => {
                    asked = Some(given.asked);
                    used.request = Some(given);
                }
                Err(outcome) => return Ok(Ok(outcome)),
            }
        }
        let novelty = match self.ports.open_using(&entry, &used).await? {
            // Whoever answered a threat since it was looked for has seen that nobody was at work here.
            Ok(Opened::New) if self.is_answered(&entry.plan, asked).await? => {
                let what =
                    "a threat was answered at the same moment; give the undo again, and a second person is \
                            asked"
                        .to_owned();
                give_up(self.ports, &mut entry, Some(Refusal::StateChanged { what })).await?;
                Novelty::Fresh
            }
            Ok(Opened::New) => {
                self.carry_out(&mut entry, original.entry, &lineage, asked).await?;
                Novelty::Fresh
            }
            Ok(Opened::Known) => Novelty::Repeated,
            Ok(Opened::Busy(other)) => return Ok(Err(other)),
            Err(Spent::Behind | Spent::Counter(_)) => {
                let why = "somebody else answered, or gave the same undo, at the same moment; give it again";
                return Err(EngineError::Retry(why.to_owned()));
            }
        };
        Ok(Ok(self.conclude(entry, novelty)))
    }

    /// Whether a plan takes off a denial on which the answer to a threat stands, one that nobody knew of who was asked then.
    async fn is_answered(&self, plan: &Plan, asked: Option<Timestamp>) -> Result<bool, EngineError> {
        let since = async || Since::of(self.ports, plan.resource.unique_id()).await;
        Ok(lifts_denial(plan, self.deployment) && since().await?.is_any_after(asked))
    }

    /// Plans the undo on what is there now, and says what stands against it.
    async fn intended(
        &self,
        request: &RestoreRequest,
        original: &Witnessed,
        lineage: &Lineage,
    ) -> Result<Intended, EngineError> {
        let undo = undoable(&original.entry)?;
        let refused = |undo, refusal| {
            Ok(Intended { undo, known_keys: Vec::new(), refusal: Some(refusal), asks: false, since: None })
        };
        let believed = match self.deployment.protected(self.governance).reason(&undo.plan.resource) {
            Some(reason) => Err(Refusal::Protected { reason }),
            None => self.witnessed(original),
        };
        if let Err(refusal) = believed {
            return refused(undo, refusal);
        }
        let live = match self.live(&undo.plan).await? {
            Ok(live) => live,
            Err(refusal) => return refused(undo, refusal),
        };
        let undo = match self.beside_others(undo, original, lineage, &live).await? {
            Ok(undo) => undo,
            Err((undo, refusal)) => return refused(undo, refusal),
        };
        if undo.plan.steps.is_empty() {
            let what = format!("{}; there is nothing else to undo", undo.lost.join("; "));
            return refused(undo, Refusal::StateChanged { what });
        }
        let since = Since::of(self.ports, original.entry.plan.resource.unique_id()).await?;
        let began = lineage.began(&original.entry);
        let asks = lineage.lifts_what_answered_a_threat()
            || self.lifts_what_else_answers(&undo.plan, &live, &since, began)?;
        let known = KnownKeys::of_entries(&original.entry, lineage.root.as_ref(), &since.entries);
        let (mut undo, known_keys) = self.about_known_keys(request, undo, known).await?;
        if lineage.lifts {
            undo = undo.over_what_boundary_is_there(&live);
        }
        let refusal = match check_remit(&undo.plan, Remediator::Restore) {
            Ok(()) => changed_since(&undo, &live, &self.deployment.quarantine_policy)?,
            Err(refusal) => Some(refusal),
        };
        if refusal.is_none() {
            let to_look_at: Vec<String> =
                undo.comes_back_by_name(&self.deployment.quarantine_policy).map(look_at).collect();
            undo.plan.left = to_look_at;
        }
        Ok(Intended { undo, known_keys, refusal, asks, since: since.last })
    }

    /// The undo without what is gone, and without what is another entry's to undo; or why another comes first.
    async fn beside_others(
        &self,
        undo: Undo,
        original: &Witnessed,
        lineage: &Lineage,
        live: &Resource,
    ) -> Result<Result<Undo, (Undo, Refusal)>, EngineError> {
        let undo = undo.without_the_gone(live);
        if !lineage.lifts {
            return Ok(Ok(undo));
        }
        let undo = undo.without_later_revocations(live);
        let lifts =
            |step: &Step| takes_denial_off(step, &self.deployment.quarantine_policy) && !step.unmarks();
        if !undo.plan.steps.iter().any(lifts) {
            return Ok(Ok(undo));
        }
        let Some(older) = replaced_boundary::older(self.ports, &original.entry, lineage).await? else {
            return Ok(Ok(undo));
        };
        if older.comes_back_by(&undo.plan) {
            return Ok(Ok(undo));
        }
        Ok(match older.comes_first(live) {
            Some(refusal) => Err((undo, refusal)),
            None => Ok(undo.without_boundary(older.to_string())),
        })
    }

    /// Finishes this very undo where a worker died over it. One that is not what undoing the entry takes is closed, and so
    /// is one that would be asked about otherwise by now.
    async fn resume(
        &self,
        request: &RestoreRequest,
        mut open: Entry,
        original: Witnessed,
    ) -> Result<Option<Outcome>, EngineError> {
        let believed = self.believed(&open).is_ok()
            && self.witnessed(&original).is_ok()
            && original.entry.is_closed()
            && is_what_undoes(&undo(&original.entry).plan, &open.plan, &self.deployment.quarantine_policy);
        let lineage = Lineage::of(self.ports, &original.entry).await?;
        let refusal = if believed {
            match doubted(self.ports, &open).await? {
                None => self.says_more(request, &open, &original.entry, &lineage).await?,
                doubted => doubted,
            }
        } else {
            let what = format!("it is not what undoing {} takes", original.entry.id);
            Some(Refusal::NotCredible { what })
        };
        if refusal.is_some() {
            give_up(self.ports, &mut open, refusal).await?;
            self.conclude(open, Novelty::Resumed);
            return Ok(None);
        }
        // When people were asked is not in it: what stood on the denial then goes on to count.
        self.carry_out(&mut open, original.entry, &lineage, None).await?;
        Ok(Some(self.conclude(open, Novelty::Resumed)))
    }

    fn believed(&self, entry: &Entry) -> Result<(), Refusal> {
        check_entry(entry, &self.deployment.account, &self.deployment.quarantine_policy)
    }

    /// What an undo puts back may be anything, so the journal's chain must vouch for it too.
    fn witnessed(&self, original: &Witnessed) -> Result<(), Refusal> {
        self.believed(&original.entry)?;
        original.vouched.clone().map_err(Refusal::from)
    }

    pub(super) fn conclude(&self, entry: Entry, novelty: Novelty) -> Outcome {
        let outcome = Outcome::Journaled { entry, novelty };
        self.ports.decided(&Decision::Remediated { outcome: Box::new(outcome.clone()) });
        outcome
    }

    async fn original(&self, id: &JournalId) -> Result<Witnessed, EngineError> {
        let permanent = |error: RestoreError| EngineError::Permanent(error.to_string());
        let original =
            self.ports.witnessed(id).await?.ok_or_else(|| permanent(RestoreError::NoEntry(id.clone())))?;
        if original.entry.schema > SCHEMA {
            return Err(permanent(RestoreError::NewerSchema {
                id: id.clone(),
                schema: original.entry.schema,
            }));
        }
        Ok(original)
    }

    /// Whether a suspension denies its principal everything. What cannot be read may not.
    async fn is_suspended(&self, plan: &Plan) -> bool {
        let needs = [Need::AttachedPolicies, Need::InlinePolicies].into_iter().collect();
        match self.ports.read(&ResourceName::of(&plan.resource), &needs).await {
            Ok(Some(live)) => is_denied_by(&live, &self.deployment.quarantine_policy) == Ok(true),
            Ok(None) | Err(_) => false,
        }
    }

    /// Whether a plan took a denial off, and nothing else denies its principal everything. What cannot be read may.
    async fn ended_the_denial(&self, plan: &Plan) -> bool {
        let needs = [Need::AttachedPolicies, Need::InlinePolicies].into_iter().collect();
        lifts_denial(plan, self.deployment)
            && match self.ports.read(&ResourceName::of(&plan.resource), &needs).await {
                Ok(Some(live)) => is_denied_by(&live, &self.deployment.quarantine_policy) == Ok(false),
                Ok(None) | Err(_) => false,
            }
    }

    /// The principal that is meant, with all that the plan touches.
    pub(super) async fn live(&self, plan: &Plan) -> Result<Result<Resource, Refusal>, EngineError> {
        let mut needs: BTreeSet<Need> = plan.needs().into_iter().collect();
        if lifts_denial(plan, self.deployment) {
            needs.insert(Need::Threats);
        }
        let live = match self.ports.read(&ResourceName::of(&plan.resource), &needs).await {
            Ok(Some(live)) => live,
            Ok(None) => return Ok(Err(Refusal::Gone)),
            Err(unread) => return Err(unreadable(&unread)),
        };
        Ok(check_identity(&plan.resource, &live.identity()).map(|()| live))
    }

    async fn carry_out(
        &self,
        entry: &mut Entry,
        mut original: Entry,
        lineage: &Lineage,
        asked: Option<Timestamp>,
    ) -> Result<(), EngineError> {
        // Whoever tidies up after a suspension that stands holds nobody back from putting that back.
        let holds = lineage.lifts && !(original.denies_first() && self.is_suspended(&entry.plan).await);
        if holds {
            // The hold comes first: the moment the state is back, a rule would find it broken again.
            hold::begin(self.ports, entry).await?;
        }
        let guards = Guards::of(self.deployment, self.governance);
        execute(self.ports, &guards, entry, &Run::Through).await?;
        remember_keys(self.ports, entry).await;
        // Before the original is marked as undone: should a worker die here, the same undo is given again.
        let took = entry.status == Status::Verified || entry.written().next().is_some();
        let principal = entry.plan.resource.unique_id();
        match (lineage.lifts, took) {
            (true, false) => hold::end(self.ports, principal, &entry.id).await?,
            // It puts back what was done, and what a person had undone is so no more.
            (false, true) => hold::end(self.ports, principal, &original.id).await?,
            (true, true) | (false, false) => {}
        }
        if entry.status == Status::Verified {
            if let Some(asked) = asked
                && self.ended_the_denial(&entry.plan).await
            {
                remember_lifted(self.ports, entry, asked).await?;
            }
            original.undone_by = Some(entry.id.clone());
            self.ports.update(&original, original.written_at()).await?;
        }
        Ok(())
    }
}

/// An undo as it would be carried out.
struct Intended {
    undo: Undo,
    /// What whoever agrees to it must know of keys that it switches on.
    known_keys: Vec<String>,
    /// Why it must not be, if it must not.
    refusal: Option<Refusal>,
    /// Whether it waits for a second person's word.
    asks: bool,
    /// When the last answer to a threat was written down that stands on what it takes off.
    since: Option<Timestamp>,
}

/// What Bailiff cannot look at itself: the facts that a plan is made on do not hold what a policy says.
fn look_at(policy: &Arn) -> String {
    format!(
        "look at what {policy} says: it comes back by its name, and may have been changed or made anew since it was taken"
    )
}

/// Whether what the entry left behind has changed. Nothing is put back piecemeal; where all of it is back already, as
/// after a worker that died at the very end, nothing stands against saying so.
///
/// That a denial is off already, or the mark of it, or that a credential is on, keeps nobody from getting the rest: it may
/// have been the undo of a later entry, or whoever had another made by it.
fn changed_since(undo: &Undo, live: &Resource, quarantine: &Arn) -> Result<Option<Refusal>, EngineError> {
    let stops_nobody = |step: &Step| takes_denial_off(step, quarantine) || step.switches_credential();
    let mut done = None;
    let mut pending = false;
    for step in &undo.plan.steps {
        match step.state(live).may_run() {
            Ok(true) => pending = true,
            Ok(false) if undo.uncertain.contains(step) || stops_nobody(step) => {}
            Ok(false) => done = Some(step),
            Err(Refusal::UnknownFact { unread }) => return Err(unreadable(&unread)),
            Err(refusal) => return Ok(Some(refusal)),
        }
    }
    if let Some(step) = done
        && pending
    {
        return Ok(Some(Refusal::StateChanged { what: format!("somebody did `{step}` already") }));
    }
    Ok(None)
}

fn is_undo_of(entry: &Entry, original: &Entry) -> bool {
    matches!(&entry.cause, Cause::Undo { of, .. } if *of == original.id)
}

fn undoable(original: &Entry) -> Result<Undo, EngineError> {
    let id = original.id.clone();
    let error = if !original.is_closed() {
        RestoreError::StillOpen(id)
    } else if let Some(by) = &original.undone_by {
        RestoreError::AlreadyUndone { id, by: by.clone() }
    } else {
        let undo = undo(original);
        if !undo.plan.steps.is_empty() {
            return Ok(undo);
        }
        let lost = if undo.lost.is_empty() { String::new() } else { format!(": {}", undo.lost.join("; ")) };
        RestoreError::NothingWritten { id, status: original.status, lost }
    };
    Err(EngineError::Permanent(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_says_of_known_keys_only_that_they_are_meant() {
        let base = json!({"journalId": "20261122t090000-0123456789ab", "requestedBy": "sam", "reason": "r"});
        let mut meant = base.clone();
        meant["reactivateKeys"] = json!(true);
        for (request, expected) in [(&base, false), (&meant, true)] {
            let read = RestoreRequest::parse(request).unwrap();
            assert_eq!(read.reactivate_keys, expected);
            assert_eq!(&serde_json::to_value(&read).unwrap(), request);
        }
    }
}
