//! Functions at work at the same time.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use jiff::Timestamp;
use shared::engine::{Abandoned, EngineError, Finding, Outcome, RestoreRequest, SuspendOrder};
use shared::remedy::Remediator;

use super::{Local, died};
use crate::random::Random;
use crate::world::{Turn, World};

/// What a function that writes is asked to do.
#[derive(Debug, Clone)]
pub enum Work {
    /// To put right what a finding tells of.
    Finding(Remediator, Finding),
    /// To finish what was left open.
    Abandoned(Remediator, Abandoned),
    /// To suspend a principal.
    Order(SuspendOrder),
    /// To undo an entry.
    Undo(RestoreRequest),
}

impl Local {
    /// Lets functions work at the same time. Before each call another may go on; which one does is drawn by the
    /// seed. Time passes with calls and, while all sleep, until the first of them wakes.
    pub fn at_once(&self, work: &[Work], seed: u64) -> Vec<Result<Outcome, EngineError>> {
        let mut random = Random::new(seed);
        let mut workers: Vec<_> = work
            .iter()
            .map(|work| Worker {
                function: work.function(),
                pipeline: Box::pin(self.work(work)),
                asleep_until: self.world.now(),
                outcome: None,
            })
            .collect();
        self.world.take_turns(true);
        loop {
            let now = self.world.now();
            let awake: Vec<_> = workers
                .iter_mut()
                .filter(|worker| worker.outcome.is_none() && worker.asleep_until <= now)
                .collect();
            let drawn = usize::try_from(random.below(awake.len() as u64)).unwrap_or_default();
            if let Some(worker) = awake.into_iter().nth(drawn) {
                worker.take_turn(&self.world);
                continue;
            }
            let asleep = workers.iter().filter(|worker| worker.outcome.is_none());
            match asleep.map(|worker| worker.asleep_until).min() {
                Some(first) => self.world.set_now(first),
                None => break,
            }
        }
        self.world.take_turns(false);
        workers.into_iter().filter_map(|worker| worker.outcome).collect()
    }

    async fn work(&self, work: &Work) -> Result<Outcome, EngineError> {
        match work {
            Work::Finding(remediator, finding) => self.remediation(*remediator).handle(finding).await,
            Work::Abandoned(remediator, abandoned) => self.remediation(*remediator).finish(abandoned).await,
            Work::Order(order) => self.remediation(Remediator::SuspendPrincipal).suspend(order).await,
            Work::Undo(request) => self.restoration().restore(request).await,
        }
    }
}

impl Work {
    fn function(&self) -> &'static str {
        let remediator = match self {
            Self::Finding(remediator, _) | Self::Abandoned(remediator, _) => *remediator,
            Self::Order(_) => Remediator::SuspendPrincipal,
            Self::Undo(_) => Remediator::Restore,
        };
        remediator.as_str()
    }
}

struct Worker<F> {
    function: &'static str,
    pipeline: Pin<Box<F>>,
    asleep_until: Timestamp,
    outcome: Option<Result<Outcome, EngineError>>,
}

impl<F: Future<Output = Result<Outcome, EngineError>>> Worker<F> {
    fn take_turn(&mut self, world: &World) {
        world.set_function(self.function);
        match (self.pipeline.as_mut().poll(&mut Context::from_waker(Waker::noop())), world.turn()) {
            (Poll::Ready(outcome), _) => self.outcome = Some(outcome),
            (Poll::Pending, Turn::Over) => {}
            (Poll::Pending, Turn::Asleep(until)) => self.asleep_until = until,
            (Poll::Pending, Turn::Dead) => self.outcome = Some(Err(died())),
        }
    }
}
