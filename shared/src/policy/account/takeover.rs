//! What becomes of a principal whose policies somebody may change.

use super::action::Action;
use super::actor::{Actor, Cap};
use super::certainty::Certainty;
use super::creation;
use super::details::{ManagedId, ManagedPolicy};
use super::document::Document;
use super::principal::{Kind, Principal};
use super::step::{Deed, Step};
use super::target::Target;
use super::world::World;

/// A principal changed for the better of whoever changes it.
#[derive(Debug)]
pub(super) struct Takeover<'a> {
    /// What is done to it, in order.
    pub(super) steps: Vec<Step>,
    pub(super) certainty: Certainty,
    /// What it is then.
    pub(super) actor: Actor<'a>,
    pub(super) is_admin: bool,
}

/// A policy of a principal, by who holds it: itself or one of its groups.
#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    document: &'a Document,
    holder: &'a Principal,
}

/// What can be done to a principal's policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Let it do everything: give it a policy, or rewrite one that it has.
    Add,
    /// Take its boundary off.
    Unbind,
    /// Take policies off that deny.
    Undeny,
}

const ORDERS: &[&[Change]] = &[
    &[Change::Add],
    &[Change::Unbind],
    &[Change::Undeny],
    &[Change::Add, Change::Unbind],
    &[Change::Unbind, Change::Add],
    &[Change::Add, Change::Undeny],
    &[Change::Undeny, Change::Add],
    &[Change::Unbind, Change::Undeny],
    &[Change::Undeny, Change::Unbind],
    &[Change::Add, Change::Unbind, Change::Undeny],
    &[Change::Add, Change::Undeny, Change::Unbind],
    &[Change::Unbind, Change::Add, Change::Undeny],
    &[Change::Unbind, Change::Undeny, Change::Add],
    &[Change::Undeny, Change::Add, Change::Unbind],
    &[Change::Undeny, Change::Unbind, Change::Add],
];

/// What an actor can make of a principal that it is, or can become: the way that is surest, then shortest.
pub(super) fn take_over<'a>(
    world: &World<'a>,
    actor: &Actor<'a>,
    victim: &Actor<'a>,
) -> Option<Takeover<'a>> {
    let mut best: Option<Takeover<'a>> = None;
    for order in ORDERS {
        let bounded = !matches!(victim.boundary, Cap::None);
        let denied = victim.identity.iter().any(|document| document.denies);
        let pointless = |change: &Change| match change {
            Change::Add => false,
            Change::Unbind => !bounded,
            Change::Undeny => !denied,
        };
        if order.iter().any(pointless) {
            continue;
        }
        let Some(takeover) = Changing::new(world, actor, victim).carry_out(order) else { continue };
        let rank = |it: &Takeover<'_>| (it.is_admin, it.certainty, std::cmp::Reverse(it.steps.len()));
        if best.as_ref().is_none_or(|best| rank(&takeover) > rank(best)) {
            best = Some(takeover);
        }
    }
    best
}

/// A single change that makes a principal an administrator by what is there already: an earlier version of a policy it
/// has, a policy that may be attached though not every one may, a group it is not in.
pub(super) fn shortcut_of<'a>(
    world: &World<'a>,
    actor: &Actor<'a>,
    victim: &Actor<'a>,
) -> Option<Takeover<'a>> {
    Changing::new(world, actor, victim).by_what_is_there()
}

struct Changing<'w, 'a> {
    world: &'w World<'a>,
    actor: &'w Actor<'a>,
    victim: &'a Principal,
    held: Vec<Held<'a>>,
    everything: bool,
    boundary: Cap<'a>,
    steps: Vec<Step>,
    certainty: Certainty,
}

impl<'w, 'a> Changing<'w, 'a> {
    fn new(world: &'w World<'a>, actor: &'w Actor<'a>, victim: &Actor<'a>) -> Self {
        let principal = victim.principal;
        let own = world.documents_of(principal).map(|document| Held { document, holder: principal });
        let groups = world.groups_of(principal).flat_map(|group| {
            world.documents_of(group).map(move |document| Held { document, holder: group })
        });
        Self {
            world,
            actor,
            victim: principal,
            held: own.chain(groups).collect(),
            everything: false,
            boundary: victim.boundary,
            steps: Vec::new(),
            certainty: Certainty::Is,
        }
    }

    /// What the principal is by now.
    fn now(&self) -> Actor<'a> {
        let everything = self.everything.then_some(self.world.everything);
        Actor {
            principal: self.victim,
            identity: self.held.iter().map(|held| held.document).chain(everything).collect(),
            boundary: self.boundary,
        }
    }

    fn carry_out(mut self, order: &[Change]) -> Option<Takeover<'a>> {
        for change in order {
            match change {
                Change::Add => {
                    match self.adding() {
                        Some(deed) => self.done(deed),
                        None => self.attach_new()?,
                    }
                    self.everything = true;
                }
                Change::Unbind => {
                    let deed = self.unbinding()?;
                    self.done(deed);
                    self.boundary = Cap::None;
                }
                Change::Undeny => self.undeny()?,
            }
        }
        let actor = self.now();
        Some(Takeover {
            is_admin: self.world.is_admin(&actor),
            steps: self.steps,
            certainty: self.certainty,
            actor,
        })
    }

    fn done(&mut self, deed: Deed<'_>) {
        self.certainty = self.certainty.min(deed.certainty);
        let now = self.now();
        let by = if deed.by_victim { &now } else { self.actor };
        self.steps.push(deed.step(by, self.victim.arn.as_str()));
    }

    /// The surest of several deeds, of the actor or, where it is or becomes the victim, of the victim itself.
    fn surest<'t>(&self, candidates: impl Iterator<Item = (Action, Target<'t>)>) -> Option<Deed<'t>> {
        let now = self.now();
        let mut best: Option<Deed<'t>> = None;
        for (action, target) in candidates {
            for (by_victim, by) in [(false, self.actor), (true, &now)] {
                // Before the first step the victim is just what it was, and the actor may be that very victim.
                let is_victim = self.steps.is_empty() && self.actor.principal.arn == self.victim.arn;
                // IAM's actions are about the account of whoever takes them.
                let is_elsewhere = self.actor.principal.account != self.victim.account;
                if if by_victim { is_victim } else { is_elsewhere } {
                    continue;
                }
                let Some(certainty) = by.may(action, &target) else { continue };
                if best.as_ref().is_none_or(|best| certainty > best.certainty) {
                    best = Some(Deed { action, target, certainty, by_victim });
                }
                if certainty == Certainty::Is {
                    return best;
                }
            }
        }
        best
    }

    /// The ways to give the principal a policy that allows everything.
    fn adding(&self) -> Option<Deed<'w>>
    where
        'a: 'w,
    {
        let mut candidates = Vec::new();
        for holder in std::iter::once(self.victim).chain(self.world.groups_of(self.victim)) {
            let target = Target::principal(holder);
            let (put, attach) = match holder.kind {
                Kind::User | Kind::Member => (Action::PutUserPolicy, Action::AttachUserPolicy),
                Kind::Group => (Action::PutGroupPolicy, Action::AttachGroupPolicy),
                Kind::Role if holder.is_reserved => continue,
                Kind::Role => (Action::PutRolePolicy, Action::AttachRolePolicy),
            };
            candidates.push((put, target));
            candidates.push((attach, target.with("iam:PolicyARN", self.world.administrator_access)));
            let attached = holder.attached.iter().filter_map(|id| self.world.managed(*id));
            candidates.extend(attached.filter_map(|managed| self.rewriting(managed)));
        }
        self.surest(candidates.into_iter())
    }

    /// Makes a policy of a name that may be attached, and attaches it.
    fn attach_new(&mut self) -> Option<()> {
        let attach = match self.victim.kind {
            Kind::User | Kind::Member => Action::AttachUserPolicy,
            Kind::Role if !self.victim.is_reserved => Action::AttachRolePolicy,
            Kind::Role | Kind::Group => return None,
        };
        if !self.actor.reach().has(Action::CreatePolicy) {
            return None;
        }
        let names = creation::policy_names(self.actor, attach);
        names.iter().find_map(|name| {
            let making = self.surest(std::iter::once((Action::CreatePolicy, Target::named(name))))?;
            let target = Target::principal(self.victim).with("iam:PolicyARN", name);
            let attaching = self.surest(std::iter::once((attach, target)))?;
            self.done(making);
            self.done(attaching);
            Some(())
        })
    }

    /// Rewriting a managed policy, unless it is one of AWS or has no room for another version.
    fn rewriting(&self, managed: &'a ManagedPolicy) -> Option<(Action, Target<'a>)> {
        let target = Target::named(managed.arn.as_str());
        let has_room = managed.versions < MOST_VERSIONS
            || self.actor.may(Action::DeletePolicyVersion, &target).is_some()
            || self.now().may(Action::DeletePolicyVersion, &target).is_some();
        (!managed.arn.is_aws_managed() && has_room).then_some((Action::CreatePolicyVersion, target))
    }

    fn by_what_is_there(&self) -> Option<Takeover<'a>> {
        let mut best: Option<Takeover<'a>> = None;
        let mut consider = |action: Action, target: Target<'_>, held: Vec<Held<'a>>| {
            let Some(deed) = self.surest(std::iter::once((action, target))) else { return };
            if best.as_ref().is_some_and(|best| best.certainty >= deed.certainty) {
                return;
            }
            let identity = held.into_iter().map(|held| held.document).collect();
            let actor = Actor { principal: self.victim, identity, boundary: self.boundary };
            if self.world.is_admin(&actor) {
                let by = if deed.by_victim { &self.now() } else { self.actor };
                let steps = vec![deed.step(by, self.victim.arn.as_str())];
                best = Some(Takeover { steps, certainty: deed.certainty, actor, is_admin: true });
            }
        };
        let reach = self.actor.reach().union(self.now().reach());
        if reach.has(Action::AddUserToGroup) && matches!(self.victim.kind, Kind::User | Kind::Member) {
            for group in self.world.admin_groups().filter(|group| group.account == self.victim.account) {
                let added = self.world.documents_of(group).map(|document| Held { document, holder: group });
                let held = self.held.iter().copied().chain(added).collect();
                consider(Action::AddUserToGroup, Target::principal(group), held);
            }
        }
        for holder in std::iter::once(self.victim).chain(self.world.groups_of(self.victim)) {
            if reach.has(Action::SetDefaultPolicyVersion) {
                for managed in holder.attached.iter().filter_map(|id| self.world.managed(*id)) {
                    let others = managed.others.iter().filter_map(|id| self.world.document(*id));
                    let old = managed.default.as_ref().ok().and_then(|id| self.world.document(*id));
                    for document in others.filter(|_| !managed.arn.is_aws_managed()) {
                        let kept = self
                            .held
                            .iter()
                            .copied()
                            .filter(|held| old.is_none_or(|old| !std::ptr::eq(old, held.document)));
                        let held = kept.chain([Held { document, holder }]).collect();
                        let target = Target::named(managed.arn.as_str());
                        consider(Action::SetDefaultPolicyVersion, target, held);
                    }
                }
            }
            let attach = match holder.kind {
                Kind::User | Kind::Member => Action::AttachUserPolicy,
                Kind::Group => Action::AttachGroupPolicy,
                Kind::Role if holder.is_reserved => continue,
                Kind::Role => Action::AttachRolePolicy,
            };
            // Who may attach any policy attaches the one that allows everything.
            let some = std::iter::once((attach, Target::principal(holder)));
            if reach.has(attach) && self.surest(some).is_some() && self.adding().is_none() {
                for managed in self.world.each_managed() {
                    let Some(document) =
                        managed.default.as_ref().ok().and_then(|id| self.world.document(*id))
                    else {
                        continue;
                    };
                    let target = Target::principal(holder).with("iam:PolicyARN", managed.arn.as_str());
                    let held = self.held.iter().copied().chain([Held { document, holder }]).collect();
                    consider(attach, target, held);
                }
            }
        }
        best
    }

    fn unbinding(&self) -> Option<Deed<'w>>
    where
        'a: 'w,
    {
        let (delete, put) = match self.victim.kind {
            Kind::User | Kind::Member => {
                (Action::DeleteUserPermissionsBoundary, Action::PutUserPermissionsBoundary)
            }
            Kind::Role if !self.victim.is_reserved => {
                (Action::DeleteRolePermissionsBoundary, Action::PutRolePermissionsBoundary)
            }
            Kind::Role | Kind::Group => return None,
        };
        let target = Target::principal(self.victim);
        let boundary = self.victim.boundary.as_ref()?;
        let rewriting = boundary.managed.and_then(|id| self.rewriting(self.world.managed(id)?));
        let candidates = [
            (delete, target),
            (put, target.with("iam:PermissionsBoundary", self.world.administrator_access)),
        ];
        self.surest(candidates.into_iter().chain(rewriting))
    }

    /// Takes off every policy that denies, as far as somebody may; `None` if none can be.
    fn undeny(&mut self) -> Option<()> {
        let before = self.held.len();
        let denying: Vec<Held<'a>> = self.held.iter().copied().filter(|held| held.document.denies).collect();
        for held in denying {
            let Some(deed) = self.removing(held) else { continue };
            self.done(deed);
            let is_it = |other: &Held<'a>| {
                std::ptr::eq(other.document, held.document) && std::ptr::eq(other.holder, held.holder)
            };
            self.held.retain(|other| !is_it(other));
        }
        (self.held.len() < before).then_some(())
    }

    fn removing(&self, held: Held<'a>) -> Option<Deed<'w>>
    where
        'a: 'w,
    {
        let Held { document, holder } = held;
        let target = Target::principal(holder);
        let managed = document.managed.and_then(|id: ManagedId| self.world.managed(id));
        let (delete, put, detach) = match holder.kind {
            Kind::User | Kind::Member => {
                (Action::DeleteUserPolicy, Action::PutUserPolicy, Action::DetachUserPolicy)
            }
            Kind::Group => (Action::DeleteGroupPolicy, Action::PutGroupPolicy, Action::DetachGroupPolicy),
            Kind::Role if holder.is_reserved => return None,
            Kind::Role => (Action::DeleteRolePolicy, Action::PutRolePolicy, Action::DetachRolePolicy),
        };
        let mut candidates = match managed {
            // Putting a policy of the same name replaces it.
            None => vec![(delete, target), (put, target)],
            Some(managed) => vec![(detach, target.with("iam:PolicyARN", managed.arn.as_str()))],
        };
        candidates.extend(managed.and_then(|managed| self.rewriting(managed)));
        if holder.kind == Kind::Group {
            candidates.push((Action::RemoveUserFromGroup, target));
        }
        self.surest(candidates.into_iter())
    }
}

/// A managed policy has at most five versions.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST_VERSIONS: usize = 5;
