use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, Head};
use crate::remedy::JournalId;

/// How records are hashed; one of another version is not guessed at.
pub const VERSION: u32 = 1;

/// An entry as it stood after one write, and its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`VERSION`] at the time of writing.
    pub version: u32,
    /// Its number, from 1, without a gap.
    pub seq: u64,
    /// When it was written, as the worker's clock had it. Kept as text: the hash is over what is stored.
    pub at: String,
    /// The hash of the record before.
    pub previous: Digest,
    /// The entry's JSON, to the byte.
    pub body: String,
    /// The hash of all of the above.
    pub hash: Digest,
}

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subject {
    /// The entry.
    pub id: JournalId,
    /// The version of its shape.
    pub schema: u32,
}

impl Record {
    /// The record that comes after a head, or the first.
    pub fn after(head: Option<&Head>, at: Timestamp, body: String) -> Self {
        let (seq, previous) =
            head.map_or((1, Digest::none()), |head| (head.seq.saturating_add(1), head.hash.clone()));
        let mut record =
            Self { version: VERSION, seq, at: at.to_string(), previous, body, hash: Digest::none() };
        record.hash = record.digest();
        record
    }

    /// The hash of its content, whatever it carries as its hash.
    pub fn digest(&self) -> Digest {
        let Self { version, seq, at, previous, body, .. } = self;
        Digest::of(format!("bailiff journal record {version}\n{seq}\n{at}\n{previous}\n{body}"))
    }

    /// Whether it carries the hash of its content. A time of two lines could pass for two fields.
    pub fn is_intact(&self) -> bool {
        self.hash == self.digest() && !self.at.contains('\n')
    }

    /// The chain up to it.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash.clone() }
    }

    /// What it is about; `None` where its body is no entry of any version.
    pub fn subject(&self) -> Option<Subject> {
        serde_json::from_str(&self.body).ok()
    }
}
