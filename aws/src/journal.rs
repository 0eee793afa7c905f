//! The journal in DynamoDB. Keys are `pk` and `sk`; no write is unconditional: the list of what is open is written with
//! who has a principal, whose condition is the transaction's.
//!
//! | item | pk | sk | attributes |
//! |---|---|---|---|
//! | an entry | `entry#<id>` | `entry` | `body` (JSON), `record`, `schema`, `status`, `resource`, `rule`, `opened`, `touched` |
//! | a record of an entry | `chain` | `record#<number>` | `version`, `at`, `previous`, `body`, `hash` |
//! | the newest record | `chain` | `head` | `seq`, `hash` |
//! | who has a principal | `principal#<account>#<unique id>` | `open` | `entry`, absent where nobody has |
//! | an entry that is open | `open` | `<unique id>` | `body` (JSON, without what it changes), `entry`, `unread`; once it is closed `expires` |
//! | an entry that ended, and of which nobody could be told | `open` | `untold#<entry>` | `body` (as above); once somebody is told `expires` |
//! | what answered a threat to whoever was denied everything already | `principal#<account>#<unique id>` | `contained` | `body` (JSON) |
//! | a person's undo | `principal#<account>#<unique id>` | `hold` | `body` (JSON), `until` |
//! | what AWS refused | `principal#<account>#<unique id>` | `failed#<rule>` | `body` (JSON), `until` |
//! | warnings given | `warned#<account>#<unique id>` | `<rule>` | `body` (JSON), `changes` |
//! | a plan that waits for approval | `asked#<account>#<unique id>` | `<rule>`, or `undo#<entry>#<plan>` | `body` (JSON), `changes` |
//! | a key that Bailiff switched off | `off` | `<unique id>#<key id>` | `body` (JSON), `written` |
//! | a threat that was reported | `threat` | `<unique id>#<source>#<sign>#<id>` | `body` (JSON), `at`, `expires` but for the try of a key that is off |
//! | a count of refused calls | `refused` | `<unique id>#<hour>` | `calls`, `expires` |
//! | a count of calls that would page people | `refused` | `<unique id>#<hour>#paged` | `calls`, `expires` |
//! | what sweeps remember | `keys` | `part#<n>` | `body` (JSON), `parts`, `written` |
//! | users and roles the last sweep found | `principals` | `count` | `principals`, `written` |
//! | the order to stop | `switch` | `stop` | `body` (JSON) |
//! | who has been told | `told#<entry>#<status>` | `<contact>` | `body` (JSON), `expires` |
//! | who has been told of an exemption's end | `told#exemption#<rule>#<whom>#<end>#<when>` | `<contact>` | `body` (JSON), `expires` |
//! | what waits for a digest | `digest` | `<contact>#<entry>#<status>` | `body` (JSON); once it is sent `sent`, `expires` |
//! | a count of acts | `count#<what for>` | `count` | `acts`, `expires` (seconds since 1970; DynamoDB deletes it then) |
//!
//! An open entry and the taking of its principal are one transaction, and so are its closing and the principal's
//! release: a worker may die at any point and leave neither without the other. Each write of an entry appends its record
//! to the chain in that same transaction, and what an act uses up, an approval or warnings, is used up in the one that
//! opens its entry, which also counts it.

mod brakes;
mod chain;
mod contained;
mod departures;
mod first_look;
mod item;
mod keys;
mod memory;
mod obstacles;
mod open_entries;
mod organization;
mod remembered;
mod stages;
mod switched_off;
mod threats;
mod told;
mod transaction;
mod untold;

use std::cell::RefCell;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::clocks::latest_end;
use shared::engine::{
    AlreadyContained, FailedAct, Hold, Journal, Obstacles, Opened, PortError, PortErrorKind, Witnessed,
};
use shared::identifier::{AccountId, UniqueId};
use shared::remedy::chain::{Head, Record};
use shared::remedy::{Entry, JournalId, Status};
use shared::rules::RuleId;

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};
use chain::{ENTRY, LOCK, used_up};
use item::Item;
pub use organization::OrganizationTable;
use transaction::Cancelled;

const GET_ITEM: &str = "dynamodb:GetItem";
const PUT_ITEM: &str = "dynamodb:PutItem";
const QUERY: &str = "dynamodb:Query";

/// The entry as it was read is there still.
const MAY_CHANGE: &str =
    "attribute_exists(pk) AND #schema <= :schema AND (attribute_not_exists(#touched) OR #touched = :since)";

/// What stands of a principal gives way.
const GIVES_WAY: &str = "attribute_not_exists(pk) OR #until <= :until OR #until > :latest";

/// How often the taking of a principal is tried while its state changes under our hands.
const TRIES: u32 = 3;

/// The journal's table.
pub struct Table {
    client: Lazy<Client>,
    name: String,
    account: AccountId,
    /// The chain's head as it was last seen; others may have moved it since.
    seen: RefCell<Option<Head>>,
}

impl Table {
    /// The table of the given name; `account` is the one this deployment governs.
    pub fn new(sdk: &SdkConfig, name: String, account: AccountId) -> Self {
        Self { client: lazily(sdk, Client::new), name, account, seen: RefCell::default() }
    }

    async fn get(&self, pk: String, sk: String) -> Result<Option<Item>, PortError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let request = request.key(keys::PK, AttributeValue::S(pk)).key(keys::SK, AttributeValue::S(sk));
        let answer = request.send().await.map_err(|error| Failure::of(&error).port(GET_ITEM))?;
        Ok(answer.item)
    }

    /// Opens an entry, takes its principal and writes what it uses up, all or nothing; the place among those writes of the
    /// first that is used up already.
    async fn open_and_take(
        &self,
        entry: &Entry,
        used: &[TransactWriteItem],
    ) -> Result<Result<Opened, usize>, PortError> {
        let mut from = None;
        for _ in 0..TRIES {
            let mut beside = vec![self.take(entry, from.as_ref())?, self.listed(entry)?];
            beside.extend_from_slice(used);
            let appended = self.append(entry, |record| self.new_entry(entry, record), &beside).await?;
            let Err(cancelled) = appended else { return Ok(Ok(Opened::New)) };
            if cancelled.condition_failed(ENTRY) {
                return Ok(Ok(Opened::Known));
            }
            if !cancelled.condition_failed(LOCK) {
                return used_up(&cancelled).map(Err).ok_or_else(|| cancelled.error());
            }
            match self.holder(&cancelled).await? {
                Holder::AtWork(other) => return Ok(Ok(Opened::Busy(*other))),
                Holder::Gone(id) => from = Some(id),
                Holder::Nobody => from = None,
            }
        }
        Err(PortError {
            operation: PUT_ITEM,
            kind: PortErrorKind::Throttled,
            message: "the principal changed hands again and again".to_owned(),
        })
    }

    /// Who has the principal that could not be taken.
    async fn holder(&self, cancelled: &Cancelled) -> Result<Holder, PortError> {
        let Some(id) = cancelled.item(LOCK).and_then(|item| item::text(item, keys::ENTRY)) else {
            return Ok(Holder::Nobody);
        };
        Ok(match self.still_open(id).await? {
            Some(entry) => Holder::AtWork(Box::new(entry)),
            None => Holder::Gone(id.to_owned()),
        })
    }

    /// The entry that has a principal, if it is open. Closed or never written, it has the principal no more.
    async fn still_open(&self, id: &str) -> Result<Option<Entry>, PortError> {
        let Ok(id) = JournalId::try_from(id.to_owned()) else { return Ok(None) };
        Ok(self.entry(&id).await?.filter(|entry| !entry.is_closed()))
    }

    /// Takes the principal where nobody has it, or from one who is gone.
    fn take(&self, entry: &Entry, from: Option<&String>) -> Result<TransactWriteItem, PortError> {
        let update = self.lock(entry).update_expression("SET #entry = :entry");
        let update = match from {
            None => update.condition_expression("attribute_not_exists(#entry)"),
            Some(id) => update
                .condition_expression("#entry = :gone")
                .expression_attribute_values(":gone", AttributeValue::S(id.clone())),
        };
        built(update.build()).map(|update| TransactWriteItem::builder().update(update).build())
    }

    /// Lets go of the principal, if this entry has it.
    fn release(&self, entry: &Entry) -> Result<TransactWriteItem, PortError> {
        let update = self.lock(entry).update_expression("REMOVE #entry");
        built(update.condition_expression("#entry = :entry").build())
            .map(|update| TransactWriteItem::builder().update(update).build())
    }

    fn lock(&self, entry: &Entry) -> UpdateBuilder {
        let principal = &entry.plan.resource;
        let pk = keys::principal(principal.account(), principal.unique_id());
        Update::builder()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(keys::OPEN.to_owned()))
            .expression_attribute_names("#entry", keys::ENTRY)
            .expression_attribute_values(":entry", AttributeValue::S(entry.id.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    fn new_entry(&self, entry: &Entry, record: &Record) -> Result<Put, PortError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::of_entry(entry, record)))
            .condition_expression("attribute_not_exists(pk)");
        built(put.build())
    }

    /// Replaces an entry that is there, was not written by a newer version, nor by anybody since it was read and, while it
    /// is open, has not been closed. One that was last written by an earlier version does not say when.
    fn changed_entry(&self, entry: &Entry, record: &Record, since: Timestamp) -> Result<Put, PortError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::of_entry(entry, record)))
            .expression_attribute_names("#schema", keys::SCHEMA)
            .expression_attribute_values(":schema", AttributeValue::N(entry.schema.to_string()))
            .expression_attribute_names("#touched", keys::TOUCHED)
            .expression_attribute_values(":since", AttributeValue::S(since.to_string()));
        let put = if entry.is_closed() {
            put.condition_expression(MAY_CHANGE)
        } else {
            put.condition_expression(format!("{MAY_CHANGE} AND #status = :open"))
                .expression_attribute_names("#status", keys::STATUS)
                .expression_attribute_values(":open", AttributeValue::S(Status::Open.to_string()))
        };
        built(put.build())
    }

    /// Puts one item where there is none of its keys; whether there was none.
    async fn put_new(&self, item: Item) -> Result<bool, PortError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        Ok(self.put(built(put.build())?).await?.is_some())
    }

    /// A query of a partition, `:pk` in its condition.
    fn query(&self, partition: &str) -> QueryFluentBuilder {
        let request = self.client.query().table_name(&self.name).consistent_read(true);
        request.expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
    }

    /// The items of a partition whose sort keys begin so.
    async fn items(&self, partition: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        let request = self.query(partition);
        let request = if prefix.is_empty() {
            request.key_condition_expression("pk = :pk")
        } else {
            request
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
        };
        self.every_page(request).await
    }

    /// All that a query finds, page by page.
    async fn every_page(&self, request: QueryFluentBuilder) -> Result<Vec<Item>, PortError> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let page = request.clone().set_exclusive_start_key(from).send().await;
            let page = page.map_err(|error| Failure::of(&error).port(QUERY))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key.filter(|key| !key.is_empty());
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// Puts one item under its condition; `None` where the condition does not hold.
    async fn put(&self, put: Put) -> Result<Option<()>, PortError> {
        let request = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values);
        match request.send().await {
            Ok(_) => Ok(Some(())),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(Failure::of(&error).port(PUT_ITEM)),
        }
    }
}

/// Who has a principal.
enum Holder {
    /// An entry that is open.
    AtWork(Box<Entry>),
    /// An id behind which nothing is open.
    Gone(String),
    /// It was let go meanwhile.
    Nobody,
}

impl Journal for Table {
    async fn open(&self, entry: &Entry) -> Result<Opened, PortError> {
        if !entry.is_closed() {
            // It uses nothing up, so nothing can be used up already.
            return Ok(self.open_and_take(entry, &[]).await?.unwrap_or(Opened::Known));
        }
        match self.append(entry, |record| self.new_entry(entry, record), &[]).await? {
            Ok(()) => Ok(Opened::New),
            // The first try of this very write may be what is there: its answer was lost, and the SDK tried again.
            Err(cancelled) if cancelled.condition_failed(ENTRY) => {
                let there = self.entry(&entry.id).await?;
                Ok(if there.as_ref() == Some(entry) { Opened::New } else { Opened::Known })
            }
            Err(cancelled) => Err(cancelled.error()),
        }
    }

    async fn update(&self, entry: &Entry, since: Timestamp) -> Result<(), PortError> {
        // An entry that was undone let its principal go when it was closed.
        let releases = entry.is_closed() && entry.undone_by.is_none();
        let released = if releases { vec![self.release(entry)?, self.listed(entry)?] } else { Vec::new() };
        let changed = |record: &Record| self.changed_entry(entry, record, since);
        let mut appended = self.append(entry, changed, &released).await?;
        // It does not have the principal; what became of it is written down all the same.
        if appended.as_ref().is_err_and(|why| why.condition_failed(LOCK) && !why.condition_failed(ENTRY)) {
            appended = self.append(entry, changed, &[]).await?;
        }
        appended.map_err(|cancelled| {
            if !cancelled.condition_failed(ENTRY) {
                return cancelled.error();
            }
            PortError {
                operation: PUT_ITEM,
                kind: PortErrorKind::Overtaken,
                message: format!(
                    "entry {} is not there, is a newer version's, or was written by another meanwhile",
                    entry.id
                ),
            }
        })
    }

    async fn unfinished(&self, principal: &UniqueId) -> Result<Option<Entry>, PortError> {
        let pk = keys::principal(&self.account, principal);
        let lock = self.get(pk, keys::OPEN.to_owned()).await?;
        match lock.as_ref().and_then(|lock| item::text(lock, keys::ENTRY)) {
            Some(id) => self.still_open(id).await,
            None => Ok(None),
        }
    }

    async fn set_aside(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError> {
        for sk in [principal.to_string(), untold::sk(entry)] {
            self.on_the_list(sk, entry, open_entries::UNREAD, open_entries::this_version()).await?;
        }
        Ok(())
    }

    async fn take_off_list(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError> {
        let now = seconds(Timestamp::now());
        self.on_the_list(principal.to_string(), entry, open_entries::EXPIRES, now).await
    }

    async fn put_untold(&self, ended: &Entry) -> Result<(), PortError> {
        self.list_as_untold(ended).await
    }

    async fn is_untold(&self, entry: &JournalId) -> Result<bool, PortError> {
        self.is_listed_as_untold(entry).await
    }

    async fn told(&self, entry: &JournalId) -> Result<(), PortError> {
        // DynamoDB takes the item away, which nobody's role has to allow.
        self.on_the_list(untold::sk(entry), entry, open_entries::EXPIRES, seconds(Timestamp::now())).await
    }

    async fn entry(&self, id: &JournalId) -> Result<Option<Entry>, PortError> {
        let item = self.get(keys::entry(id), keys::ENTRY.to_owned()).await?;
        item.map(|item| item::read(&item, &format!("entry {id}"))).transpose()
    }

    async fn witnessed(&self, id: &JournalId) -> Result<Option<Witnessed>, PortError> {
        self.witness(id).await
    }

    async fn obstacles(&self, principal: &UniqueId, rule: Option<RuleId>) -> Result<Obstacles, PortError> {
        self.all_obstacles(principal, rule).await
    }

    async fn put_hold(&self, principal: &UniqueId, hold: &Hold) -> Result<(), PortError> {
        self.let_stand(principal, keys::HOLD.to_owned(), hold, hold.until, Hold::LASTS).await
    }

    async fn hold(&self, principal: &UniqueId) -> Result<Option<Hold>, PortError> {
        let item = self.get(keys::principal(&self.account, principal), keys::HOLD.to_owned()).await?;
        item.map(|item| item::read(&item, "a hold")).transpose()
    }

    async fn replace_hold(&self, principal: &UniqueId, standing: &Hold, by: &Hold) -> Result<(), PortError> {
        let mut item = item::of(keys::principal(&self.account, principal), keys::HOLD.to_owned(), by)?;
        item.insert(keys::UNTIL.to_owned(), seconds(by.until));
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("#body = :standing")
            .expression_attribute_names("#body", keys::BODY)
            .expression_attribute_values(":standing", AttributeValue::S(item::json(standing)?));
        self.put(built(put.build())?).await.map(|_| ())
    }

    async fn put_contained(
        &self,
        principal: &UniqueId,
        contained: &AlreadyContained,
    ) -> Result<(), PortError> {
        self.add_contained(principal, contained).await
    }

    async fn contained(&self, principal: &UniqueId) -> Result<Vec<AlreadyContained>, PortError> {
        Ok(self.all_contained(principal).await?.0)
    }

    async fn put_failure(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        failure: &FailedAct,
    ) -> Result<(), PortError> {
        self.let_stand(principal, keys::failed(rule), failure, failure.until, FailedAct::LASTS).await
    }
}

/// What stands of a principal until a time.
impl Table {
    /// Keeps it, unless one that stands longer is kept. One that would for longer than any lasts was written by a clock
    /// that was ahead.
    async fn let_stand(
        &self,
        principal: &UniqueId,
        sk: String,
        body: &impl Serialize,
        until: Timestamp,
        lasts: SignedDuration,
    ) -> Result<(), PortError> {
        let latest = latest_end(lasts, Timestamp::now());
        let until = seconds(until);
        let mut item = item::of(keys::principal(&self.account, principal), sk, body)?;
        item.insert(keys::UNTIL.to_owned(), until.clone());
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(GIVES_WAY)
            .expression_attribute_names("#until", keys::UNTIL)
            .expression_attribute_values(":until", until)
            .expression_attribute_values(":latest", seconds(latest));
        self.put(built(put.build())?).await.map(|_| ())
    }
}

fn seconds(time: Timestamp) -> AttributeValue {
    AttributeValue::N(time.as_second().to_string())
}

fn put(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

/// A request that lacks a field is our own mistake; it fails as any other.
fn built<T>(request: Result<T, aws_sdk_dynamodb::error::BuildError>) -> Result<T, PortError> {
    request.map_err(|error| Failure::of_answer(error.to_string()).port(PUT_ITEM))
}

#[cfg(test)]
mod tests;
