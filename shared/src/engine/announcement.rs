use futures_util::future::join;
use jiff::SignedDuration;

use super::closing::not_told;
use super::{Clock, Notify, Observe, PortError};
use crate::remedy::{Cause, Entry, Refusal, StepResult};

// Written down, told, done, read back, told, closed: whoever is told that an act begins can stop it, and knows of it though
// nobody ever hears how it ended.

/// Waits before people are told once more, in milliseconds, where the topic is throttled or fails. The SDK has tried by then.
const WAITS: [i64; 2] = [500, 2_000];

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

/// Tells that an act begins, and waits until the notice was taken. Where it is not, nothing may change.
pub(super) async fn announce<P: Notify + Clock + Observe>(ports: &P, entry: &Entry) -> Result<(), Refusal> {
    let mut waits = WAITS.into_iter();
    loop {
        let Err(error) = ports.notify(entry).await else { return Ok(()) };
        let wait = waits.next().filter(|_| error.kind.is_retryable());
        let Some(wait) = wait else {
            not_told(ports, entry, &error);
            return Err(Refusal::NobodyTold { why: error.to_string() });
        };
        ports.sleep(SignedDuration::from_millis(wait)).await;
    }
}

/// Makes the first write of an act and tells meanwhile that it begins. That nobody could be told holds nothing up.
pub(super) async fn announce_meanwhile<P: Notify + Observe, T>(
    ports: &P,
    entry: &Entry,
    write: impl Future<Output = T>,
) -> T {
    let (written, told): (T, Result<(), PortError>) = join(write, ports.notify(entry)).await;
    if let Err(error) = told {
        not_told(ports, entry, &error);
    }
    written
}
