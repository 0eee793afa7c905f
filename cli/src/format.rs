use std::io::Write;

use serde::Serialize;

use crate::error::CliError;

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// How a page is written that the repository holds, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Layout {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// As the repository's `docs` have it.
    Markdown,
}

/// Writes one JSON document and a line end.
pub(crate) fn json(out: &mut dyn Write, document: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(document)?;
    writeln!(out, "{text}")?;
    Ok(())
}
