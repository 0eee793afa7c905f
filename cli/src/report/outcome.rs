use std::io;

use shared::engine::Outcome;
use shared::governance::Mode;
use shared::remedy::{Entry, Refusal, Status, Step, StepResult, old_sessions, workloads_of};

use crate::page::{CAREFUL, FAINT, GOOD, PLAIN, Page, Span, Style, WRONG};

/// The column at which the words after a label begin.
const LABELLED: usize = 14;

/// Says what came of a finding or an order.
pub(crate) fn outcome(page: &mut Page<'_>, outcome: &Outcome) -> io::Result<()> {
    match outcome {
        Outcome::NothingToDo { why, .. } => labelled(page, (FAINT, "nothing"), why),
        Outcome::Journaled { entry, .. } => journaled(page, entry),
    }
}

fn journaled(page: &mut Page<'_>, entry: &Entry) -> io::Result<()> {
    if let Some(refusal) = &entry.refusal {
        refused(page, refusal)?;
    }
    if entry.outcomes.is_empty() {
        let label = if entry.refusal.is_some() { (FAINT, "would") } else { (CAREFUL, "planned") };
        let told = entry.refusal.is_none() && entry.mode == Mode::Notify;
        let note = if told { "; a notice was sent" } else { "" };
        for step in &entry.plan.steps {
            labelled(page, label, &format!("{step}{note}"))?;
        }
    }
    for done in &entry.outcomes {
        if let Some(step) = entry.plan.steps.get(done.index) {
            step_result(page, step, &done.result)?;
        }
    }
    if let Some(step) = entry.attempted().and_then(|index| entry.plan.steps.get(index)) {
        labelled(page, (WRONG, "unknown"), &format!("{step}: a function died over it"))?;
    }
    let said_already = matches!(entry.refusal, Some(Refusal::LeftToPeople { .. }));
    for left in entry.plan.left.iter().filter(|_| !said_already) {
        labelled(page, (CAREFUL, "left"), left)?;
    }
    for lost in &entry.lost {
        labelled(page, (CAREFUL, "lost"), lost)?;
    }
    for workload in workloads_of(entry) {
        labelled(page, (FAINT, "workload"), &workload)?;
    }
    for session in old_sessions(entry) {
        labelled(page, (FAINT, "sessions"), &session)?;
    }
    if entry.status == Status::Open {
        labelled(page, (WRONG, "open"), "it is not finished")?;
    }
    Ok(())
}

fn step_result(page: &mut Page<'_>, step: &Step, result: &StepResult) -> io::Result<()> {
    match result {
        StepResult::Verified => labelled(page, (GOOD, "done"), &step.to_string()),
        StepResult::AlreadyDone => labelled(page, (FAINT, "was so"), &step.to_string()),
        // Said above the steps.
        StepResult::Refused { .. } => labelled(page, (CAREFUL, "stopped"), &format!("before: {step}")),
        StepResult::Failed { why, .. } => labelled(page, (WRONG, "failed"), &format!("{step}: {why}")),
        StepResult::Unknown { why } => labelled(page, (WRONG, "unknown"), &format!("{step}: {why}")),
    }
}

/// Says why nothing was done.
fn refused(page: &mut Page<'_>, refusal: &Refusal) -> io::Result<()> {
    match refusal {
        Refusal::LeftToPeople { what } => {
            for what in what {
                labelled(page, (CAREFUL, "left"), what)?;
            }
            Ok(())
        }
        Refusal::UnknownFact { unread } => {
            labelled(page, (CAREFUL, "unknown"), &format!("{unread}; nothing is changed on a guess"))
        }
        other => labelled(page, (CAREFUL, "refused"), &other.to_string()),
    }
}

fn labelled(page: &mut Page<'_>, label: Span<'_>, text: &str) -> io::Result<()> {
    let (style, label): (Style, &str) = label;
    page.flow(4, LABELLED, &[(style, &format!("{label:<width$}", width = LABELLED - 4)), (PLAIN, text)])
}
