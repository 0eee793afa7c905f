use aws_types::SdkConfig;

use crate::clock::SystemClock;
use crate::environment::{Environment, EnvironmentError};
use crate::findings::Findings;
use crate::journal::Table;
use crate::log::Log;

/// Of approve-plan: it knows nothing of IAM.
pub struct ApprovalPorts {
    journal: Table,
    findings: Findings,
    clock: SystemClock,
    log: Log,
}

impl ApprovalPorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            journal: Table::new(sdk, environment.table()?, environment.account()?),
            findings: Findings::new(sdk, environment.queues()?),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

clock!(ApprovalPorts);
log!(ApprovalPorts);
findings!(ApprovalPorts);
journal!(ApprovalPorts);
stages!(ApprovalPorts => journal);
