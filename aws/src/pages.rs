//! Pages: what people look at once, in words.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_types::SdkConfig;
use shared::engine::{PagePeople, PortError};

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};

const PUBLISH: &str = "sns:Publish";
/// The attribute by which the queue of notices lets pages pass: they are of no journal entry.
const PAGE: &str = "page";
/// The most of a subject (SNS API, `Publish`).
const SUBJECT: usize = 100;
/// As much as anybody reads.
const TEXT: usize = 4_000;

/// The topic of notices, for what is no notice.
pub struct Pages {
    client: Lazy<Client>,
    topic: String,
    function: String,
}

impl Pages {
    /// Publishes to the topic.
    pub fn new(sdk: &SdkConfig, topic: String, function: String) -> Self {
        Self { client: lazily(sdk, Client::new), topic, function }
    }
}

impl PagePeople for Pages {
    async fn page(&self, subject: &str, text: &str) -> Result<(), PortError> {
        let attribute = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(&self.function)
            .build()
            .map_err(|error| Failure::of_answer(error.to_string()).port(PUBLISH))?;
        // A subject is printable ASCII on one line.
        let subject: String = subject.chars().filter(|c| matches!(c, ' '..='~')).take(SUBJECT).collect();
        let text: String = text.chars().take(TEXT).collect();
        let request = self.client.publish().topic_arn(&self.topic).subject(subject).message(text);
        let sent = request.message_attributes(PAGE, attribute).send().await;
        sent.map(|_| ()).map_err(|error| Failure::of(&error).port(PUBLISH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{StandIn, run};

    #[test]
    fn a_page_is_told_apart_from_notices_and_fits() {
        let stand_in =
            StandIn::new(|asked, _| crate::stand_in::xml(&asked.action, "<MessageId>1</MessageId>"));
        let pages = Pages::new(&stand_in.sdk(), "arn:topic".to_owned(), "receive".to_owned());
        run(pages.page(&format!("a\u{202e}\n{}", "b".repeat(200)), &"x".repeat(9_999))).unwrap();
        let asked = stand_in.asked().remove(0).body;
        assert_eq!(asked["Subject"].as_str().unwrap(), format!("a{}", "b".repeat(99)));
        assert_eq!(asked["Message"].as_str().unwrap().len(), TEXT);
        assert!(asked.to_string().contains("\"page\""), "{asked}");
    }
}
