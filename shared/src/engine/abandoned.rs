//! What a worker left open and no delivery ever comes back for: a message is lost, a queue is emptied, a principal is
//! deleted, a rule is switched off. And what was closed and nobody could be told of. The sweep finds it and hands it to a
//! function that can finish it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::patience::ABANDONED_AFTER;
use super::{Clock, Decision, EngineError, Finding, FindingError, Observe, PortError};
use crate::facts::ResourceIdentity;
use crate::remedy::{Entry, JournalId, Remediator, SCHEMA, hexadecimal};

/// By then the message that the worker had at hand has come back from its queue (`VisibilityTimeout` in
/// `template.yaml`), and whoever got it has taken the entry over.
const MARGIN: SignedDuration = SignedDuration::from_mins(12);

/// An open entry, as the journal lists it: enough to have it finished, and nothing of what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenEntry {
    /// The entry.
    pub entry: JournalId,
    /// Whom or what it changes.
    pub resource: ResourceIdentity,
    /// The function that carries it out, by its name: this version may know of none such.
    pub remediator: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// The newest version of the journal's shape that could not read it, if one could not.
    #[serde(skip)]
    pub unread_by: Option<u32>,
}

/// All that the journal lists as open, or as not told of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenEntries {
    /// Those that were read.
    pub listed: Vec<OpenEntry>,
    /// What has ended, and nobody could be told how.
    pub untold: Vec<OpenEntry>,
    /// Why the others were not.
    pub unreadable: Vec<String>,
}

impl OpenEntry {
    /// How the journal lists an entry.
    pub fn of(entry: &Entry) -> Self {
        Self {
            entry: entry.id.clone(),
            resource: entry.plan.resource.clone(),
            remediator: entry.remediator.to_string(),
            opened: entry.opened,
            unread_by: None,
        }
    }

    /// Whether whoever opened it is gone, and whoever should have come after is late. A time that is yet to come is no
    /// worker's either.
    fn is_abandoned(&self, now: Timestamp) -> bool {
        now.duration_since(self.opened).abs() > ABANDONED_AFTER + MARGIN
    }

    /// Who finishes it: the function whose it is. Where that takes no messages, or is none any more, another that deals
    /// with such resources, which will not finish but close it.
    fn finisher(&self) -> Option<Remediator> {
        let own = Remediator::asked().find(|remediator| remediator.as_str() == self.remediator);
        let kind = self.resource.kind();
        own.or_else(|| Remediator::asked().find(|remediator| remediator.covers().contains(&kind)))
    }
}

/// A message to a remediator: that a worker left an entry open, or could tell nobody how it ended. A hint like a finding;
/// what the journal and IAM hold counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Abandoned {
    /// Version of this shape.
    pub schema: u32,
    /// The same for the same entry and sweep.
    pub id: String,
    /// The entry.
    pub abandoned: JournalId,
    /// Whom or what it changes.
    pub resource: ResourceIdentity,
}

impl Abandoned {
    const SCHEMA: u32 = 1;

    fn found(open: &OpenEntry, sweep: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [open.entry.as_str(), sweep] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        Self {
            schema: Self::SCHEMA,
            id: hexadecimal(hash.finalize().get(..16).unwrap_or_default()),
            abandoned: open.entry.clone(),
            resource: open.resource.clone(),
        }
    }
}

/// What a remediator's queue brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A rule is broken.
    Finding(Finding),
    /// An entry was left open.
    Abandoned(Abandoned),
    /// An event of `EventBridge`, which those who look closer are told of as well.
    Event(Value),
}

impl Message {
    /// Reads a message off a queue.
    pub fn parse(body: &str) -> Result<Self, FindingError> {
        match serde_json::from_str::<Value>(body) {
            Ok(message) if message.get("abandoned").is_some() => {}
            Ok(message) if message.get("detail-type").is_some() => return Ok(Self::Event(message)),
            _ => return Finding::parse(body).map(Self::Finding),
        }
        let abandoned: Abandoned =
            serde_json::from_str(body).map_err(|error| FindingError::new(error.to_string()))?;
        if abandoned.schema == Abandoned::SCHEMA {
            Ok(Self::Abandoned(abandoned))
        } else {
            Err(FindingError::new(format!(
                "its schema is {}, this version reads {}",
                abandoned.schema,
                Abandoned::SCHEMA
            )))
        }
    }
}

/// Which entries are open. Who asks reads none of them.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait ListOpenEntries {
    /// All of them.
    async fn open_entries(&self) -> Result<OpenEntries, PortError>;
}

/// Where abandoned entries go.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait HandOver {
    /// Puts it on the remediator's queue, grouped by the resource's unique id like a finding.
    async fn hand_over(&self, abandoned: &Abandoned, to: Remediator) -> Result<(), PortError>;
}

/// What a sweep found open, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOpen {
    /// Entries that were left open, or whose listing cannot be read.
    pub abandoned: u64,
    /// Entries that ended, and of which nobody could be told.
    pub untold: u64,
    /// Those of both that were handed to a function.
    pub handed_over: u64,
    /// Those that nobody can finish: this version cannot read them. People were told by a dead letter.
    pub stuck: u64,
}

/// Hands over what was left open, the oldest first, then what nobody was told of. A queue that fails keeps nobody else
/// waiting; the next sweep finds what this one could not hand over.
pub(super) async fn hand_over<P: ListOpenEntries + HandOver + Clock + Observe>(
    ports: &P,
    sweep: &str,
) -> Result<(), EngineError> {
    let now = ports.now();
    let OpenEntries { mut listed, mut untold, unreadable } = ports.open_entries().await?;
    for list in [&mut listed, &mut untold] {
        list.retain(|open| open.is_abandoned(now));
        list.sort_by_key(|open| open.opened);
    }
    let abandoned = (listed.len() + unreadable.len()) as u64;
    let mut left = LeftOpen { abandoned, untold: untold.len() as u64, ..LeftOpen::default() };
    for why in unreadable {
        ports.decided(&Decision::NotListed { why });
        left.stuck += 1;
    }
    let mut failing = BTreeSet::new();
    let mut failed = None;
    for open in listed.iter().chain(&untold) {
        let stuck = open.unread_by.is_some_and(|schema| schema >= SCHEMA);
        let Some(to) = open.finisher().filter(|_| !stuck) else {
            left.stuck += 1;
            continue;
        };
        if failing.contains(&to) {
            continue;
        }
        match ports.hand_over(&Abandoned::found(open, sweep), to).await {
            Ok(()) => left.handed_over += 1,
            Err(error) => {
                failing.insert(to);
                failed = Some(error);
            }
        }
    }
    ports.decided(&Decision::LeftOpen { left, oldest: listed.into_iter().next() });
    failed.map_or(Ok(()), |error| Err(error.into()))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::engine::PortErrorKind;
    use crate::facts::fixture::{alice, now};
    use crate::remedy::Remediator::{DeactivateAccessKeys, SuspendPrincipal};

    fn open() -> OpenEntry {
        OpenEntry {
            entry: JournalId::try_from("20261122t090000-0123456789ab".to_owned()).unwrap(),
            resource: ResourceIdentity::User(alice().identity),
            remediator: SuspendPrincipal.to_string(),
            opened: now(),
            unread_by: None,
        }
    }

    #[test]
    fn an_entry_is_abandoned_once_its_worker_and_its_message_are_past_their_time() {
        let after = |minutes| open().is_abandoned(now() + SignedDuration::from_mins(minutes));
        assert!(!after(0));
        assert!(!after(15));
        assert!(after(16));
        assert!(after(-16), "no worker opened it in a time to come");
    }

    #[test]
    fn it_goes_to_the_function_whose_it_is_or_to_one_that_can_close_it() {
        assert_eq!(open().finisher(), Some(SuspendPrincipal));
        for unasked in [Remediator::Restore.as_str(), "rotate-everything"] {
            let open = OpenEntry { remediator: unasked.to_owned(), ..open() };
            assert_eq!(open.finisher(), Some(DeactivateAccessKeys), "{unasked}");
        }
    }

    #[test]
    fn a_message_tells_of_a_finding_or_of_an_entry_and_of_nothing_else() {
        let abandoned = Abandoned::found(&open(), "sweep 1");
        let body = serde_json::to_string(&abandoned).unwrap();
        assert_eq!(Message::parse(&body), Ok(Message::Abandoned(abandoned.clone())));
        assert_ne!(abandoned.id, Abandoned::found(&open(), "sweep 2").id);
        for wrong in [
            body.replace("\"schema\":1", "\"schema\":2"),
            body.replace("\"schema\":1", "\"schema\":1,\"also\":1"),
            body.replace("20261122t", "../"),
            "{\"abandoned\":null}".to_owned(),
            String::new(),
        ] {
            assert!(Message::parse(&wrong).is_err(), "{wrong}");
        }
    }

    /// What the journal lists, half a day later, and whose queue fails.
    #[derive(Default)]
    struct Ports {
        open: OpenEntries,
        failing: Option<Remediator>,
        handed_over: RefCell<Vec<JournalId>>,
        decided: RefCell<Vec<Decision>>,
    }

    impl ListOpenEntries for Ports {
        async fn open_entries(&self) -> Result<OpenEntries, PortError> {
            Ok(self.open.clone())
        }
    }

    impl HandOver for Ports {
        async fn hand_over(&self, abandoned: &Abandoned, to: Remediator) -> Result<(), PortError> {
            if self.failing == Some(to) {
                let (kind, message) = (PortErrorKind::Denied, "no".to_owned());
                return Err(PortError { operation: "sqs:SendMessage", kind, message });
            }
            self.handed_over.borrow_mut().push(abandoned.abandoned.clone());
            Ok(())
        }
    }

    impl Clock for Ports {
        fn now(&self) -> Timestamp {
            now() + SignedDuration::from_hours(12)
        }

        async fn sleep(&self, _: SignedDuration) {}
    }

    impl Observe for Ports {
        fn decided(&self, decision: &Decision) {
            self.decided.borrow_mut().push(decision.clone());
        }
    }

    impl Ports {
        /// Why something was not listed, and at last what was found open.
        fn counted(&self) -> (Vec<String>, LeftOpen, Option<OpenEntry>) {
            let mut decided = self.decided.take();
            let Some(Decision::LeftOpen { left, oldest }) = decided.pop() else { panic!("{decided:?}") };
            let not_listed = decided.into_iter().map(|decision| match decision {
                Decision::NotListed { why } => why,
                other => panic!("{other:?}"),
            });
            (not_listed.collect(), left, oldest)
        }
    }

    /// The entry of that number, opened so many minutes after the first.
    fn numbered(number: u8) -> OpenEntry {
        let entry = JournalId::try_from(format!("20261122t090000-0123456789a{number}")).unwrap();
        OpenEntry { entry, opened: now() + SignedDuration::from_mins(number.into()), ..open() }
    }

    #[test]
    fn what_is_left_open_is_counted_with_what_nobody_can_read_and_what_nobody_was_told_of() {
        let at_work = OpenEntry { opened: now() + SignedDuration::from_hours(12), ..numbered(4) };
        let unread = OpenEntry { unread_by: Some(SCHEMA), ..numbered(3) };
        let open = OpenEntries {
            listed: vec![numbered(2), unread, at_work.clone(), numbered(1)],
            untold: vec![numbered(5), OpenEntry { opened: at_work.opened, ..numbered(6) }],
            unreadable: vec!["no name".to_owned(), "no time".to_owned()],
        };
        let ports = Ports { open, ..Ports::default() };
        pollster::block_on(hand_over(&ports, "sweep 1")).unwrap();
        let left = LeftOpen { abandoned: 5, untold: 1, handed_over: 3, stuck: 3 };
        assert_eq!(
            ports.counted(),
            (vec!["no name".to_owned(), "no time".to_owned()], left, Some(numbered(1)))
        );
        // The oldest first, and what is only to be told last.
        let handed_over = ports.handed_over.into_inner();
        assert_eq!(handed_over, [numbered(1), numbered(2), numbered(5)].map(|open| open.entry));
    }

    #[test]
    fn a_queue_that_fails_keeps_nobody_waiting_whose_queue_does_not() {
        let other = OpenEntry { remediator: DeactivateAccessKeys.to_string(), ..numbered(2) };
        let open = OpenEntries { listed: vec![numbered(1), other, numbered(3)], ..OpenEntries::default() };
        let ports = Ports { open, failing: Some(SuspendPrincipal), ..Ports::default() };
        assert!(pollster::block_on(hand_over(&ports, "sweep 1")).is_err());
        let left = LeftOpen { abandoned: 3, untold: 0, handed_over: 1, stuck: 0 };
        assert_eq!(ports.counted(), (vec![], left, Some(numbered(1))));
        assert_eq!(ports.handed_over.into_inner(), [numbered(2).entry]);
    }
}
