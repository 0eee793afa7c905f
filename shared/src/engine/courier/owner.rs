use super::super::{EngineError, Observe, ReadIam, ResourceName};
use super::{Chance, Courier, Tell};
use crate::facts::{Entity, Fact, Resource, Unread};
use crate::governance::{Contact, Notices};
use crate::notice::Notice;

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) contact: Contact,
    /// Why it is they, in words that follow "because".
    pub(super) because: String,
}

/// Why nobody was found in one of the places that were asked.
struct Nobody(String);

impl<P: ReadIam + Tell + Observe> Courier<'_, P> {
    /// Whom a notice concerns: by the directory, a tag, the account's contact, else the fallback.
    pub(super) async fn owner(
        &self,
        settings: &Notices,
        notice: &Notice,
        chance: Chance,
    ) -> Result<Owner, EngineError> {
        if let Some(contact) = settings.listed(notice.resource.arn()) {
            let because = "the governance file says that it is yours".to_owned();
            return Ok(Owner { contact: contact.clone(), because });
        }
        let mut asked = vec!["the governance file names no owner of it".to_owned()];
        if settings.asks_tags() {
            match self.by_tag(settings, notice, chance).await? {
                Ok(owner) => return Ok(owner),
                Err(Nobody(why)) => asked.push(why),
            }
        }
        if settings.asks_security_contact() {
            match self.security_contact(settings, chance).await? {
                Ok(owner) => return Ok(owner),
                Err(Nobody(why)) => asked.push(why),
            }
        }
        let because = format!("nobody is known to own it: {}", asked.join("; "));
        Ok(Owner { contact: settings.fallback().clone(), because })
    }

    /// A tag says who is told and nothing else. It is read from the live principal, so nobody who sends messages can
    /// make one up.
    async fn by_tag(
        &self,
        settings: &Notices,
        notice: &Notice,
        chance: Chance,
    ) -> Result<Result<Owner, Nobody>, EngineError> {
        let resource = &notice.resource;
        if resource.principal().is_none() {
            return Ok(Err(Nobody(format!("a {} has no tags that name one", resource.kind().noun()))));
        }
        if *resource.account() != self.deployment.account {
            return Ok(Err(Nobody("it is another account's".to_owned())));
        }
        let live = match self.ports.find(&ResourceName::of(resource)).await {
            Ok(Some(live)) => live,
            Ok(None) => return Ok(Err(Nobody("it is gone, and its tags with it".to_owned()))),
            Err(unread) => return nobody(&unread, chance),
        };
        if live.identity().unique_id() != resource.unique_id() {
            return Ok(Err(Nobody("it is gone, and another has its name".to_owned())));
        }
        let tags = match &live {
            Resource::Entity(Entity::User(user)) => user.tags.known(),
            Resource::Entity(Entity::Role(role)) => role.tags.known(),
            _ => Ok(None),
        };
        let tags = match tags {
            Ok(Some(tags)) => tags.clone(),
            Ok(None) => std::collections::BTreeMap::new(),
            Err(unread) => return nobody(unread, chance),
        };
        let mut asked = Vec::new();
        for (tag, value) in settings.owner_tags(&tags) {
            match settings.address(value) {
                Ok(address) => {
                    let because = format!("the tag `{tag}` of {resource} names you");
                    return Ok(Ok(Owner { contact: Contact::Email(address), because }));
                }
                Err(why) => asked.push(format!("its tag `{tag}` {why}")),
            }
        }
        let none = || format!("it has no tag {}", settings.tags().join(" or "));
        Ok(Err(Nobody(if asked.is_empty() { none() } else { asked.join("; ") })))
    }

    async fn security_contact(
        &self,
        settings: &Notices,
        chance: Chance,
    ) -> Result<Result<Owner, Nobody>, EngineError> {
        let text = match self.ports.security_contact().await {
            Fact::Known(text) => text,
            Fact::Absent => {
                return Ok(Err(Nobody("the account has no contact for security".to_owned())));
            }
            Fact::Unknown(unread) => return nobody(&unread, chance),
        };
        Ok(match settings.address(&text) {
            Ok(address) => {
                let because = "the account names you for security, and no owner is known".to_owned();
                Ok(Owner { contact: Contact::Email(address), because })
            }
            Err(why) => Err(Nobody(format!("the account's contact for security {why}"))),
        })
    }
}

/// What cannot be read now may be later, as long as there is a later.
fn nobody(unread: &Unread, chance: Chance) -> Result<Result<Owner, Nobody>, EngineError> {
    if unread.why.is_retryable() && chance == Chance::ThereAreMore {
        return Err(EngineError::Retry(format!("whose it is could not be read: {unread}")));
    }
    Ok(Err(Nobody(format!("more could not be read: {unread}"))))
}
