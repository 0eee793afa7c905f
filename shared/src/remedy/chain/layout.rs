//! The names under which DynamoDB holds the journal: who writes the table and who reads an export of it share them.

/// Partition key.
pub const PK: &str = "pk";
/// Sort key.
pub const SK: &str = "sk";

/// What the partition key of an entry begins with; its id follows.
pub const ENTRY_PREFIX: &str = "entry#";
/// Sort key of an entry.
pub const ENTRY: &str = "entry";

/// Partition key of the chain.
pub const CHAIN: &str = "chain";
/// Sort key of the chain's head.
pub const HEAD: &str = "head";
const RECORD_PREFIX: &str = "record#";

/// JSON of what an item holds.
pub const BODY: &str = "body";
/// Of an entry: the number of its newest record.
pub const RECORD: &str = "record";
/// Of an entry: the version of its shape.
pub const SCHEMA: &str = "schema";
/// Of an entry: where it stands.
pub const STATUS: &str = "status";
/// Of an entry: the ARN of what it changes.
pub const RESOURCE: &str = "resource";
/// Of an entry: when it was opened.
pub const OPENED: &str = "opened";
/// Of an entry: its rule.
pub const RULE: &str = "rule";
/// Of a record: how it is hashed.
pub const VERSION: &str = "version";
/// Of a head: the number of the newest record.
pub const SEQ: &str = "seq";
/// Of a record: when it was written.
pub const AT: &str = "at";
/// Of a record: the hash of the one before.
pub const PREVIOUS: &str = "previous";
/// Of a record and of the head: the hash.
pub const HASH: &str = "hash";

/// Sort key of a record. Twelve digits keep the order for three thousand years of a million a day.
pub fn record(seq: u64) -> String {
    format!("{RECORD_PREFIX}{seq:012}")
}

/// The number in a record's sort key.
pub fn seq_of(sort_key: &str) -> Option<u64> {
    let seq = sort_key.strip_prefix(RECORD_PREFIX)?.parse().ok()?;
    (record(seq) == sort_key).then_some(seq)
}
