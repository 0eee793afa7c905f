use std::io;

use serde::Serialize;
use shared::governance::Mode;
use shared::notice::Notice;
use shared::remedy::{Entry, Refusal, Status};

use crate::page::{CAREFUL, FAINT, PLAIN, Page, Span};

/// The column at which the words after a label begin.
const LABELLED: usize = 14;

/// What an entry would do, told before it does it, in the words of a notice: keys are masked, nothing is endless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Foretold {
    /// The rule's mode: only in `enforce` is anything done.
    pub(crate) mode: Mode,
    /// The function that would do it.
    pub(crate) function: String,
    /// The guard that stands against it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<String>,
    /// In the order in which they would run.
    pub(crate) steps: Vec<String>,
    /// What is left to people.
    pub(crate) left: Vec<String>,
    /// What could not be read, and is left out.
    pub(crate) unread: Vec<String>,
    /// Who works under the role.
    pub(crate) workloads: Vec<String>,
    /// How long sessions of before would live.
    pub(crate) sessions: Vec<String>,
    /// What could not come back.
    pub(crate) lost: Vec<String>,
}

impl Foretold {
    /// Of an entry that was played on a copy of the account.
    pub(crate) fn of(entry: &Entry, stack: &str) -> Self {
        let planned = Entry {
            status: Status::Planned,
            outcomes: Vec::new(),
            attempting: None,
            closed: None,
            lost: Vec::new(),
            ..entry.clone()
        };
        let Notice { mode, remediator, steps, left, workloads, sessions, lost, .. } =
            Notice::of(&planned, stack, None);
        // Told as what is left.
        let refusal =
            entry.refusal.as_ref().filter(|refusal| !matches!(refusal, Refusal::LeftToPeople { .. }));
        Self {
            mode,
            function: remediator.to_string(),
            refusal: refusal.map(ToString::to_string),
            steps: steps.into_iter().map(|told| told.step).collect(),
            left,
            unread: entry.unread.iter().map(ToString::to_string).collect(),
            workloads,
            sessions,
            lost,
        }
    }

    /// Whether the function would change anything.
    pub(crate) fn acts(&self) -> bool {
        self.refusal.is_none() && self.mode == Mode::Enforce && !self.steps.is_empty()
    }

    /// Shows it; the steps are numbered.
    pub(crate) fn show(&self, page: &mut Page<'_>) -> io::Result<()> {
        if let Some(refusal) = &self.refusal {
            labelled(page, (CAREFUL, "refused"), refusal)?;
        } else if self.mode != Mode::Enforce && !self.steps.is_empty() {
            let mode = format!("the mode is `{}`: it is only written down; in `enforce`", self.mode);
            labelled(page, (CAREFUL, "nothing yet"), &mode)?;
        }
        for (number, step) in self.steps.iter().enumerate() {
            labelled(page, (PLAIN, "would"), &format!("{}. {step}", number + 1))?;
        }
        let lists = [
            (CAREFUL, "left", &self.left),
            (FAINT, "workload", &self.workloads),
            (FAINT, "sessions", &self.sessions),
            (CAREFUL, "for good", &self.lost),
        ];
        for (style, label, lines) in lists {
            for line in lines {
                labelled(page, (style, label), line)?;
            }
        }
        Ok(())
    }
}

fn labelled(page: &mut Page<'_>, (style, label): Span<'_>, text: &str) -> io::Result<()> {
    page.flow(4, LABELLED + 2, &[(style, &format!("{label:<width$}", width = LABELLED - 2)), (PLAIN, text)])
}
