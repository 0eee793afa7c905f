//! Notices to people, over SNS: to whoever subscribes the text, to queues the notice itself as JSON.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_types::SdkConfig;
use serde_json::json;
use shared::engine::PortError;
use shared::notice::Notice;
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
        let notice = Notice::of(entry, &self.stack, head);
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.topic)
            .subject(notice.mail().subject)
            .message_structure("json")
            .message(message(&notice)?)
            .message_attributes("status", attribute(&entry.status.to_string())?)
            .message_attributes("remediator", attribute(entry.remediator.as_str())?);
        if let Cause::Rule { rule, .. } = &entry.cause {
            request = request.message_attributes("rule", attribute(rule.as_str())?);
        }
        request.send().await.map(|_| ()).map_err(|error| Failure::of(&error).port(PUBLISH))
    }
}

/// What each kind of subscription gets: a text for people, and for queues what programs read.
fn message(notice: &Notice) -> Result<String, PortError> {
    let body = serde_json::to_string(notice);
    let body = body.map_err(|error| Failure::of_answer(error.to_string()).port(PUBLISH))?;
    Ok(json!({"default": notice.mail().body, "sqs": body}).to_string())
}

/// For subscriptions that filter.
fn attribute(value: &str) -> Result<MessageAttributeValue, PortError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|error| Failure::of_answer(error.to_string()).port(PUBLISH))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use shared::remedy::chain::Digest;

    use super::*;
    use crate::samples::{at, open_entry, verified_entry};
    use crate::stand_in::{StandIn, run};

    /// The most that SNS takes (SNS API, `Publish`).
    const MOST: usize = 256 * 1024;

    fn published(entry: &Entry, head: Option<&Head>) -> Value {
        let stand_in =
            StandIn::new(|asked, _| crate::stand_in::xml(&asked.action, "<MessageId>1</MessageId>"));
        let notices = Notices::new(&stand_in.sdk(), "arn:topic".to_owned(), "bailiff".to_owned());
        run(notices.tell(entry, head)).unwrap();
        stand_in.asked().remove(0).body
    }

    #[test]
    fn people_get_a_text_and_queues_the_notice_itself() {
        let head = Head { seq: 7, hash: Digest::none() };
        let asked = published(&verified_entry(), Some(&head));
        assert_eq!(asked["MessageStructure"], "json");
        assert_eq!(asked["Subject"], "Bailiff: user ann: changed and verified (rule access-key-age)");
        let message: Value = serde_json::from_str(asked["Message"].as_str().unwrap()).unwrap();
        assert!(
            message["default"].as_str().unwrap().starts_with("Every step was done and read back.\n\nWho:")
        );
        let notice = Notice::parse(message["sqs"].as_str().unwrap()).unwrap();
        assert_eq!(notice, Notice::of(&verified_entry(), "bailiff", Some(&head)));
        assert_eq!(notice.at, at());
    }

    #[test]
    fn neither_policies_nor_keys_are_told() {
        let asked = published(&verified_entry(), None).to_string();
        assert!(!asked.contains("Secret") && !asked.contains("AKIAIOSFODNN7EXAMPLE"), "{asked}");
    }

    #[test]
    fn the_longest_notice_of_what_json_escapes_fits_into_a_message() {
        let mut entry = open_entry();
        entry.lost = vec!["\"".repeat(5_000); 500];
        entry.plan.left = vec!["\\".repeat(999); 500];
        entry.cause =
            Cause::Order { requested_by: "\"".repeat(9_999), reason: "\u{1}".repeat(9_999), threat: None };
        let asked = published(&entry, None);
        let message = asked["Message"].as_str().unwrap();
        assert!(message.len() < MOST, "{}", message.len());
    }
}
