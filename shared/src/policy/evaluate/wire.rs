use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::answer::{Answer, Slot};
use super::arn_parts::arn_parts;
use super::context::{Context, SpelledTwice, Values};
use super::decision::evaluate;
use super::policies::Policies;
use super::principal::{Principal, is_account};
use super::request::Request;
use crate::policy::{ActionPattern, Json, Malformed, Policy, PolicyKind};

/// A request with its policies, as a line of `bailiff simulate` gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation<'a> {
    /// The request.
    pub request: Request<'a>,
    /// The policies.
    pub policies: Policies<'a>,
    /// For what IAM would refuse a policy of which it is clear all the same what it says: policy, place and reason.
    pub faults: Vec<String>,
}

/// Why a line cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {
    /// The line is no text.
    #[error("not UTF-8 from byte {at}")]
    NotText {
        /// Where it stops being text.
        at: usize,
    },
    /// The line is no JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// The line, or something in it, is of another type.
    #[error("{0} is {1}; expected {2}")]
    WrongType(String, &'static str, &'static str),
    /// Nobody knows what the key is to mean. A misspelt key would leave out a policy without a word.
    #[error("`{0}` is no key of a request; known are {KEYS}", KEYS = KEYS.join(", "))]
    UnknownKey(String),
    /// Which of the two counts is nobody's to guess.
    #[error("`{0}` stands twice; keep one")]
    Twice(String),
    /// Without it there is no request.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A text that names nobody who makes requests.
    #[error(
        "`{0}` is no principal; expected the ARN of a user, role, role session, federated user, root user or identity \
         provider, the name of a service, or {{\"type\":\"Anonymous\"}}"
    )]
    Principal(String),
    /// A text that is no action.
    #[error("`{0}` is no action; expected `service:name` without wildcards")]
    Action(String),
    /// A text that is no resource.
    #[error("`{0}` is no resource; expected an ARN or `*`")]
    Resource(String),
    /// A text that is no account.
    #[error("`{0}` is no account; expected twelve digits")]
    Account(String),
    /// A context key in two letter cases.
    #[error(transparent)]
    ContextKey(#[from] SpelledTwice),
    /// A policy of which it is not clear what it says.
    #[error("{0}: {1}")]
    Policy(String, Malformed),
}

/// The keys of a line. The last two are remarks for people.
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

/// Answers one line: appends a JSON object, without a line end, and says whether it is an answer rather than an error.
pub fn answer_line(line: &[u8], out: &mut String) -> bool {
    let json = std::str::from_utf8(line)
        .map_err(|error| SimulationError::NotText { at: error.valid_up_to() })
        .and_then(|line| Json::parse(line).map_err(|error| SimulationError::NotJson(error.to_string())));
    let answered = match &json {
        Ok(json) => Simulation::read(json),
        Err(error) => Err(error.clone()),
    };
    match answered {
        Ok(simulation) => {
            simulation.answer().write(&simulation.faults, out);
            true
        }
        Err(error) => {
            out.push_str("{\"error\":");
            push_json(&error.to_string(), out);
            out.push('}');
            false
        }
    }
}

impl Answer {
    /// Writes the answer by hand: nothing in it needs escaping but the faults.
    fn write(&self, faults: &[String], out: &mut String) {
        // Writing into a text does not fail.
        let _ = write!(out, "{{\"decision\":\"{:?}\",\"by\":[", self.decision);
        for (index, decider) in self.by.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(out, "{comma}\"{decider}\"");
        }
        out.push(']');
        if !faults.is_empty() {
            out.push_str(",\"faults\":");
            push_json(&faults, out);
        }
        out.push('}');
    }
}

fn push_json(value: &(impl Serialize + ?Sized), out: &mut String) {
    // Texts and lists of them are always JSON.
    out.push_str(&serde_json::to_string(value).unwrap_or_default());
}

impl<'a> Simulation<'a> {
    /// Reads what a line holds.
    pub fn read(json: &'a Json<'a>) -> Result<Self, SimulationError> {
        let Json::Object(entries) = json else {
            return Err(wrong_type("the line", json, "an object"));
        };
        let (mut principal, mut action, mut resource) = (None, None, None);
        let (mut resource_account, mut context) = (None, Context::default());
        let mut reader = PolicyReader::default();
        let mut policies = Policies::default();
        for (index, (key, value)) in entries.iter().enumerate() {
            let key = key.as_ref();
            // An unknown key ends the reading, so there are never many to look through.
            if entries.iter().take(index).any(|(other, _)| other == key) {
                return Err(SimulationError::Twice(key.to_owned()));
            }
            match key {
                other if !KEYS.contains(&other) => {
                    return Err(SimulationError::UnknownKey(other.chars().take(64).collect()));
                }
                _ if *value == Json::Null => {}
                "principal" => principal = Some(read_principal(value)?),
                "action" => action = Some(read_action(value)?),
                "resource" => resource = Some(read_resource(value)?),
                "resourceAccount" => resource_account = Some(read_account(value)?),
                "context" => context = read_context(value)?,
                "identityPolicies" => policies.identity = reader.list(Slot::Identity, value)?,
                "permissionBoundaries" => policies.boundaries = reader.list(Slot::Boundary, value)?,
                "sessionPolicy" => policies.session = reader.list(Slot::Session, value)?,
                "resourcePolicy" => policies.resource = reader.list(Slot::Resource, value)?,
                "endpointPolicies" => policies.endpoint = reader.list(Slot::Endpoint, value)?,
                "serviceControlPolicies" => {
                    policies.service_control = reader.levels(key, Slot::ServiceControl, value)?;
                }
                "resourceControlPolicies" => {
                    policies.resource_control = reader.levels(key, Slot::ResourceControl, value)?;
                }
                _ => {}
            }
        }
        let request = Request {
            principal: principal.ok_or(SimulationError::Missing("principal"))?,
            action: action.ok_or(SimulationError::Missing("action"))?,
            resource: resource.ok_or(SimulationError::Missing("resource"))?,
            resource_account,
            context,
        };
        Ok(Self { request, policies, faults: reader.faults })
    }

    /// The answer.
    pub fn answer(&self) -> Answer {
        evaluate(&self.request, &self.policies)
    }
}

fn wrong_type(what: &str, found: &Json<'_>, expected: &'static str) -> SimulationError {
    SimulationError::WrongType(what.to_owned(), found.kind(), expected)
}

fn text<'a>(key: &str, value: &'a Json<'_>) -> Result<&'a str, SimulationError> {
    value.as_text().ok_or_else(|| wrong_type(&format!("`{key}`"), value, "a text"))
}

fn read_principal<'a>(value: &'a Json<'_>) -> Result<Principal<'a>, SimulationError> {
    if let Json::Object(entries) = value {
        return match entries.as_slice() {
            [(key, Json::Text(kind))] if key == "type" && kind == "Anonymous" => Ok(Principal::ANONYMOUS),
            _ => Err(SimulationError::Principal("an object".to_owned())),
        };
    }
    let text = text("principal", value)?;
    Principal::parse(text).ok_or_else(|| SimulationError::Principal(text.to_owned()))
}

fn read_action<'a>(value: &'a Json<'_>) -> Result<&'a str, SimulationError> {
    let action = text("action", value)?;
    let whole =
        action.contains(':') && !action.contains(['*', '?']) && ActionPattern::parse(action).is_some();
    if whole { Ok(action) } else { Err(SimulationError::Action(action.to_owned())) }
}

fn read_resource<'a>(value: &'a Json<'_>) -> Result<&'a str, SimulationError> {
    let resource = text("resource", value)?;
    let is_arn = || arn_parts(resource).is_some_and(|[arn, .., name]| arn == "arn" && !name.is_empty());
    if resource == "*" || is_arn() {
        Ok(resource)
    } else {
        Err(SimulationError::Resource(resource.to_owned()))
    }
}

fn read_account<'a>(value: &'a Json<'_>) -> Result<&'a str, SimulationError> {
    let account = text("resourceAccount", value)?;
    if is_account(account) { Ok(account) } else { Err(SimulationError::Account(account.to_owned())) }
}

fn read_context<'a>(value: &'a Json<'_>) -> Result<Context<'a>, SimulationError> {
    let Json::Object(entries) = value else {
        return Err(wrong_type("`context`", value, "an object"));
    };
    let mut context = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let scalar = |value: &'a Json<'_>| {
            let expected = "a text, a number, a boolean or a list of these";
            value.scalar().ok_or_else(|| wrong_type(&format!("`context.{key}`"), value, expected))
        };
        let values = match value {
            Json::Null => Values::Absent,
            Json::List(list) => Values::Many(list.iter().map(scalar).collect::<Result<_, _>>()?),
            single => Values::One(scalar(single)?),
        };
        context.push((Cow::Borrowed(key.as_ref()), values));
    }
    Ok(Context::new(context)?)
}

/// Reads policies, and notes what IAM would refuse them for.
#[derive(Default)]
struct PolicyReader {
    faults: Vec<String>,
}

impl PolicyReader {
    fn levels<'a>(
        &mut self,
        key: &str,
        slot: fn(usize) -> Slot,
        value: &Json<'_>,
    ) -> Result<Vec<Vec<Cow<'a, Policy>>>, SimulationError> {
        let Json::List(levels) = value else {
            return Err(wrong_type(&format!("`{key}`"), value, "a list of levels"));
        };
        levels.iter().enumerate().map(|(level, value)| self.level(slot(level), value)).collect()
    }

    /// Reads a level: a list of policies, bare or under `policies` beside the name of what it belongs to.
    fn level<'a>(&mut self, slot: Slot, value: &Json<'_>) -> Result<Vec<Cow<'a, Policy>>, SimulationError> {
        let policies = value.get("policies").unwrap_or(value);
        match policies {
            Json::List(_) => self.list(slot, policies),
            other => Err(wrong_type(&format!("`{slot}`"), other, "a list of policies")),
        }
    }

    /// Reads a list of policies, or one policy alone.
    fn list<'a>(&mut self, slot: Slot, value: &Json<'_>) -> Result<Vec<Cow<'a, Policy>>, SimulationError> {
        let documents = value.elements();
        let mut policies = Vec::with_capacity(documents.len());
        for (index, document) in documents.iter().enumerate() {
            policies.push(Cow::Owned(self.policy(slot, index, documents.len(), document)?));
        }
        Ok(policies)
    }

    fn policy(
        &mut self,
        slot: Slot,
        index: usize,
        of: usize,
        document: &Json<'_>,
    ) -> Result<Policy, SimulationError> {
        let name = || match slot {
            Slot::Resource | Slot::Session if of == 1 => slot.to_string(),
            _ => format!("{slot}[{index}]"),
        };
        let document = document.get("policy").unwrap_or(document);
        match Policy::read_unless_unclear(document, kind(slot)) {
            Ok((policy, faults)) => {
                self.faults.extend(faults.iter().map(|fault| format!("{}.{fault}", name())));
                Ok(policy)
            }
            Err(malformed) => Err(SimulationError::Policy(name(), malformed)),
        }
    }
}

/// The grammar of a slot's policies. A trust policy is one of a resource, and may have a resource here.
fn kind(slot: Slot) -> PolicyKind {
    match slot {
        Slot::Identity => PolicyKind::Identity,
        Slot::Boundary => PolicyKind::PermissionsBoundary,
        Slot::Session => PolicyKind::Session,
        Slot::Resource => PolicyKind::Resource,
        Slot::Endpoint => PolicyKind::VpcEndpoint,
        Slot::ServiceControl(_) => PolicyKind::ServiceControl,
        Slot::ResourceControl(_) => PolicyKind::ResourceControl,
    }
}
