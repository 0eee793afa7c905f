mod approvals;
mod directory;
mod limits;
mod managed;
mod windows;

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use shared::governance::{DigestEvery, Exemption, Governance, Listed, Mode, Notices, RuleSetting};
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
        let for_good = governance.undone_by_nobody();
        if !for_good.is_empty() {
            let rules: Vec<&str> = for_good.iter().map(|rule| rule.as_str()).collect();
            let acts = if rules.len() == 1 { "acts" } else { "act" };
            let text = format!(
                "{} {acts} on threats, and nobody may approve that it is undone: name `approvals.approvers`, or each undo \
                 waits for a new deployment",
                rules.join(", ")
            );
            page.flow(2, 4, &[(CAREFUL, "! "), (PLAIN, &text)])?;
        }
        principals(page, &governance)?;
        if let Some(organization) = governance.organization() {
            section(page, 1, "organisation", "organisations")?;
            page.flow(4, 4, &[(PLAIN, organization.as_str())])?;
        }
        limits::show(page, governance.limits())?;
        if let Some(windows) = governance.change_windows() {
            windows::show(page, windows, Timestamp::now())?;
        }
        approvals::show(page, governance.approvals())?;
        managed::show(page, governance.managed())?;
        if let Some(directory) = governance.directory() {
            directory::show(page, directory)?;
        }
        if let Some(notices) = governance.notices() {
            told_whom(page, notices)?;
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

/// A rule's mode, what of its parameters is not as it ships, and whom its plans wait for.
fn rule(page: &mut Page<'_>, entry: &Entry, setting: &RuleSetting) -> io::Result<()> {
    let mode: Span<'_> = match setting.mode {
        _ if !setting.enabled => (FAINT, "off"),
        Mode::Audit => (PLAIN, "audit"),
        Mode::Notify => (CAREFUL, "notify"),
        Mode::Enforce => (CAREFUL, "enforce"),
    };
    let parameters = setting.rule.parameters();
    let mut changed: Vec<String> = entry
        .parameters
        .iter()
        .filter_map(|parameter| {
            let value = parameters.get(parameter.name)?;
            let default = parameter.default_value();
            (setting.enabled && *value != default)
                .then(|| format!("{} {} (default {})", parameter.name, told(value), told(&default)))
        })
        .collect();
    if setting.enabled {
        changed.extend(setting.warnings.map(|warnings| {
            let days = |of: SignedDuration| of.as_hours() / 24;
            let (last, acts) = (days(warnings.final_after), days(warnings.act_after));
            format!("warns, again after {last} days, and acts {acts} days later")
        }));
        changed.extend((setting.approvals > 0).then(|| format!("approvals {}", setting.approvals)));
    }
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

/// Who is told of what is done, in the order in which they are looked for.
fn told_whom(page: &mut Page<'_>, notices: &Notices) -> io::Result<()> {
    page.flow(2, 2, &[(PLAIN, "notices, to the first that is found of")])?;
    for (pattern, contact) in notices.owners() {
        page.flow(4, 6, &[(NAMED, pattern), (PLAIN, &format!("  {contact}"))])?;
    }
    if notices.asks_tags() {
        let tags = notices.tags().join(", ");
        page.flow(4, 6, &[(PLAIN, "the address in the tag "), (NAMED, &tags)])?;
    }
    if notices.asks_security_contact() {
        page.flow(4, 6, &[(PLAIN, "the account's contact for security")])?;
    }
    page.flow(
        4,
        6,
        &[(PLAIN, &format!("{}, where none of them is known or can be told", notices.fallback()))],
    )?;
    let domains: Vec<&str> = notices.domains().collect();
    let (domains, from) = (domains.join(", "), notices.from());
    if let Some(from) = from {
        page.flow(4, 6, &[(PLAIN, &format!("mail comes from {from} and leaves for {domains} only"))])?;
    }
    if notices.digest() == DigestEvery::Daily {
        page.flow(4, 6, &[(PLAIN, "what changed nothing waits for the day's digest")])?;
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
