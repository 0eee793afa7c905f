use std::cell::Cell;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::engine::{Chance, Clock, Courier, Delivery, Deployment, Digested, EngineError};
use shared::event::Event;
use shared::governance::Governance;
use shared::notice::Notice;
use tracing::{error, info, warn};

use super::batch::{Handled, work_off};
use super::{Failed, Handle};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::CourierPorts;

/// What one more notice may take: two reads, a mail to the owner, one to the fallback.
const ONE_MORE: SignedDuration = SignedDuration::from_secs(60);

/// The receipt of a message after which it lies with the dead letters (`maxReceiveCount` in `template.yaml`).
const LAST_RECEIPT: u32 = 5;

/// Takes notices from their queue to those whom they concern, and once a day sends what waited for the digest and tells
/// of exemptions that lapse.
pub struct DeliverNotices {
    ports: CourierPorts,
    governance: Governance,
    deployment: Deployment,
    /// Whether it was said that the governance file names nobody.
    said: Cell<bool>,
}

impl DeliverNotices {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            ports: CourierPorts::new(sdk, environment)?,
            governance: environment.governance()?,
            deployment: environment.deployment()?,
            said: Cell::new(false),
        })
    }

    fn courier(&self) -> Courier<'_, CourierPorts> {
        Courier { ports: &self.ports, governance: &self.governance, deployment: &self.deployment }
    }

    async fn message(&self, message: &SqsMessage) -> Handled {
        let delivered = match Notice::parse(message.body.as_deref().unwrap_or_default()) {
            Ok(notice) => Box::pin(self.courier().deliver(&notice, chance(message))).await,
            Err(error) => Err(EngineError::Permanent(error.to_string())),
        };
        let id = message.message_id.as_deref();
        match delivered {
            Ok(Delivery::NobodyNamed) => {
                if !self.said.replace(true) {
                    info!(decision = "nobody-named", why = "the governance file has no `notices`");
                }
                Handled::Done
            }
            Ok(Delivery::Told(_) | Delivery::PutOff(_)) => Handled::Done,
            Err(EngineError::Retry(why)) => {
                warn!(decision = "retried", messageId = id, why);
                Handled::Again
            }
            // Nothing is dropped: it comes again until it lies with the dead letters, where a person looks.
            Err(EngineError::Permanent(why)) => {
                error!(decision = "undelivered", messageId = id, why);
                Handled::Again
            }
        }
    }
}

fn chance(message: &SqsMessage) -> Chance {
    let receipts = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
    if receipts.unwrap_or(1) < LAST_RECEIPT { Chance::ThereAreMore } else { Chance::TheLast }
}

impl Handle for DeliverNotices {
    async fn handle(&self, payload: Value, deadline: Timestamp) -> Result<Value, Failed> {
        if payload.get("Records").is_none() {
            return match Event::parse(&payload)? {
                Event::Scheduled(_) => {
                    let sent = self.courier().send_digests().await?;
                    let Digested { digests, notices, exemptions } = sent;
                    Ok(json!({"digests": digests, "notices": notices, "exemptions": exemptions}))
                }
                Event::ConfigRule(_) => Err(Failed::Permanent("this function judges nothing".to_owned())),
            };
        }
        let event: SqsEvent =
            serde_json::from_value(payload).map_err(|error| Failed::Permanent(error.to_string()))?;
        let has_time = || self.ports.now() + ONE_MORE < deadline;
        let response = work_off(&event.records, has_time, async |message| self.message(message).await).await;
        serde_json::to_value(response).map_err(|error| Failed::Permanent(error.to_string()))
    }
}
