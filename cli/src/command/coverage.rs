use std::io::Write;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use shared::coverage::{Framework, ItemCoverage, Status, section};

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Layout, json};
use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, STRONG, Style, WRONG};

/// Says which items of a framework the rules cover
///
/// Manual items, and those that no rule covers yet, are named as such. docs/coverage.md has all of the tables, and says
/// what the JSON holds.
#[derive(Debug, clap::Args)]
pub(crate) struct Coverage {
    /// The framework
    #[arg(value_parser = PossibleValuesParser::new(Framework::ALL.map(Framework::as_str))
        .try_map(|name| Framework::parse(&name).ok_or("no such framework")))]
    framework: Framework,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
}

impl Coverage {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        match self.format {
            Layout::Text => text(&mut Page::new(out), self.framework)?,
            Layout::Json => json(out, &self.framework.coverage())?,
            Layout::Markdown => write!(out, "{}", section(self.framework))?,
        }
        Ok(Exit::Done)
    }
}

/// The column at which an item begins.
const ITEM: usize = 13;

fn text(page: &mut Page<'_>, framework: Framework) -> Result<(), CliError> {
    let coverage = framework.coverage();
    page.flow(0, 0, &[(STRONG, coverage.title)])?;
    page.gap()?;
    for item in &coverage.items {
        line(page, item)?;
    }
    page.gap()?;
    page.flow(0, 0, &[(PLAIN, &coverage.summary.to_string())])?;
    Ok(())
}

fn line(page: &mut Page<'_>, item: &ItemCoverage) -> Result<(), CliError> {
    let status = format!("{:<ITEM$}", item.status.as_str());
    let id = format!("{:<11}", item.id);
    // An identifier of AWS Config fills most of a line.
    let gap = if item.id.len() < id.len() { "" } else { "  " };
    let title = format!("{gap}{}", item.title);
    page.flow(0, ITEM + 2, &[(style(item.status), &status), (STRONG, &id), (PLAIN, &title)])?;
    if !item.rules.is_empty() {
        let rules: Vec<&str> = item.rules.iter().map(|rule| rule.as_str()).collect();
        page.flow(ITEM + 2, ITEM + 2, &[(NAMED, &rules.join(", "))])?;
    }
    let settings = item.settings.iter().map(ToString::to_string);
    for said in settings.chain(item.note()).chain(item.person.map(str::to_owned)) {
        page.flow(ITEM + 2, ITEM + 2, &[(FAINT, &said)])?;
    }
    Ok(())
}

fn style(status: Status) -> Style {
    match status {
        Status::Covered => GOOD,
        Status::PartlyCovered => CAREFUL,
        Status::NotCovered => WRONG,
        Status::Manual | Status::NotCounted => FAINT,
    }
}
