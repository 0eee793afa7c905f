//! What a directory said of people, as the table keeps it; the list of people in its bucket; who is paged.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::clocks::gives_way;
use shared::directory::LastFile;
use shared::engine::{
    FetchError, FetchedFile, KeepDepartures, ListDepartures, ListUsers, Page, PagePeople, PortError,
    ReadAccount, ReadDirectoryFile,
};
use shared::facts::{Departure, Departures, Entity, Fact, Read, Resource, ResourceType, Unread, User};
use shared::identifier::UniqueId;

use super::World;
use crate::call::Operation;

const TARGET: &str = "departures";
const LISTS: &str = "lists of people";

/// A page that people got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged {
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl World {
    /// Leaves a list of people in its bucket, or takes it away.
    pub fn set_directory_file(&self, list: Option<FetchedFile>) {
        self.state.borrow_mut().directory_file = list;
    }

    /// What is kept of people, by their users.
    pub fn kept_departures(&self) -> Departures {
        self.state.borrow().journals.departures.clone()
    }

    /// Lets another write what is kept of a user's person, just before a call of the operation.
    pub fn keep_before(&self, operation: Operation, user: UniqueId, departure: Departure) {
        self.interrupt(operation, 0, move |state| {
            let revision = departure.revision + 1;
            state.journals.departures.insert(user, Departure { revision, ..departure });
        });
    }

    /// Pages since the last time, oldest first.
    pub fn take_pages(&self) -> Vec<Paged> {
        std::mem::take(&mut self.state.borrow_mut().paged)
    }

    pub(super) async fn departure_of(&self, user: &UniqueId) -> Fact<Departure> {
        let look = self
            .port_call(Operation::Query, TARGET, |state| Ok(state.journals.departures.get(user).cloned()));
        look.await.map_or_else(|error| Fact::Unknown(error.unread(Read::Departures)), Fact::from)
    }
}

impl ListDepartures for World {
    async fn departures(&self) -> Result<Departures, PortError> {
        self.port_call(Operation::Query, TARGET, |state| Ok(state.journals.departures.clone())).await
    }
}

impl KeepDepartures for World {
    async fn put_departure(&self, user: &UniqueId, departure: &Departure) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, TARGET, |state| {
            let kept = &mut state.journals.departures;
            if kept.get(user).map_or(0, |kept| kept.revision) != departure.revision {
                return Err(super::journal::overtaken(
                    Operation::PutItem,
                    "another wrote what is kept of the person",
                ));
            }
            let revision = departure.revision + 1;
            kept.insert(user.clone(), Departure { revision, ..departure.clone() });
            Ok(())
        })
        .await
    }

    async fn last_file(&self) -> Result<LastFile, PortError> {
        self.port_call(Operation::GetItem, LISTS, |state| {
            Ok(state.journals.last_file.clone().map(|(last, _)| last).unwrap_or_default())
        })
        .await
    }

    async fn put_last_file(&self, last: &LastFile, at: Timestamp) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, LISTS, |state| {
            let now = state.now;
            if state.journals.last_file.as_ref().is_none_or(|(_, written)| gives_way(*written, at, now)) {
                state.journals.last_file = Some((last.clone(), at));
            }
            Ok(())
        })
        .await
    }
}

impl ListUsers for World {
    async fn users(&self, marker: Option<&str>) -> Result<Page<User>, Unread> {
        let page = self.resources(&BTreeSet::from([ResourceType::User]), marker).await?;
        let user = |resource| match resource {
            Resource::Entity(Entity::User(user)) => Some(*user),
            _ => None,
        };
        Ok(Page { items: page.items.into_iter().filter_map(user).collect(), next: page.next })
    }
}

impl ReadDirectoryFile for World {
    async fn directory_file(&self) -> Result<FetchedFile, FetchError> {
        let fetched = self
            .port_call(Operation::GetObject, LISTS, |state| Ok(state.directory_file.clone()))
            .await
            .map_err(FetchError::from)?;
        fetched.ok_or_else(|| FetchError::Missing { source_name: "s3://people/list.csv".to_owned() })
    }
}

impl PagePeople for World {
    async fn page(&self, subject: &str, text: &str) -> Result<(), PortError> {
        self.port_call(Operation::Publish, "alarms", |state| {
            state.paged.push(Paged { subject: subject.to_owned(), text: text.to_owned() });
            Ok(())
        })
        .await
    }
}
