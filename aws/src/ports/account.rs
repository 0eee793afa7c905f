use std::collections::{BTreeMap, BTreeSet};

use aws_types::SdkConfig;
use futures_util::future::join;
use shared::engine::{
    Abandoned, CountPrincipals, HandOver, ListDepartures, ListOpenEntries, ListSwitchedOffKeys, ListThreats,
    OpenEntries, Page, PortError, ReadAccount, RememberAdministrators, RememberKeys, Stop, Switch, Switches,
};
use shared::facts::{
    Account, AllSwitchedOffKeys, AwsManagedPolicy, Departures, Fact, KeyMemory, Need, OtherCredential,
    Resource, Unread,
};
use shared::identifier::{UniqueId, UserName};
use shared::remedy::Remediator;
use shared::rules::ResourceType;
use shared::threat::Threats;

use super::organization_table;
use crate::clock::SystemClock;
use crate::config_service::Config;
use crate::environment::{Environment, EnvironmentError};
use crate::findings::{Bus, Findings};
use crate::iam::Iam;
use crate::journal::{OrganizationTable, Table};
use crate::log::Log;
use crate::neighbours::Neighbours;

/// Of evaluate-account: it reads the whole account.
pub struct AccountPorts {
    iam: Iam,
    neighbours: Neighbours,
    memory: Table,
    /// Where the accounts of the organisation say how many they are, if they share a table.
    organization: Option<OrganizationTable>,
    config: Config,
    findings: Findings,
    bus: Bus,
    clock: SystemClock,
    log: Log,
}

impl AccountPorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        let account = environment.account()?;
        Ok(Self {
            iam: Iam::new(sdk, account.clone()),
            neighbours: Neighbours::new(sdk),
            organization: organization_table(sdk, environment, &account)?,
            memory: Table::new(sdk, environment.table()?, account),
            config: Config::new(sdk),
            findings: Findings::new(sdk, environment.queues()?),
            bus: Bus::new(sdk, environment.bus()?),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

clock!(AccountPorts);
log!(AccountPorts);
config!(AccountPorts);
findings!(AccountPorts);
bus!(AccountPorts);
read_iam!(AccountPorts => memory);

impl ListThreats for AccountPorts {
    async fn threats(&self) -> Result<BTreeMap<UniqueId, Threats>, PortError> {
        self.memory.threats().await
    }
}

impl ReadAccount for AccountPorts {
    async fn resources(
        &self,
        kinds: &BTreeSet<ResourceType>,
        marker: Option<&str>,
    ) -> Result<Page<Resource>, Unread> {
        self.iam.resources(kinds, marker).await
    }

    async fn aws_managed_policies(&self, marker: Option<&str>) -> Result<Page<AwsManagedPolicy>, Unread> {
        self.iam.aws_managed_policies(marker).await
    }

    async fn others(&self, kind: ResourceType, needs: &BTreeSet<Need>) -> Result<Vec<Resource>, Unread> {
        self.iam.others(kind, needs).await
    }

    async fn account(&self, account: Account, needs: &BTreeSet<Need>) -> Option<Account> {
        let mut account = self.iam.account(account, needs).await?;
        if needs.contains(&Need::Analyzers) {
            account.analyzers = self.neighbours.analyzers().await;
        }
        if needs.contains(&Need::SecurityContact) {
            account.security_contact = self.neighbours.security_contact().await;
        }
        Some(account)
    }

    async fn session_durations(&self) -> Result<BTreeMap<UniqueId, u32>, Unread> {
        self.iam.session_durations().await
    }

    async fn all_service_specific_credentials(
        &self,
    ) -> Result<BTreeMap<UserName, Vec<OtherCredential>>, Unread> {
        self.iam.all_service_specific_credentials().await
    }

    async fn credential_report(&self) -> Fact<Vec<u8>> {
        self.iam.credential_report().await
    }
}

impl RememberKeys for AccountPorts {
    async fn remembered(&self) -> Result<KeyMemory, PortError> {
        self.memory.remembered().await
    }

    async fn remember(&self, memory: &KeyMemory) -> Result<(), PortError> {
        self.memory.remember(memory).await
    }
}

impl ListSwitchedOffKeys for AccountPorts {
    async fn switched_off(&self) -> Result<AllSwitchedOffKeys, PortError> {
        self.memory.switched_off().await
    }
}

impl ListOpenEntries for AccountPorts {
    async fn open_entries(&self) -> Result<OpenEntries, PortError> {
        self.memory.open_entries().await
    }
}

impl HandOver for AccountPorts {
    async fn hand_over(&self, abandoned: &Abandoned, to: Remediator) -> Result<(), PortError> {
        self.findings.hand_over(abandoned, to).await
    }
}

impl ListDepartures for AccountPorts {
    async fn departures(&self) -> Result<Departures, PortError> {
        self.memory.departures().await
    }
}

impl CountPrincipals for AccountPorts {
    async fn remember_principals(&self, count: u64) -> Result<(), PortError> {
        let own = self.memory.remember_principals(count);
        let Some(organization) = &self.organization else { return own.await };
        // Each is written whether or not the other can be.
        let (own, shared) = join(own, organization.remember_principals(count)).await;
        own.and(shared)
    }
}

impl RememberAdministrators for AccountPorts {
    async fn remember_administrators(&self, administrators: &BTreeSet<UniqueId>) -> Result<(), PortError> {
        self.memory.remember_administrators(administrators).await
    }

    async fn remembered_administrators(&self) -> Result<BTreeSet<UniqueId>, PortError> {
        self.memory.remembered_administrators().await
    }
}

impl Switch for AccountPorts {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        self.memory.stopped().await
    }
}

impl Switches for AccountPorts {
    fn organization_switch(&self) -> Option<impl Switch> {
        self.organization.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    const SHARED: &str = "arn:aws:dynamodb:eu-west-1:777788889999:table/bailiff-Journal-organization";

    /// Which tables were told, and whether all took it.
    fn told(organization: &'static str, refuses: &'static str) -> (Vec<String>, bool) {
        let stand_in = StandIn::new(move |asked, _| match asked.body["TableName"].as_str() {
            Some(table) if table == refuses => json_error("AccessDeniedException", &json!({})),
            _ => (200, "{}".to_owned()),
        });
        let environment = Environment::new(move |name| {
            let value = match name {
                "BAILIFF_ACCOUNT" => ACCOUNT,
                "BAILIFF_ORGANIZATION_TABLE" => organization,
                _ => "journal",
            };
            Some(value.to_owned())
        });
        let ports = AccountPorts::new(&stand_in.sdk(), &environment).unwrap();
        let all = run(ports.remember_principals(42)).is_ok();
        let mut tables: Vec<String> = stand_in
            .asked()
            .iter()
            .map(|asked| asked.body["TableName"].as_str().unwrap().to_owned())
            .collect();
        tables.sort();
        (tables, all)
    }

    #[test]
    fn how_many_a_sweep_found_is_told_to_each_table_whether_or_not_the_other_takes_it() {
        let own = || vec!["journal".to_owned()];
        let both = || vec![SHARED.to_owned(), "journal".to_owned()];
        assert_eq!(told("", ""), (own(), true));
        assert_eq!(told("", "journal"), (own(), false));
        assert_eq!(told(SHARED, ""), (both(), true));
        for refuses in ["journal", SHARED] {
            assert_eq!(told(SHARED, refuses), (both(), false), "{refuses}");
        }
    }
}
