use std::collections::BTreeSet;

use super::{Decision, Observe, RememberKeys};
use crate::facts::{KeyMemory, ResourceIdentity};
use crate::identifier::UniqueId;

/// Whenever so much more was learnt, which took as many calls, it is written down: a sweep that is cut off, as each is
/// after fifteen minutes, leaves all but the last of it to the next. Of 5,000 users that is twenty times.
const KEPT_EVERY: usize = 500;

/// What sweeps remember of keys, and whom this one has seen.
#[derive(Default)]
pub(super) struct SweepMemory {
    pub(super) keys: KeyMemory,
    seen: BTreeSet<UniqueId>,
    /// How much had been learnt when it was last to be written down.
    tried: usize,
    kept: usize,
}

impl SweepMemory {
    /// What earlier sweeps have seen; that it cannot be read is no reason to fail this one.
    pub(super) async fn recalled(ports: &(impl RememberKeys + Observe)) -> Self {
        let keys = ports.remembered().await.unwrap_or_else(|error| {
            ports.decided(&Decision::NotRemembered { why: error.to_string() });
            KeyMemory::default()
        });
        Self { keys, ..Self::default() }
    }

    /// Notes that somebody is there.
    pub(super) fn note(&mut self, resource: &ResourceIdentity) {
        if let ResourceIdentity::User(user) = resource {
            self.seen.insert(user.unique_id.clone());
        }
    }

    /// Keeps what was learnt so far, if that is much. Nobody is forgotten: whoever was not seen may come yet.
    pub(super) async fn keep_on_the_way(&mut self, ports: &(impl RememberKeys + Observe)) {
        if self.keys.changes() < self.tried + KEPT_EVERY {
            return;
        }
        self.tried = self.keys.changes();
        match ports.remembered().await {
            Ok(written) => {
                self.keys.take_in(written);
                self.write(ports).await;
            }
            // It may be more than this sweep knows so far.
            Err(error) => ports.decided(&Decision::NotRemembered { why: error.to_string() }),
        }
    }

    /// Keeps what was learnt, at the end. Whoever was not seen is gone, if this sweep `saw_all_users`: many a listing gives
    /// out none.
    pub(super) async fn keep(&mut self, ports: &(impl RememberKeys + Observe), saw_all_users: bool) {
        self.forget(saw_all_users);
        if self.keys.changes() == self.kept {
            return;
        }
        // What cannot be read is written anew.
        if let Ok(written) = ports.remembered().await {
            self.keys.take_in(written);
            self.forget(saw_all_users);
        }
        self.write(ports).await;
    }

    fn forget(&mut self, saw_all_users: bool) {
        if saw_all_users {
            self.keys.retain(|user| self.seen.contains(user));
        }
    }

    async fn write(&mut self, ports: &(impl RememberKeys + Observe)) {
        match ports.remember(&self.keys).await {
            Ok(()) => self.kept = self.keys.changes(),
            Err(error) => ports.decided(&Decision::NotRemembered { why: error.to_string() }),
        }
    }
}
