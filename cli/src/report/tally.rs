use std::io;

use shared::remedy::{Entry, Status};

use super::{Happened, Reached};
use crate::page::{CAREFUL, GOOD, PLAIN, Page, Span, WRONG, count};

/// Many events' outcomes, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Verdicts that kept their rule.
    pub(crate) passes: u64,
    /// Verdicts that broke it.
    pub(crate) violations: u64,
    /// Verdicts under an exemption.
    pub(crate) exempt: u64,
    /// Verdicts and plans that hang on a fact nobody could read.
    pub(crate) unknown: u64,
    /// Verdicts on what is gone, or not the rule's; said only where there is nothing else to say.
    pub(crate) not_applicable: u64,
    /// Entries carried out.
    pub(crate) carried_out: u64,
    /// Plans written down, in `audit` and `notify`.
    pub(crate) planned: u64,
    /// Plans a guard refused.
    pub(crate) refused: u64,
    /// Entries that failed, and messages nobody could handle.
    pub(crate) failed: u64,
    /// Events that were understood, and could not be judged.
    pub(crate) not_judged: u64,
    /// Events that were understood, and are not this deployment's.
    pub(crate) events_refused: u64,
    /// Events nobody could understand.
    pub(crate) bad_events: u64,
}

impl Tally {
    /// Adds what came of an event.
    pub(crate) fn add(&mut self, happened: &Happened) {
        if let Ok(summary) = &happened.delivery.evaluated {
            self.passes += summary.compliant;
            self.violations += summary.non_compliant;
            self.exempt += summary.exempt;
            self.unknown += summary.unknown;
            self.not_applicable += summary.not_applicable;
        }
        match happened.reached() {
            Reached::Verdict => {}
            Reached::NoVerdict => self.not_judged += 1,
            Reached::Refusal => self.events_refused += 1,
            Reached::Nothing => self.bad_events += 1,
        }
        happened.entries.iter().for_each(|entry| self.add_entry(entry));
        if happened.delivery.evaluated.is_ok() {
            self.failed += happened.delivery.dead_letters.len() as u64;
        }
    }

    /// Adds a journal entry.
    pub(crate) fn add_entry(&mut self, entry: &Entry) {
        *match entry.status {
            Status::Verified => &mut self.carried_out,
            Status::Planned => &mut self.planned,
            Status::Refused => &mut self.refused,
            Status::Unknown => &mut self.unknown,
            Status::Failed | Status::Open => &mut self.failed,
        } += 1;
    }

    /// Says the numbers, in one line.
    pub(crate) fn show(&self, page: &mut Page<'_>) -> io::Result<()> {
        let parts = [
            (PLAIN, self.passes, "pass", "passes"),
            (WRONG, self.violations, "violation", "violations"),
            (CAREFUL, self.exempt, "exempt", "exempt"),
            (CAREFUL, self.unknown, "unknown", "unknown"),
            (GOOD, self.carried_out, "plan carried out", "plans carried out"),
            (CAREFUL, self.planned, "plan only written down", "plans only written down"),
            (CAREFUL, self.refused, "plan refused", "plans refused"),
            (WRONG, self.failed, "failed", "failed"),
            (WRONG, self.not_judged, "event not judged", "events not judged"),
            (WRONG, self.events_refused, "event refused", "events refused"),
            (WRONG, self.bad_events, "event not understood", "events not understood"),
        ];
        let texts: Vec<_> = parts
            .iter()
            .filter(|(_, number, _, _)| *number > 0)
            .map(|(style, number, one, many)| (*style, count(*number, one, many)))
            .collect();
        let mut spans: Vec<Span<'_>> = Vec::new();
        for (style, text) in &texts {
            if !spans.is_empty() {
                spans.push((PLAIN, ", "));
            }
            spans.push((*style, text));
        }
        let rest = match self.not_applicable {
            0 => "nothing to judge".to_owned(),
            number => count(number, "not applicable", "not applicable"),
        };
        if spans.is_empty() {
            spans.push((PLAIN, &rest));
        }
        page.flow(0, 0, &spans)
    }
}
