//! The remediators' FIFO queues, and the bus beside them.

mod fifo;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shared::engine::{Abandoned, AnnounceFindings, Finding, HandOver, PortError, SendFindings};
use shared::identifier::UniqueId;
use shared::remedy::Remediator;

pub(crate) use fifo::Message;

use super::World;
use crate::call::Operation;
use fifo::Fifo;

/// A message of the same deduplication id within this is dropped (SQS developer guide).
const DEDUPLICATED_WITHIN: SignedDuration = SignedDuration::from_mins(5);

#[derive(Default)]
pub(super) struct Queues {
    waiting: BTreeMap<Remediator, Fifo>,
    sent: BTreeMap<(Remediator, String), Timestamp>,
}

impl SendFindings for World {
    async fn send(&self, finding: &Finding, to: Remediator) -> Result<(), PortError> {
        let body = serde_json::to_string(finding).unwrap_or_default();
        self.enqueue(to, &finding.id, finding.resource.unique_id(), body).await
    }
}

impl HandOver for World {
    async fn hand_over(&self, abandoned: &Abandoned, to: Remediator) -> Result<(), PortError> {
        let body = serde_json::to_string(abandoned).unwrap_or_default();
        self.enqueue(to, &abandoned.id, abandoned.resource.unique_id(), body).await
    }
}

impl World {
    async fn enqueue(
        &self,
        to: Remediator,
        id: &str,
        about: &UniqueId,
        body: String,
    ) -> Result<(), PortError> {
        if self.is_muted() {
            return Ok(());
        }
        self.port_call(Operation::SendMessage, to.as_str(), |state| {
            let now = state.now;
            let id = (to, id.to_owned());
            let sent = state.queues.sent.get(&id);
            if sent.is_some_and(|at| now.duration_since(*at) < DEDUPLICATED_WITHIN) {
                return Ok(());
            }
            state.queues.sent.insert(id, now);
            state.queues.waiting.entry(to).or_default().push(Message {
                body,
                group: about.to_string(),
                tries: 0,
                hidden_until: now,
            });
            Ok(())
        })
        .await
    }
}

impl AnnounceFindings for World {
    async fn announce(&self, finding: &Finding) -> Result<(), PortError> {
        if self.is_muted() {
            return Ok(());
        }
        self.port_call(Operation::PutEvents, finding.rule.as_str(), |state| {
            state.announced.push(finding.clone());
            Ok(())
        })
        .await
    }
}

impl World {
    fn is_muted(&self) -> bool {
        self.state.borrow().muted
    }

    /// Findings put on the bus, oldest first.
    pub fn announced(&self) -> Vec<Finding> {
        self.state.borrow().announced.clone()
    }

    /// Puts a message on a remediator's queue, whatever it says.
    pub fn put_message(&self, to: Remediator, group: &str, body: &str) {
        let mut state = self.state.borrow_mut();
        let hidden_until = state.now;
        let message = Message { body: body.to_owned(), group: group.to_owned(), tries: 0, hidden_until };
        state.queues.waiting.entry(to).or_default().push(message);
    }

    /// How many messages wait on a remediator's queue.
    pub fn waiting(&self, on: Remediator) -> usize {
        self.state.borrow().queues.waiting.get(&on).map_or(0, Fifo::len)
    }

    /// Takes the first message that may be received: of each group the first only, and none that is hidden.
    pub(crate) fn receive(&self, from: Remediator) -> Option<Message> {
        let mut state = self.state.borrow_mut();
        let now = state.now;
        let mut message = state.queues.waiting.get_mut(&from)?.receive(now)?;
        message.tries += 1;
        Some(message)
    }

    /// The queues with messages that may be received now, and of how many groups.
    pub(crate) fn due(&self) -> Vec<(Remediator, usize)> {
        let mut state = self.state.borrow_mut();
        let now = state.now;
        let queues = state.queues.waiting.iter_mut();
        queues.map(|(on, queue)| (*on, queue.due(now))).filter(|(_, groups)| *groups > 0).collect()
    }

    /// Takes the first message of one of the groups that are due.
    pub(crate) fn receive_of(&self, from: Remediator, nth: usize) -> Option<Message> {
        let mut state = self.state.borrow_mut();
        let now = state.now;
        let mut message = state.queues.waiting.get_mut(&from)?.receive_nth(now, nth)?;
        message.tries += 1;
        Some(message)
    }

    /// Puts a message back in front of its group, hidden for a while.
    pub(crate) fn put_back(&self, to: Remediator, mut message: Message, hidden_for: SignedDuration) {
        let mut state = self.state.borrow_mut();
        message.hidden_until = state.now.saturating_add(hidden_for).unwrap_or(state.now);
        state.queues.waiting.entry(to).or_default().put_back(message);
    }

    /// When the next message can be received over all queues, as far as none can be now.
    pub(crate) fn next_receipt(&self) -> Option<Timestamp> {
        self.state.borrow().queues.waiting.values().filter_map(Fifo::next_receipt).min()
    }
}
