use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How to write when an exemption ends.
pub(super) const EXAMPLE: &str = "write a date, as `2027-01-31` (to the end of that day, UTC), or a time with its zone, as \
     `2027-01-31T18:00:00Z`";

/// The first moment after an exemption: of a date the midnight that ends it in UTC, of a time that time.
///
/// The date library reads much more, and drops what it has no use for, such as the time behind a date; of the
/// end of an exemption only two spellings are taken.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape == "0000-00-00" {
        let date: Date = text.parse().ok()?;
        return Some(date.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
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
    if matches!(zone, "Z" | "+00:00" | "-00:00") { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_lasts_to_the_end_of_its_day_in_utc() {
        assert_eq!(read("2027-01-31").unwrap().to_string(), "2027-02-01T00:00:00Z");
        assert_eq!(read("2028-02-29").unwrap().to_string(), "2028-03-01T00:00:00Z");
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
