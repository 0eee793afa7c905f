use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountIdentity, AttachedPolicy, Entity, Fact, FederationProtocol, Group, GroupIdentity,
    IdentityProvider, IdentityProviderIdentity, InlinePolicy, ManagedPolicy, PolicyIdentity, Principal,
    ResourceType, Role, RoleIdentity, ServerCertificate, ServerCertificateIdentity, User, UserIdentity,
};
use crate::identifier::{AccountId, Arn, UniqueId};

/// Anything a rule can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A user or a role.
    Entity(Entity),
    /// A group.
    Group(Box<Group>),
    /// A policy that the customer manages.
    Policy(Box<ManagedPolicy>),
    /// A server certificate.
    ServerCertificate(Box<ServerCertificate>),
    /// An identity provider.
    IdentityProvider(Box<IdentityProvider>),
    /// The account itself.
    Account(Box<Account>),
}

impl Resource {
    /// Which one it is.
    pub fn identity(&self) -> ResourceIdentity {
        match self {
            Self::Entity(Entity::User(user)) => ResourceIdentity::User(user.identity.clone()),
            Self::Entity(Entity::Role(role)) => ResourceIdentity::Role(role.identity.clone()),
            Self::Group(group) => ResourceIdentity::Group(group.identity.clone()),
            Self::Policy(policy) => ResourceIdentity::Policy(policy.identity.clone()),
            Self::ServerCertificate(certificate) => {
                ResourceIdentity::ServerCertificate(certificate.identity.clone())
            }
            Self::IdentityProvider(provider) => match provider.protocol {
                FederationProtocol::Saml => ResourceIdentity::SamlProvider(provider.identity.clone()),
                FederationProtocol::Oidc => ResourceIdentity::OidcProvider(provider.identity.clone()),
            },
            Self::Account(account) => ResourceIdentity::Account(account.identity.clone()),
        }
    }
}

impl Resource {
    /// What kind of resource it is.
    pub fn kind(&self) -> ResourceType {
        match self {
            Self::Entity(Entity::User(_)) => ResourceType::User,
            Self::Entity(Entity::Role(_)) => ResourceType::Role,
            Self::Group(_) => ResourceType::Group,
            Self::Policy(_) => ResourceType::Policy,
            Self::ServerCertificate(_) => ResourceType::ServerCertificate,
            Self::IdentityProvider(provider) => match provider.protocol {
                FederationProtocol::Saml => ResourceType::SamlProvider,
                FederationProtocol::Oidc => ResourceType::OidcProvider,
            },
            Self::Account(_) => ResourceType::Account,
        }
    }

    /// The policies written into it; `None` where it is none of the identities that can have some.
    pub fn inline_policies(&self) -> Option<&Fact<Vec<InlinePolicy>>> {
        match self {
            Self::Entity(Entity::User(user)) => Some(&user.inline_policies),
            Self::Entity(Entity::Role(role)) => Some(&role.inline_policies),
            Self::Group(group) => Some(&group.inline_policies),
            _ => None,
        }
    }

    /// The managed policies attached to it; `None` where it is none of the identities that can have some.
    pub fn attached_policies(&self) -> Option<&Fact<Vec<AttachedPolicy>>> {
        match self {
            Self::Entity(Entity::User(user)) => Some(&user.attached_policies),
            Self::Entity(Entity::Role(role)) => Some(&role.attached_policies),
            Self::Group(group) => Some(&group.attached_policies),
            _ => None,
        }
    }

    /// Who else's rights a change to it changes; `None` where it has nobody but itself.
    pub fn holders(&self) -> Option<&Fact<BTreeSet<ResourceIdentity>>> {
        match self {
            Self::Policy(policy) => Some(&policy.holders),
            Self::Group(group) => Some(&group.holders),
            _ => None,
        }
    }

    /// Its tags, of a user or a role.
    pub fn tags(&self) -> Option<&Fact<BTreeMap<String, String>>> {
        match self {
            Self::Entity(Entity::User(user)) => Some(&user.tags),
            Self::Entity(Entity::Role(role)) => Some(&role.tags),
            _ => None,
        }
    }

    /// Whether it is a role that AWS made and nobody else can change.
    pub fn is_made_by_aws(&self) -> bool {
        matches!(self, Self::Entity(entity) if entity.is_made_by_aws())
    }
}

impl From<Entity> for Resource {
    fn from(entity: Entity) -> Self {
        Self::Entity(entity)
    }
}

impl From<User> for Resource {
    fn from(user: User) -> Self {
        Self::Entity(user.into())
    }
}

impl From<Role> for Resource {
    fn from(role: Role) -> Self {
        Self::Entity(role.into())
    }
}

impl From<Group> for Resource {
    fn from(group: Group) -> Self {
        Self::Group(Box::new(group))
    }
}

impl From<ManagedPolicy> for Resource {
    fn from(policy: ManagedPolicy) -> Self {
        Self::Policy(Box::new(policy))
    }
}

impl From<ServerCertificate> for Resource {
    fn from(certificate: ServerCertificate) -> Self {
        Self::ServerCertificate(Box::new(certificate))
    }
}

impl From<IdentityProvider> for Resource {
    fn from(provider: IdentityProvider) -> Self {
        Self::IdentityProvider(Box::new(provider))
    }
}

impl From<Account> for Resource {
    fn from(account: Account) -> Self {
        Self::Account(Box::new(account))
    }
}

/// Which resource it is: a name can come back after a deletion, a unique id never does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ResourceIdentity {
    /// A user.
    User(UserIdentity),
    /// A role.
    Role(RoleIdentity),
    /// A group.
    Group(GroupIdentity),
    /// A policy that the customer manages.
    Policy(PolicyIdentity),
    /// A server certificate.
    ServerCertificate(ServerCertificateIdentity),
    /// A SAML identity provider.
    SamlProvider(IdentityProviderIdentity),
    /// An OIDC identity provider.
    OidcProvider(IdentityProviderIdentity),
    /// The account itself.
    Account(AccountIdentity),
}

impl ResourceIdentity {
    /// What kind of resource it is.
    pub fn kind(&self) -> ResourceType {
        match self {
            Self::User(_) => ResourceType::User,
            Self::Role(_) => ResourceType::Role,
            Self::Group(_) => ResourceType::Group,
            Self::Policy(_) => ResourceType::Policy,
            Self::ServerCertificate(_) => ResourceType::ServerCertificate,
            Self::SamlProvider(_) => ResourceType::SamlProvider,
            Self::OidcProvider(_) => ResourceType::OidcProvider,
            Self::Account(_) => ResourceType::Account,
        }
    }

    /// AWS Config's name of its type.
    pub fn config_type(&self) -> &'static str {
        self.kind().as_str()
    }

    /// The account it lives in.
    pub fn account(&self) -> &AccountId {
        match self {
            Self::User(user) => &user.account,
            Self::Role(role) => &role.account,
            Self::Group(group) => &group.account,
            Self::Policy(policy) => &policy.account,
            Self::ServerCertificate(certificate) => &certificate.account,
            Self::SamlProvider(provider) | Self::OidcProvider(provider) => &provider.account,
            Self::Account(account) => &account.account,
        }
    }

    /// What it is known by for life.
    pub fn unique_id(&self) -> &UniqueId {
        match self {
            Self::User(user) => &user.unique_id,
            Self::Role(role) => &role.unique_id,
            Self::Group(group) => &group.unique_id,
            Self::Policy(policy) => &policy.unique_id,
            Self::ServerCertificate(certificate) => &certificate.unique_id,
            Self::SamlProvider(provider) | Self::OidcProvider(provider) => &provider.unique_id,
            Self::Account(account) => &account.unique_id,
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> &Arn {
        match self {
            Self::User(user) => &user.arn,
            Self::Role(role) => &role.arn,
            Self::Group(group) => &group.arn,
            Self::Policy(policy) => &policy.arn,
            Self::ServerCertificate(certificate) => &certificate.arn,
            Self::SamlProvider(provider) | Self::OidcProvider(provider) => &provider.arn,
            Self::Account(account) => &account.arn,
        }
    }

    /// Its name without the path.
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => user.name.as_str(),
            Self::Role(role) => role.name.as_str(),
            Self::Group(group) => group.name.as_str(),
            Self::Policy(policy) => policy.name.as_str(),
            Self::ServerCertificate(certificate) => certificate.name.as_str(),
            Self::SamlProvider(provider) | Self::OidcProvider(provider) => provider.name(),
            Self::Account(account) => account.account.as_str(),
        }
    }

    /// AWS Config's id of it. IAM's own unique id, except for the types that Config records by their CloudFormation
    /// schema: these go by the schema's primary identifier.
    pub fn config_id(&self) -> &str {
        match self {
            Self::ServerCertificate(certificate) => certificate.name.as_str(),
            other => other.unique_id().as_str(),
        }
    }

    /// The principal, if it is one.
    pub fn principal(&self) -> Option<Principal> {
        match self {
            Self::User(user) => Some(Principal::User(user.clone())),
            Self::Role(role) => Some(Principal::Role(role.clone())),
            Self::Group(_)
            | Self::Policy(_)
            | Self::ServerCertificate(_)
            | Self::SamlProvider(_)
            | Self::OidcProvider(_)
            | Self::Account(_) => None,
        }
    }
}

impl fmt::Display for ResourceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind().noun(), self.name())
    }
}

impl From<UserIdentity> for ResourceIdentity {
    fn from(user: UserIdentity) -> Self {
        Self::User(user)
    }
}

impl From<RoleIdentity> for ResourceIdentity {
    fn from(role: RoleIdentity) -> Self {
        Self::Role(role)
    }
}

impl From<Principal> for ResourceIdentity {
    fn from(principal: Principal) -> Self {
        match principal {
            Principal::User(user) => Self::User(user),
            Principal::Role(role) => Self::Role(role),
        }
    }
}

/// A kind of resource that rules judge.
pub trait Subject: Sized {
    /// The resource, if it is of this kind.
    fn of(resource: &Resource) -> Option<&Self>;
}

/// Users, groups and roles alike: what rules about several of them judge.
impl Subject for Resource {
    fn of(resource: &Resource) -> Option<&Self> {
        Some(resource)
    }
}

impl Subject for Entity {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::Entity(entity) => Some(entity),
            _ => None,
        }
    }
}

impl Subject for User {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::Entity(Entity::User(user)) => Some(user),
            _ => None,
        }
    }
}

impl Subject for Role {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::Entity(Entity::Role(role)) => Some(role),
            _ => None,
        }
    }
}

impl Subject for Group {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::Group(group) => Some(group),
            _ => None,
        }
    }
}

impl Subject for ManagedPolicy {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::Policy(policy) => Some(policy),
            _ => None,
        }
    }
}

impl Subject for ServerCertificate {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::ServerCertificate(certificate) => Some(certificate),
            _ => None,
        }
    }
}

impl Subject for IdentityProvider {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::IdentityProvider(provider) => Some(provider),
            _ => None,
        }
    }
}

impl Subject for Account {
    fn of(resource: &Resource) -> Option<&Self> {
        match resource {
            Resource::Account(account) => Some(account),
            _ => None,
        }
    }
}
