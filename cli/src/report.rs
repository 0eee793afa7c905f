//! What came of an event, for people and for tools.

mod document;
mod outcome;
mod tally;
mod text;

pub(crate) use document::{bad_event, delivered};
pub(crate) use outcome::outcome;
pub(crate) use tally::Tally;
pub(crate) use text::{delivery, said};

use shared::engine::{Decision, Judged};
use shared::facts::ResourceIdentity;
use shared::remedy::Entry;
use shared::rules::RuleId;
use sim::{Delivery, Local, ReportedEvaluation};

/// An event's delivery with what it left in AWS Config, the journal and the mailbox.
pub(crate) struct Happened {
    /// The delivery.
    pub(crate) delivery: Delivery,
    /// What AWS Config was told, as far as it was new.
    pub(crate) reported: Vec<ReportedEvaluation>,
    /// Journal entries written, or written on.
    pub(crate) entries: Vec<Entry>,
    /// Notices sent.
    pub(crate) notices: Vec<Entry>,
}

impl Happened {
    /// Delivers an event and sees what is new after it.
    pub(crate) fn deliver(local: &Local, event: &serde_json::Value) -> Self {
        let world = &local.world;
        let (reported, entries) = (world.evaluations(), world.entries());
        let notices = world.notices().len();
        let delivery = local.deliver(event);
        Self {
            delivery,
            reported: new(world.evaluations(), &reported),
            entries: new(world.entries(), &entries),
            notices: world.notices().split_off(notices),
        }
    }

    /// What was judged of whom, in order.
    pub(crate) fn judged(&self) -> impl Iterator<Item = (RuleId, &ResourceIdentity, &Judged)> {
        self.delivery.decisions.iter().filter_map(|decision| match decision {
            Decision::Judged { rule, resource, judged } => Some((*rule, resource, judged)),
            _ => None,
        })
    }
}

fn new<T: PartialEq>(now: Vec<T>, before: &[T]) -> Vec<T> {
    now.into_iter().filter(|thing| !before.contains(thing)).collect()
}
