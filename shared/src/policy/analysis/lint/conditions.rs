use super::super::circumstances::{has_wildcard, never_holds_wildcards, takes_everything};
use super::{Report, statements};
use crate::policy::{Comparison, Condition, Effect, Policy, Quantifier, Statement};

/// What a statement's conditions do other than they seem to.
pub(super) fn check(policy: &Policy, index: usize, statement: &Statement, report: &mut Report<'_>) {
    for condition in &statement.conditions {
        let at = || condition.place(index);
        for (position, value) in condition.values.iter().enumerate() {
            if !policy.version.has_variables() && value.contains("${") {
                statements::old_variable(at().index(position), report);
            }
            if compares_exactly(condition) && has_wildcard(value) {
                report.add(
                    "policy-exact-match-wildcard",
                    at().index(position),
                    format!(
                        "`{}` takes `{value}` letter by letter, stars included; use {}",
                        condition.operator,
                        if condition.operator.comparison.is_negated() {
                            "StringNotLike"
                        } else {
                            "StringLike"
                        }
                    ),
                );
            }
        }
        if let Some(why) = opens_wide(condition, statement) {
            let (rule, message) = why;
            report.add(rule, at(), message);
        }
        if let Some(message) = misses_mfa(policy, condition, statement.effect) {
            report.add("policy-mfa-condition", at(), message);
        }
    }
}

fn compares_exactly(condition: &Condition) -> bool {
    matches!(
        condition.operator.comparison,
        Comparison::StringEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringNotEquals
            | Comparison::StringNotEqualsIgnoreCase
    )
}

/// Why a condition of an Allow lets through what it seems to keep out.
fn opens_wide(condition: &Condition, statement: &Statement) -> Option<(&'static str, &'static str)> {
    if statement.effect != Effect::Allow {
        return None;
    }
    let operator = condition.operator;
    if operator.if_exists && condition.is_about("iam:PassedToService") {
        return Some((
            "policy-if-exists-passed-to-service",
            "holds as well where a role is passed to a service that does not tell its name; drop `IfExists`",
        ));
    }
    // Without tags there is no wrong tag.
    if operator.quantifier == Some(Quantifier::ForAllValues)
        && !condition.is_about("aws:TagKeys")
        && !requires(statement, &condition.key)
    {
        return Some((
            "policy-for-all-values-empty",
            "holds as well where the request lacks the key; add `\"Null\": {key: \"false\"}`, or use ForAnyValue",
        ));
    }
    (takes_everything(condition) && (operator.if_exists || never_holds_wildcards(&condition.key)))
        .then_some(("policy-condition-without-effect", "takes every value, so it restricts nothing"))
}

/// Whether a statement asks for a key to be there.
fn requires(statement: &Statement, key: &str) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.is_about(key)
            && condition.operator.comparison == Comparison::Null
            && condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    })
}

/// Why a condition on multi-factor authentication does not ask for it.
fn misses_mfa(policy: &Policy, condition: &Condition, effect: Effect) -> Option<&'static str> {
    const LONG_TERM: &str =
        "does not deny requests signed with an access key, which lack the key; use BoolIfExists";
    let operator = condition.operator;
    let says = |truth: &str| condition.values.iter().any(|value| value.eq_ignore_ascii_case(truth));
    let older =
        matches!(operator.comparison, Comparison::NumericGreaterThan | Comparison::NumericGreaterThanEquals);
    let age = condition.is_about("aws:MultiFactorAuthAge");
    if effect == Effect::Deny
        && age
        && older
        && !operator.if_exists
        && !denies_absence(policy, &condition.key)
    {
        return Some(
            "does not deny requests without multi-factor authentication, which lack the key; add IfExists",
        );
    }
    if !condition.is_about("aws:MultiFactorAuthPresent") || operator.comparison != Comparison::Bool {
        return None;
    }
    match effect {
        Effect::Deny if says("false") && !operator.if_exists && !denies_absence(policy, &condition.key) => {
            Some(LONG_TERM)
        }
        Effect::Allow if says("true") && operator.if_exists => {
            Some("allows requests signed with an access key, which lack the key; use Bool")
        }
        Effect::Allow if says("false") => {
            Some("allows what is asked for without multi-factor authentication")
        }
        _ => None,
    }
}

/// Whether the policy denies requests that lack a key by a statement of its own.
fn denies_absence(policy: &Policy, key: &str) -> bool {
    policy.statements.iter().filter(|statement| statement.effect == Effect::Deny).any(|statement| {
        statement.conditions.iter().any(|condition| {
            condition.is_about(key)
                && condition.operator.comparison == Comparison::Null
                && condition.values.iter().any(|value| value.eq_ignore_ascii_case("true"))
        })
    })
}
