use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::EmployeeId;
use crate::identifier::EmailAddress;

/// What a directory says became of somebody's employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The person begins.
    Joiner,
    /// The person takes another place.
    Mover,
    /// The person goes.
    Leaver,
    /// The person who went, or was to go, is back or stays.
    Rehire,
    /// The person is employed, whatever came before: what a full list says of most.
    Active,
}

impl Status {
    /// The words, for whoever wrote another.
    pub const WORDS: &'static str = "`joiner`, `mover`, `leaver`, `rehire` or `active`";

    /// The status of a word, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "joiner" => Self::Joiner,
            "mover" => Self::Mover,
            "leaver" => Self::Leaver,
            "rehire" | "re-hire" => Self::Rehire,
            "active" => Self::Active,
            _ => return None,
        })
    }

    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Joiner => "joiner",
            Self::Mover => "mover",
            Self::Leaver => "leaver",
            Self::Rehire => "rehire",
            Self::Active => "active",
        }
    }

    /// Whether the person goes.
    pub fn goes(self) -> bool {
        self == Self::Leaver
    }
}

/// What a directory says of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Who.
    pub employee: EmployeeId,
    /// What became of the employment.
    pub status: Status,
    /// From when on.
    pub effective_at: Timestamp,
    /// The person's work address, in lower case. Nothing but ASCII: two addresses that look alike are never one.
    pub email: Option<EmailAddress>,
    /// Whether there was an address that cannot be used, so that nobody is matched by it.
    pub unusable_email: bool,
}

impl Statement {
    /// Takes in an address as the directory writes it.
    #[must_use]
    pub fn with_email(mut self, written: Option<&str>) -> Self {
        if let Some(written) = written.map(str::trim).filter(|written| !written.is_empty()) {
            self.email = EmailAddress::parse(&written.to_ascii_lowercase()).ok();
            self.unusable_email = self.email.is_none();
        }
        self
    }
}
