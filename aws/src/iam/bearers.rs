//! Who has which unique id. IAM looks nobody up by it, so the account is listed, and the listing serves for a while: a
//! conformance pack that is switched on tells of thousands within minutes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shared::engine::{ReadIam, ResourceName};
use shared::facts::{Read, Resource, Unread, WhyUnread};
use shared::identifier::UniqueId;
use shared::rules::ResourceType;

use super::Iam;

const READ: Read = Read::GetAccountAuthorizationDetails;

/// So long a listing serves.
const SERVES_FOR: SignedDuration = SignedDuration::from_mins(5);

/// So long after an event a listing shows whom it tells of, though clocks differ and IAM is late.
const SHOWN_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// The last listing of the account. IAM's quotas keep it to some twenty thousand names.
#[derive(Default)]
pub(super) struct Bearers(RefCell<Option<Listed>>);

struct Listed {
    begun: Timestamp,
    names: BTreeMap<UniqueId, ResourceName>,
}

/// What the last listing tells of a unique id.
enum Told {
    /// Who had it then.
    Had(ResourceName),
    /// Nobody had it, and nobody was made since.
    Nobody,
    /// Nobody had it, but somebody may have been made since.
    NotYet,
    /// There is none, or it is too old.
    Nothing,
}

impl Bearers {
    fn tell(&self, unique_id: &UniqueId, made_by: Option<Timestamp>, now: Timestamp) -> Told {
        match &*self.0.borrow() {
            Some(listed) if now.duration_since(listed.begun).abs() < SERVES_FOR => {
                match listed.names.get(unique_id) {
                    Some(name) => Told::Had(name.clone()),
                    None if made_by.is_none_or(|by| listed.begun.duration_since(by) > SHOWN_WITHIN) => {
                        Told::Nobody
                    }
                    None => Told::NotYet,
                }
            }
            _ => Told::Nothing,
        }
    }
}

impl Iam {
    /// The user, role, group or policy of a unique id; somebody may have been made up to this time.
    pub(crate) async fn bearer_of(
        &self,
        unique_id: &UniqueId,
        made_by: Option<Timestamp>,
    ) -> Result<Option<ResourceName>, Unread> {
        self.bearer_at(unique_id, made_by, Timestamp::now()).await
    }

    pub(super) async fn bearer_at(
        &self,
        unique_id: &UniqueId,
        made_by: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<ResourceName>, Unread> {
        match self.bearers.tell(unique_id, made_by, now) {
            Told::Had(name) if self.has(&name, unique_id).await? => return Ok(Some(name)),
            Told::Nobody => return Ok(None),
            Told::NotYet => {
                let why = format!(
                    "the account was listed minutes ago, without {unique_id}; it is listed again later"
                );
                return Err(Unread::new(READ, WhyUnread::Throttled, why));
            }
            // Renamed or deleted since, which the next listing shows of everybody.
            Told::Had(_) | Told::Nothing => {}
        }
        let names = self.names().await?;
        let found = names.get(unique_id).cloned();
        self.bearers.0.replace(Some(Listed { begun: now, names }));
        Ok(found)
    }

    /// Whether that is the unique id of whoever has the name now.
    async fn has(&self, name: &ResourceName, unique_id: &UniqueId) -> Result<bool, Unread> {
        let live = self.find(name).await?;
        Ok(live.is_some_and(|live| live.identity().unique_id() == unique_id))
    }

    async fn names(&self) -> Result<BTreeMap<UniqueId, ResourceName>, Unread> {
        let kinds =
            [ResourceType::User, ResourceType::Role, ResourceType::Group, ResourceType::Policy].into();
        let mut names = BTreeMap::new();
        let mut marker = None;
        loop {
            let page = self.page(&kinds, marker.as_deref()).await?;
            let identities = page.items.iter().map(Resource::identity);
            names.extend(identities.map(|live| (live.unique_id().clone(), ResourceName::of(&live))));
            marker = page.next;
            if marker.is_none() {
                return Ok(names);
            }
        }
    }
}
