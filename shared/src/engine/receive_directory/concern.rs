//! What comes of a word for one user: what is kept of its person from then on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Hearing;
use crate::directory::{Claim, Due, EmployeeId, People, Statement, Status, Word, claim};
use crate::engine::EngineError;
use crate::event::DirectoryFile;
use crate::facts::{Departure, Departures, Fact, Move, User};
use crate::governance::Directory;

/// A user of whose person something was said.
pub(super) struct Concerned {
    pub user: User,
    /// What was kept.
    pub before: Option<Departure>,
    /// What is to be kept.
    pub departure: Departure,
    /// Who takes another place, from when on, of whom nobody else tells.
    pub moves: Vec<Move>,
    claim: Claim,
    words: Vec<Word>,
}

impl Concerned {
    /// What the words come to; `None` where none of them counts for this user, and it is still the same person's.
    pub(super) fn by(
        user: User,
        claim: Claim,
        words: Vec<Word>,
        before: Option<Departure>,
        at: Timestamp,
    ) -> Option<Self> {
        // Whoever made the user knew what had been said of its person by then. IAM tells whole seconds.
        let created = match user.created {
            Fact::Known(created) => Some(created.as_second()),
            _ => None,
        };
        let counts =
            |word: &Word| !word.goes() || created.is_none_or(|created| created <= word.said.as_second());
        let words: Vec<Word> = words.into_iter().filter(counts).collect();
        if words.is_empty() && !before.as_ref().is_some_and(|before| has_another(&user, before, &claim)) {
            return None;
        }
        let mut moves: Vec<Move> = words
            .iter()
            .filter(|word| is_new_move(word, before.as_ref()))
            .map(|word| Move { employee: word.employee.clone(), from: word.effective_at })
            .collect();
        moves.sort_by_key(|taken| taken.from);
        let mut departure = Departure::after(before.as_ref(), claim.clone(), words.clone(), at);
        departure.tell(&moves);
        if departure.is_back(at) {
            departure.return_seen = departure.returns;
        }
        let gone_before = before.as_ref().filter(|before| before.is_gone(at));
        if departure.is_gone(at) {
            // Whoever went again meanwhile is not back.
            departure.untold_return = None;
        } else if let Some(before) = gone_before {
            departure.untold_return = Some(before.employees.clone());
        }
        Some(Self { user, before, departure, moves, claim, words })
    }

    /// The same upon what another has kept meanwhile.
    pub(super) fn upon(self, before: Option<Departure>, at: Timestamp) -> Option<Self> {
        Self::by(self.user, self.claim, self.words, before, at)
    }

    /// Whether the person was gone and is not any more.
    pub(super) fn comes_back(&self, at: Timestamp) -> bool {
        self.before.as_ref().is_some_and(|before| before.is_gone(at)) && !self.departure.is_gone(at)
    }

    /// Whether the person goes, and nobody knew, or not that so soon.
    pub(super) fn goes_sooner(&self, at: Timestamp) -> bool {
        let known = self.before.as_ref().and_then(|before| before.goes(at));
        // Whoever is gone already goes no sooner by another date.
        self.departure.goes(at).is_some_and(|goes| known.is_none_or(|known| goes < known && known > at))
    }

    /// Whether something is known now that was not. That somebody stays of whom nobody said otherwise is nothing new.
    pub(super) fn is_news(&self) -> bool {
        match &self.before {
            Some(before) => !before.says_the_same(&self.departure),
            None => self.departure.leaves.is_some(),
        }
    }

    /// Whether there is or was a departure to look at.
    pub(super) fn is_about_leaving(&self) -> bool {
        let leaves = |departure: &Departure| departure.leaves.is_some();
        leaves(&self.departure) || self.before.as_ref().is_some_and(leaves)
    }
}

/// Whether the user is no more that of somebody of whom something is kept, by the directory's word or the governance
/// file's. Where its tags were changed, people look at it, and nothing is forgotten. An earlier version kept no addresses.
fn has_another(user: &User, kept: &Departure, claim: &Claim) -> bool {
    let Fact::Known(tags) = &user.tags else { return false };
    !kept.words.is_empty()
        && !kept.employees.is_subset(&claim.employees)
        && kept.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// Whether people were not told yet. A list says day after day that somebody takes another place, and often not when.
fn is_new_move(word: &Word, before: Option<&Departure>) -> bool {
    if word.status != Status::Mover {
        return false;
    }
    let Some(before) = before else { return true };
    let is_it = |kept: &Word| {
        kept.status == Status::Mover
            && (kept.effective_at == word.effective_at || (kept.is_undated() && word.is_undated()))
    };
    let mut earlier = before.words.iter().rev();
    let is_said_again = word.by_list
        && earlier.find(|kept| kept.by_list && kept.employee == word.employee).is_some_and(is_it);
    let is_told = |told: &Move| told.employee == word.employee && told.from == word.effective_at;
    !is_said_again && !before.told_moves().iter().any(is_told)
}

impl Hearing<'_> {
    /// What was said, where a clock that is ahead makes it begin only when it will have been said.
    pub(super) fn as_said(&self, statement: &Statement, written: Timestamp) -> Statement {
        let mut statement = statement.clone();
        if statement.effective_at == written {
            statement.effective_at = self.said;
        }
        statement
    }

    /// The word to keep.
    pub(super) fn word(&self, statement: &Statement) -> Word {
        Word {
            employee: statement.employee.clone(),
            status: statement.status,
            effective_at: statement.effective_at,
            said: self.said,
            heard: Some(self.at),
            by_list: self.by_list,
            source: self.source.to_owned(),
            email: statement.email.clone(),
        }
    }
}

/// The users of whom the list says something, and how many leave by it whom nobody knew to, or not so soon.
pub(super) fn concerned(
    users: Vec<User>,
    list: &DirectoryFile,
    directory: &Directory,
    kept: &mut Departures,
    hearing: &Hearing<'_>,
) -> Result<(Vec<Concerned>, Due), EngineError> {
    let said: Vec<Statement> =
        list.people.values().map(|person| hearing.as_said(person, list.generated_at)).collect();
    let people = People::of(&said);
    let mut due = Due::default();
    let mut concerned = Vec::new();
    for user in users {
        let before = kept.remove(&user.identity.unique_id);
        let claim = claimed(&user, directory, &people, before.as_ref())?;
        due.matched += u64::from(!claim.employees.is_empty());
        let mut words: Vec<Word> = claim
            .employees
            .iter()
            .filter_map(|employee| people.statement(employee))
            .map(|statement| hearing.word(statement))
            .collect();
        // Whoever is not on the list is on it as a leaver, where that is what it means.
        if directory.absent_means_left {
            // Who is gone went when that was said, and who was back since goes anew.
            let gone_already = before.as_ref().filter(|before| before.is_gone(hearing.said));
            let leaves = gone_already.and_then(|before| before.leaves).unwrap_or(hearing.said);
            let absent = named(&user, directory)?;
            let absent = absent.iter().filter(|employee| people.statement(employee).is_none());
            words.extend(absent.map(|employee| hearing.word(&gone(employee, leaves))));
        }
        let Some(one) = Concerned::by(user, claim, words, before, hearing.at) else { continue };
        due.leavers += u64::from(one.goes_sooner(hearing.at));
        concerned.push(one);
    }
    Ok((concerned, due))
}

/// Whose user it is, by what is said now, and by the addresses that were said before: one counts until its person has
/// another, for a word that names none says nothing of it. One whose tags are unknown leaves open whether another is
/// matched alone: nothing is kept then.
pub(super) fn claimed(
    user: &User,
    directory: &Directory,
    people: &People<'_>,
    before: Option<&Departure>,
) -> Result<Claim, EngineError> {
    let mut claimed = claimed_by(user, directory, people)?;
    let words = before.map(|before| before.words.as_slice()).unwrap_or_default();
    let has_no_other = |employee: &EmployeeId| {
        let now = people.statement(employee);
        now.is_none_or(|statement| statement.email.is_none() && !statement.unusable_email)
    };
    // Of each person the last address counts.
    let earlier: Vec<Statement> = words
        .iter()
        .filter(|word| word.email.is_some() && has_no_other(&word.employee))
        .map(|word| (&word.employee, word.statement()))
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect();
    if !earlier.is_empty() {
        let more = claimed_by(user, directory, &People::of(&earlier))?;
        claimed.employees.extend(more.employees);
        claimed.tags.extend(more.tags);
    }
    Ok(claimed)
}

/// Who is named as its person, whoever was spoken of: by an address alone nobody is missed.
fn named(user: &User, directory: &Directory) -> Result<BTreeSet<EmployeeId>, EngineError> {
    claimed_by(user, directory, &People::default()).map(|claim| claim.employees)
}

fn claimed_by(user: &User, directory: &Directory, people: &People<'_>) -> Result<Claim, EngineError> {
    claim(user, &directory.match_by, people)
        .map_err(|unread| EngineError::Retry(format!("{}: {unread}", user.identity.arn)))
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
