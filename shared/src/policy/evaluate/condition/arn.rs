use crate::policy::Version;
use crate::policy::evaluate::arn_parts::arn_parts;
use crate::policy::evaluate::request::Request;
use crate::policy::evaluate::variable::{Expanded, Sink, expand};
use crate::policy::glob::{self, Case, Filled};

/// Whether a pattern matches an ARN part by part, so that no wildcard reaches over one of the five colons.
pub(super) fn like(value: &str, pattern: &str, version: Version, request: &Request<'_>) -> bool {
    let Some(value) = arn_parts(value).filter(|[arn, ..]| *arn == "arn") else { return false };
    match expand::<PatternParts>(pattern, version, request) {
        Expanded::AsWritten => arn_parts(pattern).is_some_and(|pattern| {
            pattern.iter().zip(value).all(|(pattern, part)| glob::matches(pattern, part, Case::Counts))
        }),
        Expanded::Replaced(pattern) => pattern.match_all(value),
        Expanded::Unresolved => false,
    }
}

/// A pattern with its variables replaced, cut at the colons.
#[derive(Default)]
struct PatternParts {
    finished: Vec<Filled>,
    last: Filled,
}

impl PatternParts {
    fn push(&mut self, text: &str, push: fn(&mut Filled, &str)) {
        for (index, part) in text.splitn(6 - self.finished.len(), ':').enumerate() {
            if index > 0 {
                self.finished.push(std::mem::take(&mut self.last));
            }
            push(&mut self.last, part);
        }
    }

    fn match_all(&self, parts: [&str; 6]) -> bool {
        let patterns = self.finished.iter().chain([&self.last]);
        self.finished.len() == 5
            && patterns.zip(parts).all(|(pattern, part)| pattern.matches(part, Case::Counts))
    }
}

impl Sink for PatternParts {
    fn with_capacity(_: usize) -> Self {
        Self::default()
    }

    fn written(&mut self, text: &str) {
        self.push(text, Filled::push_pattern);
    }

    fn literal(&mut self, text: &str) {
        self.push(text, Filled::push_literal);
    }
}
