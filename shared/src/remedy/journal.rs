use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Plan, Refusal, Remediator, Step, plan::hexadecimal};
use crate::governance::Mode;
use crate::rules::RuleId;

/// Version of the journal's shape; an entry of a newer one is refused, never guessed at.
pub const SCHEMA: u32 = 1;

/// Names a journal entry: letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JournalId(String);

impl JournalId {
    /// For a plan of which only one entry is kept for the same `salt`, however often it is made.
    pub fn of_plan(salt: &str, plan: &Plan) -> Self {
        Self(format!("plan-{}", digest(salt, plan)))
    }

    /// For a plan that is carried out now; the time keeps it apart from the same plan on another day.
    pub fn of_act(cause: &Cause, plan: &Plan, at: Timestamp) -> Self {
        let time = at.strftime("%Y%m%dt%H%M%S").to_string();
        Self(format!("{time}-{}", digest(&format!("{cause} {at}"), plan)))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn digest(salt: &str, plan: &Plan) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(plan.fingerprint().as_bytes());
    hexadecimal(hash.finalize().get(..6).unwrap_or_default())
}

impl TryFrom<String> for JournalId {
    type Error = JournalIdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let well_formed = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if well_formed {
            Ok(Self(text))
        } else {
            Err(JournalIdError { text: text.chars().take(64).collect() })
        }
    }
}

impl From<JournalId> for String {
    fn from(id: JournalId) -> Self {
        id.0
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no journal id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a journal id; they look like `20261122t090000-1a2b3c4d5e6f`")]
pub struct JournalIdError {
    text: String,
}

/// What set a remediation off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Cause {
    /// A rule found broken.
    Rule { rule: RuleId, annotation: String },
    /// A person's order.
    Order { requested_by: String, reason: String },
    /// The undoing of an earlier entry.
    Undo { of: JournalId, requested_by: String, reason: String },
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { rule, .. } => write!(f, "rule {rule}"),
            Self::Order { requested_by, .. } => write!(f, "order of {requested_by}"),
            Self::Undo { of, requested_by, .. } => write!(f, "undo of {of} by {requested_by}"),
        }
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Planned and not to be carried out: the mode is `audit` or `notify`.
    Planned,
    /// Written down and being carried out.
    Open,
    /// Every step took, and was read back.
    Verified,
    /// A step was refused by AWS, or read back undone.
    Failed,
    /// A guard refused.
    Refused,
    /// Whether a step took could not be read.
    Unknown,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        })
    }
}

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum StepResult {
    /// Done and read back.
    Verified,
    /// The state was there already; nothing was written and nothing will be undone.
    AlreadyDone,
    /// A guard refused it.
    Refused { refusal: Refusal },
    /// AWS refused the write, or it read back undone.
    Failed { why: String },
    /// Written, or maybe written; the reading back told nothing.
    Unknown { why: String },
}

/// A step with what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepOutcome {
    /// Its place in the plan, from 0.
    pub index: usize,
    /// When it ended.
    pub at: Timestamp,
    /// What came of it.
    #[serde(flatten)]
    pub result: StepResult,
}

/// A journal entry: why, what, on whom, with the exact prior state inside the plan's steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// [`SCHEMA`] at the time of writing.
    pub schema: u32,
    /// Its name.
    pub id: JournalId,
    /// What set it off.
    pub cause: Cause,
    /// The function that carries it out.
    pub remediator: Remediator,
    /// The rule's mode then.
    pub mode: Mode,
    /// What is to be done; each step holds what its undo needs.
    pub plan: Plan,
    /// Where it stands.
    pub status: Status,
    /// The guard that refused, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// Step by step.
    #[serde(default)]
    pub outcomes: Vec<StepOutcome>,
    /// When it was written down, before anything was done.
    pub opened: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// The entry that undid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<JournalId>,
    /// What cannot come back, said at the time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
}

impl Entry {
    /// Steps that were written, or may have been: those an undo is about.
    pub fn written(&self) -> impl Iterator<Item = &Step> {
        self.outcomes.iter().filter_map(|outcome| match outcome.result {
            StepResult::Verified | StepResult::Unknown { .. } => self.plan.steps.get(outcome.index),
            StepResult::AlreadyDone | StepResult::Refused { .. } | StepResult::Failed { .. } => None,
        })
    }

    /// Whether nothing more will be done under it.
    pub fn is_closed(&self) -> bool {
        self.status != Status::Open
    }
}
