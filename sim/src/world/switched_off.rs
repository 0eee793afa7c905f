//! Which access keys Bailiff switched off, as the table keeps it.

use shared::clocks::gives_way;
use shared::engine::{KeepSwitchedOffKeys, ListSwitchedOffKeys, PortError};
use shared::facts::{AllSwitchedOffKeys, Fact, Read, SwitchedOff, SwitchedOffKeys};
use shared::identifier::{AccessKeyId, UniqueId};

use super::World;
use crate::call::Operation;

const TARGET: &str = "switched-off-keys";

impl KeepSwitchedOffKeys for World {
    async fn put_switched_off(
        &self,
        user: &UniqueId,
        key: &AccessKeyId,
        switched_off: &SwitchedOff,
    ) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, TARGET, |state| {
            let now = state.now;
            let keys = state.journals.switched_off.entry(user.clone()).or_default();
            if keys.get(key).is_none_or(|kept| gives_way(kept.at, switched_off.at, now)) {
                keys.insert(key.clone(), switched_off.clone());
            }
            Ok(())
        })
        .await
    }
}

impl ListSwitchedOffKeys for World {
    async fn switched_off(&self) -> Result<AllSwitchedOffKeys, PortError> {
        self.port_call(Operation::Query, TARGET, |state| Ok(state.journals.switched_off.clone())).await
    }
}

impl World {
    /// Somebody who can write to the table has it remember this of a key, whatever it remembered before.
    pub fn remember_switched_off(&self, user: &UniqueId, key: &AccessKeyId, switched_off: SwitchedOff) {
        let mut state = self.state.borrow_mut();
        state.journals.switched_off.entry(user.clone()).or_default().insert(key.clone(), switched_off);
    }

    pub(super) async fn switched_off_keys_of(&self, user: &UniqueId) -> Fact<SwitchedOffKeys> {
        let listed = self
            .port_call(Operation::Query, TARGET, |state| {
                Ok(state.journals.switched_off.get(user).cloned().unwrap_or_default())
            })
            .await;
        listed.map_or_else(|error| Fact::Unknown(error.unread(Read::SwitchedOffKeys)), Fact::Known)
    }
}
