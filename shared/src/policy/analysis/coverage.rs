use std::borrow::Cow;

use super::permissions::{Grant, StatementRef};
use super::{Asked, Circumstances, Permissions};
use crate::policy::glob::{self, Case};
use crate::policy::{ActionPattern, Effect, Policy, Statement};

/// Every action of a service, or of every service where its prefix is `*`, on every resource, as statements may
/// together allow it.
///
/// `?*` rather than `*`, because there is no action without a name: `s3:?*` and `s3:*` are then the same.
pub(super) struct Whole<'a> {
    service: &'a str,
    pattern: String,
}

/// The statements of policies that allow together.
pub(super) type Statements<'a> = Vec<(StatementRef, &'a Policy, &'a Statement)>;

impl<'a> Whole<'a> {
    pub(super) fn of(service: &'a str) -> Self {
        let named = if glob::is_everything(service) { "?*" } else { service };
        Self { service, pattern: format!("{named}:?*") }
    }

    /// Whether the principal may do all of it, its boundary included.
    pub(super) fn is_allowed(
        &self,
        permissions: &Permissions<'_>,
        circumstances: &Circumstances<'_>,
    ) -> bool {
        self.is_covered(&permissions.statements().collect(), circumstances)
            && permissions.boundary.known().is_none_or(|boundary| {
                let only = Permissions::of(boundary.policy);
                self.is_covered(&only.statements().collect(), circumstances)
            })
    }

    /// Whether the Allows cover it and no Deny takes a part of it for certain. What a Deny takes under conditions
    /// or of some resources only does not count.
    fn is_covered(&self, statements: &Statements<'_>, circumstances: &Circumstances<'_>) -> bool {
        let asked = Asked::EveryOf(Cow::Borrowed(self.service));
        let of =
            |effect: Effect| statements.iter().filter(move |(_, _, statement)| statement.effect == effect);
        // Statements that list what they leave out first: what several of them leave out is only what all do.
        let mut missing = vec![self.pattern.clone()];
        let applies =
            |at, policy, statement| Grant::new(at, policy, statement).may_apply(&asked, circumstances);
        for (at, policy, statement) in of(Effect::Allow).filter(|(_, _, it)| it.action.negated) {
            if applies(*at, policy, statement) {
                missing =
                    missing.iter().flat_map(|part| intersect(part, &statement.action.entries)).collect();
            }
        }
        for (at, policy, statement) in of(Effect::Allow).filter(|(_, _, it)| !it.action.negated) {
            let covered = |part: &String| statement.action.entries.iter().any(|by| covers(by, part));
            // Most statements cover nothing of it; whether they apply is the dearer question.
            if missing.iter().any(covered) && applies(*at, policy, statement) {
                missing.retain(|part| !covered(part));
            }
        }
        missing.is_empty()
            && !of(Effect::Deny).any(|(at, policy, statement)| {
                self.is_touched(statement)
                    && Grant::new(*at, policy, statement).must_apply(&asked, circumstances, &[])
            })
    }

    /// Whether a statement speaks of some of the actions.
    fn is_touched(&self, statement: &Statement) -> bool {
        let listed = &statement.action.entries;
        if statement.action.negated {
            !listed.iter().any(|entry| covers(entry, &self.pattern))
        } else {
            listed.iter().any(|entry| overlaps(entry, &self.pattern))
        }
    }
}

// Both ends are looked at before all is read: a list of thousands of actions is mostly plain names.

fn covers(by: &ActionPattern, part: &str) -> bool {
    let by = by.as_str();
    let may_end = is_wild(by.as_bytes().last()) || !is_wild(part.as_bytes().last());
    may_end && may_begin_alike(by, part) && glob::covers(by, part, Case::Ignored)
}

fn overlaps(by: &ActionPattern, part: &str) -> bool {
    may_begin_alike(by.as_str(), part) && glob::overlap(by.as_str(), part, Case::Ignored)
}

fn may_begin_alike(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes().first(), b.as_bytes().first());
    is_wild(a) || is_wild(b) || a.map(u8::to_ascii_lowercase) == b.map(u8::to_ascii_lowercase)
}

fn is_wild(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'*' | b'?'))
}

/// What a pattern has in common with a list. Where two patterns cross, such as `s3:*Tagging` and `s3:Put*`, the first
/// is taken, which is more than they have in common.
fn intersect(part: &str, listed: &[ActionPattern]) -> Vec<String> {
    if listed.iter().any(|entry| covers(entry, part)) {
        return vec![part.to_owned()];
    }
    let common = listed.iter().filter(|entry| overlaps(entry, part));
    common.map(|entry| entry.as_str().to_owned()).collect()
}
