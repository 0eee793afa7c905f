mod rows;

use std::collections::BTreeMap;
use std::io::Write;

use jiff::Timestamp;
use shared::remedy::Entry;
use shared::remedy::chain::{Break, Head, Record};

use super::journal_file::{self, Stored};
use super::kept::Kept;
use super::moment::Moment;
use super::verify::Chain;
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Input;
use crate::out::Out;
use rows::{Row, csv, json_lines};

/// Writes the journal as evidence: a row for each act, or the records themselves
///
/// A row says who did what to whom, when and why, from what to what, with what
/// result, and who undid it. It is taken from the newest record of the entry,
/// not from the entry's own item, and `vouched` says whether the chain is whole
/// up to that record. Key ids show their last four characters; policy texts are
/// in the JSON rows in full.
///
/// The records, `--format records`, are all that is needed to verify the chain
/// elsewhere; they hold key ids and policy texts to the letter.
///
/// Of a broken chain everything is written all the same; the exit code is 1.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(super) struct Export {
    /// The journal: what `aws dynamodb scan` gives, or records; `-` for standard input
    file: Input,
    #[command(flatten)]
    kept: Kept,
    /// What to write
    #[arg(long, value_enum, default_value_t = Layout::Jsonl)]
    format: Layout,
    /// Only acts that were opened on this day (UTC) or at this time, or later
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,
    /// Only acts that were opened on this day (UTC) or at this time, or before
    #[arg(long, value_name = "WHEN")]
    until: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    /// A JSON object a line, an act each
    Jsonl,
    /// A table for spreadsheets, an act a row
    Csv,
    /// The chain, a record a line and its head on the last
    Records,
}

impl Export {
    pub(super) fn run(&self, out: &mut Out) -> Result<Exit, CliError> {
        let kept = self.kept.heads(&self.file)?;
        let (mut chain, mut journal) = (Chain::default(), Journal::default());
        journal_file::read(&self.file, |stored| {
            chain.take(&stored);
            journal.take(stored);
        })?;
        let found = chain.verified(None, &kept)?;
        match self.format {
            Layout::Records => journal.records(out)?,
            Layout::Jsonl => json_lines(out, self.rows(&journal, found.as_ref().err())?)?,
            Layout::Csv => csv(out, self.rows(&journal, found.as_ref().err())?)?,
        }
        found.map_err(CliError::BrokenChain)?;
        Ok(Exit::Done)
    }

    /// The acts asked for, the earliest first.
    fn rows(&self, journal: &Journal, broken: Option<&Break>) -> Result<Vec<Row>, CliError> {
        let mut rows = Vec::new();
        for state in journal.states() {
            let entry: Entry = match serde_json::from_str(state.body) {
                Ok(entry) => entry,
                // What was tampered with is named by the verdict on the chain.
                Err(_) if broken.is_some() => continue,
                Err(error) => {
                    return Err(CliError::UnknownEntry { which: state.which(), why: error.to_string() });
                }
            };
            if self.asks_for(entry.opened) {
                rows.push(Row::of(&entry, &state, broken));
            }
        }
        rows.sort_by(|one, other| one.order().cmp(&other.order()));
        Ok(rows)
    }

    fn asks_for(&self, opened: Timestamp) -> bool {
        self.since.is_none_or(|since| opened >= since.begins())
            && self.until.is_none_or(|until| until.is_over_after(opened))
    }
}

/// All that a file holds.
#[derive(Default)]
struct Journal {
    records: Vec<Record>,
    head: Option<Head>,
    /// The entries' own items, by their ids.
    entries: BTreeMap<String, String>,
    in_table: bool,
}

/// An entry as it last stood.
struct State<'a> {
    body: &'a str,
    /// Its first record and its newest; none of an entry from before the chain.
    records: Option<(&'a Record, &'a Record)>,
}

impl State<'_> {
    fn which(&self) -> String {
        match self.records {
            Some((_, newest)) => format!("of record {}", newest.seq),
            None => "without a record".to_owned(),
        }
    }
}

impl Journal {
    fn take(&mut self, stored: Stored) {
        match stored {
            Stored::Record { record, in_table } => {
                self.in_table |= in_table;
                self.records.push(record);
            }
            Stored::Head(head) => self.head = Some(head),
            Stored::Entry { entry, body } => drop(self.entries.insert(entry.id, body)),
            Stored::Threat { .. } | Stored::Other => {}
        }
    }

    fn states(&self) -> Vec<State<'_>> {
        let mut told: BTreeMap<String, (&Record, &Record)> = BTreeMap::new();
        for record in &self.records {
            let Some(subject) = record.subject() else { continue };
            let (first, newest) = told.entry(subject.id.to_string()).or_insert((record, record));
            if record.seq < first.seq {
                *first = record;
            }
            if record.seq > newest.seq {
                *newest = record;
            }
        }
        let unrecorded = self.entries.iter().filter(|(id, _)| !told.contains_key(*id));
        let unrecorded: Vec<State<'_>> = unrecorded.map(|(_, body)| State { body, records: None }).collect();
        told.into_values()
            .map(|(first, newest)| State { body: &newest.body, records: Some((first, newest)) })
            .chain(unrecorded)
            .collect()
    }

    /// The chain as lines that can be verified again.
    fn records(&mut self, out: &mut Out) -> Result<(), CliError> {
        if self.in_table {
            self.records.sort_by_key(|record| record.seq);
        }
        for record in &self.records {
            writeln!(out, "{}", serde_json::to_string(record)?)?;
        }
        if let Some(head) = &self.head {
            writeln!(out, "{}", serde_json::json!({ "head": head }))?;
        }
        Ok(())
    }
}
