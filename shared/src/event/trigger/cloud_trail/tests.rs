//! What each call hints at, in short: one line a hint.

mod callers;
mod identities;
mod omitted;
mod organization;
mod surroundings;
mod watched;

use serde_json::{Value, json};

use super::super::ours::tests::ours;
use super::*;

/// A call of `hal.brandt`, a user, on `eventSource` `service`.
pub(super) fn call(service: &str, name: &str, parameters: &Value) -> Value {
    json!({
        "version": "0", "id": "4c1a7d0e-6f5b-4b3e-8d57-1a2b3c4d5e6f", "detail-type": "AWS API Call via CloudTrail",
        "source": format!("aws.{service}"), "account": "111122223333", "time": "2026-11-20T09:14:05Z",
        "region": "us-east-1", "resources": [],
        "detail": {
            "eventVersion": "1.11", "eventID": "e-1", "eventTime": "2026-11-20T09:14:03Z", "eventType": "AwsApiCall",
            "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.24", "recipientAccountId": "111122223333", "readOnly": false,
            "userIdentity": hal(), "requestParameters": parameters, "responseElements": null
        }
    })
}

fn hal() -> Value {
    json!({
        "type": "IAMUser", "principalId": "AIDAQ2XH7WMR5ZOC2NLWM", "arn": "arn:aws:iam::111122223333:user/hal.brandt",
        "accountId": "111122223333", "accessKeyId": "AKIAQ2XH7WMRHALBRAND", "userName": "hal.brandt"
    })
}

fn session(role: &str) -> Value {
    json!({
        "type": "AssumedRole", "principalId": "AROAQ2XH7WMR4VJHC6XSG:ruth",
        "arn": format!("arn:aws:sts::111122223333:assumed-role/{}/ruth", role.rsplit('/').next().unwrap()),
        "accountId": "111122223333", "accessKeyId": "ASIAQ2XH7WMRTEXAMPLE",
        "sessionContext": { "sessionIssuer": {
            "type": "Role", "principalId": "AROAQ2XH7WMR4VJHC6XSG", "accountId": "111122223333",
            "arn": format!("arn:aws:iam::111122223333:role/{role}"), "userName": role.rsplit('/').next().unwrap()
        } }
    })
}

fn root() -> Value {
    json!({
        "type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root",
        "accountId": "111122223333"
    })
}

fn by(mut event: Value, who: Value) -> Value {
    event["detail"]["userIdentity"] = who;
    event
}

fn answering(mut event: Value, response: Value) -> Value {
    event["detail"]["responseElements"] = response;
    event
}

fn refused_with(mut event: Value, code: &str) -> Value {
    event["detail"]["errorCode"] = json!(code);
    event
}

fn parse(event: &Value) -> Trigger {
    Trigger::parse(event, &ours()).unwrap().remove(0)
}

fn shown(suspect: &Suspect) -> String {
    match suspect {
        Suspect::User { name, .. } => format!("user {name}"),
        Suspect::Role { name, .. } => format!("role {name}"),
        Suspect::HolderOf(key) => format!("holder of {key}"),
        Suspect::Arn(arn) => arn.resource().to_owned(),
        Suspect::UniqueId(id) => id.to_string(),
    }
}

/// The hints in short, or why there are none.
fn short(event: &Value) -> Vec<String> {
    let trigger = parse(event);
    assert_eq!(trigger.hints.is_empty(), trigger.ignored.is_some(), "{trigger:?}");
    let hints = trigger.hints.iter().filter_map(|hint| match hint {
        // Whom somebody made has a test of its own.
        Hint::Made { .. } => None,
        other => Some(other),
    });
    let hints = hints.map(|hint| match hint {
        Hint::Threat { sign, about, key, by, said, .. } => {
            assert!(said.contains(" called "), "{said}");
            let key = key.as_ref().map(|key| format!(" key {key}")).unwrap_or_default();
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("{sign:?} {}{key}{by}", shown(about))
        }
        Hint::Changed { about } => format!("Changed {}", shown(about)),
        Hint::Broken { standard, about } => format!("Broken {standard} {}", shown(about)),
        Hint::Page { sign, .. } => format!("Page {sign:?}"),
        Hint::Made { by, .. } => format!("Made by {}", shown(by)),
        Hint::Mark { of, touch, .. } => format!("Mark {touch:?} {}", shown(of)),
        Hint::Boundary { of, otherwise, .. } => match otherwise.as_deref() {
            Some(Hint::Threat { sign, about, .. }) => {
                format!("Boundary {}, or {sign:?} {}", shown(of), shown(about))
            }
            Some(other) => format!("{other:?}"),
            None => format!("Boundary {}", shown(of)),
        },
        Hint::Granted { what, then } => match &**then {
            Hint::Threat { sign, about, .. } => {
                format!("{sign:?} {} if by {} it is", shown(about), shown(what))
            }
            other => format!("{other:?}"),
        },
    });
    hints.chain(trigger.ignored.clone().map(|why| format!("ignored: {why}"))).collect()
}

fn iam(name: &str, parameters: &Value) -> Vec<String> {
    short(&call("iam", name, parameters))
}

const BY_HAL: &str = "user hal.brandt key …RAND";

#[test]
fn what_a_call_lacks_is_named_by_its_path() {
    for (path, expected) in [
        ("eventID", "`detail.eventID` is absent; expected a string"),
        ("eventTime", "`detail.eventTime` is absent; expected a time"),
        ("eventName", "`detail.eventName` is absent; expected a string"),
        ("userIdentity", "`detail.userIdentity` is absent; expected an object"),
    ] {
        let mut event = call("iam", "CreateUser", &json!({ "userName": "mara.okafor" }));
        event["detail"].as_object_mut().unwrap().remove(path);
        assert_eq!(Trigger::parse(&event, &ours()).unwrap_err().to_string(), expected);
    }
    let error = |parameters: Value| {
        Trigger::parse(&call("iam", "CreateUser", &parameters), &ours()).unwrap_err().to_string()
    };
    assert_eq!(error(json!([])), "`detail.requestParameters` is an array; expected an object");
    assert_eq!(
        error(json!({ "userName": 7 })),
        "`detail.requestParameters.userName` is a number; expected a string"
    );
    let forged = error(json!({ "userName": "mara\n{\"level\":" }));
    assert!(forged.starts_with("`detail.requestParameters.userName` cannot be used"), "{forged}");
    assert!(!forged.contains('\n'));
}
