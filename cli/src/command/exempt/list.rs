use std::io::Write;

use super::Look;
use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Layout, json};
use crate::page::Page;
use crate::report::{exemptions, markdown};

/// Lists every exemption: those that lapse soon first, those that have lapsed last
#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    look: Look,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
}

impl List {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let all = self.look.exemptions()?;
        match self.format {
            Layout::Text => exemptions(&mut Page::new(out), 0, &all)?,
            Layout::Json => json(out, &all)?,
            Layout::Markdown => write!(out, "{}", markdown(&all))?,
        }
        Ok(Exit::Done)
    }
}
