use std::io;

use shared::directory::Matcher;
use shared::governance::Directory;

use crate::page::{PLAIN, Page, count};

/// By what users are matched to people, and which list of these is refused.
pub(super) fn show(page: &mut Page<'_>, directory: &Directory) -> io::Result<()> {
    let matched = directory.match_by.iter().map(|matcher| match matcher {
        Matcher::Tag(key) => format!("the employee's id in the tag {key}"),
        Matcher::Email(key) => format!("the address in the tag {key}"),
        Matcher::Table(table) => {
            format!("a table of {}", count(table.len() as u64, "user", "users"))
        }
    });
    let matched: Vec<String> = matched.collect();
    page.flow(2, 4, &[(PLAIN, &format!("people of the directory, known by {}", matched.join(", ")))])?;
    let Directory { max_leavers, max_leavers_share, max_age_hours, minimum_share_of_last, .. } = directory;
    let hours = count((*max_age_hours).into(), "hour", "hours");
    let users = count((*max_leavers).into(), "user", "users");
    let refused = format!(
        "a list is refused that is older than {hours}, names less than {minimum_share_of_last}% of the last, or takes out \
         more than {users} or {max_leavers_share}% of them"
    );
    page.flow(4, 6, &[(PLAIN, &refused)])?;
    if directory.absent_means_left {
        page.flow(4, 6, &[(PLAIN, "whoever is not on it has left")])?;
    }
    Ok(())
}
