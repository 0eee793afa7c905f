//! How long rules let a principal be after a person's undo: from before its first write, so that no rule answers what is
//! being put back, and only where something was.

use jiff::Timestamp;

use super::{Clock, Hold, Journal, PortError};
use crate::identifier::UniqueId;
use crate::remedy::{Cause, Entry, JournalId};

/// Holds every rule, for the undo that is about to be carried out. A hold of another undo comes back where this one does
/// nothing.
pub(super) async fn begin<P: Journal + Clock>(ports: &P, undo: &Entry) -> Result<(), PortError> {
    let (principal, now) = (undo.plan.resource.unique_id(), ports.now());
    let before = match ports.hold(principal).await? {
        // A dead worker's, of this very undo.
        Some(own) if own.restored_by == undo.id => own.before,
        other => standing(other.map(Box::new), None, now),
    };
    let hold = Hold { restored_by: undo.id.clone(), until: now + Hold::LASTS, before };
    ports.put_hold(principal, &hold).await
}

/// What of holds, one before the other, still stands, without that of this undo.
fn standing(hold: Option<Box<Hold>>, without: Option<&JournalId>, now: Timestamp) -> Option<Box<Hold>> {
    let mut hold = hold?;
    let before = standing(hold.before.take(), without, now);
    if hold.stands(now) && without != Some(&hold.restored_by) {
        return Some(Box::new(Hold { before, ..*hold }));
    }
    before
}

/// Ends the hold of an undo that wrote nothing, or that was undone. Those of other undos stand.
pub(super) async fn end<P: Journal + Clock>(
    ports: &P,
    principal: &UniqueId,
    undo: &JournalId,
) -> Result<(), PortError> {
    let Some(there) = ports.hold(principal).await? else { return Ok(()) };
    let now = ports.now();
    let instead = match standing(Some(Box::new(there.clone())), Some(undo), now) {
        Some(others) => *others,
        None if there.restored_by == *undo => Hold { until: now, before: None, ..there.clone() },
        None => return Ok(()),
    };
    if instead == there {
        return Ok(());
    }
    ports.replace_hold(principal, &there, &instead).await
}

/// Ends the hold of an undo that nobody will finish, if not a step of it was written.
pub(super) async fn end_of_given_up<P: Journal + Clock>(
    ports: &P,
    given_up: &Entry,
) -> Result<(), PortError> {
    if matches!(given_up.cause, Cause::Undo { .. }) && given_up.written().next().is_none() {
        end(ports, given_up.plan.resource.unique_id(), &given_up.id).await?;
    }
    Ok(())
}
