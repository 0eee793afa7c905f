//! Groups and customer managed policies as the bulk read tells them. Nothing changes them yet, so they have no
//! versions in time.

use jiff::Timestamp;
use shared::facts::{self, Fact, GroupIdentity, PolicyIdentity};
use shared::identifier::{Arn, UniqueId};

use super::iam::{Iam, Role, User, arn};
use super::read::{attached, inline};
use super::versions::Versions;
use crate::account_file::{self, derive};

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
        seen.document = Fact::Known(policy.document.clone());
        seen.attachments = Fact::Known(self.attachments(&arn, now));
        seen.bounds = Fact::Known(self.bounds(&arn, now));
        Some(seen)
    }

    fn attachments(&self, policy: &Arn, now: Timestamp) -> u64 {
        let users = self.users_seen(now).filter(|user| user.attached.contains(policy)).count();
        let roles = self.roles_seen(now).filter(|role| role.attached.contains(policy)).count();
        let groups = self.groups.iter().filter(|group| group.attached_policies.contains(policy)).count();
        (users + roles + groups) as u64
    }

    fn bounds(&self, policy: &Arn, now: Timestamp) -> u64 {
        let users = self.users_seen(now).filter(|user| user.boundary.as_ref() == Some(policy)).count();
        let roles = self.roles_seen(now).filter(|role| role.boundary.as_ref() == Some(policy)).count();
        (users + roles) as u64
    }

    pub(super) fn users_seen(&self, now: Timestamp) -> impl Iterator<Item = &User> {
        self.users.values().filter_map(move |versions: &Versions<User>| versions.seen(now))
    }

    pub(super) fn roles_seen(&self, now: Timestamp) -> impl Iterator<Item = &Role> {
        self.roles.values().filter_map(move |versions: &Versions<Role>| versions.seen(now))
    }
}
