//! The ways to people: mail by SES, chats by way of the event bus, and whom the account names for security.

use std::collections::BTreeSet;

use aws_sdk_account::types::AlternateContactType;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use aws_types::SdkConfig;
use shared::engine::{PortError, Post};
use shared::facts::{Fact, Read};
use shared::governance::Chat;
use shared::identifier::EmailAddress;
use shared::notice::Mail;

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};

const SEND_EMAIL: &str = "ses:SendEmail";
const PUT_EVENTS: &str = "events:PutEvents";

/// What the webhooks' rules in `template.yaml` match on.
const SOURCE: &str = "bailiff";
const DETAIL_TYPE: &str = "Bailiff Notice";

/// Only deliver-notices holds them.
pub(crate) struct Channels {
    account: Lazy<aws_sdk_account::Client>,
    ses: Lazy<aws_sdk_sesv2::Client>,
    events: Lazy<aws_sdk_eventbridge::Client>,
    bus: String,
    chats: BTreeSet<Chat>,
}

impl Channels {
    /// Sends with the given configuration; `chats` are those whose webhooks the deployment has.
    pub(crate) fn new(sdk: &SdkConfig, bus: String, chats: BTreeSet<Chat>) -> Self {
        Self {
            account: lazily(sdk, aws_sdk_account::Client::new),
            ses: lazily(sdk, aws_sdk_sesv2::Client::new),
            events: lazily(sdk, aws_sdk_eventbridge::Client::new),
            bus,
            chats,
        }
    }

    pub(crate) fn has(&self, chat: Chat) -> bool {
        self.chats.contains(&chat)
    }

    pub(crate) async fn security_contact(&self) -> Fact<String> {
        let request =
            self.account.get_alternate_contact().alternate_contact_type(AlternateContactType::Security);
        match request.send().await {
            Ok(answer) => match answer.alternate_contact.and_then(|contact| contact.email_address) {
                Some(address) => Fact::Known(address),
                None => Fact::Absent,
            },
            Err(error) => {
                let failure = Failure::of(&error);
                if failure.is("ResourceNotFoundException") {
                    Fact::Absent
                } else {
                    Fact::Unknown(failure.unread(Read::GetAlternateContact))
                }
            }
        }
    }

    /// SES makes the message of its parts, so that no text of ours is a header.
    pub(crate) async fn mail(
        &self,
        from: &EmailAddress,
        to: &EmailAddress,
        mail: &Mail,
    ) -> Result<(), PortError> {
        let text = |text: &str| {
            let content = Content::builder().data(text).charset("UTF-8").build();
            content.map_err(|error| Failure::of_answer(error.to_string()).port(SEND_EMAIL))
        };
        let message = Message::builder()
            .subject(text(&mail.subject)?)
            .body(Body::builder().text(text(&mail.body)?).build())
            .build();
        let request = self
            .ses
            .send_email()
            .from_email_address(from.as_str())
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(message).build());
        request.send().await.map(|_| ()).map_err(|error| Failure::of(&error).port(SEND_EMAIL))
    }

    pub(crate) async fn post(&self, post: &Post<'_>) -> Result<(), PortError> {
        let detail = serde_json::to_string(post);
        let detail = detail.map_err(|error| Failure::of_answer(error.to_string()).port(PUT_EVENTS))?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .set_resources(post.notice.map(|notice| vec![notice.resource.arn().to_string()]))
            .detail(detail)
            .build();
        let answer = self.events.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| Failure::of(&error).port(PUT_EVENTS))?;
        if answer.failed_entry_count == 0 {
            return Ok(());
        }
        Err(crate::findings::failed_entry(answer.entries.unwrap_or_default().first()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::notice::{Notice, chat_message};

    use super::*;
    use crate::samples::verified_entry;
    use crate::stand_in::{Asked, StandIn, run};

    fn channels(stand_in: &StandIn) -> Channels {
        Channels::new(&stand_in.sdk(), "bus".to_owned(), BTreeSet::from([Chat::Slack]))
    }

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn a_mail_is_plain_text_from_one_to_one() {
        let stand_in = StandIn::new(|_, _| (200, r#"{"MessageId": "1"}"#.to_owned()));
        let mail = Notice::of(&verified_entry(), "bailiff", None).mail();
        let sent = run(channels(&stand_in).mail(
            &address("bailiff@example.com"),
            &address("ann@example.com"),
            &mail,
        ));
        assert_eq!(sent, Ok(()));
        let [Asked { body, .. }] = &stand_in.asked()[..] else { panic!() };
        let expected = json!({
            "FromEmailAddress": "bailiff@example.com",
            "Destination": { "ToAddresses": ["ann@example.com"] },
            "Content": { "Simple": {
                "Subject": { "Data": mail.subject, "Charset": "UTF-8" },
                "Body": { "Text": { "Data": mail.body, "Charset": "UTF-8" } },
            } },
        });
        assert_eq!(*body, expected);
    }

    #[test]
    fn a_rejected_mail_is_not_tried_again_and_a_throttled_one_is() {
        for (status, code, retryable) in [
            (400, "MessageRejected", false),
            (403, "AccessDeniedException", false),
            (429, "TooManyRequestsException", true),
        ] {
            let stand_in =
                StandIn::new(move |_, _| (status, json!({"__type": code, "message": "no"}).to_string()));
            let mail = Notice::of(&verified_entry(), "bailiff", None).mail();
            let to = address("ann@example.com");
            let error = run(channels(&stand_in).mail(&to, &to, &mail)).unwrap_err();
            assert_eq!(error.kind.is_retryable(), retryable, "{error}");
        }
    }

    #[test]
    fn a_chats_message_stands_whole_in_the_event() {
        let stand_in = StandIn::new(|_, _| (200, r#"{"FailedEntryCount": 0, "Entries": [{}]}"#.to_owned()));
        let notice = Notice::of(&verified_entry(), "bailiff", None);
        let message = chat_message(Chat::Slack, "a \"b\"\n<c>");
        let post = Post { chat: Chat::Slack, message: message.clone(), notice: Some(&notice) };
        assert_eq!(run(channels(&stand_in).post(&post)), Ok(()));
        let entry = stand_in.asked()[0].body["Entries"][0].clone();
        assert_eq!((&entry["Source"], &entry["DetailType"]), (&json!("bailiff"), &json!("Bailiff Notice")));
        let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
        assert_eq!((&detail["chat"], &detail["message"]), (&json!("slack"), &message));
    }

    #[test]
    fn a_failed_entry_is_a_failure() {
        let answer = r#"{"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}"#;
        let stand_in = StandIn::new(|_, _| (200, answer.to_owned()));
        let post = Post { chat: Chat::Slack, message: json!({}), notice: None };
        assert!(run(channels(&stand_in).post(&post)).unwrap_err().kind.is_retryable());
    }

    #[test]
    fn an_account_without_a_contact_is_told_from_one_that_cannot_be_read() {
        for (status, answer, expected) in [
            (
                200,
                json!({"AlternateContact": {"EmailAddress": "sec@example.com"}}),
                "Known(\"sec@example.com\")",
            ),
            (404, json!({"__type": "ResourceNotFoundException"}), "Absent"),
            (403, json!({"__type": "AccessDeniedException"}), "Unknown"),
        ] {
            let stand_in = StandIn::new(move |_, _| (status, answer.to_string()));
            let said = format!("{:?}", run(channels(&stand_in).security_contact()));
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
