use crate::policy::Version;
use crate::policy::evaluate::request::Request;
use crate::policy::evaluate::variable::{Expanded, expand};
use crate::policy::glob::{self, Case, Filled};

/// Whether two texts are the same but for letter case.
pub(super) fn same_ignoring_case(a: &str, b: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && lower(a) == lower(b))
}

/// Whether two texts are the same truth value, in any letter case.
pub(super) fn same_truth(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) && (a.eq_ignore_ascii_case("true") || a.eq_ignore_ascii_case("false"))
}

/// Whether a pattern matches a text.
pub(super) fn like(value: &str, pattern: &str, version: Version, request: &Request<'_>) -> bool {
    match expand::<Filled>(pattern, version, request) {
        Expanded::AsWritten => glob::matches(pattern, value, Case::Counts),
        Expanded::Replaced(pattern) => pattern.matches(value, Case::Counts),
        Expanded::Unresolved => false,
    }
}
