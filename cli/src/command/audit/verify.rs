use std::io::{self, Write};

use serde_json::{Value, json};
use shared::remedy::chain::{Break, Head, Link, StoredEntry, Unrecorded, Whole, verify};

use super::journal_file::{self, Stored};
use super::kept::Kept;
use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{self, Format};
use crate::input::Input;
use crate::page::{CAREFUL, FAINT, GOOD, PLAIN, Page, STRONG, WRONG, count};

/// Finds the first broken link of the journal's chain
///
/// Exit code 0: the chain is whole, from its first record to its head, and
/// every entry is what its newest record says. 1: it is not; what is wrong
/// first is printed. 2: the file is no journal.
///
/// A chain does not show by itself that its newest records were cut off and
/// its head set back, or that its end was written anew: heads do that were
/// kept elsewhere. Every log line of a remediator and every notice has one.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(super) struct Verify {
    /// The journal: what `aws dynamodb scan` gives, or records; `-` for standard input
    file: Input,
    #[command(flatten)]
    kept: Kept,
    /// Begin after this record, which somebody has looked into
    #[arg(long, value_name = "SEQ:HASH")]
    after: Option<Head>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Verify {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let kept = self.kept.heads(&self.file)?;
        let mut chain = Chain::default();
        journal_file::read(&self.file, |stored| chain.take(&stored))?;
        let found = chain.verified(self.after.as_ref(), &kept)?;
        match self.format {
            Format::Json => format::json(out, &document(&found, &chain, kept.len()))?,
            Format::Text => text(&mut Page::new(out), &found, &chain, kept.len())?,
        }
        Ok(if found.is_ok() { Exit::Done } else { Exit::Broken })
    }
}

/// What verifying needs of a file.
#[derive(Default)]
pub(in crate::command) struct Chain {
    links: Vec<Link>,
    head: Option<Head>,
    entries: Vec<StoredEntry>,
    /// Whether there is more of the table than its chain, so that no entry may be missing.
    whole_table: bool,
    in_table: bool,
}

impl Chain {
    pub(in crate::command) fn take(&mut self, stored: &Stored) {
        match stored {
            Stored::Record { record, in_table } => {
                self.in_table |= in_table;
                self.links.push(Link::of(record));
            }
            Stored::Head(head) => self.head = Some(head.clone()),
            Stored::Entry { entry, .. } => {
                self.whole_table = true;
                self.entries.push(entry.clone());
            }
            Stored::Threat { .. } | Stored::Other => self.whole_table = true,
        }
    }

    /// What is found. In a table a record's place is its key's, in whatever order an export has them.
    pub(in crate::command) fn verified(
        &mut self,
        after: Option<&Head>,
        kept: &[Head],
    ) -> Result<Result<Whole, Break>, CliError> {
        if self.links.is_empty() && self.head.is_none() && self.entries.is_empty() && kept.is_empty() {
            return Err(CliError::NothingToVerify);
        }
        if self.in_table {
            self.links.sort_by_key(|link| link.seq);
        }
        let entries = self.whole_table.then_some(self.entries.as_slice());
        Ok(verify(&self.links, after, self.head.as_ref(), kept, entries))
    }
}

fn text(page: &mut Page<'_>, found: &Result<Whole, Break>, chain: &Chain, kept: usize) -> io::Result<()> {
    let whole = match found {
        Ok(whole) => whole,
        Err(broken) => {
            page.flow(0, 2, &[(WRONG, "✗ broken: "), (PLAIN, &broken.to_string())])?;
            return match broken {
                Break::EntryDiffers { .. }
                | Break::EntryGone { .. }
                | Break::EntryUnrecorded { why: Unrecorded::NoRecord, .. } => {
                    let again = "An entry that was written while the table was read can look like this: read it again.";
                    page.flow(2, 2, &[(FAINT, again)])
                }
                _ => Ok(()),
            };
        }
    };
    let records = count(whole.records as u64, "record", "records");
    let entries = count(whole.entries as u64, "entry", "entries");
    page.flow(0, 2, &[(GOOD, "✓ whole: "), (STRONG, &records), (PLAIN, &format!(" of {entries}"))])?;
    if let Some(head) = &whole.head {
        page.flow(2, 4, &[(PLAIN, &format!("head {head}"))])?;
    }
    let against = match (chain.whole_table, whole.before_chain, whole.entries) {
        (false, ..) => Some("the entries themselves are not in the file; only the chain was verified"),
        (true, 0, _) => Some("every entry is what its newest record says"),
        // No record tells of any.
        (true, _, 0) => None,
        (true, ..) => Some("every other entry is what its newest record says"),
    };
    if let Some(against) = against {
        page.flow(2, 4, &[(PLAIN, against)])?;
    }
    if kept == 0 {
        let unseen = "no head kept elsewhere was given (`--head`, `--heads`): that the newest records were cut off, or \
                      all written anew, would not show";
        page.flow(2, 4, &[(CAREFUL, "! "), (PLAIN, unseen)])?;
    } else {
        let heads = count(kept as u64, "head kept elsewhere is", "heads kept elsewhere are");
        page.flow(2, 4, &[(PLAIN, &format!("{heads} in it"))])?;
    }
    if whole.before_chain > 0 {
        let before = count(whole.before_chain as u64, "entry is", "entries are");
        let before = format!("{before} from before there was a chain: nothing vouches for what they say");
        page.flow(2, 4, &[(CAREFUL, "! "), (PLAIN, &before)])?;
    }
    Ok(())
}

fn document(found: &Result<Whole, Break>, chain: &Chain, kept: usize) -> Value {
    match found {
        Ok(whole) => json!({
            "whole": true, "records": whole.records, "entries": whole.entries,
            "head": whole.head.as_ref().map(Head::to_string), "heads": kept,
            "entriesVerified": chain.whole_table, "beforeChain": whole.before_chain
        }),
        Err(broken) => json!({"whole": false, "broken": broken.to_string(), "record": broken.seq()}),
    }
}
