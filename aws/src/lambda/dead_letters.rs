use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use aws_types::SdkConfig;
use shared::engine::PortError;
use shared::remedy::Remediator;

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};
use shared::masked::Masked;

const SEND_MESSAGE: &str = "sqs:SendMessage";

/// The longest reason that travels with a message.
const REASON: usize = 1_000;

/// Where a remediator puts messages it can never handle, each with the reason. SQS's own way there, after so many
/// deliveries, tells none.
pub(super) struct DeadLetters {
    client: Lazy<Client>,
    queue: String,
    remediator: Remediator,
}

impl DeadLetters {
    pub(super) fn new(sdk: &SdkConfig, queue: String, remediator: Remediator) -> Self {
        Self { client: lazily(sdk, Client::new), queue, remediator }
    }

    pub(super) async fn bury(&self, message: &SqsMessage, why: &str) -> Result<(), PortError> {
        let attribute = |name: &str| message.attributes.get(name).cloned();
        let id = message.message_id.clone();
        let request = self
            .client
            .send_message()
            .queue_url(&self.queue)
            .message_body(body(message))
            .set_message_group_id(attribute("MessageGroupId").or_else(|| id.clone()))
            .set_message_deduplication_id(attribute("MessageDeduplicationId").or(id))
            .message_attributes("reason", text(&Masked(why).to_string())?)
            .message_attributes("function", text(self.remediator.as_str())?);
        request.send().await.map(|_| ()).map_err(|error| Failure::of(&error).port(SEND_MESSAGE))
    }
}

/// SQS refuses an empty body.
fn body(message: &SqsMessage) -> &str {
    message.body.as_deref().filter(|body| !body.is_empty()).unwrap_or("(empty)")
}

fn text(value: &str) -> Result<MessageAttributeValue, PortError> {
    let shown: String = value.chars().filter(|character| !character.is_control()).take(REASON).collect();
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(shown)
        .build()
        .map_err(|error| Failure::of_answer(error.to_string()).port(SEND_MESSAGE))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stand_in::{StandIn, run};

    #[test]
    fn a_message_is_buried_as_it_came_with_the_reason_beside_it() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        let sdk = stand_in.sdk();
        let dead = DeadLetters::new(&sdk, "http://queue/dead".to_owned(), Remediator::RemoveUserPolicies);
        let attributes = json!({"MessageGroupId": "AIDA", "MessageDeduplicationId": "f1"});
        let message = json!({"messageId": "m1", "body": "not a finding", "attributes": attributes});
        let message = serde_json::from_value(message).unwrap();
        run(dead.bury(&message, "key AKIAIOSFODNN7EXAMPLE\n is no finding")).unwrap();
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["MessageBody"], "not a finding");
        assert_eq!(
            (&body["MessageGroupId"], &body["MessageDeduplicationId"]),
            (&json!("AIDA"), &json!("f1"))
        );
        let attributes = &body["MessageAttributes"];
        assert_eq!(attributes["reason"]["StringValue"], "key …MPLE is no finding");
        assert_eq!(attributes["function"]["StringValue"], "remove-user-policies");
    }
}
