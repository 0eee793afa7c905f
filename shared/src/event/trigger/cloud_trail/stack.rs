//! Changes to what Bailiff's stacks made.

use serde_json::Value;

use super::super::{Hint, Ours};
use super::call::Call;
use crate::event::error::EventError;
use crate::threat::Sign;

/// How the template names AWS Config's rules, whatever the stack's name.
const CONFIG_RULES: &str = "bailiff-";

/// What writes nothing, though it is named like no read and CloudTrail may not call it one.
const LOOKS: [(&str, &[&str]); 5] = [
    (
        "cloudformation",
        &[
            "DetectStackDrift",
            "DetectStackResourceDrift",
            "DetectStackSetDrift",
            "EstimateTemplateCost",
            "ValidateTemplate",
        ],
    ),
    (
        "config",
        &[
            "BatchGetAggregateResourceConfig",
            "BatchGetResourceConfig",
            "SelectAggregateResourceConfig",
            "SelectResourceConfig",
            "StartConfigRulesEvaluation",
        ],
    ),
    ("dynamodb", &["BatchGetItem", "Query", "Scan", "TransactGetItems"]),
    ("events", &["TestEventPattern"]),
    (
        "logs",
        &[
            "FilterLogEvents",
            "StartLiveTail",
            "StartQuery",
            "StopQuery",
            "TestMetricFilter",
            "TestTransformer",
        ],
    ),
];

pub(super) fn hints(call: &Call<'_>, ours: &Ours) -> Result<Option<Hint>, EventError> {
    let looks = LOOKS.iter().any(|(service, names)| call.service == *service && call.is(names));
    let touches = !call.is_read
        && !looks
        && match call.service {
            "iam" => touches_iam(call, ours)?,
            "cloudformation" => names_the_stack_itself(call, ours)?,
            "config" => {
                let parameters = call.parameters.raw();
                parameters.is_some_and(|value| any_text(value, &|text| text.starts_with(CONFIG_RULES)))
            }
            // A mapping of a queue is named by an id, and tells its function in the answer.
            "lambda" | "sqs" | "sns" | "dynamodb" | "events" | "logs" | "monitoring" | "cloudwatch" => {
                let both = [call.parameters.raw(), call.response.raw()];
                both.into_iter().flatten().any(|value| any_text(value, &|text| ours.names_the_stack(text)))
            }
            _ => false,
        };
    Ok(if touches { call.against(Sign::TouchedBailiff) } else { None })
}

/// Its roles and its quarantine policy. Putting the quarantine on somebody or taking it off changes neither.
fn touches_iam(call: &Call<'_>, ours: &Ours) -> Result<bool, EventError> {
    let role = call.text("roleName")?.is_some_and(|name| ours.is_of_the_stack(name));
    let is_of_a_policy =
        call.name.contains("Policy") && !call.name.contains("User") && !call.name.contains("Role");
    let policy = is_of_a_policy
        && !call.name.contains("Group")
        && (call.text("policyArn")?.is_some_and(|arn| ours.names_the_stack(arn))
            || call.text("policyName")?.is_some_and(|name| ours.is_of_the_stack(name)));
    Ok(role || policy)
}

fn names_the_stack_itself(call: &Call<'_>, ours: &Ours) -> Result<bool, EventError> {
    for key in ["stackName", "stackId", "changeSetName"] {
        if call.text(key)?.is_some_and(|text| text.split('/').any(|part| ours.is_a_stack(part))) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn any_text(value: &Value, is: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, is)),
        Value::Object(object) => object.values().any(|item| any_text(item, is)),
        _ => false,
    }
}
