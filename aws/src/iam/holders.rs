use std::collections::BTreeSet;

use aws_sdk_iam::types::{PolicyGroup, PolicyRole, PolicyUser};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use shared::engine::{ReadIam, ResourceName};
use shared::facts::{Read, ResourceIdentity, Unread};
use shared::identifier::{Arn, GroupName, RoleName, UserName};

use super::pages::listed;
use super::{AT_ONCE, Iam, senseless};

const READ: Read = Read::ListEntitiesForPolicy;

impl Iam {
    /// Whom a policy is attached to or bounds, and the members of those of them that are groups. IAM lists them without
    /// their paths, so that each is looked up; whoever is gone by then has nothing to lose.
    pub(super) async fn holders(&self, policy: &Arn) -> Result<BTreeSet<ResourceIdentity>, Unread> {
        // Without a filter it lists users of both kinds: as a permissions policy and as a boundary.
        let names = listed!(
            READ,
            self.client.list_entities_for_policy().policy_arn(policy.as_str()),
            |answer| named(answer.policy_users, answer.policy_roles, answer.policy_groups)
        )
        .await?;
        let found: Vec<_> = stream::iter(names)
            .map(async |name| self.find(&name?).await)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut holders = BTreeSet::new();
        for holder in found.into_iter().flatten() {
            holders.insert(holder.identity());
            if let Some(members) = holder.holders() {
                holders.extend(members.known().map_err(Clone::clone)?.into_iter().flatten().cloned());
            }
        }
        Ok(holders)
    }
}

/// Whom a page of the listing names.
fn named(
    users: Option<Vec<PolicyUser>>,
    roles: Option<Vec<PolicyRole>>,
    groups: Option<Vec<PolicyGroup>>,
) -> Vec<Result<ResourceName, Unread>> {
    let users = users.into_iter().flatten().map(|user| {
        let name = UserName::parse(user.user_name().unwrap_or_default());
        name.map(ResourceName::User).map_err(|error| senseless(READ, error))
    });
    let roles = roles.into_iter().flatten().map(|role| {
        let name = RoleName::parse(role.role_name().unwrap_or_default());
        name.map(ResourceName::Role).map_err(|error| senseless(READ, error))
    });
    let groups = groups.into_iter().flatten().map(|group| {
        let name = GroupName::parse(group.group_name().unwrap_or_default());
        name.map(ResourceName::Group).map_err(|error| senseless(READ, error))
    });
    users.chain(roles).chain(groups).collect()
}
