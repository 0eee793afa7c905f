use std::io;

use shared::governance::{TooWide, Unmatched};

use crate::page::{CAREFUL, NAMED, PLAIN, Page, count};

/// Warns of entries of the governance file that protect everybody.
pub(crate) fn too_wide(page: &mut Page<'_>, entries: &[TooWide]) -> io::Result<()> {
    for TooWide { entry, names, protects } in entries {
        let wide = format!(" protects {protects}: whatever the rules find there, nothing is done about it");
        page.flow(0, 2, &[(CAREFUL, "! "), (NAMED, entry), (PLAIN, &format!(" ({names})")), (PLAIN, &wide)])?;
    }
    if entries.is_empty() { Ok(()) } else { page.gap() }
}

/// Warns of entries of the governance file that name nobody in the account.
pub(crate) fn unmatched(page: &mut Page<'_>, entries: &[Unmatched]) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let number = count(entries.len() as u64, "entry", "entries");
    let verb = if entries.len() == 1 { "names" } else { "name" };
    let heading = format!("{number} of the governance file {verb} nobody in this account:");
    page.flow(0, 2, &[(CAREFUL, "! "), (PLAIN, &heading)])?;
    for entry in entries {
        let place = format!("{:<16}", entry.entry);
        page.flow(4, 20, &[(NAMED, &place), (PLAIN, &entry.names), (PLAIN, &format!(": {}", entry.why))])?;
    }
    page.gap()
}
