//! Who gets into a role: what its trust policy amounts to.

mod caller;
mod condition_key;
mod demand;
mod demands;
mod expected;
mod federation;
mod network;
mod oidc;
mod principals;
mod services;
mod ways;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::lint::{self, Finding};
use crate::identifier::{AccountId, OrganizationId};
use crate::policy::{Fault, Place, Policy, Version};
use caller::Caller;
use demands::{Demands, Denial};
use ways::{Entries, Way};

/// What is known besides the policy itself.
#[derive(Debug, Clone, Default)]
pub struct TrustContext {
    /// The account the role belongs to. Where it is not told, every account counts as another one.
    pub account: Option<AccountId>,
    /// The organisation that account belongs to. Where it is not told, a policy that names one is taken to mean it.
    pub organization: Option<OrganizationId>,
    /// Other accounts that are trusted, as the governance file says. They are reported, but are no finding.
    pub trusted: Arc<BTreeSet<AccountId>>,
}

/// Whom a trust policy lets in.
///
/// Statements that deny count where they are sure to bite. A condition counts as a restriction only if nobody can meet
/// it by leaving its key out: no negated operator, no `IfExists` and no `ForAllValues`, except where another condition
/// makes sure of the key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub struct TrustReport {
    /// Whether a stranger gets in: a principal of any account, or with a token or assertion of any provider. A role
    /// that trusts one public provider too widely says so in `oidc_any_subject`.
    pub public: bool,
    /// Whether membership of the own organisation is asked of every AWS principal of another account.
    pub organization_only: bool,
    /// The other accounts whose principals get in, trusted ones too.
    pub external_accounts: Vec<AccountId>,
    /// Whether membership of another organisation than the own one lets somebody in.
    pub external_organization: bool,
    /// Whether somebody of another account gets in, and everybody of other accounts must bring an external id that
    /// one value alone meets. Principals of the own organisation are no third party.
    pub external_id: bool,
    /// Whether a service that tells for whom it acts gets in without being asked.
    pub service_confused_deputy: bool,
    /// Whether an OIDC provider's tokens get in without a claim that binds them to one tenant. `None` where no such
    /// provider is trusted.
    pub oidc_any_subject: Option<bool>,
    /// Whether a claim that identifies the token's owner is compared in a way that does not hold what it seems to.
    pub oidc_weak_operator: bool,
    /// Whether guests of a Cognito identity pool get in.
    pub anonymous_federation: bool,
    /// Whose tokens get in where conditions bind them to owners, for rules that know which owners are the own ones.
    #[serde(skip)]
    pub token_owners: Vec<TokenOwners>,
    /// Unique ids of deleted principals.
    pub orphan_principals: Vec<String>,
    /// What rules have to say, in the order of the policy.
    pub findings: Vec<Finding>,
    /// Why the policy could not be read. None here: what cannot be read has no report.
    pub errors: Vec<Fault>,
}

/// A way in for the tokens of an OIDC provider that conditions bind to owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwners {
    /// Where the provider stands, as in a finding.
    pub at: String,
    /// The provider's issuer, such as `token.actions.githubusercontent.com`.
    pub issuer: String,
    /// For each condition that binds, the values and patterns of its claim that it accepts. A token must meet them all.
    pub accepted: Vec<Vec<String>>,
}

impl TrustReport {
    /// Asks a trust policy whom it lets in.
    pub fn of(policy: &Policy, context: &TrustContext) -> Self {
        let mut report = Self::default();
        let entries = Entries::of(policy);
        let mut findings = lint::language(policy);
        report.orphan_principals = ways::orphans(&entries, &mut findings);
        let ways = entries.ways(policy, &mut findings);
        let trust = Trust { version: policy.version, context, denials: Denial::all(policy, context) };
        principals::judge(&trust, &ways, &mut report, &mut findings);
        services::judge(&trust, &ways, &mut report, &mut findings);
        federation::judge(&trust, &ways, &mut report, &mut findings);
        findings.sort_by_key(|finding| statement_of(&finding.at));
        findings.dedup();
        report.findings = findings;
        report
    }
}

fn finding(rule: &'static str, at: &Place, message: impl Into<String>) -> Finding {
    Finding { rule, at: at.as_str().to_owned(), message: message.into() }
}

fn statement_of(at: &str) -> Option<usize> {
    at.strip_prefix("Statement[")?.split(']').next()?.parse().ok()
}

/// A policy with what is known besides.
#[derive(Debug)]
struct Trust<'a> {
    version: Version,
    context: &'a TrustContext,
    denials: Vec<Denial<'a>>,
}

impl<'a> Trust<'a> {
    fn demands(&self, way: &Way<'a>, caller: &Caller<'_>) -> Option<Demands<'a>> {
        Demands::of(self, way, caller)
    }
}

#[cfg(test)]
mod tests;
