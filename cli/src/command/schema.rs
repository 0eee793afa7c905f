use std::io::Write;

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::json;

/// Prints the JSON Schema of the governance file, for editors
#[derive(Debug, clap::Args)]
pub(crate) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "every command is run in the same way")]
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        json(out, &shared::governance::schema())?;
        Ok(Exit::Done)
    }
}
