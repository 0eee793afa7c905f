//! Whose policies a node may be able to change, without asking about everybody.

use std::collections::{BTreeSet, HashMap};

use super::action::Action;
use super::details::ManagedId;
use super::graph::CHANGING;
use super::principal::Kind;
use super::search::Node;
use super::target::Target;
use super::world::World;
use crate::policy::glob::{self, Case};
use crate::policy::{Effect, ResourcePattern};

/// Who is in which group, and has which managed policy, by place.
pub(super) struct Victims {
    members: HashMap<usize, Vec<usize>>,
    /// The groups, whose reports are about any member, by that member's ARN.
    groups: HashMap<String, Vec<usize>>,
    holders: HashMap<ManagedId, Vec<usize>>,
}

impl Victims {
    pub(super) fn of(nodes: &[Node<'_>]) -> Self {
        let mut victims = Self { members: HashMap::new(), groups: HashMap::new(), holders: HashMap::new() };
        for (at, principal) in nodes.iter().filter_map(|node| Some((node.at, node.becomes?))) {
            if principal.kind == Kind::Group {
                let member = nodes.get(at).map(|node| node.actor.principal.arn.to_string());
                victims.groups.entry(member.unwrap_or_default()).or_default().push(at);
            }
            for group in &principal.groups {
                victims.members.entry(group.index()).or_default().push(at);
            }
            let boundary = principal.boundary.as_ref().and_then(|boundary| boundary.managed);
            for managed in principal.attached.iter().copied().chain(boundary) {
                victims.holders.entry(managed).or_default().push(at);
            }
        }
        victims
    }

    /// Those whose policies a node may be able to change; `None` for anybody.
    pub(super) fn of_node(&self, world: &World<'_>, node: &Node<'_>) -> Option<BTreeSet<usize>> {
        let mut found = BTreeSet::new();
        for document in node.actor.identity.iter().filter(|document| document.allows.has_any(CHANGING)) {
            for action in CHANGING.iter().filter(|action| document.allows.has(**action)) {
                if matches!(action, Action::CreatePolicyVersion | Action::SetDefaultPolicyVersion) {
                    continue;
                }
                if *action == Action::AddUserToGroup {
                    // It says which group, and not which user.
                    return None;
                }
                for (speaking, statement) in document.about(*action) {
                    if statement.effect == Effect::Allow {
                        self.add(&mut found, speaking.reach.listed()?);
                        let anybodys = self.groups.iter().filter(|(member, _)| {
                            statement.resource.as_ref().is_none_or(|resources| {
                                let is = |entry: &ResourcePattern| {
                                    glob::matches(entry.as_str(), member, Case::Counts)
                                };
                                resources.is_met(is)
                            })
                        });
                        found.extend(anybodys.flat_map(|(_, groups)| groups));
                    }
                }
            }
        }
        let policies = [Action::CreatePolicyVersion, Action::SetDefaultPolicyVersion];
        for action in policies.into_iter().filter(|action| node.reach.has(*action)) {
            for (managed, holders) in &self.holders {
                let Some(policy) = world.managed(*managed) else { continue };
                if node.actor.may(action, &Target::named(policy.arn.as_str())).is_some() {
                    self.add(&mut found, holders.iter().copied());
                }
            }
        }
        Some(found)
    }

    fn add(&self, found: &mut BTreeSet<usize>, places: impl Iterator<Item = usize>) {
        for place in places {
            found.insert(place);
            found.extend(self.members.get(&place).into_iter().flatten());
        }
    }
}
