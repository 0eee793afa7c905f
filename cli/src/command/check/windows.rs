use std::io;

use jiff::{SignedDuration, Timestamp};
use shared::governance::ChangeWindows;

use crate::page::{CAREFUL, FAINT, NAMED, PLAIN, Page, count};

/// How far sweeps are apart, unless the stack's parameter `SweepHours` says otherwise.
const SWEEPS_APART: SignedDuration = SignedDuration::from_hours(6);

/// When rules may act, and which window no sweep may fall into: those find again what had to wait.
pub(super) fn show(page: &mut Page<'_>, windows: &ChangeWindows, now: Timestamp) -> io::Result<()> {
    let by = format!("rules, but for those that answer threats, act by the clock of {} on", windows.zone());
    page.flow(2, 4, &[(PLAIN, &by)])?;
    for (window, open) in windows.windows() {
        let long = format!("  {}", spelled(open));
        page.flow(4, 6, &[(NAMED, &window.to_string()), (FAINT, &long)])?;
        if open < SWEEPS_APART {
            let missed = format!(
                "sweeps are {} apart unless the stack's `SweepHours` says otherwise, so it may be that none falls into it \
                 and nothing is done",
                spelled(SWEEPS_APART)
            );
            page.flow(6, 8, &[(CAREFUL, "! "), (PLAIN, &missed)])?;
        }
    }
    let closed: Vec<String> = windows.closed().map(|day| day.to_string()).collect();
    if !closed.is_empty() {
        page.flow(4, 6, &[(PLAIN, &format!("and not on {}", closed.join(", ")))])?;
    }
    if !windows.is_open(now) && windows.next_opening(now).is_none() {
        page.flow(4, 6, &[(CAREFUL, "! "), (PLAIN, "none of these opens within a year: no rule acts")])?;
    }
    Ok(())
}

fn spelled(open: SignedDuration) -> String {
    let (hours, minutes) = (open.as_hours().unsigned_abs(), (open.as_mins() % 60).unsigned_abs());
    let hours = (hours > 0).then(|| count(hours, "hour", "hours"));
    let minutes = (minutes > 0).then(|| count(minutes, "minute", "minutes"));
    hours.into_iter().chain(minutes).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_are_as_far_apart_as_the_stack_says_by_itself() {
        let template = include_str!("../../../../template.yaml");
        let hours = SWEEPS_APART.as_hours();
        assert!(template.contains(&format!("  SweepHours:\n    Type: String\n    Default: \"{hours}\"\n")));
    }

    #[test]
    fn a_time_is_spelled_in_hours_and_minutes() {
        let told = [30, 60, 150, 420].map(|minutes| spelled(SignedDuration::from_mins(minutes)));
        assert_eq!(told, ["30 minutes", "1 hour", "2 hours 30 minutes", "7 hours"]);
    }
}
