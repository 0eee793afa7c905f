mod address;
mod arn;
mod binary;
pub(super) mod date;
mod number;
mod text;

use std::borrow::Cow;
use std::cmp::Ordering;

use super::request::Request;
use super::variable::{Expanded, expand};
use crate::policy::{Comparison, Condition, Quantifier, Version};

/// Whether one value of a request and one of a policy are what a positive operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Match,
    Differ,
    /// The policy's value has a variable that stands for nothing here, so there is nothing to compare with.
    Unresolved,
}

impl From<bool> for Compared {
    fn from(same: bool) -> Self {
        if same { Self::Match } else { Self::Differ }
    }
}

/// Whether a condition holds for a request.
///
/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context
/// keys".
pub(super) fn holds(condition: &Condition, version: Version, request: &Request<'_>) -> bool {
    let operator = condition.operator;
    let found = request.values(&condition.key);
    if operator.comparison == Comparison::Null {
        let absent = if found.is_none() { "true" } else { "false" };
        return condition.values.iter().any(|value| value.eq_ignore_ascii_case(absent));
    }
    let negated = operator.comparison.is_negated();
    let Some(found) = found else {
        return operator.if_exists
            || match operator.quantifier {
                Some(Quantifier::ForAllValues) => true,
                Some(Quantifier::ForAnyValue) => false,
                None => negated,
            };
    };
    let test = |value: &Cow<'_, str>| meets(condition, value, version, request);
    let values = found.as_slice();
    match (operator.quantifier, values) {
        (Some(Quantifier::ForAnyValue), _) => values.iter().any(test),
        (Some(Quantifier::ForAllValues), _) | (None, [_]) => values.iter().all(test),
        // Several values need a set operator to be compared with: without one none of them is what the policy asks for.
        (None, _) => negated && values.iter().all(test),
    }
}

/// Whether one value of the request does: one of the policy's values matches it, or, where the operator is negated,
/// each differs from it.
fn meets(condition: &Condition, value: &str, version: Version, request: &Request<'_>) -> bool {
    let comparison = condition.operator.comparison;
    let mut compared =
        condition.values.iter().map(|wanted| compare(comparison.positive(), value, wanted, version, request));
    if comparison.is_negated() {
        compared.all(|compared| compared == Compared::Differ)
    } else {
        compared.any(|compared| compared == Compared::Match)
    }
}

fn compare(
    positive: Comparison,
    value: &str,
    wanted: &str,
    version: Version,
    request: &Request<'_>,
) -> Compared {
    let with_text = |same: fn(&str, &str) -> bool| match expand::<String>(wanted, version, request) {
        Expanded::AsWritten => same(value, wanted).into(),
        Expanded::Replaced(wanted) => same(value, &wanted).into(),
        Expanded::Unresolved => Compared::Unresolved,
    };
    let ordered =
        |ordering: Option<Ordering>, wanted: fn(Ordering) -> bool| ordering.is_some_and(wanted).into();
    match positive {
        Comparison::StringEquals => with_text(|value, wanted| value == wanted),
        Comparison::StringEqualsIgnoreCase => with_text(text::same_ignoring_case),
        Comparison::Bool => with_text(text::same_truth),
        Comparison::StringLike => text::like(value, wanted, version, request),
        Comparison::ArnLike => arn::like(value, wanted, version, request),
        // AWS replaces no variables in what follows.
        Comparison::NumericEquals => ordered(number::order(value, wanted), Ordering::is_eq),
        Comparison::NumericLessThan => ordered(number::order(value, wanted), Ordering::is_lt),
        Comparison::NumericLessThanEquals => ordered(number::order(value, wanted), Ordering::is_le),
        Comparison::NumericGreaterThan => ordered(number::order(value, wanted), Ordering::is_gt),
        Comparison::NumericGreaterThanEquals => ordered(number::order(value, wanted), Ordering::is_ge),
        Comparison::DateEquals => ordered(date::order(value, wanted), Ordering::is_eq),
        Comparison::DateLessThan => ordered(date::order(value, wanted), Ordering::is_lt),
        Comparison::DateLessThanEquals => ordered(date::order(value, wanted), Ordering::is_le),
        Comparison::DateGreaterThan => ordered(date::order(value, wanted), Ordering::is_gt),
        Comparison::DateGreaterThanEquals => ordered(date::order(value, wanted), Ordering::is_ge),
        Comparison::BinaryEquals => binary::same(value, wanted).into(),
        Comparison::IpAddress => address::is_in(value, wanted).into(),
        // The others are negated, hence not what `positive` gives, or, as `Null`, compare nothing.
        _ => Compared::Differ,
    }
}
