use super::{Head, Record, VERSION};
use crate::remedy::CHAINED_SINCE;

/// What comes after a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Following {
    /// The next record.
    Record(Record),
    /// No record: the chain's head.
    Head(Head),
    /// Neither.
    Nothing,
}

/// Why the chain does not vouch for an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// An earlier version opened it.
    #[error(
        "it was opened by a version that did not chain the journal (schema {schema}), and nothing vouches for what it says"
    )]
    BeforeChain {
        /// Its schema.
        schema: u32,
    },
    /// It names no record.
    #[error("no record of the journal's chain tells of it; it was not written by Bailiff")]
    Unrecorded,
    /// It names a record that is not there.
    #[error("record {seq} of the journal's chain, which it names, is not there")]
    NoRecord {
        /// The record's number.
        seq: u64,
    },
    /// The record is not as it was written.
    #[error("record {seq} of the journal's chain was changed")]
    Changed {
        /// The record's number.
        seq: u64,
    },
    /// The entry is not as its record has it.
    #[error("it is not what record {seq} of the journal's chain says it was")]
    Differs {
        /// The record's number.
        seq: u64,
    },
    /// Nothing holds the record in its place.
    #[error("what follows record {seq} of the journal's chain does not hold its hash")]
    Unlinked {
        /// The record's number.
        seq: u64,
    },
}

/// Whether the chain vouches for an entry as it is stored: it equals the record it names, the record has its own hash,
/// and what follows in the chain holds that hash. A whole walk is [`verify`](super::verify())'s.
///
/// `entry` is the entry's JSON as it is stored, `seq` the record it names.
pub fn vouch(
    entry: &str,
    schema: u32,
    seq: Option<u64>,
    record: Option<&Record>,
    following: &Following,
) -> Result<(), Doubt> {
    // First of all, for what was opened without a record may well have been given one by its closing.
    if schema < CHAINED_SINCE {
        return Err(Doubt::BeforeChain { schema });
    }
    let Some(seq) = seq else { return Err(Doubt::Unrecorded) };
    let Some(record) = record else { return Err(Doubt::NoRecord { seq }) };
    if record.version != VERSION || record.seq != seq || !record.is_intact() {
        return Err(Doubt::Changed { seq });
    }
    if record.body != entry {
        return Err(Doubt::Differs { seq });
    }
    let linked = match following {
        Following::Record(next) => {
            next.seq.checked_sub(1) == Some(seq) && next.previous == record.hash && next.is_intact()
        }
        Following::Head(head) => *head == record.head(),
        Following::Nothing => false,
    };
    if linked { Ok(()) } else { Err(Doubt::Unlinked { seq }) }
}
