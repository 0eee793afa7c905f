//! The journal, under the conditions that hold in the table.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::directory::LastFile;
use shared::engine::{
    AlreadyContained, ApprovalRequest, FailedAct, Hold, Journal, ListOpenEntries, Matter, Notify, Obstacles,
    OpenEntries, OpenEntry, Opened, PortError, PortErrorKind, Stop, Witnessed,
};
use shared::facts::{AllSwitchedOffKeys, Departures};
use shared::identifier::UniqueId;
use shared::notice::Notice;
use shared::remedy::chain::{Following, Head, Record, vouch};
use shared::remedy::{Entry, JournalId, SCHEMA, Warnings};
use shared::rules::RuleId;
use shared::threat::Threats;

use super::World;
use super::brakes::Swept;
use crate::call::Operation;

#[derive(Default)]
pub(super) struct Journals {
    /// As they are stored: as text, so that what does not survive storage shows.
    entries: BTreeMap<JournalId, String>,
    /// The newest record of each.
    newest: BTreeMap<JournalId, u64>,
    chain: Vec<Record>,
    /// In the order in which they were opened.
    order: Vec<JournalId>,
    /// The open entry of each principal that has one.
    pub(super) open: BTreeMap<UniqueId, JournalId>,
    /// The same, as sweeps see it.
    listed: BTreeMap<UniqueId, OpenEntry>,
    /// What has ended, and nobody could be told how.
    untold: BTreeMap<JournalId, OpenEntry>,
    pub(super) holds: BTreeMap<UniqueId, Hold>,
    contained: BTreeMap<UniqueId, Vec<AlreadyContained>>,
    pub(super) failures: BTreeMap<(UniqueId, RuleId), FailedAct>,
    pub(super) warnings: BTreeMap<(UniqueId, RuleId), Warnings>,
    pub(super) switched_off: AllSwitchedOffKeys,
    pub(super) threats: BTreeMap<UniqueId, Threats>,
    /// The refused calls of each principal and hour.
    pub(super) refused: BTreeMap<String, BTreeSet<String>>,
    /// For which of these it was judged to the end.
    pub(super) judged: BTreeSet<String>,
    pub(super) departures: Departures,
    /// What is kept of the lists of people, and when it was written.
    pub(super) last_file: Option<(LastFile, Timestamp)>,
    pub(super) requests: BTreeMap<(UniqueId, Matter), ApprovalRequest>,
    pub(super) stop: Option<Stop>,
    pub(super) counts: BTreeMap<String, u32>,
    /// How many users and roles the last sweep found.
    pub(super) principals: Option<Swept<u64>>,
    /// Whom the last sweep found to be an administrator, or on the way to become one.
    pub(super) administrators: Option<Swept<BTreeSet<UniqueId>>>,
}

impl World {
    /// Journal entries, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        let state = self.state.borrow();
        state.journals.order.iter().filter_map(|id| state.journals.read(id)).collect()
    }

    /// The journal's chain, and its head.
    pub fn chain(&self) -> (Vec<Record>, Option<Head>) {
        let state = self.state.borrow();
        (state.journals.chain.clone(), state.journals.head())
    }

    /// Every entry as it is stored, with the number of its newest record.
    pub fn stored_entries(&self) -> Vec<(JournalId, String, Option<u64>)> {
        let journals = &self.state.borrow().journals;
        let stored =
            |(id, body): (&JournalId, &String)| (id.clone(), body.clone(), journals.newest.get(id).copied());
        journals.entries.iter().map(stored).collect()
    }

    /// Puts an entry where it is read, past the chain: what somebody does who may write the table, or an earlier
    /// version did. An open one takes its principal.
    pub fn plant(&self, entry: &Entry) -> Result<(), PortError> {
        let journals = &mut self.state.borrow_mut().journals;
        if !entry.is_closed() {
            let principal = entry.plan.resource.unique_id();
            journals.open.insert(principal.clone(), entry.id.clone());
            journals.listed.insert(principal.clone(), OpenEntry::of(entry));
        }
        if !journals.order.contains(&entry.id) {
            journals.order.push(entry.id.clone());
        }
        journals.entries.insert(entry.id.clone(), text_of(entry)?);
        Ok(())
    }

    /// Makes an entry one that nobody can read, as another version's is.
    pub fn garble(&self, entry: &JournalId) {
        self.state.borrow_mut().journals.entries.insert(entry.clone(), "{}".to_owned());
    }

    /// Lists an open entry as another function's, which this version may not know.
    pub fn list_as(&self, entry: &JournalId, remediator: &str) {
        let journals = &mut self.state.borrow_mut().journals;
        for open in journals.listed.values_mut().filter(|open| open.entry == *entry) {
            remediator.clone_into(&mut open.remediator);
        }
    }

    /// Lists an entry as open, whatever it is: a version that knew no list closed it.
    pub fn list_again(&self, entry: &Entry) {
        let principal = entry.plan.resource.unique_id().clone();
        self.state.borrow_mut().journals.listed.insert(principal, OpenEntry::of(entry));
    }

    /// Notices sent of what has ended, oldest first.
    pub fn notices(&self) -> Vec<Entry> {
        let told = &self.state.borrow().notices;
        told.iter().filter(|entry| entry.is_closed()).cloned().collect()
    }

    /// Notices sent of what begins, oldest first.
    pub fn begun(&self) -> Vec<Entry> {
        let told = &self.state.borrow().notices;
        told.iter().filter(|entry| !entry.is_closed()).cloned().collect()
    }
}

impl Journal for World {
    async fn open(&self, entry: &Entry) -> Result<Opened, PortError> {
        self.port_call(Operation::PutItem, entry.id.as_str(), |state| state.journals.open(entry, state.now))
            .await
    }

    async fn update(&self, entry: &Entry, since: Timestamp) -> Result<(), PortError> {
        self.port_call(Operation::UpdateItem, entry.id.as_str(), |state| {
            state.journals.update(entry, since, state.now)
        })
        .await
    }

    async fn unfinished(&self, principal: &UniqueId) -> Result<Option<Entry>, PortError> {
        self.port_call(Operation::GetItem, principal.as_str(), |state| {
            let Some(id) = state.journals.open.get(principal) else { return Ok(None) };
            match state.journals.read(id) {
                None if state.journals.entries.contains_key(id) => {
                    Err(failed(Operation::GetItem, format!("entry {id} cannot be read")))
                }
                entry => Ok(entry),
            }
        })
        .await
    }

    async fn set_aside(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError> {
        self.port_call(Operation::UpdateItem, entry.as_str(), |state| {
            let listed = state.journals.listed.get_mut(principal);
            if let Some(open) = listed.filter(|open| open.entry == *entry) {
                open.unread_by = Some(SCHEMA);
            }
            if let Some(untold) = state.journals.untold.get_mut(entry) {
                untold.unread_by = Some(SCHEMA);
            }
            Ok(())
        })
        .await
    }

    async fn take_off_list(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError> {
        self.port_call(Operation::UpdateItem, entry.as_str(), |state| {
            let listed = &mut state.journals.listed;
            if listed.get(principal).is_some_and(|open| open.entry == *entry) {
                listed.remove(principal);
            }
            Ok(())
        })
        .await
    }

    async fn put_untold(&self, ended: &Entry) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, ended.id.as_str(), |state| {
            state.journals.untold.insert(ended.id.clone(), OpenEntry::of(ended));
            Ok(())
        })
        .await
    }

    async fn is_untold(&self, entry: &JournalId) -> Result<bool, PortError> {
        self.port_call(Operation::GetItem, entry.as_str(), |state| {
            Ok(state.journals.untold.contains_key(entry))
        })
        .await
    }

    async fn told(&self, entry: &JournalId) -> Result<(), PortError> {
        self.port_call(Operation::UpdateItem, entry.as_str(), |state| {
            state.journals.untold.remove(entry);
            Ok(())
        })
        .await
    }

    async fn entry(&self, id: &JournalId) -> Result<Option<Entry>, PortError> {
        self.port_call(Operation::GetItem, id.as_str(), |state| match state.journals.read(id) {
            None if state.journals.entries.contains_key(id) => {
                Err(failed(Operation::GetItem, format!("entry {id} cannot be read")))
            }
            entry => Ok(entry),
        })
        .await
    }

    async fn witnessed(&self, id: &JournalId) -> Result<Option<Witnessed>, PortError> {
        self.port_call(Operation::GetItem, id.as_str(), |state| Ok(state.journals.witnessed(id))).await
    }

    async fn obstacles(&self, principal: &UniqueId, rule: Option<RuleId>) -> Result<Obstacles, PortError> {
        self.port_call(Operation::TransactGetItems, principal.as_str(), |state| {
            let journals = &state.journals;
            Ok(Obstacles {
                unfinished: journals.open.get(principal).and_then(|id| journals.read(id)),
                hold: journals.holds.get(principal).cloned(),
                failure: rule.and_then(|rule| journals.failures.get(&(principal.clone(), rule)).cloned()),
                stop: journals.stop.clone(),
                organization_stop: None,
                organization_principals: None,
                principals: journals.principals.as_ref().map(|swept| swept.found),
            })
        })
        .await
    }

    async fn put_hold(&self, principal: &UniqueId, hold: &Hold) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, principal.as_str(), |state| {
            let now = state.now;
            let kept = state.journals.holds.entry(principal.clone()).or_insert_with(|| hold.clone());
            if !kept.outlasts(hold, now) {
                *kept = hold.clone();
            }
            Ok(())
        })
        .await
    }

    async fn hold(&self, principal: &UniqueId) -> Result<Option<Hold>, PortError> {
        self.port_call(Operation::GetItem, principal.as_str(), |state| {
            Ok(state.journals.holds.get(principal).cloned())
        })
        .await
    }

    async fn replace_hold(&self, principal: &UniqueId, standing: &Hold, by: &Hold) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, principal.as_str(), |state| {
            if let Some(kept) = state.journals.holds.get_mut(principal).filter(|kept| *kept == standing) {
                *kept = by.clone();
            }
            Ok(())
        })
        .await
    }

    async fn put_contained(
        &self,
        principal: &UniqueId,
        contained: &AlreadyContained,
    ) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, principal.as_str(), |state| {
            let kept = state.journals.contained.entry(principal.clone()).or_default();
            *kept = contained.after(std::mem::take(kept));
            Ok(())
        })
        .await
    }

    async fn contained(&self, principal: &UniqueId) -> Result<Vec<AlreadyContained>, PortError> {
        self.port_call(Operation::GetItem, principal.as_str(), |state| {
            Ok(state.journals.contained.get(principal).cloned().unwrap_or_default())
        })
        .await
    }

    async fn put_failure(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        failure: &FailedAct,
    ) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, principal.as_str(), |state| {
            let now = state.now;
            let kept = state.journals.failures.entry((principal.clone(), rule));
            let kept = kept.or_insert_with(|| failure.clone());
            if !kept.outlasts(failure, now) {
                *kept = failure.clone();
            }
            Ok(())
        })
        .await
    }
}

impl ListOpenEntries for World {
    async fn open_entries(&self) -> Result<OpenEntries, PortError> {
        // Whoever only looks has nobody to hand them to.
        if self.state.borrow().muted {
            return Ok(OpenEntries::default());
        }
        self.port_call(Operation::Query, "open-entries", |state| {
            let listed = state.journals.listed.values().cloned().collect();
            let untold = state.journals.untold.values().cloned().collect();
            Ok(OpenEntries { listed, untold, unreadable: Vec::new() })
        })
        .await
    }
}

impl Notify for World {
    async fn notify(&self, entry: &Entry) -> Result<(), PortError> {
        self.port_call(Operation::Publish, entry.id.as_str(), |state| {
            state.notices.push(entry.clone());
            let notice = Notice::of(entry, &state.stack, state.journals.head().as_ref());
            state.people.put(&notice);
            Ok(())
        })
        .await
    }
}

impl Journals {
    /// The open entry of whoever has this id.
    pub(super) fn open_entry(&self, principal: &UniqueId) -> Option<&JournalId> {
        self.open.get(principal)
    }

    fn read(&self, id: &JournalId) -> Option<Entry> {
        self.entries.get(id).and_then(|text| serde_json::from_str(text).ok())
    }

    fn head(&self) -> Option<Head> {
        self.chain.last().map(Record::head)
    }

    fn witnessed(&self, id: &JournalId) -> Option<Witnessed> {
        let (entry, body) = (self.read(id)?, self.entries.get(id)?);
        let place = |seq: u64| usize::try_from(seq.checked_sub(1)?).ok();
        let record = |seq: u64| self.chain.get(place(seq)?).filter(|record| record.seq == seq);
        let seq = self.newest.get(id).copied();
        let following = match seq.and_then(|seq| record(seq + 1)) {
            Some(next) => Following::Record(next.clone()),
            None => self.head().map_or(Following::Nothing, Following::Head),
        };
        let vouched = vouch(body, entry.schema, seq, seq.and_then(record), &following);
        Some(Witnessed { entry, vouched })
    }

    fn write(&mut self, entry: &Entry, now: Timestamp) -> Result<(), PortError> {
        let text = text_of(entry)?;
        let record = Record::after(self.head().as_ref(), now, text.clone());
        self.newest.insert(entry.id.clone(), record.seq);
        self.chain.push(record);
        self.entries.insert(entry.id.clone(), text);
        Ok(())
    }

    /// Whether nothing stands against the opening of an entry but what it would use up.
    pub(super) fn may_open(&self, entry: &Entry) -> bool {
        !self.entries.contains_key(&entry.id) && self.open_entry(entry.plan.resource.unique_id()).is_none()
    }

    pub(super) fn open(&mut self, entry: &Entry, now: Timestamp) -> Result<Opened, PortError> {
        if self.entries.contains_key(&entry.id) {
            return Ok(Opened::Known);
        }
        let principal = entry.plan.resource.unique_id();
        if !entry.is_closed() {
            if let Some(other) = self.open.get(principal).and_then(|id| self.read(id)) {
                return Ok(Opened::Busy(other));
            }
            self.open.insert(principal.clone(), entry.id.clone());
            self.listed.insert(principal.clone(), OpenEntry::of(entry));
        }
        self.order.push(entry.id.clone());
        self.write(entry, now).map(|()| Opened::New)
    }

    fn update(&mut self, entry: &Entry, since: Timestamp, now: Timestamp) -> Result<(), PortError> {
        let Some(kept) = self.read(&entry.id) else {
            return Err(overtaken(Operation::UpdateItem, "there is no such entry"));
        };
        if kept.is_closed() && !entry.is_closed() {
            return Err(overtaken(Operation::UpdateItem, "the entry is closed"));
        }
        if kept.written_at() != since {
            return Err(overtaken(Operation::UpdateItem, "another wrote the entry"));
        }
        let principal = entry.plan.resource.unique_id();
        if entry.is_closed() && self.open.get(principal) == Some(&entry.id) {
            self.open.remove(principal);
            self.listed.remove(principal);
        }
        self.write(entry, now)
    }
}

fn text_of(entry: &Entry) -> Result<String, PortError> {
    serde_json::to_string(entry)
        .map_err(|error| failed(Operation::PutItem, format!("the entry cannot be stored: {error}")))
}

pub(super) fn overtaken(operation: Operation, how: &str) -> PortError {
    PortError {
        operation: operation.action(),
        kind: PortErrorKind::Overtaken,
        message: format!("ConditionalCheckFailed: {how}"),
    }
}

fn failed(operation: Operation, message: String) -> PortError {
    PortError { operation: operation.action(), kind: PortErrorKind::Failed, message }
}
