use jiff::Timestamp;

use super::error::EventError;
use super::field::Field;
use crate::identifier::AccountId;

/// The event of an `EventBridge` schedule, which starts a sweep of the account.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledEvent {
    /// Unique for each event, the same for each delivery of it.
    pub id: String,
    /// The account whose schedule fired.
    pub account: AccountId,
    /// When it fired.
    pub time: Timestamp,
    /// The Region it fired in.
    pub region: String,
}

impl ScheduledEvent {
    /// Reads the envelope. Its `version` may be missing, and its `detail` says nothing.
    pub(super) fn read(event: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            id: event.get("id")?.filled_text()?.to_owned(),
            account: event.get("account")?.identifier(AccountId::parse)?,
            time: event.get("time")?.time()?,
            region: event.get("region")?.filled_text()?.to_owned(),
        })
    }
}
