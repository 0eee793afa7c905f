use serde_json::Value;

use crate::identifier::IdentifierError;

/// An event that cannot be understood. It is permanent: the same event will never be understood later, so it
/// belongs in a dead letter queue, not in a retry.
///
/// Messages show short cuts of what was found, with control characters escaped, so that a hostile event cannot
/// forge a log line; result tokens and policy documents are never among them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// A field that the event cannot do without is absent, null or empty.
    #[error("`{field}` is {found}; expected {expected}")]
    Missing {
        /// Its full path.
        field: String,
        /// `absent`, `null` or `empty`.
        found: &'static str,
        /// What should be there, with its article.
        expected: &'static str,
    },
    /// A field holds another JSON type than its own.
    #[error("`{field}` is {found}; expected {expected}")]
    WrongType {
        /// Its full path.
        field: String,
        /// The JSON type that was found, with its article.
        found: &'static str,
        /// What should be there, with its article.
        expected: &'static str,
    },
    /// A field that holds JSON in a string holds something else.
    #[error("`{field}` is not JSON: {reason}; send the text that AWS Config produced, unshortened")]
    NotJson {
        /// Its full path.
        field: String,
        /// What the parser met, with line and column.
        reason: String,
    },
    /// A field holds a word that is not one of those AWS defines for it.
    #[error("`{field}` is `{found}`; expected {expected}")]
    UnknownWord {
        /// Its full path.
        field: String,
        /// The word, shortened.
        found: String,
        /// The words that are understood.
        expected: &'static str,
    },
    /// A name, ARN or id is not well formed.
    #[error("`{field}` cannot be used: {}", printable(&reason.to_string()))]
    BadIdentifier {
        /// Its full path.
        field: String,
        /// What it is not.
        #[source]
        reason: IdentifierError,
    },
    /// A time cannot be read.
    #[error("`{field}` is `{found}`; expected an RFC 3339 time with its offset, or seconds since 1970")]
    BadTime {
        /// Its full path.
        field: String,
        /// What was found, shortened.
        found: String,
    },
    /// Two fields that name the same resource differ, so which one is meant cannot be told.
    #[error("`{field}` is `{found}` but `{other}` is `{expected}`; both must name the same resource")]
    Contradiction {
        /// The full path of the one.
        field: String,
        /// What it holds, shortened.
        found: String,
        /// The full path of the other.
        other: String,
        /// What that holds, shortened.
        expected: String,
    },
    /// An `EventBridge` event of a kind that no function here handles.
    #[error(
        "`source` is {source_name} and `detail-type` is {detail_type}; expected {expected}: check the event rule's target"
    )]
    UnsupportedEvent {
        /// The `source` that was found, in backticks; or that it is absent, or what else it is.
        source_name: String,
        /// The same of the `detail-type`.
        detail_type: String,
        /// What the function takes.
        expected: &'static str,
    },
    /// A key that this shape does not have.
    #[error("`{field}` is not known here; known are {known}")]
    UnknownKey {
        /// Its full path.
        field: String,
        /// The keys that are.
        known: String,
    },
    /// An `EventBridge` event that is no directory's.
    #[error(
        "`source` is `{source_name}` and `detail-type` is `{detail_type}`; expected `directory` with `Directory Change`, \
         `SCIM User` or `Workday Worker`: put the event so"
    )]
    NoDirectoryEvent {
        /// The `source` that was found.
        source_name: String,
        /// The `detail-type` that was found.
        detail_type: String,
    },
    /// An object that is neither kind of event.
    #[error(
        "the event has {found}; expected an AWS Config rule invocation or an EventBridge scheduled event"
    )]
    NotAnEvent {
        /// What it has: the first few field names, or none.
        found: String,
    },
}

/// The JSON type of a value, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A piece of input that is fit to be shown: at most 64 characters, none of them a control character.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(64).collect();
    let mut shown = printable(&short);
    if short.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Escapes what would move the cursor or break the line.
pub(super) fn printable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        // Not a control character to Unicode, but terminals and log viewers reorder or break the line by them.
        let reorders =
            matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || reorders {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::UserName;

    #[test]
    fn long_input_is_cut_and_says_so() {
        assert_eq!(shown(&"é".repeat(65)), format!("{}…", "é".repeat(64)));
        assert_eq!(shown(&"é".repeat(64)), "é".repeat(64));
    }

    #[test]
    fn input_cannot_forge_a_log_line() {
        assert_eq!(shown("a\nERROR b\u{1b}[0m"), r"a\u{a}ERROR b\u{1b}[0m");
        assert_eq!(shown("a\u{202e}b\u{2028}"), r"a\u{202e}b\u{2028}");
        let reason = UserName::parse("a\nb").unwrap_err();
        let error = EventError::BadIdentifier { field: "userName".to_owned(), reason };
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}
