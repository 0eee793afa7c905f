use serde_json::{Value, json};

use super::put;
use crate::simulator::accounts::ACCOUNT;
use crate::simulator::dice::Dice;

const OTHER_ACCOUNT: &str = "999988887777";
/// Before anything is answered that is reported.
const LONG_AGO: &str = "2026-09-01T00:00:00Z";

/// Puts something into the event for which it must lead to nothing, whatever else it says; tells what.
pub(crate) fn spoil(event: &mut Value, name: &str, dice: &mut Dice) -> &'static str {
    let nobodys = |event: &mut Value, dice: &mut Dice| {
        let source =
            dice.pick(&["", "aws", "awshealth", "custom.health", "AWS.guardduty", "my.app", "bailiff"]);
        put(event, &["source"], json!(source));
        "a source that is not AWS's"
    };
    match dice.below(4) {
        0 => nobodys(event, dice),
        1 => {
            *event = elsewhere(event);
            "another account, everywhere"
        }
        // What has another shape, or names a key in another place too.
        _ if name.contains("-v2-") || name == "health-key-beside-the-entities" => nobodys(event, dice),
        _ => match name.split('-').next().unwrap_or_default() {
            "cloudtrail" => cloudtrail(event, dice),
            "guardduty" => guardduty(event, dice),
            "health" => health(event, dice),
            "macie" => macie(event, name, dice),
            "security" => security_hub(event, dice),
            "trusted" => trusted_advisor(event, dice),
            // They tell of no threat, and the live state is in order.
            "access" | "config" => "nothing",
            _ => nobodys(event, dice),
        },
    }
}

/// The same event as it comes up in another account.
fn elsewhere(event: &Value) -> Value {
    match event {
        Value::String(text) => json!(text.replace(ACCOUNT, OTHER_ACCOUNT)),
        Value::Array(members) => members.iter().map(elsewhere).collect(),
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.clone(), elsewhere(value))).collect())
        }
        other => other.clone(),
    }
}

fn cloudtrail(event: &mut Value, dice: &mut Dice) -> &'static str {
    match dice.below(7) {
        0 => {
            put(event, &["detail", "recipientAccountId"], json!(OTHER_ACCOUNT));
            "recorded in another account"
        }
        1 => {
            let code = dice.pick(&["NoSuchEntityException", "EntityAlreadyExists", "ThrottlingException"]);
            put(event, &["detail", "errorCode"], json!(code));
            "a call that failed"
        }
        2 => {
            let code = dice.pick(&["AccessDenied", "Client.UnauthorizedOperation", "AccessDeniedException"]);
            put(event, &["detail", "errorCode"], json!(code));
            "a call that was denied"
        }
        3 => {
            put(event, &["detail", "eventTime"], json!(LONG_AGO));
            "a call of months ago"
        }
        4 => {
            let role = "bailiff-suspend-principal";
            put(
                event,
                &["detail", "userIdentity"],
                json!({
                    "type": "AssumedRole", "principalId": "AROAQ2XH7WMR9BAILIFFX:s", "accountId": ACCOUNT,
                    "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/s"),
                    "sessionContext": {"sessionIssuer": {
                        "type": "Role", "principalId": "AROAQ2XH7WMR9BAILIFFX", "accountId": ACCOUNT,
                        "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"), "userName": role}}
                }),
            );
            "Bailiff's own call"
        }
        5 => {
            put(
                event,
                &["detail", "userIdentity"],
                json!({"type": "AWSService", "invokedBy": "s3.amazonaws.com"}),
            );
            "a service's call"
        }
        _ => {
            // Whoever was called so then is somebody else now.
            for path in [
                &["detail", "userIdentity", "principalId"][..],
                &["detail", "userIdentity", "sessionContext", "sessionIssuer", "principalId"],
            ] {
                put(event, path, json!("AIDAQ2XH7WMR9ELSEWHER"));
            }
            put(event, &["detail", "userIdentity", "type"], json!("IAMUser"));
            "a caller of another unique id"
        }
    }
}

fn guardduty(event: &mut Value, dice: &mut Dice) -> &'static str {
    match dice.below(6) {
        0 => {
            put(event, &["detail", "service", "additionalInfo", "sample"], json!(true));
            "a sample"
        }
        1 => {
            put(
                event,
                &["detail", "service", "additionalInfo"],
                json!({"value": "{\"sample\":true}", "type": "default"}),
            );
            "a sample, in text"
        }
        2 => {
            put(event, &["detail", "title"], json!("[SAMPLE] Credentials used from elsewhere"));
            "a sample by its title"
        }
        3 => {
            put(event, &["detail", "service", "archived"], json!(true));
            "archived"
        }
        4 => {
            put(event, &["detail", "service", "eventLastSeen"], json!(LONG_AGO));
            "last seen months ago"
        }
        _ => {
            put(event, &["detail", "accountId"], json!(OTHER_ACCOUNT));
            "a finding about another account"
        }
    }
}

fn health(event: &mut Value, dice: &mut Dice) -> &'static str {
    match dice.below(5) {
        0 => {
            put(event, &["detail", "statusCode"], json!(dice.pick(&["closed", "CLOSED"])));
            "closed"
        }
        1 => {
            put(event, &["detail", "eventScopeCode"], json!("PUBLIC"));
            "about AWS"
        }
        2 => {
            let other = ["AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED", "AWS_RISK_CREDENTIALS_EXPOSED_NOT", ""];
            put(event, &["detail", "eventTypeCode"], json!(dice.pick(&other)));
            "about something else"
        }
        3 => {
            put(event, &["detail", "affectedAccount"], json!(OTHER_ACCOUNT));
            "about another account"
        }
        _ => {
            let keys = event.pointer("/detail/affectedEntities").and_then(Value::as_array).cloned();
            let resolved = keys.unwrap_or_default().into_iter().map(|mut key| {
                put(&mut key, &["status"], json!("RESOLVED"));
                key
            });
            let resolved: Value = resolved.collect();
            put(event, &["detail", "affectedEntities"], resolved);
            "resolved"
        }
    }
}

fn macie(event: &mut Value, name: &str, dice: &mut Dice) -> &'static str {
    if name == "macie-classic-alert" {
        put(event, &["detail", "actor"], json!(format!("{OTHER_ACCOUNT}:assumed-role:x:aroa")));
        return "somebody of another account";
    }
    let (field, why) =
        dice.one(&[("sample", "a sample"), ("archived", "archived")]).copied().unwrap_or_default();
    put(event, &["detail", field], json!(true));
    why
}

fn security_hub(event: &mut Value, dice: &mut Dice) -> &'static str {
    let (path, value, why): (&[&str], Value, _) = match dice.below(6) {
        0 => (&["RecordState"], json!("ARCHIVED"), "archived"),
        1 => (&["Workflow", "Status"], json!("SUPPRESSED"), "suppressed"),
        2 => (&["Workflow", "Status"], json!("RESOLVED"), "resolved"),
        3 => (&["Compliance", "Status"], json!("PASSED"), "passed"),
        4 => (&["Sample"], json!(true), "a sample"),
        _ => (&["AwsAccountId"], json!(OTHER_ACCOUNT), "a finding about another account"),
    };
    let findings = event.pointer("/detail/findings").and_then(Value::as_array).cloned();
    let spoilt = findings.unwrap_or_default().into_iter().map(|mut finding| {
        put(&mut finding, path, value.clone());
        finding
    });
    let spoilt: Value = spoilt.collect();
    put(event, &["detail", "findings"], spoilt);
    why
}

fn trusted_advisor(event: &mut Value, dice: &mut Dice) -> &'static str {
    if dice.chance(500) {
        put(event, &["detail", "status"], json!(dice.pick(&["OK", "WARN", "ok", ""])));
        "not red"
    } else {
        put(event, &["detail", "check-name"], json!("IAM Access Key Rotation"));
        "another check"
    }
}
