use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::evaluate_account::Sweep;
use super::{EngineError, Page, ReadAccount, privileges};
use crate::facts::{
    Account, AccountIdentity, AwsManagedPolicy, Entity, Fact, Group, Need, PolicyUsage, Resource, Unread,
    User,
};
use crate::identifier::{GroupName, UserName};
use crate::rules::ResourceType;

/// What has listings of its own, in the order in which they are read.
const OTHERS: [ResourceType; 3] =
    [ResourceType::ServerCertificate, ResourceType::SamlProvider, ResourceType::OidcProvider];

/// What privileges hang on.
const WHOLE: [ResourceType; 4] =
    [ResourceType::User, ResourceType::Role, ResourceType::Group, ResourceType::Policy];

/// The account's resources, page by page. Groups come after users, because who belongs to them is told with the
/// users; the account comes last, because of it everything has told something.
pub(super) struct Listing {
    kinds: BTreeSet<ResourceType>,
    needs: BTreeSet<Need>,
    /// Whether all is listed before the first is given out, because what one can become hangs on all the others.
    whole: bool,
    /// Kinds of whose details the pages must tell.
    detailed: BTreeSet<ResourceType>,
    page: VecDeque<Resource>,
    position: Position,
    groups: VecDeque<Group>,
    members: BTreeMap<GroupName, BTreeSet<UserName>>,
    /// Of a user whose groups could not be read: it may belong to any.
    unread: Option<Unread>,
    usage: Option<PolicyUsage>,
    others: std::array::IntoIter<ResourceType, 3>,
    account: Option<AccountIdentity>,
}

enum Position {
    Start,
    At(String),
    End,
}

impl Listing {
    /// What the rules of a sweep are about.
    pub(super) fn new(sweep: &Sweep<'_>, account: AccountIdentity) -> Self {
        let mut detailed: BTreeSet<_> =
            sweep.kinds.iter().copied().filter(|kind| kind.is_detailed()).collect();
        let usage = sweep.needs.contains(&Need::PolicyUsage).then(PolicyUsage::default);
        if usage.is_some() {
            detailed.extend([ResourceType::User, ResourceType::Role, ResourceType::Group]);
        } else if detailed.contains(&ResourceType::Group) {
            detailed.insert(ResourceType::User);
        }
        if sweep.whole {
            detailed.extend(WHOLE);
        }
        Self {
            whole: sweep.whole,
            position: if detailed.is_empty() { Position::End } else { Position::Start },
            detailed,
            kinds: sweep.kinds.clone(),
            needs: sweep.needs.clone(),
            page: VecDeque::new(),
            groups: VecDeque::new(),
            members: BTreeMap::new(),
            unread: None,
            usage,
            others: OTHERS.into_iter(),
            account: sweep.kinds.contains(&ResourceType::Account).then_some(account),
        }
    }

    /// The next resource that rules are about.
    pub(super) async fn next(&mut self, ports: &impl ReadAccount) -> Result<Option<Resource>, EngineError> {
        if self.whole && matches!(self.position, Position::Start) {
            self.page = self.everything(ports).await?.into();
        }
        loop {
            while let Some(resource) = self.page.pop_front() {
                if let Some(resource) = self.noted(resource)
                    && self.kinds.contains(&resource.kind())
                {
                    return Ok(Some(resource));
                }
            }
            if !matches!(self.position, Position::End) {
                self.page = self.turn(ports).await?.into();
            } else if let Some(group) = self.groups.pop_front() {
                let group = self.with_members(group);
                if let Some(usage) = &mut self.usage {
                    usage.note_group(&group);
                }
                if self.kinds.contains(&ResourceType::Group) {
                    return Ok(Some(group.into()));
                }
            } else if let Some(kind) = self.others.next() {
                if self.kinds.contains(&kind) {
                    self.page = ports.others(kind, &self.needs).await.map_err(unlisted)?.into();
                }
            } else {
                return Ok(self.the_account(ports).await.map(Resource::from));
            }
        }
    }

    /// The next page.
    async fn turn(&mut self, ports: &impl ReadAccount) -> Result<Vec<Resource>, EngineError> {
        let marker = match &self.position {
            Position::Start | Position::End => None,
            Position::At(marker) => Some(marker.as_str()),
        };
        let page = ports.resources(&self.detailed, marker).await.map_err(unlisted)?;
        self.position = page.next.map_or(Position::End, Position::At);
        Ok(page.items)
    }

    /// Every page, with what each principal can do and become.
    async fn everything(&mut self, ports: &impl ReadAccount) -> Result<Vec<Resource>, EngineError> {
        let mut resources = self.turn(ports).await?;
        while matches!(self.position, Position::At(_)) {
            resources.extend(self.turn(ports).await?);
        }
        let of_aws = of_aws(ports).await;
        privileges::enter(&mut resources, &of_aws);
        Ok(resources)
    }

    /// Notes what a resource tells of others; `None` for a group, which waits for what users tell of it.
    fn noted(&mut self, resource: Resource) -> Option<Resource> {
        match resource {
            Resource::Group(group) => {
                self.groups.push_back(*group);
                None
            }
            Resource::Entity(Entity::User(user)) => {
                self.note_groups(&user);
                if let Some(usage) = &mut self.usage {
                    usage.note_user(&user);
                }
                Some((*user).into())
            }
            Resource::Entity(Entity::Role(role)) => {
                if let Some(usage) = &mut self.usage {
                    usage.note_role(&role);
                }
                Some((*role).into())
            }
            other => Some(other),
        }
    }

    fn note_groups(&mut self, user: &User) {
        match user.groups.list() {
            Ok(groups) => {
                for group in groups {
                    self.members.entry(group.clone()).or_default().insert(user.identity.name.clone());
                }
            }
            Err(unread) => self.unread = Some(unread.clone()),
        }
    }

    fn with_members(&self, mut group: Group) -> Group {
        let members = self.members.get(&group.identity.name).cloned().unwrap_or_default();
        group.members = match &self.unread {
            // One member is enough to know that it is not empty.
            Some(unread) if members.is_empty() => Fact::Unknown(unread.clone()),
            _ => Fact::Known(members),
        };
        group
    }

    /// The account itself, once.
    async fn the_account(&mut self, ports: &impl ReadAccount) -> Option<Account> {
        let mut account = Account::unread(self.account.take()?);
        if let Some(usage) = self.usage.take() {
            account.policy_usage = Fact::Known(usage);
        }
        ports.account(account, &self.needs).await
    }
}

fn unlisted(unread: Unread) -> EngineError {
    if unread.why.is_retryable() {
        EngineError::Retry(unread.to_string())
    } else {
        EngineError::Permanent(unread.to_string())
    }
}

/// The policies of AWS in use, as far as they can be listed. One that is missing leaves open what whoever has it can do;
/// all else can be judged without.
async fn of_aws(ports: &impl ReadAccount) -> Vec<AwsManagedPolicy> {
    let mut policies = Vec::new();
    let mut marker: Option<String> = None;
    while let Ok(Page { items, next }) = ports.aws_managed_policies(marker.as_deref()).await {
        policies.extend(items);
        match next {
            Some(next) => marker = Some(next),
            None => break,
        }
    }
    policies
}
