//! Policy documents: the forms in which they come, and what IAM rejects.

use serde_json::{Map, Value, json};

use super::context::values;
use super::{Refused, condition, element, refuse};

/// Which policies a document is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Identity policies, boundaries, session policies, SCPs: never a principal, always a resource.
    OfPrincipal,
    /// Resource policies, RCPs, endpoint policies: always a principal.
    OfResource,
}

/// An object, text holding one, or a wrapper around either. Where IAM would not take it, but it is clear what it says,
/// it comes as IAM would take it, with what was wrong added to the faults.
pub(super) fn read(given: &Value, r#type: Type, faults: &mut Vec<String>) -> Result<Value, Refused> {
    let unwrapped = match given {
        Value::Object(wrapper) if !wrapper.contains_key("Statement") => {
            wrapper.get("policy").unwrap_or(given)
        }
        _ => given,
    };
    let mut document = match unwrapped {
        Value::String(text) => from_text(text)?,
        other => other.clone(),
    };
    for statement in statements_mut(&mut document) {
        if let Some(members) = statement.as_object_mut() {
            mend(members, r#type, faults);
        }
    }
    check(&document, r#type)?;
    Ok(document)
}

/// What is clear all the same: a principal where there is none to be named is not heeded; without one where there
/// should be, nobody is spoken of; and an ARN or account instead of an object is meant as `AWS`.
fn mend(members: &mut Map<String, Value>, r#type: Type, faults: &mut Vec<String>) {
    const NAMES: [&str; 2] = ["Principal", "NotPrincipal"];
    match r#type {
        Type::OfPrincipal => {
            for name in NAMES {
                if members.get(name).is_some_and(|element| element::check(element).is_ok()) {
                    members.remove(name);
                    faults.push(format!("{name} in a policy that has none"));
                }
            }
        }
        Type::OfResource => {
            for name in NAMES {
                if let Some(Value::String(text)) = members.get(name)
                    && element::is_aws(text)
                {
                    faults.push(format!("{name} without an object"));
                    members.insert(name.to_owned(), json!({ "AWS": text }));
                }
            }
            if !NAMES.iter().any(|name| members.contains_key(*name)) {
                faults.push("no Principal in a policy that needs one".to_owned());
                members.insert("Principal".to_owned(), json!({}));
            }
        }
    }
}

/// Plain JSON or, if it is none, percent-encoded JSON.
fn from_text(text: &str) -> Result<Value, Refused> {
    if let Ok(document) = serde_json::from_str(text) {
        return Ok(document);
    }
    let decoded = percent_decoded(text).and_then(|plain| serde_json::from_str(&plain).ok());
    decoded.map_or_else(|| refuse("the document is no JSON"), Ok)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

/// The statements of a document, one or a list.
pub(super) fn statements(document: &Value) -> Vec<&Value> {
    match &document["Statement"] {
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    }
}

pub(super) fn statements_mut(document: &mut Value) -> Vec<&mut Value> {
    match document.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(single) => vec![single],
        None => Vec::new(),
    }
}

/// Whether variables mean anything in a document.
pub(super) fn has_variables(document: &Value) -> bool {
    document["Version"] == "2012-10-17"
}

fn check(document: &Value, r#type: Type) -> Result<(), Refused> {
    let Some(members) = document.as_object() else {
        return refuse("the document is no object");
    };
    only(members, &["Version", "Id", "Statement"])?;
    match members.get("Version").map(Value::as_str) {
        None | Some(Some("2008-10-17" | "2012-10-17")) => {}
        Some(_) => return refuse("Version: neither 2008-10-17 nor 2012-10-17"),
    }
    if !members.contains_key("Statement") {
        return refuse("no Statement");
    }
    statements(document).into_iter().try_for_each(|statement| check_statement(statement, r#type))
}

fn check_statement(statement: &Value, r#type: Type) -> Result<(), Refused> {
    let Some(members) = statement.as_object() else {
        return refuse("a statement is no object");
    };
    only(
        members,
        &[
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
    )?;
    if !["Allow", "Deny"].contains(&members.get("Effect").and_then(Value::as_str).unwrap_or("")) {
        return refuse("Effect: neither Allow nor Deny");
    }
    let one_of = |name: &str| either(members, name);
    for name in one_of("Action")?.into_iter().chain(one_of("Resource")?) {
        values(name)?;
    }
    if one_of("Action")?.is_none() {
        return refuse("neither Action nor NotAction");
    }
    if r#type == Type::OfPrincipal && one_of("Resource")?.is_none() {
        return refuse("neither Resource nor NotResource");
    }
    match (r#type, one_of("Principal")?) {
        (Type::OfPrincipal, None) => {}
        (Type::OfPrincipal, Some(_)) => return refuse("a Principal in a policy that has none"),
        (Type::OfResource, Some(element)) => element::check(element)?,
        (Type::OfResource, None) => return refuse("no Principal in a policy that needs one"),
    }
    members.get("Condition").map_or(Ok(()), condition::check)
}

fn only(members: &Map<String, Value>, known: &[&str]) -> Result<(), Refused> {
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        Some(unknown) => refuse(format!("{unknown}: no such element")),
        None => Ok(()),
    }
}

/// The element or its `Not…` form, but not both.
fn either<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Value>, Refused> {
    match (members.get(name), members.get(&format!("Not{name}"))) {
        (Some(_), Some(_)) => refuse(format!("both {name} and Not{name}")),
        (element, not_element) => Ok(element.or(not_element)),
    }
}
