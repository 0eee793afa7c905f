use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use shared::facts::ResourceIdentity;
use shared::masked::Masked;
use shared::remedy::{Act, Entry, Status};
use shared::threat::Threat;

use crate::command::audit::journal_file::{self, Stored};
use crate::command::audit::verify::Chain;
use crate::error::CliError;
use crate::input::Input;

/// What was seen of a principal and what was done to it, the earliest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timeline {
    /// What is found of the journal's chain: where it is broken, what follows may not be true.
    pub(super) chain: ChainFound,
    pub(super) events: Vec<Event>,
}

/// Whether the journal can be believed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ChainFound {
    /// It is whole, up to this head.
    Whole(String),
    /// It is not, and why.
    Broken(String),
    /// The file holds none.
    Absent,
}

/// One thing at one time.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) kind: Kind,
    pub(super) what: String,
}

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// Somebody saw it.
    Seen,
    /// Bailiff planned it, or was kept from it.
    Planned,
    /// Bailiff did it.
    Done,
    /// Bailiff tried, and it did not work or is not known.
    Failed,
}

impl Timeline {
    /// From an export of the table.
    pub(super) fn of(file: &Input, principal: &ResourceIdentity) -> Result<Self, CliError> {
        let mut chain = Chain::default();
        let mut newest: BTreeMap<String, (u64, String)> = BTreeMap::new();
        let mut threats = Vec::new();
        journal_file::read(file, |stored| {
            chain.take(&stored);
            match stored {
                Stored::Record { record, .. } => {
                    let Some(subject) = record.subject() else { return };
                    let kept = newest.entry(subject.id.to_string()).or_default();
                    if record.seq >= kept.0 {
                        *kept = (record.seq, record.body);
                    }
                }
                // One from before the chain has no record.
                Stored::Entry { entry, body } => {
                    newest.entry(entry.id).or_insert((0, body));
                }
                Stored::Threat { about, body } if about.as_ref() == Some(principal.unique_id()) => {
                    threats.push(body);
                }
                Stored::Threat { .. } | Stored::Head(_) | Stored::Other => {}
            }
        })?;
        let found = match chain.verified(None, &[]) {
            Ok(Ok(whole)) => {
                ChainFound::Whole(whole.head.map_or_else(|| "empty".to_owned(), |head| head.to_string()))
            }
            Ok(Err(broken)) => ChainFound::Broken(broken.to_string()),
            Err(_) => ChainFound::Absent,
        };
        let mut events = Vec::new();
        for body in &threats {
            let threat: Threat = serde_json::from_str(body)
                .map_err(|error| CliError::BadThreat { name: file.to_string(), why: error.to_string() })?;
            events.push(Event::seen(&threat));
        }
        for (id, (_, body)) in newest {
            match serde_json::from_str::<Entry>(&body) {
                Ok(entry) if entry.plan.resource.unique_id() == principal.unique_id() => {
                    events.extend(Event::of_entry(&entry));
                }
                Ok(_) => {}
                // What was tampered with is named by the verdict on the chain.
                Err(_) if matches!(found, ChainFound::Broken(_)) => {}
                Err(error) => {
                    return Err(CliError::UnknownEntry { which: id, why: error.to_string() });
                }
            }
        }
        events.sort_by_key(|event| event.at);
        Ok(Self { chain: found, events })
    }
}

impl Event {
    fn new(at: Timestamp, kind: Kind, what: &str) -> Self {
        Self { at, kind, what: Masked(what).to_string() }
    }

    fn seen(threat: &Threat) -> Self {
        let Threat { at, source, sign, said, risk, .. } = threat;
        Self::new(*at, Kind::Seen, &format!("{source}: {sign} ({said}); {risk}"))
    }

    /// Why an entry was opened, then each step with what came of it.
    fn of_entry(entry: &Entry) -> Vec<Self> {
        let act = Act::of(entry);
        let by = act.requested_by.map(|who| format!(" by {who}")).unwrap_or_default();
        let rule = act.rule.map(|rule| format!(" {rule}")).unwrap_or_default();
        let head = format!("{} ({}{rule}{by}: {}), entry {}", act.function, act.cause, act.why, act.entry);
        let opened = match (&act.refusal, entry.status) {
            (Some(refusal), Status::Refused | Status::Unknown | Status::Planned) => {
                format!("{head}: {}: {refusal}", act.status)
            }
            (_, Status::Planned) => format!("{head}: planned, the mode is {}", act.mode),
            _ => format!("{head}: begun"),
        };
        let mut events = vec![Self::new(entry.opened, Kind::Planned, &opened)];
        for (step, outcome) in
            entry.outcomes.iter().filter_map(|outcome| Some((act.steps.get(outcome.index)?, outcome)))
        {
            let (kind, result) = match step.result {
                "verified" => (Kind::Done, String::new()),
                "already-done" => (Kind::Done, ": was so already".to_owned()),
                result => {
                    let why = step.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                    (Kind::Failed, format!(": {result}{why}"))
                }
            };
            events.push(Self::new(outcome.at, kind, &format!("{}{result}", step.step)));
        }
        if let Some(closed) = entry.closed.filter(|_| !entry.outcomes.is_empty()) {
            let (kind, word) = match entry.status {
                Status::Verified => (Kind::Done, "every step was done and read back".to_owned()),
                status => (Kind::Failed, format!("{status}")),
            };
            let undone = act.undone_by.map(|by| format!("; undone by {by}")).unwrap_or_default();
            events.push(Self::new(closed, kind, &format!("entry {}: {word}{undone}", act.entry)));
        }
        events
    }
}
