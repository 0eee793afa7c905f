use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{EngineError, Page, ReadAccount, privileges};
use crate::facts::{AwsManagedPolicy, Entity, Fact, Group, Resource, Unread, User};
use crate::identifier::{GroupName, UserName};
use crate::rules::ResourceType;

/// The account's resources, page by page. Groups come last: who belongs to them is told with the users.
pub(super) struct Listing {
    /// What is given out.
    kinds: BTreeSet<ResourceType>,
    /// Whether all is listed before the first is given out, because what one can become hangs on all the others.
    whole: bool,
    page: VecDeque<Resource>,
    position: Position,
    groups: VecDeque<Group>,
    members: BTreeMap<GroupName, BTreeSet<UserName>>,
    /// Of a user whose groups could not be read: it may belong to any.
    unread: Option<Unread>,
}

enum Position {
    Start,
    At(String),
    End,
}

impl Listing {
    /// The resources of these kinds, `with_privileges` or without.
    pub(super) fn of(kinds: BTreeSet<ResourceType>, with_privileges: bool) -> Self {
        Self {
            kinds,
            whole: with_privileges,
            page: VecDeque::new(),
            position: Position::Start,
            groups: VecDeque::new(),
            members: BTreeMap::new(),
            unread: None,
        }
    }

    /// The next resource.
    pub(super) async fn next(&mut self, ports: &impl ReadAccount) -> Result<Option<Resource>, EngineError> {
        if self.whole && matches!(self.position, Position::Start) {
            self.page = self.everything(ports).await?.into();
        }
        loop {
            while let Some(resource) = self.page.pop_front() {
                if let Resource::Entity(Entity::User(user)) = &resource {
                    self.note(user);
                }
                match resource {
                    other if !self.kinds.contains(&other.kind()) => {}
                    Resource::Group(group) => self.groups.push_back(*group),
                    other => return Ok(Some(other)),
                }
            }
            if matches!(self.position, Position::End) {
                return Ok(self.groups.pop_front().map(|group| self.with_members(group).into()));
            }
            let mut wanted = self.kinds.clone();
            if wanted.contains(&ResourceType::Group) {
                wanted.insert(ResourceType::User);
            }
            self.page = self.turn(ports, &wanted).await?.into();
        }
    }

    /// The next page.
    async fn turn(
        &mut self,
        ports: &impl ReadAccount,
        kinds: &BTreeSet<ResourceType>,
    ) -> Result<Vec<Resource>, EngineError> {
        let marker = match &self.position {
            Position::Start | Position::End => None,
            Position::At(marker) => Some(marker.as_str()),
        };
        let page = ports.resources(kinds, marker).await.map_err(|unread| {
            if unread.why.is_retryable() {
                EngineError::Retry(unread.to_string())
            } else {
                EngineError::Permanent(unread.to_string())
            }
        })?;
        self.position = page.next.map_or(Position::End, Position::At);
        Ok(page.items)
    }

    /// Every page, with what each principal can do and become.
    async fn everything(&mut self, ports: &impl ReadAccount) -> Result<Vec<Resource>, EngineError> {
        let kinds = BTreeSet::from([
            ResourceType::User,
            ResourceType::Role,
            ResourceType::Group,
            ResourceType::Policy,
        ]);
        let mut resources = self.turn(ports, &kinds).await?;
        while matches!(self.position, Position::At(_)) {
            resources.extend(self.turn(ports, &kinds).await?);
        }
        let of_aws = of_aws(ports).await;
        privileges::enter(&mut resources, &of_aws);
        Ok(resources)
    }

    fn note(&mut self, user: &User) {
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
