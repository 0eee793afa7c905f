//! The tag of whoever is in quarantine. It stops nobody by itself: the organisation's policies know by it whom nobody
//! but Bailiff may change (`organization/policies/protect-quarantine.json`), and they ask whether it is there, not
//! what it says.

use std::collections::BTreeMap;

use super::Step;
use crate::facts::{Entity, Fact, Resource, Role, User};
use crate::rules::Proposal;

/// The tag's key.
pub const QUARANTINE_TAG: &str = "bailiff:quarantined";
/// What it says when Bailiff sets it: the same at each try, so that what a worker died over reads back as its own.
const VALUE: &str = "true";
/// Tags a user or role may have (IAM and STS quotas); it cannot be raised.
const TAGS_QUOTA: usize = 50;

/// Whether the tag is on, whatever it says. IAM keeps the case of a user's and a role's tag keys and does not tell keys
/// apart by it (IAM User Guide, "Rules for tagging in IAM and AWS STS").
pub(crate) fn is_marked(tags: &BTreeMap<String, String>) -> bool {
    tags.keys().any(|key| key.eq_ignore_ascii_case(QUARANTINE_TAG))
}

/// Whether a step about a tag is about this one and says what Bailiff says. What an undo puts back is the same.
pub(super) fn is_the_mark(tag: &str, value: &str) -> bool {
    tag == QUARANTINE_TAG && value == VALUE
}

/// Marks a user or role as quarantined, after all else: a deny must never wait for a tag.
pub fn mark(live: &Resource, proposal: &mut Proposal) {
    match live {
        Resource::Entity(Entity::User(user)) => mark_user(user, proposal),
        Resource::Entity(Entity::Role(role)) => mark_role(role, proposal),
        _ => {}
    }
}

pub(super) fn mark_user(user: &User, proposal: &mut Proposal) {
    if has_room(&user.tags, proposal) {
        let (tag, value) = (QUARANTINE_TAG.to_owned(), VALUE.to_owned());
        proposal.steps.push(Step::TagUser { user: user.identity.clone(), tag, value });
    }
}

pub(super) fn mark_role(role: &Role, proposal: &mut Proposal) {
    if has_room(&role.tags, proposal) {
        let (tag, value) = (QUARANTINE_TAG.to_owned(), VALUE.to_owned());
        proposal.steps.push(Step::TagRole { role: role.identity.clone(), tag, value });
    }
}

/// Whether the tag is to be set. That it cannot be stands in the way of nothing.
fn has_room(tags: &Fact<BTreeMap<String, String>>, proposal: &mut Proposal) -> bool {
    let left = match tags.known() {
        Ok(None) => return true,
        Ok(Some(tags)) if is_marked(tags) => return false,
        Ok(Some(tags)) if tags.len() < TAGS_QUOTA => return true,
        Ok(Some(_)) => format!("it has {TAGS_QUOTA} tags, so there is no room for `{QUARANTINE_TAG}`"),
        Err(unread) => format!("its tags could not be read, so `{QUARANTINE_TAG}` is not set: {unread}"),
    };
    proposal.left.push(format!("{left}; policies of the organisation do not know it as quarantined"));
    false
}
