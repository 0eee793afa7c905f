//! What an undo goes back to: the act at the beginning, through all undos of undos since.

use jiff::Timestamp;

use super::{Journal, PortError};
use crate::remedy::{Cause, Entry};

/// So many undos of undos are followed.
pub(super) const UNDONE_AT_MOST: u32 = 20;

/// Where an entry comes from that is to be undone.
pub(super) struct Lineage {
    /// The act of a rule or an order at the beginning; `None` where it cannot be followed so far.
    pub(super) root: Option<Entry>,
    /// Whether undoing the entry undoes that act. An undo itself lifts, so undoing that puts the act back. What cannot be
    /// followed to its beginning may lift.
    pub(super) lifts: bool,
}

impl Lineage {
    /// When the act began, or what is left to be followed of it.
    pub(super) fn began(&self, undone: &Entry) -> Timestamp {
        self.root.as_ref().map_or(undone.opened, |root| root.opened)
    }

    /// Whether undoing the entry lifts what answered a threat: the answer itself, or what put it back, which is the undo of
    /// its undo. What cannot be followed to its beginning may be one.
    pub(super) fn lifts_what_answered_a_threat(&self) -> bool {
        self.lifts && self.root.as_ref().is_none_or(|root| root.cause.answers_threat())
    }

    pub(super) async fn of<P: Journal>(ports: &P, undone: &Entry) -> Result<Self, PortError> {
        let mut entry = undone.clone();
        for hop in 0..UNDONE_AT_MOST {
            let Cause::Undo { of, .. } = &entry.cause else {
                return Ok(Self { root: Some(entry), lifts: hop % 2 == 0 });
            };
            let Some(before) = ports.entry(of).await? else { break };
            entry = before;
        }
        Ok(Self { root: None, lifts: true })
    }
}
