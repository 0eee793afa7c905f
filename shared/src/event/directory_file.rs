//! A full list of people, as an export of a directory or HR system leaves it.
//!
//! Its first line says when it was made and how many people follow; each person is a line of JSON or of CSV. A list that
//! breaks off anywhere is refused as a whole: by its end, by its count, or by the line that was cut.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::directory_change::person;
use super::error::{EventError, shown};
use super::field::Field;
use crate::directory::{EmployeeId, Statement};

/// A list that reads well from its first line to its last.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryFile {
    /// When it was made.
    pub generated_at: Timestamp,
    /// What it says of each person.
    pub people: BTreeMap<EmployeeId, Statement>,
}

/// Why a list cannot be read. None of it counts then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryFileError {
    /// There is nothing in it.
    #[error("it is empty; see why nothing was exported")]
    Empty,
    /// It is not text.
    #[error("it is not UTF-8 from byte {byte} on; export it as UTF-8")]
    NotUtf8 {
        /// Where that begins.
        byte: usize,
    },
    /// It breaks off.
    #[error("its last line has no end, so it was cut off; write it again as a whole")]
    CutOff,
    /// Its first line does not say what it should.
    #[error(
        "its first line must be such as `{{\"generatedAt\": \"2026-11-22T03:00:00Z\", \"count\": 10000}}`: {0}"
    )]
    Head(String),
    /// It names nobody.
    #[error("it names nobody; see why nobody was exported")]
    Nobody,
    /// It names more or fewer people than it says.
    #[error("its first line says {said} people and {found} follow; write it again as a whole")]
    Count {
        /// How many it says.
        said: u64,
        /// How many there are.
        found: u64,
    },
    /// A line cannot be read.
    #[error("{0}; mend that line where it is exported")]
    Line(String),
    /// A person stands there twice, and which line counts cannot be told.
    #[error("line {line} names the employee of line {first} once more; each person is one line")]
    Twice {
        /// The line.
        line: usize,
        /// The line before.
        first: usize,
    },
}

impl DirectoryFile {
    /// Reads a list, all of it or none.
    pub fn parse(bytes: &[u8]) -> Result<Self, DirectoryFileError> {
        let text = str::from_utf8(bytes)
            .map_err(|error| DirectoryFileError::NotUtf8 { byte: error.valid_up_to() })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(DirectoryFileError::Empty);
        }
        // A line that was cut in its last field may well read as another whole one.
        if !text.ends_with('\n') {
            return Err(DirectoryFileError::CutOff);
        }
        let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (generated_at, said) = read_head(head)?;
        let lines = if rest.trim_start().starts_with('{') { of_json(rest) } else { of_csv(rest) };
        let mut people = BTreeMap::new();
        let mut first_lines = BTreeMap::new();
        let mut found = 0;
        for line in lines {
            let (number, value) = line?;
            found += 1;
            let statement = person(&Field::at(format!("line {number}"), &value), generated_at)
                .map_err(|error| DirectoryFileError::Line(error.to_string()))?;
            if let Some(first) = first_lines.insert(statement.employee.clone(), number) {
                return Err(DirectoryFileError::Twice { line: number, first });
            }
            people.insert(statement.employee.clone(), statement);
        }
        if found != said {
            return Err(DirectoryFileError::Count { said, found });
        }
        if found == 0 {
            return Err(DirectoryFileError::Nobody);
        }
        Ok(Self { generated_at, people })
    }

    /// How many people it names.
    pub fn count(&self) -> u64 {
        u64::try_from(self.people.len()).unwrap_or(u64::MAX)
    }
}

fn read_head(line: &str) -> Result<(Timestamp, u64), DirectoryFileError> {
    let wrong = |error: EventError| DirectoryFileError::Head(error.to_string());
    let value: Value =
        serde_json::from_str(line).map_err(|error| DirectoryFileError::Head(error.to_string()))?;
    let head = Field::at("line 1", &value);
    head.only(&["generatedAt", "count"]).map_err(wrong)?;
    let generated_at = head.get("generatedAt").and_then(|field| field.time()).map_err(wrong)?;
    let count = head.get("count").and_then(|field| field.count()).map_err(wrong)?;
    Ok((generated_at, count))
}

/// A person's line and its number.
type Line = Result<(usize, Value), DirectoryFileError>;

/// The number of the first line after the head.
const FIRST: usize = 2;

fn of_json(text: &str) -> Vec<Line> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| {
        let number = index + FIRST;
        serde_json::from_str(line)
            .map(|value| (number, value))
            .map_err(|error| DirectoryFileError::Line(format!("line {number} is not JSON: {error}")))
    };
    lines.map(read).collect()
}

fn of_csv(text: &str) -> Vec<Line> {
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let wrong = |error: &csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        DirectoryFileError::Line(format!("line {} is not CSV: {error}", line + 1))
    };
    let names = match reader.headers() {
        Ok(names) => names.clone(),
        Err(error) => return vec![Err(wrong(&error))],
    };
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().map(str::trim).find(|name| !seen.insert(*name)) {
        return vec![Err(DirectoryFileError::Line(format!("line {FIRST} names `{}` twice", shown(twice))))];
    }
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| wrong(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = usize::try_from(line).unwrap_or(0) + 1;
        // What is cut inside quotes may end like a whole line.
        if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
            return Err(DirectoryFileError::Line(format!("line {number} has a line end inside a cell")));
        }
        Ok((number, object(&names, &record)))
    });
    rows.collect()
}

/// A row as the object it stands for; an empty cell says nothing.
fn object(names: &StringRecord, row: &StringRecord) -> Value {
    let cells = names.iter().zip(row.iter()).filter(|(_, cell)| !cell.trim().is_empty());
    Value::Object(
        cells.map(|(name, cell)| (name.trim().to_owned(), Value::from(cell))).collect::<Map<_, _>>(),
    )
}

#[cfg(test)]
mod tests;
