use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::engine::{Clock, Deployment, EngineError, Message, Remediation, SuspendOrder};
use shared::event::Trigger;
use shared::governance::Governance;
use shared::remedy::Remediator;
use tracing::{error, warn};

use super::batch::{Handled, work_off};
use super::dead_letters::DeadLetters;
use super::{Failed, Handle, answer};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::RemedyPorts;

/// What one more finding may take, waiting for another function and reading back included. With less time left it
/// waits for the next delivery: ended in the middle, it would wait longer.
const ONE_MORE: SignedDuration = SignedDuration::from_secs(75);

/// Puts right what a queue of findings tells of, and takes a person's order to suspend.
pub struct Remediate {
    ports: RemedyPorts,
    governance: Governance,
    deployment: Deployment,
    dead_letters: DeadLetters,
    remediator: Remediator,
}

impl Remediate {
    /// As the environment says; `remediator` is which function this is, hence what it may write.
    pub fn new(
        sdk: &SdkConfig,
        environment: &Environment,
        remediator: Remediator,
    ) -> Result<Self, EnvironmentError> {
        Ok(Self {
            ports: RemedyPorts::new(sdk, environment)?,
            governance: environment.governance()?,
            deployment: environment.deployment()?,
            dead_letters: DeadLetters::new(sdk, environment.dead_letters()?, remediator),
            remediator,
        })
    }

    fn remediation(&self) -> Remediation<'_, RemedyPorts> {
        Remediation {
            ports: &self.ports,
            governance: &self.governance,
            deployment: &self.deployment,
            remediator: self.remediator,
        }
    }

    async fn event(&self, event: &Value) -> Result<(), EngineError> {
        let triggers = Trigger::parse(event, &self.deployment.ours())
            .map_err(|error| EngineError::Permanent(error.to_string()))?;
        Box::pin(self.remediation().deny_first(&triggers)).await
    }

    async fn message(&self, message: &SqsMessage) -> Handled {
        let handled = match Message::parse(message.body.as_deref().unwrap_or_default()) {
            Ok(Message::Finding(finding)) => Box::pin(self.remediation().handle(&finding)).await.map(|_| ()),
            Ok(Message::Abandoned(abandoned)) => {
                Box::pin(self.remediation().finish(&abandoned)).await.map(|_| ())
            }
            // Nothing of it is lost: `detect-threats` is told of the same event, and what is left open is taken over.
            Ok(Message::Event(event)) if self.remediator == Remediator::SuspendPrincipal => {
                if let Err(error) = self.event(&event).await {
                    warn!(decision = "first-deny-failed", messageId = message.message_id.as_deref(), why = %error);
                }
                Ok(())
            }
            Ok(Message::Event(_)) => {
                Err(EngineError::Permanent(format!("{} answers no events", self.remediator)))
            }
            Err(error) => Err(EngineError::Permanent(error.to_string())),
        };
        let id = message.message_id.as_deref();
        match handled {
            Ok(()) => Handled::Done,
            Err(EngineError::Retry(why)) => {
                warn!(decision = "retried", messageId = id, why);
                Handled::Again
            }
            Err(EngineError::Permanent(why)) => {
                error!(decision = "buried", messageId = id, why);
                match self.dead_letters.bury(message, &why).await {
                    Ok(()) => Handled::Done,
                    Err(error) => {
                        error!(decision = "not-buried", messageId = id, why = %error);
                        Handled::Again
                    }
                }
            }
        }
    }
}

impl Handle for Remediate {
    async fn handle(&self, payload: Value, deadline: Timestamp) -> Result<Value, Failed> {
        if payload.get("Records").is_none() {
            let order = SuspendOrder::parse(&payload)?;
            return Ok(answer::of_outcome(&Box::pin(self.remediation().suspend(&order)).await?));
        }
        let event: SqsEvent =
            serde_json::from_value(payload).map_err(|error| Failed::Permanent(error.to_string()))?;
        let has_time = || self.ports.now() + ONE_MORE < deadline;
        let response = work_off(&event.records, has_time, async |message| self.message(message).await).await;
        serde_json::to_value(response).map_err(|error| Failed::Permanent(error.to_string()))
    }
}
