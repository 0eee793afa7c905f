use std::borrow::Cow;

use super::Tier;
use super::part::{Part, covers, includes_nothing, parts};
use crate::policy::analysis::Circumstances;
use crate::policy::glob::{self, Case};
use crate::policy::{Effect, Element, Policy, ResourcePattern, Statement, Version};

/// What takes away: denies, or a boundary that does not allow.
pub(super) enum Gate<'a> {
    Denies {
        always: Vec<&'a Statement>,
        perhaps: Vec<(&'a Statement, Version)>,
        known: &'a Circumstances<'a>,
    },
    Allows(Vec<&'a Statement>),
}

impl<'a> Gate<'a> {
    /// The denies: those that nothing escapes, and those that may take what is allowed under their own conditions.
    pub(super) fn denies(policies: impl Iterator<Item = &'a Policy>, known: &'a Circumstances<'a>) -> Self {
        let (mut always, mut perhaps) = (Vec::new(), Vec::new());
        for policy in policies {
            for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Deny) {
                if known.must_hold(&statement.conditions, policy.version, &[]) {
                    always.push(statement);
                } else {
                    perhaps.push((statement, policy.version));
                }
            }
        }
        Self::Denies { always, perhaps, known }
    }

    pub(super) fn allows(policy: &'a Policy) -> Self {
        Self::Allows(policy.statements.iter().filter(|statement| statement.effect == Effect::Allow).collect())
    }

    /// What is left of a part: nothing, or parts of it.
    pub(super) fn leaves<'r>(&'r self, part: &'r Part<'_>) -> Vec<Part<'r>> {
        match self {
            Self::Allows(statements) => {
                let meeting = statements
                    .iter()
                    .filter(|statement| may_meet(part.resources, statement.resource.as_ref()));
                meeting
                    .flat_map(|statement| parts(statement, |_| true))
                    .filter_map(|cap| {
                        Some(Part { pattern: part.meet(&cap)?, most: cap.most, ..part.clone() })
                    })
                    .collect()
            }
            Self::Denies { always, perhaps, known } => {
                let mut left: Vec<Part<'r>> = vec![part.clone()];
                let certain = perhaps.iter().filter(|(statement, version)| {
                    !part.given.is_empty() && known.must_hold(&statement.conditions, *version, part.given)
                });
                let wide = always
                    .iter()
                    .chain(certain.map(|(statement, _)| statement))
                    .filter(|statement| includes(statement.resource.as_ref(), part.resources));
                for statement in wide {
                    let listed = &statement.action.entries;
                    if statement.action.negated {
                        let caps = listed.iter().map(|entry| Part {
                            pattern: Cow::Borrowed(entry.as_str()),
                            except: &[],
                            resources: None,
                            most: Tier::Gold,
                            given: &[],
                        });
                        left = caps
                            .flat_map(|cap| {
                                let left = left.iter();
                                let common = left.filter_map(|part| {
                                    Some(Part { pattern: part.meet(&cap)?, ..part.clone() })
                                });
                                common.collect::<Vec<_>>()
                            })
                            .collect();
                    } else {
                        left.retain(|part| !listed.iter().any(|entry| covers(entry.as_str(), &part.pattern)));
                    }
                }
                left
            }
        }
    }
}

/// Whether a statement's resources include all of another's.
fn includes(wide: Option<&Element<ResourcePattern>>, narrow: Option<&Element<ResourcePattern>>) -> bool {
    let (Some(wide), Some(narrow)) = (wide, narrow) else { return true };
    let resource = |wide: &ResourcePattern, narrow: &ResourcePattern| {
        wide.is_everything() || glob::covers(wide.as_str(), narrow.as_str(), Case::Counts)
    };
    match (wide.negated, narrow.negated) {
        (false, false) => {
            narrow.entries.iter().all(|entry| wide.entries.iter().any(|by| resource(by, entry)))
        }
        (false, true) => wide.entries.iter().any(ResourcePattern::is_everything),
        (true, false) => narrow.entries.iter().all(|entry| {
            !wide.entries.iter().any(|by| glob::overlap(by.as_str(), entry.as_str(), Case::Counts))
        }),
        (true, true) => wide.entries.iter().all(|entry| narrow.entries.iter().any(|by| resource(by, entry))),
    }
}

/// Whether two statements can be about the same resource.
fn may_meet(a: Option<&Element<ResourcePattern>>, b: Option<&Element<ResourcePattern>>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return true };
    if a.negated || b.negated {
        return !includes_nothing(a) && !includes_nothing(b);
    }
    a.entries
        .iter()
        .any(|one| b.entries.iter().any(|other| glob::overlap(one.as_str(), other.as_str(), Case::Counts)))
}
