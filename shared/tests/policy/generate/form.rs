//! The forms in which documents and slots may come.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::LEVELLED;
use super::dice::Dice;

/// Gives every document of the request some form, and every slot.
pub(super) fn vary(request: &mut Map<String, Value>, dice: &mut Dice) {
    for (name, slot) in request.iter_mut() {
        if LEVELLED.contains(&name.as_str()) {
            for level in slot.as_array_mut().into_iter().flatten() {
                level.as_array_mut().into_iter().flatten().for_each(|document| vary_document(document, dice));
                if dice.percent(15) {
                    *level = json!({ "orgIdentifier": "ou-1", "policies": level });
                }
            }
        } else if name.ends_with("Policies") || name.ends_with("Policy") || name.ends_with("Boundaries") {
            slot.as_array_mut().into_iter().flatten().for_each(|document| vary_document(document, dice));
            match slot.as_array().map(Vec::as_slice) {
                Some([]) if dice.percent(50) => *slot = Value::Null,
                Some([single]) if dice.percent(60) => *slot = single.clone(),
                _ => {}
            }
        }
    }
}

fn vary_document(document: &mut Value, dice: &mut Dice) {
    match dice.below(100) {
        0..8 => *document = json!(document.to_string()),
        8..11 => *document = json!(format!(" {document:#}\n")),
        11..20 => *document = json!(encoded(&document.to_string(), dice)),
        _ => {}
    }
    if dice.percent(10) {
        *document = json!({ "name": "policy", "policy": document });
    }
}

/// Percent-encoded as IAM gives documents: all but letters, digits and, mostly, `-_.~`.
fn encoded(text: &str, dice: &mut Dice) -> String {
    let more = dice.percent(20);
    let lower = dice.percent(20);
    let mut encoded = String::new();
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || (b"-_.~".contains(&byte) && !more) || byte == b'+';
        match (plain, lower) {
            (true, _) => encoded.push(char::from(byte)),
            (false, true) => write!(encoded, "%{byte:02x}").expect("a String takes all"),
            (false, false) => write!(encoded, "%{byte:02X}").expect("a String takes all"),
        }
    }
    encoded
}
