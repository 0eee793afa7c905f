use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::AccountDetailsError;
use super::document::{Document, DocumentId, Documents};
use super::page::{self, Page};
use super::principal::{Boundary, Kind, Principal, PrincipalId};
use super::service;
use super::trust::trusts_service;
use crate::identifier::Arn;
use crate::policy::{Malformed, Policy};

/// An account's identities and policies, as far as the file tells.
#[derive(Debug)]
pub(super) struct AccountDetails {
    /// What whoever may write or attach policies can give itself.
    pub(super) everything: Document,
    pub(super) documents: Documents,
    pub(super) managed: Vec<ManagedPolicy>,
    pub(super) principals: Vec<Principal>,
}

/// A managed policy. Its default version is the one that counts.
#[derive(Debug)]
pub(super) struct ManagedPolicy {
    pub(super) arn: Arn,
    pub(super) default: Result<DocumentId, String>,
    /// The other versions, as far as they can be read: somebody may make one of them the default.
    pub(super) others: Vec<DocumentId>,
    /// How many versions there are in all.
    pub(super) versions: usize,
}

/// A managed policy's place in [`AccountDetails::managed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ManagedId(usize);

impl AccountDetails {
    /// Reads the pages of the answer.
    pub(super) fn read(text: &str) -> Result<Self, AccountDetailsError> {
        let mut listed = ListedAccount::default();
        for page in Page::read_all(text)? {
            listed.users.extend(page.user_detail_list.unwrap_or_default());
            listed.groups.extend(page.group_detail_list.unwrap_or_default());
            listed.roles.extend(page.role_detail_list.unwrap_or_default());
            listed.policies.extend(page.policies.unwrap_or_default());
        }
        Self::of(listed, "the file")
    }

    /// Takes what is listed already. `told_by` is what messages call the list.
    pub(super) fn of(listed: ListedAccount<'_>, told_by: &'static str) -> Result<Self, AccountDetailsError> {
        let ListedAccount { users, groups, roles, policies } = listed;
        let arns = users.iter().map(|it| &it.arn).chain(groups.iter().map(|it| &it.arn));
        let mut arns = arns.chain(roles.iter().map(|it| &it.arn));
        let partition = arns.find_map(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        let mut reader = Reader::new(&partition, told_by);
        // Principals name policies, and users name groups.
        for policy in policies {
            reader.managed(policy)?;
        }
        for group in groups {
            reader.group(group)?;
        }
        for user in users {
            reader.user(user)?;
        }
        for role in roles {
            reader.role(role)?;
        }
        let mut account = reader.account;
        account.documents.direct(&account.principals);
        Ok(account)
    }

    /// The managed policy of an id.
    pub(super) fn managed(&self, id: ManagedId) -> Option<&ManagedPolicy> {
        self.managed.get(id.0)
    }

    /// The principal of an id.
    pub(super) fn principal(&self, id: PrincipalId) -> Option<&Principal> {
        self.principals.get(id.index())
    }
}

/// Everything that is listed of an account, in any order.
#[derive(Debug, Default)]
pub(crate) struct ListedAccount<'a> {
    pub(crate) users: Vec<page::UserDetail<'a>>,
    pub(crate) groups: Vec<page::GroupDetail<'a>>,
    pub(crate) roles: Vec<page::RoleDetail<'a>>,
    pub(crate) policies: Vec<page::ManagedPolicyDetail<'a>>,
}

struct Reader {
    account: AccountDetails,
    told_by: &'static str,
    /// Stand in for AWS's `AdministratorAccess` and `IAMFullAccess` where they are attached and their texts are not
    /// there: the only policies that are known by their names.
    known_by_name: [DocumentId; 2],
    seen: HashSet<String>,
    managed: HashMap<String, ManagedId>,
    /// Groups by account and name, which is how users name them.
    groups: HashMap<(String, String), PrincipalId>,
}

impl Reader {
    fn new(partition: &str, told_by: &'static str) -> Self {
        let mut documents = Documents::default();
        let known_by_name = [Document::administrator_access(partition), Document::iam_full_access(partition)]
            .map(|document| documents.add(document));
        let everything = Document::administrator_access(partition);
        Self {
            account: AccountDetails { everything, documents, managed: Vec::new(), principals: Vec::new() },
            told_by,
            known_by_name,
            seen: HashSet::new(),
            managed: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    fn arn(&mut self, list: &'static str, text: &str) -> Result<Arn, AccountDetailsError> {
        let prefix = match list {
            "UserDetailList" => "user/",
            "GroupDetailList" => "group/",
            "RoleDetailList" => "role/",
            _ => "policy/",
        };
        let arn = Arn::parse(text).ok().filter(|arn| {
            arn.service() == "iam"
                && arn.resource().strip_prefix(prefix).is_some_and(|name| !name.is_empty())
                && (arn.account().is_some() || arn.is_aws_managed())
        });
        let arn = arn.ok_or_else(|| AccountDetailsError::NotAnArn { list, text: text.to_owned() })?;
        if self.seen.insert(text.to_owned()) {
            Ok(arn)
        } else {
            Err(AccountDetailsError::StandsTwice { arn: text.to_owned() })
        }
    }

    fn managed(&mut self, policy: page::ManagedPolicyDetail<'_>) -> Result<(), AccountDetailsError> {
        let arn = self.arn("Policies", &policy.arn)?;
        let id = ManagedId(self.account.managed.len());
        let default_id = policy.default_version_id.as_deref();
        let versions = policy.policy_version_list.len();
        let mut default = Err(format!("its default version is not in {}", self.told_by));
        let mut others = Vec::new();
        for version in policy.policy_version_list {
            let is_default = match (default_id, version.version_id.as_deref()) {
                (Some(default), Some(version)) => default == version,
                _ => version.is_default_version,
            };
            let document = version.document.map(|document| document.0);
            let document = self.document(policy.arn.to_string(), Some(id), document);
            match (is_default, document) {
                (true, document) => default = document,
                (false, Ok(other)) => others.push(other),
                (false, Err(_)) => {}
            }
        }
        self.managed.insert(policy.arn.into_owned(), id);
        self.account.managed.push(ManagedPolicy { arn, default, others, versions });
        Ok(())
    }

    fn group(&mut self, group: page::GroupDetail<'_>) -> Result<(), AccountDetailsError> {
        let arn = self.arn("GroupDetailList", &group.arn)?;
        let key = (account_of(&arn), arn.name().to_owned());
        let mut principal = Principal::new(Kind::Group, arn);
        principal.errors = group.unread;
        self.policies(&mut principal, group.group_policy_list, &group.attached_managed_policies);
        self.groups.insert(key, PrincipalId::new(self.account.principals.len()));
        self.add(principal);
        Ok(())
    }

    fn user(&mut self, user: page::UserDetail<'_>) -> Result<(), AccountDetailsError> {
        let mut principal = Principal::new(Kind::User, self.arn("UserDetailList", &user.arn)?);
        principal.unique_id = user.user_id.map(Cow::into_owned);
        principal.errors = user.unread;
        self.policies(&mut principal, user.user_policy_list, &user.attached_managed_policies);
        self.boundary(&mut principal, user.permissions_boundary);
        principal.tags = tags(user.tags);
        for name in user.group_list {
            match self.groups.get(&(account_of(&principal.arn), name.to_string())) {
                Some(group) if principal.groups.contains(group) => {}
                Some(group) => principal.groups.push(*group),
                None => principal.errors.push(format!("group `{name}` is not in {}", self.told_by)),
            }
        }
        self.add(principal);
        Ok(())
    }

    fn role(&mut self, role: page::RoleDetail<'_>) -> Result<(), AccountDetailsError> {
        let mut principal = Principal::new(Kind::Role, self.arn("RoleDetailList", &role.arn)?);
        principal.errors = role.unread;
        self.policies(&mut principal, role.role_policy_list, &role.attached_managed_policies);
        self.boundary(&mut principal, role.permissions_boundary);
        principal.tags = tags(role.tags);
        principal.instance_profiles =
            role.instance_profile_list.into_iter().map(|profile| profile.arn.into_owned()).collect();
        match role.assume_role_policy_document.map(|trust| trust.0) {
            Some(Ok(trust)) => {
                principal.trust = Some(trust);
                let trusted = service::KNOWN.iter().copied().filter(|it| trusts_service(&principal, it));
                principal.services = trusted.collect();
            }
            Some(Err(why)) => principal.errors.push(format!("trust policy: {why}")),
            None => principal.errors.push(format!("trust policy: is not in {}", self.told_by)),
        }
        self.add(principal);
        Ok(())
    }

    fn add(&mut self, mut principal: Principal) {
        principal.place = Some(self.account.principals.len());
        self.account.principals.push(principal);
    }

    fn policies(
        &mut self,
        principal: &mut Principal,
        inline: Vec<page::InlinePolicy<'_>>,
        attached: &[page::AttachedPolicy<'_>],
    ) {
        for policy in inline {
            let name = match principal.kind {
                Kind::Group => format!("{}/{}", principal.arn.name(), policy.policy_name),
                Kind::User | Kind::Role | Kind::Member => policy.policy_name.to_string(),
            };
            match self.document(name, None, policy.policy_document.map(|document| document.0)) {
                Ok(document) => principal.policies.push(document),
                Err(why) => principal.errors.push(format!("policy `{}`: {why}", policy.policy_name)),
            }
        }
        for policy in attached {
            match self.attached(&policy.policy_arn) {
                Ok(document) => principal.policies.push(document),
                Err(why) => {
                    principal.errors.push(format!("policy `{}`: {why}", policy.policy_arn));
                    principal.policies.extend(self.known_by_name(&policy.policy_arn));
                }
            }
            // What it is called counts even where what it says is not known: somebody may rewrite it.
            principal.attached.extend(self.managed.get(policy.policy_arn.as_ref()));
        }
    }

    fn boundary(&mut self, principal: &mut Principal, boundary: Option<page::PermissionsBoundary<'_>>) {
        let Some(boundary) = boundary else { return };
        let Some(arn) = boundary.permissions_boundary_arn else {
            principal.errors.push("permissions boundary: it is not told which".to_owned());
            principal.boundary = Some(Boundary { arn: None, managed: None, document: None });
            return;
        };
        let document = match self.attached(&arn) {
            Ok(document) => Some(document),
            Err(why) => {
                principal.errors.push(format!("permissions boundary `{arn}`: {why}"));
                self.known_by_name(&arn)
            }
        };
        let managed = self.managed.get(arn.as_ref()).copied();
        principal.boundary = Some(Boundary { arn: Some(arn.into_owned()), managed, document });
    }

    fn known_by_name(&self, arn: &str) -> Option<DocumentId> {
        let mut known = self.known_by_name.into_iter();
        known.find(|id| self.account.documents.get(*id).is_some_and(|document| document.name == arn))
    }

    fn attached(&self, arn: &str) -> Result<DocumentId, String> {
        match self.managed.get(arn).and_then(|id| self.account.managed(*id)) {
            Some(managed) => managed.default.clone(),
            None => Err(format!("is attached, but not in {}", self.told_by)),
        }
    }

    fn document(
        &mut self,
        name: String,
        managed: Option<ManagedId>,
        policy: Option<Result<Policy, Malformed>>,
    ) -> Result<DocumentId, String> {
        match policy {
            Some(Ok(policy)) => Ok(self.account.documents.add(Document::new(name, managed, policy))),
            Some(Err(why)) => Err(why.to_string()),
            None => Err(format!("its document is not in {}", self.told_by)),
        }
    }
}

fn account_of(arn: &Arn) -> String {
    arn.account().map(|account| account.to_string()).unwrap_or_default()
}

fn tags(tags: Vec<page::Tag<'_>>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key.into_owned(), tag.value.into_owned())).collect()
}
