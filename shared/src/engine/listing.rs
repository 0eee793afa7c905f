use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{EngineError, ReadAccount};
use crate::facts::{Entity, Fact, Group, Resource, Unread, User};
use crate::identifier::{GroupName, UserName};
use crate::rules::ResourceType;

/// The account's resources, page by page. Groups come last: who belongs to them is told with the users.
#[derive(Default)]
pub(super) struct Listing {
    page: VecDeque<Resource>,
    position: Position,
    groups: VecDeque<Group>,
    members: BTreeMap<GroupName, BTreeSet<UserName>>,
    /// Of a user whose groups could not be read: it may belong to any.
    unread: Option<Unread>,
}

#[derive(Default)]
enum Position {
    #[default]
    Start,
    At(String),
    End,
}

impl Listing {
    /// The next resource of these kinds.
    pub(super) async fn next(
        &mut self,
        ports: &impl ReadAccount,
        kinds: &BTreeSet<ResourceType>,
    ) -> Result<Option<Resource>, EngineError> {
        loop {
            while let Some(resource) = self.page.pop_front() {
                match resource {
                    Resource::Group(group) => self.groups.push_back(*group),
                    Resource::Entity(Entity::User(user)) => {
                        self.note(&user);
                        if kinds.contains(&ResourceType::User) {
                            return Ok(Some((*user).into()));
                        }
                    }
                    other => return Ok(Some(other)),
                }
            }
            let marker = match &self.position {
                Position::Start => None,
                Position::At(marker) => Some(marker.as_str()),
                Position::End => {
                    return Ok(self.groups.pop_front().map(|group| self.with_members(group).into()));
                }
            };
            let mut wanted = kinds.clone();
            if wanted.contains(&ResourceType::Group) {
                wanted.insert(ResourceType::User);
            }
            let page = ports.resources(&wanted, marker).await.map_err(|unread| {
                if unread.why.is_retryable() {
                    EngineError::Retry(unread.to_string())
                } else {
                    EngineError::Permanent(unread.to_string())
                }
            })?;
            self.page = page.items.into();
            self.position = page.next.map_or(Position::End, Position::At);
        }
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
