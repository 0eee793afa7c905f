//! The function that hears a directory: asynchronous invocations, tried again and then with the dead letters.

use serde_json::Value;
use shared::engine::{DirectoryReceiver, EngineError, Heard};
use shared::event::DirectoryEvent;

use super::run::{Died, run};
use super::{BETWEEN_TRIES, DeadLetter, Delivered, Local, TRIES_OF_AN_EVENT};

const RECEIVE_DIRECTORY_CHANGE: &str = "receive-directory-change";

/// What came of a directory's word.
pub struct Hearing {
    /// What the function answered at last.
    pub heard: Result<Heard, EngineError>,
    /// What the remediators did.
    pub findings: Vec<Delivered>,
    /// What nobody could handle.
    pub dead_letters: Vec<DeadLetter>,
}

impl Local {
    /// Delivers a directory's event, or the schedule's for the list of people, then works off the queues.
    pub fn hear(&self, event: &Value) -> Hearing {
        let mut dead_letters = Vec::new();
        let heard = self.heard(event, &mut dead_letters);
        let (findings, mut others) = self.work_off();
        dead_letters.append(&mut others);
        Hearing { heard, findings, dead_letters }
    }

    fn heard(&self, event: &Value, dead_letters: &mut Vec<DeadLetter>) -> Result<Heard, EngineError> {
        let mut tries = 0;
        let failed = loop {
            tries += 1;
            let failed = match self.hear_once(event) {
                Ok(heard) => return Ok(heard),
                Err(failed) => failed,
            };
            if tries == TRIES_OF_AN_EVENT {
                break failed;
            }
            self.world.advance(BETWEEN_TRIES * i32::try_from(tries).unwrap_or(1));
        };
        let (function, body, why) = (RECEIVE_DIRECTORY_CHANGE, event.to_string(), failed.to_string());
        dead_letters.push(DeadLetter { function, body, why, tries });
        Err(failed)
    }

    fn hear_once(&self, event: &Value) -> Result<Heard, EngineError> {
        self.world.set_function(RECEIVE_DIRECTORY_CHANGE);
        let receiver = DirectoryReceiver {
            ports: &self.world,
            governance: &self.governance,
            deployment: &self.deployment,
        };
        let heard = match DirectoryEvent::parse(event) {
            Ok(DirectoryEvent::Change(change)) => run(&self.world, receiver.change(&change)),
            Ok(DirectoryEvent::Scheduled(schedule)) => run(&self.world, receiver.reconcile(&schedule)),
            Err(error) => return Err(EngineError::Permanent(error.to_string())),
        };
        heard.unwrap_or_else(|Died| Err(super::died()))
    }
}
