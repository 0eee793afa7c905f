use aws_config::SdkConfig;
use serde_json::Value;
use shared::engine::{AccountEvaluator, Deployment};
use shared::event::Event;
use shared::governance::Governance;

use super::{Failed, Handle, answer};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::AccountPorts;

/// Judges the whole account, for AWS Config's scheduled rules and in the sweep.
pub struct EvaluateAccount {
    ports: AccountPorts,
    governance: Governance,
    deployment: Deployment,
}

impl EvaluateAccount {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            ports: AccountPorts::new(sdk, environment)?,
            governance: environment.governance()?,
            deployment: environment.deployment()?,
        })
    }
}

impl Handle for EvaluateAccount {
    async fn handle(&self, payload: Value, _: jiff::Timestamp) -> Result<Value, Failed> {
        let Self { ports, governance, deployment } = self;
        let evaluator = AccountEvaluator { ports, governance, deployment };
        let summary = match Event::parse(&payload)? {
            Event::ConfigRule(invocation) => evaluator.evaluate(&invocation).await?,
            Event::Scheduled(event) => evaluator.reconcile(&event).await?,
        };
        answer::of_summary(&summary)
    }
}
