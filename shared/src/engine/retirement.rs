//! What a deletion stands on: that Bailiff itself switched the key off, long ago, and that nobody has undone it.

use jiff::Timestamp;

use super::announcement::comes_first;
use super::{Clock, Decision, Journal, KeepSwitchedOffKeys, Observe, PortError};
use crate::facts::SwitchedOff;
use crate::identifier::AccessKeyId;
use crate::remedy::{Entry, JournalId, Refusal, Step, StepOutcome, StepResult};

/// Remembers which keys an entry that has ended switched off, and which on. That it cannot is told: such a key is never
/// deleted.
pub(super) async fn remember_keys<P: KeepSwitchedOffKeys + Observe>(ports: &P, ended: &Entry) {
    for (key, switched_off) in remembered(ended) {
        let user = ended.plan.resource.unique_id();
        if let Err(error) = ports.put_switched_off(user, &key, &switched_off).await {
            ports.decided(&Decision::NotRemembered { why: error.to_string() });
        }
    }
}

/// What is remembered of the keys that an entry which has ended switched off or on: of those alone of which it is known.
pub fn remembered(ended: &Entry) -> impl Iterator<Item = (AccessKeyId, SwitchedOff)> {
    let known = ended.outcomes.iter().filter(|it| it.result == StepResult::Verified);
    known.filter_map(|StepOutcome { index, at, .. }| {
        let (key, undone) = match ended.plan.steps.get(*index)? {
            Step::DeactivateAccessKey { key, .. } => (key, false),
            Step::ActivateAccessKey { key, .. } => (key, true),
            _ => return None,
        };
        Some((key.clone(), SwitchedOff { entry: ended.id.to_string(), at: *at, undone }))
    })
}

/// Whatever was remembered of a key that is about to be switched counts no more: should the end of this not be known, it
/// is never deleted. Where that cannot be written down, a rule waits; what waits for nobody is done all the same, and told.
pub(super) async fn forget_key<P: KeepSwitchedOffKeys + Observe + Clock>(
    ports: &P,
    entry: &Entry,
    step: &Step,
) -> Result<(), PortError> {
    let Some((key, forgotten)) = forgotten(entry, step, ports.now()) else { return Ok(()) };
    match ports.put_switched_off(entry.plan.resource.unique_id(), &key, &forgotten).await {
        Err(error) if comes_first(&entry.cause) => Err(error),
        Err(error) => {
            ports.decided(&Decision::NotRemembered { why: error.to_string() });
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// What is remembered of a key while it is being switched, which is nothing that a deletion could stand on.
pub fn forgotten(entry: &Entry, step: &Step, now: Timestamp) -> Option<(AccessKeyId, SwitchedOff)> {
    let (Step::DeactivateAccessKey { key, .. } | Step::ActivateAccessKey { key, .. }) = step else {
        return None;
    };
    Some((key.clone(), SwitchedOff { entry: entry.id.to_string(), at: now, undone: true }))
}

/// Why a key may not be deleted, if it may not. What sweeps remember only points at the entry; the journal, and the chain
/// behind it, must say that the key was switched off under it and that this was never undone.
pub(super) async fn unfounded<P: Journal>(ports: &P, step: &Step) -> Result<Option<Refusal>, PortError> {
    let Step::DeleteAccessKey { switched_off_under, .. } = step else { return Ok(None) };
    let refuse = |what: String| Ok(Some(Refusal::NotCredible { what }));
    let Ok(id) = JournalId::try_from(switched_off_under.clone()) else {
        return refuse(format!("`{switched_off_under}` is no entry"));
    };
    let Some(witnessed) = ports.witnessed(&id).await? else {
        return refuse(format!("there is no entry {id}"));
    };
    if let Err(doubt) = witnessed.vouched {
        return Ok(Some(doubt.into()));
    }
    Ok(why_unfounded(step, &witnessed.entry))
}

/// Why a deletion does not stand on this entry, which it names and the chain vouches for; `None` where it does, or where the
/// step deletes nothing.
pub fn why_unfounded(step: &Step, entry: &Entry) -> Option<Refusal> {
    let Step::DeleteAccessKey { user, key, since, .. } = step else { return None };
    let id = &entry.id;
    if entry.plan.resource.unique_id() != &user.unique_id || !switched_off(entry, key, *since) {
        return Some(Refusal::NotCredible {
            what: format!("entry {id} did not switch {key} off at {since}"),
        });
    }
    let undone_by = entry.undone_by.as_ref()?;
    Some(Refusal::StateChanged { what: format!("entry {id} was undone by {undone_by}") })
}

fn switched_off(entry: &Entry, wanted: &AccessKeyId, since: Timestamp) -> bool {
    entry.outcomes.iter().any(|outcome| {
        let step = entry.plan.steps.get(outcome.index);
        outcome.result == StepResult::Verified
            && outcome.at == since
            && matches!(step, Some(Step::DeactivateAccessKey { key, .. }) if key == wanted)
    })
}
