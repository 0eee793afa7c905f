use std::io::Write;

use jiff::Timestamp;
use shared::governance::{Governance, Mode};
use shared::rules::RULES;

use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Input;
use crate::local;
use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, STRONG, Span, count};

/// Checks a governance file and says what it puts in force
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The governance file; `-` for standard input
    #[arg(default_value = "governance/governance.yaml")]
    file: Input,
}

impl Check {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let governance = local::governance(Some(&self.file))?;
        let page = &mut Page::new(out);
        page.flow(0, 0, &[(GOOD, "✓ "), (STRONG, &self.file.to_string()), (PLAIN, " is taken as it is")])?;
        for entry in RULES {
            let setting = governance.rule(entry.meta.id);
            let mode: Span<'_> = match setting.mode {
                _ if !setting.enabled => (FAINT, "off"),
                Mode::Audit => (PLAIN, "audit"),
                Mode::Notify => (CAREFUL, "notify"),
                Mode::Enforce => (CAREFUL, "enforce"),
            };
            page.flow(2, 2, &[(NAMED, &format!("{:<26}", entry.meta.id.as_str())), mode])?;
        }
        exceptions(page, &governance)
    }
}

fn exceptions(page: &mut Page<'_>, governance: &Governance) -> Result<Exit, CliError> {
    let protected = governance.protected().len() as u64;
    page.flow(
        2,
        2,
        &[(PLAIN, &count(protected, "protected principal or pattern", "protected principals or patterns"))],
    )?;
    let exemptions = governance.exemptions();
    page.flow(2, 2, &[(PLAIN, &count(exemptions.len() as u64, "exemption", "exemptions"))])?;
    let now = Timestamp::now();
    for exemption in exemptions.iter().filter(|exemption| !exemption.in_force(now)) {
        let expired = format!(
            "{} of {} from {} expired at {}; the finding is back",
            exemption.ticket, exemption.subject, exemption.rule, exemption.expires
        );
        page.flow(4, 6, &[(CAREFUL, "! "), (PLAIN, &expired)])?;
    }
    Ok(Exit::Done)
}
