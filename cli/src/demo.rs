mod attack;
mod expectations;
mod guards;
mod seen;
mod story;

use std::io::Write;

use shared::governance::{Governance, Mode};
use shared::rules::RULES;
use sim::{AccountFile, Local};

use crate::error::CliError;
use crate::exit::Exit;
use crate::local;
use crate::page::{CAREFUL, FAINT, GOOD, PLAIN, Page, STRONG, Span, WRONG, count};
use expectations::EXPECTATIONS;
use seen::Seen;

const ACCOUNT: &str = include_str!("../demo/account.json");
const GOVERNANCE: &str = include_str!("../demo/governance.yaml");

/// Shows Bailiff at work on a simulated account
///
/// Events come in, violations are put right, guards hold, one change is undone.
/// All of it happens in memory. At the end what happened is held against what had
/// to happen; exit code 1 says that something of it did not.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Demo {}

impl Demo {
    #[expect(clippy::unused_self, reason = "every command is run in the same way")]
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let local = deployed(GOVERNANCE)?;
        let page = &mut Page::new(out);
        introduce(page, &local)?;
        let seen = story::tell(page, &local)?;
        conclude(page, &seen)
    }
}

/// Bailiff in the demo's account, under this governance.
fn deployed(governance: &str) -> Result<Local, CliError> {
    let account = AccountFile::parse(ACCOUNT)
        .map_err(|source| CliError::Account { name: "cli/demo/account.json".to_owned(), source })?;
    let governance = Governance::parse(governance)
        .map_err(|source| CliError::Governance { name: "cli/demo/governance.yaml".to_owned(), source })?;
    local::deploy(account, governance)
}

fn introduce(page: &mut Page<'_>, local: &Local) -> Result<(), CliError> {
    let account = local.world.account();
    page.flow(0, 0, &[(STRONG, &format!("Larkfield Logistics, AWS account {}", account.account))])?;
    let principals = format!(
        "{} users and {} roles, all simulated; the engine is the one that the Lambda functions run.",
        account.users.len(),
        account.roles.len()
    );
    page.flow(0, 0, &[(PLAIN, &principals)])?;
    let in_mode =
        |mode| RULES.iter().filter(|entry| local.governance.rule(entry.meta.id).mode == mode).count() as u64;
    let modes = format!(
        "{} {}, {} in notify mode, {} in audit mode.",
        count(RULES.len() as u64, "rule:", "rules:"),
        count(in_mode(Mode::Enforce), "enforced", "enforced"),
        in_mode(Mode::Notify),
        in_mode(Mode::Audit)
    );
    page.flow(0, 0, &[(PLAIN, &modes)])?;
    page.gap()?;
    let legend: [(usize, Span<'_>, &str); 7] = [
        (2, (WRONG, "✗"), "breaks a rule; below it stands what came of that:"),
        (4, (GOOD, "done"), "changed in IAM, and read back to be sure"),
        (4, (CAREFUL, "planned"), "written down only, as the rule's mode says"),
        (4, (CAREFUL, "refused"), "a guard said no to what it otherwise `would` have done"),
        (4, (CAREFUL, "left"), "to people, on purpose"),
        (4, (CAREFUL, "unknown"), "a fact could not be read, so nothing was done"),
        (2, (CAREFUL, "–"), "exempt, for as long as the governance file says"),
    ];
    for (indent, (style, label), meaning) in legend {
        let width = if indent == 2 { 2 } else { 10 };
        page.flow(indent, 14, &[(style, &format!("{label:<width$}")), (FAINT, meaning)])?;
    }
    Ok(())
}

/// Holds what happened against what had to.
fn conclude(page: &mut Page<'_>, seen: &Seen) -> Result<Exit, CliError> {
    page.heading("What had to happen")?;
    let mut failed = Vec::new();
    for expectation in EXPECTATIONS {
        let mark: Span<'_> = if (expectation.holds)(seen) {
            (GOOD, "✓ ")
        } else {
            failed.push(expectation.what);
            (WRONG, "✗ ")
        };
        page.flow(2, 4, &[mark, (PLAIN, expectation.what)])?;
    }
    page.gap()?;
    seen.tally.show(page)?;
    let writes = seen.calls.iam_writes() as u64;
    let numbers = format!(
        "{} and {} of IAM, all in memory.",
        count(seen.calls.iam_reads() as u64, "read", "reads"),
        count(writes, "write", "writes")
    );
    page.flow(0, 0, &[(PLAIN, &numbers)])?;
    if failed.is_empty() {
        page.flow(0, 0, &[(GOOD, "All of it happened as it must.")])?;
        return Ok(Exit::Done);
    }
    let lost = format!("{} of {} did not happen as they must: ", failed.len(), EXPECTATIONS.len());
    page.flow(0, 2, &[(WRONG, &lost), (PLAIN, &failed.join("; "))])?;
    Ok(Exit::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(governance: &str) -> Vec<&'static str> {
        let local = deployed(governance).unwrap();
        let mut out = Vec::new();
        let seen = story::tell(&mut Page::new(&mut out), &local).unwrap();
        EXPECTATIONS
            .iter()
            .filter(|expected| !(expected.holds)(&seen))
            .map(|expected| expected.what)
            .collect()
    }

    #[test]
    fn under_its_own_governance_all_expectations_hold() {
        assert_eq!(failing(GOVERNANCE), Vec::<&str>::new());
    }

    #[test]
    fn an_expectation_fails_when_a_guard_is_taken_away() {
        let without_break_glass = GOVERNANCE.replace("user/emergency/", "user/elsewhere/");
        assert_eq!(failing(&without_break_glass).first(), Some(&"break-glass users are as they were"));
        let without_exemptions = GOVERNANCE.replace("user/service/", "user/elsewhere/");
        assert!(
            failing(&without_exemptions)
                .contains(&"exempt users keep their policies until the exemption ends")
        );
        let without_mercy = GOVERNANCE.replace("spareUsedWithin: 7", "spareUsedWithin: 0");
        assert!(failing(&without_mercy).contains(&"a key in use is left to people, however old"));
    }

    #[test]
    fn a_missed_expectation_is_named_and_ends_in_exit_code_1() {
        let local = deployed(&GOVERNANCE.replace("mode: enforce", "mode: audit")).unwrap();
        let mut out = Vec::new();
        let page = &mut Page::new(&mut out);
        let seen = story::tell(page, &local).unwrap();
        assert_eq!(conclude(page, &seen).unwrap(), Exit::Broken);
        let shown = String::from_utf8(out).unwrap();
        let last = shown.rsplit("did not happen as they must").next().unwrap();
        assert!(
            last.contains("a leaver is suspended") || last.contains("inline policies that events told of")
        );
    }

    #[test]
    fn in_audit_mode_the_expected_changes_are_missed() {
        let only_watching = GOVERNANCE.replace("mode: enforce", "mode: audit");
        assert!(failing(&only_watching).contains(&"inline policies that events told of are gone"));
    }
}
