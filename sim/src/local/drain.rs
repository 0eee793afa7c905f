//! The remediators' event sources: one message at a time, redelivered where that may help, else dead letters.

use jiff::SignedDuration;
use shared::engine::{EngineError, Message as Told};
use shared::remedy::Remediator;

use super::run::{Died, run};
use super::{DeadLetter, Delivered, Local};
use crate::world::Message;

/// A message that failed this often is a dead letter (`maxReceiveCount`).
const TRIES_OF_A_MESSAGE: u32 = 5;
/// A message that failed is not seen for so long (`VisibilityTimeout`).
const VISIBILITY_TIMEOUT: SignedDuration = SignedDuration::from_secs(720);

impl Local {
    /// Works until every queue is empty; where all that is left is hidden, time passes.
    pub(super) fn drain(&self, dead_letters: &mut Vec<DeadLetter>) -> Vec<Delivered> {
        let mut delivered = Vec::new();
        loop {
            let received = Remediator::asked()
                .find_map(|remediator| self.world.receive(remediator).map(|message| (remediator, message)));
            if let Some((remediator, message)) = received {
                self.handle(remediator, message, &mut delivered, dead_letters);
            } else if let Some(time) = self.world.next_receipt() {
                self.world.set_now(time.max(self.world.now()));
            } else {
                return delivered;
            }
        }
    }

    fn handle(
        &self,
        remediator: Remediator,
        message: Message,
        delivered: &mut Vec<Delivered>,
        dead_letters: &mut Vec<DeadLetter>,
    ) {
        self.world.set_function(remediator.as_str());
        let tries = message.tries;
        let failed = match Told::parse(&message.body) {
            Err(error) => Err(EngineError::Permanent(error.to_string())),
            Ok(Told::Abandoned(abandoned)) => {
                let finished = run(&self.world, self.remediation(remediator).finish(&abandoned));
                finished.unwrap_or_else(|Died| Err(super::died())).map(|_| ())
            }
            Ok(Told::Event(event)) => {
                self.deny_first(&event);
                Ok(())
            }
            Ok(Told::Finding(finding)) => {
                match run(&self.world, self.remediation(remediator).handle(&finding)) {
                    Ok(Ok(outcome)) => {
                        delivered.push(Delivered { finding, remediator, outcome, tries });
                        Ok(())
                    }
                    Ok(Err(error)) => Err(error),
                    Err(Died) => Err(super::died()),
                }
            }
        };
        match failed {
            Ok(()) => {}
            Err(_) if self.world.loses_messages() => {}
            Err(EngineError::Retry(_)) if tries < TRIES_OF_A_MESSAGE => {
                self.world.put_back(remediator, message, VISIBILITY_TIMEOUT);
            }
            Err(error) => dead_letters.push(DeadLetter {
                function: remediator.as_str(),
                body: message.body,
                why: error.to_string(),
                tries,
            }),
        }
    }
}
