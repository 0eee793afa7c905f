//! How long rules let a principal be after a person's undo: from before its first write, so that no rule answers what is
//! being put back, and only where something was.

use jiff::SignedDuration;

use super::{Clock, Hold, Journal, PortError};
use crate::identifier::UniqueId;
use crate::remedy::{Cause, Entry, JournalId};

/// Time to mend the cause or to exempt it.
const HOLD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Holds every rule, for the undo that is about to be carried out. A hold of another undo comes back where this one does
/// nothing.
pub(super) async fn begin<P: Journal + Clock>(ports: &P, undo: &Entry) -> Result<(), PortError> {
    let (principal, now) = (undo.plan.resource.unique_id(), ports.now());
    let before = match ports.hold(principal).await? {
        // A dead worker's, of this very undo.
        Some(own) if own.restored_by == undo.id => own.before,
        Some(other) if now < other.until => Some(Box::new(Hold { before: None, ..other })),
        _ => None,
    };
    let hold = Hold { restored_by: undo.id.clone(), until: now + HOLD, before };
    ports.put_hold(principal, &hold).await
}

/// Ends the hold of an undo that wrote nothing, or that was undone. One of another undo stands.
pub(super) async fn end<P: Journal + Clock>(
    ports: &P,
    principal: &UniqueId,
    undo: &JournalId,
) -> Result<(), PortError> {
    let Some(standing) = ports.hold(principal).await?.filter(|hold| hold.restored_by == *undo) else {
        return Ok(());
    };
    let now = ports.now();
    let instead = match standing.before.clone().filter(|before| now < before.until) {
        Some(before) => *before,
        None => Hold { until: now, before: None, ..standing.clone() },
    };
    ports.replace_hold(principal, &standing, &instead).await
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
