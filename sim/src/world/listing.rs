//! IAM's reads of the whole account.

use jiff::SignedDuration;
use shared::engine::{Clock, Page, ReadAccount};
use std::collections::{BTreeMap, BTreeSet};

use shared::facts::{Fact, Read, Resource, Unread};
use shared::identifier::UniqueId;
use shared::rules::ResourceType;

use super::World;
use super::credential_report;
use super::state::State;

/// IAM makes a new report only when the last one is older.
const REPORT_LASTS: SignedDuration = SignedDuration::from_hours(4);

impl ReadAccount for World {
    async fn resources(
        &self,
        kinds: &BTreeSet<ResourceType>,
        marker: Option<&str>,
    ) -> Result<Page<Resource>, Unread> {
        self.read(Read::GetAccountAuthorizationDetails, marker.unwrap_or_default(), |state| {
            let now = state.now;
            let iam = &state.iam;
            let of = |kind| kinds.contains(&kind);
            let users = iam.users_seen(now).filter(|_| of(ResourceType::User));
            let users = users.map(|user| Resource::from(user.detailed()));
            let roles = iam.roles_seen(now).filter(|_| of(ResourceType::Role));
            let roles = roles.map(|role| Resource::from(role.detailed()));
            let groups = iam.groups_seen(now).filter(|_| of(ResourceType::Group));
            let groups = groups.filter_map(|group| iam.group(group)).map(Resource::from);
            let policies = iam.policies_seen(now).filter(|_| of(ResourceType::Policy));
            let policies = policies.filter_map(|policy| iam.policy(policy, now)).map(Resource::from);
            Ok(state.pages.page(users.chain(groups).chain(roles).chain(policies), marker))
        })
        .await
    }

    async fn session_durations(&self) -> Result<BTreeMap<UniqueId, u32>, Unread> {
        let listed = self.pages(Read::ListRoles, "", |state| {
            let roles = state.iam.roles_seen(state.now);
            Ok(roles.map(|role| (role.identity.unique_id.clone(), role.max_session_duration)).collect())
        });
        Ok(listed.await?.into_iter().collect())
    }

    async fn credential_report(&self) -> Fact<Vec<u8>> {
        loop {
            let made =
                self.read(Read::GenerateCredentialReport, "", |state| Ok(state.generate_report())).await;
            match made {
                Ok(true) => break,
                Ok(false) => self.sleep(SignedDuration::from_secs(1)).await,
                Err(unread) => return Fact::Unknown(unread),
            }
        }
        let fetch = |state: &mut State| {
            let report = state.report.as_ref().map(|(_, csv)| csv.clone());
            report.ok_or_else(|| "ReportNotPresent: there is no credential report".to_owned())
        };
        match self.read(Read::GetCredentialReport, "", fetch).await {
            Ok(csv) => Fact::Known(csv),
            Err(unread) => Fact::Unknown(unread),
        }
    }
}

impl State {
    /// Whether a report is there; starts one where it is not.
    fn generate_report(&mut self) -> bool {
        let now = self.now;
        let fresh = self.report.as_ref().is_some_and(|(made, _)| now.duration_since(*made) < REPORT_LASTS);
        if !fresh {
            self.report = Some((now, credential_report::write(&self.iam, now)));
        }
        fresh
    }
}
