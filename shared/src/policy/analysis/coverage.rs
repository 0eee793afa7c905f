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
        let own: Statements<'_> = permissions.statements().collect();
        let Some(boundary) = permissions.boundary.known() else {
            return self.is_covered(&own, &Vec::new(), circumstances);
        };
        let only = Permissions::of(boundary.policy);
        let cap = only.statements().collect();
        // A Deny is one, wherever it stands.
        self.is_covered(&own, &cap, circumstances) && self.is_covered(&cap, &own, circumstances)
    }

    /// Whether the Allows cover it and no Deny takes a part of it for certain: one that applies to every request, or to
    /// every request to which the Allow does. What a Deny takes under conditions of its own or of some resources only
    /// does not count.
    fn is_covered(
        &self,
        statements: &Statements<'_>,
        others: &Statements<'_>,
        circumstances: &Circumstances<'_>,
    ) -> bool {
        let asked = Asked::EveryOf(Cow::Borrowed(self.service));
        let allows: Vec<Allow<'_>> = statements
            .iter()
            .filter(|(_, _, statement)| statement.effect == Effect::Allow)
            .map(|(at, policy, statement)| (Grant::new(*at, policy, statement), *statement))
            .collect();
        if !self.is_made_up(&allows, &[], &asked, circumstances) {
            return false;
        }
        let denies: Vec<(Grant<'_>, &Statement)> = statements
            .iter()
            .chain(others)
            .filter(|(_, _, statement)| statement.effect == Effect::Deny && self.is_touched(statement))
            .map(|(at, policy, statement)| (Grant::new(*at, policy, statement), *statement))
            .filter(|(grant, _)| asked.is_taken(grant, circumstances))
            .collect();
        let always = |(grant, _): &(Grant<'_>, &Statement)| {
            circumstances.must_hold(grant.conditions, grant.version, &[])
        };
        denies.is_empty()
            || !denies.iter().any(always) && self.is_made_up(&allows, &denies, &asked, circumstances)
    }

    /// Whether the Allows make it up between them, each less what those Denies take that apply wherever it does.
    fn is_made_up(
        &self,
        allows: &[Allow<'_>],
        denies: &[(Grant<'_>, &Statement)],
        asked: &Asked<'_>,
        circumstances: &Circumstances<'_>,
    ) -> bool {
        let taking = |allow: &Grant<'_>| -> Vec<&Statement> {
            let certain = denies
                .iter()
                .filter(|(deny, _)| circumstances.must_hold(deny.conditions, deny.version, allow.conditions));
            certain.map(|(_, statement)| *statement).collect()
        };
        // Statements that list what they leave out first: what several of them leave out is only what all do.
        let mut missing = vec![self.pattern.clone()];
        for (grant, statement) in allows.iter().filter(|(_, it)| it.action.negated) {
            if !grant.may_apply(asked, circumstances) {
                continue;
            }
            let taking = taking(grant);
            if !taking.iter().any(|deny| deny.action.negated) {
                let denied = taking.iter().flat_map(|deny| &deny.action.entries);
                let left_out: Vec<&ActionPattern> = statement.action.entries.iter().chain(denied).collect();
                missing = missing.iter().flat_map(|part| intersect(part, &left_out)).collect();
            }
        }
        for (grant, statement) in allows.iter().filter(|(_, it)| !it.action.negated) {
            let covered = |part: &String| statement.action.entries.iter().any(|by| covers(by, part));
            // Most statements cover nothing of it; whether they apply is the dearer question.
            if missing.iter().any(covered) && grant.may_apply(asked, circumstances) {
                let taking = taking(grant);
                missing.retain(|part| !covered(part) || taking.iter().any(|deny| touches(deny, part)));
            }
        }
        missing.is_empty()
    }

    /// Whether a statement speaks of some of the actions.
    fn is_touched(&self, statement: &Statement) -> bool {
        touches(statement, &self.pattern)
    }
}

/// A statement that allows.
type Allow<'a> = (Grant<'a>, &'a Statement);

/// Whether a statement speaks of some of a pattern's actions.
fn touches(statement: &Statement, part: &str) -> bool {
    let listed = &statement.action.entries;
    if statement.action.negated {
        !listed.iter().any(|entry| covers(entry, part))
    } else {
        listed.iter().any(|entry| overlaps(entry, part))
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
fn intersect(part: &str, listed: &[&ActionPattern]) -> Vec<String> {
    if listed.iter().any(|entry| covers(entry, part)) {
        return vec![part.to_owned()];
    }
    let common = listed.iter().filter(|entry| overlaps(entry, part));
    common.map(|entry| entry.as_str().to_owned()).collect()
}
