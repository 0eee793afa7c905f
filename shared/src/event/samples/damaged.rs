//! Every event of the samples, damaged at random: the answer is an event or an error, and the error can be shown.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::*;

#[derive(Debug, Clone)]
pub(in crate::event) enum Damage {
    Delete,
    Replace(Value),
}

pub(in crate::event) fn replacement() -> impl Strategy<Value = Value> {
    let deep = (0..100).fold(json!({}), |inner, _| json!([inner]));
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9TZ:.+-]{0,30}".prop_map(Value::from),
        "%?[0-9A-Fa-f%+{\\[]{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!("\u{202e}𝕬é\u{0}\u{1f}")),
        Just(Value::from("x".repeat(70_000))),
        Just(Value::from("[".repeat(2_000))),
        Just(deep.clone()),
        Just(Value::from(deep.to_string())),
    ]
}

pub(in crate::event) fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![Just(Damage::Delete), replacement().prop_map(Damage::Replace)]
}

fn sample() -> impl Strategy<Value = Value> {
    let all: Vec<&str> = CHANGES.iter().chain(ACCOUNT).map(|(_, text)| *text).collect();
    proptest::sample::select(all).prop_map(|text| serde_json::from_str(text).unwrap())
}

/// The paths of all nodes, as JSON pointers.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(inner, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

pub(in crate::event) fn apply(event: &mut Value, at: Index, damage: Damage) {
    let mut found = Vec::new();
    pointers(event, "", &mut found);
    let pointer = at.get(&found);
    match damage {
        Damage::Replace(value) => *event.pointer_mut(pointer).unwrap() = value,
        Damage::Delete if pointer.is_empty() => *event = Value::Null,
        Damage::Delete => {
            let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
            let key = last.replace("~1", "/").replace("~0", "~");
            match event.pointer_mut(parent).unwrap() {
                Value::Object(object) => drop(object.shift_remove(&key)),
                Value::Array(items) => drop(items.remove(key.parse().unwrap())),
                _ => unreachable!("`{pointer}` has a parent"),
            }
        }
    }
}

/// Opens the JSON string, so that damage reaches inside.
fn unfold(event: &mut Value) {
    if let Some(message) = event.get_mut("invokingEvent")
        && let Some(text) = message.as_str()
    {
        *message = serde_json::from_str(text).unwrap();
    }
}

fn fold(event: &mut Value) {
    if let Some(message) = event.get_mut("invokingEvent")
        && !message.is_string()
    {
        *message = Value::from(message.to_string());
    }
}

fn check(event: &Value) {
    let shown = match Event::parse(event) {
        Ok(event) => format!("{event:?}"),
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains(char::is_control), "{message:?}");
            assert!(message.len() < 1_000, "{message}");
            message
        }
    };
    assert!(!shown.contains("sample-result-token"), "{shown}");
    assert!(!shown.contains("2012-10-17"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1_000), ..ProptestConfig::default() })]

    #[test]
    fn nodes_never_panic(
        mut event in sample(),
        damages in proptest::collection::vec((any::<Index>(), damage()), 1..4),
        folded in any::<bool>(),
    ) {
        unfold(&mut event);
        for (at, damage) in damages {
            apply(&mut event, at, damage);
        }
        if folded {
            fold(&mut event);
        }
        check(&event);
    }

    #[test]
    fn message_text_never_panics(mut event in sample(), cut in any::<Index>(), with in any::<Option<char>>()) {
        if let Some(Value::String(text)) = event.get_mut("invokingEvent") {
            let mut characters: Vec<char> = text.chars().collect();
            let at = cut.index(characters.len());
            match with {
                Some(character) => characters[at] = character,
                None => characters.truncate(at),
            }
            *text = characters.into_iter().collect();
        }
        check(&event);
    }

    #[test]
    fn values_that_are_no_event_never_panic(value in replacement(), key in "source|detail-type|resultToken") {
        check(&value);
        check(&json!({ key: value }));
    }
}
