//! What people are told of a journal entry, as its act begins and once it has ended: whom, of what, why, what came of it,
//! how to stop it and how to undo it. And of exemptions, before they lapse.
//!
//! A notice goes to places that the journal does not: inboxes, chats, other people's queues. It holds no policy's text and
//! no more of a key's id than its last four characters, and nothing in it can pose as a line of its own.

mod bounds;
mod chat;
mod digest;
mod lapse;
mod text;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::ResourceIdentity;
use crate::governance::Mode;
use crate::remedy::chain::Head;
use crate::remedy::{
    Cause, Entry, Inverse, JournalId, Refusal, Remediator, Status, Step, StepOutcome, StepResult,
    old_sessions, undo, workloads_of,
};
use crate::rules::ResourceType;

pub use chat::chat_message;
pub use digest::{digest_lines, digest_mail};
pub use lapse::{LapseTold, Lapses, MOST_LAPSES};
pub use text::{Mail, SUBJECT};

use bounds::{Room, line};

/// Version of a notice's shape. One of a newer version is not read, but goes where a person looks.
pub const SCHEMA: u32 = 1;

/// What is told of a journal entry. Sent as JSON to the queue of notices, and rendered as text for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// [`SCHEMA`] at the time of writing.
    pub schema: u32,
    /// The stack that wrote it.
    pub stack: String,
    /// The journal entry.
    pub entry: JournalId,
    /// Whom or what it is about.
    pub resource: ResourceIdentity,
    /// What set it off.
    pub cause: Cause,
    /// The function.
    pub remediator: Remediator,
    /// The rule's mode then.
    pub mode: Mode,
    /// Where the entry stands.
    pub status: Status,
    /// The guard that refused, if one did, such as `protected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
    /// What came of it, in a sentence.
    pub summary: String,
    /// What was to be done, each with what came of it.
    #[serde(default)]
    pub steps: Vec<StepTold>,
    /// What is left to people.
    #[serde(default)]
    pub left: Vec<String>,
    /// Until when sessions that began before a suspension can live; of its undo, which have their powers back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<String>,
    /// Who works under a role that is suspended, or given its powers back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<String>,
    /// What cannot come back.
    #[serde(default)]
    pub lost: Vec<String>,
    /// The function that undoes it; none where there is nothing to undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
    /// The calls by which it may have been put back, where it was changed again and again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put_back_by_calls: Vec<String>,
    /// Who put it back, or why that is not known: whoever delivers the notice finds out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put_back_by: Vec<String>,
    /// How to stop it.
    #[serde(default)]
    pub stop: Vec<String>,
    /// The fingerprint of the plan that people are asked to approve, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<String>,
    /// When it ended, or began.
    pub at: Timestamp,
    /// The newest record of the journal's chain, as `SEQ:HASH`: a witness of all that was written before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
}

/// A step, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTold {
    /// The step in words.
    pub step: String,
    /// What came of it in words.
    pub result: String,
}

/// How soon people want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Something was done, or went wrong, or is not known.
    AtOnce,
    /// Nothing was done: it may wait for the day's digest.
    MayWait,
}

/// Why a message is no notice.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// It is something else.
    #[error("the message is no notice: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It was written by a newer version.
    #[error(
        "the notice has schema {0}, and {SCHEMA} is the newest that is known here; deploy the newer version"
    )]
    Newer(u32),
}

impl Notice {
    /// Of an entry that has ended; `head` is the newest record of the journal's chain.
    pub fn of(entry: &Entry, stack: &str, head: Option<&Head>) -> Self {
        let undoable = entry.remediator != Remediator::Restore && !to_be_undone(entry).is_empty();
        // Of an act that begins, what is to be expected of it.
        let expected = (entry.status == Status::Open).then(|| Entry {
            status: Status::Planned,
            attempting: None,
            ..entry.clone()
        });
        let expected = expected.as_ref().unwrap_or(entry);
        let mut room = Room::default();
        Self {
            schema: SCHEMA,
            stack: stack.to_owned(),
            entry: entry.id.clone(),
            resource: entry.plan.resource.clone(),
            cause: plain(&entry.cause),
            remediator: entry.remediator,
            mode: entry.mode,
            status: entry.status,
            guard: entry.refusal.as_ref().map(|refusal| refusal.guard().to_owned()),
            summary: line(&summary(entry)),
            steps: steps(entry, &mut room),
            workloads: room.lines(&workloads_of(expected)),
            sessions: room.lines(&old_sessions(expected)),
            lost: room.lines(&lost(entry)),
            left: room.lines(&entry.plan.left),
            undo: undoable.then(|| format!("{stack}-{}", Remediator::Restore)),
            put_back_by_calls: put_back_by_calls(entry),
            put_back_by: Vec::new(),
            stop: how_to_stop(entry),
            approve: match &entry.refusal {
                Some(Refusal::AwaitsApproval { plan, .. }) => Some(plan.clone()),
                _ => None,
            },
            at: entry.closed.unwrap_or(entry.opened),
            chain: head.map(Head::to_string),
        }
    }

    /// Reads a notice from the queue.
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        let Version { schema } = serde_json::from_str(text)?;
        if schema > SCHEMA {
            return Err(NoticeError::Newer(schema));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// How soon people want to know.
    pub fn urgency(&self) -> Urgency {
        match self.status {
            Status::Planned if self.is_about_to_happen() => Urgency::AtOnce,
            Status::Planned => Urgency::MayWait,
            Status::Refused if self.guard.as_deref() == Some(LEFT_TO_PEOPLE) => Urgency::MayWait,
            Status::Open | Status::Verified | Status::Failed | Status::Refused | Status::Unknown => {
                Urgency::AtOnce
            }
        }
    }

    /// Whether people are warned of it, or asked.
    fn is_about_to_happen(&self) -> bool {
        self.is_warning() || self.approve.is_some()
    }

    /// Whether it is a warning: the time before the act counts from when somebody is told.
    pub fn is_warning(&self) -> bool {
        self.guard.as_deref() == Some(WARNED)
    }

    /// Adds who puts back what it is about.
    pub fn name_who_puts_it_back(&mut self, by: &[String]) {
        self.put_back_by = Room::default().lines(by);
    }

    /// Names what is told once to a contact: an entry in a state.
    pub fn key(&self) -> String {
        format!("{}#{}", self.entry, self.status)
    }
}

/// What an undo would put back: of an act that begins, once all of it is done.
fn to_be_undone(entry: &Entry) -> Vec<Step> {
    let all_done = || {
        let at = entry.opened;
        let outcomes =
            (0..entry.plan.steps.len()).map(|index| StepOutcome { index, at, result: StepResult::Verified });
        Entry { outcomes: outcomes.collect(), ..entry.clone() }
    };
    if entry.status == Status::Open { undo(&all_done()) } else { undo(entry) }.plan.steps
}

/// The calls by which somebody may have put back what was changed again and again, in the order of the steps.
fn put_back_by_calls(entry: &Entry) -> Vec<String> {
    let mut calls = Vec::new();
    if matches!(entry.refusal, Some(Refusal::ChangedTooOften { .. })) {
        for call in entry.plan.steps.iter().flat_map(|step| step.write().put_back_by()) {
            if !calls.iter().any(|known| known == call) && calls.len() < MOST_CALLS {
                calls.push((*call).to_owned());
            }
        }
    }
    calls
}

/// So many are looked for: each takes requests of which CloudTrail takes two a second.
const MOST_CALLS: usize = 6;

/// What is told of a step over which a worker died.
const ATTEMPTED: &str = "perhaps done: a function died over it; look at the principal, or undo the entry";

/// How the guard is written that leaves all there is to do to people.
const LEFT_TO_PEOPLE: &str = "left-to-people";
/// And the one that warns first.
const WARNED: &str = "warned";

/// What cannot come back: what is gone already, and before anything is done what the steps would take for good.
fn lost(entry: &Entry) -> Vec<String> {
    let mut lost = entry.lost.clone();
    if matches!(entry.status, Status::Planned | Status::Open) {
        lost.extend(entry.plan.steps.iter().filter_map(|step| match step.inverse() {
            Inverse::Impossible(why) => Some(format!("if this is done, {why}")),
            Inverse::Step(_) => None,
        }));
    }
    lost
}

fn steps(entry: &Entry, room: &mut Room) -> Vec<StepTold> {
    let told = entry.plan.steps.iter().enumerate().map(|(index, step)| {
        let outcome = entry.outcomes.iter().find(|outcome| outcome.index == index);
        let result = match outcome {
            Some(outcome) => told(&outcome.result),
            None if entry.status == Status::Open => "about to be done".to_owned(),
            None if entry.attempted() == Some(index) => ATTEMPTED.to_owned(),
            None => "not done".to_owned(),
        };
        StepTold { step: line(&step.to_string()), result: line(&result) }
    });
    let (mut steps, left_out) = room.fill(told, |told| told.step.len() + told.result.len());
    if let Some(step) = left_out {
        steps.push(StepTold { step, result: "see the journal entry".to_owned() });
    }
    steps
}

fn told(result: &StepResult) -> String {
    match result {
        StepResult::Verified => "done and read back".to_owned(),
        StepResult::AlreadyDone => "was so already".to_owned(),
        StepResult::Refused { refusal } => format!("refused: {refusal}"),
        StepResult::Failed { why, .. } => format!("failed: {why}"),
        StepResult::Unknown { why } => format!("unknown: {why}"),
    }
}

fn summary(entry: &Entry) -> String {
    match (entry.status, &entry.refusal) {
        (Status::Planned, Some(refusal)) => format!("Nothing was changed yet: {refusal}"),
        (Status::Planned, None) => {
            let mode = entry.mode;
            format!("Nothing was changed: the mode is `{mode}`. `{}` would do what follows.", Mode::Enforce)
        }
        (Status::Open, _) => "A change begins. What comes of it is told once it has ended.".to_owned(),
        (Status::Verified, _) => "Every step was done and read back.".to_owned(),
        (Status::Failed, _) => "A step failed; see below what was done.".to_owned(),
        (Status::Unknown, _) => {
            "Whether every step took could not be read; look at the principal.".to_owned()
        }
        (Status::Refused, Some(refusal)) => {
            let so_far = if entry.written().next().is_some() { "Nothing more" } else { "Nothing" };
            format!("{so_far} was changed: {refusal}")
        }
        (Status::Refused, None) => "Nothing was changed.".to_owned(),
    }
}

/// The cause, fit to be told.
fn plain(cause: &Cause) -> Cause {
    match cause {
        Cause::Rule { rule, annotation } => Cause::Rule { rule: *rule, annotation: line(annotation) },
        Cause::Order { requested_by, reason, threat } => Cause::Order {
            requested_by: line(requested_by),
            reason: line(reason),
            threat: threat.as_deref().map(line),
        },
        Cause::Undo { of, requested_by, reason } => {
            Cause::Undo { of: of.clone(), requested_by: line(requested_by), reason: line(reason) }
        }
    }
}

/// What a reader can do so that it does not go on, or not happen again.
fn how_to_stop(entry: &Entry) -> Vec<String> {
    const SWITCH: &str = "to stop everything at once, write the order to stop into the journal's table, as the \
                          operating guide says under \"Limits, and how to stop everything\"";
    let resource = &entry.plan.resource;
    let mut ways = Vec::new();
    match &entry.cause {
        Cause::Rule { rule, .. } => {
            let of = match resource.kind() {
                ResourceType::User | ResourceType::Role => "principal",
                _ => "resource",
            };
            ways.push(format!(
                "to have it let be by this rule, ask for an exemption: `bailiff exempt add --rule {rule} --{of} {}` \
                 with ticket, owner, approver, reason and last day",
                resource.arn()
            ));
            ways.push(SWITCH.to_owned());
        }
        Cause::Order { .. } => ways.push(SWITCH.to_owned()),
        // The undo of an undo is the rule's next finding.
        Cause::Undo { .. } => {}
    }
    ways
}

#[cfg(test)]
pub(crate) mod tests;
