//! Whom an event is about, as they live now.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::ThreatDetector;
use crate::engine::remediation::unreadable;
use crate::engine::{Decision, EngineError, FindHolder, Observe, ReadIam, ResourceName};
use crate::event::{Suspect, Trigger};
use crate::facts::{Entity, Need, Resource};
use crate::identifier::{Arn, GroupName, IdentifierError};
use crate::threat::CLOCKS_DIFFER_BY;

impl<P: ReadIam + FindHolder + Observe> ThreatDetector<'_, P> {
    /// Whom it is about, as it lives now, with the needed facts. Where nobody is meant any more, the event led to nothing.
    pub(super) async fn live(
        &self,
        trigger: &Trigger,
        about: &Suspect,
        needs: &BTreeSet<Need>,
    ) -> Result<Option<Resource>, EngineError> {
        let unreadable = |unread| unreadable(&unread);
        let nobody = |why: String| {
            self.ports.decided(&Decision::Ignored { source: trigger.source, id: trigger.id.clone(), why });
            Ok(None)
        };
        let (name, unique_id) = match about {
            Suspect::User { name, unique_id } => (ResourceName::User(name.clone()), unique_id.clone()),
            Suspect::Role { name, unique_id } => (ResourceName::Role(name.clone()), unique_id.clone()),
            Suspect::HolderOf(key) => match self.ports.holder_of(key).await.map_err(unreadable)? {
                Some(name) => (ResourceName::User(name), None),
                None => return nobody(format!("nobody here has the access key {key}")),
            },
            Suspect::UniqueId(id) => {
                match self.ports.bearer_of(id, Some(trigger.at)).await.map_err(unreadable)? {
                    Some(name) => (name, Some(id.clone())),
                    None => return nobody(format!("there is no {id} in this account")),
                }
            }
            Suspect::Arn(arn) => match self.named(arn) {
                Some(Ok(name)) => (name, None),
                Some(Err(error)) => return nobody(error.to_string()),
                None => return nobody(format!("{arn} is no user, role, group or policy of this account")),
            },
        };
        let mut read = self.ports.read(&name, needs).await.map_err(unreadable)?;
        let is_meant =
            |live: &Resource| unique_id.as_ref().is_none_or(|id| id == live.identity().unique_id());
        // Whoever may rename a user would else be lost with what was told under the old name. A role keeps its name. Who was
        // made since the account was last listed still has the name that was told, so no new listing is waited for.
        if let (Suspect::User { .. }, Some(id)) = (about, &unique_id)
            && !read.as_ref().is_some_and(is_meant)
            && let Some(name) = self.ports.bearer_of(id, None).await.map_err(unreadable)?
        {
            read = self.ports.read(&name, needs).await.map_err(unreadable)?.or(read);
        }
        let Some(live) = read else {
            let whom = match &name {
                ResourceName::User(name) => format!("user {name}"),
                ResourceName::Role(name) => format!("role {name}"),
                ResourceName::Group(name) => format!("group {name}"),
                ResourceName::Policy(arn) | ResourceName::Listed(arn) => arn.to_string(),
                ResourceName::Account(account) => account.account.to_string(),
            };
            let why = "deleted or renamed since, or never there";
            return nobody(format!("{whom}, whom it is about, is not in this account: {why}"));
        };
        match unique_id {
            // A key id is never given twice, a name is.
            None if !matches!(about, Suspect::HolderOf(_))
                && created(&live).is_some_and(|created| created > trigger.at + CLOCKS_DIFFER_BY) =>
            {
                nobody(format!("{} was made after it: another had the name", live.identity()))
            }
            Some(meant) if meant != *live.identity().unique_id() => {
                nobody(format!("it is about {meant}, and {} is another by that name", live.identity()))
            }
            _ => Ok(Some(live)),
        }
    }

    /// What an ARN names, if it is of this account and of a kind that is judged one by one.
    fn named(&self, arn: &Arn) -> Option<Result<ResourceName, IdentifierError>> {
        let ours = &self.deployment.quarantine_policy;
        let is_here = arn.account().as_ref() == Some(&self.deployment.account)
            && arn.partition_name() == ours.partition_name();
        if arn.service() != "iam" || !is_here {
            return None;
        }
        match arn.resource().split_once('/')?.0 {
            "user" | "role" => Some(ResourceName::of_principal(arn)),
            "group" => Some(GroupName::parse(arn.name()).map(ResourceName::Group)),
            "policy" => Some(Ok(ResourceName::Policy(arn.clone()))),
            _ => None,
        }
    }
}

/// When it was made, where that is known.
fn created(live: &Resource) -> Option<Timestamp> {
    let created = match live {
        Resource::Entity(Entity::User(user)) => &user.created,
        Resource::Entity(Entity::Role(role)) => &role.created,
        _ => return None,
    };
    created.known().ok().flatten().copied()
}
