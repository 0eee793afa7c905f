//! Where findings go: a remediator's queue, and a copy on the event bus.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use aws_types::SdkConfig;
use serde::Serialize;
use shared::engine::{
    Abandoned, AnnounceFindings, Finding, HandOver, PortError, PortErrorKind, SendFindings,
};
use shared::identifier::UniqueId;
use shared::remedy::Remediator;

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};
use crate::time::to_sdk;

const SEND_MESSAGE: &str = "sqs:SendMessage";
const PUT_EVENTS: &str = "events:PutEvents";

/// What listeners on the bus match on.
const SOURCE: &str = "bailiff";
const DETAIL_TYPE: &str = "Bailiff Finding";

/// The remediators' queues, by their URLs.
pub type Queues = BTreeMap<Remediator, String>;

/// The queues.
pub struct Findings {
    client: Lazy<aws_sdk_sqs::Client>,
    queues: Queues,
}

/// The event bus.
pub struct Bus {
    client: Lazy<aws_sdk_eventbridge::Client>,
    name: String,
}

impl Findings {
    /// Sends with the given configuration.
    pub fn new(sdk: &SdkConfig, queues: Queues) -> Self {
        Self { client: lazily(sdk, aws_sdk_sqs::Client::new), queues }
    }
}

impl Bus {
    /// The bus of this name.
    pub fn new(sdk: &SdkConfig, name: String) -> Self {
        Self { client: lazily(sdk, aws_sdk_eventbridge::Client::new), name }
    }
}

impl SendFindings for Findings {
    async fn send(&self, finding: &Finding, to: Remediator) -> Result<(), PortError> {
        self.put(finding, finding.resource.unique_id(), &finding.id, to).await
    }
}

impl HandOver for Findings {
    async fn hand_over(&self, abandoned: &Abandoned, to: Remediator) -> Result<(), PortError> {
        self.put(abandoned, abandoned.resource.unique_id(), &abandoned.id, to).await
    }
}

impl Findings {
    async fn put(
        &self,
        message: &impl Serialize,
        about: &UniqueId,
        id: &str,
        to: Remediator,
    ) -> Result<(), PortError> {
        let queue = self.queues.get(&to).ok_or_else(|| PortError {
            operation: SEND_MESSAGE,
            kind: PortErrorKind::Failed,
            message: format!("{to} takes no findings"),
        })?;
        let request = self
            .client
            .send_message()
            .queue_url(queue)
            .message_body(body(message, SEND_MESSAGE)?)
            // One principal's messages come one after another, others' beside them.
            .message_group_id(about.as_str())
            .message_deduplication_id(id);
        request.send().await.map(|_| ()).map_err(|error| Failure::of(&error).port(SEND_MESSAGE))
    }
}

impl AnnounceFindings for Bus {
    async fn announce(&self, finding: &Finding) -> Result<(), PortError> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .resources(finding.resource.arn().as_str())
            .time(to_sdk(finding.seen))
            .detail(body(finding, PUT_EVENTS)?)
            .build();
        let answer = self.client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| Failure::of(&error).port(PUT_EVENTS))?;
        if answer.failed_entry_count == 0 {
            return Ok(());
        }
        Err(failed_entry(answer.entries.unwrap_or_default().first()))
    }
}

/// A call may succeed and its entry fail.
pub(crate) fn failed_entry(entry: Option<&PutEventsResultEntry>) -> PortError {
    let (code, message) =
        entry.map_or((None, None), |entry| (entry.error_code.as_deref(), entry.error_message.as_deref()));
    Failure::of_code(code.unwrap_or("no code"), message.unwrap_or_default()).port(PUT_EVENTS)
}

fn body(message: &impl Serialize, operation: &'static str) -> Result<String, PortError> {
    serde_json::to_string(message).map_err(|error| Failure::of_answer(error.to_string()).port(operation))
}

#[cfg(test)]
mod tests;
