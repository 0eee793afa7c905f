use std::io::Write;

use super::Look;
use crate::error::CliError;
use crate::exit::{CODES, Exit};
use crate::page::{CAREFUL, FAINT, GOOD, NAMED, PLAIN, Page, STRONG, count};

/// Checks the exemptions and says which somebody has to see to
///
/// Those that lapse soon or have just lapsed without another taking over, those that exempt nothing, and, with an account,
/// those that name nobody in it. Exit code 3 where there is any.
#[derive(Debug, clap::Args)]
#[command(after_help = CODES)]
pub(super) struct Check {
    #[command(flatten)]
    look: Look,
}

impl Check {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let all = self.look.exemptions()?;
        let page = &mut Page::new(out);
        let noted: Vec<_> = all.iter().filter(|one| !one.notes.is_empty()).collect();
        let number = count(all.len() as u64, "exemption", "exemptions");
        if noted.is_empty() {
            let rest = format!(" with {number}, none of which needs anybody now");
            page.flow(0, 0, &[(GOOD, "✓ "), (STRONG, &self.look.governance.to_string()), (PLAIN, &rest)])?;
            return Ok(Exit::Done);
        }
        let verb = if noted.len() == 1 { "needs" } else { "need" };
        let heading = format!("{} of {number} {verb} somebody:", noted.len());
        page.flow(0, 2, &[(CAREFUL, "! "), (STRONG, &heading)])?;
        for one in noted {
            let who = format!("  {}", one.names);
            page.flow(
                2,
                6,
                &[(FAINT, &format!("{}  ", one.entry)), (NAMED, one.rule.as_str()), (PLAIN, &who)],
            )?;
            page.flow(6, 8, &[(CAREFUL, &one.notes.join("; "))])?;
            page.flow(6, 8, &[(FAINT, &format!("{}, owner {}", one.ticket, one.owner))])?;
        }
        Ok(Exit::Findings)
    }
}
