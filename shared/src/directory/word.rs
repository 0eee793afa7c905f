use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EmployeeId, Statement, Status};
use crate::identifier::EmailAddress;

/// What was said of one person once: by an event, or by a list's line or its silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Word {
    /// Of whom.
    pub employee: EmployeeId,
    /// What.
    pub status: Status,
    /// From when on.
    pub effective_at: Timestamp,
    /// When the directory said so.
    pub said: Timestamp,
    /// When Bailiff first heard it. Earlier versions did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Timestamp>,
    /// Whether a list said so.
    #[serde(default)]
    pub by_list: bool,
    /// Where it said so: an event by its id, or a list by its place and version.
    pub source: String,
    /// The person's address, by which a user may be matched as long as it has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
}

/// What two words have in common of which the later says all that the earlier did.
type Kind<'a> = (&'a EmployeeId, bool, Status, Option<Timestamp>);

impl Word {
    /// Whether it takes the person out.
    pub fn goes(&self) -> bool {
        self.status.goes()
    }

    /// Whether both tell of one departure.
    fn departs_like(&self, other: &Self) -> bool {
        self.goes()
            && other.goes()
            && (&self.employee, self.effective_at) == (&other.employee, other.effective_at)
    }

    /// When it was heard. What an earlier version did not keep is as old as its saying.
    fn heard(&self) -> Timestamp {
        self.heard.unwrap_or(self.said)
    }

    /// Stands for another from now on: the same departure was heard of when the first of the two was.
    fn takes_over(&mut self, other: &Self) {
        if self.departs_like(other) && other.heard() < self.heard() {
            self.heard = Some(other.heard());
        }
    }

    /// Whether it names no day of its own, but that on which it was said.
    pub fn is_undated(&self) -> bool {
        self.effective_at == self.said
    }

    /// What was said of the person, as whoever matches users reads it.
    pub fn statement(&self) -> Statement {
        Statement {
            employee: self.employee.clone(),
            status: self.status,
            effective_at: self.effective_at,
            email: self.email.clone(),
            unusable_email: false,
        }
    }

    /// The order in which words count. An event's time has whole seconds, and a list's may have fractions: of one second,
    /// somebody who leaves outdoes what says nothing of it, and is outdone by a re-hire, which only follows upon a
    /// departure.
    fn place(&self) -> impl Ord + use<> {
        let rank = match self.status {
            Status::Active | Status::Mover | Status::Joiner => 0,
            Status::Leaver => 1,
            Status::Rehire => 2,
        };
        (self.said.as_second(), rank, self.said, self.by_list, self.status, self.effective_at)
    }

    fn kind(&self) -> Kind<'_> {
        let dated = match self.status {
            // From when somebody has another place decides nothing.
            Status::Mover | Status::Active => None,
            _ => (!self.is_undated()).then_some(self.effective_at),
        };
        (&self.employee, self.by_list, self.status, dated)
    }

    /// Whether it is the same word, come again.
    fn is(&self, other: &Self) -> bool {
        self.employee == other.employee
            && self.by_list == other.by_list
            && if self.by_list {
                (self.said, self.status, self.effective_at) == (other.said, other.status, other.effective_at)
            } else {
                (&self.source, self.status) == (&other.source, other.status)
            }
    }
}

/// So many words are kept of a user. Those that decide nothing and are said again are not among them, so that these are
/// changes.
const MOST: usize = 32;

/// What follows from some words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing<'a> {
    /// The word that takes the person out.
    pub out: Option<&'a Word>,
    /// The one by which it is back from a day on.
    pub back: Option<&'a Word>,
}

impl<'a> Standing<'a> {
    /// What follows from what was said of one person, earliest first.
    pub fn of(words: impl IntoIterator<Item = &'a Word>) -> Self {
        words.into_iter().fold(Self::default(), Self::then)
    }

    /// From when the person is gone.
    pub fn leaves(&self) -> Option<Timestamp> {
        self.out.map(|word| word.effective_at)
    }

    /// From when the person is back.
    pub fn returns(&self) -> Option<Timestamp> {
        self.back.map(|word| word.effective_at)
    }

    /// Whether the person was to be back by that time.
    fn is_back(&self, at: Timestamp) -> bool {
        self.returns().is_some_and(|returns| returns <= at)
    }

    /// Whether the departure that a word names is the known one. Whoever has gone does not go again: of what has no date,
    /// or a day's end in place of the hour, nothing new is heard.
    fn tells(&self, word: &Word) -> bool {
        let (from, said) = (word.effective_at, word.said);
        self.leaves().is_some_and(|leaves| {
            let is_at_its_days_end = leaves <= from && from.duration_since(leaves) <= super::DAY_ANYWHERE;
            leaves == from
                || (leaves.as_second() <= said.as_second() && (word.is_undated() || is_at_its_days_end))
        })
    }

    fn then(self, word: &'a Word) -> Self {
        let (from, said) = (word.effective_at, word.said);
        if word.goes() {
            // What carries a known departure forward is not where it comes from, and takes back no return to come.
            let is_known = !self.is_back(said) && self.tells(word);
            return if is_known { self } else { Self { out: Some(word), back: None } };
        }
        let Some(out) = self.out else { return Self::default() };
        let leaves = out.effective_at;
        match word.status {
            // A new beginning that lies ahead leaves the departure before it as it is, and said again is the same.
            Status::Joiner | Status::Rehire if said < from && leaves < from => {
                if self.returns() == Some(from) { self } else { Self { back: Some(word), ..self } }
            }
            Status::Rehire => Self::default(),
            // Who begins as the day before ends never leaves: a last day lasts until it is over everywhere.
            Status::Joiner if leaves.duration_since(from) <= super::DAY_ANYWHERE => Self::default(),
            // Whoever is to go is still there, and takes another place or is listed until then. What a list said, a list
            // takes back.
            _ if said.as_second() < leaves.as_second() && !(out.by_list && word.by_list) => self,
            _ => Self::default(),
        }
    }
}

/// Puts a word among those that are kept, in the order in which they were said. What comes again changes nothing; a list
/// that was mended and says when it was first made counts as it reads now.
pub fn hear(words: &mut Vec<Word>, mut word: Word) {
    if words.iter().any(|kept| kept.is(&word)) {
        return;
    }
    if word.by_list {
        let is_mended =
            |kept: &Word| kept.by_list && kept.said == word.said && kept.employee == word.employee;
        let (wrong, others) = std::mem::take(words).into_iter().partition::<Vec<_>, _>(is_mended);
        *words = others;
        for wrong in &wrong {
            word.takes_over(wrong);
        }
    }
    words.push(word);
    words.sort_by_cached_key(Word::place);
    forget(words);
}

/// When the departure that follows from one person's words, earliest first, was first heard of. Said again it is the same,
/// in whatever order it is told, until a return has come: who goes after that goes anew, also by a word that names the old
/// day.
pub fn first_heard<'a>(words: impl IntoIterator<Item = &'a Word>) -> Option<Timestamp> {
    let (mut standing, mut since) = (Standing::default(), Vec::new());
    for word in words {
        let next = standing.then(word);
        if (standing.out.is_some() && next.out.is_none()) || (word.goes() && standing.is_back(word.said)) {
            since.clear();
        }
        since.push(word);
        standing = next;
    }
    let out = standing.out?;
    since.into_iter().filter(|word| word.departs_like(out)).map(Word::heard).min()
}

/// What counts of some words of one person: what follows, and the last address, by which its users are known.
#[derive(PartialEq, Eq)]
struct Outcome<'a> {
    standing: Standing<'a>,
    address: Option<&'a EmailAddress>,
}

impl<'a> Outcome<'a> {
    fn of(words: impl DoubleEndedIterator<Item = &'a Word> + Clone) -> Self {
        let address = words.clone().rev().find_map(|word| word.email.as_ref());
        Self { standing: Standing::of(words), address }
    }
}

/// Drops what decides nothing and is said before and after, and of what is too much the oldest from which nothing comes.
///
/// Of what is said again and again the first and the last word stay, so that one that comes late finds what it was said between.
/// Only two that come late, on both sides of a dropped word, can miss it.
fn forget(words: &mut Vec<Word>) {
    while let Some(idle) = idle(words) {
        drop_word(words, idle);
    }
    while words.len() > MOST {
        drop_word(words, surplus(words));
    }
}

/// Drops a word. Where the same departure follows without it, it leaves behind when that was first heard of.
fn drop_word(words: &mut Vec<Word>, place: usize) {
    let known = words.get(place).and_then(|word| departure(words, &word.employee));
    words.remove(place);
    let Some(known) = known else { return };
    if departure(words, &known.employee).is_some_and(|left| left.heard > known.heard) {
        let out = words.iter_mut().find(|word| Word { heard: known.heard, ..(*word).clone() } == known);
        if let Some(out) = out {
            out.heard = known.heard;
        }
    }
}

/// The word that takes somebody out, as if it had been heard when its departure first was.
fn departure(words: &[Word], employee: &EmployeeId) -> Option<Word> {
    let of = || words.iter().filter(|word| word.employee == *employee);
    let out = Standing::of(of()).out?;
    Some(Word { heard: first_heard(of()), ..out.clone() })
}

/// The oldest word without which the same follows, or else the oldest that nothing comes from now.
fn surplus(words: &[Word]) -> usize {
    let outcome = |word: &Word, left_out: Option<usize>| {
        let of_it = words
            .iter()
            .enumerate()
            .filter(|(place, other)| Some(*place) != left_out && other.employee == word.employee);
        Outcome::of(of_it.map(|(_, other)| other).collect::<Vec<_>>().into_iter())
    };
    let points = |word: &Word| {
        let Standing { out, back } = outcome(word, None).standing;
        out == Some(word) || back == Some(word)
    };
    let mut places = words.iter().enumerate();
    places
        .position(|(place, word)| outcome(word, Some(place)) == outcome(word, None))
        .or_else(|| words.iter().position(|word| !points(word)))
        .unwrap_or_default()
}

/// A word that decides nothing between two of its kind, with none between them that decides anything.
fn idle(words: &[Word]) -> Option<usize> {
    words.iter().position(|word| {
        let own: Vec<&Word> = words.iter().filter(|other| other.employee == word.employee).collect();
        let Some(place) = own.iter().position(|own| std::ptr::eq(*own, word)) else { return false };
        let (before, after) =
            (own.get(..place).unwrap_or_default(), own.get(place + 1..).unwrap_or_default());
        let is_last_address = word.email.is_some() && after.iter().all(|later| later.email.is_none());
        let decides = deciding(&own);
        let of_its_kind = |other: &&Word| other.kind() == word.kind();
        let inert = |other: &&Word| !decides.iter().any(|deciding| std::ptr::eq(*deciding, *other));
        !is_last_address
            && inert(&word)
            && before.iter().rev().take_while(|it| inert(it)).any(of_its_kind)
            && after.iter().take_while(|it| inert(it)).any(of_its_kind)
    })
}

/// Those of one person's words, earliest first, from which something else follows than from those before.
fn deciding<'a>(words: &[&'a Word]) -> Vec<&'a Word> {
    let mut standing = Standing::default();
    let decides = |word: &&'a Word| {
        let before = standing;
        standing = before.then(word);
        before != standing
    };
    words.iter().copied().filter(decides).collect()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::ago;

    /// Said so many hours ago, from so many hours ago.
    fn word(status: Status, said: i64, from: i64, by_list: bool) -> Word {
        let hours = |hours| ago(SignedDuration::from_hours(hours));
        Word {
            employee: EmployeeId::parse("E1").unwrap(),
            status,
            effective_at: hours(from),
            said: hours(said),
            heard: None,
            by_list,
            source: format!("{said} {status:?}"),
            email: None,
        }
    }

    fn kept(words: impl IntoIterator<Item = Word>) -> Vec<Word> {
        let mut kept = Vec::new();
        for word in words {
            hear(&mut kept, word);
        }
        kept
    }

    fn leaves(words: &[Word]) -> Option<Timestamp> {
        Standing::of(words).leaves()
    }

    #[test]
    fn of_one_second_a_leaver_outdoes_what_says_nothing_of_it_and_a_rehire_the_leaver() {
        let at = |status| word(status, 3, 3, false);
        for other in [Status::Active, Status::Mover, Status::Joiner] {
            for pair in [[at(Status::Leaver), at(other)], [at(other), at(Status::Leaver)]] {
                assert!(leaves(&kept(pair)).is_some(), "{other:?}");
            }
        }
        for pair in [[at(Status::Leaver), at(Status::Rehire)], [at(Status::Rehire), at(Status::Leaver)]] {
            assert_eq!(leaves(&kept(pair)), None);
        }
    }

    #[test]
    fn years_of_words_that_decide_nothing_push_no_departure_out() {
        let mut words = vec![word(Status::Leaver, 9_000, -9_000, false)];
        for day in 1..300 {
            words.push(word(Status::Active, 9_000 - day * 24, 9_000 - day * 24, false));
            words.push(word(Status::Mover, 8_999 - day * 24, 50 * day, false));
            words.push(word(Status::Active, 8_998 - day * 24, 8_998 - day * 24, true));
            words.push(word(Status::Leaver, 8_997 - day * 24, -9_000, true));
            // Who is back one day is so by list after list, and by what the payroll sends each night.
            words.push(word(Status::Rehire, 8_996 - day * 24, -9_500, true));
            words.push(word(Status::Joiner, 8_995 - day * 24, -9_500, false));
        }
        let first = words[0].clone();
        for order in [words.clone(), words.into_iter().rev().collect()] {
            let kept = kept(order);
            assert!(kept.len() < 20, "{}", kept.len());
            let standing = Standing::of(&kept);
            assert_eq!(standing.out, Some(&first));
            assert_eq!(standing.returns(), Some(ago(SignedDuration::from_hours(-9_500))));
        }
    }

    #[test]
    fn a_return_that_changes_without_end_pushes_no_departure_out() {
        let first = word(Status::Leaver, 9_000, -9_000, false);
        let returns = (1..200).map(|day| word(Status::Rehire, 9_000 - day * 24, -9_000 - day, true));
        let kept = kept([first.clone()].into_iter().chain(returns));
        assert_eq!(kept.len(), MOST);
        let standing = Standing::of(&kept);
        assert_eq!(standing.out, Some(&first));
        assert_eq!(standing.returns(), Some(ago(SignedDuration::from_hours(-9_199))));
    }

    /// Said so many milliseconds after another time.
    fn later(word: Word, milliseconds: i64) -> Word {
        let said = word.said + SignedDuration::from_millis(milliseconds);
        let effective_at = if word.is_undated() { said } else { word.effective_at };
        Word { effective_at, said, ..word }
    }

    #[test]
    fn a_second_is_a_second_whoever_tells_the_time_more_precisely() {
        let at = |status, by_list| word(status, 3, 3, by_list);
        for (status, by_list) in [(Status::Active, true), (Status::Joiner, true), (Status::Mover, false)] {
            let pair = [at(Status::Leaver, false), later(at(status, by_list), 300)];
            assert!(leaves(&kept(pair)).is_some(), "{status:?}");
        }
        assert_eq!(leaves(&kept([later(at(Status::Leaver, true), 300), at(Status::Rehire, false)])), None);
        // Whoever is employed in the second of the departure is so after it.
        let day = later(word(Status::Leaver, 3, 3, true), 500).said;
        let leaver = Word { effective_at: day, ..word(Status::Leaver, 9, 3, true) };
        assert_eq!(leaves(&kept([leaver, at(Status::Active, false)])), None);
        // A second later it is another.
        assert_eq!(leaves(&kept([at(Status::Leaver, false), later(at(Status::Active, true), 1_000)])), None);
    }

    #[test]
    fn who_is_gone_is_gone_from_when_it_was_said_first() {
        let first = word(Status::Leaver, 50, 50, false);
        let back = word(Status::Rehire, 48, -300, false);
        let again = word(Status::Leaver, 30, 30, false);
        for words in [vec![first.clone(), again.clone()], vec![first.clone(), back.clone(), again.clone()]] {
            let returns = (words.len() == 3).then_some(back.effective_at);
            let kept = kept(words);
            let standing = Standing::of(&kept);
            assert_eq!((standing.out, standing.returns()), (Some(&first), returns));
        }
        // Who was back by then leaves anew.
        let back = word(Status::Rehire, 48, 40, false);
        assert_eq!(leaves(&kept([first, back, again.clone()])), Some(again.effective_at));
        // Who is to leave leaves now.
        let ahead = word(Status::Leaver, 50, -20, false);
        assert_eq!(leaves(&kept([ahead, again.clone()])), Some(again.effective_at));
    }

    #[test]
    fn the_end_of_a_last_day_puts_off_no_departure_that_is_past() {
        let first = word(Status::Leaver, 500, 40, false);
        let left = |from| leaves(&kept([first.clone(), word(Status::Leaver, 27, from, true)]));
        let hours = |hours| Some(ago(SignedDuration::from_hours(hours)));
        assert_eq!((left(18), left(4)), (hours(40), hours(40)));
        // A later day is another, and so is an earlier one.
        assert_eq!((left(3), left(-90), left(60)), (hours(3), hours(-90), hours(60)));
        // What lies ahead is put off by an hour too.
        assert_eq!(leaves(&kept([first, word(Status::Leaver, 41, 39, true)])), hours(39));
    }

    #[test]
    fn changes_without_end_are_not_kept_without_end() {
        let word = |number: i64| {
            let status = if number % 2 == 0 { Status::Leaver } else { Status::Rehire };
            word(status, 500 - number, 500 - number, false)
        };
        let kept = kept((0..200).map(word));
        assert_eq!(kept.len(), MOST);
        assert_eq!(leaves(&kept), None);
    }

    #[test]
    fn what_seems_to_decide_nothing_is_there_for_what_comes_late() {
        // Gone, back, to go again, and there until then.
        let words = [
            word(Status::Leaver, 36, 40, false),
            word(Status::Active, 32, 32, false),
            word(Status::Leaver, 28, 20, false),
            word(Status::Active, 24, 24, false),
        ];
        let back_to_front = kept(words.iter().rev().cloned());
        assert_eq!(back_to_front, words);
        assert_eq!(leaves(&back_to_front), Some(words[2].effective_at));
    }

    /// Heard so many hours ago.
    fn heard(word: Word, hours: i64) -> Word {
        Word { heard: Some(ago(SignedDuration::from_hours(hours))), ..word }
    }

    #[test]
    fn a_departure_is_heard_of_anew_only_after_a_return_that_has_come() {
        let first = heard(word(Status::Leaver, 90, 90, false), 89);
        let again =
            heard(Word { effective_at: first.effective_at, ..word(Status::Leaver, 30, 90, true) }, 29);
        let ahead = word(Status::Rehire, 80, 20, false);
        let come = word(Status::Rehire, 80, 40, false);
        let at_once = word(Status::Rehire, 40, 40, false);
        for (between, expected) in [(None, 89), (Some(ahead), 89), (Some(come), 29), (Some(at_once), 29)] {
            // In whatever order they come.
            for late in [false, true] {
                let mut words = vec![first.clone(), again.clone()];
                words.splice(if late { 2..2 } else { 1..1 }, between.clone());
                let words = kept(words);
                let since = ago(SignedDuration::from_hours(expected));
                assert_eq!(first_heard(&words), Some(since), "{late} {between:?}");
            }
        }
    }

    #[test]
    fn what_is_dropped_leaves_behind_when_it_was_heard() {
        let first = word(Status::Leaver, 400, 500, true);
        let like_it = |said, hours| {
            let again = word(Status::Leaver, said, 500, true);
            heard(Word { effective_at: first.effective_at, ..again }, hours)
        };
        // What came first was said between the others.
        let words = kept([
            like_it(300, 299),
            like_it(400, 100),
            like_it(350, 90),
            like_it(310, 80),
            like_it(200, 70),
        ]);
        assert!(words.len() < 5 && words.iter().all(|word| word.said != like_it(300, 0).said), "{words:#?}");
        assert_eq!(first_heard(&words), Some(ago(SignedDuration::from_hours(299))));
        // And in a list that was mended.
        let mended = Word { effective_at: first.effective_at, ..like_it(400, 100) };
        let wrong = heard(first.clone(), 299);
        let said = SignedDuration::from_hours(299);
        assert_eq!(first_heard(&kept([wrong.clone(), mended.clone()])), Some(ago(said)));
        let other_source = Word { effective_at: ago(SignedDuration::from_hours(480)), ..mended };
        assert_eq!(first_heard(&kept([wrong, other_source])), Some(ago(SignedDuration::from_hours(100))));
    }

    #[test]
    fn a_list_that_was_mended_counts_as_it_reads_now() {
        let wrong = word(Status::Leaver, 5, 9, true);
        let right = word(Status::Active, 5, 5, true);
        assert_eq!(kept([wrong, right.clone()]), [right]);
    }
}
