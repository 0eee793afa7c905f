//! Groups and customer managed policies: how reads tell them, and how writes change them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::engine::{ReadIam, ResourceName};
use shared::facts::{
    self, AwsManagedPolicy, Fact, GroupIdentity, Need, PolicyIdentity, Read, ResourceIdentity, Unread,
};
use shared::identifier::{Arn, GroupName, UniqueId};

use super::World;
use super::aws_managed::well_known;
use super::iam::{AGE_BY_DEFAULT, Iam, Role, User, arn};
use super::policy_versions;
use super::read::{IntoFact, attached, inline, no_such};
use super::state::State;
use super::versions::Versions;
use crate::account_file::{self, derive};

/// How often each managed policy is attached, and how often it is somebody's boundary.
#[derive(Default)]
pub(super) struct Uses<'a> {
    attachments: BTreeMap<&'a Arn, u64>,
    bounds: BTreeMap<&'a Arn, u64>,
}

impl World {
    pub(super) async fn refresh_group(&self, group: &mut facts::Group, needs: &BTreeSet<Need>) {
        let name = group.identity.name.clone();
        let seen = |state: &mut State| {
            state.iam.named_group(&name, state.now).ok_or_else(|| no_such("group", name.as_str()))
        };
        if needs.contains(&Need::InlinePolicies) {
            let listed = |state: &mut State| {
                seen(state).map(|group| group.inline_policies.list().unwrap_or_default().to_vec())
            };
            let mut policies = self.pages(Read::ListGroupPolicies, name.as_str(), listed).await;
            for policy in policies.clone().unwrap_or_default() {
                let text = |state: &mut State| seen(state).map(|_| policy.document.clone());
                if let Err(unread) = self.read(Read::GetGroupPolicy, name.as_str(), text).await {
                    policies = Err(unread);
                    break;
                }
            }
            group.inline_policies = policies.into_fact();
        }
        if needs.contains(&Need::AttachedPolicies) {
            let listed = |state: &mut State| {
                seen(state).map(|group| group.attached_policies.list().unwrap_or_default().to_vec())
            };
            group.attached_policies =
                self.pages(Read::ListAttachedGroupPolicies, name.as_str(), listed).await.into_fact();
        }
    }
}

impl World {
    pub(super) async fn refresh_policy(&self, policy: &mut facts::ManagedPolicy, needs: &BTreeSet<Need>) {
        let arn = policy.identity.arn.clone();
        let seen = |state: &mut State| {
            let seen = state.iam.policy_seen(&arn, state.now);
            let seen =
                seen.and_then(|policy| state.iam.policy(policy, &state.iam.uses(state.now), state.now));
            seen.ok_or_else(|| no_such("policy", arn.as_str()))
        };
        if needs.contains(&Need::PolicyText) {
            match self.read(Read::GetPolicyVersion, arn.as_str(), seen).await {
                Ok(seen) => {
                    policy.document = seen.document;
                    policy.default_version = seen.default_version;
                }
                Err(unread) => policy.document = Fact::Unknown(unread),
            }
        }
        if needs.contains(&Need::PolicyVersions) {
            let listed = |state: &mut State| {
                seen(state).map(|policy| policy.other_versions.list().unwrap_or_default().to_vec())
            };
            let mut others = self.pages(Read::ListPolicyVersions, arn.as_str(), listed).await.into_fact();
            if let Fact::Known(others) = &mut others {
                for other in others {
                    let text = other.document.clone();
                    let read = self.read(Read::GetPolicyVersion, arn.as_str(), |_| Ok(text.clone())).await;
                    other.document = read.unwrap_or_else(Fact::Unknown);
                }
            }
            policy.other_versions = others;
        }
        if needs.contains(&Need::Holders) {
            policy.holders = self.holders(&arn).await.into_fact();
        }
    }

    /// Who has a policy: their names first, then each by itself, as IAM gives them.
    async fn holders(&self, policy: &Arn) -> Result<BTreeSet<ResourceIdentity>, Unread> {
        let names = |state: &mut State| Ok(state.iam.holders_of(policy, state.now));
        let mut holders = BTreeSet::new();
        for name in self.pages(Read::ListEntitiesForPolicy, policy.as_str(), names).await? {
            let Some(holder) = self.find(&name).await? else { continue };
            if let Some(members) = holder.holders() {
                holders.extend(members.known().map_err(Clone::clone)?.into_iter().flatten().cloned());
            }
            holders.insert(holder.identity());
        }
        Ok(holders)
    }
}

impl State {
    pub(super) fn change_group(
        &mut self,
        name: &GroupName,
        change: impl FnOnce(&mut account_file::Group, &Iam) -> Result<(), String>,
    ) -> Result<(), String> {
        let of = |versions: &&mut Versions<account_file::Group>| {
            versions.latest().is_some_and(|group| group.name == *name)
        };
        let latest = self.iam.groups.iter().filter_map(Versions::latest).find(|group| group.name == *name);
        let mut group = latest
            .cloned()
            .ok_or_else(|| format!("NoSuchEntity: The group with name {name} cannot be found."))?;
        change(&mut group, &self.iam)?;
        let (now, seen_from) = (self.now, self.seen_from());
        if let Some(versions) = self.iam.groups.iter_mut().find(of) {
            versions.write(now, seen_from, Some(group));
        }
        Ok(())
    }

    pub(super) fn change_policy(
        &mut self,
        arn: &Arn,
        change: impl FnOnce(&mut account_file::Policy) -> Result<(), String>,
    ) -> Result<(), String> {
        let (now, seen_from) = (self.now, self.seen_from());
        let place = self.iam.places.get(arn).copied();
        let versions = place.and_then(|place| self.iam.policies.get_mut(place));
        let none = || format!("NoSuchEntity: Policy {arn} was not found.");
        let versions = versions.ok_or_else(none)?;
        let mut policy = versions.latest().cloned().ok_or_else(none)?;
        change(&mut policy)?;
        versions.write(now, seen_from, Some(policy));
        Ok(())
    }
}

impl Iam {
    /// The group of this name, with all there is to it but its members.
    fn named_group(&self, name: &GroupName, now: Timestamp) -> Option<facts::Group> {
        self.group(self.groups_seen(now).find(|group| group.name == *name)?)
    }

    /// A group as `GetGroup` tells it: who it is and who belongs to it.
    pub(super) fn found_group(&self, name: &GroupName, now: Timestamp) -> Option<facts::Group> {
        let seen = self.named_group(name, now)?;
        let mut found = facts::Group::unread(seen.identity);
        let members = || self.users_seen(now).filter(|user| user.groups.contains(name));
        found.members = Fact::Known(members().map(|user| user.identity.name.clone()).collect());
        found.holders = Fact::Known(members().map(|user| user.identity.clone().into()).collect());
        Some(found)
    }

    /// Whom a policy is attached to or bounds, as `ListEntitiesForPolicy` tells them: by name.
    fn holders_of(&self, policy: &Arn, now: Timestamp) -> Vec<ResourceName> {
        let has = |attached: &BTreeSet<Arn>, boundary: Option<&Arn>| {
            attached.contains(policy) || boundary == Some(policy)
        };
        let users = self.users_seen(now).filter(|user| has(&user.attached, user.boundary.as_ref()));
        let roles = self.roles_seen(now).filter(|role| has(&role.attached, role.boundary.as_ref()));
        let groups = self.groups_seen(now).filter(|group| has(&group.attached_policies, None));
        users
            .map(|user| ResourceName::User(user.identity.name.clone()))
            .chain(roles.map(|role| ResourceName::Role(role.identity.name.clone())))
            .chain(groups.map(|group| ResourceName::Group(group.name.clone())))
            .collect()
    }

    /// A policy as `GetPolicy` tells it: which it is and how often it is used, not its text.
    pub(super) fn found_policy(&self, arn: &Arn, now: Timestamp) -> Option<facts::ManagedPolicy> {
        let seen = self.policy(self.policy_seen(arn, now)?, &self.uses(now), now)?;
        let mut found = facts::ManagedPolicy::unread(seen.identity);
        found.created = seen.created;
        found.default_version = seen.default_version;
        found.attachments = seen.attachments;
        found.bounds = seen.bounds;
        Some(found)
    }

    pub(super) fn group(&self, group: &account_file::Group) -> Option<facts::Group> {
        let name = group.name.clone();
        let mut seen = facts::Group::unread(GroupIdentity {
            account: self.account.clone(),
            arn: arn(&self.account, "group", &group.path, name.as_str())?,
            unique_id: match &group.id {
                Some(id) => id.clone(),
                None => UniqueId::parse(&derive("AGPA", name.as_str(), 21)).ok()?,
            },
            name,
        });
        let policies = group.inline_policies.iter();
        seen.inline_policies =
            Fact::Known(policies.map(|policy| inline(&policy.name, policy.document.clone())).collect());
        seen.attached_policies = Fact::Known(attached(&group.attached_policies));
        Some(seen)
    }

    pub(super) fn policy(
        &self,
        policy: &account_file::Policy,
        uses: &Uses<'_>,
        now: Timestamp,
    ) -> Option<facts::ManagedPolicy> {
        let name = policy.name.clone();
        let arn = arn(&self.account, "policy", &policy.path, name.as_str())?;
        let mut seen = facts::ManagedPolicy::unread(PolicyIdentity {
            account: self.account.clone(),
            arn: arn.clone(),
            unique_id: match &policy.id {
                Some(id) => id.clone(),
                None => UniqueId::parse(&derive("ANPA", name.as_str(), 21)).ok()?,
            },
            name,
        });
        let created = policy.created.unwrap_or_else(|| now.saturating_sub(AGE_BY_DEFAULT).unwrap_or(now));
        seen.created = Fact::Known(created);
        seen.document = Fact::Known(policy.document.clone());
        seen.default_version = policy_versions::in_force(policy).into();
        seen.other_versions = Fact::Known(policy_versions::others(policy));
        seen.attachments = Fact::Known(uses.attachments.get(&arn).copied().unwrap_or_default());
        seen.bounds = Fact::Known(uses.bounds.get(&arn).copied().unwrap_or_default());
        Some(seen)
    }

    /// How often each managed policy is used.
    pub(super) fn uses(&self, now: Timestamp) -> Uses<'_> {
        let mut uses = Uses::default();
        let users = self.users_seen(now).map(|user| (&user.attached, user.boundary.as_ref()));
        let roles = self.roles_seen(now).map(|role| (&role.attached, role.boundary.as_ref()));
        let groups = self.groups_seen(now).map(|group| (&group.attached_policies, None));
        for (attached, boundary) in users.chain(roles).chain(groups) {
            for policy in attached {
                *uses.attachments.entry(policy).or_default() += 1;
            }
            if let Some(policy) = boundary {
                *uses.bounds.entry(policy).or_default() += 1;
            }
        }
        uses
    }

    /// The policies of AWS that somebody has, as far as their texts are known.
    pub(super) fn aws_managed_in_use(&self, now: Timestamp) -> Vec<AwsManagedPolicy> {
        let Uses { attachments, bounds } = self.uses(now);
        let used = attachments.into_keys().chain(bounds.into_keys()).filter(|arn| arn.is_aws_managed());
        let used: BTreeSet<&Arn> = used.collect();
        let text = |arn: &Arn| {
            let told = self.aws_managed_policies.iter().find(|policy| policy.arn == *arn);
            told.map(|policy| policy.document.clone()).or_else(|| well_known(arn))
        };
        let known = used.into_iter().filter_map(|arn| Some((arn.clone(), Fact::Known(text(arn)?))));
        known.map(|(arn, document)| AwsManagedPolicy { arn, document }).collect()
    }

    pub(super) fn groups_seen(&self, now: Timestamp) -> impl Iterator<Item = &account_file::Group> {
        self.groups.iter().filter_map(move |versions| versions.seen(now))
    }

    pub(super) fn policies_seen(&self, now: Timestamp) -> impl Iterator<Item = &account_file::Policy> {
        self.policies.iter().filter_map(move |versions| versions.seen(now))
    }

    /// The policy of this ARN, as reads see it.
    pub(super) fn policy_seen(&self, arn: &Arn, now: Timestamp) -> Option<&account_file::Policy> {
        self.policies.get(*self.places.get(arn)?)?.seen(now)
    }

    pub(super) fn users_seen(&self, now: Timestamp) -> impl Iterator<Item = &User> {
        self.users.values().filter_map(move |versions: &Versions<User>| versions.seen(now))
    }

    pub(super) fn roles_seen(&self, now: Timestamp) -> impl Iterator<Item = &Role> {
        self.roles.values().filter_map(move |versions: &Versions<Role>| versions.seen(now))
    }
}
