use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A day of UTC, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Day(Timestamp),
    Instant(Timestamp),
}

impl Moment {
    /// Its beginning.
    pub(super) fn begins(self) -> Timestamp {
        match self {
            Self::Day(at) | Self::Instant(at) => at,
        }
    }

    /// Whether a time is before its end; a day's is at midnight.
    pub(super) fn is_over_after(self, time: Timestamp) -> bool {
        match self {
            Self::Day(at) => time.duration_since(at) < SignedDuration::from_hours(24),
            Self::Instant(at) => time <= at,
        }
    }
}

impl FromStr for Moment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|day| Self::Day(day.timestamp()));
        let instant = text.parse().map(Self::Instant).ok();
        instant
            .or_else(|| text.parse().ok().and_then(day))
            .ok_or_else(|| "a day such as 2026-11-22, or a time such as 2026-11-22T09:00:00Z".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_until_midnight_and_a_moment_until_itself() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let day: Moment = "2026-11-22".parse().unwrap();
        assert_eq!(day.begins(), at("2026-11-22T00:00:00Z"));
        assert!(day.is_over_after(at("2026-11-22T23:59:59Z")));
        assert!(!day.is_over_after(at("2026-11-23T00:00:00Z")));
        let moment: Moment = "2026-11-22T09:00:00Z".parse().unwrap();
        assert!(moment.is_over_after(at("2026-11-22T09:00:00Z")));
        assert!(!moment.is_over_after(at("2026-11-22T09:00:01Z")));
        assert!("yesterday".parse::<Moment>().is_err());
    }
}
