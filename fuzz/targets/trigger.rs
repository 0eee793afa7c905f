//! Any JSON as an event of a detector or of CloudTrail, and any text as a policy in a call: an error or triggers, no panic.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use shared::event::{Ours, Trigger};
use shared::identifier::{AccountId, Arn};

static OURS: LazyLock<Ours> = LazyLock::new(|| Ours {
    account: AccountId::parse("111122223333").expect("an account"),
    stack: "bailiff".to_owned(),
    roles: ["bailiff-restore".to_owned()].into(),
    quarantine_policy: Arn::parse("arn:aws:iam::111122223333:policy/bailiff-quarantine").expect("an ARN"),
    is_quarantine_name: shared::remedy::is_quarantine_name,
});

fuzz_target!(|text: &str| {
    if let Ok(payload) = serde_json::from_str(text) {
        read(&payload);
    }
    for (name, key) in [
        ("PutRolePolicy", "policyDocument"),
        ("UpdateAssumeRolePolicy", "policyDocument"),
        ("CreateAccessKey", "userName"),
    ] {
        read(&call(name, &json!({ "roleName": "tracker", key: text })));
    }
});

fn call(name: &str, parameters: &Value) -> Value {
    json!({
        "id": "e", "detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "account": "111122223333",
        "time": "2026-11-20T09:14:05Z", "region": "us-east-1",
        "detail": {
            "eventID": "e", "eventTime": "2026-11-20T09:14:03Z", "eventSource": "iam.amazonaws.com",
            "eventName": name, "userIdentity": { "type": "IAMUser", "userName": "hal.brandt" },
            "requestParameters": parameters,
        }
    })
}

fn read(payload: &Value) {
    match Trigger::parse(payload, &OURS) {
        Ok(triggers) => {
            for trigger in triggers {
                assert_eq!(trigger.hints.is_empty(), trigger.ignored.is_some());
            }
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
}
