use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{AttachedPermissionsBoundary, RoleLastUsed, Tag};
use shared::facts::{
    Fact, Group, GroupIdentity, ManagedPolicy, PolicyIdentity, Read, Role, RoleIdentity, RoleLastUse, Unread,
    User, UserIdentity,
};
use shared::identifier::{
    AccountId, Arn, GroupName, PolicyName, PolicyVersionId, RoleName, UniqueId, UserName,
};
use shared::policy::PolicyDocument;

use super::pages::IamPage;
use super::{Iam, fact, senseless};
use crate::failure::Failure;
use crate::time::from_sdk;

/// IAM's word for "there is none".
pub(super) const NO_SUCH_ENTITY: &str = "NoSuchEntity";

impl Iam {
    pub(super) async fn find_user(&self, name: &UserName) -> Result<Option<User>, Unread> {
        const READ: Read = Read::GetUser;
        let answer = match self.client.get_user().user_name(name.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => return none_or_unread(Failure::of(&error), READ),
        };
        let live = answer.user.ok_or_else(|| senseless(READ, "the answer holds no user"))?;
        let arn = self.own_arn(&live.arn, READ)?;
        let identity = UserIdentity {
            account: self.account.clone(),
            name: UserName::parse(&live.user_name).map_err(|error| senseless(READ, error))?,
            unique_id: UniqueId::parse(&live.user_id).map_err(|error| senseless(READ, error))?,
            arn,
        };
        let mut user = User::unread(identity);
        user.created = moment(&live.create_date, READ);
        user.tags = Fact::Known(tags(live.tags.unwrap_or_default()));
        user.boundary = boundary(live.permissions_boundary, READ);
        user.password_last_used = live.password_last_used.map_or(Fact::Absent, |used| moment(&used, READ));
        Ok(Some(user))
    }

    pub(super) async fn find_role(&self, name: &RoleName) -> Result<Option<Role>, Unread> {
        const READ: Read = Read::GetRole;
        let answer = match self.client.get_role().role_name(name.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => return none_or_unread(Failure::of(&error), READ),
        };
        let live = answer.role.ok_or_else(|| senseless(READ, "the answer holds no role"))?;
        let arn = self.own_arn(&live.arn, READ)?;
        let identity = RoleIdentity {
            account: self.account.clone(),
            name: RoleName::parse(&live.role_name).map_err(|error| senseless(READ, error))?,
            unique_id: UniqueId::parse(&live.role_id).map_err(|error| senseless(READ, error))?,
            arn,
        };
        let mut role = Role::unread(identity);
        role.created = moment(&live.create_date, READ);
        role.tags = Fact::Known(tags(live.tags.unwrap_or_default()));
        role.boundary = boundary(live.permissions_boundary, READ);
        role.trust = match live.assume_role_policy_document {
            None => Fact::not_read(READ),
            Some(encoded) => {
                fact(PolicyDocument::from_percent_encoded(&encoded).map_err(|error| senseless(READ, error)))
            }
        };
        role.max_session_duration = session_duration(live.max_session_duration, READ);
        role.last_used = role_last_use(live.role_last_used, READ);
        Ok(Some(role))
    }

    /// A group with its members; a group of thousands takes several pages.
    pub(super) async fn find_group(&self, name: &GroupName) -> Result<Option<Group>, Unread> {
        const READ: Read = Read::GetGroup;
        let mut members = BTreeSet::new();
        let mut holders = BTreeSet::new();
        let mut marker = None;
        loop {
            let request = self.client.get_group().group_name(name.as_str()).set_marker(marker);
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) => return none_or_unread(Failure::of(&error), READ),
            };
            for user in &answer.users {
                let member = UserIdentity {
                    account: self.account.clone(),
                    name: UserName::parse(&user.user_name).map_err(|error| senseless(READ, error))?,
                    unique_id: UniqueId::parse(&user.user_id).map_err(|error| senseless(READ, error))?,
                    arn: self.own_arn(&user.arn, READ)?,
                };
                members.insert(member.name.clone());
                holders.insert(member.into());
            }
            marker = IamPage::<UserName>::next(answer.is_truncated, answer.marker, READ)?;
            if marker.is_some() {
                continue;
            }
            let live = answer.group.ok_or_else(|| senseless(READ, "the answer holds no group"))?;
            let mut group = Group::unread(GroupIdentity {
                account: self.account.clone(),
                name: GroupName::parse(&live.group_name).map_err(|error| senseless(READ, error))?,
                unique_id: UniqueId::parse(&live.group_id).map_err(|error| senseless(READ, error))?,
                arn: self.own_arn(&live.arn, READ)?,
            });
            group.created = moment(&live.create_date, READ);
            group.members = Fact::Known(members);
            group.holders = Fact::Known(holders);
            return Ok(Some(group));
        }
    }

    pub(super) async fn find_policy(&self, arn: &Arn) -> Result<Option<ManagedPolicy>, Unread> {
        const READ: Read = Read::GetPolicy;
        let answer = match self.client.get_policy().policy_arn(arn.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => return none_or_unread(Failure::of(&error), READ),
        };
        let live = answer.policy.ok_or_else(|| senseless(READ, "the answer holds no policy"))?;
        let told = |field: Option<String>, what: &str| {
            field.ok_or_else(|| senseless(READ, format!("the answer holds no {what}")))
        };
        let name = told(live.policy_name, "name")?;
        let mut policy = ManagedPolicy::unread(PolicyIdentity {
            account: self.account.clone(),
            name: PolicyName::parse(&name).map_err(|error| senseless(READ, error))?,
            unique_id: UniqueId::parse(&told(live.policy_id, "id")?)
                .map_err(|error| senseless(READ, error))?,
            arn: self.own_arn(&told(live.arn, "ARN")?, READ)?,
        });
        let count = |count: Option<i32>| {
            count
                .and_then(|count| u64::try_from(count).ok())
                .map_or_else(|| Fact::not_read(READ), Fact::Known)
        };
        policy.created = live.create_date.map_or_else(|| Fact::not_read(READ), |made| moment(&made, READ));
        policy.default_version = fact(
            PolicyVersionId::parse(&live.default_version_id.unwrap_or_default())
                .map_err(|error| senseless(READ, error)),
        );
        policy.attachments = count(live.attachment_count);
        policy.bounds = count(live.permissions_boundary_usage_count);
        Ok(Some(policy))
    }

    /// An ARN in the account this deployment governs. Credentials of another account would answer as readily.
    pub(super) fn own_arn(&self, text: &str, read: Read) -> Result<Arn, Unread> {
        let arn = Arn::parse(text).map_err(|error| senseless(read, error))?;
        if arn.account().as_ref() == Some(&self.account) {
            Ok(arn)
        } else {
            let elsewhere = arn.account().as_ref().map_or("no account", AccountId::as_str).to_owned();
            let governed = &self.account;
            Err(senseless(
                read,
                format!("the answer is about {elsewhere}, this deployment governs {governed}"),
            ))
        }
    }
}

fn none_or_unread<T>(failure: Failure, read: Read) -> Result<Option<T>, Unread> {
    if failure.is(NO_SUCH_ENTITY) { Ok(None) } else { Err(failure.unread(read)) }
}

pub(super) fn tags(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

pub(super) fn boundary(boundary: Option<AttachedPermissionsBoundary>, read: Read) -> Fact<Arn> {
    match boundary.and_then(|boundary| boundary.permissions_boundary_arn) {
        None => Fact::Absent,
        Some(arn) => fact(Arn::parse(&arn).map_err(|error| senseless(read, error))),
    }
}

pub(super) fn session_duration(seconds: Option<i32>, read: Read) -> Fact<u32> {
    match seconds.map(u32::try_from) {
        Some(Ok(seconds)) => Fact::Known(seconds),
        Some(Err(error)) => Fact::Unknown(senseless(read, error)),
        None => Fact::not_read(read),
    }
}

/// IAM leaves out the date of a role that it has seen no use of.
pub(super) fn role_last_use(used: Option<RoleLastUsed>, read: Read) -> Fact<RoleLastUse> {
    let Some(used) = used else { return Fact::Absent };
    match used.last_used_date {
        None => Fact::Absent,
        Some(at) => moment(&at, read).map(|at| RoleLastUse { at, region: used.region }),
    }
}

pub(super) fn moment(time: &aws_sdk_iam::primitives::DateTime, read: Read) -> Fact<jiff::Timestamp> {
    from_sdk(time).map_or_else(|| Fact::Unknown(senseless(read, "a time is out of range")), Fact::Known)
}
