//! Events of detectors and of CloudTrail as somebody forges them: real ones about others, damaged, replayed, and with what
//! makes each of them count for nothing.

mod cast;
mod contradicted;
mod damage;
mod sample;
mod spoiler;

pub(crate) use cast::{Cast, Lot, Person, PersonKind};
pub(crate) use contradicted::contradicted;
pub(crate) use damage::{damage, junk};
pub(crate) use sample::{Roles, any_sample, sample};
pub(crate) use spoiler::spoil;

use serde_json::{Map, Value};

/// Puts a value where the path leads, whatever was on the way.
pub(crate) fn put(event: &mut Value, path: &[&str], value: Value) {
    let mut place = event;
    for key in path {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(entries) = place else { return };
        place = entries.entry((*key).to_owned()).or_insert(Value::Null);
    }
    *place = value;
}
