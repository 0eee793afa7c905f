//! What a reviewer should look at: too wide grants, and language that does not mean what it seems to.

mod conditions;
mod grants;
mod statements;

pub(super) use self::grants::WATCHED;
use serde::Serialize;

use super::index::ActionSet;
use super::{Circumstances, Escalation, Permissions};
use crate::policy::{Place, Policy};

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that says so.
    pub rule: &'static str,
    /// Where: `Statement[2].Action[0]`, after `policy#` where there are several policies.
    pub at: String,
    /// What is the matter, in plain words.
    pub message: String,
}

/// Collects the findings on one policy.
struct Report<'a> {
    prefix: &'a str,
    findings: Vec<(Place, Finding)>,
}

impl<'a> Report<'a> {
    fn new(prefix: &'a str) -> Self {
        Self { prefix, findings: Vec::new() }
    }

    fn add(&mut self, rule: &'static str, at: Place, message: impl Into<String>) {
        let named = format!("{}{}", self.prefix, at.as_str());
        self.findings.push((at, Finding { rule, at: named, message: message.into() }));
    }

    /// In the order of the statements; Statement[10] after Statement[9].
    fn finish(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by_cached_key(|(place, _)| statement_number(place));
        findings.into_iter().map(|(_, finding)| finding).collect()
    }
}

fn statement_number(place: &Place) -> Option<usize> {
    place.as_str().strip_prefix("Statement[")?.split(']').next()?.parse().ok()
}

/// The findings on a policy's language, whatever it is attached to.
pub(super) fn language(policy: &Policy) -> Vec<Finding> {
    let mut report = Report::new("");
    traps(policy, &mut report);
    report.finish()
}

fn traps(policy: &Policy, report: &mut Report<'_>) {
    for (index, statement) in policy.statements.iter().enumerate() {
        statements::check(policy, index, statement, report);
        conditions::check(policy, index, statement, report);
    }
}

/// The findings on a principal's policies, policy by policy. The boundary grants nothing, so it has none of its own.
pub(super) fn identity(
    permissions: &Permissions<'_>,
    known: &Circumstances<'_>,
    named: ActionSet,
    admin: bool,
    full_access: &[String],
    escalations: &[Escalation],
) -> Vec<Finding> {
    let wide = grants::Wide::of(permissions, known, named, admin, full_access, escalations);
    let several = permissions.identity.len() > 1;
    let policies = permissions.identity.iter().enumerate();
    policies
        .flat_map(|(index, named)| {
            let prefix = if several { format!("{}#", named.name) } else { String::new() };
            let mut report = Report::new(&prefix);
            traps(named.policy, &mut report);
            wide.report(index, named.policy, &mut report);
            report.finish()
        })
        .collect()
}

#[cfg(test)]
mod tests;
