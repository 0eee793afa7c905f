use std::collections::BTreeSet;

use aws_types::SdkConfig;
use jiff::Timestamp;
use shared::directory::LastFile;
use shared::engine::{
    FetchError, FetchedFile, KeepDepartures, ListDepartures, ListUsers, Page, PagePeople, PortError,
    ReadAccount, ReadDirectoryFile,
};
use shared::facts::{Departure, Departures, Entity, Resource, Unread, User};
use shared::identifier::UniqueId;
use shared::remedy::Remediator;
use shared::rules::ResourceType;

use crate::clock::SystemClock;
use crate::directory_file::DirectoryFile;
use crate::environment::{Environment, EnvironmentError};
use crate::findings::{Bus, Findings};
use crate::iam::Iam;
use crate::journal::Table;
use crate::log::Log;
use crate::pages::Pages;

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

clock!(DirectoryPorts);
log!(DirectoryPorts);
findings!(DirectoryPorts);
bus!(DirectoryPorts);

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
