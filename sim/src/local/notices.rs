//! The event source of deliver-notices: one message at a time, redelivered until it lies with the dead letters.

use jiff::SignedDuration;
use shared::engine::{Chance, Courier, Digested, EngineError};
use shared::notice::Notice;

use super::run::{Died, run};
use super::{DeadLetter, Local};
use crate::world::World;

const DELIVER_NOTICES: &str = "deliver-notices";
/// A message that failed this often is a dead letter (`maxReceiveCount`).
const TRIES: u32 = 5;
/// A message that failed is not seen for so long (`VisibilityTimeout`).
const VISIBILITY_TIMEOUT: SignedDuration = SignedDuration::from_secs(720);

impl Local {
    /// Delivers the notices that are on their queue; gives back those that nobody could be told of.
    pub fn deliver_notices(&self) -> Vec<DeadLetter> {
        self.world.set_function(DELIVER_NOTICES);
        let mut dead_letters = Vec::new();
        while let Some(message) = self.world.receive_notice() {
            let chance = if message.tries < TRIES { Chance::ThereAreMore } else { Chance::TheLast };
            let delivered = match Notice::parse(&message.body) {
                Ok(notice) => run(&self.world, self.courier().deliver(&notice, chance))
                    .unwrap_or_else(|Died| Err(super::died())),
                Err(error) => Err(EngineError::Permanent(error.to_string())),
            };
            match delivered {
                Ok(_) => {}
                Err(_) if message.tries < TRIES => {
                    self.world.advance(VISIBILITY_TIMEOUT);
                    self.world.put_notice_back(message);
                }
                Err(error) => dead_letters.push(DeadLetter {
                    function: DELIVER_NOTICES,
                    why: error.to_string(),
                    tries: message.tries,
                    body: message.body,
                }),
            }
        }
        dead_letters
    }

    /// Sends the day's digests.
    pub fn send_digests(&self) -> Result<Digested, EngineError> {
        self.world.set_function(DELIVER_NOTICES);
        run(&self.world, self.courier().send_digests()).unwrap_or_else(|Died| Err(super::died()))
    }

    fn courier(&self) -> Courier<'_, World> {
        Courier { ports: &self.world, governance: &self.governance, deployment: &self.deployment }
    }
}
