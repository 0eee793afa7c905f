//! The means of denial that leaves nothing behind: a boundary that somebody put another one in the place of.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::super::mark::is_marked;
use super::{Means, ROLE_INLINE_QUOTA, USER_INLINE_QUOTA, means};
use crate::facts::{Entity, Resource, Role, Unread, User};
use crate::rules::Context;
use crate::threat::Threat;

/// What the boundary before a change by somebody else may have been, as far as the live state shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BoundaryBefore {
    /// The quarantine policy: that one shows still, or again; or nothing denies everything any more, and it bears the mark,
    /// or has room for no other means.
    Quarantine,
    /// Nobody can tell: everything is denied by another means, perhaps only since; or it was reported of late, and may have
    /// been denied everything in between.
    Unclear,
    /// Another policy.
    NoQuarantine,
}

/// What the boundary before a change by somebody else may have been.
///
/// # Errors
///
/// What could not be read and hides the answer.
pub(crate) fn boundary_before(live: &Resource, context: &Context) -> Result<BoundaryBefore, Unread> {
    let (attached, inline, boundary, tags, threats, quota) = match live {
        Resource::Entity(Entity::User(user)) => {
            let User { attached_policies, inline_policies, boundary, tags, threats, .. } = &**user;
            (attached_policies, inline_policies, boundary, tags, threats, USER_INLINE_QUOTA)
        }
        Resource::Entity(Entity::Role(role)) => {
            let Role { attached_policies, inline_policies, boundary, tags, threats, .. } = &**role;
            (attached_policies, inline_policies, boundary, tags, threats, ROLE_INLINE_QUOTA)
        }
        _ => return Ok(BoundaryBefore::NoQuarantine),
    };
    let quarantine = &context.quarantine_policy;
    if boundary.known().map_err(Clone::clone)? == Some(quarantine) {
        return Ok(BoundaryBefore::Quarantine);
    }
    let mut unknown = Vec::new();
    let means = means(attached, inline, boundary, quarantine, quota, &BTreeSet::new(), &mut unknown);
    match (means, unknown.pop()) {
        (Some(Means::InForce), _) => Ok(BoundaryBefore::Unclear),
        (_, Some(unread)) => Err(unread),
        (Some(Means::Boundary { .. }), None) => Ok(BoundaryBefore::Quarantine),
        (_, None) if tags.known().map_err(Clone::clone)?.is_some_and(is_marked) => {
            Ok(BoundaryBefore::Quarantine)
        }
        (_, None) if was_reported(threats.list().map_err(Clone::clone)?, context) => {
            Ok(BoundaryBefore::Unclear)
        }
        (_, None) => Ok(BoundaryBefore::NoQuarantine),
    }
}

/// A report is answered for as long, unless the governance file says otherwise.
const OF_LATE: SignedDuration = SignedDuration::from_hours(7 * 24);

fn was_reported(threats: &[Threat], context: &Context) -> bool {
    threats.iter().any(|threat| context.at.duration_since(threat.at) <= OF_LATE)
}

#[cfg(test)]
mod tests {
    use super::BoundaryBefore::{NoQuarantine, Quarantine, Unclear};
    use super::*;
    use crate::facts::fixture::{
        alice, attached, context, days, inline, many_attached, now, threat, throttled,
    };
    use crate::facts::{Fact, Read};
    use crate::threat::{Sign, Source};

    fn told(user: User) -> Option<BoundaryBefore> {
        boundary_before(&user.into(), &context()).ok()
    }

    fn full() -> User {
        let big = inline("big", "x".repeat(2_000));
        alice().with_attached(many_attached(10)).with_inline([big])
    }

    const OTHER: &str = "arn:aws:iam::111122223333:policy/staff";

    #[test]
    fn another_boundary_where_nothing_else_has_room_may_have_replaced_the_quarantine() {
        assert_eq!(told(full().with_boundary(OTHER)), Some(Quarantine));
        assert_eq!(told(full()), Some(Quarantine));
        assert_eq!(told(alice().with_boundary(OTHER)), Some(NoQuarantine), "it would have been attached");
    }

    #[test]
    fn the_mark_of_whoever_is_denied_nothing_tells() {
        let marked = || alice().with_tag("Bailiff:Quarantined", "true").with_boundary(OTHER);
        assert_eq!(told(marked()), Some(Quarantine));
        let quarantine = context().quarantine_policy.to_string();
        assert_eq!(told(marked().with_attached([attached(&quarantine)])), Some(Unclear));
    }

    #[test]
    fn a_quarantine_that_shows_still_or_again_was_there() {
        let quarantine = context().quarantine_policy.to_string();
        assert_eq!(told(alice().with_boundary(&quarantine)), Some(Quarantine));
    }

    #[test]
    fn whoever_was_reported_of_late_may_have_been_denied_everything_in_between() {
        let reported = |ago| {
            let threat = Threat { at: now() - days(ago), ..threat(Sign::Detected, Source::GuardDuty) };
            User { threats: Fact::Known(vec![threat]), ..alice().with_boundary(OTHER) }
        };
        assert_eq!(told(reported(1)), Some(Unclear));
        assert_eq!(told(reported(8)), Some(NoQuarantine));
        assert_eq!(told(User { threats: Fact::Unknown(throttled(Read::Threats)), ..reported(1) }), None);
    }

    #[test]
    fn what_could_not_be_read_is_told_apart() {
        let unread = || Fact::Unknown(throttled(Read::ListAttachedUserPolicies));
        assert_eq!(told(User { attached_policies: unread(), ..full().with_boundary(OTHER) }), None);
        let unread = Fact::Unknown(throttled(Read::GetUser));
        assert_eq!(told(User { boundary: unread, ..alice() }), None);
    }
}
