use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::engine::PortError;
use shared::remedy::{Cause, Entry, SCHEMA};

use super::{GET_ITEM, PUT_ITEM, keys};
use crate::failure::Failure;

/// An item of the table.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An item whose body is the value's JSON.
pub(super) fn of(pk: String, sk: String, body: &impl Serialize) -> Result<Item, PortError> {
    let body =
        serde_json::to_string(body).map_err(|error| Failure::of_answer(error.to_string()).port(PUT_ITEM))?;
    Ok(HashMap::from([
        (keys::PK.to_owned(), AttributeValue::S(pk)),
        (keys::SK.to_owned(), AttributeValue::S(sk)),
        (keys::BODY.to_owned(), AttributeValue::S(body)),
    ]))
}

/// An entry's item. Beside the body stand the few things a condition or a person in the console looks for.
pub(super) fn of_entry(entry: &Entry) -> Result<Item, PortError> {
    let mut item = of(keys::entry(&entry.id), keys::ENTRY.to_owned(), entry)?;
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    set(keys::SCHEMA, AttributeValue::N(entry.schema.to_string()));
    set(keys::STATUS, AttributeValue::S(entry.status.to_string()));
    set("resource", AttributeValue::S(entry.plan.resource.arn().to_string()));
    set("opened", AttributeValue::S(entry.opened.to_string()));
    if let Cause::Rule { rule, .. } = &entry.cause {
        set("rule", AttributeValue::S(rule.to_string()));
    }
    Ok(item)
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
