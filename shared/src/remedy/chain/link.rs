use jiff::Timestamp;

use super::{Digest, Record, Subject, VERSION};
use crate::remedy::JournalId;

/// What verifying needs of a record, so that a chain of any length fits into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How it is hashed.
    pub(super) version: u32,
    /// The record's number.
    pub seq: u64,
    /// The hash of the one before.
    pub(super) previous: Digest,
    /// Its own.
    pub(super) hash: Digest,
    /// Whether its content has that hash.
    pub(super) intact: bool,
    /// The entry it is about.
    pub entry: Option<JournalId>,
    /// When it was written, as far as that is a time.
    pub(super) at: Option<Timestamp>,
    /// The hash of the entry as it stood.
    pub(super) body: Digest,
}

impl Link {
    /// Of a record.
    pub fn of(record: &Record) -> Self {
        Self {
            version: record.version,
            seq: record.seq,
            previous: record.previous.clone(),
            hash: record.hash.clone(),
            intact: record.version != VERSION || record.is_intact(),
            entry: record.subject().map(|Subject { id, .. }| id),
            at: record.at.parse().ok(),
            body: Digest::of(&record.body),
        }
    }
}
