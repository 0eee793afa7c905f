//! What IAM keeps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use shared::facts::{
    Fact, KeyStatus, OtherCredential, OtherCredentialKind, ResourceIdentity, RoleIdentity, RoleLastUse,
    ServiceUse, Span, UserIdentity,
};
use shared::governance::Inhabitants;
use shared::identifier::{
    AccessKeyId, AccountId, Arn, CredentialId, GroupName, PolicyName, RoleName, UniqueId, UserName,
};
use shared::policy::PolicyDocument;

use super::versions::Versions;
use crate::account_file::{self, AccountFile, AccountSettings, derive};

/// A user without a date of its own is this much older than the account file.
pub(super) const AGE_BY_DEFAULT: SignedDuration = SignedDuration::from_hours(365 * 24);

pub(super) struct Iam {
    pub(super) account: AccountId,
    pub(super) users: BTreeMap<UserName, Versions<User>>,
    pub(super) roles: BTreeMap<RoleName, Versions<Role>>,
    pub(super) groups: Vec<Versions<account_file::Group>>,
    pub(super) policies: Vec<Versions<account_file::Policy>>,
    pub(super) aws_managed_policies: Vec<account_file::AwsManagedPolicy>,
    pub(super) certificates: Vec<account_file::ServerCertificate>,
    pub(super) providers: Vec<account_file::IdentityProvider>,
    /// The account itself, where the file tells of it.
    pub(super) settings: Option<Versions<AccountSettings>>,
    /// Customer managed policies that can be attached.
    pub(super) attachable: BTreeSet<Arn>,
    /// Where each customer managed policy stands among those.
    pub(super) places: BTreeMap<Arn, usize>,
    /// Whose each access key is.
    pub(super) key_owners: BTreeMap<AccessKeyId, UserName>,
}

#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) identity: UserIdentity,
    pub(super) path: String,
    pub(super) created: Timestamp,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) groups: BTreeSet<GroupName>,
    pub(super) inline: BTreeMap<PolicyName, PolicyDocument>,
    pub(super) attached: BTreeSet<Arn>,
    pub(super) boundary: Option<Arn>,
    pub(super) password: Option<Password>,
    pub(super) password_last_used: Option<Timestamp>,
    pub(super) mfa_devices: Vec<String>,
    pub(super) keys: Vec<Key>,
    pub(super) other_credentials: Vec<OtherCredential>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Password {
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    pub(super) reset_required: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: AccessKeyId,
    pub(super) status: KeyStatus,
    pub(super) created: Timestamp,
    pub(super) last_used: Option<account_file::LastUse>,
    pub(super) status_changed: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) identity: RoleIdentity,
    pub(super) path: String,
    pub(super) created: Timestamp,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) trust: PolicyDocument,
    pub(super) inline: BTreeMap<PolicyName, PolicyDocument>,
    pub(super) attached: BTreeSet<Arn>,
    pub(super) boundary: Option<Arn>,
    pub(super) instance_profiles: BTreeSet<Arn>,
    pub(super) max_session_duration: u32,
    pub(super) last_used: Option<RoleLastUse>,
    pub(super) services: Vec<ServiceUse>,
}

impl Iam {
    /// IAM as a file describes it. What has no well-formed id even after deriving one is left out; parsing has
    /// seen to it that there is no such thing.
    pub(super) fn of_file(file: AccountFile) -> Self {
        let AccountFile {
            account,
            now,
            users,
            roles,
            groups,
            policies,
            aws_managed_policies,
            server_certificates: certificates,
            identity_providers: providers,
            account_settings,
        } = file;
        let by_default = now.saturating_sub(AGE_BY_DEFAULT).unwrap_or(now);
        let users: BTreeMap<_, _> = users
            .into_iter()
            .filter_map(|user| User::of_file(&account, user, by_default))
            .map(|user| (user.identity.name.clone(), user))
            .collect();
        let roles: BTreeMap<_, _> = roles
            .into_iter()
            .filter_map(|role| Role::of_file(&account, role, by_default))
            .map(|role| (role.identity.name.clone(), role))
            .collect();
        let places: BTreeMap<Arn, usize> = policies
            .iter()
            .enumerate()
            .filter_map(|(place, policy)| {
                Some((arn(&account, "policy", &policy.path, policy.name.as_str())?, place))
            })
            .collect();
        let mut attachable: BTreeSet<Arn> = places.keys().cloned().collect();
        // What is attached exists, listed or not.
        for user in users.values() {
            attachable.extend(user.attached.iter().chain(&user.boundary).cloned());
        }
        for role in roles.values() {
            attachable.extend(role.attached.iter().chain(&role.boundary).cloned());
        }
        let keys = users.values().flat_map(|user| user.keys.iter().map(move |key| (key, user)));
        let key_owners = keys.map(|(key, user)| (key.id.clone(), user.identity.name.clone())).collect();
        Self {
            places,
            key_owners,
            account,
            users: users.into_iter().map(|(name, user)| (name, Versions::settled(user))).collect(),
            roles: roles.into_iter().map(|(name, role)| (name, Versions::settled(role))).collect(),
            groups: groups.into_iter().map(Versions::settled).collect(),
            policies: policies.into_iter().map(Versions::settled).collect(),
            aws_managed_policies,
            certificates,
            providers,
            settings: account_settings.map(Versions::settled),
            attachable,
        }
    }

    /// The file of what is there, whether seen by reads yet or not.
    pub(super) fn to_file(&self, now: Timestamp) -> AccountFile {
        AccountFile {
            account: self.account.clone(),
            now,
            users: self.users.values().filter_map(Versions::latest).map(User::to_file).collect(),
            roles: self.roles.values().filter_map(Versions::latest).map(Role::to_file).collect(),
            groups: self.groups.iter().filter_map(Versions::latest).cloned().collect(),
            policies: self.policies.iter().filter_map(Versions::latest).cloned().collect(),
            aws_managed_policies: self.aws_managed_policies.clone(),
            server_certificates: self.certificates.clone(),
            identity_providers: self.providers.clone(),
            account_settings: self.settings.as_ref().and_then(|settings| settings.latest().cloned()),
        }
    }

    /// The text of a customer managed policy; one that is attached and not listed allows nothing.
    pub(super) fn text_of(&self, policy: &Arn, now: Timestamp) -> Option<PolicyDocument> {
        match self.policy_seen(policy, now) {
            Some(seen) => Some(seen.document.clone()),
            None => self.attachable.contains(policy).then(account_file::allows_nothing),
        }
    }

    pub(super) fn principals(&self) -> Vec<ResourceIdentity> {
        let users = self.users.values().filter_map(Versions::latest);
        let roles = self.roles.values().filter_map(Versions::latest);
        let users = users.map(|user| ResourceIdentity::User(user.identity.clone()));
        users.chain(roles.map(|role| ResourceIdentity::Role(role.identity.clone()))).collect()
    }

    /// All that the governance file may name, whether seen by reads yet or not.
    pub(super) fn inhabitants(&self) -> Inhabitants {
        let users = self.users.values().filter_map(Versions::latest).map(|user| &user.identity.arn);
        let roles = self.roles.values().filter_map(Versions::latest).map(|role| &role.identity.arn);
        let groups = self.groups.iter().filter_map(Versions::latest);
        let groups = groups.filter_map(|group| Some(self.group(group)?.identity.arn));
        let policies = self.places.keys().cloned();
        let certificates = self.certificates.iter().filter_map(|certificate| {
            arn(&self.account, "server-certificate", &certificate.path, certificate.name.as_str())
        });
        let providers = self.providers.iter().filter_map(|provider| {
            let kind = match provider.protocol {
                account_file::Protocol::Saml => "saml-provider",
                account_file::Protocol::Oidc => "oidc-provider",
            };
            arn(&self.account, kind, "/", &provider.name)
        });
        // The account goes by its root user.
        let root = arn(&self.account, "root", "", "");
        Inhabitants {
            account: self.account.clone(),
            principals: users.chain(roles).cloned().collect(),
            resources: groups.chain(policies).chain(certificates).chain(providers).chain(root).collect(),
            access_keys: self.key_owners.keys().cloned().collect(),
        }
    }

    /// Whether a policy can be attached: AWS's own always, others where they exist.
    pub(super) fn can_attach(&self, policy: &Arn) -> bool {
        policy.is_aws_managed() || self.attachable.contains(policy)
    }
}

impl User {
    fn of_file(account: &AccountId, user: account_file::User, by_default: Timestamp) -> Option<Self> {
        let created = user.created.unwrap_or(by_default);
        let name = user.name;
        let unique_id = match user.id {
            Some(id) => id,
            None => UniqueId::parse(&derive("AIDA", name.as_str(), 21)).ok()?,
        };
        let keys = user.access_keys.into_iter().enumerate().filter_map(|(number, key)| {
            let id = match key.id {
                Some(id) => id,
                None => AccessKeyId::parse(&derive("AKIA", &format!("{name} {number}"), 20)).ok()?,
            };
            Some(Key {
                id,
                status: key.status,
                created: key.created.unwrap_or(created),
                last_used: key.last_used,
                status_changed: key.status_changed,
            })
        });
        let others = user.other_credentials.into_iter().enumerate();
        let others = others.filter_map(|(number, other)| of_file(&name, number, other, created)).collect();
        Some(Self {
            keys: keys.collect(),
            identity: UserIdentity {
                account: account.clone(),
                arn: arn(account, "user", &user.path, name.as_str())?,
                unique_id,
                name,
            },
            path: user.path,
            created,
            tags: user.tags,
            groups: user.groups,
            inline: user.inline_policies.into_iter().map(|policy| (policy.name, policy.document)).collect(),
            attached: user.attached_policies,
            boundary: user.boundary,
            password: user.login_profile.map(|profile| {
                let created = profile.created.unwrap_or(created);
                let changed = profile.changed.unwrap_or(created);
                Password { created, changed, reset_required: profile.reset_required }
            }),
            password_last_used: user.password_last_used,
            mfa_devices: user.mfa_devices,
            other_credentials: others,
        })
    }

    pub(super) fn to_file(&self) -> account_file::User {
        account_file::User {
            name: self.identity.name.clone(),
            id: Some(self.identity.unique_id.clone()),
            path: self.path.clone(),
            created: Some(self.created),
            tags: self.tags.clone(),
            groups: self.groups.clone(),
            inline_policies: inline_to_file(&self.inline),
            attached_policies: self.attached.clone(),
            boundary: self.boundary.clone(),
            login_profile: self.password.map(|password| account_file::LoginProfile {
                created: Some(password.created),
                changed: (password.changed != password.created).then_some(password.changed),
                reset_required: password.reset_required,
            }),
            password_last_used: self.password_last_used,
            mfa_devices: self.mfa_devices.clone(),
            other_credentials: self.other_credentials.iter().map(to_file).collect(),
            access_keys: self
                .keys
                .iter()
                .map(|key| account_file::AccessKey {
                    id: Some(key.id.clone()),
                    status: key.status,
                    created: Some(key.created),
                    last_used: key.last_used.clone(),
                    status_changed: key.status_changed,
                })
                .collect(),
        }
    }
}

impl Role {
    fn of_file(account: &AccountId, role: account_file::Role, by_default: Timestamp) -> Option<Self> {
        let unique_id = match role.id {
            Some(id) => id,
            None => UniqueId::parse(&derive("AROA", role.name.as_str(), 21)).ok()?,
        };
        Some(Self {
            identity: RoleIdentity {
                account: account.clone(),
                arn: arn(account, "role", &role.path, role.name.as_str())?,
                unique_id,
                name: role.name,
            },
            path: role.path,
            created: role.created.unwrap_or(by_default),
            tags: role.tags,
            trust: role.trust,
            inline: role.inline_policies.into_iter().map(|policy| (policy.name, policy.document)).collect(),
            attached: role.attached_policies,
            boundary: role.boundary,
            instance_profiles: role.instance_profiles,
            max_session_duration: role.max_session_duration,
            last_used: role.last_used,
            services: role.services,
        })
    }

    pub(super) fn to_file(&self) -> account_file::Role {
        account_file::Role {
            name: self.identity.name.clone(),
            id: Some(self.identity.unique_id.clone()),
            path: self.path.clone(),
            created: Some(self.created),
            tags: self.tags.clone(),
            trust: self.trust.clone(),
            inline_policies: inline_to_file(&self.inline),
            attached_policies: self.attached.clone(),
            boundary: self.boundary.clone(),
            instance_profiles: self.instance_profiles.clone(),
            max_session_duration: self.max_session_duration,
            last_used: self.last_used.clone(),
            services: self.services.clone(),
        }
    }
}

/// A credential of another kind as reads give it.
fn of_file(
    user: &UserName,
    number: usize,
    other: account_file::OtherCredential,
    user_created: Timestamp,
) -> Option<OtherCredential> {
    let (prefix, length) = match other.kind {
        OtherCredentialKind::SshPublicKey => ("APKA", 20),
        OtherCredentialKind::ServiceSpecificCredential => ("ACCA", 21),
        OtherCredentialKind::SigningCertificate => ("TA", 24),
    };
    let id = match other.id {
        Some(id) => id,
        None => CredentialId::parse(&derive(prefix, &format!("{user} {number}"), length)).ok()?,
    };
    let service = (other.kind == OtherCredentialKind::ServiceSpecificCredential)
        .then(|| other.service.unwrap_or_else(|| "codecommit.amazonaws.com".to_owned()));
    Some(OtherCredential {
        kind: other.kind,
        id: Fact::Known(id),
        status: other.status,
        created: Span::exactly(other.created.unwrap_or(user_created)),
        service,
        expires: other.expires,
    })
}

fn to_file(other: &OtherCredential) -> account_file::OtherCredential {
    account_file::OtherCredential {
        kind: other.kind,
        id: other.id.known().ok().flatten().cloned(),
        status: other.status,
        created: Some(other.created.earliest),
        service: other.service.clone(),
        expires: other.expires,
    }
}

fn inline_to_file(policies: &BTreeMap<PolicyName, PolicyDocument>) -> Vec<account_file::InlinePolicy> {
    policies
        .iter()
        .map(|(name, document)| account_file::InlinePolicy { name: name.clone(), document: document.clone() })
        .collect()
}

pub(super) fn arn(account: &AccountId, kind: &str, path: &str, name: &str) -> Option<Arn> {
    Arn::parse(&format!("arn:aws:iam::{account}:{kind}{path}{name}")).ok()
}
