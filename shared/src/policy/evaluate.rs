//! Whether a request is allowed, decided as AWS decides it.
//!
//! Sources: IAM User Guide, "Policy evaluation logic" and its pages on single and cross-account requests, "IAM JSON
//! policy elements: Condition operators", "… Variables and tags", "… Principal", "… `NotPrincipal`"; AWS Organizations
//! User Guide, "SCP evaluation" and "RCP evaluation"; AWS KMS Developer Guide, "Key policies".

mod answer;
mod arn_parts;
mod condition;
mod context;
mod decision;
mod exception;
mod policies;
mod principal;
mod request;
mod statement;
mod variable;
mod wire;

pub(super) use condition::date::order as date_order;

pub use answer::{Answer, Decider, Decision, Slot};
pub use context::{Context, SpelledTwice, Values};
pub use decision::evaluate;
pub use policies::Policies;
pub use principal::{Principal, PrincipalType};
pub use request::Request;
pub use wire::{Simulation, SimulationError, answer_line};

#[cfg(test)]
mod tests;
