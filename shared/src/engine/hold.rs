//! How long rules let a principal be after a person's undo: from before its first write, so that no rule answers what is
//! being put back, and only where something was. It stands against what was known then: what is reported of the principal
//! later is answered.

use jiff::Timestamp;

use super::{Clock, Hold, Journal, PortError};
use crate::facts::{Departure, Entity, Fact, Resource, Role, User};
use crate::identifier::UniqueId;
use crate::remedy::{Cause, Entry, JournalId};
use crate::threat::Threats;

impl Hold {
    /// What an undo holds, from when it was opened, whoever carries it out: what is reported until a dead worker's is resumed
    /// is new.
    pub(super) fn of(undo: &Entry) -> Self {
        Self { restored_by: undo.id.clone(), until: undo.opened + Self::LASTS, before: None }
    }

    /// When the undo began.
    fn began(&self) -> Timestamp {
        self.until.saturating_sub(Self::LASTS).unwrap_or(self.until)
    }

    /// The principal with what was reported of it since the undo, and nothing of before; `None` where there is nothing.
    pub(super) fn reported_since(&self, live: &Resource) -> Option<Resource> {
        let began = self.began();
        let newer = |threats: &Fact<Threats>| match threats {
            Fact::Known(threats) => {
                let mut threats = threats.clone();
                threats.retain(|threat| threat.heard > began);
                Fact::Known(threats)
            }
            other => other.clone(),
        };
        let is_some = |threats: &Fact<Threats>| threats.list().is_ok_and(|threats| !threats.is_empty());
        let Resource::Entity(entity) = live else { return None };
        let (newer, is_any) = match entity {
            Entity::User(user) => {
                let threats = newer(&user.threats);
                let left = |departure: &Departure| departure.came_after(began);
                let has_left = user.departure.known().is_ok_and(|departure| departure.is_some_and(left));
                let departure = if has_left { user.departure.clone() } else { Fact::Absent };
                let is_any = has_left || is_some(&threats);
                (Entity::User(Box::new(User { threats, departure, ..(**user).clone() })), is_any)
            }
            Entity::Role(role) => {
                let threats = newer(&role.threats);
                let is_any = is_some(&threats);
                (Entity::Role(Box::new(Role { threats, ..(**role).clone() })), is_any)
            }
        };
        is_any.then_some(Resource::Entity(newer))
    }
}

/// Holds every rule, for the undo that is about to be carried out. A hold of another undo comes back where this one does
/// nothing.
pub(super) async fn begin<P: Journal + Clock>(ports: &P, undo: &Entry) -> Result<(), PortError> {
    let principal = undo.plan.resource.unique_id();
    let before = match ports.hold(principal).await? {
        // A dead worker's, of this very undo.
        Some(own) if own.restored_by == undo.id => own.before,
        other => standing(other.map(Box::new), None, ports.now()),
    };
    ports.put_hold(principal, &Hold { before, ..Hold::of(undo) }).await
}

/// What of holds, one before the other, still stands, without that of this undo.
fn standing(hold: Option<Box<Hold>>, without: Option<&JournalId>, now: Timestamp) -> Option<Box<Hold>> {
    let mut hold = hold?;
    let before = standing(hold.before.take(), without, now);
    if hold.stands(now) && without != Some(&hold.restored_by) {
        return Some(Box::new(Hold { before, ..*hold }));
    }
    before
}

/// Ends the hold of an undo that wrote nothing, or that was undone. Those of other undos stand.
pub(super) async fn end<P: Journal + Clock>(
    ports: &P,
    principal: &UniqueId,
    undo: &JournalId,
) -> Result<(), PortError> {
    let Some(there) = ports.hold(principal).await? else { return Ok(()) };
    let now = ports.now();
    let instead = match standing(Some(Box::new(there.clone())), Some(undo), now) {
        Some(others) => *others,
        None if there.restored_by == *undo => Hold { until: now, before: None, ..there.clone() },
        None => return Ok(()),
    };
    if instead == there {
        return Ok(());
    }
    ports.replace_hold(principal, &there, &instead).await
}

/// Ends the hold of an undo that nobody will finish, if not a step of it was written.
pub(super) async fn end_of_given_up<P: Journal + Clock>(
    ports: &P,
    given_up: &Entry,
) -> Result<(), PortError> {
    if matches!(given_up.cause, Cause::Undo { .. }) && given_up.written().next().is_none() {
        end(ports, given_up.plan.resource.unique_id(), &given_up.id).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::{alice, days, deployer, now, threat};
    use crate::threat::{Sign, Source, Threat};

    fn id(letter: char) -> JournalId {
        JournalId::try_from(format!("20261122t090000-0123456789a{letter}")).unwrap()
    }

    fn hold(letter: char, until: Timestamp, before: Option<Hold>) -> Hold {
        Hold { restored_by: id(letter), until, before: before.map(Box::new) }
    }

    /// Began two days ago.
    fn held() -> Hold {
        hold('a', now() - days(2) + Hold::LASTS, None)
    }

    fn heard(id: &str, ago: SignedDuration) -> Threat {
        Threat { id: id.to_owned(), heard: now() - ago, ..threat(Sign::Detected, Source::GuardDuty) }
    }

    /// What of this was reported since.
    fn since(threats: Vec<Threat>) -> [Option<Vec<String>>; 2] {
        let threats: Fact<Threats> = Fact::Known(threats.into_iter().collect());
        let user = User { threats: threats.clone(), ..alice() };
        let role = Role { threats, ..deployer() };
        [user.into(), role.into()].map(|live: Resource| {
            let threats = match held().reported_since(&live)? {
                Resource::Entity(Entity::User(user)) => user.threats,
                Resource::Entity(Entity::Role(role)) => role.threats,
                other => panic!("{other:?}"),
            };
            Some(threats.list().unwrap().iter().map(|threat| threat.id.clone()).collect())
        })
    }

    #[test]
    fn only_what_was_heard_of_after_an_undo_began_was_reported_since() {
        let second = SignedDuration::from_secs(1);
        assert_eq!(since(vec![]), [None, None]);
        assert_eq!(since(vec![heard("old", days(3)), heard("then", days(2))]), [None, None]);
        let newer = Some(vec!["new".to_owned()]);
        assert_eq!(
            since(vec![heard("old", days(3)), heard("then", days(2)), heard("new", days(2) - second)]),
            [newer.clone(), newer]
        );
    }

    #[test]
    fn who_left_before_an_undo_has_not_left_since() {
        let left = |said, leaves| {
            let (said, leaves) = (now() - said, Some(now() - leaves));
            Fact::Known(Departure { leaves, said, received: said, ..Departure::default() })
        };
        let old = || left(days(9), days(8));
        let gone = User { departure: old(), ..alice() };
        assert_eq!(held().reported_since(&gone.clone().into()), None);
        let since = User { departure: left(days(1), days(1)), ..alice() };
        assert_eq!(held().reported_since(&since.clone().into()), Some(since.into()));
        // A threat of afterwards brings no departure of before with it.
        let threats = Fact::Known(vec![heard("new", days(1))]);
        let threatened = User { threats, ..gone };
        let expected = User { departure: Fact::Absent, ..threatened.clone() };
        assert_eq!(held().reported_since(&threatened.into()), Some(expected.into()));
    }

    #[test]
    fn of_holds_one_before_the_other_those_stand_that_last_and_are_not_of_this_undo() {
        let (over, long) = (now() - days(1), now() + days(1));
        let whole = hold('c', long, Some(hold('b', long, Some(hold('a', long, None)))));
        let standing = |hold: &Hold, without: Option<char>| {
            standing(Some(Box::new(hold.clone())), without.map(id).as_ref(), now()).map(|hold| *hold)
        };
        assert_eq!(standing(&whole, None), Some(whole.clone()));
        assert_eq!(standing(&whole, Some('c')), Some(hold('b', long, Some(hold('a', long, None)))));
        assert_eq!(standing(&whole, Some('b')), Some(hold('c', long, Some(hold('a', long, None)))));
        assert_eq!(standing(&whole, Some('a')), Some(hold('c', long, Some(hold('b', long, None)))));
        // One that is over hides none that is not.
        let partly = hold('c', over, Some(hold('b', long, Some(hold('a', over, None)))));
        assert_eq!(standing(&partly, None), Some(hold('b', long, None)));
        assert_eq!(standing(&partly, Some('b')), None);
    }
}
