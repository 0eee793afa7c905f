//! A notice as plain text.

use std::fmt::Write as _;

use serde_json::json;

use super::Notice;
use super::bounds::line;
use crate::remedy::{Cause, Status};

/// The most characters of a subject (SNS API, `Publish`).
pub const SUBJECT: usize = 100;

/// The most steps in a few lines.
const STEPS_IN_SHORT: usize = 5;

/// A text for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// One line of ASCII, of at most [`SUBJECT`] characters.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

impl Mail {
    /// A mail with a subject that is sure to be one line.
    pub(super) fn new(subject: &str, body: String) -> Self {
        let plain = |character: char| if matches!(character, ' '..='~') { character } else { '?' };
        Self { subject: subject.chars().map(plain).take(SUBJECT).collect(), body }
    }
}

impl Notice {
    /// In full: what, to whom, why, when, what came of it, what is left, what cannot come back, how to stop it and how to
    /// undo it.
    pub fn mail(&self) -> Mail {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.tell(&mut text);
        Mail::new(&format!("Bailiff: {}", self.headline()), text)
    }

    /// In full, with why it is told to whom it is.
    pub fn mail_because(&self, because: &str) -> Mail {
        let Mail { subject, body } = self.mail();
        Mail { subject, body: format!("{body}\nYou are told because {}.\n", line(because)) }
    }

    /// In a few lines, with why it is told to whom it is.
    pub fn short_because(&self, because: &str) -> String {
        format!("{}Told here because {}.\n", self.short(), line(because))
    }

    /// In a few lines, for chats and digests.
    pub fn short(&self) -> String {
        let mut text = String::new();
        let _ = self.tell_in_short(&mut text);
        text
    }

    /// Who and what, in a line.
    pub(super) fn headline(&self) -> String {
        let outcome = match self.status {
            Status::Planned if self.is_warning() => "a warning, nothing changed yet",
            Status::Planned if self.approve.is_some() => "waits for approval",
            Status::Planned => "planned, nothing changed",
            Status::Open => "a change begins",
            Status::Verified => "changed and verified",
            Status::Failed => "failed",
            Status::Refused => "refused",
            Status::Unknown => "outcome unknown",
        };
        format!("{}: {outcome} ({})", self.resource, self.cause)
    }

    fn why(&self) -> String {
        match &self.cause {
            Cause::Rule { rule, annotation } => format!("rule {rule}: {annotation}"),
            Cause::Order { requested_by, reason, .. } => format!("{requested_by} ordered it: {reason}"),
            Cause::Undo { of, requested_by, reason } => {
                format!("{requested_by} undoes entry {of}: {reason}")
            }
        }
    }

    fn tell(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{}\n", self.summary)?;
        writeln!(text, "Who:    {} ({})", self.resource, self.resource.arn())?;
        writeln!(text, "Why:    {}", self.why())?;
        writeln!(text, "When:   {}", self.at)?;
        writeln!(text, "By:     {}", self.remediator)?;
        writeln!(text, "Mode:   {}", self.mode)?;
        writeln!(text, "Entry:  {}", self.entry)?;
        if let Some(head) = &self.chain {
            writeln!(text, "Chain:  {head}")?;
        }
        let steps: Vec<String> =
            self.steps.iter().map(|told| format!("{}: {}", told.step, told.result)).collect();
        list(text, "Steps", &steps)?;
        list(text, "Who puts it back", &self.put_back_by)?;
        list(text, "Left to people", &self.left)?;
        list(text, "Works under this role", &self.workloads)?;
        list(text, "Old sessions", &self.sessions)?;
        list(text, "Cannot come back", &self.lost)?;
        list(text, "How to stop it", &self.stop)?;
        if let Some(plan) = &self.approve {
            let payload =
                json!({"journalId": self.entry, "plan": plan, "answer": "approve", "reason": "<why>"});
            writeln!(text, "\nTo approve it, or with `refuse` to refuse it, sign and send\n{payload}")?;
            writeln!(text, "to the URL in the stack's output `ApprovePlanEndpoint`")?;
        }
        if let Some(function) = &self.undo {
            let payload = json!({"journalId": self.entry, "requestedBy": "<you>", "reason": "<why>"});
            let once = if self.status == Status::Open { ", once it is done" } else { "" };
            writeln!(text, "\nTo undo it{once}, invoke the function `{function}` with\n{payload}")?;
        }
        Ok(())
    }

    fn tell_in_short(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{} in account {}", self.headline(), self.resource.account())?;
        writeln!(text, "{}", self.summary)?;
        writeln!(text, "Why: {}", self.why())?;
        for told in self.steps.iter().take(STEPS_IN_SHORT) {
            writeln!(text, "- {}: {}", told.step, told.result)?;
        }
        for by in self.put_back_by.iter().take(STEPS_IN_SHORT) {
            writeln!(text, "- put back by {by}")?;
        }
        for left in self.left.iter().take(STEPS_IN_SHORT) {
            writeln!(text, "- left to people: {left}")?;
        }
        for workload in self.workloads.iter().take(STEPS_IN_SHORT) {
            writeln!(text, "- works under it: {workload}")?;
        }
        for session in self.sessions.iter().take(STEPS_IN_SHORT) {
            writeln!(text, "- {session}")?;
        }
        for lost in self.lost.iter().take(STEPS_IN_SHORT) {
            writeln!(text, "- {lost}")?;
        }
        let lists = [&self.put_back_by, &self.left, &self.workloads, &self.sessions, &self.lost];
        let all = lists.into_iter().map(Vec::len).chain([self.steps.len()]);
        let more: usize = all.map(|all| all.saturating_sub(STEPS_IN_SHORT)).sum();
        if more > 0 {
            writeln!(text, "- and {more} more, in the journal entry")?;
        }
        write!(text, "Entry {} of {}", self.entry, self.at)?;
        if let Some(function) = &self.undo {
            write!(text, "; to undo it, invoke `{function}`")?;
        }
        writeln!(text)
    }
}

fn list(text: &mut String, heading: &str, items: &[String]) -> std::fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{heading}:")?;
    items.iter().try_for_each(|item| writeln!(text, "- {item}"))
}
