use std::collections::BTreeSet;

use super::{Decision, Observe, RememberKeys};
use crate::facts::{KeyMemory, ResourceIdentity};
use crate::identifier::UniqueId;

/// What sweeps remember of keys, and whom this one has seen.
#[derive(Default)]
pub(super) struct SweepMemory {
    pub(super) keys: KeyMemory,
    seen: BTreeSet<UniqueId>,
}

impl SweepMemory {
    /// What earlier sweeps have seen; that it cannot be read is no reason to fail this one.
    pub(super) async fn recalled(ports: &(impl RememberKeys + Observe)) -> Self {
        let keys = ports.remembered().await.unwrap_or_else(|error| {
            ports.decided(&Decision::NotRemembered { why: error.to_string() });
            KeyMemory::default()
        });
        Self { keys, seen: BTreeSet::new() }
    }

    /// Notes that somebody is there.
    pub(super) fn note(&mut self, resource: &ResourceIdentity) {
        if let ResourceIdentity::User(user) = resource {
            self.seen.insert(user.unique_id.clone());
        }
    }

    /// Keeps what was learnt for the next sweep, at the end of this one. Whoever was not seen is gone, if this one
    /// `saw_all_users`: many a listing gives out none.
    pub(super) async fn keep(&mut self, ports: &(impl RememberKeys + Observe), saw_all_users: bool) {
        if saw_all_users {
            self.keys.retain(|user| self.seen.contains(user));
        }
        if self.keys.is_changed()
            && let Err(error) = ports.remember(&self.keys).await
        {
            ports.decided(&Decision::NotRemembered { why: error.to_string() });
        }
    }
}
