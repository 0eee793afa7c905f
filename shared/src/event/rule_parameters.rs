use serde_json::{Map, Value};

use super::error::{EventError, shown};
use super::field::Field;

const RULE_ID: &str = "ruleId";
const EXPECTED: &str = "a JSON object in a string";

/// The parameters of a Config rule, in the order in which they were written.
///
/// AWS Config keeps every value as a string; numbers and booleans, which local tools write, are taken as their
/// JSON text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleParameters(Vec<(String, String)>);

impl RuleParameters {
    /// The governance rule that the Config rule stands for, where the parameters name one.
    pub fn rule_id(&self) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == RULE_ID).map(|(_, id)| id.as_str()).filter(|id| !id.is_empty())
    }

    /// Every parameter but the rule id.
    pub fn others(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|(name, _)| name != RULE_ID).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Reads the field, which real events leave out when a rule has no parameters.
    pub(super) fn read(field: &Field<'_>) -> Result<Self, EventError> {
        let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        if field.is_missing() || field.raw().is_some_and(blank) {
            return Ok(Self::default());
        }
        let embedded = field.embedded(EXPECTED)?;
        match embedded.as_ref() {
            Value::Object(parameters) => Self::from_object(field, parameters),
            other => Err(field.wrong_type(other, EXPECTED)),
        }
    }

    fn from_object(field: &Field<'_>, parameters: &Map<String, Value>) -> Result<Self, EventError> {
        let pair = |(name, value): (&String, &Value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                other => {
                    let place = Field::at(format!("{}.{}", field.path(), shown(name)), other);
                    return Err(place.wrong_type(other, "a string, a number or a boolean"));
                }
            };
            Ok((name.clone(), text))
        };
        parameters.iter().map(pair).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(event: &Value) -> Result<RuleParameters, String> {
        let field = Field::at("", event).get("ruleParameters").unwrap();
        RuleParameters::read(&field).map_err(|error| error.to_string())
    }

    #[test]
    fn absent_null_and_empty_parameters_are_no_parameters() {
        for event in [
            json!({}),
            json!({"ruleParameters": null}),
            json!({"ruleParameters": ""}),
            json!({"ruleParameters": " "}),
            json!({"ruleParameters": "{}"}),
            json!({"ruleParameters": {}}),
        ] {
            assert_eq!(read(&event), Ok(RuleParameters::default()), "{event}");
        }
    }

    #[test]
    fn values_may_be_strings_numbers_or_booleans() {
        let event =
            json!({"ruleParameters": r#"{"maxAge":90,"ruleId":"access-key-age","strict":true,"unit":"d"}"#});
        let parameters = read(&event).unwrap();
        assert_eq!(parameters.rule_id(), Some("access-key-age"));
        let others: Vec<_> = parameters.others().collect();
        assert_eq!(others, [("maxAge", "90"), ("strict", "true"), ("unit", "d")]);
    }

    #[test]
    fn parameters_given_as_an_object_are_taken_as_they_are() {
        let parameters = read(&json!({"ruleParameters": {"ruleId": "user-unused"}})).unwrap();
        assert_eq!(parameters.rule_id(), Some("user-unused"));
    }

    #[test]
    fn an_empty_rule_id_names_no_rule() {
        assert_eq!(read(&json!({"ruleParameters": {"ruleId": ""}})).unwrap().rule_id(), None);
    }

    #[test]
    fn what_is_not_a_parameter_is_refused_by_name() {
        let cases = [
            (json!({"ruleParameters": "{\"a\":[1]}"}), "`ruleParameters.a` is an array; expected a string, "),
            (json!({"ruleParameters": {"a": null}}), "`ruleParameters.a` is null; expected a string, "),
            (json!({"ruleParameters": "[]"}), "`ruleParameters` is an array; expected a JSON object"),
            (json!({"ruleParameters": 5}), "`ruleParameters` is a number; expected a JSON object"),
            (
                json!({"ruleParameters": "{"}),
                "`ruleParameters` is not JSON: EOF while parsing an object at line 1",
            ),
        ];
        for (event, expected) in cases {
            let error = read(&event).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
