//! The means of denial that leaves nothing behind: a boundary that somebody put another one in the place of.

use std::collections::BTreeSet;

use super::super::mark::is_marked;
use super::{Means, ROLE_INLINE_QUOTA, USER_INLINE_QUOTA, means};
use crate::facts::{Entity, Resource, Unread};
use crate::rules::Context;

/// Whether the boundary before a change by somebody else may have been the quarantine policy: that one shows still, or
/// again; or nothing denies everything any more, and it bears the mark, or has room for no other means.
///
/// # Errors
///
/// What could not be read and hides the answer.
pub(crate) fn may_have_been_bounded(live: &Resource, context: &Context) -> Result<bool, Unread> {
    let (attached, inline, boundary, tags, quota) = match live {
        Resource::Entity(Entity::User(user)) => {
            (&user.attached_policies, &user.inline_policies, &user.boundary, &user.tags, USER_INLINE_QUOTA)
        }
        Resource::Entity(Entity::Role(role)) => {
            (&role.attached_policies, &role.inline_policies, &role.boundary, &role.tags, ROLE_INLINE_QUOTA)
        }
        _ => return Ok(false),
    };
    let quarantine = &context.quarantine_policy;
    if boundary.known().map_err(Clone::clone)? == Some(quarantine) {
        return Ok(true);
    }
    let mut unknown = Vec::new();
    let means = means(attached, inline, boundary, quarantine, quota, &BTreeSet::new(), &mut unknown);
    match (means, unknown.pop()) {
        (Some(Means::InForce), _) => Ok(false),
        (_, Some(unread)) => Err(unread),
        (Some(Means::Boundary { .. }), None) => Ok(true),
        (_, None) => Ok(tags.known().map_err(Clone::clone)?.is_some_and(is_marked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, attached, context, inline, many_attached, throttled};
    use crate::facts::{Fact, Read, User};

    fn told(user: User) -> Option<bool> {
        may_have_been_bounded(&user.into(), &context()).ok()
    }

    fn full() -> User {
        let big = inline("big", "x".repeat(2_000));
        alice().with_attached(many_attached(10)).with_inline([big])
    }

    const OTHER: &str = "arn:aws:iam::111122223333:policy/staff";

    #[test]
    fn another_boundary_where_nothing_else_has_room_may_have_replaced_the_quarantine() {
        assert_eq!(told(full().with_boundary(OTHER)), Some(true));
        assert_eq!(told(full()), Some(true));
        assert_eq!(told(alice().with_boundary(OTHER)), Some(false), "it would have been attached");
    }

    #[test]
    fn the_mark_of_whoever_is_denied_nothing_tells() {
        let marked = || alice().with_tag("Bailiff:Quarantined", "true").with_boundary(OTHER);
        assert_eq!(told(marked()), Some(true));
        let quarantine = context().quarantine_policy.to_string();
        assert_eq!(told(marked().with_attached([attached(&quarantine)])), Some(false), "denied all the same");
    }

    #[test]
    fn a_quarantine_that_shows_still_or_again_was_there() {
        let quarantine = context().quarantine_policy.to_string();
        assert_eq!(told(alice().with_boundary(&quarantine)), Some(true));
    }

    #[test]
    fn what_could_not_be_read_is_told_apart() {
        let unread = || Fact::Unknown(throttled(Read::ListAttachedUserPolicies));
        assert_eq!(told(User { attached_policies: unread(), ..full().with_boundary(OTHER) }), None);
        let unread = Fact::Unknown(throttled(Read::GetUser));
        assert_eq!(told(User { boundary: unread, ..alice() }), None);
    }
}
