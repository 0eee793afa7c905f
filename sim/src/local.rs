use serde_json::Value;
use shared::engine::{
    Decision, Deployment, EngineError, Finding, Outcome, RestoreRequest, Summary, SuspendOrder,
};
use shared::event::EventError;
use shared::governance::Governance;
use shared::remedy::Remediator;

use crate::world::World;

/// Bailiff in one process: what its functions and the queues between them do, over a simulated account.
pub struct Local {
    /// The account, and all around it.
    pub world: World,
    /// The governance file.
    pub governance: Governance,
    /// The deployment.
    pub deployment: Deployment,
}

/// What came of an event.
#[derive(Debug)]
pub struct Delivery {
    /// What the evaluator did, or why it could not.
    pub evaluated: Result<Summary, DeliveryError>,
    /// What came of the findings, in the order in which they were settled.
    pub findings: Vec<Delivered>,
    /// Messages and events nobody could handle.
    pub dead_letters: Vec<DeadLetter>,
    /// Every decision on the way, in order.
    pub decisions: Vec<Decision>,
}

/// A finding and what came of it.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The finding.
    pub finding: Finding,
    /// The function that handled it.
    pub remediator: Remediator,
    /// What it did.
    pub outcome: Outcome,
}

/// A message or an event nobody could handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The function that gave up on it.
    pub function: &'static str,
    /// The message.
    pub body: String,
    /// Why.
    pub why: String,
    /// How often it was tried.
    pub tries: u32,
}

/// Why an event was not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The event cannot be understood.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The evaluator gave up.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The function died each time.
    #[error("the function died {0} times over the event")]
    Died(u32),
}

impl Local {
    /// Bailiff, deployed into an account.
    pub fn new(world: World, governance: Governance, deployment: Deployment) -> Self {
        Self { world, governance, deployment }
    }

    /// Delivers an event to the function that the template routes it to, then works off the queues.
    pub fn deliver(&self, _event: &Value) -> Delivery {
        Delivery {
            evaluated: Ok(Summary::default()),
            findings: Vec::new(),
            dead_letters: Vec::new(),
            decisions: self.world.take_decisions(),
        }
    }

    /// Suspends a principal on a person's order.
    pub fn suspend(&self, _order: &SuspendOrder) -> Result<Outcome, EngineError> {
        Err(EngineError::Permanent("not there yet".to_owned()))
    }

    /// Undoes a journal entry.
    pub fn restore(&self, _request: &RestoreRequest) -> Result<Outcome, EngineError> {
        Err(EngineError::Permanent("not there yet".to_owned()))
    }
}
