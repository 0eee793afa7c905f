use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use jiff::Timestamp;
use shared::engine::{PortError, PortErrorKind};

use super::Table;
use super::item::Item;
use crate::failure::Failure;

pub(super) const TRANSACT: &str = "dynamodb:TransactWriteItems";

/// The longest waits before a transaction that ran into another one is tried again, in milliseconds. The SDK does not.
/// All accounts of an organisation may sweep in the same minute, and count on the same two items.
pub(super) const WAITS: [u64; 5] = [50, 200, 800, 1_600, 3_200];

/// From half of the longest wait on, and another for each worker, or they would meet again: the nanoseconds of the clock are
/// as good as a draw.
pub(super) fn drawn(longest: u64) -> Duration {
    let longest = if cfg!(test) { 2 } else { longest };
    let drawn = u64::from(Timestamp::now().subsec_nanosecond().unsigned_abs()) / 1_000 % longest;
    Duration::from_millis(longest.midpoint(drawn))
}

/// A transaction that was not made: not one of its writes was.
#[derive(Debug)]
pub(super) struct Cancelled {
    reasons: Vec<CancellationReason>,
}

impl Cancelled {
    /// For these reasons, one for each place.
    pub(super) fn of(reasons: &[CancellationReason]) -> Self {
        Self { reasons: reasons.to_vec() }
    }

    /// Whether it was for the condition of the write at this place.
    pub(super) fn condition_failed(&self, index: usize) -> bool {
        self.reason(index) == Some("ConditionalCheckFailed")
    }

    /// How many writes it had.
    pub(super) fn writes(&self) -> usize {
        self.reasons.len()
    }

    /// The item that the condition at this place was held against.
    pub(super) fn item(&self, index: usize) -> Option<&Item> {
        self.reasons.get(index)?.item.as_ref()
    }

    /// For a caller that cannot make anything of it.
    pub(super) fn error(&self) -> PortError {
        self.error_of(TRANSACT)
    }

    /// The same, of another operation.
    pub(super) fn error_of(&self, operation: &'static str) -> PortError {
        let codes: Vec<&str> = self.reasons.iter().filter_map(|reason| reason.code.as_deref()).collect();
        let kind = if self.is_passing() { PortErrorKind::Throttled } else { PortErrorKind::Failed };
        PortError { operation, kind, message: format!("cancelled: {}", codes.join(", ")) }
    }

    /// Whether it was for something that passes, and for nothing else.
    pub(super) fn is_passing(&self) -> bool {
        let mut codes = self.reasons.iter().filter_map(|reason| reason.code.as_deref());
        let passing = |code| {
            matches!(
                code,
                "None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
            )
        };
        !self.reasons.is_empty() && codes.all(passing)
    }

    fn reason(&self, index: usize) -> Option<&str> {
        self.reasons.get(index)?.code.as_deref()
    }
}

impl Table {
    /// Makes all writes or none, and tries again where another transaction was in the way.
    pub(super) async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Cancelled>, PortError> {
        for wait in WAITS {
            match self.transact_once(writes.clone()).await? {
                Err(cancelled) if cancelled.is_passing() => {
                    tokio::time::sleep(drawn(wait)).await;
                }
                outcome => return Ok(outcome),
            }
        }
        self.transact_once(writes).await
    }

    /// Makes all writes or none.
    pub(super) async fn transact_once(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Cancelled>, PortError> {
        let request = self.client.transact_write_items().set_transact_items(Some(writes));
        let Err(error) = request.send().await else { return Ok(Ok(())) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(why)) => {
                Ok(Err(Cancelled::of(why.cancellation_reasons())))
            }
            _ => Err(Failure::of(&error).port(TRANSACT)),
        }
    }
}
