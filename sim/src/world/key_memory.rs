//! What sweeps remember, in items as large as the table takes.

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
        let parts = memory.parts(USERS_TO_AN_ITEM);
        for (number, part) in parts.iter().enumerate() {
            let text = serde_json::to_string(part).unwrap_or_default();
            self.port_call(Operation::PutItem, TARGET, |state| {
                state.key_memory.truncate(number);
                state.key_memory.push(text);
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}
