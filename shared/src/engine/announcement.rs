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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use jiff::Timestamp;

    use super::*;
    use crate::engine::Decision;
    use crate::facts::fixture::now;
    use crate::notice::tests::verified_entry;
    use crate::remedy::{Refusal, Status, StepOutcome};

    /// A topic that fails so often, and takes its time over each answer.
    struct Topic {
        now: Cell<Timestamp>,
        fails: Cell<u32>,
        kind: PortErrorKind,
        takes: SignedDuration,
        tries: Cell<u32>,
        decided: RefCell<Vec<Decision>>,
    }

    impl Notify for Topic {
        async fn notify(&self, _: &Entry) -> Result<(), PortError> {
            self.tries.set(self.tries.get() + 1);
            self.now.set(self.now.get() + self.takes);
            let Some(fails) = self.fails.get().checked_sub(1) else { return Ok(()) };
            self.fails.set(fails);
            Err(PortError { operation: "sns:Publish", kind: self.kind, message: "no".to_owned() })
        }
    }

    impl Clock for Topic {
        fn now(&self) -> Timestamp {
            self.now.get()
        }

        async fn sleep(&self, time: SignedDuration) {
            self.now.set(self.now.get() + time);
        }
    }

    impl Observe for Topic {
        fn decided(&self, decision: &Decision) {
            self.decided.borrow_mut().push(decision.clone());
        }
    }

    /// Whether it was told in the end, in how many tries, and how often the log says that nobody could be told.
    fn told(fails: u32, kind: PortErrorKind, takes: i64) -> (bool, u32, usize) {
        let topic = Topic {
            now: Cell::new(now()),
            fails: Cell::new(fails),
            kind,
            takes: SignedDuration::from_secs(takes),
            tries: Cell::new(0),
            decided: RefCell::default(),
        };
        let told = pollster::block_on(announce(&topic, &open(|_| None)));
        // Whoever comes next tries again, however it failed.
        assert!(told.as_ref().is_ok() || told.as_ref().is_err_and(|error| error.kind.is_retryable()));
        (told.is_ok(), topic.tries.get(), topic.decided.into_inner().len())
    }

    /// An open entry of three steps, of which some have come to something.
    fn open(come_to: impl Fn(usize) -> Option<StepResult>) -> Entry {
        let outcome = |index| come_to(index).map(|result| StepOutcome { index, at: now(), result });
        let outcomes = (0..3).filter_map(outcome).collect();
        Entry { status: Status::Open, outcomes, closed: None, ..verified_entry() }
    }

    #[test]
    fn what_only_may_be_slow_is_tried_again_for_some_seconds_and_what_is_denied_is_not() {
        assert_eq!(told(0, PortErrorKind::Throttled, 0), (true, 1, 0));
        assert_eq!(told(2, PortErrorKind::Throttled, 0), (true, 3, 0));
        assert_eq!(told(3, PortErrorKind::Throttled, 0), (false, 3, 1));
        // A topic that takes long over each answer is not asked for longer than the function has.
        assert_eq!(told(1, PortErrorKind::Throttled, 4), (true, 2, 0));
        assert_eq!(told(2, PortErrorKind::Throttled, 4), (false, 2, 1));
        for takes in [5, 6] {
            assert_eq!(told(1, PortErrorKind::Throttled, takes), (false, 1, 1), "{takes} seconds");
        }
        for kind in [PortErrorKind::Denied, PortErrorKind::Failed] {
            assert_eq!(told(1, kind, 0), (false, 1, 1), "{kind}");
        }
    }

    #[test]
    fn an_act_begins_until_a_step_of_it_was_attempted() {
        let refused = || StepResult::Refused { refusal: Refusal::Gone };
        assert!(begins(&open(|_| None)));
        assert!(begins(&open(|index| (index < 2).then_some(StepResult::AlreadyDone))));
        assert!(begins(&open(|index| (index < 1).then(refused))));
        assert!(!begins(&Entry { attempting: Some(0), ..open(|_| None) }));
        let unknown = || StepResult::Unknown { why: "no answer".to_owned() };
        let failed = || StepResult::Failed { why: "denied".to_owned(), by_quota: false };
        for result in [StepResult::Verified, unknown(), failed()] {
            let first = |index: usize| (index == 0).then(|| result.clone());
            assert!(!begins(&open(first)), "{result:?}");
            let second = |index: usize| match index {
                0 => Some(StepResult::AlreadyDone),
                1 => Some(result.clone()),
                _ => None,
            };
            assert!(!begins(&open(second)), "{result:?}");
        }
    }
}
