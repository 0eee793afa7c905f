//! What a directory or HR system says of one person, in an event on Bailiff's own bus.

mod person;
mod scim;
mod workday;

use jiff::Timestamp;
use serde_json::Value;

use super::ScheduledEvent;
use super::error::{EventError, shown};
use super::field::Field;
use crate::directory::{EmployeeId, Statement};
use crate::identifier::AccountId;

pub(super) use person::person;

/// What receive-directory-change is invoked with.
#[derive(Debug, Clone, PartialEq)]
pub enum DirectoryEvent {
    /// Somebody's employment changed.
    Change(DirectoryChange),
    /// A schedule asks for the full list to be read.
    Scheduled(ScheduledEvent),
}

/// Somebody's employment changed.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryChange {
    /// Unique for each event, the same for each delivery of it.
    pub id: String,
    /// The account on whose bus it was put.
    pub account: AccountId,
    /// When the directory said so. What was said later counts, in whatever order it arrives.
    pub said: Timestamp,
    /// What it said.
    pub statement: Statement,
}

/// The `detail-type` of Bailiff's own shape.
const OWN: &str = "Directory Change";
/// That of a SCIM user resource.
const SCIM: &str = "SCIM User";
/// That of a Workday worker.
const WORKDAY: &str = "Workday Worker";

impl DirectoryEvent {
    /// Reads what the function was invoked with.
    pub fn parse(payload: &Value) -> Result<Self, EventError> {
        let event = Field::at("", payload);
        let (source, detail_type) = (event.get("source")?, event.get("detail-type")?);
        let detail = event.get("detail")?;
        // Who may put events on the bus may name any source. It is the rule that lets in only `directory`.
        let read = match (source.filled_text()?, detail_type.filled_text()?) {
            ("aws.events", "Scheduled Event") => return ScheduledEvent::read(&event).map(Self::Scheduled),
            ("directory", OWN) => person,
            ("directory", SCIM) => scim::user,
            ("directory", WORKDAY) => workday::worker,
            (source, detail_type) => {
                return Err(EventError::NoDirectoryEvent {
                    source_name: shown(source),
                    detail_type: shown(detail_type),
                });
            }
        };
        let said = event.get("time")?.time()?;
        Ok(Self::Change(DirectoryChange {
            id: event.get("id")?.filled_text()?.to_owned(),
            account: event.get("account")?.identifier(AccountId::parse)?,
            said,
            statement: read(&detail, said)?,
        }))
    }
}

/// An employee's id. HR systems write numbers as numbers too, and a number has lost its leading zeros: only text is taken.
fn employee(field: &Field<'_>) -> Result<EmployeeId, EventError> {
    field.identifier(EmployeeId::parse)
}

#[cfg(test)]
mod tests;
