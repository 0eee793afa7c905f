use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A moment in nanoseconds since 1970-01-01T00:00:00Z.
type Moment = i128;

const SECOND: Moment = 1_000_000_000;

/// How two moments stand to each other, if both are moments.
pub(in crate::policy) fn order(a: &str, b: &str) -> Option<Ordering> {
    Some(moment(a)?.cmp(&moment(b)?))
}

/// Reads epoch time, or ISO 8601 as the W3C profiles it; where the time zone is missing, it is UTC.
fn moment(text: &str) -> Option<Moment> {
    if let Some(moment) = epoch(text) {
        return Some(moment);
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_nanosecond());
    }
    let date_time = match text.len() {
        4 => format!("{text}-01-01").parse::<Date>().ok()?.into(),
        7 => format!("{text}-01").parse::<Date>().ok()?.into(),
        _ => text.parse::<DateTime>().ok()?,
    };
    Some(TimeZone::UTC.to_timestamp(date_time).ok()?.as_nanosecond())
}

/// Seconds, or milliseconds from where seconds would be a year past 5000. Four digits are a year.
fn epoch(text: &str) -> Option<Moment> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if text.len() == 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = Moment::from(text.parse::<i64>().ok()?);
    Some(if number.abs() < 100_000_000_000 { number * SECOND } else { number * (SECOND / 1000) })
}
