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
pub(crate) use details::ListedAccount;
pub use error::AccountDetailsError;
pub use escalation::OpenEscalation;
pub(crate) use page::{
    AttachedPolicy, GroupDetail, IdentityPolicy, InlinePolicy, InstanceProfile, ManagedPolicyDetail,
    PermissionsBoundary, PolicyVersion, RoleDetail, Tag, TrustPolicy, UserDetail,
};
pub use report::{ORGANIZATION, OrganizationPolicies, PrincipalReport};
pub use step::Step;

use std::collections::HashSet;

use details::AccountDetails;
use graph::Graph;
use principal::{Kind, Principal, PrincipalId};
use search::{Node, Search, Shortcut};
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
    Ok(reports(&AccountDetails::read(json)?, organization))
}

/// The same of an account that is listed already.
pub(crate) fn analyze_listed(
    listed: ListedAccount<'_>,
    organization: OrganizationPolicies,
) -> Result<Vec<PrincipalReport>, AccountDetailsError> {
    Ok(reports(&AccountDetails::of(listed, "what AWS lists")?, organization))
}

fn reports(details: &AccountDetails, organization: OrganizationPolicies) -> Vec<PrincipalReport> {
    explored(details, |world, nodes, shortcuts| {
        // Whoever can become somebody of whom not all could be read may be more than is seen. Seldom is there one.
        let unread: HashSet<usize> =
            nodes.iter().filter(|node| world.is_unread(node)).map(|it| it.at).collect();
        let doubts = (!unread.is_empty()).then(|| Search::run(world, nodes, shortcuts.clone(), &unread));
        let search = Search::run(world, nodes, shortcuts, &HashSet::new());
        let reports = details.principals.iter().zip(nodes);
        reports
            .map(|(principal, node)| {
                PrincipalReport::of(&search, doubts.as_ref(), node, principal, organization)
            })
            .collect()
    })
}

/// Makes the graph of an account, and asks for something.
fn explored<T>(
    details: &AccountDetails,
    ask: impl for<'a> FnOnce(&World<'a>, &[Node<'a>], Vec<Shortcut>) -> T,
) -> T {
    let members: Vec<Option<Principal>> = details
        .principals
        .iter()
        .enumerate()
        .map(|(index, principal)| match principal.kind {
            Kind::Group => Principal::member_of(principal, PrincipalId::new(index)),
            Kind::User | Kind::Role | Kind::Member => None,
        })
        .collect();
    let world = World::new(details);
    let Graph { nodes, shortcuts } = Graph::of(&world, &members);
    ask(&world, &nodes, shortcuts)
}

#[cfg(test)]
pub(crate) mod tests;
