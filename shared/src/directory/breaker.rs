//! What makes a full list of people incredible. Half a list is the commonest fault of such lists, and read as leavers
//! it would suspend everybody who is not on it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::governance::Directory;

/// The last list that was taken for what it is, and the last one that was not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastFile {
    /// When the good one was made; `None` where none has been read yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<Timestamp>,
    /// How many people it named.
    #[serde(default)]
    pub count: u64,
    /// The list that was refused since, so that one fault is told once a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<LastRefusal>,
}

/// A refused list that people were told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastRefusal {
    /// Which version of which file, and why.
    pub what: String,
    /// When people were told.
    pub told: Timestamp,
}

/// Why a list that can be read is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It is too old.
    #[error(
        "it was made at {generated_at}, more than {most} hours (`directory.maxAgeHours`) ago; see why no newer one came"
    )]
    Stale {
        /// When it was made.
        generated_at: Timestamp,
        /// The most hours.
        most: u32,
    },
    /// It was made later than now.
    #[error("it says that it was made at {generated_at}, which lies ahead; set the clock that made it")]
    Ahead {
        /// When it says it was made.
        generated_at: Timestamp,
    },
    /// A newer one was read before.
    #[error(
        "it was made at {generated_at}, before the one of {last} that was read already; put the newer one back"
    )]
    Older {
        /// When it was made.
        generated_at: Timestamp,
        /// When the last good one was made.
        last: Timestamp,
    },
    /// It names far fewer people than the last one.
    #[error(
        "it names {count} people and the last good one named {last}: less than {least} % (`directory.minimumShareOfLast`); \
         see whether it is whole, and if so many are gone indeed, lower that share for one run"
    )]
    Short {
        /// How many it names.
        count: u64,
        /// How many the last good one named.
        last: u64,
        /// The least share, in percent.
        least: u32,
    },
    /// It would make too many leave at once.
    #[error(
        "by it the people of {leavers} users at once have left, of {matched} users whose people are known, and {most} may \
         (`directory.{limit}`); see whether it is right, and if so, raise that limit for one run"
    )]
    TooManyLeavers {
        /// Users whose people have newly left.
        leavers: u64,
        /// Users whose people are known.
        matched: u64,
        /// How many may.
        most: u64,
        /// The limit.
        limit: &'static str,
    },
}

/// How many users newly have a leaver for their person, or one who leaves sooner than was known, among how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    /// Users whose person has newly left or is newly to leave, or leaves sooner.
    pub leavers: u64,
    /// Users whose person is known.
    pub matched: u64,
}

/// Leavers that no share forbids: a twentieth of a small account would be nobody.
const LEAVERS_AT_LEAST: u64 = 2;
/// Clocks differ by less.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(15);

impl Doubt {
    /// What a list's head and length leave to doubt.
    pub fn of_list(
        generated_at: Timestamp,
        count: u64,
        last: &LastFile,
        directory: &Directory,
        at: Timestamp,
    ) -> Option<Self> {
        let age = at.duration_since(generated_at);
        if age < -CLOCKS_DIFFER {
            return Some(Self::Ahead { generated_at });
        }
        if age > SignedDuration::from_hours(i64::from(directory.max_age_hours)) {
            return Some(Self::Stale { generated_at, most: directory.max_age_hours });
        }
        let before = last.generated_at?;
        if generated_at < before {
            return Some(Self::Older { generated_at, last: before });
        }
        let least = directory.minimum_share_of_last;
        if u128::from(count) * 100 < u128::from(last.count) * u128::from(least) {
            return Some(Self::Short { count, last: last.count, least });
        }
        None
    }

    /// What the number of leavers leaves to doubt.
    pub fn of_leavers(Due { leavers, matched }: Due, directory: &Directory) -> Option<Self> {
        let too_many = |most, limit| Self::TooManyLeavers { leavers, matched, most, limit };
        let most = u64::from(directory.max_leavers);
        if leavers > most {
            return Some(too_many(most, "maxLeavers"));
        }
        let share = matched.saturating_mul(u64::from(directory.max_leavers_share)) / 100;
        let share = if directory.max_leavers_share == 0 { 0 } else { share.max(LEAVERS_AT_LEAST) };
        (leavers > share).then(|| too_many(share, "maxLeaversShare"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ago, now};

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    fn last(count: u64) -> LastFile {
        LastFile { generated_at: Some(ago(hours(24))), count, refused: None }
    }

    fn doubt(generated_at: Timestamp, count: u64, last: &LastFile) -> Option<Doubt> {
        Doubt::of_list(generated_at, count, last, &Directory::default(), now())
    }

    #[test]
    fn a_list_may_be_two_days_old_and_not_a_second_older() {
        let none = LastFile::default();
        assert_eq!(doubt(ago(hours(48)), 1, &none), None);
        let old = ago(hours(48) + SignedDuration::from_secs(1));
        assert_eq!(doubt(old, 1, &none), Some(Doubt::Stale { generated_at: old, most: 48 }));
    }

    #[test]
    fn a_list_of_the_future_or_from_before_the_last_is_not_believed() {
        let ahead = ago(-hours(1));
        assert_eq!(doubt(ahead, 1, &LastFile::default()), Some(Doubt::Ahead { generated_at: ahead }));
        let older = ago(hours(25));
        assert!(matches!(doubt(older, 100, &last(100)), Some(Doubt::Older { .. })));
        // The same again is how a schedule finds it.
        assert_eq!(doubt(ago(hours(24)), 100, &last(100)), None);
    }

    #[test]
    fn a_tenth_may_be_missing_and_nobody_more() {
        assert_eq!(doubt(now(), 9_000, &last(10_000)), None);
        let short = Doubt::Short { count: 8_999, last: 10_000, least: 90 };
        assert_eq!(doubt(now(), 8_999, &last(10_000)), Some(short));
        assert!(doubt(now(), 6_000, &last(10_000)).is_some());
        assert_eq!(doubt(now(), u64::MAX, &last(u64::MAX)), None);
    }

    #[test]
    fn leavers_are_limited_by_number_and_by_share() {
        let doubt = |leavers, matched| Doubt::of_leavers(Due { leavers, matched }, &Directory::default());
        assert_eq!(doubt(20, 10_000), None);
        assert!(matches!(doubt(21, 10_000), Some(Doubt::TooManyLeavers { limit: "maxLeavers", .. })));
        assert_eq!(doubt(5, 100), None);
        assert!(matches!(
            doubt(6, 100),
            Some(Doubt::TooManyLeavers { most: 5, limit: "maxLeaversShare", .. })
        ));
        // Of few, two may.
        assert_eq!(doubt(2, 3), None);
        assert!(doubt(3, 3).is_some());
        let nobody = Directory { max_leavers_share: 0, ..Directory::default() };
        assert!(Doubt::of_leavers(Due { leavers: 1, matched: 9 }, &nobody).is_some());
    }
}
