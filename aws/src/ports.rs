//! The ports of each kind of function. A function has no client but those its ports hold, so an evaluator cannot
//! so much as name a write.

use std::collections::{BTreeMap, BTreeSet};

use aws_types::SdkConfig;
use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};
use shared::directory::LastFile;
use shared::engine::{
    Abandoned, AlreadyContained, AnnounceFindings, ApprovalRequest, Brake, Brakes, Clock, ConfigService,
    CountPrincipals, Counted, CountedCall, Counter, Decision, Evaluation, FailedAct, FetchError, FetchedFile,
    FindHolder, Finding, HandOver, Hold, Journal, KeepDepartures, KeepSwitchedOffKeys, KeepThreats,
    KnowAdministrators, ListDepartures, ListOpenEntries, ListSwitchedOffKeys, ListThreats, ListUsers,
    LookUpCalls, Matter, Notify, Observe, Obstacles, OpenEntries, Opened, Page, PagePeople, PortError, Post,
    ReadAccount, ReadDirectoryFile, ReadIam, RememberAdministrators, RememberKeys, RememberTold, Reported,
    ResourceName, SendFindings, SharedBrake, Spent, Stages, Stop, Switch, Tell, Told, Used, Waiting,
    Witnessed, WriteError, WriteIam,
};
use shared::event::{ConfigurationItem, ItemSummary, ResultToken};
use shared::facts::{
    Account, AllSwitchedOffKeys, AwsManagedPolicy, Departure, Departures, Entity, Fact, KeyMemory, Need,
    OtherCredential, Resource, SwitchedOff, Unread, User,
};
use shared::governance::Chat;
use shared::identifier::{AccessKeyId, AccountId, EmailAddress, UniqueId, UserName};
use shared::notice::Mail;
use shared::remedy::{Entry, JournalId, Remediator, Step, Warnings};
use shared::rules::{ResourceType, RuleId};
use shared::threat::{Threat, Threats};

use crate::channels::Channels;
use crate::clock::SystemClock;
use crate::cloud_trail::CloudTrail;
use crate::config_service::Config;
use crate::directory_file::DirectoryFile;
use crate::environment::{Environment, EnvironmentError};
use crate::findings::{Bus, Findings};
use crate::iam::{Iam, IamWriter};
use crate::journal::{OrganizationTable, Table};
use crate::log::Log;
use crate::neighbours::Neighbours;
use crate::notices::Notices;
use crate::pages::Pages;

/// Of evaluate-changes: it judges what its event says and reads nothing of IAM.
pub struct ChangePorts {
    config: Config,
    findings: Findings,
    bus: Bus,
    clock: SystemClock,
    log: Log,
}

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

/// Of approve-plan: it knows nothing of IAM.
pub struct ApprovalPorts {
    journal: Table,
    findings: Findings,
    clock: SystemClock,
    log: Log,
}

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

/// Of receive-directory-change: it lists users, keeps who has left, and asks one remediator.
pub struct DirectoryPorts {
    iam: Iam,
    memory: Table,
    list: DirectoryFile,
    pages: Pages,
    findings: Findings,
    bus: Bus,
    clock: SystemClock,
    log: Log,
}

/// Of deliver-notices: it reads a principal's tags and who called IAM, and has no writer.
pub struct CourierPorts {
    iam: Iam,
    cloud_trail: CloudTrail,
    channels: Channels,
    memory: Table,
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

impl DirectoryPorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        let account = environment.account()?;
        Ok(Self {
            iam: Iam::new(sdk, account.clone()),
            memory: Table::new(sdk, environment.table()?, account),
            list: DirectoryFile::new(sdk, environment.directory_file()?),
            pages: Pages::new(sdk, environment.topic()?, environment.function()),
            findings: Findings::new(sdk, environment.queue_of(Remediator::SuspendPrincipal)?),
            bus: Bus::new(sdk, environment.bus()?),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

impl CourierPorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        let deployment = environment.deployment()?;
        let (account, partition) = (deployment.account, deployment.quarantine_policy.partition_name());
        Ok(Self {
            iam: Iam::new(sdk, account.clone()),
            cloud_trail: CloudTrail::new(sdk, partition, environment.cloud_trail()),
            channels: Channels::new(sdk, environment.bus()?, environment.chats()),
            memory: Table::new(sdk, environment.table()?, account),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

/// What the accounts of the organisation share, where the environment names it.
fn organization_table(
    sdk: &SdkConfig,
    environment: &Environment,
    account: &AccountId,
) -> Result<Option<OrganizationTable>, EnvironmentError> {
    let table = environment.organization_table()?;
    Ok(table.map(|table| OrganizationTable::new(sdk, &table, account.clone())))
}

/// Passes the clock on, which all have.
macro_rules! clock {
    ($($ports:ty),*) => {$(
        impl Clock for $ports {
            fn now(&self) -> Timestamp {
                self.clock.now()
            }

            async fn sleep(&self, time: SignedDuration) {
                self.clock.sleep(time).await;
            }
        }
    )*};
}

/// Passes the log on. Evaluators know no journal that their lines could be witnesses of.
macro_rules! log {
    ($($ports:ty),*) => {$(
        impl Observe for $ports {
            fn decided(&self, decision: &Decision) {
                self.log.decided(decision);
            }
        }
    )*};
}

/// Passes AWS Config on, which evaluators have.
macro_rules! config {
    ($($ports:ty),*) => {$(
        impl ConfigService for $ports {
            async fn put_evaluations(
                &self,
                token: &ResultToken,
                evaluations: &[Evaluation],
            ) -> Result<Vec<Evaluation>, PortError> {
                self.config.put_evaluations(token, evaluations).await
            }

            async fn item_at(&self, summary: &ItemSummary) -> Result<Option<ConfigurationItem>, PortError> {
                self.config.item_at(summary).await
            }

            async fn reported(&self, rule: &str, next: Option<&str>) -> Result<Page<Reported>, PortError> {
                self.config.reported(rule, next).await
            }
        }
    )*};
}

/// Passes the sending of findings on.
macro_rules! findings {
    ($($ports:ty),*) => {$(
        impl SendFindings for $ports {
            async fn send(&self, finding: &Finding, to: Remediator) -> Result<(), PortError> {
                self.findings.send(finding, to).await
            }
        }
    )*};
}

/// Passes the event bus on, which evaluators have.
macro_rules! bus {
    ($($ports:ty),*) => {$(
        impl AnnounceFindings for $ports {
            async fn announce(&self, finding: &Finding) -> Result<(), PortError> {
                self.bus.announce(finding).await
            }
        }
    )*};
}

/// Passes reads of single resources on: IAM tells what is there, the journal what Bailiff did to it.
macro_rules! read_iam {
    ($($ports:ty => $journal:ident),*) => {$(
        impl ReadIam for $ports {
            async fn find(&self, name: &ResourceName) -> Result<Option<Resource>, Unread> {
                self.iam.find(name).await
            }

            async fn refresh(&self, resource: &mut Resource, needs: &BTreeSet<Need>) {
                let identity = resource.identity();
                let remembered = self.$journal.remembered_of(&identity, needs);
                let (remembered, ()) = join(remembered, self.iam.refresh(resource, needs)).await;
                remembered.enter(resource);
            }

            async fn read(
                &self,
                name: &ResourceName,
                needs: &BTreeSet<Need>,
            ) -> Result<Option<Resource>, Unread> {
                let found = async {
                    let Some(mut resource) = self.iam.find(name).await? else { return Ok(None) };
                    self.$journal.remembered_of(&resource.identity(), needs).await.enter(&mut resource);
                    Ok(Some(resource))
                };
                let (found, readings) = join(found, self.iam.readings(name, needs)).await;
                let mut found: Option<Resource> = found?;
                if let Some(resource) = &mut found {
                    self.iam.complete(resource, readings, needs).await;
                }
                Ok(found)
            }
        }
    )*};
}

/// Passes the journal on.
macro_rules! journal {
    ($($ports:ty),*) => {$(
        impl Journal for $ports {
            async fn open(&self, entry: &Entry) -> Result<Opened, PortError> {
                self.journal.open(entry).await
            }

            async fn update(&self, entry: &Entry, since: Timestamp) -> Result<(), PortError> {
                self.journal.update(entry, since).await
            }

            async fn unfinished(&self, principal: &UniqueId) -> Result<Option<Entry>, PortError> {
                self.journal.unfinished(principal).await
            }

            async fn set_aside(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError> {
                self.journal.set_aside(principal, entry).await
            }

            async fn take_off_list(&self, principal: &UniqueId, entry: &JournalId) -> Result<(), PortError> {
                self.journal.take_off_list(principal, entry).await
            }

            async fn put_untold(&self, ended: &Entry) -> Result<(), PortError> {
                self.journal.put_untold(ended).await
            }

            async fn is_untold(&self, entry: &JournalId) -> Result<bool, PortError> {
                self.journal.is_untold(entry).await
            }

            async fn told(&self, entry: &JournalId) -> Result<(), PortError> {
                self.journal.told(entry).await
            }

            async fn entry(&self, id: &JournalId) -> Result<Option<Entry>, PortError> {
                self.journal.entry(id).await
            }

            async fn witnessed(&self, id: &JournalId) -> Result<Option<Witnessed>, PortError> {
                self.journal.witnessed(id).await
            }

            async fn obstacles(
                &self,
                principal: &UniqueId,
                rule: Option<RuleId>,
            ) -> Result<Obstacles, PortError> {
                self.journal.obstacles(principal, rule).await
            }

            async fn put_hold(&self, principal: &UniqueId, hold: &Hold) -> Result<(), PortError> {
                self.journal.put_hold(principal, hold).await
            }

            async fn hold(&self, principal: &UniqueId) -> Result<Option<Hold>, PortError> {
                self.journal.hold(principal).await
            }

            async fn replace_hold(
                &self,
                principal: &UniqueId,
                standing: &Hold,
                by: &Hold,
            ) -> Result<(), PortError> {
                self.journal.replace_hold(principal, standing, by).await
            }

            async fn put_contained(
                &self,
                principal: &UniqueId,
                contained: &AlreadyContained,
            ) -> Result<(), PortError> {
                self.journal.put_contained(principal, contained).await
            }

            async fn contained(&self, principal: &UniqueId) -> Result<Vec<AlreadyContained>, PortError> {
                self.journal.contained(principal).await
            }

            async fn put_failure(
                &self,
                principal: &UniqueId,
                rule: RuleId,
                failure: &FailedAct,
            ) -> Result<(), PortError> {
                self.journal.put_failure(principal, rule, failure).await
            }
        }
    )*};
}

/// Passes warnings and approvals on.
macro_rules! stages {
    ($($ports:ty => $table:ident),*) => {$(
        impl Stages for $ports {
            async fn warnings(&self, resource: &UniqueId, rule: RuleId) -> Result<Warnings, PortError> {
                self.$table.warnings(resource, rule).await
            }

            async fn put_warnings(
                &self,
                resource: &UniqueId,
                rule: RuleId,
                warnings: &Warnings,
            ) -> Result<bool, PortError> {
                self.$table.put_warnings(resource, rule, warnings).await
            }

            async fn request(&self, resource: &UniqueId, about: &Matter) -> Result<Option<ApprovalRequest>, PortError> {
                self.$table.request(resource, about).await
            }

            async fn put_request(&self, request: &ApprovalRequest) -> Result<bool, PortError> {
                self.$table.put_request(request).await
            }

            async fn open_using(&self, entry: &Entry, used: &Used) -> Result<Result<Opened, Spent>, PortError> {
                self.$table.open_using(entry, used).await
            }
        }
    )*};
}

clock!(ChangePorts, AccountPorts, RemedyPorts, ApprovalPorts, CourierPorts, DirectoryPorts, ThreatPorts);
log!(ChangePorts, AccountPorts, ApprovalPorts, CourierPorts, DirectoryPorts, ThreatPorts);
config!(ChangePorts, AccountPorts);
findings!(ChangePorts, AccountPorts, ApprovalPorts, DirectoryPorts, ThreatPorts);
bus!(ChangePorts, AccountPorts, DirectoryPorts, ThreatPorts);
journal!(RemedyPorts, ApprovalPorts);
stages!(RemedyPorts => journal, ApprovalPorts => journal, CourierPorts => memory);
read_iam!(AccountPorts => memory, RemedyPorts => journal, CourierPorts => memory, ThreatPorts => table);

impl KeepThreats for ThreatPorts {
    async fn put_threat(&self, principal: &UniqueId, threat: &Threat) -> Result<bool, PortError> {
        self.table.put_threat(principal, threat).await
    }

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

impl ListThreats for AccountPorts {
    async fn threats(&self) -> Result<BTreeMap<UniqueId, Threats>, PortError> {
        self.memory.threats().await
    }
}

impl FindHolder for ThreatPorts {
    async fn holder_of(&self, key: &AccessKeyId) -> Result<Option<UserName>, Unread> {
        self.iam.holder_of(key).await
    }

    async fn bearer_of(&self, unique_id: &UniqueId) -> Result<Option<ResourceName>, Unread> {
        self.iam.bearer_of(unique_id).await
    }
}

impl PagePeople for ThreatPorts {
    async fn page(&self, subject: &str, text: &str) -> Result<(), PortError> {
        self.pages.page(subject, text).await
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

impl ListDepartures for DirectoryPorts {
    async fn departures(&self) -> Result<Departures, PortError> {
        self.memory.departures().await
    }
}

impl KeepDepartures for DirectoryPorts {
    async fn put_departure(&self, user: &UniqueId, departure: &Departure) -> Result<(), PortError> {
        self.memory.put_departure(user, departure).await
    }

    async fn last_file(&self) -> Result<LastFile, PortError> {
        self.memory.last_file().await
    }

    async fn put_last_file(&self, last: &LastFile, at: Timestamp) -> Result<(), PortError> {
        self.memory.put_last_file(last, at).await
    }
}

impl ListUsers for DirectoryPorts {
    async fn users(&self, marker: Option<&str>) -> Result<Page<User>, Unread> {
        let page = self.iam.resources(&BTreeSet::from([ResourceType::User]), marker).await?;
        let user = |resource| match resource {
            Resource::Entity(Entity::User(user)) => Some(*user),
            _ => None,
        };
        Ok(Page { items: page.items.into_iter().filter_map(user).collect(), next: page.next })
    }
}

impl ReadDirectoryFile for DirectoryPorts {
    async fn directory_file(&self) -> Result<FetchedFile, FetchError> {
        self.list.directory_file().await
    }
}

impl PagePeople for DirectoryPorts {
    async fn page(&self, subject: &str, text: &str) -> Result<(), PortError> {
        self.pages.page(subject, text).await
    }
}

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

impl KnowAdministrators for ThreatPorts {
    async fn is_administrator(&self, principal: &UniqueId) -> Result<bool, PortError> {
        self.table.is_administrator(principal).await
    }
}

impl LookUpCalls for CourierPorts {
    async fn calls(
        &self,
        name: &str,
        since: Timestamp,
        page: Option<&str>,
    ) -> Result<Page<serde_json::Value>, PortError> {
        self.cloud_trail.calls(name, since, page).await
    }
}

impl Tell for CourierPorts {
    async fn security_contact(&self) -> Fact<String> {
        self.channels.security_contact().await
    }

    async fn mail(&self, from: &EmailAddress, to: &EmailAddress, mail: &Mail) -> Result<(), PortError> {
        self.channels.mail(from, to, mail).await
    }

    fn has(&self, chat: Chat) -> bool {
        self.channels.has(chat)
    }

    async fn post(&self, post: &Post<'_>) -> Result<(), PortError> {
        self.channels.post(post).await
    }
}

impl RememberTold for CourierPorts {
    async fn was_told(&self, told: &Told) -> Result<bool, PortError> {
        self.memory.was_told(told).await
    }

    async fn remember_told(&self, told: &Told, at: Timestamp) -> Result<(), PortError> {
        self.memory.remember_told(told, at).await
    }

    async fn put_off(&self, waiting: &Waiting) -> Result<(), PortError> {
        self.memory.put_off(waiting).await
    }

    async fn waiting(&self) -> Result<(Vec<Waiting>, Vec<String>), PortError> {
        self.memory.waiting().await
    }

    async fn remember_sent(&self, waiting: &Waiting, at: Timestamp) -> Result<(), PortError> {
        self.memory.remember_sent(waiting, at).await
    }
}

impl Switch for AccountPorts {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        self.memory.stopped().await
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
