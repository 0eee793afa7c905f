use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::directory::{Claim, EmployeeId, Standing, Status, Word, first_heard, hear};
use crate::identifier::UniqueId;

/// What the directory said of the person whose user it is, and what follows from it. Kept where none but Bailiff's own
/// function for it writes, so that whoever acts can read it again.
///
/// The words are kept, and all else follows from them in the order in which they were said: so it is the same in whatever
/// order they come. What follows stands beside them for whoever acts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Departure {
    /// Whose user it is. Of several nobody knows which.
    pub employees: BTreeSet<EmployeeId>,
    /// The tags that said so, as they read then.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// From when the person is gone; `None` where the person stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Timestamp>,
    /// From when the person is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<Timestamp>,
    /// When the directory last said something.
    pub said: Timestamp,
    /// Whether a list said first that the person leaves: then a list can take it back before its day.
    #[serde(default)]
    pub by_list: bool,
    /// Where it was first said that the person leaves, or last what else: an event by its id, or a list by its place and
    /// version.
    pub source: String,
    /// When Bailiff last heard of it.
    pub received: Timestamp,
    /// What was said, earliest first. Earlier versions kept none of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
    /// The return that was looked at, so that people are told once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_seen: Option<Timestamp>,
    /// From when on the person takes other places, as people were told, and an earlier version kept it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub moves: BTreeSet<Timestamp>,
    /// The other places of which people were told, in the order in which they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told_moves: Vec<Move>,
    /// Whose the user was who was gone, where people are still to be told that it is so no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold_return: Option<BTreeSet<EmployeeId>>,
    /// The other places of which people are still to be told. They stand among those that they were told of too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold_moves: Vec<Move>,
    /// How often it was written, so that of two who write at once one tries again.
    #[serde(default)]
    pub revision: u64,
}

/// Another place that somebody takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Move {
    /// Who.
    pub employee: EmployeeId,
    /// From when on.
    pub from: Timestamp,
}

/// So many are remembered of a user, the last ones told of.
const MOST_MOVES: usize = 16;

/// Those of every user.
pub type Departures = BTreeMap<UniqueId, Departure>;

impl Departure {
    /// What follows from what was kept before, and what is said now. What was said of somebody whose user it is no more
    /// is forgotten.
    #[must_use]
    pub fn after(before: Option<&Self>, claim: Claim, said: Vec<Word>, at: Timestamp) -> Self {
        let mut words = before.map(Self::kept_words).unwrap_or_default();
        words.retain(|word| claim.employees.contains(&word.employee));
        for word in said {
            hear(&mut words, word);
        }
        let mut told_moves = before.map(Self::told_moves).unwrap_or_default();
        told_moves.retain(|told| claim.employees.contains(&told.employee));
        let mut untold_moves = before.map(|before| before.untold_moves.clone()).unwrap_or_default();
        untold_moves.retain(|untold| claim.employees.contains(&untold.employee));
        let after = Self {
            employees: claim.employees,
            tags: claim.tags,
            received: at,
            return_seen: before.and_then(|before| before.return_seen),
            told_moves,
            untold_return: before.and_then(|before| before.untold_return.clone()),
            untold_moves,
            revision: before.map_or(0, |before| before.revision),
            words,
            ..Self::default()
        };
        let after = after.concluded();
        // Heard again, nothing is new.
        match before {
            Some(before) if Self { received: before.received, ..after.clone() } == *before => before.clone(),
            _ => after,
        }
    }

    /// The moves that people were told of. An earlier version kept those of all the user's people together.
    pub fn told_moves(&self) -> Vec<Move> {
        let of = |from: &Timestamp| {
            let from = *from;
            self.employees.iter().cloned().map(move |employee| Move { employee, from })
        };
        self.moves.iter().flat_map(of).chain(self.told_moves.iter().cloned()).collect()
    }

    /// Remembers moves that people are to be told of, and forgets those that they were told of first.
    pub fn tell(&mut self, moves: &[Move]) {
        self.untold_moves.extend_from_slice(moves);
        self.told_moves.extend_from_slice(moves);
        let surplus = self.told_moves.len().saturating_sub(MOST_MOVES);
        self.told_moves.drain(..surplus);
    }

    /// As it is once people were told what they were still to be told in that state of it.
    #[must_use]
    pub fn told(&self, untold: &Self) -> Self {
        let mut told = self.clone();
        if told.untold_return == untold.untold_return {
            told.untold_return = None;
        }
        told.untold_moves.retain(|moved| !untold.untold_moves.contains(moved));
        told
    }

    /// Where it was said last that somebody takes that place.
    pub fn moved_by(&self, taken: &Move) -> &str {
        let mut words = self.words.iter().rev();
        let says = |word: &&Word| {
            word.status == Status::Mover
                && (&word.employee, word.effective_at) == (&taken.employee, taken.from)
        };
        words.find(says).map_or(&self.source, |word| &word.source)
    }

    /// With what follows from the words.
    fn concluded(self) -> Self {
        let standing = self.standing();
        let (leaves, returns) = (standing.leaves(), standing.returns());
        let last = self.words.last();
        let by_list = standing.out.or(last).is_some_and(|word| word.by_list);
        let source = standing.out.or(last).map(|word| word.source.clone()).unwrap_or_default();
        let said = last.map(|word| word.said).unwrap_or_default();
        Self { leaves, returns, said, by_list, source, ..self }
    }

    /// Of several people one who goes is enough to ask whose user it is: who goes for good, and first.
    fn standing(&self) -> Standing<'_> {
        let of =
            |employee: &EmployeeId| Standing::of(self.words.iter().filter(|word| word.employee == *employee));
        let gone = self.employees.iter().map(of).filter(|standing| standing.out.is_some());
        gone.min_by_key(|standing| (standing.back.is_some(), standing.leaves())).unwrap_or_default()
    }

    /// The words. Where an earlier version kept what followed from them alone, those that would have said it.
    pub fn kept_words(&self) -> Vec<Word> {
        if !self.words.is_empty() {
            return self.words.clone();
        }
        let word = |employee: &EmployeeId, status, effective_at| Word {
            employee: employee.clone(),
            status,
            effective_at,
            said: self.said,
            heard: None,
            by_list: self.by_list,
            source: self.source.clone(),
            email: None,
        };
        let of = |employee| {
            let goes = self.leaves.map(|leaves| word(employee, Status::Leaver, leaves));
            let stays = if goes.is_some() { self.returns } else { Some(self.said) };
            goes.into_iter().chain(stays.map(|from| word(employee, Status::Rehire, from)))
        };
        self.employees.iter().flat_map(of).collect()
    }

    /// Whether the person is gone at that time: has left, and is not back.
    pub fn is_gone(&self, at: Timestamp) -> bool {
        self.leaves.is_some_and(|leaves| leaves <= at) && !self.is_back(at)
    }

    /// Whether that the person is gone came after that time: it was heard of later, or its day came later. Said again, it
    /// is no later, unless the person was back in between; a word whose hearing no earlier version kept is as old as its
    /// saying.
    pub fn came_after(&self, time: Timestamp) -> bool {
        let out = self.standing().out;
        let of = |out: &Word| first_heard(self.words.iter().filter(|word| word.employee == out.employee));
        let heard = out.and_then(of).unwrap_or(self.said);
        heard > time || self.leaves.is_some_and(|leaves| leaves > time)
    }

    /// Whether the person was to be back by that time.
    pub fn is_back(&self, at: Timestamp) -> bool {
        self.returns.is_some_and(|returns| returns <= at)
    }

    /// From when the person is gone who is not back by that time.
    pub fn goes(&self, at: Timestamp) -> Option<Timestamp> {
        self.leaves.filter(|_| !self.is_back(at))
    }

    /// Whether somebody who was gone is back since it was last looked at.
    pub fn returned_unseen(&self, at: Timestamp) -> bool {
        self.is_back(at) && self.return_seen != self.returns
    }

    /// Where it was said that the person stays or is back.
    pub fn back_by(&self) -> &str {
        let word = self.standing().back.or(self.words.last());
        word.map_or(&self.source, |word| &word.source)
    }

    /// Whether both say the same, wherever and whenever they do.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (&self.employees, &self.tags, self.leaves, self.returns)
            == (&other.employees, &other.tags, other.leaves, other.returns)
    }

    /// Whose user it is, for people.
    pub fn who(&self) -> String {
        self.employees.iter().map(EmployeeId::as_str).collect::<Vec<_>>().join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ago, days, now};

    fn claim() -> Claim {
        Claim { employees: [EmployeeId::parse("E1").unwrap()].into(), tags: BTreeMap::new() }
    }

    fn word(status: Status, said: Timestamp) -> Word {
        Word {
            employee: EmployeeId::parse("E1").unwrap(),
            status,
            effective_at: said,
            said,
            heard: None,
            by_list: false,
            source: "event 2".to_owned(),
            email: None,
        }
    }

    /// As an earlier version kept it: what followed from the words, and not they.
    fn earlier(leaves: Option<Timestamp>, returns: Option<Timestamp>) -> Departure {
        let said = ago(days(9));
        let source = "event 1".to_owned();
        let Claim { employees, tags } = claim();
        Departure { employees, tags, leaves, returns, said, source, received: said, ..Departure::default() }
    }

    #[test]
    fn what_an_earlier_version_kept_goes_on_counting_from_when_it_was_said() {
        let ahead = now().checked_add(days(9)).unwrap();
        let back = now().checked_add(days(30)).unwrap();
        for kept in [
            earlier(Some(ago(days(20))), None),
            earlier(Some(ahead), None),
            earlier(Some(ahead), Some(back)),
            earlier(None, None),
        ] {
            let before_it = word(Status::Leaver, ago(days(10)));
            let after = Departure::after(Some(&kept), claim(), vec![before_it], now());
            assert_eq!((after.leaves, after.returns), (kept.leaves, kept.returns));
            let rehired = Departure::after(Some(&kept), claim(), vec![word(Status::Rehire, now())], now());
            assert_eq!((rehired.leaves, rehired.returns), (None, None));
            let left = Departure::after(Some(&kept), claim(), vec![word(Status::Leaver, now())], now());
            // Whoever is gone goes no second time.
            let leaves = if kept.is_gone(now()) { kept.leaves } else { Some(now()) };
            assert_eq!((left.leaves, left.returns), (leaves, None));
        }
    }

    #[test]
    fn what_is_heard_again_leaves_everything_as_it_was() {
        let said = word(Status::Leaver, ago(days(1)));
        let first = Departure::after(None, claim(), vec![said.clone()], ago(days(1)));
        assert_eq!(Departure::after(Some(&first), claim(), vec![said], now()), first);
    }

    #[test]
    fn a_departure_came_when_it_was_first_heard_of_or_when_its_day_did() {
        let heard = |said, heard| Word { heard: Some(heard), ..word(Status::Leaver, said) };
        let first = heard(ago(days(3)), ago(days(2)));
        let left = Departure::after(None, claim(), vec![first.clone()], ago(days(2)));
        assert!(left.came_after(ago(days(3))) && !left.came_after(ago(days(2))));
        // The same event, and the same word without a date in another.
        for again in [heard(ago(days(3)), now()), heard(ago(days(1)), now())] {
            let again = Word { source: format!("event {}", again.said), ..again };
            let after = Departure::after(Some(&left), claim(), vec![again], now());
            assert!(!after.came_after(ago(days(2))), "{after:?}");
        }
        let ahead = Word { effective_at: ago(days(1)), ..first };
        let dated = Departure::after(None, claim(), vec![ahead], ago(days(2)));
        assert!(dated.came_after(ago(days(2))) && !dated.came_after(ago(days(1))));
        let kept = earlier(Some(ago(days(20))), None);
        assert!(kept.came_after(ago(days(10))) && !kept.came_after(ago(days(9))));
    }

    #[test]
    fn an_earlier_version_reads_what_follows_from_the_words() {
        let kept = Departure::after(None, claim(), vec![word(Status::Leaver, now())], now());
        let text = serde_json::to_value(&kept).unwrap();
        for key in ["employees", "tags", "leaves", "said", "byList", "source", "received"] {
            assert!(text.get(key).is_some(), "{key}");
        }
        assert_eq!(serde_json::from_value::<Departure>(text).unwrap(), kept);
    }
}
