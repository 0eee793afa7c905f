//! IAM's reads of the whole account.

use jiff::SignedDuration;
use shared::engine::{Clock, Page, ReadAccount};
use std::collections::{BTreeMap, BTreeSet};

use shared::facts::{Account, AwsManagedPolicy, Fact, FederationProtocol, Need, Read, Resource, Unread};
use shared::identifier::UniqueId;
use shared::rules::ResourceType;

use super::World;
use super::credential_report;
use super::iam::{Role, User};
use super::other_resources::Uses;
use super::state::State;
use crate::account_file;

/// The target of calls that list AWS's policies.
const AWS_MANAGED: &str = "AWSManagedPolicy";

/// IAM makes a new report only when the last one is older.
const REPORT_LASTS: SignedDuration = SignedDuration::from_hours(4);

/// What a page may hold. A page's own are looked at more closely, and no others.
enum Listed<'a> {
    User(&'a User),
    Role(&'a Role),
    Group(&'a account_file::Group),
    Policy(&'a account_file::Policy),
}

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
            let users = iam.users_seen(now).filter(|_| of(ResourceType::User)).map(Listed::User);
            let roles = iam.roles_seen(now).filter(|_| of(ResourceType::Role)).map(Listed::Role);
            let groups = iam.groups_seen(now).filter(|_| of(ResourceType::Group)).map(Listed::Group);
            let policies = iam.policies_seen(now).filter(|_| of(ResourceType::Policy)).map(Listed::Policy);
            let page = state.pages.page(users.chain(groups).chain(roles).chain(policies), marker);
            let has_policies = page.items.iter().any(|listed| matches!(listed, Listed::Policy(_)));
            let uses = if has_policies { iam.uses(now) } else { Uses::default() };
            let items = page.items.into_iter().filter_map(|listed| match listed {
                Listed::User(user) => Some(user.detailed().into()),
                Listed::Role(role) => Some(role.detailed().into()),
                Listed::Group(group) => iam.group(group).map(Resource::from),
                Listed::Policy(policy) => iam.policy(policy, &uses, now).map(Resource::from),
            });
            Ok(Page { items: items.collect(), next: page.next })
        })
        .await
    }

    async fn aws_managed_policies(&self, marker: Option<&str>) -> Result<Page<AwsManagedPolicy>, Unread> {
        self.read(Read::GetAccountAuthorizationDetails, AWS_MANAGED, |state| {
            Ok(state.pages.page(state.iam.aws_managed_in_use(state.now), marker))
        })
        .await
    }

    async fn others(&self, kind: ResourceType, needs: &BTreeSet<Need>) -> Result<Vec<Resource>, Unread> {
        match kind {
            ResourceType::ServerCertificate => {
                self.server_certificates(needs.contains(&Need::ServerCertificateTags)).await
            }
            ResourceType::SamlProvider => self.identity_providers(FederationProtocol::Saml).await,
            ResourceType::OidcProvider => self.identity_providers(FederationProtocol::Oidc).await,
            _ => Ok(Vec::new()),
        }
    }

    async fn account(&self, mut account: Account, needs: &BTreeSet<Need>) -> Option<Account> {
        self.state.borrow().iam.settings.as_ref()?;
        self.refresh_account(&mut account, needs).await;
        Some(account)
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
