use jiff::{SignedDuration, Timestamp};

use super::{Clock, EngineError, Journal};
use crate::remedy::Entry;

/// How long a worker waits for another to finish with its principal. A message that goes back to its queue waits for
/// the whole visibility timeout instead (12 minutes in `template.yaml`), where most work is done within seconds.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// Between two looks at whether it has.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// Lambda ends a function that writes after this long (`Timeout` in `template.yaml`).
const LONGEST_RUN: SignedDuration = SignedDuration::from_mins(2);
/// An open entry that nobody has touched for this long is nobody's any more, whichever function's it was: the longest
/// run, and a minute for clocks that differ.
pub(super) const ABANDONED_AFTER: SignedDuration = SignedDuration::from_mins(3);

/// Whether whoever opened the entry is surely gone. A time that is yet to come is no worker's either.
pub(super) fn is_abandoned(open: &Entry, now: Timestamp) -> bool {
    now.duration_since(open.touched()).abs() > ABANDONED_AFTER
}

/// A worker's patience with others.
#[derive(Debug)]
pub(super) struct Patience {
    since: Timestamp,
    looked_again: bool,
}

impl Patience {
    /// Of a worker that begins now.
    pub(super) fn from(now: Timestamp) -> Self {
        Self { since: now, looked_again: false }
    }

    /// Whether the worker of an open entry of this worker's own function is dead: it is past its time, or has been
    /// waited for all along. One alive is met where a person's order comes beside a finding, or twice.
    pub(super) fn takes_for_dead(&self, open: &Entry, now: Timestamp) -> bool {
        let touched = open.touched();
        now.duration_since(touched).abs() > LONGEST_RUN || (touched <= self.since && self.is_over(now))
    }

    /// Waits until the entry is closed, or as long as patience lasts; without any left it is an error. What was read
    /// before that may be true no more.
    pub(super) async fn outwait<P: Journal + Clock>(
        &mut self,
        ports: &P,
        other: &Entry,
    ) -> Result<(), EngineError> {
        if self.is_over(ports.now()) {
            let Entry { remediator, id, .. } = other;
            let why = format!("{remediator} is at work on the principal under entry {id}");
            return Err(EngineError::Retry(why));
        }
        while !self.is_over(ports.now()) {
            ports.sleep(PAUSE).await;
            let open = ports.unfinished(other.plan.resource.unique_id()).await?;
            if open.is_none_or(|open| open.id != other.id) {
                break;
            }
        }
        self.looked_again = false;
        Ok(())
    }

    /// Whether to look again at what could not be read: once, and once more after each waiting.
    pub(super) fn looks_again(&mut self) -> bool {
        !std::mem::replace(&mut self.looked_again, true)
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.since) >= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::tests::verified_entry;

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    /// An entry last touched so many seconds before now, or after it.
    fn touched(seconds_ago: i64) -> Entry {
        Entry { updated: Some(now() - SignedDuration::from_secs(seconds_ago)), ..verified_entry() }
    }

    #[test]
    fn an_entry_is_nobody_s_after_more_than_three_minutes_on_either_side_of_now() {
        let abandoned = |seconds| is_abandoned(&touched(seconds), now());
        assert_eq!([0, 180, 181, -180, -181].map(abandoned), [false, false, true, false, true]);
    }

    #[test]
    fn a_worker_is_dead_once_it_is_past_its_time_or_has_been_waited_for_all_along() {
        let dead = |waited: i64, seconds_ago| {
            Patience::from(now() - SignedDuration::from_secs(waited))
                .takes_for_dead(&touched(seconds_ago), now())
        };
        // Met just now, it may be at work for as long as Lambda lets it.
        assert_eq!([0, 60, 120, 121].map(|ago| dead(0, ago)), [false, false, false, true]);
        // Waited for, and without a sign of life in all that time.
        assert_eq!(
            [(29, 29), (30, 30), (30, 60)].map(|(waited, ago)| dead(waited, ago)),
            [false, true, true]
        );
        // Another one, or one that went on meanwhile.
        assert!(!dead(30, 10));
    }
}
