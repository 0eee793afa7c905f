use std::borrow::Cow;

use crate::policy::glob::{self, Case};
use crate::policy::{Comparison, Condition, Quantifier, Version};

/// What is known of a request besides its action and resource. A key that is not told is free: whoever makes the
/// request may be able to give it any value, or to leave it out.
#[derive(Debug, Clone, Default)]
pub struct Circumstances<'a> {
    keys: Vec<(Cow<'a, str>, Known<'a>)>,
}

/// What is known of one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<'a> {
    /// The request does not have it.
    Absent,
    /// The request has it with this value.
    Value(Cow<'a, str>),
}

/// Whether a condition holds in all requests that fit the circumstances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Always,
    Never,
    Perhaps,
}

impl From<bool> for Holds {
    fn from(truth: bool) -> Self {
        if truth { Self::Always } else { Self::Never }
    }
}

/// Keys that are in every request a principal makes.
///
/// Source: IAM User Guide, "AWS global condition context keys", availability of each.
const ALWAYS_PRESENT: &[&str] = &[
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalType",
    "aws:SecureTransport",
    "aws:userid",
    "aws:ViaAWSService",
];

impl<'a> Circumstances<'a> {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// And a key has a value.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.keys.push((key.into(), Known::Value(value.into())));
        self
    }

    /// And a key is not in the request.
    #[must_use]
    pub fn without(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.keys.push((key.into(), Known::Absent));
        self
    }

    /// What is known of a key, given in any letter case.
    pub fn known(&self, key: &str) -> Option<&Known<'a>> {
        self.keys.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, known)| known)
    }

    /// Whether some request meets all the conditions.
    pub fn may_hold(&self, conditions: &[Condition], version: Version) -> bool {
        conditions.iter().all(|condition| self.holds(condition, version) != Holds::Never)
    }

    /// Whether every request that meets the given conditions meets these.
    pub fn must_hold(&self, conditions: &[Condition], version: Version, given: &[Condition]) -> bool {
        conditions
            .iter()
            .all(|condition| self.holds(condition, version) == Holds::Always || given.contains(condition))
    }

    fn holds(&self, condition: &Condition, version: Version) -> Holds {
        match self.known(&condition.key) {
            Some(Known::Absent) => holds_without(condition).into(),
            Some(Known::Value(value)) => self.holds_with(condition, value, version),
            None => holds_anyway(condition),
        }
    }

    fn holds_with(&self, condition: &Condition, value: &str, version: Version) -> Holds {
        let comparison = condition.operator.comparison;
        let fits = |test: &dyn Fn(&str) -> bool| {
            (condition.values.iter().any(|text| test(text)) != comparison.is_negated()).into()
        };
        let like = |case| {
            fits(&|pattern| self.fill(pattern, version).is_some_and(|filled| filled.matches(value, case)))
        };
        match comparison.positive() {
            Comparison::Null => condition.values.iter().any(|text| text.eq_ignore_ascii_case("false")).into(),
            Comparison::StringEquals => fits(&|text| text == value),
            Comparison::StringEqualsIgnoreCase => fits(&|text| text.eq_ignore_ascii_case(value)),
            Comparison::StringLike => like(Case::Counts),
            Comparison::ArnLike => fits(&|pattern| arn_matches(pattern, value)),
            Comparison::Bool => fits(&|text| text.eq_ignore_ascii_case(value)),
            _ => Holds::Perhaps,
        }
    }
}

fn holds_without(condition: &Condition) -> bool {
    let operator = condition.operator;
    if operator.comparison == Comparison::Null {
        return condition.values.iter().any(|text| text.eq_ignore_ascii_case("true"));
    }
    match operator.quantifier {
        Some(Quantifier::ForAllValues) => true,
        Some(Quantifier::ForAnyValue) => operator.if_exists,
        None => operator.if_exists || operator.comparison.is_negated(),
    }
}

/// What a condition is worth on a key of which nothing is known.
fn holds_anyway(condition: &Condition) -> Holds {
    let operator = condition.operator;
    if condition.values.is_empty() {
        return Holds::Perhaps;
    }
    let present = ALWAYS_PRESENT.iter().any(|key| condition.is_about(key)) || holds_without(condition);
    let all = match operator.comparison {
        Comparison::StringLike => condition.values.iter().any(|text| glob::is_everything(text)),
        Comparison::ArnLike | Comparison::ArnEquals => condition.values.iter().any(|text| {
            text == "*" || (text.starts_with("arn:") && text.bytes().skip(4).all(|b| b"*:".contains(&b)))
        }),
        _ => false,
    };
    if all && present { Holds::Always } else { Holds::Perhaps }
}

/// Whether an ARN matches a pattern part by part, as the ARN operators compare.
fn arn_matches(pattern: &str, arn: &str) -> bool {
    let mut patterns = pattern.splitn(6, ':');
    let mut parts = arn.splitn(6, ':');
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if glob::matches(pattern, part, Case::Counts) => {}
            _ => return false,
        }
    }
}
