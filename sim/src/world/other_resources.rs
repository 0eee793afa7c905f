//! Groups and customer managed policies as the bulk read tells them. Nothing changes them yet, so they have no
//! versions in time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::facts::{self, AwsManagedPolicy, Fact, GroupIdentity, PolicyIdentity};
use shared::identifier::{Arn, UniqueId};

use super::aws_managed::well_known;
use super::iam::{Iam, Role, User, arn};
use super::read::{attached, inline};
use super::versions::Versions;
use crate::account_file::{self, derive};

/// How often each managed policy is attached, and how often it is somebody's boundary.
#[derive(Default)]
pub(super) struct Uses<'a> {
    attachments: BTreeMap<&'a Arn, u64>,
    bounds: BTreeMap<&'a Arn, u64>,
}

impl Iam {
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
        seen.document = Fact::Known(policy.document.clone());
        seen.other_documents = Fact::Known(policy.other_versions.clone());
        seen.attachments = Fact::Known(uses.attachments.get(&arn).copied().unwrap_or_default());
        seen.bounds = Fact::Known(uses.bounds.get(&arn).copied().unwrap_or_default());
        Some(seen)
    }

    /// How often each managed policy is used.
    pub(super) fn uses(&self, now: Timestamp) -> Uses<'_> {
        let mut uses = Uses::default();
        let users = self.users_seen(now).map(|user| (&user.attached, user.boundary.as_ref()));
        let roles = self.roles_seen(now).map(|role| (&role.attached, role.boundary.as_ref()));
        let groups = self.groups.iter().map(|group| (&group.attached_policies, None));
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

    pub(super) fn users_seen(&self, now: Timestamp) -> impl Iterator<Item = &User> {
        self.users.values().filter_map(move |versions: &Versions<User>| versions.seen(now))
    }

    pub(super) fn roles_seen(&self, now: Timestamp) -> impl Iterator<Item = &Role> {
        self.roles.values().filter_map(move |versions: &Versions<Role>| versions.seen(now))
    }
}
