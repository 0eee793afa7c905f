use jiff::Timestamp;

use super::{Decision, Journal, Notify, Observe, Opened, PortError};
use crate::remedy::Entry;

// People are told before an entry's end is written down. A worker that dies in between leaves the end to the next
// one, who tells them again; the other way round nobody would ever tell them.

/// Closes an entry that has ended: how, and when, it says already; `since` is when it was written before.
pub(super) async fn close<P: Journal + Notify + Observe>(
    ports: &P,
    ended: &Entry,
    since: Timestamp,
) -> Result<(), PortError> {
    tell(ports, ended).await;
    ports.update(ended, since).await
}

/// Writes down an entry that has ended before it began: a plan, or a refusal.
pub(super) async fn write_down<P: Journal + Notify + Observe>(
    ports: &P,
    ended: &Entry,
) -> Result<Opened, PortError> {
    tell(ports, ended).await;
    ports.open(ended).await
}

/// The entry stands whether or not anybody could be told. The next sweep has it told again.
async fn tell<P: Journal + Notify + Observe>(ports: &P, entry: &Entry) {
    let Err(error) = ports.notify(entry).await else { return };
    not_told(ports, entry, &error);
    if let Err(error) = ports.put_untold(entry).await {
        ports.decided(&Decision::NotRemembered { why: error.to_string() });
    }
}

/// Nobody heard of an entry.
pub(super) fn not_told<P: Observe>(ports: &P, entry: &Entry, error: &PortError) {
    ports.decided(&Decision::NotNotified { entry: entry.id.to_string(), why: error.to_string() });
}

/// Tells how an entry has ended of which nobody could be told; whether somebody could be now. Where not, the sweep after this
/// one has it tried again.
pub(super) async fn tell_again<P: Journal + Notify + Observe>(
    ports: &P,
    ended: &Entry,
) -> Result<bool, PortError> {
    if let Err(error) = ports.notify(ended).await {
        not_told(ports, ended, &error);
        return Ok(false);
    }
    ports.told(&ended.id).await.map(|()| true)
}
