use std::borrow::Cow;

use super::context::Values;
use super::request::{Found, Request};
use crate::policy::Version;
use crate::policy::glob::Filled;

/// What takes a policy's text with its variables replaced.
pub(super) trait Sink {
    /// An empty one, with room for some bytes.
    fn with_capacity(bytes: usize) -> Self;
    /// Takes text as the policy has it.
    fn written(&mut self, text: &str);
    /// Takes text that stands for itself: a wildcard in it is none.
    fn literal(&mut self, text: &str);
}

impl Sink for String {
    fn with_capacity(bytes: usize) -> Self {
        Self::with_capacity(bytes)
    }

    fn written(&mut self, text: &str) {
        self.push_str(text);
    }

    fn literal(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for Filled {
    fn with_capacity(bytes: usize) -> Self {
        Self::with_capacity(bytes)
    }

    fn written(&mut self, text: &str) {
        self.push_pattern(text);
    }

    fn literal(&mut self, text: &str) {
        self.push_literal(text);
    }
}

/// A text of a policy once its variables are replaced.
pub(super) enum Expanded<S> {
    /// It has none.
    AsWritten,
    /// They have been.
    Replaced(S),
    /// One of them stands for nothing in this request, or for several values.
    Unresolved,
}

/// Replaces a text's variables by what the request has for them.
///
/// Source: IAM User Guide, "IAM policy elements: Variables and tags".
pub(super) fn expand<S: Sink>(text: &str, version: Version, request: &Request<'_>) -> Expanded<S> {
    if !version.has_variables() || !text.contains('$') {
        return Expanded::AsWritten;
    }
    let mut sink = S::with_capacity(2 * text.len());
    let mut rest = text;
    while let Some((before, after)) = split_at_variable(rest) {
        // What is not closed is no variable, nor is anything behind it.
        let Some((variable, tail)) = Variable::parse(after) else { break };
        sink.written(before);
        match variable.value(request) {
            Some(value) => sink.literal(&value),
            None => return Expanded::Unresolved,
        }
        rest = tail;
    }
    sink.written(rest);
    Expanded::Replaced(sink)
}

/// What stands before the first `${` and what behind it.
fn split_at_variable(text: &str) -> Option<(&str, &str)> {
    let at = text.as_bytes().windows(2).position(|pair| pair == b"${")?;
    Some((text.get(..at)?, text.get(at + 2..)?))
}

/// What stands between `${` and `}`.
enum Variable<'t> {
    /// `*`, `?` or `$`, which stand for themselves.
    Character(&'t str),
    /// A context key, perhaps with a default.
    Key(&'t str, Option<&'t str>),
}

impl<'t> Variable<'t> {
    /// Reads a variable behind its `${`, and gives what follows its `}`.
    fn parse(text: &'t str) -> Option<(Self, &'t str)> {
        Self::parse_with_default(text).or_else(|| {
            let (key, tail) = text.split_once('}')?;
            let variable = match key {
                "*" | "?" | "$" => Self::Character(key),
                key => Self::Key(key, None),
            };
            Some((variable, tail))
        })
    }

    /// Reads `key, 'default'}`; the default may hold what would otherwise end the variable.
    fn parse_with_default(text: &'t str) -> Option<(Self, &'t str)> {
        let (key, tail) = text.split_at_checked(text.find(['}', ','])?)?;
        let (default, tail) = tail.strip_prefix(", '")?.split_once('\'')?;
        Some((Self::Key(key, Some(default)), tail.strip_prefix('}')?))
    }

    fn value<'r>(&self, request: &'r Request<'_>) -> Option<Cow<'r, str>>
    where
        't: 'r,
    {
        match self {
            Self::Character(character) => Some(Cow::Borrowed(character)),
            Self::Key(key, default) => {
                // Keys with several values cannot be variables.
                let value = match request.values(key) {
                    Some(Found::Given(Values::One(value))) => Some(Cow::Borrowed(value.as_ref())),
                    Some(Found::Given(Values::Many(values))) => match values.as_slice() {
                        [value] => Some(Cow::Borrowed(value.as_ref())),
                        _ => None,
                    },
                    Some(Found::Filled(value)) => Some(value),
                    Some(Found::Given(Values::Absent)) | None => None,
                };
                value.or(default.map(Cow::Borrowed))
            }
        }
    }
}
