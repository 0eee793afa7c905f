//! Notices to people, over SNS.

mod text;

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_types::SdkConfig;
use shared::engine::PortError;
use shared::remedy::chain::Head;
use shared::remedy::{Cause, Entry};

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};

const PUBLISH: &str = "sns:Publish";

/// The topic people subscribe to.
pub struct Notices {
    client: Lazy<Client>,
    topic: String,
    stack: String,
}

impl Notices {
    /// Publishes to the topic; `stack` names the function that restores.
    pub fn new(sdk: &SdkConfig, topic: String, stack: String) -> Self {
        Self { client: lazily(sdk, Client::new), topic, stack }
    }

    /// Tells of an entry. With the head of the journal's chain a notice is a witness of all that was written before it.
    pub async fn tell(&self, entry: &Entry, head: Option<&Head>) -> Result<(), PortError> {
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.topic)
            .subject(text::subject(entry))
            .message(text::body(entry, &self.stack, head))
            .message_attributes("status", attribute(&entry.status.to_string())?)
            .message_attributes("remediator", attribute(entry.remediator.as_str())?);
        if let Cause::Rule { rule, .. } = &entry.cause {
            request = request.message_attributes("rule", attribute(rule.as_str())?);
        }
        request.send().await.map(|_| ()).map_err(|error| Failure::of(&error).port(PUBLISH))
    }
}

/// For subscriptions that filter.
fn attribute(value: &str) -> Result<MessageAttributeValue, PortError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|error| Failure::of_answer(error.to_string()).port(PUBLISH))
}
