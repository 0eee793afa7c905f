//! What came of an event, for people and for tools.

mod document;
mod exemptions;
mod foretold;
mod outcome;
mod tally;
mod text;
mod unmatched;

pub(crate) use document::{bad_event, delivered};
pub(crate) use exemptions::{AtWork, Exempted, Looked, exemptions, markdown};
pub(crate) use foretold::Foretold;
pub(crate) use outcome::outcome;
pub(crate) use tally::Tally;
pub(crate) use text::{delivery, said};
pub(crate) use unmatched::{too_wide, unmatched};

use std::collections::BTreeMap;

use shared::engine::{Decision, EngineError, Judged};
use shared::facts::ResourceIdentity;
use shared::remedy::Entry;
use shared::rules::RuleId;
use sim::{Delivery, DeliveryError, Local, ReportedEvaluation};

/// How far an event got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// It was judged.
    Verdict,
    /// It was understood and could not be judged: what its judgement needs was not there, on any try.
    NoVerdict,
    /// It was understood, and is none that this deployment may act upon.
    Refusal,
    /// It was not understood.
    Nothing,
}

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
            reported: new(world.evaluations(), reported, |told| {
                let evaluation = &told.evaluation;
                (told.rule_name.clone(), evaluation.resource_type.clone(), evaluation.resource_id.clone())
            }),
            entries: new(world.entries(), entries, |entry| entry.id.clone()),
            notices: world.notices().split_off(notices),
        }
    }

    /// How far the event got.
    pub(crate) fn reached(&self) -> Reached {
        match &self.delivery.evaluated {
            Ok(_) => Reached::Verdict,
            Err(DeliveryError::Engine(EngineError::Retry(_)) | DeliveryError::Died(_)) => Reached::NoVerdict,
            Err(DeliveryError::Engine(EngineError::Permanent(_))) => Reached::Refusal,
            Err(DeliveryError::Event(_)) => Reached::Nothing,
        }
    }

    /// What was judged of whom, in order.
    pub(crate) fn judged(&self) -> impl Iterator<Item = (RuleId, &ResourceIdentity, &Judged)> {
        self.delivery.decisions.iter().filter_map(|decision| match decision {
            Decision::Judged { rule, resource, judged, .. } => Some((*rule, resource, judged)),
            _ => None,
        })
    }
}

/// What was not there before, or not as it is now.
fn new<T: PartialEq, K: Ord>(now: Vec<T>, before: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let before: BTreeMap<K, T> = before.into_iter().map(|thing| (key(&thing), thing)).collect();
    now.into_iter().filter(|thing| before.get(&key(thing)) != Some(thing)).collect()
}
