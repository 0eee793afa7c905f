//! Pages to people, over SNS: what no change to a principal mends.

use aws_sdk_sns::Client;
use aws_types::SdkConfig;
use shared::engine::PortError;
use shared::masked::Masked;
use shared::threat::Threat;

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};

/// SNS takes no longer subject (SNS API, `Publish`).
const SUBJECT: usize = 100;

/// The topic that alarms go to.
pub(crate) struct Pager {
    client: Lazy<Client>,
    topic: String,
    stack: String,
}

impl Pager {
    /// Publishes to the topic.
    pub(crate) fn new(sdk: &SdkConfig, topic: String, stack: String) -> Self {
        Self { client: lazily(sdk, Client::new), topic, stack }
    }

    /// Tells of what was seen.
    pub(crate) async fn page(&self, threat: &Threat) -> Result<(), PortError> {
        let subject: String = format!("{}: {}", self.stack, threat.sign).chars().take(SUBJECT).collect();
        let request = self.client.publish().topic_arn(&self.topic).subject(subject).message(text(threat));
        request.send().await.map(|_| ()).map_err(|error| Failure::of(&error).port("sns:Publish"))
    }
}

fn text(threat: &Threat) -> String {
    let Threat { id, source, sign, at, said, risk, .. } = threat;
    let body = format!(
        "What:   {sign}\nSeen:   {said}\nBy:     {source}\nWhen:   {at}\nRisk:   {risk}\nId:     {id}\n\n\
         Bailiff has changed nothing: this is for people. Look it up by its id in {source}.\n"
    );
    Masked(&body).to_string()
}

#[cfg(test)]
mod tests {
    use shared::threat::{Confidence, Grade, Risk, Sign, Source};

    use super::*;
    use crate::stand_in::{StandIn, run};

    #[test]
    fn a_page_says_what_was_seen_and_shows_no_key() {
        let stand_in =
            StandIn::new(|asked, _| crate::stand_in::xml(&asked.action, "<MessageId>1</MessageId>"));
        let threat = Threat {
            id: "8f2b".to_owned(),
            source: Source::CloudTrail,
            sign: Sign::LeftOrganization,
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
            heard: "2026-11-22T09:00:05Z".parse().unwrap(),
            key: None,
            by: None,
            said: "LeaveOrganization with key AKIAIOSFODNN7EXAMPLE".to_owned(),
            risk: Risk {
                tier: Grade::Three,
                exposure: Grade::One,
                anomaly: Grade::Three,
                confidence: Confidence::of(75),
            },
        };
        run(Pager::new(&stand_in.sdk(), "arn:topic".to_owned(), "bailiff".to_owned()).page(&threat)).unwrap();
        let asked = stand_in.asked().remove(0).body;
        assert_eq!(asked["Subject"], "bailiff: the account was about to leave its organisation");
        let message = asked["Message"].as_str().unwrap();
        assert!(message.contains("LeaveOrganization with key …MPLE"), "{message}");
        assert!(message.contains("risk 6 of 10"), "{message}");
    }
}
