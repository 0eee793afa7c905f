use std::collections::BTreeSet;

use serde::Serialize;

use super::action::Action;
use super::actor::Cap;
use super::certainty::Certainty;
use super::escalation::{OpenEscalation, escalations};
use super::principal::Principal;
use super::search::{Node, Search};
use super::step::Step;
use super::target::Target;
use super::world::MEMBER;
use crate::policy::analysis::Tier;

/// What one user, group or role is, and can become.
///
/// A group does nothing itself: its report is about any of its members that has nothing but the group's policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrincipalReport {
    /// Its ARN.
    pub arn: String,
    /// Whether it is an administrator by its own, its groups' and its attached policies, less what denies take, capped
    /// by its boundary.
    pub admin: bool,
    /// What is at stake with it. Platinum if it is an administrator or can become one.
    pub tier: Tier,
    /// How sure `admin` and `tier` are.
    pub certainty: Certainty,
    /// On what they hang, if they are not sure: the organisation's policies, condition keys, and what the file does
    /// not tell.
    pub depends_on: Vec<String>,
    /// The known paths that lead it to an administrator of this account; none where it is one.
    pub escalations: Vec<OpenEscalation>,
    /// The steps by which it becomes an administrator, the surest, then the fewest there are; none where it is one,
    /// or cannot.
    pub path: Vec<Step>,
    /// What could not be read of it. The rest is judged without that, so it may be more than is said here.
    pub errors: Vec<String>,
}

/// What [`PrincipalReport::depends_on`] says of the organisation's policies.
pub const ORGANIZATION: &str = "the organization's policies";

/// What is known of the organisation's service and resource control policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrganizationPolicies {
    /// Nothing: whatever the account's own policies allow is possible, not certain.
    #[default]
    Unknown,
    /// There are none, as in the management account and outside organisations.
    None,
}

impl PrincipalReport {
    pub(super) fn of<'a>(
        search: &Search<'_, 'a>,
        doubts: Option<&Search<'_, 'a>>,
        node: &Node<'a>,
        principal: &Principal,
        organization: OrganizationPolicies,
    ) -> Self {
        let arrives = search.arrives(node.at);
        let mut path = search.steps(node.at);
        let escalations =
            if arrives && !node.is_admin { escalations(search, node, &path) } else { Vec::new() };
        for step in &mut path {
            // Any member of a group is the group itself here, or the user that joined it.
            for end in [&mut step.from, &mut step.to] {
                if end.ends_with(MEMBER) {
                    principal.arn.as_str().clone_into(end);
                }
            }
        }
        let tier = if arrives { Tier::Platinum } else { search.world().tier(&node.actor) };
        let mut errors = principal.errors.clone();
        // What a group has, its members have.
        for group in search.world().groups_of(principal) {
            let name = group.arn.name();
            errors.extend(group.errors.iter().map(|error| format!("group `{name}`: {error}")));
        }
        let doubts = doubts.filter(|doubts| !arrives && errors.is_empty() && doubts.arrives(node.at));
        if let Some(end) = doubts.and_then(|doubts| doubts.steps(node.at).pop()) {
            errors.push(format!("it may become `{}`, of which not everything could be read", end.to));
        }
        if !arrives && !search.is_whole {
            errors.push("ways that take another principal's help were too many to look for all".to_owned());
        }
        let mut depends_on = open_questions(node, principal, tier, &path, organization);
        if !errors.is_empty() {
            depends_on.insert("what stands in `errors`".to_owned());
        }
        Self {
            arn: principal.arn.to_string(),
            admin: node.is_admin,
            tier,
            certainty: if depends_on.is_empty() { Certainty::Is } else { Certainty::Possible },
            depends_on: depends_on.into_iter().collect(),
            escalations,
            path,
            errors,
        }
    }
}

fn open_questions(
    node: &Node<'_>,
    principal: &Principal,
    tier: Tier,
    path: &[Step],
    organization: OrganizationPolicies,
) -> BTreeSet<String> {
    let mut on: BTreeSet<String> = path.iter().flat_map(|step| step.depends_on.iter().cloned()).collect();
    // Organisations take away and never give; what a service's own role may do they do not touch.
    if tier != Tier::None && organization == OrganizationPolicies::Unknown && !principal.is_service_linked {
        on.insert(ORGANIZATION.to_owned());
    }
    if matches!(node.actor.boundary, Cap::Unknown) {
        on.insert("the permissions boundary, which is not known".to_owned());
    }
    if node.is_admin {
        // Whoever may do everything under a condition may do this under it, too.
        on.extend(node.actor.open_keys(Action::CreateUser, &Target::principal(principal)));
    }
    on
}
