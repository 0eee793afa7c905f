use std::io::{self, Write};

use jiff::Timestamp;
use shared::governance::{Exemption, Governance, Listed, Mode, RuleSetting};
use shared::rules::{Entry, RULES};

use super::rules::{column, told};
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Input;
use crate::local;
use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, STRONG, Span, count};
use crate::report::{Exempted, exemptions};

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
            rule(page, entry, governance.rule(entry.meta.id))?;
        }
        principals(page, &governance)?;
        if let Some(organization) = governance.organization() {
            section(page, 1, "organisation", "organisations")?;
            page.flow(4, 4, &[(PLAIN, organization.as_str())])?;
        }
        let trusted: Vec<&str> =
            governance.trusted().iter().map(shared::identifier::AccountId::as_str).collect();
        if !trusted.is_empty() {
            section(page, trusted.len(), "trusted account", "trusted accounts")?;
            page.flow(4, 4, &[(PLAIN, &trusted.join(", "))])?;
        }
        let all = Exempted::all(&governance, Timestamp::now(), Exemption::NOTICE_DAYS, None);
        exemptions(page, 2, &all)?;
        Ok(Exit::Done)
    }
}

/// A rule's mode, and what of its parameters is not as it ships.
fn rule(page: &mut Page<'_>, entry: &Entry, setting: &RuleSetting) -> io::Result<()> {
    let mode: Span<'_> = match setting.mode {
        _ if !setting.enabled => (FAINT, "off"),
        Mode::Audit => (PLAIN, "audit"),
        Mode::Notify => (CAREFUL, "notify"),
        Mode::Enforce => (CAREFUL, "enforce"),
    };
    let parameters = setting.rule.parameters();
    let changed: Vec<String> = entry
        .parameters
        .iter()
        .filter_map(|parameter| {
            let value = parameters.get(parameter.name)?;
            let default = parameter.default_value();
            (setting.enabled && *value != default)
                .then(|| format!("{} {} (default {})", parameter.name, told(value), told(&default)))
        })
        .collect();
    let id = column(entry.meta.id.as_str());
    let gap = " ".repeat(if changed.is_empty() { 0 } else { 9_usize.saturating_sub(mode.1.len()) });
    page.flow(2, 11 + id.len(), &[(NAMED, &id), mode, (PLAIN, &gap), (PLAIN, &changed.join(", "))])
}

/// Who is never changed.
fn principals(page: &mut Page<'_>, governance: &Governance) -> io::Result<()> {
    let (break_glass, protected): (Vec<_>, Vec<_>) =
        governance.listed().iter().partition(|listed| listed.break_glass);
    section(page, protected.len(), "protected principal or pattern", "protected principals or patterns")?;
    for one in protected {
        listed(page, one)?;
    }
    section(
        page,
        break_glass.len(),
        "break-glass principal or pattern",
        "break-glass principals or patterns",
    )?;
    for one in break_glass {
        listed(page, one)?;
    }
    Ok(())
}

fn section(page: &mut Page<'_>, number: usize, one: &str, many: &str) -> io::Result<()> {
    page.flow(2, 2, &[(PLAIN, &count(number as u64, one, many))])
}

fn listed(page: &mut Page<'_>, listed: &Listed) -> io::Result<()> {
    page.flow(4, 6, &[(NAMED, &listed.principal), (FAINT, &format!("  {}", listed.reason))])?;
    if let Some(whom) = listed.covers() {
        let wide = format!("that is {whom}: whatever the rules find there, nothing is done about it");
        page.flow(6, 8, &[(CAREFUL, "! "), (PLAIN, &wide)])?;
    }
    Ok(())
}
