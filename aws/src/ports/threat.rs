use aws_types::SdkConfig;
use jiff::Timestamp;
use shared::engine::{
    Counted, CountedCall, FindHolder, KeepThreats, KnowAdministrators, PagePeople, PortError, ReportThreat,
    ResourceName,
};
use shared::facts::Unread;
use shared::identifier::{AccessKeyId, UniqueId, UserName};
use shared::threat::{Threat, Threats};

use crate::clock::SystemClock;
use crate::environment::{Environment, EnvironmentError};
use crate::findings::{Bus, Findings};
use crate::iam::Iam;
use crate::journal::Table;
use crate::log::Log;
use crate::pages::Pages;

/// Of detect-threats: it reads principals, writes down what was reported of them, and has no writer.
pub struct ThreatPorts {
    iam: Iam,
    table: Table,
    findings: Findings,
    bus: Bus,
    pages: Pages,
    clock: SystemClock,
    log: Log,
}

impl ThreatPorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        let deployment = environment.deployment()?;
        Ok(Self {
            iam: Iam::new(sdk, deployment.account.clone()),
            table: Table::new(sdk, environment.table()?, deployment.account),
            findings: Findings::new(sdk, environment.queues()?),
            bus: Bus::new(sdk, environment.bus()?),
            pages: Pages::new(sdk, environment.topic()?, environment.function()),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

clock!(ThreatPorts);
log!(ThreatPorts);
findings!(ThreatPorts);
bus!(ThreatPorts);
read_iam!(ThreatPorts => table);

impl ReportThreat for ThreatPorts {
    async fn put_threat(&self, principal: &UniqueId, threat: &Threat) -> Result<bool, PortError> {
        self.table.put_threat(principal, threat).await
    }
}

impl KeepThreats for ThreatPorts {
    async fn count_call(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        call: &str,
        at: Timestamp,
    ) -> Result<Counted, PortError> {
        self.table.count_call(kind, principal, call, at).await
    }

    async fn judged_for(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        at: Timestamp,
    ) -> Result<(), PortError> {
        self.table.judged_for(kind, principal, at).await
    }

    async fn threats_of(&self, principal: &UniqueId) -> Result<Threats, PortError> {
        self.table.threats_of(principal).await
    }
}

impl FindHolder for ThreatPorts {
    async fn holder_of(&self, key: &AccessKeyId) -> Result<Option<UserName>, Unread> {
        self.iam.holder_of(key).await
    }

    async fn bearer_of(
        &self,
        unique_id: &UniqueId,
        made_by: Option<Timestamp>,
    ) -> Result<Option<ResourceName>, Unread> {
        self.iam.bearer_of(unique_id, made_by).await
    }
}

impl PagePeople for ThreatPorts {
    async fn page(&self, subject: &str, text: &str) -> Result<(), PortError> {
        self.pages.page(subject, text).await
    }
}

impl KnowAdministrators for ThreatPorts {
    async fn is_administrator(&self, principal: &UniqueId) -> Result<bool, PortError> {
        self.table.is_administrator(principal).await
    }
}
