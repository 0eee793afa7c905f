//! Functions at work at the same time.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use jiff::{SignedDuration, Timestamp};
use shared::engine::{Abandoned, EngineError, Finding, Outcome, RestoreRequest, SuspendOrder};
use shared::event::Trigger;
use shared::facts::{AccountIdentity, ResourceIdentity};
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
    /// To deny first, for what an event was read as.
    Event(Vec<Trigger>),
    /// To suspend a principal.
    Order(SuspendOrder),
    /// To undo an entry.
    Undo(RestoreRequest),
}

impl Local {
    /// Lets functions work at the same time. Before each call another may go on; which one does is drawn by the
    /// seed. Time passes with calls and, while all sleep, until the first of them wakes.
    pub fn at_once(&self, work: &[Work], seed: u64) -> Vec<Result<Outcome, EngineError>> {
        Self::in_accounts_at_once(&[(self, work)], seed)
    }

    /// The same in several accounts, each of which has its own clock.
    pub fn in_accounts_at_once(places: &[(&Self, &[Work])], seed: u64) -> Vec<Result<Outcome, EngineError>> {
        let mut random = Random::new(seed);
        let mut workers: Vec<_> = places
            .iter()
            .flat_map(|(local, work)| work.iter().map(move |work| (*local, work)))
            .map(|(local, work)| Worker {
                world: &local.world,
                function: work.function(),
                pipeline: Box::pin(local.work(work)),
                asleep_until: local.world.now(),
                outcome: None,
            })
            .collect();
        for (local, _) in places {
            local.world.take_turns(true);
        }
        loop {
            let awake: Vec<_> = workers
                .iter_mut()
                .filter(|worker| worker.outcome.is_none() && worker.sleeps().is_none())
                .collect();
            let drawn = usize::try_from(random.below(awake.len() as u64)).unwrap_or_default();
            if let Some(worker) = awake.into_iter().nth(drawn) {
                worker.take_turn();
                continue;
            }
            let asleep = workers.iter().filter(|worker| worker.outcome.is_none());
            match asleep.min_by_key(|worker| worker.sleeps()) {
                Some(first) => first.world.set_now(first.asleep_until),
                None => break,
            }
        }
        for (local, _) in places {
            local.world.take_turns(false);
        }
        workers.into_iter().filter_map(|worker| worker.outcome).collect()
    }

    async fn work(&self, work: &Work) -> Result<Outcome, EngineError> {
        match work {
            Work::Finding(remediator, finding) => self.remediation(*remediator).handle(finding).await,
            Work::Abandoned(remediator, abandoned) => self.remediation(*remediator).finish(abandoned).await,
            Work::Event(triggers) => {
                self.remediation(Remediator::SuspendPrincipal).deny_first(triggers).await?;
                let account = AccountIdentity::new(&self.deployment.account, "aws");
                let account = account.map_err(|error| EngineError::Permanent(error.to_string()))?;
                let why = "whoever looks closer goes on".to_owned();
                Ok(Outcome::NothingToDo { rule: None, resource: ResourceIdentity::Account(account), why })
            }
            Work::Order(order) => self.remediation(Remediator::SuspendPrincipal).suspend(order).await,
            Work::Undo(request) => self.restoration().restore(request).await,
        }
    }
}

impl Work {
    fn function(&self) -> &'static str {
        let remediator = match self {
            Self::Finding(remediator, _) | Self::Abandoned(remediator, _) => *remediator,
            Self::Order(_) | Self::Event(_) => Remediator::SuspendPrincipal,
            Self::Undo(_) => Remediator::Restore,
        };
        remediator.as_str()
    }
}

struct Worker<'a, F> {
    world: &'a World,
    function: &'static str,
    pipeline: Pin<Box<F>>,
    asleep_until: Timestamp,
    outcome: Option<Result<Outcome, EngineError>>,
}

impl<F: Future<Output = Result<Outcome, EngineError>>> Worker<'_, F> {
    /// For how long, if it does.
    fn sleeps(&self) -> Option<SignedDuration> {
        Some(self.asleep_until.duration_since(self.world.now())).filter(|left| *left > SignedDuration::ZERO)
    }

    fn take_turn(&mut self) {
        self.world.set_function(self.function);
        let polled = self.pipeline.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.world.bury();
        match (polled, self.world.turn()) {
            (Poll::Ready(outcome), _) => self.outcome = Some(outcome),
            (Poll::Pending, Turn::Over) => {}
            (Poll::Pending, Turn::Asleep(until)) => self.asleep_until = until,
            (Poll::Pending, Turn::Dead) => self.outcome = Some(Err(died())),
        }
    }
}
