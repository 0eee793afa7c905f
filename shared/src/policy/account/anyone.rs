//! Making just anyone an administrator: who may change every user, or every role, needs but the credentials of one.
//!
//! Nothing in the account gives them to it, so this is possible and no more. Whoever may change certain principals
//! only, and become none of them, is left alone.

use super::action::Action;
use super::certainty::Certainty;
use super::graph::is_free;
use super::principal::{Kind, Principal};
use super::search::{Node, Search, Shortcut};
use super::step::{Deed, Step};
use super::target::Target;

/// Shortcuts for principals that no other way was found for.
pub(super) fn shortcuts(search: &Search<'_, '_>) -> Vec<Shortcut> {
    let open = search.nodes().iter().filter(|node| !search.arrives(node.at));
    open.filter_map(|node| shortcut(search, node)).collect()
}

fn shortcut(search: &Search<'_, '_>, node: &Node<'_>) -> Option<Shortcut> {
    let (world, actor) = (search.world(), &node.actor);
    let own = actor.principal;
    let account = own.account.as_ref().map_or("", |account| account.as_str());
    let head = format!("arn:{}:iam::{account}:", own.arn.partition_name());
    for whose in [Whose::Users, Whose::Roles, Whose::Members, Whose::Holders] {
        let name = format!("{head}{}", whose.resources());
        let target = Target::named(&name);
        let attached = target.with("iam:PolicyARN", world.administrator_access);
        let (put, attach) = whose.actions();
        let deeds = [(put, target), (attach, attached)].into_iter();
        let mut open =
            deeds.filter(|(action, target)| node.reach.has(*action) && actor.may(*action, target).is_some());
        let Some((action, target)) = open.next() else { continue };
        if !whose.leads_to_nothing(search, node) && whose.is_any_other(search, own) {
            let deed = Deed { action, target, certainty: Certainty::Possible, by_victim: false };
            return Some(possible(node, &deed, &name, whose));
        }
    }
    join(search, node)
}

/// Adding whomever to a group of administrators.
fn join(search: &Search<'_, '_>, node: &Node<'_>) -> Option<Shortcut> {
    let own = node.actor.principal;
    if !node.reach.has(Action::AddUserToGroup)
        || Whose::Users.leads_to_nothing(search, node)
        || !Whose::Users.is_any_other(search, own)
    {
        return None;
    }
    search.arriving(Kind::Group).find_map(|group| {
        let target = Target::principal(group);
        let action = Action::AddUserToGroup;
        (group.account == own.account).then(|| node.actor.may(action, &target))??;
        let deed = Deed { action, target, certainty: Certainty::Possible, by_victim: false };
        Some(possible(node, &deed, group.arn.as_str(), Whose::Users))
    })
}

fn possible(node: &Node<'_>, deed: &Deed<'_>, to: &str, whose: Whose) -> Shortcut {
    let mut step: Step = deed.step(&node.actor, to);
    step.depend_on([whose.credentials().to_owned()]);
    Shortcut { from: node.at, to: None, steps: vec![step], certainty: Certainty::Possible }
}

/// Whose credentials it takes.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Users,
    Roles,
    /// Those of users that are in some group.
    Members,
    /// Those of users and roles that have a managed policy of the account.
    Holders,
}

impl Whose {
    fn credentials(self) -> &'static str {
        match self {
            Self::Users => "the credentials of a user",
            Self::Roles => "a session of a role",
            Self::Members => "the credentials of a group's member",
            Self::Holders => "the credentials of a principal with a policy of the account",
        }
    }

    /// What is changed.
    fn resources(self) -> &'static str {
        match self {
            Self::Users => "user/*",
            Self::Roles => "role/*",
            Self::Members => "group/*",
            Self::Holders => "policy/*",
        }
    }

    /// By what: either will do.
    fn actions(self) -> (Action, Action) {
        match self {
            Self::Users => (Action::PutUserPolicy, Action::AttachUserPolicy),
            Self::Roles => (Action::PutRolePolicy, Action::AttachRolePolicy),
            Self::Members => (Action::PutGroupPolicy, Action::AttachGroupPolicy),
            Self::Holders => (Action::CreatePolicyVersion, Action::CreatePolicyVersion),
        }
    }

    /// Whether a node has changed itself, and that came to nothing for what caps it. Others would not help then.
    fn leads_to_nothing(self, search: &Search<'_, '_>, node: &Node<'_>) -> bool {
        !is_free(&node.actor) && self.is_one_of_them(search, node.actor.principal)
    }

    fn is_one_of_them(self, search: &Search<'_, '_>, principal: &Principal) -> bool {
        let is_user = matches!(principal.kind, Kind::User | Kind::Member);
        match self {
            Self::Users => is_user,
            Self::Roles => principal.kind == Kind::Role && !principal.is_reserved,
            Self::Members => is_user && !principal.groups.is_empty(),
            Self::Holders => {
                let groups = principal.groups.iter().filter_map(|id| search.world().principal(*id));
                let managed = std::iter::once(principal).chain(groups).flat_map(|holder| &holder.attached);
                let mut managed = managed.filter_map(|id| search.world().managed(*id));
                principal.kind != Kind::Group
                    && !principal.is_service_linked
                    && managed.any(|managed| !managed.arn.is_aws_managed())
            }
        }
    }

    fn is_any_other(self, search: &Search<'_, '_>, than: &Principal) -> bool {
        let others = search.nodes().iter().filter_map(|node| node.becomes);
        others
            .filter(|other| other.account == than.account && other.place != than.place)
            .any(|other| self.is_one_of_them(search, other))
    }
}
