use aws_types::SdkConfig;
use serde_json::Value;
use shared::engine::{Deployment, DirectoryReceiver};
use shared::event::DirectoryEvent;
use shared::governance::Governance;

use super::{Failed, Handle};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::DirectoryPorts;

/// Hears of who has left: by an event of one person, or by the list of all.
pub struct ReceiveDirectoryChange {
    ports: DirectoryPorts,
    governance: Governance,
    deployment: Deployment,
}

impl ReceiveDirectoryChange {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            ports: DirectoryPorts::new(sdk, environment)?,
            governance: environment.governance()?,
            deployment: environment.deployment()?,
        })
    }
}

impl Handle for ReceiveDirectoryChange {
    async fn handle(&self, payload: Value, _: jiff::Timestamp) -> Result<Value, Failed> {
        let Self { ports, governance, deployment } = self;
        let receiver = DirectoryReceiver { ports, governance, deployment };
        let heard = match DirectoryEvent::parse(&payload)? {
            DirectoryEvent::Change(change) => receiver.change(&change).await?,
            DirectoryEvent::Scheduled(schedule) => receiver.reconcile(&schedule).await?,
        };
        serde_json::to_value(heard).map_err(|error| Failed::Permanent(error.to_string()))
    }
}
