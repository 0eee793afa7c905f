//! What people are paged with: who is back, and who takes another place.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::concern::Concerned;
use super::{DirectoryReceiver, Hearing, TRIES};
use crate::engine::{EngineError, KeepDepartures, PagePeople, PortErrorKind};
use crate::facts::{Departure, Departures, Move, User};
use crate::identifier::UniqueId;

/// So many are named in one page.
const MOST_NAMED: usize = 50;

impl<P: KeepDepartures + PagePeople> DirectoryReceiver<'_, P> {
    /// Tells of those whose day to be back has come since it was last looked at: nothing is said of them on that day.
    pub(super) async fn tell_of_days_that_came(
        &self,
        users: &[User],
        kept: &mut Departures,
        at: Timestamp,
    ) -> Result<u64, EngineError> {
        let mut back = 0;
        for user in users {
            let Some(departure) = kept.get_mut(&user.identity.unique_id) else { continue };
            if !departure.returned_unseen(at) {
                continue;
            }
            self.tell_of_return(user, None, departure, at).await?;
            back += 1;
            self.keep_as_seen(&user.identity.unique_id, departure).await?;
        }
        Ok(back)
    }

    /// Keeps that people were told of a return. Where another wrote meanwhile, of what that one kept.
    async fn keep_as_seen(&self, user: &UniqueId, departure: &mut Departure) -> Result<(), EngineError> {
        let told = departure.returns;
        let mut tries = 1;
        while departure.returns == told && departure.return_seen != told {
            let seen = Departure { return_seen: told, ..departure.clone() };
            match self.ports.put_departure(user, &seen).await {
                Ok(()) => *departure = Departure { revision: seen.revision + 1, ..seen },
                Err(error) if error.kind == PortErrorKind::Overtaken && tries < TRIES => {
                    tries += 1;
                    *departure = self.ports.departures().await?.remove(user).unwrap_or_default();
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Tells of a user whose person was gone and is not: is back, goes later than was known, or is another.
    pub(super) async fn tell_of_return(
        &self,
        user: &User,
        before: Option<&Departure>,
        departure: &Departure,
        at: Timestamp,
    ) -> Result<(), EngineError> {
        let (who, arn) = (departure.who(), &user.identity.arn);
        let another = before.filter(|before| before.employees.is_disjoint(&departure.employees));
        let (became, short) = match (another, departure.goes(at)) {
            (Some(before), _) => {
                (format!("{arn} is the user of {} no more, who left", before.who()), "is another")
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

    /// Tells of those who take another place, in one page. It is told before it is kept, as a return is.
    pub(super) async fn tell_of_moves(
        &self,
        concerned: &[Concerned],
        hearing: &Hearing<'_>,
    ) -> Result<u64, EngineError> {
        let mut lines = Vec::new();
        for one in concerned {
            for Move { employee, from } in &one.moves {
                let (verb, arn) =
                    (if *from > hearing.at { "is to take" } else { "took" }, &one.user.identity.arn);
                let from = from.strftime("%Y-%m-%d %H:%M UTC");
                lines.push(format!("{employee}, whose user is {arn}, {verb} another place from {from}"));
            }
        }
        let subject = match lines.as_slice() {
            [] => return Ok(0),
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
            hearing.source
        );
        self.ports.page(&subject, &text).await?;
        Ok(concerned.iter().filter(|one| !one.moves.is_empty()).count() as u64)
    }
}
