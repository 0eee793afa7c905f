use super::Compared;
use crate::policy::Version;
use crate::policy::evaluate::arn_parts::arn_parts;
use crate::policy::evaluate::request::Request;
use crate::policy::evaluate::variable::{Expanded, Sink, expand};
use crate::policy::glob::{self, Case, Filled};

/// Whether a pattern matches an ARN part by part, so that no wildcard reaches over one of the five colons.
pub(super) fn like(value: &str, pattern: &str, version: Version, request: &Request<'_>) -> Compared {
    // First the pattern: where it is unknown, not even a value that is no ARN is known to differ from it.
    let expanded = expand::<PatternParts>(pattern, version, request);
    let value = arn_parts(value).filter(|[arn, ..]| *arn == "arn");
    match (expanded, value) {
        (Expanded::Unresolved, _) => Compared::Unresolved,
        (_, None) => Compared::Differ,
        (Expanded::AsWritten, Some(value)) => {
            let matches = |pattern: [&str; 6]| {
                pattern.iter().zip(value).all(|(pattern, part)| glob::matches(pattern, part, Case::Counts))
            };
            arn_parts(pattern).is_some_and(matches).into()
        }
        (Expanded::Replaced(pattern), Some(value)) => pattern.match_all(value).into(),
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
