use std::io::Write;

use serde::Serialize;
use shared::remedy::chain::Break;
use shared::remedy::{Act, Entry};

use super::State;
use crate::error::CliError;

/// An act with where the chain tells of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    #[serde(flatten)]
    act: Act,
    /// Number of the record of its opening.
    first_record: Option<u64>,
    /// Number of its newest record.
    last_record: Option<u64>,
    /// The hash of that.
    hash: Option<String>,
    /// Whether the chain is whole up to there.
    vouched: bool,
}

impl Row {
    pub(super) fn of(entry: &Entry, state: &State<'_>, broken: Option<&Break>) -> Self {
        let whole = |seq: u64| broken.and_then(Break::seq).is_none_or(|first| seq < first);
        Self {
            act: Act::of(entry),
            first_record: state.records.map(|(first, _)| first.seq),
            last_record: state.records.map(|(_, newest)| newest.seq),
            hash: state.records.map(|(_, newest)| newest.hash.to_string()),
            vouched: state.records.is_some_and(|(_, newest)| whole(newest.seq)),
        }
    }

    /// By when it was opened, then by the chain.
    pub(super) fn order(&self) -> (&str, Option<u64>) {
        (&self.act.opened, self.first_record)
    }

    /// Its cells, in the order of [`HEADINGS`].
    fn cells(&self) -> [String; HEADINGS.len()] {
        let Self { act, first_record, last_record, hash, vouched } = self;
        let or_empty = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let number = |number: &Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let steps: Vec<&str> = act.steps.iter().map(|step| step.step.as_str()).collect();
        let results: Vec<String> = act
            .steps
            .iter()
            .map(|step| match &step.why {
                Some(why) => format!("{}: {why}", step.result),
                None => step.result.to_owned(),
            })
            .collect();
        [
            act.entry.clone(),
            act.opened.clone(),
            or_empty(&act.closed),
            act.status.clone(),
            act.mode.clone(),
            act.function.clone(),
            act.cause.to_owned(),
            or_empty(&act.rule),
            act.why.clone(),
            or_empty(&act.requested_by),
            or_empty(&act.ticket),
            act.resource.clone(),
            act.unique_id.clone(),
            steps.join("; "),
            results.join("; "),
            or_empty(&act.refusal),
            act.left.join("; "),
            act.lost.join("; "),
            or_empty(&act.undoes),
            or_empty(&act.undone_by),
            number(first_record),
            number(last_record),
            or_empty(hash),
            vouched.to_string(),
        ]
    }
}

const HEADINGS: [&str; 24] = [
    "entry",
    "opened",
    "closed",
    "status",
    "mode",
    "function",
    "cause",
    "rule",
    "why",
    "requested by",
    "ticket",
    "resource",
    "unique id",
    "steps",
    "results",
    "refusal",
    "left to people",
    "cannot come back",
    "undoes",
    "undone by",
    "first record",
    "last record",
    "hash",
    "vouched",
];

/// A line each.
pub(super) fn json_lines(out: &mut dyn Write, rows: Vec<Row>) -> Result<(), CliError> {
    for row in rows {
        writeln!(out, "{}", serde_json::to_string(&row)?)?;
    }
    Ok(())
}

/// A row each, under a heading.
pub(super) fn csv(out: &mut dyn Write, rows: Vec<Row>) -> Result<(), CliError> {
    let mut table = csv::Writer::from_writer(out);
    let failed = |error: csv::Error| CliError::Output(error.into());
    table.write_record(HEADINGS).map_err(failed)?;
    for row in rows {
        table.write_record(row.cells().map(plain)).map_err(failed)?;
    }
    table.flush()?;
    Ok(())
}

/// Names and reasons are typed by anybody; none of them is to be a formula of a spreadsheet.
fn plain(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
