use aws_types::SdkConfig;
use serde_json::Value;
use shared::engine::{Deployment, Restoration, RestoreRequest};
use shared::governance::Governance;

use super::{Failed, Handle, answer};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::RemedyPorts;

/// Undoes a journal entry at a person's request.
pub struct Restore {
    ports: RemedyPorts,
    governance: Governance,
    deployment: Deployment,
}

impl Restore {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            ports: RemedyPorts::new(sdk, environment)?,
            governance: environment.governance()?,
            deployment: environment.deployment()?,
        })
    }
}

impl Handle for Restore {
    async fn handle(&self, payload: Value, _: jiff::Timestamp) -> Result<Value, Failed> {
        let Self { ports, governance, deployment } = self;
        let request = RestoreRequest::parse(&payload)?;
        let restoration = Restoration { ports, governance, deployment };
        Ok(answer::of_outcome(&Box::pin(restoration.restore(&request)).await?))
    }
}
