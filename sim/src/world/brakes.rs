//! The switch and the counters, under the conditions that hold in the table.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use shared::clocks::gives_way;
use shared::engine::{
    Brake, Brakes, CountPrincipals, Counter, KnowAdministrators, PortError, RememberAdministrators,
    SharedBrake, Stop, Switch, Switches,
};
use shared::identifier::UniqueId;

use super::World;
use super::state::State;
use crate::call::Operation;

const SWITCH: &str = "switch";
const COUNTERS: &str = "counters";
const PRINCIPALS: &str = "principals";
const ADMINISTRATORS: &str = "administrators";

/// What a sweep found, and when it was written.
pub(super) struct Swept<T> {
    pub(super) found: T,
    written: Timestamp,
}

impl<T> Swept<T> {
    /// What is kept once a sweep has found this: what a later one found stands.
    fn put(kept: &mut Option<Self>, found: T, now: Timestamp) {
        if kept.as_ref().is_none_or(|kept| gives_way(kept.written, now, now)) {
            *kept = Some(Self { found, written: now });
        }
    }
}

impl World {
    /// That the last sweep found this one to be an administrator.
    pub fn know_administrator(&self, principal: &UniqueId) {
        let state = &mut *self.state.borrow_mut();
        let known = state.journals.administrators.as_ref().map(|swept| swept.found.clone());
        let found = known.into_iter().flatten().chain([principal.clone()]).collect();
        state.journals.administrators = Some(Swept { found, written: state.now });
    }

    /// Whether everything is stopped.
    pub fn stop_order(&self) -> Option<Stop> {
        self.state.borrow().journals.stop.clone()
    }

    /// A person stops everything, or lets it go on.
    pub fn set_stop(&self, stop: Option<Stop>) {
        self.state.borrow_mut().journals.stop = stop;
    }

    /// A person stops everything just before a call of the operation, after so many undisturbed ones.
    pub fn stop_before(&self, operation: Operation, undisturbed: u32, stop: Stop) {
        self.interrupt(operation, undisturbed, |state| state.journals.stop = Some(stop));
    }

    /// A call of the operation takes so long, after so many undisturbed ones, and a person stops everything meanwhile.
    pub fn stop_during(&self, operation: Operation, undisturbed: u32, takes: SignedDuration, stop: Stop) {
        self.interrupt(operation, undisturbed, move |state| {
            state.advance(takes);
            state.journals.stop = Some(stop);
        });
    }

    /// What a counter stands at.
    pub fn counted(&self, name: &str) -> u32 {
        self.state.borrow().journals.counts.get(name).copied().unwrap_or_default()
    }
}

impl Switch for World {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        self.port_call(Operation::GetItem, SWITCH, |state| Ok(state.journals.stop.clone())).await
    }
}

impl Brake for World {
    async fn stop(&self, stop: &Stop) -> Result<bool, PortError> {
        self.port_call(Operation::PutItem, SWITCH, |state| {
            let is_new = state.journals.stop.is_none();
            state.journals.stop.get_or_insert_with(|| stop.clone());
            Ok(is_new)
        })
        .await
    }
}

/// The first counter that is full.
pub(super) fn full(counts: &BTreeMap<String, u32>, counters: &[Counter]) -> Option<Counter> {
    let is_full = |counter: &&Counter| counts.get(&counter.name).copied().unwrap_or_default() >= counter.most;
    counters.iter().find(is_full).cloned()
}

/// Counts one act on each.
pub(super) fn count(counts: &mut BTreeMap<String, u32>, counters: &[Counter]) {
    for counter in counters {
        *counts.entry(counter.name.clone()).or_default() += 1;
    }
}

impl Brakes for World {
    fn organization(&self) -> Option<impl SharedBrake> {
        self.shared()
    }

    async fn full(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
        self.port_call(Operation::GetItem, COUNTERS, |state| Ok(full(&state.journals.counts, counters))).await
    }
}

impl Switches for World {
    fn organization_switch(&self) -> Option<impl Switch> {
        self.shared()
    }
}

impl CountPrincipals for World {
    async fn remember_principals(&self, count: u64) -> Result<(), PortError> {
        let remembered = |state: &mut State| {
            Swept::put(&mut state.journals.principals, count, state.now);
            Ok(())
        };
        let own = self.port_call(Operation::PutItem, PRINCIPALS, remembered).await;
        let Some(shared) = self.shared() else { return own };
        // Written whether or not the other could be.
        let shared = shared.remember_principals(count).await;
        own.and(shared)
    }
}

impl RememberAdministrators for World {
    async fn remember_administrators(&self, administrators: &BTreeSet<UniqueId>) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, ADMINISTRATORS, |state| {
            Swept::put(&mut state.journals.administrators, administrators.clone(), state.now);
            Ok(())
        })
        .await
    }

    async fn remembered_administrators(&self) -> Result<BTreeSet<UniqueId>, PortError> {
        self.port_call(Operation::GetItem, ADMINISTRATORS, |state| {
            let swept = state.journals.administrators.as_ref();
            Ok(swept.map(|swept| swept.found.clone()).unwrap_or_default())
        })
        .await
    }
}

impl KnowAdministrators for World {
    async fn is_administrator(&self, principal: &UniqueId) -> Result<bool, PortError> {
        self.port_call(Operation::GetItem, ADMINISTRATORS, |state| {
            let swept = state.journals.administrators.as_ref();
            Ok(swept.is_some_and(|swept| swept.found.contains(principal)))
        })
        .await
    }
}
