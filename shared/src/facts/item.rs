use super::{
    AttachedPolicy, Fact, FederationProtocol, Group, GroupIdentity, IdentityProvider,
    IdentityProviderIdentity, InlinePolicy, ManagedPolicy, PolicyIdentity, PolicyVersion, Read, Resource,
    Role, RoleIdentity, ServerCertificate, ServerCertificateIdentity, User, UserIdentity,
};
use crate::event::{
    self, ConfigurationItem, GroupItem, IdentityProviderItem, PolicyItem, RoleItem, ServerCertificateItem,
    UserItem,
};
use crate::identifier::{AccountId, PolicyVersionId};
use crate::policy::PolicyDocument;

/// The facts a configuration item tells; `None` where no rule is about its type. Credentials are not among
/// them: AWS Config does not record any.
pub fn resource_of_item(item: &ConfigurationItem) -> Option<Resource> {
    match item.resource.as_ref()? {
        event::Resource::User(user) => Some(of_user(&item.account, user).into()),
        event::Resource::Role(role) => Some(of_role(&item.account, role).into()),
        event::Resource::Group(group) => Some(of_group(&item.account, group).into()),
        event::Resource::Policy(policy) => Some(of_policy(&item.account, policy).into()),
        event::Resource::ServerCertificate(certificate) => {
            Some(of_certificate(&item.account, certificate).into())
        }
        event::Resource::SamlProvider(provider) => {
            Some(of_provider(&item.account, provider, FederationProtocol::Saml).into())
        }
        event::Resource::OidcProvider(provider) => {
            Some(of_provider(&item.account, provider, FederationProtocol::Oidc).into())
        }
        event::Resource::Other => None,
    }
}

/// An item does not tell when the certificate expires.
fn of_certificate(account: &AccountId, item: &ServerCertificateItem) -> ServerCertificate {
    let identity = ServerCertificateIdentity::new(account.clone(), item.name.clone(), item.arn.clone());
    let mut certificate = ServerCertificate::unread(identity);
    certificate.tags = tags(item.tags.as_deref(), Read::ListServerCertificateTags);
    certificate
}

fn of_provider(
    account: &AccountId,
    item: &IdentityProviderItem,
    protocol: FederationProtocol,
) -> IdentityProvider {
    let identity = IdentityProviderIdentity::new(account.clone(), item.arn.clone());
    let mut provider = IdentityProvider::unread(identity, protocol);
    if let Some(known) = item.tags.as_deref() {
        provider.tags = tags(Some(known), Read::ListSamlProviderTags);
    }
    provider
}

fn of_user(account: &AccountId, item: &UserItem) -> User {
    let identity = UserIdentity {
        account: account.clone(),
        name: item.name.clone(),
        unique_id: item.id.clone(),
        arn: item.arn.clone(),
    };
    let mut user = User::unread(identity);
    user.created = item.created.into();
    user.tags = tags(item.tags.as_deref(), Read::GetUser);
    user.boundary = item.permissions_boundary.as_ref().map(|boundary| boundary.arn.clone()).into();
    user.inline_policies = inline(item.inline_policies.as_deref(), Read::ListUserPolicies);
    user.attached_policies = attached(item.attached_policies.as_deref(), Read::ListAttachedUserPolicies);
    user.groups =
        item.groups.clone().map_or_else(|| Fact::not_read(Read::GetAccountAuthorizationDetails), Fact::Known);
    user
}

fn of_role(account: &AccountId, item: &RoleItem) -> Role {
    let identity = RoleIdentity {
        account: account.clone(),
        name: item.name.clone(),
        unique_id: item.id.clone(),
        arn: item.arn.clone(),
    };
    let mut role = Role::unread(identity);
    role.created = item.created.into();
    role.tags = tags(item.tags.as_deref(), Read::GetRole);
    role.boundary = item.permissions_boundary.as_ref().map(|boundary| boundary.arn.clone()).into();
    role.trust = item.trust_policy.clone().map_or_else(|| Fact::not_read(Read::GetRole), Fact::Known);
    role.inline_policies = inline(item.inline_policies.as_deref(), Read::ListRolePolicies);
    role.attached_policies = attached(item.attached_policies.as_deref(), Read::ListAttachedRolePolicies);
    role
}

fn of_group(account: &AccountId, item: &GroupItem) -> Group {
    const READ: Read = Read::GetAccountAuthorizationDetails;
    let mut group = Group::unread(GroupIdentity {
        account: account.clone(),
        name: item.name.clone(),
        unique_id: item.id.clone(),
        arn: item.arn.clone(),
    });
    group.created = item.created.into();
    group.inline_policies = inline(item.inline_policies.as_deref(), READ);
    group.attached_policies = attached(item.attached_policies.as_deref(), READ);
    group
}

fn of_policy(account: &AccountId, item: &PolicyItem) -> ManagedPolicy {
    let mut policy = ManagedPolicy::unread(PolicyIdentity {
        account: account.clone(),
        name: item.name.clone(),
        unique_id: item.id.clone(),
        arn: item.arn.clone(),
    });
    // What the item leaves out stays unread: a policy without a text would be one that allows nothing.
    let told = |fact: &mut Fact<u64>, count: Option<u64>| {
        if let Some(count) = count {
            *fact = Fact::Known(count);
        }
    };
    policy.created = item.created.into();
    told(&mut policy.attachments, item.attachment_count);
    told(&mut policy.bounds, item.boundary_usage_count);
    if let Some(document) = item.default_version().and_then(|version| version.document.clone()) {
        policy.document = Fact::Known(document);
    }
    if let Some(id) = item.default_version().and_then(|version| PolicyVersionId::parse(&version.id).ok()) {
        policy.default_version = Fact::Known(id);
    }
    if let Some(default) = item.default_version() {
        let others = item.versions.iter().flatten().filter(|version| version.id != default.id);
        if let Some(others) = others.map(other_version).collect() {
            policy.other_versions = Fact::Known(others);
        }
    }
    policy
}

/// A version that is not in force; an item may name it without its text.
fn other_version(version: &event::PolicyVersion) -> Option<PolicyVersion> {
    let document =
        version.document.clone().map_or_else(|| Fact::not_read(Read::GetPolicyVersion), Fact::Known);
    PolicyVersionId::parse(&version.id).ok().map(|id| PolicyVersion { id, document })
}

fn tags(tags: Option<&[event::Tag]>, read: Read) -> Fact<std::collections::BTreeMap<String, String>> {
    tags.map_or_else(
        || Fact::not_read(read),
        |tags| Fact::Known(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()),
    )
}

/// An item may name an inline policy without its text. It is judged as one all the same; nothing is ever planned
/// from an item, so the empty text goes no further.
fn inline(policies: Option<&[event::InlinePolicy]>, read: Read) -> Fact<Vec<InlinePolicy>> {
    policies.map_or_else(
        || Fact::not_read(read),
        |policies| {
            let known = policies.iter().map(|policy| InlinePolicy {
                name: policy.name.clone(),
                document: policy.document.clone().unwrap_or_else(|| PolicyDocument::new("")),
            });
            Fact::Known(known.collect())
        },
    )
}

fn attached(policies: Option<&[event::AttachedPolicy]>, read: Read) -> Fact<Vec<AttachedPolicy>> {
    policies.map_or_else(
        || Fact::not_read(read),
        |policies| {
            Fact::Known(policies.iter().map(|policy| AttachedPolicy { arn: policy.arn.clone() }).collect())
        },
    )
}
