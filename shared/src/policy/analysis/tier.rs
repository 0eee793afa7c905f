mod gate;
mod part;
mod weight;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::gate::Gate;
use self::part::{Part, parts};
use self::weight::{governs, tier_of};
use super::index::halves;
use super::{AccessLevels, Boundary, Circumstances, Permissions};
use crate::policy::{Effect, Statement};

/// How much is at stake with a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// It may do nothing.
    None,
    /// It reads.
    Bronze,
    /// It writes.
    Silver,
    /// It can change IAM, security services or the organisation.
    Gold,
    /// It is an administrator or can become one.
    Platinum,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
            Self::Platinum => "platinum",
        })
    }
}

impl Permissions<'_> {
    /// The tier of what the policies themselves allow, not counting what the principal could make of it: hence at
    /// most gold.
    ///
    /// Reads patterns, not actions: where a Deny takes only a part of a pattern away, the pattern counts whole.
    pub(in crate::policy) fn tier_of_actions(
        &self,
        known: &Circumstances<'_>,
        levels: &dyn AccessLevels,
    ) -> Tier {
        let mut gates = vec![Gate::denies(self.identity.iter().map(|named| named.policy), known)];
        match &self.boundary {
            Boundary::Known(boundary) => {
                gates.push(Gate::denies(std::iter::once(boundary.policy), known));
                gates.push(Gate::allows(boundary.policy));
            }
            Boundary::Absent | Boundary::Unknown => {}
        }
        let mut best = Tier::None;
        for (_, policy, statement) in self.statements().filter(|(_, _, it)| it.effect == Effect::Allow) {
            let may_apply = || known.may_hold(&statement.conditions, policy.version);
            let before = best;
            for part in parts(statement, |pattern| may_exceed(before, pattern)) {
                if best != before && !may_exceed(best, &part.pattern) {
                    continue;
                }
                let most = tier_of(levels, &part.pattern, statement).min(part.most);
                if most > best && may_apply() {
                    let part = Part { most, ..part };
                    best = best.max(through(levels, &gates, &part, statement));
                }
            }
            if best == Tier::Gold {
                break;
            }
        }
        best
    }
}

/// Whether a pattern could show more than has been shown already. Most cannot, so this is cheap.
fn may_exceed(best: Tier, pattern: &str) -> bool {
    match best {
        Tier::None | Tier::Bronze => true,
        Tier::Silver => governs(halves(pattern).0),
        Tier::Gold | Tier::Platinum => false,
    }
}

/// The tier of a part after what the gates leave of it. Never more than that of the part itself.
fn through(levels: &dyn AccessLevels, gates: &[Gate<'_>], part: &Part<'_>, statement: &Statement) -> Tier {
    let most = tier_of(levels, &part.pattern, statement).min(part.most);
    let Some((gate, rest)) = gates.split_first() else { return most };
    let left = gate.leaves(part).into_iter().map(|left| Part { most: left.most.min(most), ..left });
    left.map(|left| through(levels, rest, &left, statement)).max().unwrap_or(Tier::None)
}

#[cfg(test)]
mod tests;
