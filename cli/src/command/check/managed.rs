use std::io;

use shared::governance::Managed;

use crate::page::{FAINT, NAMED, PLAIN, Page};

/// What other automation makes, where the file says more of it than is so anyhow.
pub(super) fn show(page: &mut Page<'_>, managed: &Managed) -> io::Result<()> {
    if !managed.cloud_formation() {
        let stacks = "what CloudFormation's stacks make is changed as everything else is";
        page.flow(2, 4, &[(PLAIN, stacks)])?;
    }
    if !managed.automations().is_empty() {
        page.flow(2, 4, &[(PLAIN, "what other automation makes is proposed a change, and let be")])?;
    }
    for automation in managed.automations() {
        let by = format!("  {}: {}", automation.by, automation.reason);
        page.flow(4, 6, &[(NAMED, &automation.resource), (FAINT, &by)])?;
    }
    Ok(())
}
