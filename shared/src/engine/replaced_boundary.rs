//! The permissions boundary that the quarantine took the place of. What is there when the denial is put back is what somebody
//! left there who had taken it off, and no more than that comes back with the undo of the later entry: the boundary of before
//! is the first one's to give back.

use std::fmt;

use super::lineage::{Lineage, UNDONE_AT_MOST};
use super::{AlreadyContained, Journal, PortError};
use crate::facts::Resource;
use crate::identifier::Arn;
use crate::remedy::{Cause, Entry, JournalId, Plan, Refusal, Step};

/// An entry, or the undo of its undo, that had the quarantine in the place of a boundary when another one was written down.
#[derive(Debug)]
pub(super) struct Older {
    entry: JournalId,
    boundary: Arn,
    stands: bool,
}

impl Older {
    /// Whether a plan gives the same boundary back itself, as where people had set it by hand.
    pub(super) fn comes_back_by(&self, plan: &Plan) -> bool {
        plan.steps.iter().any(|step| step.changes_boundary() && step.puts_on() == Some(&self.boundary))
    }

    /// Why a later entry's denial stays until this one is undone: without either the principal would have more powers than
    /// before it was suspended.
    pub(super) fn comes_first(&self, live: &Resource) -> Option<Refusal> {
        let Self { entry, boundary, stands } = self;
        let is_back = match live {
            Resource::Entity(entity) => entity.boundary().known() == Ok(Some(boundary)),
            _ => true,
        };
        (*stands && !is_back).then(|| {
            let what = format!(
                "entry {entry} put the quarantine in the place of the permissions boundary {boundary}, which only its own \
                 undo gives back: undo {entry} first, then this one"
            );
            Refusal::StateChanged { what }
        })
    }
}

/// Why the later entry's undo leaves the boundary alone.
impl fmt::Display for Older {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the permissions boundary is what entry {} took the place of, and stays", self.entry)
    }
}

/// Remembers of an entry that is about to put the quarantine in the place of a boundary, unless an older one that did so
/// stands: what is there since is not what was there before.
pub(super) async fn remember<P: Journal>(ports: &P, entry: &Entry) -> Result<(), PortError> {
    let replaced = entry.plan.steps.iter().find_map(Step::replaces_boundary);
    let Some(boundary) = replaced.filter(|_| !matches!(entry.cause, Cause::Undo { .. })) else {
        return Ok(());
    };
    if of(ports, entry, None).await?.is_some_and(|older| older.stands) {
        return Ok(());
    }
    let remembered =
        AlreadyContained { boundary: Some(boundary.clone()), ..AlreadyContained::by(entry, entry.opened) };
    ports.put_contained(entry.plan.resource.unique_id(), &remembered).await
}

/// The entry that stood when this one was written down, and had the quarantine in the place of a boundary.
pub(super) async fn older<P: Journal>(
    ports: &P,
    entry: &Entry,
    lineage: &Lineage,
) -> Result<Option<Older>, PortError> {
    of(ports, entry, lineage.root.as_ref().map(|root| &root.id)).await
}

async fn of<P: Journal>(
    ports: &P,
    entry: &Entry,
    root: Option<&JournalId>,
) -> Result<Option<Older>, PortError> {
    for remembered in ports.contained(entry.plan.resource.unique_id()).await? {
        let AlreadyContained { entry: id, boundary: Some(boundary), .. } = remembered else { continue };
        if id == entry.id || Some(&id) == root {
            continue;
        }
        let Some(other) = ports.entry(&id).await? else { continue };
        let took = other.written().any(|step| step.replaces_boundary() == Some(&boundary));
        if !took || other.opened > entry.opened {
            continue;
        }
        let (mut last, mut stands) = (other, true);
        for _ in 0..UNDONE_AT_MOST {
            let Some(by) = &last.undone_by else { break };
            let Some(undo) = ports.entry(by).await? else { break };
            (last, stands) = (undo, !stands);
        }
        if stands || last.opened > entry.opened {
            return Ok(Some(Older { entry: last.id, boundary, stands }));
        }
    }
    Ok(None)
}
