use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Digest, Head, Link, VERSION};
use crate::remedy::{CHAINED_SINCE, JournalId};

/// An entry's own item, to be held against its newest record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// The entry's id, as its key has it.
    pub id: String,
    /// The version of its shape; none where that is no version of any.
    pub schema: Option<u32>,
    /// The record it names.
    pub record: Option<u64>,
    /// The hash of its JSON.
    pub body: Digest,
    /// Whether what stands beside the JSON says the same.
    pub agrees: bool,
    /// When it was opened; none where its JSON cannot be read as an entry.
    pub opened: Option<Timestamp>,
}

/// A chain in which nothing was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// How many records.
    pub records: usize,
    /// The newest; `None` where there is none.
    pub head: Option<Head>,
    /// How many entries they tell of.
    pub entries: usize,
    /// Entries that an earlier version wrote, before there was a chain: nothing vouches for them.
    pub before_chain: usize,
}

/// The first thing that is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum Break {
    /// A record's content does not have the hash it carries.
    #[error("record {seq}{} was changed: its content does not have the hash it carries", of(.entry.as_ref()))]
    Changed { seq: u64, entry: Option<JournalId> },
    /// Records are not there.
    #[error("{} missing{}", are(*.first, *.last), .before.as_ref().map(|id| format!(", before one of entry {id}")).unwrap_or_default())]
    Missing { first: u64, last: u64, before: Option<JournalId> },
    /// A record stands before one that must come first.
    #[error("record {seq}{} is out of order: record {expected} must come before it", of(.entry.as_ref()))]
    OutOfOrder { seq: u64, expected: u64, entry: Option<JournalId> },
    /// A number is there twice.
    #[error("record {seq}{} is there twice", of(.entry.as_ref()))]
    Duplicated { seq: u64, entry: Option<JournalId> },
    /// A record does not follow the one before it.
    #[error("record {seq}{} does not hold the hash of the record before it: one of the two was replaced", of(.entry.as_ref()))]
    Unlinked { seq: u64, entry: Option<JournalId> },
    /// A record that this version cannot check.
    #[error(
        "record {seq} has version {version}, this version checks {VERSION}; verify with the version that wrote it"
    )]
    UnknownVersion { seq: u64, version: u32 },
    /// The head is gone.
    #[error("the chain has no head: what came after record {last} may be missing")]
    NoHead { last: u64 },
    /// The head is not of the newest record.
    #[error("the head says {head} and the newest record is {}: one of them was changed, or records are missing", newest(.last.as_ref()))]
    ForgedHead { head: Head, last: Option<Head> },
    /// A head that was kept elsewhere is not in the chain.
    #[error("the head {kept}, which was kept elsewhere, is not in the chain: {}", in_its_place(.kept, .found.as_ref(), .last.as_ref()))]
    NotInChain { kept: Head, found: Option<Digest>, last: Option<Head> },
    /// An entry is not what its newest record says.
    #[error("entry {entry} differs from its newest record, {seq}")]
    EntryDiffers { entry: String, seq: u64 },
    /// An entry of which records tell is gone.
    #[error("entry {entry} is gone; its newest record is {seq}")]
    EntryGone { entry: String, seq: u64 },
    /// An entry of which no record tells.
    #[error("entry {entry} was not written by Bailiff: {why}")]
    EntryUnrecorded { entry: String, why: Unrecorded },
}

/// Why an entry of which no record tells is not from before the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unrecorded {
    /// It says itself that it was opened under the chain.
    #[error("no record tells of it")]
    NoRecord,
    /// Entries have had one from the start.
    #[error("no record tells of it, and it has no sound `schema`, which every entry has")]
    NoSchema,
    /// Whatever it holds, it is no entry.
    #[error("no record tells of it, and its JSON is no entry")]
    NoEntry,
    /// Its JSON says something else than what stands beside it.
    #[error("no record tells of it, and its JSON disagrees with the attributes beside it")]
    Disagrees,
    /// It is younger than the chain.
    #[error(
        "no record tells of it, and it is not from before the chain: it was opened at {opened}, the chain begins at {begins}"
    )]
    TooYoung {
        /// When it says it was opened.
        opened: Timestamp,
        /// When the first record was written.
        begins: Timestamp,
    },
}

/// How long an upgrade may take, in which some functions chain already and others do not: each update of one, and what
/// the version before it still has in hand.
pub(super) const UPGRADE: SignedDuration = SignedDuration::from_hours(1);

impl Break {
    /// The record from which on nothing is vouched for; `None` where all records are whole.
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Changed { seq, .. }
            | Self::OutOfOrder { seq, .. }
            | Self::Duplicated { seq, .. }
            | Self::Unlinked { seq, .. }
            | Self::UnknownVersion { seq, .. } => Some(*seq),
            Self::Missing { first, .. } => Some(*first),
            Self::NotInChain { kept, .. } => Some(kept.seq),
            Self::NoHead { .. }
            | Self::ForgedHead { .. }
            | Self::EntryDiffers { .. }
            | Self::EntryGone { .. }
            | Self::EntryUnrecorded { .. } => None,
        }
    }
}

/// Walks a chain from its first record to its head.
///
/// `links` are all records in the order in which they are stored, `after` the record somebody has vouched for, where
/// the walk is to begin there; `kept` are heads from elsewhere that must be in the chain. `entries` are the entries'
/// own items, where they are at hand.
pub fn verify(
    links: &[Link],
    after: Option<&Head>,
    head: Option<&Head>,
    kept: &[Head],
    entries: Option<&[StoredEntry]>,
) -> Result<Whole, Break> {
    let begins = after.map_or(0, |after| after.seq);
    let walked: Vec<&Link> = links.iter().filter(|link| after.is_none() || link.seq > begins).collect();
    let kept: BTreeMap<u64, Vec<&Head>> = kept.iter().filter(|kept| kept.seq >= begins).fold(
        BTreeMap::new(),
        |mut by_seq: BTreeMap<u64, Vec<&Head>>, kept| {
            by_seq.entry(kept.seq).or_default().push(kept);
            by_seq
        },
    );
    let last = walk(&walked, after, &kept)?;
    let beyond = kept.values().flatten().find(|kept| kept.seq > last.as_ref().map_or(0, |last| last.seq));
    if let Some(kept) = beyond {
        return Err(Break::NotInChain { kept: (*kept).clone(), found: None, last });
    }
    match (head, &last) {
        (None, Some(last)) => return Err(Break::NoHead { last: last.seq }),
        (Some(head), last) if Some(head) != last.as_ref() => {
            return Err(Break::ForgedHead { head: head.clone(), last: last.clone() });
        }
        _ => {}
    }
    let newest = newest_of_each(links);
    let begins = links.iter().min_by_key(|link| link.seq).and_then(|link| link.at);
    let before_chain = entries.map_or(Ok(0), |entries| held_against(&newest, begins, entries))?;
    Ok(Whole { records: walked.len(), head: last, entries: newest.len(), before_chain })
}

/// The chain itself; gives back its newest record.
fn walk(
    links: &[&Link],
    after: Option<&Head>,
    kept: &BTreeMap<u64, Vec<&Head>>,
) -> Result<Option<Head>, Break> {
    let numbers: BTreeSet<u64> = links.iter().map(|link| link.seq).collect();
    let mut last = after.cloned();
    if let Some(after) = after {
        is_kept(after, kept)?;
    }
    for link in links {
        let entry = || link.entry.clone();
        let (seq, expected) = (link.seq, last.as_ref().map_or(1, |last| last.seq.saturating_add(1)));
        if seq > expected {
            return Err(if numbers.contains(&expected) {
                Break::OutOfOrder { seq, expected, entry: entry() }
            } else {
                let next = numbers.range(expected..).next().copied().unwrap_or(seq);
                Break::Missing { first: expected, last: next.saturating_sub(1), before: entry() }
            });
        }
        if seq < expected {
            return Err(Break::Duplicated { seq, entry: entry() });
        }
        if link.version != VERSION {
            return Err(Break::UnknownVersion { seq, version: link.version });
        }
        // A body that is no entry was never written by us.
        if !link.intact || link.entry.is_none() {
            return Err(Break::Changed { seq, entry: entry() });
        }
        if link.previous != last.map_or_else(Digest::none, |last| last.hash) {
            return Err(Break::Unlinked { seq, entry: entry() });
        }
        let head = Head { seq, hash: link.hash.clone() };
        is_kept(&head, kept)?;
        last = Some(head);
    }
    Ok(last)
}

/// Holds a record against the heads of its number that were kept elsewhere.
fn is_kept(found: &Head, kept: &BTreeMap<u64, Vec<&Head>>) -> Result<(), Break> {
    match kept.get(&found.seq).and_then(|kept| kept.iter().find(|kept| kept.hash != found.hash)) {
        Some(kept) => {
            Err(Break::NotInChain { kept: (*kept).clone(), found: Some(found.hash.clone()), last: None })
        }
        None => Ok(()),
    }
}

fn newest_of_each(links: &[Link]) -> BTreeMap<&str, &Link> {
    links.iter().filter_map(|link| Some((link.entry.as_ref()?.as_str(), link))).collect()
}

/// Holds each entry against its newest record; gives back how many are from before the chain, which `begins` then.
fn held_against(
    newest: &BTreeMap<&str, &Link>,
    begins: Option<Timestamp>,
    entries: &[StoredEntry],
) -> Result<usize, Break> {
    let mut before_chain = 0;
    for stored in entries {
        let entry = || stored.id.clone();
        match newest.get(stored.id.as_str()) {
            Some(link) if stored.record == Some(link.seq) && stored.body == link.body && stored.agrees => {}
            Some(link) => return Err(Break::EntryDiffers { entry: entry(), seq: link.seq }),
            None => {
                is_before_chain(stored, begins)
                    .map_err(|why| Break::EntryUnrecorded { entry: entry(), why })?;
                before_chain += 1;
            }
        }
    }
    let there: BTreeSet<&str> = entries.iter().map(|stored| stored.id.as_str()).collect();
    match newest.iter().find(|(id, _)| !there.contains(*id)) {
        Some((id, link)) => Err(Break::EntryGone { entry: (*id).to_owned(), seq: link.seq }),
        None => Ok(before_chain),
    }
}

/// Whether an entry of which no record tells can be one that an earlier version wrote.
fn is_before_chain(stored: &StoredEntry, begins: Option<Timestamp>) -> Result<(), Unrecorded> {
    let Some(schema) = stored.schema else { return Err(Unrecorded::NoSchema) };
    if schema >= CHAINED_SINCE || stored.record.is_some() {
        return Err(Unrecorded::NoRecord);
    }
    let Some(opened) = stored.opened else { return Err(Unrecorded::NoEntry) };
    if !stored.agrees {
        return Err(Unrecorded::Disagrees);
    }
    match begins {
        Some(begins) if opened.duration_since(begins) > UPGRADE => {
            Err(Unrecorded::TooYoung { opened, begins })
        }
        _ => Ok(()),
    }
}

fn of(entry: Option<&JournalId>) -> String {
    entry.map(|id| format!(" (of entry {id})")).unwrap_or_default()
}

fn are(first: u64, last: u64) -> String {
    if first == last { format!("record {first} is") } else { format!("records {first} to {last} are") }
}

fn newest(last: Option<&Head>) -> String {
    last.map_or_else(|| "none".to_owned(), Head::to_string)
}

fn in_its_place(kept: &Head, found: Option<&Digest>, last: Option<&Head>) -> String {
    match found {
        Some(found) => {
            format!("record {} has the hash {found}; all from some record on was replaced", kept.seq)
        }
        None => format!("the newest record is {}; the end was cut off", newest(last)),
    }
}
