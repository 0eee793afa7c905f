use aws_types::SdkConfig;

use crate::clock::SystemClock;
use crate::config_service::Config;
use crate::environment::{Environment, EnvironmentError};
use crate::findings::{Bus, Findings};
use crate::log::Log;

/// Of evaluate-changes: it judges what its event says and reads nothing of IAM.
pub struct ChangePorts {
    config: Config,
    findings: Findings,
    bus: Bus,
    clock: SystemClock,
    log: Log,
}

impl ChangePorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self {
            config: Config::new(sdk),
            findings: Findings::new(sdk, environment.queues()?),
            bus: Bus::new(sdk, environment.bus()?),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

clock!(ChangePorts);
log!(ChangePorts);
config!(ChangePorts);
findings!(ChangePorts);
bus!(ChangePorts);
