use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::engine::{Clock, Deployment, EngineError, Summary, ThreatDetector};
use shared::event::{Ours, Trigger};
use shared::governance::Governance;
use tracing::{error, warn};

use super::batch::{Handled, work_off};
use super::{Failed, Handle, answer};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::ThreatPorts;

/// What one more event may take: a dozen reads, and a finding sent for each rule.
const ONE_MORE: SignedDuration = SignedDuration::from_secs(30);

/// Takes what detectors and CloudTrail tell, from its queue or as `EventBridge` sends it.
pub struct DetectThreats {
    ports: ThreatPorts,
    governance: Governance,
    deployment: Deployment,
    ours: Ours,
}

impl DetectThreats {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        let deployment = environment.deployment()?;
        let ours = deployment.ours();
        Ok(Self {
            ports: ThreatPorts::new(sdk, environment)?,
            governance: environment.governance()?,
            deployment,
            ours,
        })
    }

    async fn event(&self, payload: &Value) -> Result<Summary, EngineError> {
        let Self { ports, governance, deployment, ours } = self;
        let triggers =
            Trigger::parse(payload, ours).map_err(|error| EngineError::Permanent(error.to_string()))?;
        let detector = ThreatDetector { ports, governance, deployment };
        let mut summary = Summary::default();
        detector.detect(&triggers, &mut summary).await.map(|()| summary)
    }

    async fn message(&self, message: &SqsMessage) -> Handled {
        let body = message.body.as_deref().unwrap_or_default();
        let handled = match serde_json::from_str(body) {
            Ok(payload) => self.event(&payload).await,
            Err(error) => Err(EngineError::Permanent(format!("the message is not JSON: {error}"))),
        };
        let id = message.message_id.as_deref();
        match handled {
            Ok(_) => Handled::Done,
            Err(EngineError::Retry(why)) => {
                warn!(decision = "retried", messageId = id, why);
                Handled::Again
            }
            // Nothing is dropped: it comes again until it lies with the dead letters, where a person looks.
            Err(EngineError::Permanent(why)) => {
                error!(decision = "not-understood", messageId = id, why);
                Handled::Again
            }
        }
    }
}

impl Handle for DetectThreats {
    async fn handle(&self, payload: Value, deadline: Timestamp) -> Result<Value, Failed> {
        if payload.get("Records").is_none() {
            return answer::of_summary(&self.event(&payload).await?);
        }
        let event: SqsEvent =
            serde_json::from_value(payload).map_err(|error| Failed::Permanent(error.to_string()))?;
        let has_time = || self.ports.now() + ONE_MORE < deadline;
        let response = work_off(&event.records, has_time, async |message| self.message(message).await).await;
        serde_json::to_value(response).map_err(|error| Failed::Permanent(error.to_string()))
    }
}
