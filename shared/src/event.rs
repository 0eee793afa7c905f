//! What comes in: AWS Config invoking a rule, and an `EventBridge` schedule.
//!
//! Both arrive as JSON that somebody else wrote. They are read by hand rather than by derived readers, so that a
//! complaint names the field by its full path, also inside the JSON strings that AWS Config nests in its JSON.

mod config_rule;
mod directory_change;
mod directory_file;
mod error;
mod field;
mod item;
mod item_status;
mod item_summary;
mod notification;
mod resource;
mod result_token;
mod rule_parameters;
#[cfg(test)]
mod samples;
mod scheduled;
mod time;
mod trigger;

use serde_json::{Map, Value};

pub use config_rule::{ConfigRuleInvocation, EvaluationMode};
pub use directory_change::{DirectoryChange, DirectoryEvent};
pub use directory_file::{DirectoryFile, DirectoryFileError};
pub use error::EventError;
pub use item::ConfigurationItem;
pub use item_status::ItemStatus;
pub use item_summary::ItemSummary;
pub use notification::Notification;
pub use resource::{
    AttachedPolicy, GroupItem, IdentityProviderItem, InlinePolicy, PermissionsBoundary, PolicyItem,
    PolicyVersion, Resource, RoleItem, RoleLastUsed, ServerCertificateItem, Tag, UserItem,
};
pub use result_token::ResultToken;
pub use rule_parameters::RuleParameters;
pub use scheduled::ScheduledEvent;
pub(crate) use trigger::said;
pub use trigger::{Hint, MarkTouch, Ours, PutBack, Suspect, Trigger};

use error::shown;
use field::Field;

/// An event that an evaluator can act upon.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// AWS Config asks a rule for its verdict.
    ConfigRule(Box<ConfigRuleInvocation>),
    /// A schedule starts a sweep.
    Scheduled(ScheduledEvent),
}

impl Event {
    /// Reads what a function was invoked with.
    pub fn parse(payload: &Value) -> Result<Self, EventError> {
        let event = Field::at("", payload);
        let is_from_config =
            ["invokingEvent", "resultToken", "configRuleName"].iter().any(|key| has(payload, key));
        if is_from_config {
            return ConfigRuleInvocation::read(&event).map(Box::new).map(Self::ConfigRule);
        }
        let (source, detail_type) = (event.get("source")?, event.get("detail-type")?);
        if source.is_absent() && detail_type.is_absent() {
            return Err(EventError::NotAnEvent { found: keys(payload) });
        }
        match (source.text().ok(), detail_type.text().ok()) {
            (Some("aws.events"), Some("Scheduled Event")) => {
                ScheduledEvent::read(&event).map(Self::Scheduled)
            }
            _ => Err(EventError::UnsupportedEvent {
                source_name: word(&source),
                detail_type: word(&detail_type),
                expected: "`aws.events` and `Scheduled Event`, or an AWS Config rule invocation",
            }),
        }
    }
}

fn has(payload: &Value, key: &str) -> bool {
    payload.get(key).is_some()
}

/// What stands in a field that ought to hold a word: a word in backticks, or what else it is.
fn word(field: &Field<'_>) -> String {
    match field.raw() {
        None => "absent".to_owned(),
        Some(Value::String(text)) => format!("`{}`", shown(text)),
        Some(other) => error::kind(other).to_owned(),
    }
}

/// The first few keys of an object, for a person who wonders what was sent.
fn keys(payload: &Value) -> String {
    let names = payload.as_object().map(Map::keys).into_iter().flatten();
    let shown: Vec<String> = names.take(5).map(|name| format!("`{}`", shown(name))).collect();
    if shown.is_empty() {
        "no fields at all".to_owned()
    } else {
        format!("neither `invokingEvent` nor `source`, only {}", shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(payload: &Value) -> String {
        Event::parse(payload).unwrap_err().to_string()
    }

    fn schedule() -> Value {
        json!({
            "id": "5d0fd8c2-7a1e-4b7e-9c56-2f1f0c8f3b60", "detail-type": "Scheduled Event",
            "source": "aws.events", "account": "111122223333", "time": "2026-11-20T13:00:00Z",
            "region": "eu-west-1", "resources": [], "detail": {}
        })
    }

    #[test]
    fn a_schedule_needs_no_version() {
        let Event::Scheduled(event) = Event::parse(&schedule()).unwrap() else { panic!() };
        assert_eq!(event.account.as_str(), "111122223333");
        assert_eq!(event.time.to_string(), "2026-11-20T13:00:00Z");
        assert_eq!(event.region, "eu-west-1");
    }

    #[test]
    fn a_schedule_needs_everything_else() {
        for key in ["id", "account", "time", "region"] {
            let mut event = schedule();
            event.as_object_mut().unwrap().remove(key);
            assert!(error(&event).starts_with(&format!("`{key}` is absent")), "{}", error(&event));
        }
    }

    #[test]
    fn an_unsupported_event_is_named_by_source_and_detail_type() {
        let event = json!({"source": "aws.config", "detail-type": "Config Configuration Item Change"});
        let said = error(&event);
        let expected = "`source` is `aws.config` and `detail-type` is `Config Configuration Item Change`; ";
        assert!(said.starts_with(expected), "{said}");
        let said = error(&json!({"source": 7}));
        assert!(said.starts_with("`source` is a number and `detail-type` is absent; "), "{said}");
    }

    #[test]
    fn what_is_no_event_is_named_by_its_fields() {
        let said = error(&json!({}));
        assert!(said.starts_with("the event has no fields at all; expected an AWS Config"), "{said}");
        let said = error(&json!({"Records": [], "b\n": 1}));
        assert!(said.contains(r"only `Records`, `b\u{a}`; expected"), "{said}");
    }

    #[test]
    fn what_is_not_an_object_is_named_by_its_type() {
        assert_eq!(error(&json!(null)), "`event` is null; expected an object");
        assert_eq!(error(&json!([])), "`event` is an array; expected an object");
        assert_eq!(error(&json!("{}")), "`event` is a string; expected an object");
    }

    #[test]
    fn a_config_event_without_its_message_is_not_mistaken_for_another_kind() {
        let event = json!({"resultToken": "t", "configRuleName": "r", "source": "aws.events"});
        assert_eq!(error(&event), "`invokingEvent` is absent; expected a JSON object in a string");
    }
}
