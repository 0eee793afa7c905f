use std::io;

use shared::governance::Approvals;

use super::{listed, section};
use crate::page::{NAMED, PLAIN, Page, count};

/// Whose word plans wait for, and of whom two people decide.
pub(super) fn show(page: &mut Page<'_>, approvals: &Approvals) -> io::Result<()> {
    let approvers = approvals.approvers();
    if !approvers.is_empty() {
        let days = u64::try_from(approvals.valid_for().as_hours() / 24).unwrap_or_default();
        let valid = count(days, "day", "days");
        page.flow(2, 4, &[(PLAIN, &format!("approvals, good for {valid}, by"))])?;
        for approver in approvers {
            page.flow(4, 6, &[(NAMED, approver)])?;
        }
    }
    let platinum = approvals.platinum();
    if !platinum.is_empty() {
        let (one, many) = ("platinum principal or pattern", "platinum principals or patterns");
        section(
            page,
            platinum.len(),
            &format!("{one}, of which two people decide"),
            &format!("{many}, of which two people decide"),
        )?;
        for principal in platinum {
            listed(page, principal)?;
        }
    }
    Ok(())
}
