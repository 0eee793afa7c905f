use std::io::Write;

use serde_json::{Map, Value, json};
use shared::engine::Function;

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Format, json as write_json};
use crate::page::{FAINT, GOOD, NAMED, PLAIN, Page, WRONG};

/// Lists the IAM actions each Lambda function can call
#[derive(Debug, clap::Args)]
pub(crate) struct Permissions {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Permissions {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        match self.format {
            Format::Json => write_json(out, &document())?,
            Format::Text => text(&mut Page::new(out))?,
        }
        Ok(Exit::Done)
    }
}

fn actions(function: Function) -> (Vec<&'static str>, Vec<&'static str>) {
    let permissions = function.permissions();
    let mut reads: Vec<&str> = permissions.reads.iter().map(|read| read.action()).collect();
    let mut writes: Vec<&str> = permissions.writes.iter().map(|write| write.action()).collect();
    reads.sort_unstable();
    writes.sort_unstable();
    (reads, writes)
}

fn document() -> Value {
    let functions: Map<String, Value> = Function::all()
        .map(|function| {
            let (reads, writes) = actions(function);
            (function.to_string(), json!({ "reads": reads, "writes": writes }))
        })
        .collect();
    json!({ "functions": functions })
}

fn text(page: &mut Page<'_>) -> Result<(), CliError> {
    for function in Function::all() {
        let (reads, writes) = actions(function);
        page.flow(0, 0, &[(NAMED, function.as_str())])?;
        if reads.is_empty() && writes.is_empty() {
            page.flow(2, 2, &[(GOOD, "no IAM action at all")])?;
        }
        if !reads.is_empty() {
            page.flow(2, 10, &[(FAINT, "reads   "), (PLAIN, &reads.join(", "))])?;
        }
        if !writes.is_empty() {
            page.flow(2, 10, &[(WRONG, "writes  "), (PLAIN, &writes.join(", "))])?;
        }
    }
    Ok(())
}
