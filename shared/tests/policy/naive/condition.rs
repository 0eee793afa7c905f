//! The `Condition` element.

use std::cmp::Ordering::{self, Equal, Greater, Less};

use serde_json::Value;

use super::variable::Reading;
use super::{Refused, compare, context, glob, refuse};

/// How several values of the request are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    None,
    ForAnyValue,
    ForAllValues,
}

/// `ForAnyValue:StringNotLikeIfExists`, taken apart.
#[derive(Debug)]
struct Operator {
    set: Set,
    base: Base,
    negated: bool,
    if_exists: bool,
}

/// The operator without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(&'static [Ordering]),
    Date(&'static [Ordering]),
    Bool,
    BinaryEquals,
    IpAddress,
    Arn,
    Null,
}

const BASES: [(&str, Base, bool); 27] = [
    ("StringEquals", Base::StringEquals, false),
    ("StringNotEquals", Base::StringEquals, true),
    ("StringEqualsIgnoreCase", Base::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Base::StringEqualsIgnoreCase, true),
    ("StringLike", Base::StringLike, false),
    ("StringNotLike", Base::StringLike, true),
    ("NumericEquals", Base::Numeric(&[Equal]), false),
    ("NumericNotEquals", Base::Numeric(&[Equal]), true),
    ("NumericLessThan", Base::Numeric(&[Less]), false),
    ("NumericLessThanEquals", Base::Numeric(&[Less, Equal]), false),
    ("NumericGreaterThan", Base::Numeric(&[Greater]), false),
    ("NumericGreaterThanEquals", Base::Numeric(&[Greater, Equal]), false),
    ("DateEquals", Base::Date(&[Equal]), false),
    ("DateNotEquals", Base::Date(&[Equal]), true),
    ("DateLessThan", Base::Date(&[Less]), false),
    ("DateLessThanEquals", Base::Date(&[Less, Equal]), false),
    ("DateGreaterThan", Base::Date(&[Greater]), false),
    ("DateGreaterThanEquals", Base::Date(&[Greater, Equal]), false),
    ("Bool", Base::Bool, false),
    ("BinaryEquals", Base::BinaryEquals, false),
    ("IpAddress", Base::IpAddress, false),
    ("NotIpAddress", Base::IpAddress, true),
    ("ArnEquals", Base::Arn, false),
    ("ArnLike", Base::Arn, false),
    ("ArnNotEquals", Base::Arn, true),
    ("ArnNotLike", Base::Arn, true),
    ("Null", Base::Null, false),
];

impl Operator {
    fn read(name: &str) -> Result<Self, Refused> {
        let lower = name.to_lowercase();
        let (set, rest) = match lower.split_once(':') {
            Some(("foranyvalue", rest)) => (Set::ForAnyValue, rest),
            Some(("forallvalues", rest)) => (Set::ForAllValues, rest),
            Some(_) => return refuse(format!("Condition.{name}: no such set operator")),
            None => (Set::None, lower.as_str()),
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let found = BASES.iter().find(|(name, _, _)| name.to_lowercase() == rest);
        let Some((_, base, negated)) = found else {
            return refuse(format!("Condition.{name}: no such operator"));
        };
        if *base == Base::Null && (if_exists || set != Set::None) {
            return refuse(format!("Condition.{name}: Null goes with nothing else"));
        }
        Ok(Self { set, base: *base, negated: *negated, if_exists })
    }

    /// Whether one key's condition holds.
    fn holds(&self, reading: Reading<'_>, in_request: &[String], in_policy: &[String]) -> bool {
        // "Resolves to a null dataset, such as an empty string."
        let is_null = in_request.iter().all(String::is_empty);
        if self.base == Base::Null {
            return null_holds(is_null, in_policy);
        }
        if in_request.is_empty() {
            return self.holds_when_absent();
        }
        match self.set {
            Set::ForAllValues if is_null => return true,
            Set::ForAnyValue if is_null => return false,
            _ => {}
        }
        let mut each = in_request.iter().map(|value| self.satisfied_by(reading, value, in_policy));
        match self.set {
            Set::ForAllValues => each.all(|satisfied| satisfied),
            Set::ForAnyValue => each.any(|satisfied| satisfied),
            Set::None if self.negated || in_request.len() == 1 => each.all(|satisfied| satisfied),
            // Only a set operator can compare several values.
            Set::None => false,
        }
    }

    fn holds_when_absent(&self) -> bool {
        match self.set {
            Set::ForAllValues => true,
            Set::ForAnyValue => self.if_exists,
            Set::None => self.if_exists || self.negated,
        }
    }

    /// Whether one value of the request matches some value of the policy or, negated, none of them. "Inverted condition
    /// operators do match against a null value", so one with a variable that stands for nothing is not in the way.
    fn satisfied_by(&self, reading: Reading<'_>, value: &str, in_policy: &[String]) -> bool {
        let matched = in_policy.iter().any(|pattern| self.matches(reading, pattern, value));
        matched != self.negated
    }

    /// Strings, ARNs and booleans are what variables can be part of; to other operators they are text.
    fn has_variables(&self) -> bool {
        match self.base {
            Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Bool | Base::Arn => {
                true
            }
            Base::Numeric(_) | Base::Date(_) | Base::BinaryEquals | Base::IpAddress | Base::Null => false,
        }
    }

    /// Whether a value of the policy has a variable that stands for nothing.
    fn is_unknown(&self, reading: Reading<'_>, policy: &str) -> bool {
        self.has_variables() && reading.literal(policy).is_none()
    }

    /// The operator without its negation, on one value of each side.
    fn matches(&self, reading: Reading<'_>, policy: &str, value: &str) -> bool {
        if self.is_unknown(reading, policy) {
            return false;
        }
        let reading = Reading { variables: reading.variables && self.has_variables(), ..reading };
        let literal = reading.literal(policy).unwrap_or_default();
        let pattern = reading.pattern(policy).unwrap_or_default();
        match self.base {
            Base::StringEquals => value == literal,
            Base::StringEqualsIgnoreCase => value.to_lowercase() == literal.to_lowercase(),
            Base::StringLike => glob::matches(&pattern, value),
            Base::Numeric(wanted) => match (compare::number(value), compare::number(&literal)) {
                (Some(value), Some(policy)) => {
                    value.partial_cmp(&policy).is_some_and(|order| wanted.contains(&order))
                }
                _ => false,
            },
            Base::Date(wanted) => match (compare::date(value), compare::date(&literal)) {
                (Some(value), Some(policy)) => wanted.contains(&value.cmp(&policy)),
                _ => false,
            },
            Base::Bool => match (compare::boolean(value), compare::boolean(&literal)) {
                (Some(value), Some(policy)) => value == policy,
                _ => false,
            },
            Base::BinaryEquals => match (compare::binary(value), compare::binary(&literal)) {
                (Some(value), Some(policy)) => value == policy,
                _ => false,
            },
            Base::IpAddress => compare::in_range(&literal, value),
            Base::Arn => compare::arn(&pattern, value),
            Base::Null => false,
        }
    }
}

/// `Null` "true" holds if the key is absent, "false" if it is present.
fn null_holds(absent: bool, in_policy: &[String]) -> bool {
    in_policy.iter().any(|value| compare::boolean(value) == Some(absent))
}

/// Whether IAM would take the element.
pub(super) fn check(condition: &Value) -> Result<(), Refused> {
    for (name, keys) in object(condition, "Condition")? {
        Operator::read(name)?;
        for (_, values) in object(keys, name)? {
            context::values(values)?;
        }
    }
    Ok(())
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a serde_json::Map<String, Value>, Refused> {
    value.as_object().map_or_else(|| refuse(format!("{place}: not an object")), Ok)
}

/// Whether every operator and every key of it holds.
pub(super) fn holds(condition: &Value, reading: Reading<'_>) -> bool {
    let no_operators = serde_json::Map::new();
    condition.as_object().unwrap_or(&no_operators).iter().all(|(name, keys)| {
        let operator = Operator::read(name).expect("checked when read");
        keys.as_object().unwrap_or(&no_operators).iter().all(|(key, values)| {
            let in_policy = context::values(values).expect("checked when read");
            operator.holds(reading, &reading.context.values(key), &in_policy)
        })
    })
}
