//! A whole account's identities: who is administrator, and who can become it by way of whom.

mod action;
mod actor;
mod certainty;
mod creation;
mod details;
mod document;
mod edge;
mod error;
mod graph;
mod judgement;
mod page;
mod principal;
mod report;
mod route;
mod search;
mod service;
mod step;
mod takeover;
mod target;
mod trust;
mod world;

pub use certainty::Certainty;
pub use error::AccountDetailsError;
pub use report::PrincipalReport;
pub use step::Step;

use details::AccountDetails;
use document::Document;
use graph::Graph;
use principal::{Kind, Principal, PrincipalId};
use search::Search;
use world::World;

/// Reports on every group, user and role of an account, in this order, from the JSON of
/// `GetAccountAuthorizationDetails`.
pub fn analyze_account(json: &str) -> Result<Vec<PrincipalReport>, AccountDetailsError> {
    let details = AccountDetails::read(json)?;
    let everything = Document::everything();
    let partition = details.principals.first().map_or("aws", |principal| principal.arn.partition_name());
    let administrator_access = format!("arn:{partition}:iam::aws:policy/AdministratorAccess");
    let members: Vec<Option<Principal>> = details
        .principals
        .iter()
        .enumerate()
        .map(|(index, principal)| match principal.kind {
            Kind::Group => Principal::member_of(principal, PrincipalId::new(index)),
            Kind::User | Kind::Role | Kind::Member => None,
        })
        .collect();
    let world = World::new(&details, &everything, &administrator_access);
    let graph = Graph::of(&world, &members);
    let search = Search::run(&world, &graph.nodes, &graph.shortcuts);
    let reports =
        details.principals.iter().zip(&graph.nodes).enumerate().map(|(index, (principal, node))| {
            PrincipalReport {
                arn: principal.arn.to_string(),
                admin: node.is_admin,
                path: search.steps(index),
                errors: principal.errors.clone(),
            }
        });
    Ok(reports.collect())
}

#[cfg(test)]
mod tests;
