use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::engine::PortError;
use shared::remedy::chain::{Head, Record};
use shared::remedy::{Cause, Entry, SCHEMA};

use super::{GET_ITEM, PUT_ITEM, keys};
use crate::failure::Failure;

/// An item of the table.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An item whose body is the value's JSON.
pub(super) fn of(pk: String, sk: String, body: &impl Serialize) -> Result<Item, PortError> {
    Ok(item([
        (keys::PK, AttributeValue::S(pk)),
        (keys::SK, AttributeValue::S(sk)),
        (keys::BODY, AttributeValue::S(json(body)?)),
    ]))
}

pub(super) fn json(body: &impl Serialize) -> Result<String, PortError> {
    serde_json::to_string(body).map_err(|error| Failure::of_answer(error.to_string()).port(PUT_ITEM))
}

fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An entry's item, as its record has it. Beside the body stand the few things a condition or a person in the console
/// looks for.
pub(super) fn of_entry(entry: &Entry, record: &Record) -> Item {
    let mut item = item([
        (keys::PK, AttributeValue::S(keys::entry(&entry.id))),
        (keys::SK, AttributeValue::S(keys::ENTRY.to_owned())),
        (keys::BODY, AttributeValue::S(record.body.clone())),
        (keys::RECORD, AttributeValue::N(record.seq.to_string())),
        (keys::SCHEMA, AttributeValue::N(entry.schema.to_string())),
        (keys::STATUS, AttributeValue::S(entry.status.to_string())),
        (keys::RESOURCE, AttributeValue::S(entry.plan.resource.arn().to_string())),
        (keys::OPENED, AttributeValue::S(entry.opened.to_string())),
        (keys::TOUCHED, AttributeValue::S(entry.written_at().to_string())),
    ]);
    if let Cause::Rule { rule, .. } = &entry.cause {
        item.insert(keys::RULE.to_owned(), AttributeValue::S(rule.to_string()));
    }
    item
}

/// A record's item.
pub(super) fn of_record(record: &Record) -> Item {
    item([
        (keys::PK, AttributeValue::S(keys::CHAIN.to_owned())),
        (keys::SK, AttributeValue::S(keys::record(record.seq))),
        (keys::VERSION, AttributeValue::N(record.version.to_string())),
        (keys::AT, AttributeValue::S(record.at.clone())),
        (keys::PREVIOUS, AttributeValue::S(record.previous.to_string())),
        (keys::BODY, AttributeValue::S(record.body.clone())),
        (keys::HASH, AttributeValue::S(record.hash.to_string())),
    ])
}

/// The head's item.
pub(super) fn of_head(head: &Head) -> Item {
    item([
        (keys::PK, AttributeValue::S(keys::CHAIN.to_owned())),
        (keys::SK, AttributeValue::S(keys::HEAD.to_owned())),
        (keys::SEQ, AttributeValue::N(head.seq.to_string())),
        (keys::HASH, AttributeValue::S(head.hash.to_string())),
    ])
}

/// The record of this number in an item; `None` where it holds none.
pub(super) fn record(item: &Item, seq: u64) -> Option<Record> {
    Some(Record {
        version: u32::try_from(number(item, keys::VERSION)?).ok()?,
        seq,
        at: text(item, keys::AT)?.to_owned(),
        previous: text(item, keys::PREVIOUS)?.parse().ok()?,
        body: text(item, keys::BODY)?.to_owned(),
        hash: text(item, keys::HASH)?.parse().ok()?,
    })
}

/// The head in an item; `None` where it holds none.
pub(super) fn head(item: &Item) -> Option<Head> {
    Some(Head { seq: number(item, keys::SEQ)?, hash: text(item, keys::HASH)?.parse().ok()? })
}

pub(super) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// The value in an item's body.
pub(super) fn read<T: DeserializeOwned>(item: &Item, what: &str) -> Result<T, PortError> {
    let failed = |why: String| Err(Failure::of_answer(format!("{what} {why}")).port(GET_ITEM));
    let Some(body) = text(item, keys::BODY) else { return failed("has no body".to_owned()) };
    match serde_json::from_str(body) {
        Ok(value) => Ok(value),
        Err(error) => match item.get(keys::SCHEMA).and_then(|schema| schema.as_n().ok()) {
            Some(schema) if schema.parse().is_ok_and(|schema: u32| schema > SCHEMA) => {
                failed(format!("has schema {schema}, this version reads {SCHEMA}"))
            }
            // The error shows a place, and of the content no more than a key.
            _ => failed(format!("cannot be read: {error}")),
        },
    }
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}
