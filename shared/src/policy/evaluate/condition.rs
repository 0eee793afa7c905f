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

/// Whether a condition holds for a request.
///
/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context
/// keys".
pub(super) fn holds(condition: &Condition, version: Version, request: &Request<'_>) -> bool {
    let operator = condition.operator;
    let found = request.values(&condition.key);
    // With a set operator, and to `Null`, an empty text is no value.
    let is_null = found.as_ref().is_none_or(|found| found.as_slice().iter().all(|value| value.is_empty()));
    if operator.comparison == Comparison::Null {
        let absent = if is_null { "true" } else { "false" };
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
    if is_null && let Some(quantifier) = operator.quantifier {
        return quantifier == Quantifier::ForAllValues;
    }
    let test = |value: &Cow<'_, str>| meets(condition, value, version, request);
    let values = found.as_slice();
    match (operator.quantifier, values) {
        (Some(Quantifier::ForAnyValue), _) => values.iter().any(test),
        (Some(Quantifier::ForAllValues), _) | (None, [_]) => values.iter().all(test),
        // Several values need a set operator to be compared with: without one none of them is what the policy asks for.
        (None, _) => negated && values.iter().all(test),
    }
}

/// Whether one value of the request does: one of the policy's values matches it, or, where the operator is negated, none.
fn meets(condition: &Condition, value: &str, version: Version, request: &Request<'_>) -> bool {
    let comparison = condition.operator.comparison;
    let positive = comparison.positive();
    condition.values.iter().any(|wanted| matches(positive, value, wanted, version, request))
        != comparison.is_negated()
}

/// Whether one value of the request and one of the policy are what a positive operator asks for. A value of the policy
/// with a variable that stands for nothing matches nothing.
///
/// Source: IAM User Guide, "IAM policy elements: Variables and tags", policy variables with no value.
fn matches(positive: Comparison, value: &str, wanted: &str, version: Version, request: &Request<'_>) -> bool {
    let with_text = |same: fn(&str, &str) -> bool| match expand::<String>(wanted, version, request) {
        Expanded::AsWritten => same(value, wanted),
        Expanded::Replaced(wanted) => same(value, &wanted),
        Expanded::Unresolved => false,
    };
    let ordered = |ordering: Option<Ordering>, wanted: fn(Ordering) -> bool| ordering.is_some_and(wanted);
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
        Comparison::BinaryEquals => binary::same(value, wanted),
        Comparison::IpAddress => address::is_in(value, wanted),
        // The others are negated, hence not what `positive` gives, or, as `Null`, compare nothing.
        _ => false,
    }
}
