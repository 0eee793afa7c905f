use futures_util::future::join;
use jiff::SignedDuration;

use super::closing::not_told;
use super::{Clock, Notify, Observe, PortError, PortErrorKind};
use crate::remedy::{Cause, Entry, StepResult};

// Written down, told, done, read back, told, closed: whoever is told that an act begins can stop it, and knows of it though
// nobody ever hears how it ended.

/// Waits before people are told once more, in milliseconds, where the topic is throttled or fails. The SDK has tried by then.
const WAITS: [i64; 2] = [500, 2_000];

/// No try begins later than this after the first: one may take as long as an operation of the SDK, and the function ends.
const NO_LATER_THAN: SignedDuration = SignedDuration::from_secs(5);

/// Whether nothing is changed before people were told that it will be. What answers a threat waits for nobody, nor does what
/// a person orders or undoes, who knows of it.
pub(super) fn comes_first(cause: &Cause) -> bool {
    matches!(cause, Cause::Rule { .. }) && !cause.answers_threat()
}

/// Whether nothing was attempted under an open entry yet.
pub(super) fn begins(entry: &Entry) -> bool {
    let idle = |result: &StepResult| matches!(result, StepResult::AlreadyDone | StepResult::Refused { .. });
    entry.attempting.is_none() && entry.outcomes.iter().all(|outcome| idle(&outcome.result))
}

/// Tells that an act begins, and waits until the notice was taken. Where it is not, nothing may change: the entry stays open,
/// and whoever comes next begins with telling. To refuse it would use up what it was counted on and what people had agreed to.
pub(super) async fn announce<P: Notify + Clock + Observe>(ports: &P, entry: &Entry) -> Result<(), PortError> {
    let since = ports.now();
    let mut waits = WAITS.into_iter();
    loop {
        let Err(error) = ports.notify(entry).await else { return Ok(()) };
        let in_time = ports.now().duration_since(since) < NO_LATER_THAN;
        let Some(wait) = waits.next().filter(|_| in_time && error.kind.is_retryable()) else {
            not_told(ports, entry, &error);
            // However it failed, the next delivery may find it mended.
            let message = format!("nobody could be told that entry {} begins: {}", entry.id, error.message);
            return Err(PortError { kind: PortErrorKind::Throttled, message, ..error });
        };
        ports.sleep(SignedDuration::from_millis(wait)).await;
    }
}

/// Tells that an act begins while it does. That nobody could be told holds nothing up.
pub(super) async fn announce_meanwhile<P: Notify + Observe, T>(
    ports: &P,
    entry: Option<Entry>,
    act: impl Future<Output = T>,
) -> T {
    let told = async {
        let Some(entry) = entry else { return };
        if let Err(error) = ports.notify(&entry).await {
            not_told(ports, &entry, &error);
        }
    };
    // Sent first, and waited for last.
    join(told, act).await.1
}
