//! Whether a person would be asked otherwise by now about an undo that a worker died over. What was reported since it was
//! opened, nobody has seen who wanted it or agreed to it.

use super::lineage::Lineage;
use super::remediation::unreadable;
use super::restoration::RestoreRequest;
use super::unanswered::{Since, is_threatened, lifts_denial};
use super::{
    Brakes, Clock, EngineError, Hold, Journal, KeepSwitchedOffKeys, Notify, Observe, ReadIam, Restoration,
    Stages, WriteIam,
};
use crate::facts::Resource;
use crate::remedy::{Entry, KnownKeys, Plan, Refusal, Step, StepState, undo};

impl<P: ReadIam + WriteIam + Brakes + Journal + Stages + KeepSwitchedOffKeys + Notify + Clock + Observe>
    Restoration<'_, P>
{
    /// Why an open undo is not simply finished: what speaks against it since it was opened, or credentials that it would
    /// switch on by this order and are not in it, or the other way round.
    pub(super) async fn says_more(
        &self,
        request: &RestoreRequest,
        open: &Entry,
        original: &Entry,
        lineage: &Lineage,
    ) -> Result<Option<Refusal>, EngineError> {
        if !lineage.lifts {
            return Ok(None);
        }
        // Whoever is gone, or another by now, has each step refused.
        let Ok(live) = self.live(&open.plan).await? else { return Ok(None) };
        let since = Since::of(self.ports, original.plan.resource.unique_id()).await?;
        if self.is_reported_since(open, &live, &since, lineage.began(original))? {
            return Ok(Some(changed("a threat was reported after it was opened")));
        }
        let known = KnownKeys::of_entries(original, lineage.root.as_ref(), &since.entries);
        let meant = undo(original).without_the_gone(&live);
        let meant = match self.about_known_keys(request, meant, known).await {
            Ok((meant, _)) => meant.plan.steps,
            // None of it is to be switched on.
            Err(EngineError::Permanent(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(switches_others(&open.plan, &meant, &live)
            .then(|| changed("the credentials that it switches on are others by now")))
    }

    fn is_reported_since(
        &self,
        open: &Entry,
        live: &Resource,
        since: &Since,
        began: jiff::Timestamp,
    ) -> Result<bool, EngineError> {
        if !lifts_denial(&open.plan, self.deployment) {
            return Ok(false);
        }
        if since.is_any_after(Some(open.opened)) {
            return Ok(true);
        }
        let Some(newer) = Hold::of(open).reported_since(live) else { return Ok(false) };
        is_threatened(&newer, began, self.governance, self.deployment).map_err(|unread| unreadable(&unread))
    }
}

/// Whether credentials that are not on yet are switched on by one of these plans alone.
fn switches_others(open: &Plan, meant: &[Step], live: &Resource) -> bool {
    let is_left = |step: &&Step| step.switches_credential() && step.state(live) != StepState::Done;
    open.steps.iter().filter(is_left).any(|step| !meant.contains(step))
        || meant.iter().filter(is_left).any(|step| !open.steps.contains(step))
}

fn changed(what: &str) -> Refusal {
    Refusal::StateChanged { what: format!("a worker died over it, and {what}; it is planned anew") }
}
