use std::io;

use shared::governance::{Limits, OrganizationLimits, SharedLimits};

use crate::page::{CAREFUL, NAMED, PLAIN, Page, count};

/// How much the rules may do, named or not, and which of it is nothing.
pub(super) fn show(page: &mut Page<'_>, limits: &Limits) -> io::Result<()> {
    let Limits { per_sweep, per_hour, per_day, per_resource_and_day, .. } = *limits;
    let acts = count(per_sweep.into(), "act", "acts");
    let shares: Vec<String> = [
        (limits.share_per_sweep, "a sweep"),
        (limits.share_per_hour, "an hour"),
        (limits.share_per_day, "a day"),
    ]
    .into_iter()
    .filter(|(percent, _)| *percent < 100)
    .map(|(percent, of)| format!("{percent}% {of}"))
    .collect();
    let shares = match listed(&shares) {
        None => String::new(),
        Some(shares) => format!("; of the users and roles {shares}"),
    };
    let own = format!(
        "limits: {acts} a sweep, {per_hour} an hour, {per_day} a day and {per_resource_and_day} a day on one resource{shares}"
    );
    page.flow(2, 4, &[(PLAIN, &own)])?;
    shared(page, limits.organization)?;
    let none = limits.of_nothing();
    if let Some(keys) = listed(&none) {
        let are = if none.len() == 1 { "is" } else { "are" };
        let mut comes = format!(" {are} 0: no rule ever does anything");
        // What one resource may take stops nothing else.
        if none.iter().any(|key| key != "actsPerResourceAndDay") {
            comes.push_str(
                ", and the first thing that one would do stops everything until a person has looked",
            );
        }
        page.flow(4, 6, &[(CAREFUL, "! "), (PLAIN, "limits: "), (NAMED, &keys), (PLAIN, &comes)])?;
    }
    Ok(())
}

/// `a, b and c`.
fn listed(each: &[String]) -> Option<String> {
    match each.split_last()? {
        (last, []) => Some(last.clone()),
        (last, before) => Some(format!("{} and {last}", before.join(", "))),
    }
}

/// What may be done in all accounts together, and what that hangs on: which the file cannot know.
fn shared(page: &mut Page<'_>, limits: OrganizationLimits) -> io::Result<()> {
    if limits.names_none() {
        return Ok(());
    }
    let SharedLimits { per_hour, per_day, share_per_hour, share_per_day } = limits.in_force();
    let acts = |most: Option<u32>, of| Some(format!("{} {of}", count(most?.into(), "act", "acts")));
    let share = |percent: Option<u32>, of| Some(format!("{}% of the users and roles {of}", percent?));
    let each = [
        acts(per_hour, "an hour"),
        acts(per_day, "a day"),
        share(share_per_hour, "an hour"),
        share(share_per_day, "a day"),
    ];
    let each: Vec<String> = each.into_iter().flatten().collect();
    let most = listed(&each).unwrap_or_else(|| "no limit".to_owned());
    let together = format!("{most} in all accounts together");
    page.flow(2, 4, &[(PLAIN, &together)])?;
    let hangs = "nothing is enforced by a stack that has not been given their table: see its parameter ";
    page.flow(4, 6, &[(CAREFUL, "! "), (PLAIN, hangs), (NAMED, "OrganizationTable")])
}
