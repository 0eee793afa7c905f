//! The table that the accounts of an organisation share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use shared::clocks::{lasts_at, outlasts};
use shared::engine::{
    Brake, CountPrincipals, Counter, POPULATION_COUNTS_FOR, PortError, SharedBrake, Stop, Switch,
};

use super::World;
use super::brakes::{count, full};
use crate::call::Operation;

const SWITCH: &str = "organization-switch";
const COUNTERS: &str = "organization-counters";
const PRINCIPALS: &str = "organization-principals";

/// A switch, counters and how many users and roles each account has, in a table of their own, in whichever account. A clone is the same table.
#[derive(Debug, Clone, Default)]
pub struct OrganizationTable(Rc<RefCell<Items>>);

#[derive(Debug, Default)]
struct Items {
    stop: Option<Stop>,
    counts: BTreeMap<String, u32>,
    /// By account: how many, and until when that counts.
    principals: BTreeMap<String, (u64, Timestamp)>,
}

impl OrganizationTable {
    /// Whether everything in every account is stopped.
    pub fn stop_order(&self) -> Option<Stop> {
        self.0.borrow().stop.clone()
    }

    /// A person stops everything in every account, or lets it go on.
    pub fn set_stop(&self, stop: Option<Stop>) {
        self.0.borrow_mut().stop = stop;
    }

    /// What a counter stands at.
    pub fn counted(&self, name: &str) -> u32 {
        self.0.borrow().counts.get(name).copied().unwrap_or_default()
    }

    /// Counts one act on each, or on none where one is full.
    pub(crate) fn count(&self, counters: &[Counter]) -> Option<Counter> {
        let mut items = self.0.borrow_mut();
        let full = full(&items.counts, counters);
        if full.is_none() {
            count(&mut items.counts, counters);
        }
        full
    }

    /// An account's sweep has found so many users and roles, which counts until then.
    pub fn put_principals(&self, account: &str, principals: u64, expires: Timestamp) {
        self.0.borrow_mut().principals.insert(account.to_owned(), (principals, expires));
    }

    /// The same as a sweep writes it down now: what a later one found stands.
    fn remember_principals(&self, account: &str, principals: u64, now: Timestamp) {
        let mut items = self.0.borrow_mut();
        let expires = now + POPULATION_COUNTS_FOR;
        let stands = items
            .principals
            .get(account)
            .is_some_and(|(_, kept)| outlasts(*kept, expires, POPULATION_COUNTS_FOR, now));
        if !stands {
            items.principals.insert(account.to_owned(), (principals, expires));
        }
    }

    /// How many users and roles all accounts have, by those that count at a moment.
    pub fn principals(&self, at: Timestamp) -> Option<u64> {
        let items = self.0.borrow();
        let counts = |expires| lasts_at(at, expires, POPULATION_COUNTS_FOR);
        let counting = items.principals.values().filter(|(_, expires)| counts(*expires));
        counting.map(|(principals, _)| *principals).reduce(u64::saturating_add)
    }

    fn put_stop(&self, stop: &Stop) -> bool {
        let mut items = self.0.borrow_mut();
        let is_new = items.stop.is_none();
        items.stop.get_or_insert_with(|| stop.clone());
        is_new
    }
}

/// The table as an account's functions reach it.
pub(super) struct Shared<'a> {
    world: &'a World,
    table: OrganizationTable,
}

impl World {
    /// Gives the deployment the organisation's table.
    pub fn join(&self, table: &OrganizationTable) {
        self.state.borrow_mut().organization = Some(table.clone());
    }

    pub(super) fn shared(&self) -> Option<Shared<'_>> {
        let table = self.state.borrow().organization.clone()?;
        Some(Shared { world: self, table })
    }
}

impl Switch for Shared<'_> {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        self.world.port_call(Operation::GetItem, SWITCH, |_| Ok(self.table.stop_order())).await
    }
}

impl Brake for Shared<'_> {
    async fn stop(&self, stop: &Stop) -> Result<bool, PortError> {
        self.world.port_call(Operation::PutItem, SWITCH, |_| Ok(self.table.put_stop(stop))).await
    }
}

impl SharedBrake for Shared<'_> {
    async fn count(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
        self.world.port_call(Operation::UpdateItem, COUNTERS, |_| Ok(self.table.count(counters))).await
    }

    async fn principals(&self, at: Timestamp) -> Result<Option<u64>, PortError> {
        self.world.port_call(Operation::Query, PRINCIPALS, |_| Ok(self.table.principals(at))).await
    }
}

impl CountPrincipals for Shared<'_> {
    async fn remember_principals(&self, count: u64) -> Result<(), PortError> {
        self.world
            .port_call(Operation::PutItem, PRINCIPALS, |state| {
                let account = state.iam.account.as_str();
                self.table.remember_principals(account, count, state.now);
                Ok(())
            })
            .await
    }
}
