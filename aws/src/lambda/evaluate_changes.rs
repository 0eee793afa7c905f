use aws_config::SdkConfig;
use serde_json::Value;
use shared::engine::{ChangeEvaluator, Deployment};
use shared::event::Event;
use shared::governance::Governance;

use super::{Failed, Handle, answer};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::ChangePorts;

/// Judges a changed principal for AWS Config.
pub struct EvaluateChanges {
    ports: ChangePorts,
    governance: Governance,
    deployment: Deployment,
}

impl EvaluateChanges {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            ports: ChangePorts::new(sdk, environment)?,
            governance: environment.governance()?,
            deployment: environment.deployment()?,
        })
    }
}

impl Handle for EvaluateChanges {
    async fn handle(&self, payload: Value, _: jiff::Timestamp) -> Result<Value, Failed> {
        let Self { ports, governance, deployment } = self;
        match Event::parse(&payload)? {
            Event::ConfigRule(invocation) => {
                let evaluator = ChangeEvaluator { ports, governance, deployment };
                answer::of_summary(&evaluator.evaluate(&invocation).await?)
            }
            Event::Scheduled(_) => {
                Err(Failed::Permanent("a schedule is evaluate-account's; point it there".to_owned()))
            }
        }
    }
}
