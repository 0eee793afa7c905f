//! What a deletion stands on: that Bailiff itself switched the key off, long ago, and that nobody has undone it.

use jiff::Timestamp;

use super::{Clock, Decision, Journal, KeepSwitchedOffKeys, Observe, PortError};
use crate::facts::SwitchedOff;
use crate::identifier::AccessKeyId;
use crate::remedy::{Entry, JournalId, Refusal, Step, StepOutcome, StepResult};

/// Remembers which keys an entry that has ended switched off, and which on. That it cannot is told: such a key is never
/// deleted.
pub(super) async fn remember_keys<P: KeepSwitchedOffKeys + Observe>(ports: &P, ended: &Entry) {
    for StepOutcome { index, at, .. } in ended.outcomes.iter().filter(|it| it.result == StepResult::Verified)
    {
        let (key, undone) = match ended.plan.steps.get(*index) {
            Some(Step::DeactivateAccessKey { key, .. }) => (key, false),
            Some(Step::ActivateAccessKey { key, .. }) => (key, true),
            _ => continue,
        };
        let switched_off = SwitchedOff { entry: ended.id.to_string(), at: *at, undone };
        let user = ended.plan.resource.unique_id();
        if let Err(error) = ports.put_switched_off(user, key, &switched_off).await {
            ports.decided(&Decision::NotRemembered { why: error.to_string() });
        }
    }
}

/// Whatever was remembered of a key that is about to be switched counts no more: should the end of this not be known, it
/// is never deleted.
pub(super) async fn forget_key<P: KeepSwitchedOffKeys + Observe + Clock>(
    ports: &P,
    entry: &Entry,
    step: &Step,
) {
    let (Step::DeactivateAccessKey { key, .. } | Step::ActivateAccessKey { key, .. }) = step else { return };
    let forgotten = SwitchedOff { entry: entry.id.to_string(), at: ports.now(), undone: true };
    if let Err(error) = ports.put_switched_off(entry.plan.resource.unique_id(), key, &forgotten).await {
        ports.decided(&Decision::NotRemembered { why: error.to_string() });
    }
}

/// Why a key may not be deleted, if it may not. What sweeps remember only points at the entry; the journal, and the chain
/// behind it, must say that the key was switched off under it and that this was never undone.
pub(super) async fn unfounded<P: Journal>(ports: &P, step: &Step) -> Result<Option<Refusal>, PortError> {
    let Step::DeleteAccessKey { user, key, switched_off_under, since } = step else { return Ok(None) };
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
    let entry = witnessed.entry;
    if entry.plan.resource.unique_id() != &user.unique_id || !switched_off(&entry, key, *since) {
        return refuse(format!("entry {id} did not switch {key} off at {since}"));
    }
    if let Some(undone_by) = entry.undone_by {
        return Ok(Some(Refusal::StateChanged { what: format!("entry {id} was undone by {undone_by}") }));
    }
    Ok(None)
}

fn switched_off(entry: &Entry, wanted: &AccessKeyId, since: Timestamp) -> bool {
    entry.outcomes.iter().any(|outcome| {
        let step = entry.plan.steps.get(outcome.index);
        outcome.result == StepResult::Verified
            && outcome.at == since
            && matches!(step, Some(Step::DeactivateAccessKey { key, .. }) if key == wanted)
    })
}
