mod read;
mod reminder;
mod rotation;
mod standing;
mod subject;

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;

use super::moment::midnight;
use crate::identifier::{AccessKeyId, Arn};
use crate::rules::RuleId;

pub(super) use read::read;
pub use reminder::Reminder;
pub(super) use rotation::{AGE_LIMITS, Rotations, own_limit};
pub use standing::Standing;

/// Somebody, or a key, whom a rule lets be for a time, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exemption {
    /// Its place in the file's list of exemptions, counted from 0.
    pub index: usize,
    /// The rule.
    pub rule: RuleId,
    /// Who or what is exempt, in full: an exemption knows no wildcards.
    #[serde(flatten)]
    pub subject: ExemptSubject,
    /// Where it was agreed.
    pub ticket: String,
    /// Who answers for it.
    pub owner: String,
    /// Who agreed to it: somebody else than its owner.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// The business process that needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// How much hangs on that process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Criticality>,
    /// After how many days a credential has to be replaced all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_every: Option<u16>,
    /// The first moment at which it is one.
    pub created: Timestamp,
    /// The first moment at which it is no exemption any more.
    pub expires: Timestamp,
}

impl Exemption {
    /// How many days before it lapses its owner is warned for the first time, which is time enough to end what it is for,
    /// or to have it agreed to anew; and for how many days after its end it is told that it has lapsed.
    pub const NOTICE_DAYS: u16 = 14;

    /// Whether it holds at that time.
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.created <= at && !self.has_lapsed(at)
    }

    /// Whether its time is over.
    pub fn has_lapsed(&self, at: Timestamp) -> bool {
        self.expires <= at
    }

    /// The last day, in UTC, on which it holds at least for a moment.
    pub fn last_day(&self) -> String {
        let last = self.expires.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(self.expires);
        last.strftime("%Y-%m-%d").to_string()
    }

    /// The day, in UTC, on which it lapses: the first that it does not cover as a whole.
    pub fn lapse_day(&self) -> String {
        self.expires.strftime("%Y-%m-%d").to_string()
    }

    /// Whole days until it lapses; none where it has lapsed.
    pub fn days_left(&self, at: Timestamp) -> u64 {
        (self.expires.duration_since(at).as_hours() / 24).try_into().unwrap_or(0)
    }

    /// Its name in the file, such as `exemptions[0]`.
    pub fn name(&self) -> String {
        format!("exemptions[{}]", self.index)
    }

    /// The same rule for the same one.
    pub(super) fn is_twin_of(&self, other: &Self) -> bool {
        self.rule == other.rule && self.subject == other.subject
    }

    /// Whether both hold at any one time.
    fn overlaps(&self, other: &Self) -> bool {
        self.created < other.expires && other.created < self.expires
    }
}

/// The latest that an exemption may expire: at the end of the day a year after it was created. Whoever needs more has it
/// agreed to anew: people and systems have changed by then.
pub(super) fn latest_expiry(created: Timestamp) -> Option<Timestamp> {
    let day: Date = created.to_zoned(TimeZone::UTC).date();
    midnight(day.checked_add(1.year()).ok()?.tomorrow().ok()?)
}

/// How much hangs on a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criticality {
    /// It can wait for a week.
    Low,
    /// It can wait for a day.
    Medium,
    /// It can wait for hours.
    High,
    /// The business stands still without it.
    Critical,
}

impl Criticality {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who or what is exempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExemptSubject {
    /// A user or role, with all it has.
    Principal(Arn),
    /// One access key, and no other key of its user.
    AccessKey(AccessKeyId),
    /// A group, a policy, or whatever else is no principal.
    Resource(Arn),
}

impl ExemptSubject {
    /// The field of the file that names it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Principal(_) => "principal",
            Self::AccessKey(_) => "accessKey",
            Self::Resource(_) => "resource",
        }
    }
}

impl fmt::Display for ExemptSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(arn) | Self::Resource(arn) => write!(f, "{arn}"),
            Self::AccessKey(key) => write!(f, "key {key}"),
        }
    }
}

/// The fields of an exemption.
pub(super) const FIELDS: [&str; 13] = [
    "rule",
    "principal",
    "accessKey",
    "resource",
    "ticket",
    "owner",
    "approver",
    "reason",
    "process",
    "criticality",
    "rotateEvery",
    "created",
    "expires",
];

/// The fields that may be left out. Of the subjects, one has to be there.
pub(super) const OPTIONAL: [&str; 6] =
    ["principal", "accessKey", "resource", "process", "criticality", "rotateEvery"];

/// What has an id much like an access key's and is none that lasts (IAM user guide, "Understanding unique ID
/// prefixes").
pub(super) const NO_KEYS: [(&str, &str); 4] = [
    ("ASIA", "the key of a temporary session"),
    ("AIDA", "the id of a user"),
    ("AROA", "the id of a role"),
    ("AGPA", "the id of a group"),
];
