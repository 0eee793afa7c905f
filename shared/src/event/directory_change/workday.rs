use jiff::Timestamp;
use serde_json::Value;

use super::employee;
use super::person::of_date;
use crate::directory::{DAY_ANYWHERE, Statement, Status};
use crate::event::error::{EventError, shown};
use crate::event::field::Field;

/// Reads a worker in the shape of `Worker_Data` of Workday's `Get_Workers` (Human Resources web service), as an
/// integration hands it on in JSON. Whatever else it holds is let be.
///
/// `Termination_Date` is the last day of employment. A worker who is not active and has none is no leaver that anybody
/// could date, and is refused.
///
/// Who has given notice is active, not terminated, and has a last day that lies ahead. One that has passed is that of an
/// employment before.
///
/// `Rehire` stays set for as long as the worker is employed, and says nothing against a resignation of years later. One
/// whose `Hire_Date` is past is therefore read as one who began then: what ended before that day is over, and what ends
/// later stands.
pub(super) fn worker(detail: &Field<'_>, said: Timestamp) -> Result<Statement, EventError> {
    let worker = detail.get("Worker_Data")?;
    let state = worker.get("Employment_Data")?.get("Worker_Status_Data")?;
    let terminated = state.get("Terminated")?.optional(flag)?.unwrap_or_default();
    let active = flag(&state.get("Active")?)?;
    let (status, effective_at) = if terminated || !active {
        (Status::Leaver, date(&state.get("Termination_Date")?, Status::Leaver)?)
    } else {
        let is_rehired = state.get("Rehire")?.optional(flag)?.unwrap_or_default();
        let hired = if is_rehired {
            state.get("Hire_Date")?.optional(|hired| date(hired, Status::Rehire))?
        } else {
            None
        };
        let last_day = state.get("Termination_Date")?.optional(last_day)?.flatten();
        match (hired, last_day) {
            // The employment that ends is the one before.
            (Some(hired), Some(ends)) if hired > said && ends.duration_since(hired) < DAY_ANYWHERE => {
                (Status::Rehire, hired)
            }
            (_, Some(ends)) if ends > said => (Status::Leaver, ends),
            (Some(hired), _) if hired > said => (Status::Rehire, hired),
            (Some(hired), _) => (Status::Joiner, hired),
            (None, _) => (Status::Active, said),
        }
    };
    let statement = Statement {
        employee: employee(&worker.get("Worker_ID")?)?,
        status,
        effective_at,
        email: None,
        unusable_email: false,
    };
    let email = worker.get("Personal_Data")?.optional(email)?.flatten();
    Ok(statement.with_email(email.as_deref()))
}

fn email(personal: &Field<'_>) -> Result<Option<String>, EventError> {
    let addresses = personal.get("Contact_Data")?.under("Email_Address_Data")?;
    let address = |email: &Field<'_>| email.get("Email_Address")?.optional_text();
    // Of an element that may stand there several times, XML does not tell whether one is a list.
    if addresses.raw().is_some_and(Value::is_object) {
        return address(&addresses);
    }
    Ok(addresses.list(address)?.unwrap_or_default().into_iter().flatten().next())
}

/// XML's booleans, as they come through into JSON.
fn flag(field: &Field<'_>) -> Result<bool, EventError> {
    match field.raw() {
        Some(Value::String(word)) if matches!(word.as_str(), "1" | "true") => Ok(true),
        Some(Value::String(word)) if matches!(word.as_str(), "0" | "false") => Ok(false),
        Some(Value::Number(number)) if number.as_u64() == Some(1) => Ok(true),
        Some(Value::Number(number)) if number.as_u64() == Some(0) => Ok(false),
        _ => field.boolean(),
    }
}

/// The end of the last day of somebody who is still there. An element that stands empty names none.
fn last_day(field: &Field<'_>) -> Result<Option<Timestamp>, EventError> {
    let is_blank = field.text()?.trim().is_empty();
    if is_blank { Ok(None) } else { date(field, Status::Leaver).map(Some) }
}

/// A date of XML Schema, whose offset says nothing that the day's end anywhere would not cover: `2026-11-30-08:00`.
fn date(field: &Field<'_>, status: Status) -> Result<Timestamp, EventError> {
    let text = field.filled_text()?.trim();
    let bad = || EventError::BadTime { field: field.path().to_owned(), found: shown(text) };
    let (day, rest) = text.split_at_checked("2026-11-30".len()).ok_or_else(bad)?;
    if !(rest.is_empty() || rest.starts_with(['Z', '+', '-'])) {
        return field.time();
    }
    of_date(day.parse().map_err(|_| bad())?, status).ok_or_else(bad)
}
