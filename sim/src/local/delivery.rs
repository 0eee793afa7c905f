use shared::engine::{Decision, EngineError, Finding, Outcome, Summary};
use shared::event::EventError;
use shared::remedy::Remediator;

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
    /// How often it was tried.
    pub tries: u32,
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
    #[error("the function died over it, {0} times")]
    Died(u32),
}
