use std::collections::{BTreeMap, BTreeSet, VecDeque};

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

/// The account's resources, page by page. Groups come after users, because who belongs to them is told with the
/// users; the account itself comes last, because all the others have something to tell of it.
pub(super) struct Listing {
    /// What is given out.
    kinds: BTreeSet<ResourceType>,
    /// What is needed of it.
    needs: BTreeSet<Need>,
    /// Of whom the pages must tell.
    detailed: BTreeSet<ResourceType>,
    /// Whether all is listed before the first is given out, because what one can become hangs on all the others.
    whole: bool,
    page: VecDeque<Resource>,
    position: Position,
    groups: VecDeque<Group>,
    members: BTreeMap<GroupName, BTreeSet<UserName>>,
    /// Of a user whose groups could not be read: it may belong to any.
    unread: Option<Unread>,
    /// Who holds which managed policy, where that is needed.
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
    /// The resources of these kinds, `with_privileges` or without.
    pub(super) fn of(
        kinds: BTreeSet<ResourceType>,
        needs: BTreeSet<Need>,
        with_privileges: bool,
        account: AccountIdentity,
    ) -> Self {
        let mut detailed: BTreeSet<_> = kinds.iter().copied().filter(|kind| kind.is_detailed()).collect();
        let usage = needs.contains(&Need::PolicyUsage).then(PolicyUsage::default);
        if usage.is_some() {
            detailed.extend([ResourceType::User, ResourceType::Role, ResourceType::Group]);
        } else if detailed.contains(&ResourceType::Group) {
            detailed.insert(ResourceType::User);
        }
        Self {
            position: if detailed.is_empty() { Position::End } else { Position::Start },
            account: kinds.contains(&ResourceType::Account).then_some(account),
            kinds,
            needs,
            detailed,
            whole: with_privileges,
            page: VecDeque::new(),
            groups: VecDeque::new(),
            members: BTreeMap::new(),
            unread: None,
            usage,
            others: OTHERS.into_iter(),
        }
    }

    /// Whether, read to its end, it gives out every resource of the kind: it goes through some for what they tell of
    /// others.
    pub(super) fn gives_out(&self, kind: ResourceType) -> bool {
        self.kinds.contains(&kind)
    }

    /// The next resource.
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
                let detailed = self.detailed.clone();
                self.page = self.turn(ports, &detailed).await?.into();
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
                    self.page =
                        ports.others(kind, &self.needs).await.map_err(|unread| unlisted(&unread))?.into();
                }
            } else {
                return Ok(self.the_account(ports).await.map(Resource::from));
            }
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
        let page = ports.resources(kinds, marker).await.map_err(|unread| unlisted(&unread))?;
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

    /// Notes what a resource tells of others; `None` for a group, which waits for what users tell of it.
    fn noted(&mut self, resource: Resource) -> Option<Resource> {
        match resource {
            Resource::Group(group) => {
                self.groups.push_back(*group);
                return None;
            }
            Resource::Entity(Entity::User(ref user)) => {
                self.note_groups(user);
                if let Some(usage) = &mut self.usage {
                    usage.note_user(user);
                }
            }
            Resource::Entity(Entity::Role(ref role)) => {
                if let Some(usage) = &mut self.usage {
                    usage.note_role(role);
                }
            }
            _ => {}
        }
        Some(resource)
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

fn unlisted(unread: &Unread) -> EngineError {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, throttled};
    use crate::facts::{GroupIdentity, Read};
    use crate::identifier::{AccountId, Arn, GroupName, UniqueId};

    fn group() -> Group {
        let account = AccountId::parse("111122223333").unwrap();
        Group::unread(GroupIdentity {
            account,
            name: GroupName::parse("staff").unwrap(),
            unique_id: UniqueId::parse("AGPAEXAMPLEEXAMPLE001").unwrap(),
            arn: Arn::parse("arn:aws:iam::111122223333:group/staff").unwrap(),
        })
    }

    fn members_seen_by(users: &[User]) -> Fact<usize> {
        let account = crate::facts::AccountIdentity::new(&group().identity.account, "aws").unwrap();
        let mut listing = Listing::of(BTreeSet::new(), BTreeSet::new(), false, account);
        for user in users {
            assert_eq!(listing.noted(user.clone().into()), Some(user.clone().into()));
        }
        match listing.with_members(group()).members {
            Fact::Known(members) => Fact::Known(members.len()),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(unread) => Fact::Unknown(unread),
        }
    }

    #[test]
    fn a_group_without_members_is_empty_only_where_everybody_s_groups_are_known() {
        let within = User { groups: Fact::Known(vec![group().identity.name]), ..alice() };
        let without = User { groups: Fact::Absent, ..alice() };
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let hidden = User { groups: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(members_seen_by(std::slice::from_ref(&without)), Fact::Known(0));
        assert_eq!(members_seen_by(&[within.clone(), without.clone()]), Fact::Known(1));
        assert_eq!(members_seen_by(&[hidden.clone(), without]), Fact::Unknown(unread));
        assert_eq!(members_seen_by(&[within, hidden]), Fact::Known(1));
    }
}
