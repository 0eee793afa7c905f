use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use serde_json::Value;

/// Reads a time as AWS writes one: RFC 3339 text with or without milliseconds, or seconds since 1970 with or
/// without a fraction.
///
/// Seconds are rounded to the millisecond, the precision AWS Config keeps: a floating-point number is a little
/// off, and the same capture time must compare equal in both spellings.
pub(super) fn read(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(seconds) => {
            if let Some(whole) = seconds.as_i64() {
                return Timestamp::from_second(whole).ok();
            }
            let duration = SignedDuration::try_from_secs_f64(seconds.as_f64()?).ok()?;
            let exact = Timestamp::from_duration(duration).ok()?;
            exact.round(TimestampRound::new().smallest(Unit::Millisecond)).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_of_a_time_reads_alike() {
        let expected: Timestamp = "2026-11-20T09:14:03Z".parse().unwrap();
        for spelling in [
            json!("2026-11-20T09:14:03Z"),
            json!("2026-11-20T09:14:03.000Z"),
            json!("2026-11-20T10:14:03+01:00"),
            json!(1_795_166_043),
            json!(1_795_166_043.0),
        ] {
            assert_eq!(read(&spelling), Some(expected), "{spelling}");
        }
    }

    #[test]
    fn seconds_with_a_fraction_equal_the_same_time_in_text() {
        assert_eq!(read(&json!(1_795_166_043.217)), read(&json!("2026-11-20T09:14:03.217Z")));
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for wrong in [
            json!(""),
            json!("yesterday"),
            json!("2026-11-20"),
            json!("2026-11-20T09:14:03"),
            json!("2026-13-40T99:00:00Z"),
            json!(1e300),
            json!(-1e300),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1_795_166_043_217_u64),
            json!(null),
            json!([]),
        ] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
    }
}
