//! What is made of a directory's word: the fact that somebody has left, kept by the user, and a hint to whoever acts.
//!
//! Nothing is done here. The event bus is the account's own, and whoever may put events on it can say that somebody has
//! left; what it can say is no more than that, of a person by the employee's id. Whoever acts reads it again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::config_rule::Asked;
use super::verdict::{Occasion, conclude, judge_by};
use super::{
    AnnounceFindings, Clock, Decision, Deployment, EngineError, FetchError, KeepDepartures, ListUsers,
    Observe, PagePeople, ReadDirectoryFile, SendFindings, Summary,
};
use crate::directory::{
    Claim, Doubt, Due, EmployeeId, LastFile, LastRefusal, People, Statement, Status, claim,
};
use crate::event::{DirectoryChange, DirectoryFile, ScheduledEvent};
use crate::facts::{Departure, Departures, Fact, User};
use crate::governance::{Directory, Governance};
use crate::identifier::UniqueId;
use crate::rules::RuleId;

/// The rule that takes leavers out.
const RULE: &str = "user-left";

/// The same fault of the same list is told again after so long.
const TOLD_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

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
    /// Users whose person is back.
    pub back: u64,
    /// Addresses that nobody can be matched by.
    pub unusable_emails: u64,
    /// Hints that were sent on.
    pub findings: u64,
    /// Whether a list was not believed.
    pub refused: bool,
}

/// A user of whom something was said.
struct Concerned {
    user: User,
    kept: Option<Departure>,
    departure: Departure,
}

/// What was said, by whom and when.
struct Word<'a> {
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
        let word = Word { said: change.said.min(at), source: &source, by_list: false, at };
        let people = People::of([&change.statement]);
        let mut concerned = Vec::new();
        let (users, kept) = (self.users().await?, self.ports.departures().await?);
        for user in users {
            let claim = claimed(&user, directory, &people)?;
            if claim.employees.contains(&change.statement.employee) {
                concerned.extend(concern(user, claim, &people, &kept, &word));
            }
        }
        let mut heard = Heard {
            people: 1,
            unusable_emails: u64::from(change.statement.unusable_email),
            matched: count(&concerned),
            ..Heard::default()
        };
        self.keep(concerned, &word, &mut heard).await?;
        self.ports.decided(&Decision::Heard { heard, source });
        Ok(heard)
    }

    /// Handles the schedule's event: reads the full list of people.
    pub async fn reconcile(&self, event: &ScheduledEvent) -> Result<Heard, EngineError> {
        self.deployment.check_schedule(event)?;
        let directory = self.directory()?;
        let at = self.ports.now();
        let last = self.ports.last_file().await?;
        let fetched = match self.ports.directory_file().await {
            Ok(fetched) => fetched,
            Err(FetchError::Port(error)) if error.kind.is_retryable() => return Err(error.into()),
            Err(error @ FetchError::NotNamed) => return Err(EngineError::Permanent(error.to_string())),
            Err(error) => return self.refuse("the list of people", &error.to_string(), last, at).await,
        };
        let source = fetched.source;
        let list = match DirectoryFile::parse(&fetched.bytes) {
            Ok(list) => list,
            Err(error) => return self.refuse(&source, &error.to_string(), last, at).await,
        };
        if let Some(doubt) = Doubt::of_list(list.generated_at, list.count(), &last, directory, at) {
            return self.refuse(&source, &doubt.to_string(), last, at).await;
        }
        let word = Word { said: list.generated_at.min(at), source: &source, by_list: true, at };
        let kept = self.ports.departures().await?;
        let (concerned, due) = self.concerned(&list, directory, &kept, &word).await?;
        if let Some(doubt) = Doubt::of_leavers(due, directory) {
            return self.refuse(&source, &doubt.to_string(), last, at).await;
        }
        let mut heard = Heard {
            people: list.count(),
            matched: due.matched,
            unusable_emails: list.people.values().filter(|person| person.unusable_email).count() as u64,
            ..Heard::default()
        };
        // What the next list is held against comes first: were it lost with what was kept, a short list could follow.
        let good = LastFile { generated_at: Some(list.generated_at), count: list.count(), refused: None };
        self.ports.put_last_file(&good, at).await?;
        self.keep(concerned, &word, &mut heard).await?;
        self.ports.decided(&Decision::Heard { heard, source });
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

    /// The users of whom the list says something that is not kept yet, or who are gone by it, and how many newly leave.
    async fn concerned(
        &self,
        list: &DirectoryFile,
        directory: &Directory,
        kept: &Departures,
        word: &Word<'_>,
    ) -> Result<(Vec<Concerned>, Due), EngineError> {
        let named = People::of(list.people.values());
        let mut users = Vec::new();
        for user in self.users().await? {
            users.push((claimed(&user, directory, &named)?, user));
        }
        // Whoever is not on the list is on it as a leaver, where that is what it means.
        let mut absent = BTreeMap::new();
        if directory.absent_means_left {
            for (claim, user) in &users {
                let before = kept.get(&user.identity.unique_id).and_then(|kept| kept.leaves);
                let leaves = before.filter(|leaves| *leaves < list.generated_at).unwrap_or(list.generated_at);
                for employee in claim.employees.iter().filter(|id| !list.people.contains_key(*id)) {
                    absent.entry(employee.clone()).or_insert_with(|| gone(employee, leaves));
                }
            }
        }
        let people = People::of(list.people.values().chain(absent.values()));
        let mut due = Due::default();
        let mut concerned = Vec::new();
        for (claim, user) in users {
            due.matched += u64::from(!claim.employees.is_empty());
            let Some(one) = concern(user, claim, &people, kept, word) else { continue };
            let leaves = |departure: &Departure| departure.leaves.is_some();
            // Of whom it was known for later is no less taken out by a date brought forward.
            let was_known = one.kept.as_ref().is_some_and(|kept| match (kept.leaves, one.departure.leaves) {
                (Some(before), Some(now)) => {
                    before <= now || kept.is_gone(word.at) || !one.departure.is_gone(word.at)
                }
                (before, _) => before.is_some(),
            });
            if leaves(&one.departure) && !was_known {
                due.leavers += 1;
            }
            // That somebody stays need not be kept of those of whom nobody ever said otherwise.
            if one.kept.is_some() || leaves(&one.departure) {
                concerned.push(one);
            }
        }
        Ok((concerned, due))
    }

    /// Keeps what was said, tells of those who are back, and sends on who is gone.
    async fn keep(
        &self,
        concerned: Vec<Concerned>,
        word: &Word<'_>,
        heard: &mut Heard,
    ) -> Result<(), EngineError> {
        let rule = RuleId::parse(RULE).map_err(|error| EngineError::Permanent(error.to_string()))?;
        for Concerned { mut user, kept, departure } in concerned {
            let was_gone = kept.as_ref().is_some_and(|kept| kept.is_gone(word.at));
            if was_gone && !departure.is_gone(word.at) {
                heard.back += 1;
                // Told before it is kept: whoever tries again after a failure would not know that there is something to
                // tell.
                self.tell_of_return(&user, &departure).await?;
            }
            if kept.as_ref().is_none_or(|kept| !kept.says_the_same(&departure)) {
                heard.kept += 1;
            }
            // What was said again stands from then on, and is not overruled by what comes late.
            if kept.as_ref() != Some(&departure) {
                self.ports.put_departure(&user.identity.unique_id, &departure).await?;
            }
            if departure.employees.len() > 1 {
                heard.ambiguous += 1;
            }
            if departure.is_gone(word.at) {
                heard.left += 1;
            } else if departure.leaves.is_some_and(|leaves| leaves > word.at) {
                heard.waiting += 1;
            }
            user.departure = Fact::Known(departure);
            heard.findings += self.send_on(user, rule, word).await?;
        }
        Ok(())
    }

    /// Judges the user by what is known of its person now, and sends a violation on its way.
    async fn send_on(&self, user: User, rule: RuleId, word: &Word<'_>) -> Result<u64, EngineError> {
        let asked = Asked { id: rule, rule: None };
        let resource = user.into();
        let judgement = judge_by(&asked, self.governance, self.deployment, &resource, word.at);
        let mut summary = Summary::default();
        let name = format!("directory {} {}", word.source, word.said);
        let occasion = Occasion { name: &name, at: word.at, tells: true, sweep: word.by_list };
        conclude(self.ports, self.deployment, &asked, &resource, &judgement, &occasion, &mut summary).await?;
        Ok(summary.findings)
    }

    async fn tell_of_return(&self, user: &User, departure: &Departure) -> Result<(), EngineError> {
        let arn = &user.identity.arn;
        let text = format!(
            "{}, whose user is {arn}, has not left or is back, by {}.\n\nWhat was done to the user stays done. If it was \
             suspended, look at it, then undo it: invoke the function {}-restore with the id of the journal entry. A \
             console password has to be given anew.",
            departure.who(),
            departure.source,
            self.deployment.stack,
        );
        let subject = format!("Bailiff: user {}: its person is back", user.identity.name);
        self.ports.page(&subject, &text).await.map_err(EngineError::from)
    }

    /// Believes nothing of a list, and tells people, of one fault once a day.
    async fn refuse(
        &self,
        source: &str,
        why: &str,
        last: LastFile,
        at: Timestamp,
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
        Ok(Heard { refused: true, ..Heard::default() })
    }
}

fn count<T>(all: &[T]) -> u64 {
    u64::try_from(all.len()).unwrap_or(u64::MAX)
}

/// Whose user it is. One whose tags are unknown leaves open whether another is matched alone: nothing is kept then.
fn claimed(user: &User, directory: &Directory, people: &People<'_>) -> Result<Claim, EngineError> {
    claim(user, &directory.match_by, people)
        .map_err(|unread| EngineError::Retry(format!("{}: {unread}", user.identity.arn)))
}

/// What is to be kept of a user whose person, or one of whose people, was spoken of; `None` where nothing was said of any
/// of them, or something else later.
fn concern(
    user: User,
    claim: Claim,
    people: &People<'_>,
    kept: &Departures,
    word: &Word<'_>,
) -> Option<Concerned> {
    let said: BTreeMap<_, _> =
        claim.employees.iter().filter_map(|employee| Some((employee, people.statement(employee)?))).collect();
    // Of several people one who goes is enough to ask whose user it is.
    let statement = said.values().find(|said| said.status.goes()).or_else(|| said.values().next())?;
    let kept = of(kept, &user.identity.unique_id);
    if kept.as_ref().is_some_and(|kept| kept.said > word.said) {
        return None;
    }
    let (leaves, returns) = dates(statement, kept.as_ref(), &claim, word);
    let departure = Departure {
        employees: claim.employees,
        tags: claim.tags,
        leaves,
        returns,
        said: word.said,
        by_list: word.by_list,
        source: word.source.to_owned(),
        received: word.at,
    };
    Some(Concerned { user, kept, departure })
}

fn of(all: &Departures, user: &UniqueId) -> Option<Departure> {
    all.get(user).cloned()
}

/// Whom a list leaves out.
fn gone(employee: &EmployeeId, leaves: Timestamp) -> Statement {
    Statement {
        employee: employee.clone(),
        status: Status::Leaver,
        effective_at: leaves,
        email: None,
        unusable_email: false,
    }
}

/// From when the person is gone, and from when back.
fn dates(
    statement: &Statement,
    kept: Option<&Departure>,
    claim: &Claim,
    word: &Word<'_>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let from = statement.effective_at;
    if statement.status.goes() {
        return (Some(from), None);
    }
    let Some(kept) = kept.filter(|kept| kept.employees == claim.employees) else { return (None, None) };
    let Some(leaves) = kept.leaves else { return (None, None) };
    match statement.status {
        // A new beginning that lies ahead leaves the departure before it as it is.
        Status::Joiner | Status::Rehire if word.at < from && leaves < from => (Some(leaves), Some(from)),
        Status::Rehire => (None, None),
        // Whoever is to go is still there, and takes another place or is listed until then.
        _ if word.at < leaves && !(kept.by_list && word.by_list) => (Some(leaves), kept.returns),
        Status::Joiner | Status::Mover | Status::Active | Status::Leaver => (None, None),
    }
}
