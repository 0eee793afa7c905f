//! What starts a sweep.

use jiff::Timestamp;
use serde_json::{Value, json};

/// The event that EventBridge sends.
pub(crate) fn event(id: &str, at: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "111122223333",
        "time": at,
        "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:111122223333:rule/bailiff-reconcile"],
        "detail": {},
    })
}
