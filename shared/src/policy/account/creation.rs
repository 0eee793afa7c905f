//! Making a new principal and giving it everything.

use super::action::Action;
use super::actor::Actor;
use super::certainty::Certainty;
use super::principal::{Kind, Principal};
use super::step::{Deed, Step};
use super::target::Target;
use super::world::World;
use crate::identifier::AccountId;
use crate::policy::analysis::policy_like;
use crate::policy::glob::{self, Case};
use crate::policy::{Effect, ResourcePattern};

/// A way to a new administrator.
#[derive(Debug)]
pub(super) struct Creation {
    pub(super) steps: Vec<Step>,
    pub(super) certainty: Certainty,
}

/// The surest way in which an actor makes a new administrator of which it has the credentials.
pub(super) fn create<'a>(
    world: &World<'a>,
    actor: &Actor<'a>,
    admin_groups: &[&'a Principal],
) -> Option<Creation> {
    new_role(world, actor)
        .into_iter()
        .chain(new_user(world, actor, admin_groups))
        .max_by_key(|it| it.certainty)
}

fn new_role(world: &World<'_>, actor: &Actor<'_>) -> Option<Creation> {
    let actions = [Action::CreateRole, Action::PutRolePolicy, Action::AttachRolePolicy];
    if !actor.reach().has(Action::CreateRole) {
        return None;
    }
    let ways = names(actor, &actions, "role/").filter_map(|name| {
        let unbounded = Target::named(&name).without("iam:PermissionsBoundary");
        let mut way = Way::new(actor, &name);
        way.take(&[(Action::CreateRole, unbounded)])?;
        way.take(&[
            (Action::PutRolePolicy, unbounded),
            (Action::AttachRolePolicy, unbounded.with("iam:PolicyARN", world.administrator_access)),
        ])?;
        // Its trust policy names whoever makes it.
        let target = Target::named(&name);
        let certainty =
            actor.may_if_named(Action::AssumeRole, &target, actor.principal.kind == Kind::Role)?;
        way.add(Action::AssumeRole, &target, certainty);
        Some(way.done())
    });
    ways.max_by_key(|it| it.certainty)
}

fn new_user<'a>(world: &World<'a>, actor: &Actor<'a>, admin_groups: &[&'a Principal]) -> Option<Creation> {
    let actions = [
        Action::CreateUser,
        Action::PutUserPolicy,
        Action::AttachUserPolicy,
        Action::CreateAccessKey,
        Action::CreateLoginProfile,
    ];
    if !actor.reach().has(Action::CreateUser) {
        return None;
    }
    let ways = names(actor, &actions, "user/").filter_map(|name| {
        let unbounded = Target::named(&name).without("iam:PermissionsBoundary");
        let mut way = Way::new(actor, &name);
        way.take(&[(Action::CreateUser, unbounded)])?;
        let groups = admin_groups.iter().map(|group| (Action::AddUserToGroup, Target::principal(group)));
        let policies = [
            (Action::PutUserPolicy, unbounded),
            (Action::AttachUserPolicy, unbounded.with("iam:PolicyARN", world.administrator_access)),
        ];
        way.take(&policies.into_iter().chain(groups).collect::<Vec<_>>())?;
        way.take(&[(Action::CreateAccessKey, unbounded), (Action::CreateLoginProfile, unbounded)])?;
        Some(way.done())
    });
    ways.max_by_key(|it| it.certainty)
}

/// Steps that one actor takes with one new principal.
struct Way<'w, 'a> {
    actor: &'w Actor<'a>,
    name: &'w str,
    steps: Vec<Step>,
    certainty: Certainty,
}

impl<'w, 'a> Way<'w, 'a> {
    fn new(actor: &'w Actor<'a>, name: &'w str) -> Self {
        Self { actor, name, steps: Vec::new(), certainty: Certainty::Is }
    }

    /// Takes the surest of several deeds.
    fn take(&mut self, candidates: &[(Action, Target<'_>)]) -> Option<()> {
        let possible = candidates.iter().filter_map(|(action, target)| {
            let certainty = self.actor.may(*action, target)?;
            Some((*action, target, certainty))
        });
        // The first of the surest.
        let (action, target, certainty) =
            possible.reduce(|best, other| if other.2 > best.2 { other } else { best })?;
        self.add(action, target, certainty);
        Some(())
    }

    fn add(&mut self, action: Action, target: &Target<'_>, certainty: Certainty) {
        let deed = Deed { action, target: *target, certainty, by_victim: false };
        self.steps.push(deed.step(self.actor, self.name));
        self.certainty = self.certainty.min(certainty);
    }

    fn done(self) -> Creation {
        Creation { steps: self.steps, certainty: self.certainty }
    }
}

/// Names for a new policy, as the conditions on which policies may be attached give them.
pub(super) fn policy_names(actor: &Actor<'_>, attach: Action) -> Vec<String> {
    let account = actor.principal.account.as_ref().map(AccountId::as_str);
    let statements = actor.every_document().flat_map(|document| document.about(attach));
    let conditions = statements.flat_map(|(_, statement)| &statement.conditions);
    let patterns = conditions.filter(|it| it.is_about("iam:PolicyARN")).flat_map(|it| &it.values);
    let mut names: Vec<String> = patterns.filter_map(|pattern| policy_like(pattern, account)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Names for something new, such as the ARN `…:role/dev-*`: those that the statements allowing some actions give.
///
/// A `*` in one stands for letters of one's choice. Denies that name certain resources leave such a name alone.
pub(super) fn names(actor: &Actor<'_>, actions: &[Action], kind: &str) -> impl Iterator<Item = String> {
    let arn = &actor.principal.arn;
    let account = arn.as_str().split(':').nth(4).unwrap_or_default();
    let head = format!("arn:{}:iam::{account}:{kind}", arn.partition_name());
    let any = format!("{head}*");
    let mut names = Vec::new();
    for document in &actor.identity {
        let statements = actions.iter().flat_map(|action| document.about(*action));
        for (_, statement) in statements.filter(|(_, statement)| statement.effect == Effect::Allow) {
            let resources = statement.resource.iter().filter(|resources| !resources.negated);
            for pattern in resources.flat_map(|resources| &resources.entries).map(ResourcePattern::as_str) {
                if glob::covers(pattern, &any, Case::Counts) {
                    continue;
                }
                // `arn:*:iam::*:role/dev-*` is one of this account too.
                let name = pattern.splitn(6, ':').nth(5).and_then(|name| name.strip_prefix(kind));
                let ours = |name: &&str| {
                    !name.contains("${")
                        && !["aws-reserved/", "aws-service-role/"].iter().any(|path| name.starts_with(path))
                };
                names.extend(name.filter(ours).map(|name| format!("{head}{name}")));
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    std::iter::once(any).chain(names)
}
