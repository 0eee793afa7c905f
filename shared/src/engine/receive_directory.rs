//! What is made of a directory's word: the fact that somebody has left, kept by the user, and a hint to whoever acts.
//!
//! Nothing is done here. The event bus is the account's own, and whoever may put events on it can say that somebody has
//! left; what it can say is no more than that, of a person by the employee's id. Whoever acts reads it again.

mod concern;
mod telling;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::config_rule::Asked;
use super::verdict::{Occasion, conclude, judge_by};
use super::{
    AnnounceFindings, Clock, Decision, Deployment, EngineError, FetchError, KeepDepartures, ListUsers,
    Observe, PagePeople, PortErrorKind, ReadDirectoryFile, SendFindings, Summary,
};
use crate::directory::{Doubt, LastFile, LastRefusal, People};
use crate::event::{DirectoryChange, DirectoryFile, ScheduledEvent};
use crate::facts::{Departure, Departures, Fact, User};
use crate::governance::{Directory, Governance};
use crate::rules::RuleId;

use concern::{Concerned, claimed, concerned};
use telling::{Mover, Told};

/// The rule that takes leavers out.
const RULE: &str = "user-left";

/// The same fault of the same list is told again after so long.
const TOLD_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// So often somebody is second in a row.
const TRIES: u32 = 4;

/// Hears a directory or HR system.
pub struct DirectoryReceiver<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
}

/// What came of it, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Heard {
    /// People of whom something was said.
    pub people: u64,
    /// Users whose person that is.
    pub matched: u64,
    /// Users of whom something new is kept.
    pub kept: u64,
    /// Users whose person has left.
    pub left: u64,
    /// Users whose person is to leave.
    pub waiting: u64,
    /// Users who match more than one person.
    pub ambiguous: u64,
    /// Users whose person was gone and is back, leaves later, or is another.
    pub back: u64,
    /// Users whose person takes another place, as people were told.
    pub moved: u64,
    /// Addresses that nobody can be matched by.
    pub unusable_emails: u64,
    /// Hints that were sent on.
    pub findings: u64,
    /// Whether a list was not believed.
    pub refused: bool,
}

/// So many users' words are kept at once: one after the other, those of a first list of thousands take minutes.
const KEPT_AT_ONCE: usize = 16;

/// What came of keeping what was said of one user.
struct Kept {
    /// With what is kept now, unless it says nothing of them any more.
    one: Option<Concerned>,
    /// Whether people were told of a return.
    back: bool,
    /// Whether something new is kept.
    new: bool,
}

/// Where and when something was said.
struct Hearing<'a> {
    said: Timestamp,
    source: &'a str,
    by_list: bool,
    at: Timestamp,
}

impl<
    P: ListUsers
        + KeepDepartures
        + ReadDirectoryFile
        + PagePeople
        + SendFindings
        + AnnounceFindings
        + Clock
        + Observe,
> DirectoryReceiver<'_, P>
{
    /// Handles an event of one person.
    pub async fn change(&self, change: &DirectoryChange) -> Result<Heard, EngineError> {
        self.deployment.check_account("`account`", &change.account)?;
        let directory = self.directory()?;
        let at = self.ports.now();
        let source = format!("event {}", change.id);
        // Nobody can say today what is not to be contradicted until next year.
        let hearing = Hearing { said: change.said.min(at), source: &source, by_list: false, at };
        let statement = hearing.as_said(&change.statement, change.said);
        let people = People::of([&statement]);
        let (users, mut kept) = (self.users().await?, self.ports.departures().await?);
        let (told, failed) = self.tell_of_the_untold(&users, &mut kept, at).await;
        let mut heard =
            Heard { people: 1, unusable_emails: u64::from(statement.unusable_email), ..told.heard() };
        let mut concerned = Vec::new();
        for user in users {
            let before = kept.remove(&user.identity.unique_id);
            let claim = claimed(&user, directory, &people, before.as_ref())?;
            let is_it = claim.employees.contains(&statement.employee);
            heard.matched += u64::from(is_it);
            let words = is_it.then(|| hearing.word(&statement)).into_iter().collect();
            concerned.extend(Concerned::by(user, claim, words, before, at));
        }
        Box::pin(self.keep(concerned, &hearing, &mut heard)).await?;
        // What could not be told keeps no leaver waiting.
        failed.map_or(Ok(()), Err)?;
        self.ports.decided(&Decision::Heard { heard, source, by_list: false });
        Ok(heard)
    }

    /// Handles the schedule's event: reads the full list of people.
    pub async fn reconcile(&self, event: &ScheduledEvent) -> Result<Heard, EngineError> {
        self.deployment.check_schedule(event)?;
        let directory = self.directory()?;
        let at = self.ports.now();
        let (users, mut kept) = (self.users().await?, self.ports.departures().await?);
        // A day comes whatever becomes of the list.
        let (told, failed) = self.tell_of_the_untold(&users, &mut kept, at).await;
        let heard = Box::pin(self.read_list(directory, users, kept, told, at)).await?;
        failed.map_or(Ok(heard), Err)
    }

    /// Reads the full list of people, unless it is not to be believed.
    async fn read_list(
        &self,
        directory: &Directory,
        users: Vec<User>,
        mut kept: Departures,
        told: Told,
        at: Timestamp,
    ) -> Result<Heard, EngineError> {
        let last = self.ports.last_file().await?;
        let fetched = match self.ports.directory_file().await {
            Ok(fetched) => fetched,
            Err(FetchError::Port(error)) if error.kind.is_retryable() => return Err(error.into()),
            Err(error @ FetchError::NotNamed) => return Err(EngineError::Permanent(error.to_string())),
            Err(error) => {
                return self.refuse("the list of people", &error.to_string(), last, at, told).await;
            }
        };
        let source = fetched.source;
        let list = match DirectoryFile::parse(&fetched.bytes) {
            Ok(list) => list,
            Err(error) => return self.refuse(&source, &error.to_string(), last, at, told).await,
        };
        if let Some(doubt) = Doubt::of_list(list.generated_at, list.count(), &last, directory, at) {
            return self.refuse(&source, &doubt.to_string(), last, at, told).await;
        }
        let hearing = Hearing { said: list.generated_at.min(at), source: &source, by_list: true, at };
        let (concerned, due) = concerned(users, &list, directory, &mut kept, &hearing)?;
        if let Some(doubt) = Doubt::of_leavers(due, directory) {
            return self.refuse(&source, &doubt.to_string(), last, at, told).await;
        }
        let mut heard = Heard {
            people: list.count(),
            matched: due.matched,
            unusable_emails: list.people.values().filter(|person| person.unusable_email).count() as u64,
            ..told.heard()
        };
        // What the next list is held against comes first: were it lost with what was kept, a short list could follow.
        let good = LastFile { generated_at: Some(list.generated_at), count: list.count(), refused: None };
        self.ports.put_last_file(&good, at).await?;
        Box::pin(self.keep(concerned, &hearing, &mut heard)).await?;
        self.ports.decided(&Decision::Heard { heard, source, by_list: true });
        Ok(heard)
    }

    fn directory(&self) -> Result<&Directory, EngineError> {
        self.governance.directory().ok_or_else(|| {
            EngineError::Permanent(
                "the governance file has no `directory`, so nobody can be matched; write one, then put what lies in the \
                 dead letters back"
                    .to_owned(),
            )
        })
    }

    async fn users(&self) -> Result<Vec<User>, EngineError> {
        let mut users = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self.ports.users(marker.as_deref()).await;
            let page = page.map_err(|unread| super::remediation::unreadable(&unread))?;
            users.extend(page.items);
            match page.next {
                Some(next) => marker = Some(next),
                None => return Ok(users),
            }
        }
    }

    /// Keeps what was said, tells of those who are back, and sends on who is gone. Those who leave come first: where time
    /// runs out, it is the others who wait.
    async fn keep(
        &self,
        concerned: Vec<Concerned>,
        hearing: &Hearing<'_>,
        heard: &mut Heard,
    ) -> Result<(), EngineError> {
        let rule = RuleId::parse(RULE).map_err(|error| EngineError::Permanent(error.to_string()))?;
        let at = hearing.at;
        let (leaving, others): (Vec<_>, Vec<_>) =
            concerned.into_iter().partition(Concerned::is_about_leaving);
        let (mut failed, mut movers) = (None, Vec::new());
        for (whose, at_once) in [(leaving, 1), (others, KEPT_AT_ONCE)] {
            let kept = stream::iter(whose).map(|one| self.keep_one(one, at)).buffer_unordered(at_once);
            let mut kept = std::pin::pin!(kept);
            while let Some(kept) = kept.next().await {
                let told = match kept {
                    Ok(Kept { one, back, new }) => {
                        heard.back += u64::from(back);
                        heard.kept += u64::from(new);
                        movers.extend(one.as_ref().and_then(Mover::of));
                        self.send_on_if_leaving(one, rule, hearing, heard).await
                    }
                    Err(error) => Err(error),
                };
                match told {
                    Ok(()) => {}
                    // What fails for one fails for all.
                    Err(error @ EngineError::Permanent(_)) => return Err(error),
                    // The others are kept all the same; the same word comes again.
                    Err(error) => {
                        failed.get_or_insert(error);
                    }
                }
            }
        }
        heard.moved += self.tell_of_moves(movers, hearing.at).await?.len() as u64;
        failed.map_or(Ok(()), Err)
    }

    async fn send_on_if_leaving(
        &self,
        one: Option<Concerned>,
        rule: RuleId,
        hearing: &Hearing<'_>,
        heard: &mut Heard,
    ) -> Result<(), EngineError> {
        let Some(one) = one.filter(Concerned::is_about_leaving) else { return Ok(()) };
        let Concerned { mut user, departure, .. } = one;
        if departure.employees.len() > 1 {
            heard.ambiguous += 1;
        }
        if departure.is_gone(hearing.at) {
            heard.left += 1;
        } else if departure.leaves.is_some_and(|leaves| leaves > hearing.at) {
            heard.waiting += 1;
        }
        user.departure = Fact::Known(departure);
        heard.findings += self.send_on(user, rule, hearing).await?;
        Ok(())
    }

    /// Keeps what was said of one, and tells of a return. Where an event and a list come at once, whoever is second starts
    /// from what the first kept, and what the first kept the first tells.
    async fn keep_one(&self, mut one: Concerned, at: Timestamp) -> Result<Kept, EngineError> {
        let mut tries = 1;
        loop {
            if one.before.as_ref() == Some(&one.departure) {
                return Ok(Kept { one: Some(one), back: false, new: false });
            }
            let id = &one.user.identity.unique_id;
            match self.ports.put_departure(id, &one.departure).await {
                Ok(()) => break,
                Err(error) if error.kind == PortErrorKind::Overtaken && tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
            let before = self.ports.departures().await?.remove(id);
            match one.upon(before, at) {
                Some(upon) => one = upon,
                None => return Ok(Kept { one: None, back: false, new: false }),
            }
        }
        one.departure.revision += 1;
        let (new, back) = (one.is_news(), one.comes_back(at));
        if back {
            // Kept first, with the mark that people are to be told: so nobody is told what is not kept, and whoever fails
            // or dies here leaves it to the next.
            self.tell_of_return(&one.user, &one.departure, at).await?;
            let untold = Departure { untold_moves: Vec::new(), ..one.departure.clone() };
            self.keep_as_told(&one.user.identity.unique_id, &mut one.departure, &untold).await?;
        }
        Ok(Kept { one: Some(one), back, new })
    }

    /// Judges the user by what is known of its person now, and sends a violation on its way.
    async fn send_on(&self, user: User, rule: RuleId, hearing: &Hearing<'_>) -> Result<u64, EngineError> {
        let asked = Asked { id: rule, rule: None };
        let resource = user.into();
        let judgement = judge_by(&asked, self.governance, self.deployment, &resource, hearing.at);
        let mut summary = Summary::default();
        let name = format!("directory {} {}", hearing.source, hearing.said);
        let occasion = Occasion { name: &name, at: hearing.at, tells: true, sweep: hearing.by_list };
        conclude(self.ports, self.deployment, &asked, &resource, &judgement, &occasion, &mut summary).await?;
        Ok(summary.findings)
    }

    /// Believes nothing of a list, and tells people, of one fault once a day.
    async fn refuse(
        &self,
        source: &str,
        why: &str,
        last: LastFile,
        at: Timestamp,
        told: Told,
    ) -> Result<Heard, EngineError> {
        let what = format!("{source}: {why}");
        let is_told = |refused: &LastRefusal| {
            refused.what == what && at.duration_since(refused.told) < TOLD_AGAIN_AFTER
        };
        if !last.refused.as_ref().is_some_and(is_told) {
            let text = format!(
                "{source} is not believed: {why}.\n\nNothing of it counts, and nobody is suspended because of it. Who \
                 has left by earlier lists and events still has. Until a good list is read, leavers are known by events \
                 alone."
            );
            self.ports.page("Bailiff: the list of people is not believed", &text).await?;
            let refused = Some(LastRefusal { what, told: at });
            self.ports.put_last_file(&LastFile { refused, ..last }, at).await?;
        }
        self.ports.decided(&Decision::ListRefused { source: source.to_owned(), why: why.to_owned() });
        Ok(Heard { refused: true, ..told.heard() })
    }
}
