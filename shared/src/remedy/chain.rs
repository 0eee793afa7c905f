//! The journal as evidence: every write of an entry appends a record, and each record holds the hash of the one before.
//!
//! A record's hash is the SHA-256 of five lines: `bailiff journal record` with the version, the number, the time, the
//! hash before, and the entry's JSON exactly as it is stored. Whoever changes, deletes, inserts or reorders a record
//! breaks the chain from there on. The hashes hold no secret: somebody who may write the table can append, and can cut
//! the newest records off. What shows that are heads kept elsewhere, which logs and notices hold.

mod digest;
mod head;
pub mod layout;
mod link;
mod record;
mod verify;
mod vouch;

pub use digest::Digest;
pub use head::{Head, HeadError};
pub use link::Link;
pub use record::{Record, Subject, VERSION};
pub use verify::{Break, StoredEntry, Unrecorded, Whole, verify};
pub use vouch::{Doubt, Following, vouch};

#[cfg(test)]
mod tests;
