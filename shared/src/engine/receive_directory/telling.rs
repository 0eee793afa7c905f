//! What people are paged with: who is back, and who takes another place.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::concern::Concerned;
use super::{DirectoryReceiver, Heard, TRIES};
use crate::directory::EmployeeId;
use crate::engine::{EngineError, KeepDepartures, PagePeople, PortErrorKind};
use crate::facts::{Departure, Departures, Move, User, UserIdentity};
use crate::identifier::UniqueId;

/// So many are named in one page.
const MOST_NAMED: usize = 50;

/// So many are kept as told at once.
const AT_ONCE: usize = 16;

/// Of how many users people were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Told {
    back: u64,
    moved: u64,
}

impl Told {
    pub(super) fn heard(self) -> Heard {
        Heard { back: self.back, moved: self.moved, ..Heard::default() }
    }
}

/// A user whose person takes other places, of which people are to be told.
pub(super) struct Mover {
    user: UserIdentity,
    departure: Departure,
    moves: Vec<Move>,
}

impl Mover {
    /// What was found and kept by us, which nobody else tells.
    pub(super) fn of(one: &Concerned) -> Option<Self> {
        let Concerned { user, departure, moves, .. } = one;
        (!moves.is_empty()).then(|| Self {
            user: user.identity.clone(),
            departure: departure.clone(),
            moves: moves.clone(),
        })
    }

    /// What somebody kept and did not come to tell.
    fn left_untold(user: &User, departure: &Departure) -> Option<Self> {
        let (user, departure) = (user.identity.clone(), departure.clone());
        let moves = departure.untold_moves.clone();
        (!moves.is_empty()).then_some(Self { user, departure, moves })
    }
}

impl<P: KeepDepartures + PagePeople> DirectoryReceiver<'_, P> {
    /// Tells of those whose day to be back has come since it was last looked at, for nothing is said of them on that day;
    /// and what somebody kept who could not tell it, or died before. What could not be told now comes back beside it.
    pub(super) async fn tell_of_the_untold(
        &self,
        users: &[User],
        kept: &mut Departures,
        at: Timestamp,
    ) -> (Told, Option<EngineError>) {
        let (mut told, mut failed, mut movers) = (Told::default(), None, Vec::new());
        for user in users {
            let Some(departure) = kept.get_mut(&user.identity.unique_id) else { continue };
            match self.tell_of_untold_return(user, departure, at).await {
                Ok(is_told) => told.back += u64::from(is_told),
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
            movers.extend(Mover::left_untold(user, departure));
        }
        match self.tell_of_moves(movers, at).await {
            Ok(kept_as_told) => {
                told.moved = kept_as_told.len() as u64;
                kept.extend(kept_as_told);
            }
            Err(error) => {
                failed.get_or_insert(error);
            }
        }
        (told, failed)
    }

    /// Tells of a return that was left untold, or whose day has come. Whoever keeps first that the day has come tells it.
    async fn tell_of_untold_return(
        &self,
        user: &User,
        departure: &mut Departure,
        at: Timestamp,
    ) -> Result<bool, EngineError> {
        let id = &user.identity.unique_id;
        let (was_left, mut is_ours, mut tries) = (departure.untold_return.is_some(), false, 1);
        while departure.returned_unseen(at) {
            let came = Departure {
                return_seen: departure.returns,
                untold_return: Some(departure.employees.clone()),
                ..departure.clone()
            };
            match self.ports.put_departure(id, &came).await {
                Ok(()) => {
                    *departure = Departure { revision: came.revision + 1, ..came };
                    is_ours = true;
                }
                Err(error) if error.kind == PortErrorKind::Overtaken && tries < TRIES => {
                    tries += 1;
                    *departure = self.ports.departures().await?.remove(id).unwrap_or_default();
                }
                Err(error) => return Err(error.into()),
            }
        }
        if departure.untold_return.is_none() || !(was_left || is_ours) {
            return Ok(false);
        }
        // Whoever was to leave later, and has by now, is not told of as that.
        let is_so = !departure.is_gone(at);
        if is_so {
            self.tell_of_return(user, departure, at).await?;
        }
        let untold = Departure { untold_moves: Vec::new(), ..departure.clone() };
        self.keep_as_told(id, departure, &untold).await?;
        Ok(is_so)
    }

    /// Keeps that people were told what they were to be told in that state. Where another wrote meanwhile, upon what that
    /// one kept.
    pub(super) async fn keep_as_told(
        &self,
        user: &UniqueId,
        departure: &mut Departure,
        untold: &Departure,
    ) -> Result<(), EngineError> {
        let mut tries = 1;
        loop {
            let told = departure.told(untold);
            if told == *departure {
                return Ok(());
            }
            match self.ports.put_departure(user, &told).await {
                Ok(()) => {
                    *departure = Departure { revision: told.revision + 1, ..told };
                    return Ok(());
                }
                Err(error) if error.kind == PortErrorKind::Overtaken && tries < TRIES => {
                    tries += 1;
                    *departure = self.ports.departures().await?.remove(user).unwrap_or_default();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Tells of a user whose person was gone and is not: is back, goes later than was known, or is another.
    pub(super) async fn tell_of_return(
        &self,
        user: &User,
        departure: &Departure,
        at: Timestamp,
    ) -> Result<(), EngineError> {
        let (who, arn) = (departure.who(), &user.identity.arn);
        let another =
            departure.untold_return.as_ref().filter(|before| before.is_disjoint(&departure.employees));
        let (became, short) = match (another, departure.goes(at)) {
            (Some(before), _) => {
                (format!("{arn} is the user of {} no more, who left", names(before)), "is another")
            }
            (None, Some(later)) => {
                let later = later.strftime("%Y-%m-%d %H:%M UTC");
                let by = &departure.source;
                (format!("{who}, whose user is {arn}, is to leave on {later} now, by {by}"), "leaves later")
            }
            (None, None) => {
                let by = departure.back_by();
                (format!("{who}, whose user is {arn}, has not left or is back, by {by}"), "is back")
            }
        };
        let text = format!(
            "{became}.\n\nWhat was done to the user stays done. If it was suspended, look at it, then undo it: invoke the \
             function {}-restore with the id of the journal entry. A console password has to be given anew.",
            self.deployment.stack,
        );
        let subject = format!("Bailiff: user {}: its person {short}", user.identity.name);
        self.ports.page(&subject, &text).await.map_err(EngineError::from)
    }

    /// Tells of those who take another place, in one page, and keeps that it did. What comes back is kept of them now.
    pub(super) async fn tell_of_moves(
        &self,
        movers: Vec<Mover>,
        at: Timestamp,
    ) -> Result<Departures, EngineError> {
        let (mut lines, mut sources) = (Vec::new(), BTreeSet::new());
        for Mover { user, departure, moves } in &movers {
            for taken in moves {
                let Move { employee, from } = taken;
                let verb = if *from > at { "is to take" } else { "took" };
                let from = from.strftime("%Y-%m-%d %H:%M UTC");
                let arn = &user.arn;
                lines.push(format!("{employee}, whose user is {arn}, {verb} another place from {from}"));
                sources.insert(departure.moved_by(taken));
            }
        }
        let subject = match lines.as_slice() {
            [] => return Ok(Departures::new()),
            [_] => "Bailiff: a user's person takes another place".to_owned(),
            all => format!("Bailiff: the people of {} users take other places", all.len()),
        };
        let mut text = lines.iter().take(MOST_NAMED).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}.");
            text
        });
        if lines.len() > MOST_NAMED {
            let _ = writeln!(text, "And {} more.", lines.len() - MOST_NAMED);
        }
        let _ = write!(
            text,
            "\nBy {}. Nothing was changed. Review what each of these users may do: powers of the old place are needed no \
             more, and nobody takes them away by itself.",
            sources.into_iter().collect::<Vec<_>>().join(" and ")
        );
        self.ports.page(&subject, &text).await?;
        let keep_as_told = async |Mover { user, mut departure, moves }| {
            let untold = Departure { untold_moves: moves, ..Departure::default() };
            self.keep_as_told(&user.unique_id, &mut departure, &untold).await?;
            Ok((user.unique_id, departure))
        };
        stream::iter(movers).map(keep_as_told).buffer_unordered(AT_ONCE).try_collect().await
    }
}

fn names(people: &BTreeSet<EmployeeId>) -> String {
    people.iter().map(EmployeeId::as_str).collect::<Vec<_>>().join(" or ")
}
