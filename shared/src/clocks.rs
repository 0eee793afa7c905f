//! Clocks that were wrong. What a worker wrote whose clock was ahead must not stand until that time has come.

use jiff::{SignedDuration, Timestamp};

/// Clocks of workers differ by less.
pub const WORKERS_DIFFER_BY: SignedDuration = SignedDuration::from_hours(1);

/// Whether no clock that was right can have told this time by now.
pub fn is_ahead(time: Timestamp, now: Timestamp) -> bool {
    time.duration_since(now) > WORKERS_DIFFER_BY
}

/// Whether what was written at one time gives way to what is written at another.
pub fn gives_way(written: Timestamp, to: Timestamp, now: Timestamp) -> bool {
    written <= to || is_ahead(written, now)
}

/// The latest that anything lasts which lasts for so long, and was written by now.
pub fn latest_end(lasts: SignedDuration, now: Timestamp) -> Timestamp {
    let end = now.checked_add(lasts).and_then(|end| end.checked_add(WORKERS_DIFFER_BY));
    end.unwrap_or(Timestamp::MAX)
}

/// Whether what lasts for so long, and until then, is left where it is when what lasts until another time is to be kept.
pub fn outlasts(until: Timestamp, other: Timestamp, lasts: SignedDuration, now: Timestamp) -> bool {
    other < until && until <= latest_end(lasts, now)
}

/// Whether what lasts for so long, and says until when, does at a moment.
pub fn lasts_at(now: Timestamp, until: Timestamp, lasts: SignedDuration) -> bool {
    now < until && until <= latest_end(lasts, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_ends_later_than_it_can_have_been_written_to_does_not_last() {
        let lasts = |hours: i64| lasts_at(now(), now() + SignedDuration::from_hours(hours), DAY);
        assert_eq!([0, 1, 24, 25, 26, 10 * 365 * 24].map(lasts), [false, true, true, true, false, false]);
    }

    #[test]
    fn a_time_is_ahead_that_clocks_which_are_right_do_not_tell_yet() {
        let ahead = |minutes: i64| is_ahead(now() + SignedDuration::from_mins(minutes), now());
        assert_eq!([-600, 0, 60, 61].map(ahead), [false, false, false, true]);
        assert!(!is_ahead(Timestamp::MAX, Timestamp::MAX));
        assert_eq!(latest_end(DAY, Timestamp::MAX), Timestamp::MAX);
    }
}
