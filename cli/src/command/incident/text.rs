use std::io::Write;

use serde_json::Value;

use super::Planned;
use super::order::Given;
use super::timeline::{ChainFound, Kind, Timeline};
use crate::error::CliError;
use crate::page::{CAREFUL, FAINT, GOOD, PLAIN, Page, STRONG, WRONG};

/// Shows the plan first, then how to act, then the timeline.
pub(super) fn show(out: &mut dyn Write, planned: &Planned) -> Result<(), CliError> {
    let mut page = Page::new(out);
    let key = planned.key.as_ref().map(|key| format!("access key {key} of ")).unwrap_or_default();
    page.flow(0, 2, &[(FAINT, "● "), (STRONG, &format!("{key}{}", planned.principal))])?;
    let played = format!("as of {}, played on a copy of the account; nothing is changed", planned.at);
    page.flow(2, 4, &[(FAINT, &played)])?;
    page.heading("What would be done")?;
    match &planned.plan {
        Some(plan) => plan.show(&mut page)?,
        None => page.flow(4, 6, &[(GOOD, "✓ "), (PLAIN, "all that can be done is done already")])?,
    }
    for unread in planned.plan.iter().flat_map(|plan| &plan.unread) {
        page.flow(4, 6, &[(CAREFUL, "? "), (PLAIN, unread)])?;
    }
    if !planned.costs.is_empty() {
        page.heading("What stops")?;
        for cost in &planned.costs {
            page.flow(4, 6, &[(PLAIN, "- "), (PLAIN, cost)])?;
        }
    }
    page.heading("To do it")?;
    match &planned.plan {
        Some(plan) if plan.acts() => {
            let who = "Whoever may invoke the function gives the order; it reads, plans and guards anew:";
            page.flow(4, 4, &[(PLAIN, who)])?;
        }
        Some(_) => {
            let why = "The function would refuse the order for the reason above, or has nothing to do.";
            let not_written = if planned.not_written { " No order was written." } else { "" };
            let not_given = if planned.not_given { " No order is given." } else { "" };
            page.flow(4, 4, &[(CAREFUL, why), (CAREFUL, not_written), (CAREFUL, not_given)])?;
        }
        None if planned.act.order.threat.is_some() => {
            let kept = "Given all the same, the order changes nothing; that a threat stands against it is written down:";
            page.flow(4, 4, &[(PLAIN, kept)])?;
        }
        None => page.flow(4, 4, &[(PLAIN, "Given all the same, the order changes nothing:")])?,
    }
    page.gap()?;
    // Not wrapped, for it is copied.
    for line in planned.act.command.lines() {
        writeln!(out, "    {line}")?;
    }
    let mut page = Page::new(out);
    page.gap()?;
    let undo = match &planned.plan {
        Some(_) => "The answer names the journal entry; `restore` undoes it, but for what is gone for good.",
        None => "`restore` undoes the entries that contain it, but for what is gone for good.",
    };
    let by_two = planned.act.order.threat.is_some() && planned.not_undone.is_none();
    let by_two = if by_two { " It waits for a second person's word." } else { "" };
    page.flow(4, 4, &[(FAINT, undo), (FAINT, by_two)])?;
    if let Some(why) = planned.not_undone {
        page.flow(4, 6, &[(CAREFUL, "! "), (PLAIN, why)])?;
    }
    if let Some(timeline) = &planned.timeline {
        history(&mut page, timeline)?;
    }
    Ok(())
}

/// Shows what came of the order.
pub(super) fn answered(out: &mut dyn Write, given: &Given) -> Result<(), CliError> {
    let mut page = Page::new(out);
    page.heading("What was done")?;
    let text = |name: &str| given.answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let (sign, style) = if given.contained { ("✓ ", GOOD) } else { ("✗ ", WRONG) };
    let entry = match text("journalId") {
        "" => String::new(),
        id => format!(", entry {id}"),
    };
    page.flow(4, 6, &[(style, sign), (PLAIN, &format!("{}{entry}", text("status")))])?;
    for why in ["why", "refusal"].map(text).into_iter().filter(|why| !why.is_empty()) {
        page.flow(6, 6, &[(PLAIN, why)])?;
    }
    let steps = given.answer.get("steps").and_then(Value::as_array);
    for step in steps.into_iter().flatten() {
        let of = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
        page.flow(6, 8, &[(PLAIN, of("step")), (FAINT, &format!(": {}", of("result")))])?;
    }
    for name in ["left", "lost", "workloads", "sessions"] {
        let lines = given.answer.get(name).and_then(Value::as_array);
        for line in lines.into_iter().flatten().filter_map(Value::as_str) {
            page.flow(6, 8, &[(CAREFUL, &format!("{name}: ")), (PLAIN, line)])?;
        }
    }
    if !given.contained {
        let next = "It is not contained, as far as the function says: see why, and give the order again.";
        page.flow(4, 4, &[(CAREFUL, next)])?;
    }
    Ok(())
}

fn history(page: &mut Page<'_>, timeline: &Timeline) -> Result<(), CliError> {
    page.heading("What was seen and done")?;
    match &timeline.chain {
        ChainFound::Whole(head) => {
            page.flow(4, 6, &[(GOOD, "✓ "), (FAINT, &format!("the journal's chain is whole, head {head}"))])?;
        }
        ChainFound::Broken(why) => {
            let text = format!("the journal's chain is broken, so this may not be true: {why}");
            page.flow(4, 6, &[(WRONG, "✗ "), (PLAIN, &text)])?;
        }
        ChainFound::Absent => {
            page.flow(4, 6, &[(CAREFUL, "? "), (PLAIN, "there is no journal in the file")])?;
        }
    }
    if timeline.events.is_empty() {
        page.flow(4, 6, &[(PLAIN, "nothing about it is in the file")])?;
    }
    for event in &timeline.events {
        let (style, word) = match event.kind {
            Kind::Seen => (WRONG, "seen     "),
            Kind::Planned => (FAINT, "planned  "),
            Kind::Done => (GOOD, "done     "),
            Kind::Failed => (CAREFUL, "not done "),
        };
        page.flow(4, 6, &[(PLAIN, &format!("{}  ", event.at)), (style, word), (PLAIN, &event.what)])?;
    }
    Ok(())
}
