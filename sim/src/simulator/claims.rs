//! What is claimed, each with the world that could disprove it.

mod adversary;
mod breaker;
mod converges;
mod dry_run;
mod exemptions;
mod forged_events;
mod invalid_governance;
mod nothing_lost;
mod organization;
mod protected;
mod stages;
mod switch;
mod undo;
mod wars;

use std::fmt;

use super::Ran;

/// A claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// With 20 % faults, 30 % duplicates, 30 % reordered, 1 % poison and 1 % deaths nothing is lost and nothing done twice.
    NothingLost,
    /// With every event lost, two sweeps at most put everything right.
    Converges,
    /// Who is protected is never written, whatever the configuration.
    Protected,
    /// Undo gives the account back byte for byte, passwords apart.
    Undo,
    /// A dry run plans exactly what a real run does.
    DryRun,
    /// No limit is ever overrun.
    Breaker,
    /// Who puts everything back at once is fought as often as the budget says and no more.
    Wars,
    /// No rule acts without its two warnings, delivered so long before, or without the people who must agree.
    Stages,
    /// No write begins after the switch was thrown, or could not be read any more.
    Switch,
    /// A governance file that is not in order enforces nothing.
    InvalidGovernance,
    /// Only a sound exemption suppresses, and a sound one always does.
    Exemptions,
    /// A forged, replayed, damaged or contradicted event writes nothing, and one that counts nothing but what it names, once.
    ForgedEvents,
    /// With the organisation's policies in force, whoever is suspended is out within one lag, whatever an attacker undoes.
    ContainmentHolds,
    /// Without them, each undo of a suspension is told to people, and nobody is reported as contained who is not.
    UndoingIsTold,
}

impl Claim {
    /// Every one.
    pub const ALL: [Self; 14] = [
        Self::NothingLost,
        Self::Converges,
        Self::Protected,
        Self::Undo,
        Self::DryRun,
        Self::Breaker,
        Self::Wars,
        Self::Stages,
        Self::Switch,
        Self::InvalidGovernance,
        Self::Exemptions,
        Self::ForgedEvents,
        Self::ContainmentHolds,
        Self::UndoingIsTold,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NothingLost => "nothing-lost",
            Self::Converges => "converges",
            Self::Protected => "protected",
            Self::Undo => "undo",
            Self::DryRun => "dry-run",
            Self::Breaker => "breaker",
            Self::Wars => "wars",
            Self::Stages => "stages",
            Self::Switch => "switch",
            Self::InvalidGovernance => "invalid-governance",
            Self::Exemptions => "exemptions",
            Self::ForgedEvents => "forged-events",
            Self::ContainmentHolds => "containment-holds",
            Self::UndoingIsTold => "undoing-is-told",
        }
    }

    /// The claim of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|claim| claim.as_str() == name)
    }

    /// How many worlds a short run has.
    pub fn short(self) -> u64 {
        match self {
            Self::Protected | Self::Undo | Self::DryRun => 100_000,
            Self::NothingLost
            | Self::Converges
            | Self::Breaker
            | Self::Wars
            | Self::Stages
            | Self::Switch
            | Self::InvalidGovernance
            | Self::Exemptions => 10_000,
            Self::ForgedEvents | Self::ContainmentHolds | Self::UndoingIsTold => 1_000,
        }
    }

    /// Runs the world of that seed; with every call written down where it is traced.
    pub fn run(self, seed: u64, traced: bool) -> Ran {
        match self {
            Self::NothingLost => nothing_lost::world(seed, traced),
            Self::Converges => converges::world(seed, traced),
            Self::Protected => protected::world(seed, traced),
            Self::Undo => undo::world(seed, traced),
            Self::DryRun => dry_run::world(seed, traced),
            Self::Breaker => breaker::world(seed, traced),
            Self::Wars => wars::world(seed, traced),
            Self::Stages => stages::world(seed, traced),
            Self::Switch => switch::world(seed, traced),
            Self::InvalidGovernance => invalid_governance::world(seed, traced),
            Self::Exemptions => exemptions::world(seed, traced),
            Self::ForgedEvents => forged_events::world(seed, traced),
            Self::ContainmentHolds => adversary::held(seed, traced),
            Self::UndoingIsTold => adversary::told(seed, traced),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
