//! Somebody with credentials of the account, who calls IAM as AWS lets them: by their policies as they show at that moment,
//! and by the organisation's.

use std::collections::{BTreeMap, BTreeSet};

use shared::facts::{KeyStatus, UserIdentity};
use shared::identifier::{AccessKeyId, Arn, GroupName, RoleName, UserName};
use shared::organization::OrganizationPolicies;
use shared::policy::PolicyDocument;
use shared::policy::evaluate::{Principal, Request};
use shared::remedy::Step;

use super::authority::{Credential, context};
use super::iam::{Key, Password, Role, User, arn};
use super::policy_versions;
use super::state::State;
use super::versions::Versions;
use super::watch::Moment;
use crate::account_file::{self, derive};

/// Keys that a user may have (IAM and STS quotas).
const KEYS_QUOTA: usize = 2;

/// A call of IAM.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a few are made a world")]
pub(crate) enum Attempt {
    /// One that Bailiff makes too.
    Step(Step),
    /// `CreateAccessKey`.
    CreateAccessKey(UserName),
    /// `CreateLoginProfile`.
    CreateLoginProfile(UserName),
    /// `CreateUser`, and all that makes an administrator of it.
    CreateUser(UserName),
    /// `CreatePolicyVersion` of the quarantine policy, with a text that denies nothing.
    RewriteQuarantine,
    /// `DeletePolicy` of the quarantine policy.
    DeleteQuarantine,
    /// `AddUserToGroup`.
    AddUserToGroup(UserName, GroupName),
    /// `DeleteUser`.
    DeleteUser(UserName),
    /// `DeleteRole`.
    DeleteRole(RoleName),
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    User(UserName),
    Role(RoleName),
}

/// How a call went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Went {
    /// AWS refused it for want of a permission.
    Denied,
    /// IAM refused it for what it asked.
    Refused,
    /// It was done.
    Done,
}

impl Attempt {
    /// The call's name.
    pub(crate) fn call(&self) -> &'static str {
        match self {
            Self::Step(step) => step.write().action().strip_prefix("iam:").unwrap_or_default(),
            Self::CreateAccessKey(_) => "CreateAccessKey",
            Self::CreateLoginProfile(_) => "CreateLoginProfile",
            Self::CreateUser(_) => "CreateUser",
            Self::RewriteQuarantine => "CreatePolicyVersion",
            Self::DeleteQuarantine => "DeletePolicy",
            Self::AddUserToGroup(..) => "AddUserToGroup",
            Self::DeleteUser(_) => "DeleteUser",
            Self::DeleteRole(_) => "DeleteRole",
        }
    }
}

impl Moment<'_> {
    /// Makes the call, as far as AWS lets it.
    pub(crate) fn attempt(
        &mut self,
        by: &Caller,
        attempt: &Attempt,
        organization: Option<&OrganizationPolicies>,
    ) -> Went {
        let state = self.state_mut();
        if !state.lets(by, attempt, organization) {
            return Went::Denied;
        }
        match state.carry_out(attempt) {
            Ok(()) => Went::Done,
            Err(_) => Went::Refused,
        }
    }

    /// Whether the credential is good for the action now.
    pub(crate) fn admits(&self, credential: &Credential, action: &str) -> bool {
        self.state().admits(credential, action)
    }

    /// A user as the latest write left it.
    pub(crate) fn latest_user(&self, name: &UserName) -> Option<account_file::User> {
        self.state().iam.users.get(name).and_then(Versions::latest).map(User::to_file)
    }

    /// A role as the latest write left it.
    pub(crate) fn latest_role(&self, name: &RoleName) -> Option<account_file::Role> {
        self.state().iam.roles.get(name).and_then(Versions::latest).map(Role::to_file)
    }
}

impl State {
    fn lets(&self, by: &Caller, attempt: &Attempt, organization: Option<&OrganizationPolicies>) -> bool {
        let action = format!("iam:{}", attempt.call());
        let (resource, keys) = self.asked(attempt);
        let (own, principal) = match by {
            Caller::User(name) => {
                let Some(user) = self.user(name.as_str()) else { return false };
                (self.lets_user(user, None, &action, &resource, &keys), user.identity.arn.to_string())
            }
            Caller::Role(name) => {
                let Some(role) = self.role(name.as_str()) else { return false };
                let own = self.lets_role(role, None, &action, &resource, &keys);
                (own, format!("arn:aws:sts::{}:assumed-role/{name}/session", self.iam.account))
            }
        };
        own && organization.is_none_or(|organization| {
            let Some(principal) = Principal::parse(&principal) else { return true };
            let request = Request {
                principal,
                action: &action,
                resource: &resource,
                resource_account: None,
                context: context(None, &keys),
            };
            organization.denial(&request).is_none()
        })
    }

    /// The resource of a call and the context keys that AWS fills in.
    ///
    /// Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS IAM".
    fn asked(&self, attempt: &Attempt) -> (String, Vec<(&'static str, String)>) {
        let mut keys = vec![
            ("aws:PrincipalOrgID", "o-a1b2c3d4e5".to_owned()),
            ("aws:ResourceOrgID", "o-a1b2c3d4e5".to_owned()),
            ("aws:SourceIp", "203.0.113.9".to_owned()),
            ("aws:ViaAWSService", "false".to_owned()),
        ];
        let of = |kind: &str, name: &str| format!("arn:aws:iam::{}:{kind}/{name}", self.iam.account);
        let quarantine = of("policy", &format!("{}-quarantine", self.stack));
        let resource = match attempt {
            Attempt::Step(step) => {
                match step {
                    Step::AttachUserPolicy { policy, .. }
                    | Step::DetachUserPolicy { policy, .. }
                    | Step::AttachRolePolicy { policy, .. }
                    | Step::DetachRolePolicy { policy, .. } => {
                        keys.push(("iam:PolicyARN", policy.to_string()));
                    }
                    Step::TagUser { tag, .. }
                    | Step::UntagUser { tag, .. }
                    | Step::TagRole { tag, .. }
                    | Step::UntagRole { tag, .. } => keys.push(("aws:TagKeys", tag.clone())),
                    _ => {}
                }
                let boundary = match step {
                    Step::PutUserPermissionsBoundary { boundary, .. }
                    | Step::PutRolePermissionsBoundary { boundary, .. } => Some(boundary.clone()),
                    Step::ActivateAccessKey { .. } | Step::ActivateCredential { .. } => None,
                    other => self.boundary_of(other.resource().name()),
                };
                keys.extend(boundary.map(|boundary| ("iam:PermissionsBoundary", boundary.to_string())));
                keys.extend(self.marks_of(step.resource().name()));
                step.resource().arn().to_string()
            }
            Attempt::CreateAccessKey(user)
            | Attempt::CreateLoginProfile(user)
            | Attempt::DeleteUser(user) => {
                keys.extend(self.marks_of(user.as_str()));
                let live = self.iam.users.get(user).and_then(Versions::latest);
                live.map_or_else(|| of("user", user.as_str()), |live| live.identity.arn.to_string())
            }
            Attempt::DeleteRole(role) => {
                keys.extend(self.marks_of(role.as_str()));
                let boundary = self.boundary_of(role.as_str());
                keys.extend(boundary.map(|boundary| ("iam:PermissionsBoundary", boundary.to_string())));
                let live = self.iam.roles.get(role).and_then(Versions::latest);
                live.map_or_else(|| of("role", role.as_str()), |live| live.identity.arn.to_string())
            }
            Attempt::CreateUser(user) => of("user", user.as_str()),
            // It is about the group: the mark of whom it takes in is not asked.
            Attempt::AddUserToGroup(_, group) => of("group", group.as_str()),
            Attempt::RewriteQuarantine | Attempt::DeleteQuarantine => quarantine,
        };
        (resource, keys)
    }

    fn boundary_of(&self, name: &str) -> Option<Arn> {
        let of_user = self.user(name).and_then(|user| user.boundary.clone());
        of_user.or_else(|| self.role(name).and_then(|role| role.boundary.clone()))
    }

    fn marks_of(&self, name: &str) -> Option<(&'static str, String)> {
        let tags =
            self.user(name).map(|user| &user.tags).or_else(|| self.role(name).map(|role| &role.tags))?;
        let mark = tags.get("bailiff:quarantined")?;
        Some(("aws:ResourceTag/bailiff:quarantined", mark.clone()))
    }

    fn carry_out(&mut self, attempt: &Attempt) -> Result<(), String> {
        match attempt {
            Attempt::Step(step) => self.write(step),
            Attempt::CreateAccessKey(name) => {
                let made = self.calls.0.len();
                let mut id = None;
                self.change_user(name, |user, _, now| {
                    if user.keys.len() >= KEYS_QUOTA {
                        return Err(format!(
                            "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: {KEYS_QUOTA}"
                        ));
                    }
                    let key = derive("AKIA", &format!("{name} intruder {made} {now}"), 20);
                    let key = AccessKeyId::parse(&key).map_err(|error| error.to_string())?;
                    id = Some(key.clone());
                    let status = KeyStatus::Active;
                    user.keys.push(Key {
                        id: key,
                        status,
                        created: now,
                        last_used: None,
                        status_changed: None,
                    });
                    Ok(())
                })?;
                self.iam.key_owners.extend(id.map(|id| (id, name.clone())));
                Ok(())
            }
            Attempt::CreateLoginProfile(name) => self.change_user(name, |user, _, now| {
                if user.password.is_some() {
                    return Err(format!(
                        "EntityAlreadyExists: Login Profile for user {name} already exists."
                    ));
                }
                user.password = Some(Password { created: now, changed: now, reset_required: false });
                Ok(())
            }),
            Attempt::CreateUser(name) => self.create_user(name),
            Attempt::RewriteQuarantine => {
                let allows_nothing = PolicyDocument::new(
                    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}"#,
                );
                let policy = self.quarantine()?;
                self.change_policy(&policy, |policy| policy_versions::create(policy, &allows_nothing))
            }
            Attempt::DeleteQuarantine => {
                let policy = self.quarantine()?;
                let users = self.iam.users.values().filter_map(Versions::latest);
                let used = users.filter(|user| user.attached.contains(&policy)).count();
                Err(if used > 0 { "DeleteConflict" } else { "it is part of a stack" }.to_owned())
            }
            Attempt::AddUserToGroup(name, group) => self.change_user(name, |user, iam, _| {
                let groups = &mut iam.groups.iter().filter_map(Versions::latest);
                if !groups.any(|live| live.name == *group) {
                    return Err(format!("NoSuchEntity: The group with name {group} cannot be found."));
                }
                user.groups.insert(group.clone());
                Ok(())
            }),
            Attempt::DeleteUser(name) => {
                let live = self.iam.users.get(name).and_then(Versions::latest).ok_or("NoSuchEntity")?;
                let bare = live.attached.is_empty()
                    && live.inline.is_empty()
                    && live.groups.is_empty()
                    && live.keys.is_empty()
                    && live.password.is_none()
                    && live.mfa_devices.is_empty()
                    && live.other_credentials.is_empty();
                if !bare {
                    return Err("DeleteConflict".to_owned());
                }
                self.iam.users.remove(name);
                Ok(())
            }
            Attempt::DeleteRole(name) => {
                let live = self.iam.roles.get(name).and_then(Versions::latest).ok_or("NoSuchEntity")?;
                if !live.attached.is_empty() || !live.inline.is_empty() {
                    return Err("DeleteConflict".to_owned());
                }
                self.iam.roles.remove(name);
                Ok(())
            }
        }
    }

    fn quarantine(&self) -> Result<Arn, String> {
        let name = format!("{}-quarantine", self.stack);
        arn(&self.iam.account, "policy", "/", &name).ok_or_else(|| "no such policy".to_owned())
    }

    fn create_user(&mut self, name: &UserName) -> Result<(), String> {
        if self.iam.users.contains_key(name) {
            return Err(format!("EntityAlreadyExists: User with name {name} already exists."));
        }
        let id = shared::identifier::UniqueId::parse(&derive("AIDA", name.as_str(), 21));
        let of = arn(&self.iam.account, "user", "/", name.as_str()).ok_or("no such name")?;
        let administrator = Arn::parse("arn:aws:iam::aws:policy/AdministratorAccess");
        let user = User {
            identity: UserIdentity {
                account: self.iam.account.clone(),
                arn: of,
                unique_id: id.map_err(|error| error.to_string())?,
                name: name.clone(),
            },
            path: "/".to_owned(),
            created: self.now,
            tags: BTreeMap::new(),
            groups: BTreeSet::new(),
            inline: BTreeMap::new(),
            attached: administrator.into_iter().collect(),
            boundary: None,
            password: None,
            password_last_used: None,
            mfa_devices: Vec::new(),
            keys: Vec::new(),
            other_credentials: Vec::new(),
        };
        self.iam.users.insert(name.clone(), Versions::settled(user));
        Ok(())
    }
}
