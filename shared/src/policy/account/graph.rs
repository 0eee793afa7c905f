//! The account as nodes and shortcuts between them, ready to be searched.

use super::action::Action;
use super::actor::Cap;
use super::certainty::Certainty;
use super::creation::create;
use super::edge::Edge;
use super::principal::{Kind, Principal};
use super::search::{Node, Shortcut};
use super::takeover::{Takeover, shortcut_of, take_over};
use super::victims::Victims;
use super::world::World;

/// Every principal in the order of the account, and after them what some could come to be.
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) shortcuts: Vec<Shortcut>,
}

/// The actions without one of which nobody's policies change.
pub(super) const CHANGING: &[Action] = &[
    Action::PutUserPolicy,
    Action::PutGroupPolicy,
    Action::PutRolePolicy,
    Action::AttachUserPolicy,
    Action::AttachGroupPolicy,
    Action::AttachRolePolicy,
    Action::CreatePolicyVersion,
    Action::SetDefaultPolicyVersion,
    Action::AddUserToGroup,
    Action::RemoveUserFromGroup,
    Action::PutUserPermissionsBoundary,
    Action::PutRolePermissionsBoundary,
    Action::DeleteUserPermissionsBoundary,
    Action::DeleteRolePermissionsBoundary,
    Action::DeleteUserPolicy,
    Action::DeleteRolePolicy,
    Action::DeleteGroupPolicy,
    Action::DetachUserPolicy,
    Action::DetachRolePolicy,
    Action::DetachGroupPolicy,
];

impl<'a> Graph<'a> {
    /// `members` are the groups' members in general, by the group's place.
    pub(super) fn of(world: &World<'a>, members: &'a [Option<Principal>]) -> Self {
        let nodes = world.principals().iter().zip(members).enumerate().map(|(at, (principal, member))| {
            Node::new(world, at, world.actor(member.as_ref().unwrap_or(principal)), Some(principal))
        });
        let mut graph = Self { nodes: nodes.collect(), shortcuts: Vec::new() };
        let admin_groups: Vec<&'a Principal> = world.admin_groups().collect();
        let victims = Victims::of(&graph.nodes);
        for from in 0..graph.nodes.len() {
            graph.follow(world, from, &admin_groups, &victims);
        }
        graph
    }

    /// What one principal can make of itself, of something new, and of others.
    fn follow(&mut self, world: &World<'a>, from: usize, admin_groups: &[&'a Principal], victims: &Victims) {
        let Some(node) = self.nodes.get(from).filter(|node| !node.is_admin) else { return };
        let actor = node.actor.clone();
        let reach = node.reach;
        let changes = reach.has_any(CHANGING);
        let mut found = None;
        if changes {
            let own = take_over(world, &actor, &actor)
                .into_iter()
                .chain(shortcut_of(world, &actor, &actor))
                .max_by_key(rank);
            found = own.map(|own| self.add(world, from, own));
        }
        let sure = |found: Option<(Certainty, usize)>, length| {
            found.is_some_and(|(certainty, steps)| certainty == Certainty::Is && steps <= length)
        };
        if !sure(found, 3)
            && reach.has_any(&[Action::CreateRole, Action::CreateUser])
            && let Some(creation) = create(world, &actor, admin_groups)
        {
            found = found.max(Some((creation.certainty, creation.steps.len())));
            self.shortcuts.push(Shortcut {
                from,
                to: None,
                steps: creation.steps,
                certainty: creation.certainty,
            });
        }
        if changes && !sure(found, 2) {
            self.follow_others(world, from, victims);
        }
    }

    /// The principals that one can become and, being them or before, change.
    fn follow_others(&mut self, world: &World<'a>, from: usize, victims: &Victims) {
        let mut takeovers: Vec<Takeover<'a>> = Vec::new();
        let Some(node) = self.nodes.get(from) else { return };
        let known = victims.of_node(world, node);
        let victims = self.nodes.iter().filter(|victim| {
            !victim.is_admin && known.as_ref().is_none_or(|known| known.contains(&victim.at))
        });
        let victims = victims.filter_map(|victim| Some((victim, victim.becomes?)));
        for (victim, principal) in victims.filter(|(_, to)| matches!(to.kind, Kind::User | Kind::Role)) {
            let Some(edge) = Edge::between(&node.actor, node.reach, &node.routes, principal) else {
                continue;
            };
            let own = take_over(world, &node.actor, &victim.actor);
            let Some(mut takeover) =
                own.into_iter().chain(shortcut_of(world, &node.actor, &victim.actor)).max_by_key(rank)
            else {
                continue;
            };
            // What the victim can do by itself is followed from there.
            if takeover.steps.iter().all(|step| step.from == principal.arn.as_str()) {
                continue;
            }
            takeover.certainty = takeover.certainty.min(edge.certainty);
            takeover.steps.splice(0..0, edge.steps(&node.actor, principal));
            let enough =
                takeover.is_admin && takeover.certainty == Certainty::Is && takeover.steps.len() == 2;
            takeovers.push(takeover);
            if enough {
                break;
            }
        }
        for takeover in takeovers {
            self.add(world, from, takeover);
        }
    }

    /// Adds a takeover: to an administrator, or to what the principal then is.
    fn add(&mut self, world: &World<'a>, from: usize, takeover: Takeover<'a>) -> (Certainty, usize) {
        let Takeover { steps, certainty, actor, is_admin } = takeover;
        let length = steps.len();
        let to = (!is_admin).then_some(self.nodes.len());
        if !is_admin {
            self.nodes.push(Node::new(world, self.nodes.len(), actor, None));
        }
        self.shortcuts.push(Shortcut { from, to, steps, certainty });
        if is_admin { (certainty, length) } else { (Certainty::Possible, usize::MAX) }
    }
}

fn rank(takeover: &Takeover<'_>) -> (bool, Certainty, std::cmp::Reverse<usize>) {
    (takeover.is_admin, takeover.certainty, std::cmp::Reverse(takeover.steps.len()))
}

/// Whether nothing holds an actor back.
pub(super) fn is_free(actor: &super::actor::Actor<'_>) -> bool {
    matches!(actor.boundary, Cap::None) && !actor.identity.iter().any(|document| document.denies)
}
