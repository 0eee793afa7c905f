use jiff::SignedDuration;

use super::{Clock, ConfigService, EngineError, Evaluation};
use crate::event::ResultToken;

/// The most evaluations AWS Config takes in one call (AWS Config API, `PutEvaluations`).
const MOST: usize = 100;
/// How often what Config did not take is sent again.
const TRIES: u32 = 4;

/// Reports evaluations of one invocation, in chunks as Config takes them.
pub(super) struct Report<'a, P> {
    ports: &'a P,
    token: &'a ResultToken,
    waiting: Vec<Evaluation>,
    taken: u64,
}

impl<'a, P: ConfigService + Clock> Report<'a, P> {
    pub(super) fn new(ports: &'a P, token: &'a ResultToken) -> Self {
        Self { ports, token, waiting: Vec::new(), taken: 0 }
    }

    /// Adds an evaluation; sends a chunk when there is a full one.
    pub(super) async fn add(&mut self, evaluation: Evaluation) -> Result<(), EngineError> {
        self.waiting.push(evaluation);
        if self.waiting.len() >= MOST { self.send().await } else { Ok(()) }
    }

    /// Sends the rest, and says how many were taken. With nothing to say an empty report is sent: "ran".
    pub(super) async fn finish(mut self) -> Result<u64, EngineError> {
        if !self.waiting.is_empty() || self.taken == 0 {
            self.send().await?;
        }
        Ok(self.taken)
    }

    async fn send(&mut self) -> Result<(), EngineError> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let sent = waiting.len() as u64;
        for again in 0..TRIES {
            if again > 0 {
                self.ports.sleep(SignedDuration::from_millis(200 << again)).await;
            }
            waiting = self.ports.put_evaluations(self.token, &waiting).await?;
            if waiting.is_empty() {
                self.taken += sent;
                return Ok(());
            }
        }
        Err(EngineError::Retry(format!(
            "AWS Config did not take {} of {sent} evaluations in {TRIES} tries",
            waiting.len()
        )))
    }
}
