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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    use jiff::SignedDuration;

    use crate::engine::PortErrorKind;
    use crate::facts::fixture::{alice, now};
    use crate::identifier::UniqueId;
    use crate::notice::tests::verified_entry;
    use crate::remedy::Cause;
    use crate::rules::RuleId;

    /// Nothing can be written down here.
    #[derive(Default)]
    struct Full {
        told: RefCell<Vec<Decision>>,
    }

    impl KeepSwitchedOffKeys for Full {
        async fn put_switched_off(
            &self,
            _: &UniqueId,
            _: &AccessKeyId,
            _: &SwitchedOff,
        ) -> Result<(), PortError> {
            let operation = "dynamodb:PutItem";
            Err(PortError { operation, kind: PortErrorKind::Throttled, message: "slow down".to_owned() })
        }
    }

    impl Observe for Full {
        fn decided(&self, decision: &Decision) {
            self.told.borrow_mut().push(decision.clone());
        }
    }

    impl Clock for Full {
        fn now(&self) -> Timestamp {
            now()
        }

        async fn sleep(&self, _: SignedDuration) {}
    }

    #[test]
    fn where_a_key_cannot_be_forgotten_a_rule_waits_and_an_answer_to_a_threat_does_not() {
        let rule = |id: &str| Cause::Rule { rule: RuleId::parse(id).unwrap(), annotation: String::new() };
        let order = Cause::Order { requested_by: "sam".to_owned(), reason: "r".to_owned(), threat: None };
        for (cause, waits) in
            [(rule("access-key-age"), true), (rule("access-key-exposed"), false), (order, false)]
        {
            let ports = Full::default();
            let entry = Entry { cause, ..verified_entry() };
            let forgotten = pollster::block_on(forget_key(&ports, &entry, &alice().deactivate('A')));
            assert_eq!(forgotten.is_err(), waits, "{}", entry.cause);
            let told = ports.told.borrow();
            let said = |told: &Decision| matches!(told, Decision::NotRemembered { why } if why.contains("slow down"));
            assert_eq!(told.iter().filter(|told| said(told)).count(), usize::from(!waits), "{told:?}");
        }
    }
}
