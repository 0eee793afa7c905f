//! Appending to the chain, and asking it.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use jiff::Timestamp;
use shared::engine::{PortError, PortErrorKind, Witnessed};
use shared::remedy::chain::{Following, Head, Record, vouch};
use shared::remedy::{Entry, JournalId};

use super::transaction::{Cancelled, TRANSACT};
use super::{Table, built, item, keys, put};

/// The places of a transaction's writes.
pub(super) const ENTRY: usize = 0;
const RECORD: usize = 1;
const HEAD: usize = 2;
pub(super) const LOCK: usize = 3;
/// What an act uses up, from here on; before it stands what is listed as open, which hangs on no condition.
const USED: usize = 5;

/// How often an append is tried; each time some other worker's went through. The template lets some twenty run at once.
const TRIES: u32 = 24;
/// The longest that is waited before a try, in milliseconds: at first, and after many. Tests wait for nobody.
const WAITS: (u64, u64) = if cfg!(test) { (1, 1) } else { (20, 800) };

impl Table {
    /// Writes an entry and appends its record, takes or releases its principal, and writes what it uses up, all or nothing.
    /// `beside` begins with the principal's lock.
    ///
    /// The head is guessed at as it was last seen: where it has moved, the transaction itself says where to.
    pub(super) async fn append(
        &self,
        entry: &Entry,
        put_entry: impl Fn(&Record) -> Result<Put, PortError>,
        beside: &[TransactWriteItem],
    ) -> Result<Result<(), Cancelled>, PortError> {
        let body = item::json(entry)?;
        let mut head = self.head().await?;
        for attempt in 0..TRIES {
            let record = Record::after(head.as_ref(), Timestamp::now(), body.clone());
            let mut writes = vec![
                put(put_entry(&record)?),
                put(self.new_record(&record)?),
                put(self.moved_head(head.as_ref(), &record.head())?),
            ];
            writes.extend_from_slice(beside);
            let outcome = self.transact_once(writes).await?;
            let Err(cancelled) = outcome else {
                self.seen.replace(Some(record.head()));
                return Ok(Ok(()));
            };
            let found = cancelled.item(HEAD).and_then(item::head);
            // It was made, its answer was lost, and the SDK tried again.
            if found == Some(record.head()) {
                self.seen.replace(found);
                return Ok(Ok(()));
            }
            let is_used_up = used_up(&cancelled).is_some();
            if cancelled.condition_failed(ENTRY) || cancelled.condition_failed(LOCK) || is_used_up {
                return Ok(Err(cancelled));
            }
            let moved = cancelled.condition_failed(HEAD);
            if !moved && cancelled.condition_failed(RECORD) {
                return Err(broken(record.seq));
            }
            if !moved && !cancelled.is_passing() {
                return Ok(Err(cancelled));
            }
            head = if moved && attempt == 0 {
                found
            } else {
                // Read after the wait, not before: others append meanwhile.
                tokio::time::sleep(wait(attempt)).await;
                self.read_head().await?
            };
        }
        Err(PortError {
            operation: TRANSACT,
            kind: PortErrorKind::Throttled,
            message: format!("others appended to the journal {TRIES} times over"),
        })
    }

    /// An entry with what the chain says of it.
    pub(super) async fn witness(&self, id: &JournalId) -> Result<Option<Witnessed>, PortError> {
        let Some(stored) = self.get(keys::entry(id), keys::ENTRY.to_owned()).await? else { return Ok(None) };
        let entry: Entry = item::read(&stored, &format!("entry {id}"))?;
        let seq = item::number(&stored, keys::RECORD);
        let (mut record, mut following) = (None, Following::Nothing);
        if let Some(seq) = seq {
            record = self.record(seq).await?;
            // In this order, for the chain may grow between two reads.
            following = match self.read_head().await? {
                Some(head) if head.seq <= seq => Following::Head(head),
                _ => self.record(seq.saturating_add(1)).await?.map_or(Following::Nothing, Following::Record),
            };
        }
        let body = item::text(&stored, keys::BODY).unwrap_or_default();
        let vouched = vouch(body, entry.schema, seq, record.as_ref(), &following);
        Ok(Some(Witnessed { entry, vouched }))
    }

    /// The chain's head: as it was last seen, or as it is.
    pub(crate) async fn head(&self) -> Result<Option<Head>, PortError> {
        match self.seen() {
            Some(head) => Ok(Some(head)),
            None => self.read_head().await,
        }
    }

    /// The chain's head as it was last seen.
    pub(crate) fn seen(&self) -> Option<Head> {
        self.seen.borrow().clone()
    }

    async fn read_head(&self) -> Result<Option<Head>, PortError> {
        let stored = self.get(keys::CHAIN.to_owned(), keys::HEAD.to_owned()).await?;
        let head = stored.as_ref().and_then(item::head);
        self.seen.replace(head.clone());
        Ok(head)
    }

    async fn record(&self, seq: u64) -> Result<Option<Record>, PortError> {
        let stored = self.get(keys::CHAIN.to_owned(), keys::record(seq)).await?;
        Ok(stored.and_then(|stored| item::record(&stored, seq)))
    }

    /// No record is ever written over.
    fn new_record(&self, record: &Record) -> Result<Put, PortError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::of_record(record)))
            .condition_expression("attribute_not_exists(pk)");
        built(put.build())
    }

    fn moved_head(&self, from: Option<&Head>, to: &Head) -> Result<Put, PortError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::of_head(to)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match from {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(from) => put
                .condition_expression("#seq = :seq AND #hash = :hash")
                .expression_attribute_names("#seq", keys::SEQ)
                .expression_attribute_names("#hash", keys::HASH)
                .expression_attribute_values(":seq", AttributeValue::N(from.seq.to_string()))
                .expression_attribute_values(":hash", AttributeValue::S(from.hash.to_string())),
        };
        built(put.build())
    }
}

/// The first of what an act would have used up, by its place among that, which was so already, or was changed.
pub(super) fn used_up(cancelled: &Cancelled) -> Option<usize> {
    let place = (USED..cancelled.writes()).find(|place| cancelled.condition_failed(*place))?;
    place.checked_sub(USED)
}

/// Longer each time, and another for each worker: the nanoseconds of the clock are as good as a draw.
fn wait(attempt: u32) -> Duration {
    let longest = WAITS.0.saturating_mul(2_u64.saturating_pow(attempt)).min(WAITS.1);
    let drawn = u64::from(Timestamp::now().subsec_nanosecond().unsigned_abs()) / 1_000 % longest;
    Duration::from_millis(drawn)
}

/// Somebody else has been at the head: nothing may be appended, for it would not follow what is there.
fn broken(seq: u64) -> PortError {
    PortError {
        operation: TRANSACT,
        kind: PortErrorKind::Failed,
        message: format!(
            "the journal's chain is broken: its head was changed, and record {seq} is there already; \
             `bailiff audit verify` shows where"
        ),
    }
}
