//! Any JSON as what a function is invoked with, and any text as the message inside it: an error or an event, no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use shared::event::{Event, Notification};
use shared::facts::resource_of_item;

fuzz_target!(|text: &str| {
    if let Ok(payload) = serde_json::from_str(text) {
        read(&payload);
    }
    read(&json!({
        "invokingEvent": text,
        "resultToken": "token",
        "configRuleName": "bailiff-user-inline-policy",
        "accountId": "111122223333",
        "eventLeftScope": false,
        "ruleParameters": "{}",
    }));
});

fn read(payload: &serde_json::Value) {
    if let Ok(Event::ConfigRule(invocation)) = Event::parse(payload)
        && let Notification::ItemChanged(item) = &invocation.notification
    {
        let _ = resource_of_item(item);
    }
}
