use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_iam::config::Config;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::EntityType;
use shared::engine::Page;
use shared::facts::{AwsManagedPolicy, Fact, Read, Resource, Unread};
use shared::identifier::UniqueId;
use shared::rules::ResourceType;

use super::find::session_duration;
use super::pages::{IamPage, listed};
use super::{Iam, detail, senseless};
use crate::failure::Failure;
use crate::sdk::timeouts;

/// The most resources of one page (IAM API, `MaxItems`).
const MOST: i32 = 1000;

const READ: Read = Read::GetAccountAuthorizationDetails;

impl Iam {
    /// A page of resources with all that one call tells of them.
    pub(super) async fn page(
        &self,
        kinds: &BTreeSet<ResourceType>,
        marker: Option<&str>,
    ) -> Result<Page<Resource>, Unread> {
        let answer = self.details(kinds.iter().copied().filter_map(entity_type).collect(), marker).await?;
        let next = IamPage::<Resource>::next(answer.is_truncated, answer.marker, READ)?;
        let users = answer.user_detail_list.unwrap_or_default();
        let groups = answer.group_detail_list.unwrap_or_default();
        let roles = answer.role_detail_list.unwrap_or_default();
        let policies = answer.policies.unwrap_or_default();
        let items = users
            .into_iter()
            .map(|user| detail::user(self, user).map(Resource::from))
            .chain(groups.into_iter().map(|group| detail::group(self, group).map(Resource::from)))
            .chain(roles.into_iter().map(|role| detail::role(self, role).map(Resource::from)))
            .chain(policies.into_iter().map(|policy| detail::policy(self, policy).map(Resource::from)));
        Ok(Page { items: items.collect::<Result<_, _>>()?, next })
    }

    /// A page of AWS's own policies.
    pub(super) async fn aws_managed_page(
        &self,
        marker: Option<&str>,
    ) -> Result<Page<AwsManagedPolicy>, Unread> {
        let answer = self.details(vec![EntityType::AwsManagedPolicy], marker).await?;
        let next = IamPage::<AwsManagedPolicy>::next(answer.is_truncated, answer.marker, READ)?;
        let policies = answer.policies.unwrap_or_default().into_iter().map(detail::aws_managed_policy);
        Ok(Page { items: policies.collect::<Result<_, _>>()?, next })
    }

    async fn details(
        &self,
        kinds: Vec<EntityType>,
        marker: Option<&str>,
    ) -> Result<GetAccountAuthorizationDetailsOutput, Unread> {
        let request = self
            .client
            .get_account_authorization_details()
            .set_filter(Some(kinds))
            .max_items(MOST)
            .set_marker(marker.map(str::to_owned))
            .customize()
            // A thousand users with their policies take longer than one.
            .config_override(
                Config::builder().timeout_config(timeouts(Duration::from_secs(30), Duration::from_secs(90))),
            );
        request.send().await.map_err(|error| Failure::of(&error).unread(READ))
    }
}

impl Iam {
    /// How long a session of each role may last.
    pub(super) async fn durations(&self) -> Result<BTreeMap<UniqueId, u32>, Unread> {
        const READ: Read = Read::ListRoles;
        let roles = listed!(READ, self.client.list_roles().max_items(MOST), |page| page.roles);
        let mut durations = BTreeMap::new();
        for role in roles.await? {
            let id = UniqueId::parse(&role.role_id).map_err(|error| senseless(READ, error))?;
            if let Fact::Known(seconds) = session_duration(role.max_session_duration, READ) {
                durations.insert(id, seconds);
            }
        }
        Ok(durations)
    }
}

fn entity_type(kind: ResourceType) -> Option<EntityType> {
    match kind {
        ResourceType::User => Some(EntityType::User),
        ResourceType::Role => Some(EntityType::Role),
        ResourceType::Group => Some(EntityType::Group),
        ResourceType::Policy => Some(EntityType::LocalManagedPolicy),
        // They have listings of their own.
        ResourceType::ServerCertificate
        | ResourceType::SamlProvider
        | ResourceType::OidcProvider
        | ResourceType::Account => None,
    }
}
