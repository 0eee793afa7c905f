//! IAM: reads of one principal, bulk reads of the account, and the writes of a plan's steps.

mod access_keys;
mod account;
mod account_settings;
mod attached_policies;
mod bearers;
mod certificates;
mod console;
mod credential_report;
mod detail;
mod find;
mod holders;
mod identity_providers;
mod inline_policies;
mod instance_profiles;
mod other_credentials;
mod pages;
mod policy_texts;
mod service_use;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use futures_util::stream::{self, StreamExt};
use shared::engine::{Page, ReadAccount, ReadIam, ResourceName, WriteError, WriteIam};
use shared::facts::{
    AccessKey, Account, AttachedPolicy, AwsManagedPolicy, Entity, Fact, InlinePolicy, LoginProfile,
    MfaDevice, Need, OtherCredential, OtherCredentialKind as Kind, PolicyVersion, Read, Resource,
    ResourceIdentity, Unread, WhyUnread,
};
use shared::identifier::{AccountId, Arn, PolicyVersionId, UniqueId, UserName};
use shared::policy::PolicyDocument;
use shared::remedy::Step;
use shared::rules::ResourceType;

use crate::sdk::{Lazy, lazily};
use bearers::Bearers;

/// How many reads of a kind run at once. IAM's rates are small, unpublished, and shared by all in the account.
const AT_ONCE: usize = 4;

/// How many groups of facts of one principal are read at once: as many as a suspension takes.
const OF_ONE_AT_ONCE: usize = 8;

/// What was read of a resource, by its name.
pub(crate) struct Readings(Vec<Reading>);

/// Reads of IAM.
pub struct Iam {
    client: Lazy<Client>,
    account: AccountId,
    bearers: Bearers,
}

/// Writes to IAM; only remediators hold one.
pub struct IamWriter {
    client: Lazy<Client>,
}

impl Iam {
    /// Reads with the given configuration; only principals of `account` are believed.
    pub fn new(sdk: &SdkConfig, account: AccountId) -> Self {
        Self { client: lazily(sdk, Client::new), account, bearers: Bearers::default() }
    }

    /// Reads all that a name is enough for.
    pub(crate) async fn readings(&self, name: &ResourceName, needs: &BTreeSet<Need>) -> Readings {
        // Keys come with their last use where both are needed, policies with their texts.
        let told_with = |need| match need {
            Need::AccessKeys => needs.contains(&Need::AccessKeyLastUse),
            Need::AttachedPolicies => {
                needs.contains(&Need::AttachedPolicyTexts) && matches!(name, ResourceName::User(_))
            }
            _ => false,
        };
        let needs = needs.iter().copied().filter(|need| !told_with(*need));
        let readings = stream::iter(needs).map(|need| self.reading(name, need));
        Readings(readings.buffer_unordered(OF_ONE_AT_ONCE).collect().await)
    }

    /// Enters what was read among the facts of a resource, and reads what takes more than its name.
    pub(crate) async fn complete(
        &self,
        resource: &mut Resource,
        Readings(readings): Readings,
        needs: &BTreeSet<Need>,
    ) {
        for reading in readings {
            reading.enter(resource);
        }
        match resource {
            Resource::Account(account) => self.refresh_account(account, needs).await,
            Resource::Entity(Entity::Role(role)) if needs.contains(&Need::ServiceUse) => {
                role.services = fact(self.service_use(&role.identity.arn).await);
            }
            _ => {}
        }
    }

    /// Reads one group of a resource's facts.
    async fn reading(&self, name: &ResourceName, need: Need) -> Reading {
        match (need, name) {
            (Need::PolicyText, ResourceName::Policy(policy)) => {
                Reading::PolicyText(self.policy_in_force(policy).await)
            }
            (Need::PolicyVersions, ResourceName::Policy(policy)) => {
                Reading::PolicyVersions(fact(self.other_policy_versions(policy).await))
            }
            (Need::Holders, ResourceName::Policy(policy)) => {
                Reading::Holders(fact(self.holders(policy).await))
            }
            // How often it is used comes with the policy, an account is read apart, and the others are listed with all
            // that is needed of them.
            (_, ResourceName::Policy(_) | ResourceName::Account(_) | ResourceName::Listed(_)) => {
                Reading::Nothing
            }
            (Need::InlinePolicies, _) => Reading::InlinePolicies(fact(self.inline_policies(name).await)),
            (Need::AttachedPolicies, _) => {
                Reading::AttachedPolicies(fact(self.attached_policies(name).await))
            }
            (Need::AttachedPolicyTexts, ResourceName::User(_)) => {
                let attached = self.attached_policies(name).await;
                let texts = match &attached {
                    Ok(policies) => self.policy_texts(policies).await,
                    Err(unread) => Err(unread.clone()),
                };
                Reading::AttachedPolicyTexts(fact(attached), fact(texts))
            }
            (Need::SshPublicKeys, ResourceName::User(user)) => {
                Reading::OtherCredentials(Kind::SshPublicKey, fact(self.ssh_public_keys(user).await))
            }
            (Need::ServiceSpecificCredentials, ResourceName::User(user)) => {
                let credentials = fact(self.service_specific_credentials(user).await);
                Reading::OtherCredentials(Kind::ServiceSpecificCredential, credentials)
            }
            (Need::SigningCertificates, ResourceName::User(user)) => {
                let certificates = fact(self.signing_certificates(user).await);
                Reading::OtherCredentials(Kind::SigningCertificate, certificates)
            }
            (Need::AccessKeys, ResourceName::User(user)) => {
                Reading::AccessKeys(fact(self.access_keys(user).await))
            }
            (Need::AccessKeyLastUse, ResourceName::User(user)) => {
                Reading::AccessKeys(fact(self.access_keys_with_last_use(user).await))
            }
            (Need::InstanceProfiles, ResourceName::Role(role)) => {
                Reading::InstanceProfiles(fact(self.instance_profiles(role).await))
            }
            (Need::LoginProfile, ResourceName::User(user)) => {
                Reading::LoginProfile(self.login_profile(user).await)
            }
            (Need::MfaDevices, ResourceName::User(user)) => {
                Reading::MfaDevices(fact(self.mfa_devices(user).await))
            }
            // They come with the resource, groups with the bulk read alone, a role has no credentials of its own, and
            // privileges take the whole account.
            (
                Need::Tags
                | Need::Trust
                | Need::SessionDuration
                | Need::RoleLastUse
                | Need::ServiceUse
                | Need::Groups
                | Need::Boundary
                | Need::PolicyText
                | Need::PolicyAttachments
                | Need::PolicyVersions
                | Need::Members
                | Need::Holders
                | Need::Privileges
                // The journal tells.
                | Need::SwitchedOffKeys
                | Need::Threats
                | Need::Departure
                // What is the account's is no principal's.
                | Need::AccountSummary
                | Need::RootUser
                | Need::RootMfaDevices
                | Need::PasswordPolicy
                | Need::KeyCount
                | Need::PolicyUsage
                | Need::Analyzers
                | Need::SecurityContact
                | Need::ServerCertificates
                | Need::ServerCertificateTags
                | Need::IdentityProviderTags,
                _,
            )
            | (
                Need::AttachedPolicyTexts
                | Need::AccessKeys
                | Need::AccessKeyLastUse
                | Need::LoginProfile
                | Need::MfaDevices
                | Need::SshPublicKeys
                | Need::ServiceSpecificCredentials
                | Need::SigningCertificates,
                ResourceName::Role(_) | ResourceName::Group(_),
            )
            | (Need::InstanceProfiles, ResourceName::User(_) | ResourceName::Group(_)) => Reading::Nothing,
        }
    }
}

impl IamWriter {
    /// Writes with the given configuration.
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: lazily(sdk, Client::new) }
    }
}

impl ReadIam for Iam {
    async fn find(&self, name: &ResourceName) -> Result<Option<Resource>, Unread> {
        match name {
            ResourceName::User(user) => Ok(self.find_user(user).await?.map(Resource::from)),
            ResourceName::Role(role) => Ok(self.find_role(role).await?.map(Resource::from)),
            ResourceName::Group(group) => Ok(self.find_group(group).await?.map(Resource::from)),
            ResourceName::Policy(policy) => Ok(self.find_policy(policy).await?.map(Resource::from)),
            ResourceName::Account(identity) => {
                let is_own = identity.account == self.account;
                Ok(is_own.then(|| Account::unread(identity.clone()).into()))
            }
            ResourceName::Listed(arn) => Err(Unread::new(
                Read::ListServerCertificates,
                WhyUnread::NotRead,
                format!("{arn} is only ever listed"),
            )),
        }
    }

    async fn refresh(&self, resource: &mut Resource, needs: &BTreeSet<Need>) {
        let readings = self.readings(&ResourceName::of(&resource.identity()), needs).await;
        self.complete(resource, readings, needs).await;
    }
}

impl ReadAccount for Iam {
    async fn resources(
        &self,
        kinds: &BTreeSet<ResourceType>,
        marker: Option<&str>,
    ) -> Result<Page<Resource>, Unread> {
        self.page(kinds, marker).await
    }

    async fn aws_managed_policies(&self, marker: Option<&str>) -> Result<Page<AwsManagedPolicy>, Unread> {
        self.aws_managed_page(marker).await
    }

    async fn others(&self, kind: ResourceType, needs: &BTreeSet<Need>) -> Result<Vec<Resource>, Unread> {
        match kind {
            ResourceType::ServerCertificate => {
                self.server_certificates(needs.contains(&Need::ServerCertificateTags)).await
            }
            ResourceType::SamlProvider => self.saml_providers().await,
            ResourceType::OidcProvider => self.oidc_providers().await,
            ResourceType::User
            | ResourceType::Role
            | ResourceType::Group
            | ResourceType::Policy
            | ResourceType::Account => Ok(Vec::new()),
        }
    }

    async fn account(&self, mut account: Account, needs: &BTreeSet<Need>) -> Option<Account> {
        self.refresh_account(&mut account, needs).await;
        Some(account)
    }

    async fn session_durations(&self) -> Result<BTreeMap<UniqueId, u32>, Unread> {
        self.durations().await
    }

    async fn all_service_specific_credentials(
        &self,
    ) -> Result<BTreeMap<UserName, Vec<OtherCredential>>, Unread> {
        self.list_all_service_specific_credentials().await
    }

    async fn credential_report(&self) -> Fact<Vec<u8>> {
        fact(self.fetch_credential_report().await)
    }
}

impl WriteIam for IamWriter {
    async fn apply(&self, step: &Step) -> Result<(), WriteError> {
        self.write(step).await
    }
}

/// What one group of reads told.
enum Reading {
    InlinePolicies(Fact<Vec<InlinePolicy>>),
    AttachedPolicies(Fact<Vec<AttachedPolicy>>),
    AttachedPolicyTexts(Fact<Vec<AttachedPolicy>>, Fact<BTreeMap<Arn, PolicyDocument>>),
    OtherCredentials(Kind, Fact<Vec<OtherCredential>>),
    AccessKeys(Fact<Vec<AccessKey>>),
    LoginProfile(Fact<LoginProfile>),
    MfaDevices(Fact<Vec<MfaDevice>>),
    InstanceProfiles(Fact<Vec<Arn>>),
    PolicyText(Result<(PolicyVersionId, PolicyDocument), Unread>),
    PolicyVersions(Fact<Vec<PolicyVersion>>),
    Holders(Fact<BTreeSet<ResourceIdentity>>),
    /// There was nothing to read.
    Nothing,
}

impl Reading {
    fn enter(self, resource: &mut Resource) {
        let entity = match resource {
            Resource::Entity(entity) => entity,
            Resource::Group(group) => {
                match self {
                    Self::InlinePolicies(fact) => group.inline_policies = fact,
                    Self::AttachedPolicies(fact) => group.attached_policies = fact,
                    _ => {}
                }
                return;
            }
            Resource::Policy(policy) => {
                match self {
                    Self::PolicyText(Ok((version, text))) => {
                        policy.default_version = Fact::Known(version);
                        policy.document = Fact::Known(text);
                    }
                    Self::PolicyText(Err(unread)) => policy.document = Fact::Unknown(unread),
                    Self::PolicyVersions(fact) => policy.other_versions = fact,
                    Self::Holders(fact) => policy.holders = fact,
                    _ => {}
                }
                return;
            }
            Resource::ServerCertificate(_) | Resource::IdentityProvider(_) | Resource::Account(_) => return,
        };
        match (self, entity) {
            (Self::InlinePolicies(fact), Entity::User(user)) => user.inline_policies = fact,
            (Self::InlinePolicies(fact), Entity::Role(role)) => role.inline_policies = fact,
            (Self::AttachedPolicies(fact), Entity::User(user)) => user.attached_policies = fact,
            (Self::AttachedPolicies(fact), Entity::Role(role)) => role.attached_policies = fact,
            (Self::AttachedPolicyTexts(attached, texts), Entity::User(user)) => {
                user.attached_policies = attached;
                user.policy_texts = texts;
            }
            (Self::OtherCredentials(kind, fact), Entity::User(user)) => {
                *user.other_credentials_mut(kind) = fact;
            }
            (Self::AccessKeys(fact), Entity::User(user)) => user.access_keys = fact,
            (Self::LoginProfile(fact), Entity::User(user)) => user.login_profile = fact,
            (Self::MfaDevices(fact), Entity::User(user)) => user.mfa_devices = fact,
            (Self::InstanceProfiles(fact), Entity::Role(role)) => role.instance_profiles = fact,
            (
                Self::AttachedPolicyTexts(..)
                | Self::OtherCredentials(..)
                | Self::AccessKeys(_)
                | Self::LoginProfile(_)
                | Self::MfaDevices(_)
                | Self::InstanceProfiles(_)
                | Self::PolicyText(_)
                | Self::PolicyVersions(_)
                | Self::Holders(_)
                | Self::Nothing,
                Entity::User(_) | Entity::Role(_),
            ) => {}
        }
    }
}

fn fact<T>(read: Result<T, Unread>) -> Fact<T> {
    match read {
        Ok(value) => Fact::Known(value),
        Err(unread) => Fact::Unknown(unread),
    }
}

/// An answer that was got and makes no sense.
fn senseless(read: Read, what: impl std::fmt::Display) -> Unread {
    Unread::new(read, WhyUnread::Failed, what.to_string())
}

#[cfg(test)]
mod tests;
