use std::fmt;

use serde::{Deserialize, Serialize};

use super::Read;

/// One thing we wanted to know.
///
/// `Absent` is AWS's own answer that there is nothing; `Unknown` is no answer. The two are never mixed:
/// reading an error as "nothing there" is how the worst outages of this field began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fact<T> {
    /// AWS said so.
    Known(T),
    /// AWS said there is none.
    Absent,
    /// Nobody said.
    Unknown(Unread),
}

impl<T> Fact<T> {
    /// A fact that nobody has asked for yet.
    pub fn not_read(read: Read) -> Self {
        Self::Unknown(Unread::new(read, WhyUnread::NotRead, ""))
    }

    /// `None` where AWS said there is none.
    pub fn known(&self) -> Result<Option<&T>, &Unread> {
        match self {
            Self::Known(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Unknown(unread) => Err(unread),
        }
    }

    /// Applies `f` to a known value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(f(value)),
            Self::Absent => Fact::Absent,
            Self::Unknown(unread) => Fact::Unknown(unread),
        }
    }

    /// Whether nobody said.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

impl<T> Fact<Vec<T>> {
    /// The list; `Absent` is the empty one.
    pub fn list(&self) -> Result<&[T], &Unread> {
        Ok(self.known()?.map_or(&[], Vec::as_slice))
    }
}

impl<T> From<Option<T>> for Fact<T> {
    /// What AWS answered: a value or nothing.
    fn from(answer: Option<T>) -> Self {
        answer.map_or(Self::Absent, Self::Known)
    }
}

/// Why a fact is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The read that would have told.
    pub read: Read,
    /// Why it did not.
    pub why: WhyUnread,
    /// What AWS answered, for people; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Unread {
    /// A read that told nothing.
    pub fn new(read: Read, why: WhyUnread, detail: impl Into<String>) -> Self {
        Self { read, why, detail: detail.into() }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.read, self.why)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

/// Why a read told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhyUnread {
    /// It was not asked.
    NotRead,
    /// AWS throttled it, or failed on its side, after all retries.
    Throttled,
    /// The function's role may not read it.
    Denied,
    /// The answer could not be understood, or another error came back.
    Failed,
    /// It was answered, but something that belongs to the answer was not in it.
    Incomplete,
}

impl WhyUnread {
    /// Whether asking again later may tell.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Throttled)
    }
}

impl fmt::Display for WhyUnread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRead => "was not read",
            Self::Throttled => "was throttled or failed on AWS's side",
            Self::Denied => "was denied",
            Self::Failed => "failed",
            Self::Incomplete => "did not tell everything",
        })
    }
}
