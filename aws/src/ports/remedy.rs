use aws_types::SdkConfig;
use shared::engine::{
    Brake, Brakes, Counter, Decision, FirstLook, KeepSwitchedOffKeys, LookFirst, Notify, Observe, PortError,
    ReportThreat, SharedBrake, Stop, Switch, WriteError, WriteIam,
};
use shared::facts::SwitchedOff;
use shared::identifier::{AccessKeyId, UniqueId};
use shared::remedy::{Entry, Step};
use shared::rules::RuleId;
use shared::threat::Threat;

use super::organization_table;
use crate::clock::SystemClock;
use crate::environment::{Environment, EnvironmentError};
use crate::iam::{Iam, IamWriter};
use crate::journal::{OrganizationTable, Table};
use crate::log::Log;
use crate::notices::Notices;

/// Of the remediators and restore: the only ones that hold a writer.
pub struct RemedyPorts {
    iam: Iam,
    writer: IamWriter,
    journal: Table,
    /// What the accounts of the organisation share, if they do.
    organization: Option<OrganizationTable>,
    notices: Notices,
    clock: SystemClock,
    log: Log,
}

impl RemedyPorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        let deployment = environment.deployment()?;
        Ok(Self {
            iam: Iam::new(sdk, deployment.account.clone()),
            writer: IamWriter::new(sdk),
            organization: organization_table(sdk, environment, &deployment.account)?,
            journal: Table::new(sdk, environment.table()?, deployment.account),
            notices: Notices::new(sdk, environment.topic()?, deployment.stack),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

clock!(RemedyPorts);
journal!(RemedyPorts);
stages!(RemedyPorts => journal);
read_iam!(RemedyPorts => journal);

impl KeepSwitchedOffKeys for RemedyPorts {
    async fn put_switched_off(
        &self,
        user: &UniqueId,
        key: &AccessKeyId,
        switched_off: &SwitchedOff,
    ) -> Result<(), PortError> {
        self.journal.put_switched_off(user, key, switched_off).await
    }
}

impl ReportThreat for RemedyPorts {
    async fn put_threat(&self, principal: &UniqueId, threat: &Threat) -> Result<bool, PortError> {
        self.journal.put_threat(principal, threat).await
    }
}

impl LookFirst for RemedyPorts {
    async fn first_look(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        report: &Threat,
    ) -> Result<FirstLook, PortError> {
        self.journal.look_first(principal, rule, report).await
    }
}

impl Switch for RemedyPorts {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        self.journal.stopped().await
    }
}

impl Brake for RemedyPorts {
    async fn stop(&self, stop: &Stop) -> Result<bool, PortError> {
        self.journal.stop(stop).await
    }
}

impl Brakes for RemedyPorts {
    fn organization(&self) -> Option<impl SharedBrake> {
        self.organization.as_ref()
    }

    async fn full(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
        self.journal.full_counter(counters).await
    }
}

impl WriteIam for RemedyPorts {
    async fn apply(&self, step: &Step) -> Result<(), WriteError> {
        self.writer.apply(step).await
    }
}

impl Notify for RemedyPorts {
    /// A head that cannot be read holds no notice up. What begins was written down just now: its own record is a head.
    async fn notify(&self, entry: &Entry) -> Result<(), PortError> {
        let head =
            if entry.is_closed() { self.journal.head().await.ok().flatten() } else { self.journal.seen() };
        self.notices.tell(entry, head.as_ref()).await
    }
}

impl Observe for RemedyPorts {
    fn decided(&self, decision: &Decision) {
        self.log.decided_at(decision, self.journal.seen().as_ref());
    }
}
