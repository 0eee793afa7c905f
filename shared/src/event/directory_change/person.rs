use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::employee;
use crate::directory::{DAY_ANYWHERE, Statement, Status};
use crate::event::error::{EventError, shown};
use crate::event::field::Field;

/// The keys of a person; another is refused, for whoever wrote it meant something by it.
const KEYS: [&str; 4] = ["employee", "status", "effectiveAt", "email"];

/// Reads a person in Bailiff's own shape, that of events and of a list's lines.
///
/// A leaver needs a date. Whoever is employed may have one, and is so from when it was said where there is none.
pub(in crate::event) fn person(person: &Field<'_>, said: Timestamp) -> Result<Statement, EventError> {
    person.only(&KEYS)?;
    let status = person.get("status")?.word(Status::WORDS, Status::parse)?;
    let effective_at = person.get("effectiveAt")?;
    let effective_at =
        if status.goes() || !effective_at.is_missing() { from_when(&effective_at, status)? } else { said };
    let statement = Statement {
        employee: employee(&person.get("employee")?)?,
        status,
        effective_at,
        email: None,
        unusable_email: false,
    };
    Ok(statement.with_email(person.get("email")?.optional(Field::text)?))
}

/// A time with its offset, or a date alone.
pub(super) fn from_when(field: &Field<'_>, status: Status) -> Result<Timestamp, EventError> {
    let text = field.filled_text()?.trim();
    if text.len() != "2026-11-30".len() {
        return field.time();
    }
    let bad = || EventError::BadTime { field: field.path().to_owned(), found: shown(text) };
    of_date(text.parse().map_err(|_| bad())?, status).ok_or_else(bad)
}

/// Whoever leaves on a date is there on it, wherever that is: the day ends last twelve hours west of Greenwich. Whoever
/// comes on a date is there from its beginning in UTC.
pub(super) fn of_date(day: Date, status: Status) -> Option<Timestamp> {
    let begins = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    if status.goes() { begins.checked_add(DAY_ANYWHERE).ok() } else { Some(begins) }
}
