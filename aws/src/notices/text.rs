//! What people are told of a journal entry, in plain words. No policy's text, no full key id.

use std::fmt::Write as _;

use serde_json::json;
use shared::governance::Mode;
use shared::remedy::chain::Head;
use shared::remedy::{Cause, Entry, Remediator, Status, StepResult, undo};

use shared::masked::Masked;

/// What is told of a step over which a worker died.
const ATTEMPTED: &str = "perhaps done: a function died over it; look at the principal, or undo the entry";

/// The most characters of a subject (SNS API, `Publish`).
const SUBJECT: usize = 100;
/// The most bytes of a message, with room for its attributes (SNS API, `Publish`: 256 KB).
const BODY: usize = 250 * 1024;

/// One line of ASCII.
pub(super) fn subject(entry: &Entry) -> String {
    let principal = &entry.plan.resource;
    let said = format!("Bailiff: {principal}: {} ({})", outcome(entry), Masked(&entry.cause.to_string()));
    said.chars()
        .map(|character| if matches!(character, ' '..='~') { character } else { '?' })
        .take(SUBJECT)
        .collect()
}

/// What, to whom, why, when, what came of it, what is left, what cannot come back, and how to undo it.
pub(super) fn body(entry: &Entry, stack: &str, head: Option<&Head>) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = tell(&mut text, entry, stack, head);
    cut(text)
}

fn outcome(entry: &Entry) -> &'static str {
    match entry.status {
        Status::Planned => "planned, nothing changed",
        Status::Open => "being changed",
        Status::Verified => "changed and verified",
        Status::Failed => "failed",
        Status::Refused => "refused",
        Status::Unknown => "outcome unknown",
    }
}

fn tell(text: &mut String, entry: &Entry, stack: &str, head: Option<&Head>) -> std::fmt::Result {
    let principal = &entry.plan.resource;
    writeln!(text, "{}\n", summary(entry))?;
    writeln!(text, "Who:    {principal} ({})", principal.arn())?;
    writeln!(text, "Why:    {}", why(&entry.cause))?;
    writeln!(text, "When:   {}", entry.closed.unwrap_or(entry.opened))?;
    writeln!(text, "By:     {}", entry.remediator)?;
    writeln!(text, "Mode:   {}", entry.mode)?;
    writeln!(text, "Entry:  {}", entry.id)?;
    if let Some(head) = head {
        writeln!(text, "Chain:  {head}")?;
    }
    if !entry.plan.steps.is_empty() {
        writeln!(text, "\nSteps:")?;
        for (index, step) in entry.plan.steps.iter().enumerate() {
            let result = entry.outcomes.iter().find(|outcome| outcome.index == index);
            writeln!(
                text,
                "- {step}: {}",
                match result {
                    Some(result) => told(&result.result),
                    None if entry.attempted() == Some(index) => ATTEMPTED.to_owned(),
                    None => "not done".to_owned(),
                }
            )?;
        }
    }
    list(text, "Left to people", &entry.plan.left)?;
    list(text, "Cannot come back", &entry.lost)?;
    how_to_undo(text, entry, stack)
}

fn summary(entry: &Entry) -> String {
    match (entry.status, &entry.refusal) {
        (Status::Planned, _) => {
            let mode = entry.mode;
            format!("Nothing was changed: the mode is `{mode}`. `{}` would do what follows.", Mode::Enforce)
        }
        (Status::Open, _) => "A change is under way.".to_owned(),
        (Status::Verified, _) => "Every step was done and read back.".to_owned(),
        (Status::Failed, _) => "A step failed; see below what was done.".to_owned(),
        (Status::Unknown, _) => {
            "Whether every step took could not be read; look at the principal.".to_owned()
        }
        (Status::Refused, Some(refusal)) => {
            let so_far = if entry.written().next().is_some() { "Nothing more" } else { "Nothing" };
            format!("{so_far} was changed: {}", Masked(&refusal.to_string()))
        }
        (Status::Refused, None) => "Nothing was changed.".to_owned(),
    }
}

fn why(cause: &Cause) -> String {
    match cause {
        Cause::Rule { rule, annotation } => format!("rule {rule}: {}", Masked(annotation)),
        Cause::Order { requested_by, reason } => {
            format!("{} ordered it: {}", Masked(requested_by), Masked(reason))
        }
        Cause::Undo { of, requested_by, reason } => {
            format!("{} undoes entry {of}: {}", Masked(requested_by), Masked(reason))
        }
    }
}

fn told(result: &StepResult) -> String {
    match result {
        StepResult::Verified => "done and read back".to_owned(),
        StepResult::AlreadyDone => "was so already".to_owned(),
        StepResult::Refused { refusal } => format!("refused: {}", Masked(&refusal.to_string())),
        StepResult::Failed { why } => format!("failed: {}", Masked(why)),
        StepResult::Unknown { why } => format!("unknown: {}", Masked(why)),
    }
}

fn list(text: &mut String, heading: &str, items: &[String]) -> std::fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{heading}:")?;
    items.iter().try_for_each(|item| writeln!(text, "- {}", Masked(item)))
}

fn how_to_undo(text: &mut String, entry: &Entry, stack: &str) -> std::fmt::Result {
    let undoable = entry.remediator != Remediator::Restore && !undo(entry).plan.steps.is_empty();
    if !undoable {
        return Ok(());
    }
    let payload = json!({"journalId": entry.id, "requestedBy": "<you>", "reason": "<why>"});
    writeln!(text, "\nTo undo it, invoke the function `{stack}-restore` with")?;
    writeln!(text, "{payload}")
}

fn cut(mut text: String) -> String {
    if text.len() > BODY {
        let mut end = BODY;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("\n… cut; the journal entry has it all.\n");
    }
    text
}

#[cfg(test)]
mod tests;
