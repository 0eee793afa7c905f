use serde::Serialize;

use super::lint::{self, Finding};
use super::{AccessLevels, ByVerb, Circumstances, Escalation, Permissions, Tier};
use crate::policy::{Fault, Policy};

/// What a principal's policies amount to, as `bailiff analyze` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentityReport {
    /// Whether they make an administrator.
    pub admin: bool,
    /// The services in which they allow everything; see [`Permissions::full_access`].
    pub full_access: Vec<String>,
    /// The paths to administrator that they open.
    pub escalations: Vec<OpenPath>,
    /// What is at stake.
    pub tier: Tier,
    /// What a reviewer should look at, in the order of the statements.
    pub findings: Vec<Finding>,
    /// Why a policy could not be read. None here: what cannot be read has no report.
    pub errors: Vec<Fault>,
}

/// An open path, by names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenPath {
    /// The path's id.
    pub id: &'static str,
    /// The actions that it takes.
    pub actions: Vec<&'static str>,
    /// The statements that allow them: `Statement[0]`, or `policy#Statement[0]` where there are several policies.
    pub statements: Vec<String>,
}

/// What a policy of another kind than those of identities amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyReport {
    /// What a reviewer should look at, in the order of the statements.
    pub findings: Vec<Finding>,
    /// The same.
    pub errors: Vec<Fault>,
}

/// Analyses a principal's policies of which nothing else is known.
pub fn analyze_identity(permissions: &Permissions<'_>) -> IdentityReport {
    analyze_identity_with(permissions, &Circumstances::unknown(), &ByVerb)
}

/// Analyses a principal's policies, given what is known of it: `aws:PrincipalArn`, `aws:username`,
/// `aws:PrincipalAccount` and its tags are what policies ask for.
pub fn analyze_identity_with(
    permissions: &Permissions<'_>,
    known: &Circumstances<'_>,
    levels: &dyn AccessLevels,
) -> IdentityReport {
    let survey = permissions.survey();
    let admin = permissions.is_admin_by(&survey, known);
    let escalations = permissions.escalations_by(survey.named, known);
    let tier = if admin || permissions.is_led_to_admin(&escalations, known) {
        Tier::Platinum
    } else {
        permissions.tier_of_actions(known, levels)
    };
    let full_access = permissions.full_access_by(&survey, known, admin);
    let findings = lint::identity(permissions, known, survey.named, admin, &full_access, &escalations);
    let open = |escalation: &Escalation| OpenPath {
        id: escalation.path.id,
        actions: escalation.path.needs.iter().map(|need| need.action).collect(),
        statements: escalation.statements.iter().map(|at| permissions.name_of(*at)).collect(),
    };
    IdentityReport {
        admin,
        full_access,
        escalations: escalations.iter().map(open).collect(),
        tier,
        findings,
        errors: Vec::new(),
    }
}

/// Analyses a policy that is no principal's own: what its language does not say though it looks so.
pub fn analyze_policy(policy: &Policy) -> PolicyReport {
    PolicyReport { findings: lint::language(policy), errors: Vec::new() }
}

#[cfg(test)]
mod tests;
