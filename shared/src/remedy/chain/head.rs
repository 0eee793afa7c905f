use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Digest;

/// The number and hash of a record; of the newest it stands for the whole chain up to there. As text `SEQ:HASH`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The record's number.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Head {
    /// Every head that a text names, whatever stands around it: log lines, notices.
    pub fn all_in(text: &str) -> Vec<Self> {
        text.split(|character: char| !(character.is_ascii_alphanumeric() || character == ':'))
            .filter_map(|word| word.parse().ok())
            .collect()
    }
}

impl FromStr for Head {
    type Err = HeadError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = |(seq, hash): (&str, &str)| {
            let digits = seq.bytes().all(|byte| byte.is_ascii_digit());
            Some(Self { seq: seq.parse().ok().filter(|_| digits)?, hash: hash.parse().ok()? })
        };
        text.split_once(':').and_then(read).ok_or(HeadError)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// A text that is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is a record's number, a colon and its hash of 64 digits, as log lines and notices have it")]
pub struct HeadError;
