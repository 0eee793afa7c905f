//! IAM's reads of one principal.

use std::collections::{BTreeMap, BTreeSet};

use shared::engine::{Page, ReadIam, ResourceName};
use shared::facts::{
    self, AttachedPolicy, Entity, Fact, LoginProfile, MfaDevice, Need, OtherCredential, OtherCredentialKind,
    Read, Resource, ServiceUse, Span, Unread, WhyUnread,
};
use shared::identifier::{AccessKeyId, Arn, PolicyName, RoleName, UserName};
use shared::policy::PolicyDocument;

use super::World;
use super::iam::{Key, Role, User};
use super::state::State;
use crate::account_file;
use crate::call::Operation;
use crate::fault::Fault;

impl ReadIam for World {
    async fn find(&self, name: &ResourceName) -> Result<Option<Resource>, Unread> {
        match name {
            ResourceName::User(name) => {
                let look = |state: &mut State| Ok(state.user(name.as_str()).map(|user| user.found().into()));
                self.read(Read::GetUser, name.as_str(), look).await
            }
            ResourceName::Role(name) => {
                let look = |state: &mut State| Ok(state.role(name.as_str()).map(|role| role.found().into()));
                self.read(Read::GetRole, name.as_str(), look).await
            }
            ResourceName::Group(name) => {
                let look = |state: &mut State| Ok(state.iam.found_group(name, state.now).map(Resource::from));
                self.read(Read::GetGroup, name.as_str(), look).await
            }
            ResourceName::Policy(arn) => {
                let look = |state: &mut State| Ok(state.iam.found_policy(arn, state.now).map(Resource::from));
                self.read(Read::GetPolicy, arn.as_str(), look).await
            }
            ResourceName::Account(identity) => {
                let iam = &self.state.borrow().iam;
                let is_there = iam.settings.is_some() && identity.account == iam.account;
                Ok(is_there.then(|| facts::Account::unread(identity.clone()).into()))
            }
            ResourceName::Listed(arn) => Err(Unread::new(
                Read::ListServerCertificates,
                WhyUnread::NotRead,
                format!("{arn} is only ever listed"),
            )),
        }
    }

    async fn refresh(&self, resource: &mut Resource, needs: &BTreeSet<Need>) {
        match resource {
            Resource::Entity(Entity::User(user)) => self.refresh_user(user, needs).await,
            Resource::Entity(Entity::Role(role)) => self.refresh_role(role, needs).await,
            Resource::Group(group) => self.refresh_group(group, needs).await,
            Resource::Account(account) => self.refresh_account(account, needs).await,
            // They are listed with all that is needed of them.
            Resource::ServerCertificate(_) | Resource::IdentityProvider(_) => {}
            Resource::Policy(policy) => self.refresh_policy(policy, needs).await,
        }
    }
}

impl World {
    async fn refresh_user(&self, user: &mut facts::User, needs: &BTreeSet<Need>) {
        let name = user.identity.name.clone();
        let name = name.as_str();
        if needs.contains(&Need::InlinePolicies) {
            user.inline_policies = self.user_inline_policies(name).await.into_fact();
        }
        if needs.contains(&Need::AttachedPolicies) || needs.contains(&Need::AttachedPolicyTexts) {
            let listed = self
                .pages(Read::ListAttachedUserPolicies, name, |state| {
                    Ok(state.existing_user(name)?.attached_policies())
                })
                .await;
            if needs.contains(&Need::AttachedPolicyTexts) {
                user.policy_texts = match &listed {
                    Ok(policies) => self.policy_texts(policies).await.into_fact(),
                    Err(unread) => Fact::Unknown(unread.clone()),
                };
            }
            user.attached_policies = listed.into_fact();
        }
        for kind in OtherCredentialKind::ALL {
            if needs.contains(&kind.need()) {
                *user.other_credentials_mut(kind) = self.other_credentials(name, kind).await.into_fact();
            }
        }
        if needs.contains(&Need::Departure) {
            user.departure = self.departure_of(&user.identity.unique_id).await;
        }
        if needs.contains(&Need::SwitchedOffKeys) {
            user.switched_off_keys = self.switched_off_keys_of(&user.identity.unique_id).await;
        }
        if needs.contains(&Need::Threats) {
            user.threats = self.threats_fact(&user.identity.unique_id).await;
        }
        if needs.contains(&Need::AccessKeys) || needs.contains(&Need::AccessKeyLastUse) {
            user.access_keys =
                self.access_keys(name, needs.contains(&Need::AccessKeyLastUse)).await.into_fact();
        }
        if needs.contains(&Need::LoginProfile) {
            let look = |state: &mut State| Ok(state.user(name).and_then(|user| user.password));
            user.login_profile = match self.read(Read::GetLoginProfile, name, look).await {
                Ok(Some(password)) => Fact::Known(LoginProfile {
                    created: Span::exactly(password.created),
                    reset_required: Some(password.reset_required),
                }),
                // IAM's `NoSuchEntity` is its way to say that there is none.
                Ok(None) => Fact::Absent,
                Err(unread) => Fact::Unknown(unread),
            };
        }
        if needs.contains(&Need::MfaDevices) {
            let listed = self
                .pages(Read::ListMfaDevices, name, |state| Ok(state.existing_user(name)?.mfa_devices.clone()))
                .await
                .map(|serials| {
                    serials.into_iter().map(|serial| MfaDevice { serial: Some(serial) }).collect::<Vec<_>>()
                });
            user.mfa_devices = listed.into_fact();
        }
    }

    async fn policy_texts(
        &self,
        policies: &[AttachedPolicy],
    ) -> Result<BTreeMap<Arn, PolicyDocument>, Unread> {
        let mut texts = BTreeMap::new();
        for policy in policies.iter().filter(|policy| !policy.arn.is_aws_managed()) {
            let text = |state: &mut State| {
                state
                    .iam
                    .text_of(&policy.arn, state.now)
                    .ok_or_else(|| no_such("policy", policy.arn.as_str()))
            };
            self.read(Read::GetPolicy, policy.arn.as_str(), text).await?;
            let text = self.read(Read::GetPolicyVersion, policy.arn.as_str(), text).await?;
            texts.insert(policy.arn.clone(), text);
        }
        Ok(texts)
    }

    async fn other_credentials(
        &self,
        name: &str,
        kind: OtherCredentialKind,
    ) -> Result<Vec<OtherCredential>, Unread> {
        let read = match kind {
            OtherCredentialKind::SshPublicKey => Read::ListSshPublicKeys,
            OtherCredentialKind::ServiceSpecificCredential => Read::ListServiceSpecificCredentials,
            OtherCredentialKind::SigningCertificate => Read::ListSigningCertificates,
        };
        let of_kind = |state: &mut State| {
            let others = state.existing_user(name)?.other_credentials.iter();
            Ok(others.filter(|other| other.kind == kind).cloned().collect())
        };
        self.pages(read, name, of_kind).await
    }

    async fn refresh_role(&self, role: &mut facts::Role, needs: &BTreeSet<Need>) {
        let name = role.identity.name.clone();
        let name = name.as_str();
        if needs.contains(&Need::InlinePolicies) {
            role.inline_policies = self.role_inline_policies(name).await.into_fact();
        }
        if needs.contains(&Need::AttachedPolicies) {
            let listed = self
                .pages(Read::ListAttachedRolePolicies, name, |state| {
                    let role = state.role(name).ok_or_else(|| no_such("role", name))?;
                    Ok(attached(&role.attached))
                })
                .await;
            role.attached_policies = listed.into_fact();
        }
        if needs.contains(&Need::Threats) {
            role.threats = self.threats_fact(&role.identity.unique_id).await;
        }
        if needs.contains(&Need::InstanceProfiles) {
            let listed = self
                .pages(Read::ListInstanceProfilesForRole, name, |state| {
                    let role = state.role(name).ok_or_else(|| no_such("role", name))?;
                    Ok(role.instance_profiles.iter().cloned().collect())
                })
                .await;
            role.instance_profiles = listed.into_fact();
        }
        if needs.contains(&Need::ServiceUse) {
            role.services = self.services(name).await.into_fact();
        }
    }

    async fn services(&self, name: &str) -> Result<Vec<ServiceUse>, Unread> {
        let of = |state: &mut State| {
            let role = state.role(name).ok_or_else(|| no_such("role", name))?;
            Ok(role.services.clone())
        };
        self.read(Read::GenerateServiceLastAccessedDetails, name, of).await?;
        self.pages(Read::GetServiceLastAccessedDetails, name, of).await
    }

    async fn user_inline_policies(&self, name: &str) -> Result<Vec<facts::InlinePolicy>, Unread> {
        let listed = self
            .pages(Read::ListUserPolicies, name, |state| {
                Ok(state.existing_user(name)?.inline.keys().cloned().collect())
            })
            .await?;
        let mut policies = Vec::new();
        for policy in listed {
            let text = |state: &mut State| {
                state
                    .existing_user(name)?
                    .inline
                    .get(&policy)
                    .cloned()
                    .ok_or_else(|| no_such("policy", policy.as_str()))
            };
            let document = self.read(Read::GetUserPolicy, name, text).await?;
            policies.push(inline(&policy, document));
        }
        Ok(policies)
    }

    async fn role_inline_policies(&self, name: &str) -> Result<Vec<facts::InlinePolicy>, Unread> {
        let listed = self
            .pages(Read::ListRolePolicies, name, |state| {
                let role = state.role(name).ok_or_else(|| no_such("role", name))?;
                Ok(role.inline.keys().cloned().collect())
            })
            .await?;
        let mut policies = Vec::new();
        for policy in listed {
            let text = |state: &mut State| {
                let role = state.role(name).ok_or_else(|| no_such("role", name))?;
                role.inline.get(&policy).cloned().ok_or_else(|| no_such("policy", policy.as_str()))
            };
            let document = self.read(Read::GetRolePolicy, name, text).await?;
            policies.push(inline(&policy, document));
        }
        Ok(policies)
    }

    async fn access_keys(&self, name: &str, with_last_use: bool) -> Result<Vec<facts::AccessKey>, Unread> {
        let listed = self
            .pages(Read::ListAccessKeys, name, |state| Ok(state.existing_user(name)?.keys.clone()))
            .await?;
        let mut keys = Vec::new();
        for key in listed {
            let last_used = if with_last_use {
                // One key whose use cannot be read leaves the others known.
                match self.last_use(&key.id).await {
                    Ok(used) => used.into(),
                    Err(unread) => Fact::Unknown(unread),
                }
            } else {
                Fact::not_read(Read::GetAccessKeyLastUsed)
            };
            keys.push(facts::AccessKey {
                id: Fact::Known(key.id),
                status: key.status,
                created: Span::exactly(key.created),
                last_used,
            });
        }
        Ok(keys)
    }

    async fn last_use(&self, key: &AccessKeyId) -> Result<Option<facts::LastUse>, Unread> {
        let look = |state: &mut State| {
            let key = state.key(key).ok_or_else(|| no_such("access key", key.last_four()))?;
            Ok(key.last_used.as_ref().map(last_use))
        };
        self.read(Read::GetAccessKeyLastUsed, key.as_str(), look).await
    }

    /// Reads a listing to its end. Each page is a call, and may be the one that fails.
    pub(super) async fn pages<T>(
        &self,
        read: Read,
        target: &str,
        list: impl Fn(&mut State) -> Result<Vec<T>, String>,
    ) -> Result<Vec<T>, Unread> {
        let mut all = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let Page { items, next } = self
                .read(read, target, |state| {
                    let sizes = state.pages;
                    list(state).map(|items| sizes.page(items, marker.as_deref()))
                })
                .await?;
            all.extend(items);
            match next {
                Some(next) => marker = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// One call of a read.
    pub(super) async fn read<T>(
        &self,
        read: Read,
        target: &str,
        answer: impl FnOnce(&mut State) -> Result<T, String>,
    ) -> Result<T, Unread> {
        let operation = Operation::Read(read);
        self.call(
            operation,
            target,
            |state| answer(state).map_err(|message| Unread::new(read, WhyUnread::Failed, message)),
            |fault| {
                let why = match fault {
                    Fault::Throttled | Fault::LostAnswer => WhyUnread::Throttled,
                    Fault::Denied => WhyUnread::Denied,
                    Fault::Failed => WhyUnread::Failed,
                };
                Unread::new(read, why, fault.said(operation))
            },
        )
        .await
    }
}

/// What was read, or why it was not.
pub(super) trait IntoFact<T> {
    fn into_fact(self) -> Fact<T>;
}

impl<T> IntoFact<T> for Result<T, Unread> {
    fn into_fact(self) -> Fact<T> {
        match self {
            Ok(value) => Fact::Known(value),
            Err(unread) => Fact::Unknown(unread),
        }
    }
}

impl State {
    /// The user as reads see it.
    pub(super) fn user(&self, name: &str) -> Option<&User> {
        let now = self.now;
        self.iam.users.get(&UserName::parse(name).ok()?)?.seen(now)
    }

    fn existing_user(&self, name: &str) -> Result<&User, String> {
        self.user(name).ok_or_else(|| no_such("user", name))
    }

    pub(super) fn role(&self, name: &str) -> Option<&Role> {
        let now = self.now;
        self.iam.roles.get(&RoleName::parse(name).ok()?)?.seen(now)
    }

    fn key(&self, id: &AccessKeyId) -> Option<&Key> {
        let owner = self.iam.users.get(self.iam.key_owners.get(id)?)?.seen(self.now)?;
        owner.keys.iter().find(|key| key.id == *id)
    }
}

impl User {
    /// What `GetUser` tells.
    fn found(&self) -> facts::User {
        let mut user = facts::User::unread(self.identity.clone());
        user.created = Fact::Known(self.created);
        user.tags = Fact::Known(self.tags.clone());
        user.boundary = self.boundary.clone().into();
        user.password_last_used = self.password_last_used.into();
        user
    }

    /// What `GetAccountAuthorizationDetails` tells.
    pub(super) fn detailed(&self) -> facts::User {
        let mut user = facts::User::unread(self.identity.clone());
        user.created = Fact::Known(self.created);
        user.tags = Fact::Known(self.tags.clone());
        user.boundary = self.boundary.clone().into();
        user.groups = Fact::Known(self.groups.iter().cloned().collect());
        user.inline_policies =
            Fact::Known(self.inline.iter().map(|(name, document)| inline(name, document.clone())).collect());
        user.attached_policies = Fact::Known(self.attached_policies());
        user
    }

    fn attached_policies(&self) -> Vec<AttachedPolicy> {
        attached(&self.attached)
    }
}

impl Role {
    /// What `GetRole` tells.
    fn found(&self) -> facts::Role {
        let mut role = facts::Role::unread(self.identity.clone());
        role.created = Fact::Known(self.created);
        role.tags = Fact::Known(self.tags.clone());
        role.trust = Fact::Known(self.trust.clone());
        role.boundary = self.boundary.clone().into();
        role.max_session_duration = Fact::Known(self.max_session_duration);
        role.last_used = self.last_used.clone().into();
        role
    }

    /// What `GetAccountAuthorizationDetails` tells.
    pub(super) fn detailed(&self) -> facts::Role {
        let mut role = self.found();
        role.max_session_duration = Fact::not_read(Read::ListRoles);
        role.inline_policies =
            Fact::Known(self.inline.iter().map(|(name, document)| inline(name, document.clone())).collect());
        role.attached_policies = Fact::Known(attached(&self.attached));
        role.instance_profiles = Fact::Known(self.instance_profiles.iter().cloned().collect());
        role
    }
}

pub(super) fn inline(name: &PolicyName, document: PolicyDocument) -> facts::InlinePolicy {
    facts::InlinePolicy { name: name.clone(), document }
}

pub(super) fn attached(policies: &BTreeSet<Arn>) -> Vec<AttachedPolicy> {
    policies.iter().map(|arn| AttachedPolicy { arn: arn.clone() }).collect()
}

fn last_use(used: &account_file::LastUse) -> facts::LastUse {
    facts::LastUse { at: used.at, service: used.service.clone(), region: used.region.clone() }
}

pub(super) fn no_such(kind: &str, name: &str) -> String {
    format!("NoSuchEntity: The {kind} with name {name} cannot be found.")
}
