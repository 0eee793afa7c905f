//! The seeded simulator: whole worlds made up by a seed, with everything that can go wrong in them, and claims about
//! what never happens in any. One world is one thread and one seed: the same seed, the same world, call by call.

mod accounts;
mod actors;
mod adversary;
mod claims;
mod dice;
mod events;
mod forgery;
mod oracle;
mod rulebook;
mod stage;
mod storm;
mod tally;

pub use claims::Claim;
pub use tally::Tally;

/// A world that was run to its end.
#[derive(Debug, Clone, Default)]
pub struct Ran {
    /// What happened in it.
    pub tally: Tally,
    /// What must not happen and did.
    pub violation: Option<String>,
    /// Every call, where that was asked for.
    pub trace: Vec<String>,
}
