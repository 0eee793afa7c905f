use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How to write when an exemption begins or ends.
pub(super) const EXAMPLE: &str = "write a date, as `2027-01-31` (a whole day, UTC), or a time with its zone, as \
     `2027-01-31T18:00:00Z`";

/// A day in UTC, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Day(Date),
    Time(Timestamp),
}

impl Moment {
    /// The date library reads much more, and drops what it has no use for, such as the time behind a date; of the
    /// beginning and the end of an exemption only two spellings are taken.
    pub(super) fn read(text: &str) -> Option<Self> {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if shape == "0000-00-00" {
            return text.parse().ok().map(Self::Day);
        }
        let rest = shape.strip_prefix("0000-00-00T00:00:00")?;
        let zone = match rest.strip_prefix('.') {
            None => rest,
            Some(fraction) => {
                let zone = fraction.trim_start_matches('0');
                if zone.len() == fraction.len() {
                    return None;
                }
                zone
            }
        };
        // All digits of the shape are zeros, whatever the offset.
        if matches!(zone, "Z" | "+00:00" | "-00:00") { text.parse().ok().map(Self::Time) } else { None }
    }

    /// Its first moment.
    pub(super) fn starts(self) -> Option<Timestamp> {
        match self {
            Self::Day(day) => midnight(day),
            Self::Time(time) => Some(time),
        }
    }

    /// The first moment after it: of a day the midnight that ends it, of a time that time.
    pub(super) fn ends(self) -> Option<Timestamp> {
        match self {
            Self::Day(day) => midnight(day.tomorrow().ok()?),
            Self::Time(time) => Some(time),
        }
    }
}

/// The beginning of a day in UTC.
pub(super) fn midnight(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Timestamp> {
        Moment::read(text).and_then(Moment::ends)
    }

    #[test]
    fn a_date_lasts_to_the_end_of_its_day_in_utc() {
        assert_eq!(read("2027-01-31").unwrap().to_string(), "2027-02-01T00:00:00Z");
        assert_eq!(read("2028-02-29").unwrap().to_string(), "2028-03-01T00:00:00Z");
    }

    #[test]
    fn a_date_begins_with_its_day_in_utc_and_a_time_when_it_says() {
        let starts = |text| Moment::read(text).and_then(Moment::starts).unwrap().to_string();
        assert_eq!(starts("2027-01-31"), "2027-01-31T00:00:00Z");
        assert_eq!(starts("2027-01-31T18:00:00+02:00"), "2027-01-31T16:00:00Z");
    }

    #[test]
    fn a_time_ends_when_it_says() {
        assert_eq!(read("2027-01-31T18:00:00Z").unwrap().to_string(), "2027-01-31T18:00:00Z");
        assert_eq!(read("2027-01-31T18:00:00.5Z").unwrap().to_string(), "2027-01-31T18:00:00.5Z");
        assert_eq!(read("2027-01-31T18:00:00+02:00").unwrap().to_string(), "2027-01-31T16:00:00Z");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for wrong in [
            "",
            "tomorrow",
            "never",
            "20270131",
            "31.01.2027",
            "01/31/2027",
            "2027-1-31",
            "2027-02-30",
            "2027-02-29",
            "9999-12-31",
            "2027-01-31T18:00:00",
            "2027-01-31 18:00:00Z",
            "2027-01-31T18:00:00.Z",
            "2027-01-31T18:00:00Z[Europe/Berlin]",
            "2027-01-31T25:00:00Z",
            "2027-01-31T18:00:00+02",
            "2027-01-31T18:00:00+99:00",
            "٢٠٢٧-٠١-٣١",
            "-002027-01-31",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
