//! A request and its policies, read from JSON.

use serde_json::{Map, Value};

use super::context::Context;
use super::document::{self, Type};
use super::requester::{Requester, is_account};
use super::{Refused, refuse};

/// A request whose parts are all acceptable.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) requester: Requester,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) resource_account: Option<String>,
    pub(super) context: Context,
    pub(super) identity: Vec<Value>,
    pub(super) boundaries: Vec<Value>,
    pub(super) session: Vec<Value>,
    pub(super) resource_policies: Vec<Value>,
    pub(super) endpoint: Vec<Value>,
    pub(super) service_control: Vec<Vec<Value>>,
    pub(super) resource_control: Vec<Vec<Value>>,
    /// For what IAM would refuse policies that are clear all the same.
    pub(super) faults: Vec<String>,
}

const KEYS: [&str; 14] = [
    "principal",
    "action",
    "resource",
    "resourceAccount",
    "context",
    "identityPolicies",
    "permissionBoundaries",
    "sessionPolicy",
    "resourcePolicy",
    "endpointPolicies",
    "serviceControlPolicies",
    "resourceControlPolicies",
    "name",
    "description",
];

pub(super) fn read(request: &Value) -> Result<Request, Refused> {
    let Some(members) = request.as_object() else {
        return refuse("the request is no object");
    };
    if let Some(unknown) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return refuse(format!("{unknown}: no such key"));
    }
    let requester = Requester::read(members.get("principal").unwrap_or(&Value::Null))?;
    let resource = text(members, "resource")?;
    let resource_account = resource_account(members, &resource, &requester)?;
    let mut context = Context::read(members.get("context"))?;
    context.fill_in(&requester, resource_account.as_deref());
    let mut faults = Vec::new();
    Ok(Request {
        action: text(members, "action")?,
        identity: documents(members, "identityPolicies", Type::OfPrincipal, &mut faults)?,
        boundaries: documents(members, "permissionBoundaries", Type::OfPrincipal, &mut faults)?,
        session: documents(members, "sessionPolicy", Type::OfPrincipal, &mut faults)?,
        resource_policies: documents(members, "resourcePolicy", Type::OfResource, &mut faults)?,
        endpoint: documents(members, "endpointPolicies", Type::OfResource, &mut faults)?,
        service_control: levels(members, "serviceControlPolicies", Type::OfPrincipal, &mut faults)?,
        resource_control: levels(members, "resourceControlPolicies", Type::OfResource, &mut faults)?,
        requester,
        resource,
        resource_account,
        context,
        faults,
    })
}

fn text(members: &Map<String, Value>, key: &str) -> Result<String, Refused> {
    match members.get(key).and_then(Value::as_str) {
        Some(text) => Ok(text.to_owned()),
        None => refuse(format!("{key}: no text")),
    }
}

/// The account given; else that in the resource's ARN; else the one that the requester's ARN says.
fn resource_account(
    members: &Map<String, Value>,
    resource: &str,
    requester: &Requester,
) -> Result<Option<String>, Refused> {
    match members.get("resourceAccount") {
        None | Some(Value::Null) => {}
        Some(Value::String(account)) => return Ok(Some(account.clone())),
        Some(_) => return refuse("resourceAccount: no text"),
    }
    let in_arn = resource.split(':').nth(4).filter(|account| is_account(account));
    Ok(in_arn.or(requester.home()).map(str::to_owned))
}

/// A slot: absent, null, one document or a list of them.
fn documents(
    members: &Map<String, Value>,
    slot: &str,
    r#type: Type,
    faults: &mut Vec<String>,
) -> Result<Vec<Value>, Refused> {
    match members.get(slot) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => all(list, slot, r#type, faults),
        Some(single) => all(std::slice::from_ref(single), slot, r#type, faults),
    }
}

/// A slot of levels, each a list of documents or a wrapper around one.
fn levels(
    members: &Map<String, Value>,
    slot: &str,
    r#type: Type,
    faults: &mut Vec<String>,
) -> Result<Vec<Vec<Value>>, Refused> {
    let levels = match members.get(slot) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(levels)) => levels,
        Some(_) => return refuse(format!("{slot}: no list of levels")),
    };
    levels
        .iter()
        .map(|level| match level.as_array().or_else(|| level.get("policies")?.as_array()) {
            Some(list) => all(list, slot, r#type, faults),
            None => refuse(format!("{slot}: a level is no list")),
        })
        .collect()
}

fn all(list: &[Value], slot: &str, r#type: Type, faults: &mut Vec<String>) -> Result<Vec<Value>, Refused> {
    list.iter()
        .enumerate()
        .map(|(at, given)| {
            document::read(given, r#type, faults)
                .map_err(|Refused(why)| Refused(format!("{slot}[{at}]: {why}")))
        })
        .collect()
}
