//! A whole account's identities: who is administrator, and who can become it by way of whom.

mod accomplice;
mod action;
mod actor;
mod anyone;
mod candidates;
mod certainty;
mod creation;
mod details;
mod document;
mod edge;
mod error;
mod escalation;
mod graph;
mod page;
mod principal;
mod reach;
mod report;
mod route;
mod search;
mod service;
mod step;
mod takeover;
mod target;
mod trust;
mod victims;
mod world;

pub use certainty::Certainty;
pub use error::AccountDetailsError;
pub use escalation::OpenEscalation;
pub use report::{OrganizationPolicies, PrincipalReport};
pub use step::Step;

use details::AccountDetails;
use graph::Graph;
use principal::{Kind, Principal, PrincipalId};
use search::Search;
use world::World;

/// Reports on every group, user and role of an account, in this order, from the JSON of
/// `GetAccountAuthorizationDetails`, as `aws iam get-account-authorization-details` prints it: all pages in one, or
/// several pages in a row or in a list.
pub fn analyze_account(json: &str) -> Result<Vec<PrincipalReport>, AccountDetailsError> {
    analyze_account_with(json, OrganizationPolicies::Unknown)
}

/// The same, given what is known of the organisation's policies.
pub fn analyze_account_with(
    json: &str,
    organization: OrganizationPolicies,
) -> Result<Vec<PrincipalReport>, AccountDetailsError> {
    searched(json, |details, search| {
        let reports = details.principals.iter().zip(search.nodes());
        reports.map(|(principal, node)| PrincipalReport::of(search, node, principal, organization)).collect()
    })
}

/// Reads an account, finds every way to its administrators, and asks for something.
fn searched<T>(
    json: &str,
    ask: impl FnOnce(&AccountDetails, &Search<'_, '_>) -> T,
) -> Result<T, AccountDetailsError> {
    let details = AccountDetails::read(json)?;
    let members: Vec<Option<Principal>> = details
        .principals
        .iter()
        .enumerate()
        .map(|(index, principal)| match principal.kind {
            Kind::Group => Principal::member_of(principal, PrincipalId::new(index)),
            Kind::User | Kind::Role | Kind::Member => None,
        })
        .collect();
    let world = World::new(&details);
    let Graph { nodes, shortcuts } = Graph::of(&world, &members);
    Ok(ask(&details, &Search::run(&world, &nodes, shortcuts)))
}

#[cfg(test)]
mod tests;
