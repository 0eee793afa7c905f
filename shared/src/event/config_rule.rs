use super::error::EventError;
use super::field::Field;
use super::notification::Notification;
use super::result_token::ResultToken;
use super::rule_parameters::RuleParameters;
use crate::identifier::AccountId;

/// AWS Config asking a custom rule for its verdict.
///
/// The role in `executionRoleArn` is left unread: by default it is the recorder's service-linked role, which no
/// function can assume.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigRuleInvocation {
    /// The Config rule's name.
    pub rule_name: String,
    /// The Config rule's ARN.
    pub rule_arn: Option<String>,
    /// The account that owns the rule.
    pub account: AccountId,
    /// To be handed back with the verdict.
    pub result_token: ResultToken,
    /// The Config rule's parameters.
    pub parameters: RuleParameters,
    /// Whether the resource no longer belongs to those the rule is about: the answer is `NOT_APPLICABLE`.
    pub left_scope: bool,
    /// Whether the resource exists, or somebody asks before creating it.
    pub evaluation_mode: EvaluationMode,
    /// Why the rule was invoked.
    pub notification: Notification,
}

/// Whether a resource is judged as it is or as it would be.
///
/// AWS Config offers no proactive evaluation of IAM types so far, but the field is in every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EvaluationMode {
    /// The resource exists. Older events, which lack the field, are all of this mode.
    #[default]
    Detective,
    /// The resource is only planned.
    Proactive,
}

impl ConfigRuleInvocation {
    pub(super) fn read(event: &Field<'_>) -> Result<Self, EventError> {
        const EXPECTED: &str = "a JSON object in a string";
        let invoking_event = event.get("invokingEvent")?;
        let message = invoking_event.embedded(EXPECTED)?;
        let notification = Notification::read(&Field::at(invoking_event.path(), message.as_ref()))?;
        Ok(Self {
            rule_name: event.get("configRuleName")?.filled_text()?.to_owned(),
            rule_arn: event.get("configRuleArn")?.optional_text()?,
            account: account(&event.get("accountId")?, &notification)?,
            result_token: ResultToken::new(event.get("resultToken")?.filled_text()?),
            parameters: RuleParameters::read(&event.get("ruleParameters")?)?,
            left_scope: event.get("eventLeftScope")?.optional(Field::boolean)?.unwrap_or_default(),
            evaluation_mode: event.get("evaluationMode")?.optional(EvaluationMode::read)?.unwrap_or_default(),
            notification,
        })
    }
}

impl EvaluationMode {
    fn read(field: &Field<'_>) -> Result<Self, EventError> {
        field.word("`DETECTIVE` or `PROACTIVE`", |word| match word {
            "DETECTIVE" => Some(Self::Detective),
            "PROACTIVE" => Some(Self::Proactive),
            _ => None,
        })
    }
}

/// The rule's account, or the resource's where the envelope names none: for a rule in one account it is the same.
fn account(field: &Field<'_>, notification: &Notification) -> Result<AccountId, EventError> {
    match notification.account() {
        Some(account) if field.is_missing() => Ok(account.clone()),
        _ => field.identifier(AccountId::parse),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event() -> Value {
        let message = json!({
            "messageType": "ScheduledNotification", "awsAccountId": "444455556666",
            "notificationCreationTime": "2026-11-20T12:00:00.411Z", "recordVersion": "1.0"
        });
        json!({
            "version": "1.0", "invokingEvent": message.to_string(), "resultToken": "a-secret-token",
            "configRuleName": "bailiff-access-key-age", "accountId": "111122223333"
        })
    }

    fn with(key: &str, value: Value) -> Result<ConfigRuleInvocation, String> {
        let mut event = event();
        event[key] = value;
        read(&event)
    }

    fn without(key: &str) -> Result<ConfigRuleInvocation, String> {
        let mut event = event();
        event.as_object_mut().unwrap().remove(key);
        read(&event)
    }

    fn read(event: &Value) -> Result<ConfigRuleInvocation, String> {
        ConfigRuleInvocation::read(&Field::at("", event)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_envelope_without_its_optional_fields_is_enough() {
        let invocation = read(&event()).unwrap();
        assert_eq!(invocation.account.as_str(), "111122223333");
        assert_eq!(invocation.result_token.as_str(), "a-secret-token");
        assert_eq!(invocation.parameters, RuleParameters::default());
        assert_eq!(invocation.rule_arn, None);
        assert!(!invocation.left_scope);
        assert_eq!(invocation.evaluation_mode, EvaluationMode::Detective);
    }

    #[test]
    fn the_invoking_event_may_be_an_object_already() {
        let message: Value = serde_json::from_str(event()["invokingEvent"].as_str().unwrap()).unwrap();
        assert_eq!(with("invokingEvent", message), read(&event()));
    }

    #[test]
    fn an_invoking_event_that_is_not_json_says_where() {
        assert_eq!(
            with("invokingEvent", json!("{\"messageType\": Scheduled}")).unwrap_err(),
            "`invokingEvent` is not JSON: expected value at line 1 column 17; \
             send the text that AWS Config produced, unshortened"
        );
    }

    #[test]
    fn an_invoking_event_of_another_type_is_an_error() {
        for (value, expected) in [
            (json!(null), "`invokingEvent` is null; expected a JSON object in a string"),
            (json!(""), "`invokingEvent` is empty; expected a JSON object in a string"),
            (json!([]), "`invokingEvent` is an array; expected an object"),
            (json!("[]"), "`invokingEvent` is an array; expected an object"),
            (json!("\"text\""), "`invokingEvent` is a string; expected an object"),
            (json!(1), "`invokingEvent` is a number; expected an object"),
        ] {
            assert_eq!(with("invokingEvent", value.clone()).unwrap_err(), expected, "{value}");
        }
    }

    #[test]
    fn a_missing_account_is_taken_from_the_message() {
        assert_eq!(without("accountId").unwrap().account.as_str(), "444455556666");
        assert_eq!(with("accountId", json!(null)).unwrap().account.as_str(), "444455556666");
    }

    #[test]
    fn an_account_that_nothing_names_is_an_error() {
        let mut event = event();
        event.as_object_mut().unwrap().remove("accountId");
        event["invokingEvent"] = json!("{\"messageType\":\"ConfigurationSnapshotDeliveryCompleted\"}");
        assert_eq!(read(&event).unwrap_err(), "`accountId` is absent; expected a string");
    }

    #[test]
    fn a_malformed_account_is_an_error_although_the_message_names_one() {
        let error = with("accountId", json!("11112222")).unwrap_err();
        assert!(error.starts_with("`accountId` cannot be used: `11112222` is not an account id"), "{error}");
    }

    #[test]
    fn a_missing_result_token_is_an_error() {
        assert_eq!(without("resultToken").unwrap_err(), "`resultToken` is absent; expected a string");
        assert_eq!(with("resultToken", json!("")).unwrap_err(), "`resultToken` is empty; expected a string");
    }

    #[test]
    fn neither_debug_nor_errors_show_the_token() {
        let invocation = read(&event()).unwrap();
        assert!(!format!("{invocation:?}").contains("a-secret-token"));
        let error = with("resultToken", json!({"a-secret-token": 1})).unwrap_err();
        assert_eq!(error, "`resultToken` is an object; expected a string");
    }

    #[test]
    fn an_event_that_left_the_scope_says_so() {
        assert!(with("eventLeftScope", json!(true)).unwrap().left_scope);
        assert!(!with("eventLeftScope", json!(null)).unwrap().left_scope);
        let error = with("eventLeftScope", json!("true")).unwrap_err();
        assert_eq!(error, "`eventLeftScope` is a string; expected a boolean");
    }

    #[test]
    fn the_evaluation_mode_is_read_where_there_is_one() {
        let mode = |word: &str| with("evaluationMode", json!(word)).map(|event| event.evaluation_mode);
        assert_eq!(mode("DETECTIVE"), Ok(EvaluationMode::Detective));
        assert_eq!(mode("PROACTIVE"), Ok(EvaluationMode::Proactive));
        let error = mode("LATER").unwrap_err();
        assert_eq!(error, "`evaluationMode` is `LATER`; expected `DETECTIVE` or `PROACTIVE`");
    }
}
