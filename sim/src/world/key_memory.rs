//! What sweeps remember, in items as large as the table takes.

use serde_json::Value;
use shared::engine::{PortError, RememberKeys};
use shared::facts::KeyMemory;

use super::World;
use crate::call::Operation;

/// Users to an item of at most 400 KB.
const USERS_TO_AN_ITEM: usize = 1_500;
const TARGET: &str = "key-memory";

impl RememberKeys for World {
    async fn remembered(&self) -> Result<KeyMemory, PortError> {
        let mut memory = KeyMemory::default();
        for number in 0.. {
            let part = self
                .port_call(Operation::GetItem, TARGET, |state| Ok(state.key_memory.get(number).cloned()))
                .await?;
            match part.and_then(|text| serde_json::from_str(&text).ok()) {
                Some(part) => memory.extend(part),
                None => break,
            }
        }
        Ok(memory)
    }

    async fn remember(&self, memory: &KeyMemory) -> Result<(), PortError> {
        let mut parts = memory.parts(USERS_TO_AN_ITEM);
        if parts.is_empty() {
            parts.push(KeyMemory::default());
        }
        for (number, part) in parts.iter().enumerate() {
            let text = serde_json::to_string(part).unwrap_or_default();
            self.port_call(Operation::PutItem, TARGET, |state| {
                // The first says how many there are; the others stand until each is written over.
                state.key_memory.truncate(parts.len());
                match state.key_memory.get_mut(number) {
                    Some(written) => *written = text,
                    None => state.key_memory.push(text),
                }
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}

impl World {
    /// Of how many users sweeps remember the keys.
    pub fn remembered_users(&self) -> usize {
        let state = self.state.borrow();
        let parts = state.key_memory.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
        parts.filter_map(|part| part.get("users")?.as_object().map(serde_json::Map::len)).sum()
    }
}
