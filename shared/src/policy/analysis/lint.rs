//! What a reviewer should look at: too wide grants, and language that does not mean what it seems to.

mod conditions;
mod grants;
mod statements;

pub(super) use self::grants::WATCHED;
use super::index::ActionSet;
use super::{Circumstances, Escalation, Finding, Permissions, exact_match_wildcards};
use crate::policy::{Place, Policy};

/// Collects the findings on one policy.
#[derive(Default)]
struct Report {
    findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, rule: &'static str, at: Place, message: impl Into<String>) {
        self.findings.push(Finding::new(rule, at, message));
    }

    /// In the order of the statements, Statement[10] after Statement[9]. With a policy's name before each place,
    /// where there are several policies.
    fn finish(self, policy: Option<&str>) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by_cached_key(|finding| statement_number(&finding.at));
        if let Some(name) = policy {
            for finding in &mut findings {
                finding.at = Place::policy().key(&format!("{name}#{}", finding.at.as_str()));
            }
        }
        findings
    }
}

fn statement_number(place: &Place) -> Option<usize> {
    place.as_str().strip_prefix("Statement[")?.split(']').next()?.parse().ok()
}

/// The findings on a policy's language, whatever it is attached to.
pub(super) fn language(policy: &Policy) -> Vec<Finding> {
    let mut report = Report::default();
    traps(policy, &mut report);
    report.finish(None)
}

fn traps(policy: &Policy, report: &mut Report) {
    report.findings.extend(exact_match_wildcards(policy));
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
            let mut report = Report::default();
            traps(named.policy, &mut report);
            wide.report(index, named.policy, &mut report);
            report.finish(several.then_some(&*named.name))
        })
        .collect()
}

#[cfg(test)]
mod tests;
