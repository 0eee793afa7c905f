use std::borrow::Cow;
use std::cmp::Ordering;

use super::resource::{ANY_ACCOUNT, generalised};

use crate::policy::evaluate::date_order;
use crate::policy::glob::{self, Case};
use crate::policy::{Comparison, Condition, Quantifier, Version};

/// What is known of a request besides its action and resource. A key that is not told is free: whoever makes the
/// request may be able to give it any value, or to leave it out.
#[derive(Debug, Clone, Default)]
pub struct Circumstances<'a> {
    /// What holds of all requests of a kind; counts after what is told below.
    standing: &'static [(&'static str, Known<'static>)],
    keys: Vec<(Cow<'a, str>, Known<'a>)>,
    /// Whether keys of single services (`s3:prefix`) are in no request, because requests to all services are meant.
    only_global: bool,
}

/// What is known of one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<'a> {
    /// The request does not have it.
    Absent,
    /// The request has it with this value.
    Value(Cow<'a, str>),
    /// The request has it, or not, as whoever makes it likes.
    Free,
}

/// Whether a condition holds in all requests that fit the circumstances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Holds {
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

/// What holds of a request that a principal makes itself.
const DIRECT: &[(&str, Known<'static>)] = &[
    ("aws:CalledVia", Known::Absent),
    ("aws:CalledViaAWSMCP", Known::Absent),
    ("aws:CalledViaFirst", Known::Absent),
    ("aws:CalledViaLast", Known::Absent),
    ("aws:IsMcpServiceAction", Known::Absent),
    ("aws:PrincipalIsAWSService", Known::Value(Cow::Borrowed("false"))),
    ("aws:PrincipalServiceName", Known::Absent),
    ("aws:ResourceTag/*", Known::Absent),
    ("aws:SourceAccount", Known::Absent),
    ("aws:SourceArn", Known::Absent),
    ("aws:SourceOrgID", Known::Absent),
    ("aws:SourceOrgPaths", Known::Absent),
    ("aws:ViaAWSMCPService", Known::Absent),
    ("aws:ViaAWSService", Known::Value(Cow::Borrowed("false"))),
];

impl<'a> Circumstances<'a> {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// What is known of a request that a principal makes itself: no service makes it on its behalf, and what it is
    /// for bears no tag that a condition could have asked for.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", availability of each.
    pub fn direct() -> Self {
        Self { standing: DIRECT, ..Self::unknown() }
    }

    /// The same of a request for any action whatever: it has no key that few actions have.
    #[must_use]
    pub fn of_any_action(mut self) -> Self {
        self.only_global = true;
        self.without("aws:RequestTag/*").without("aws:TagKeys")
    }

    /// And a key has a value.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.keys.push((key.into(), Known::Value(value.into())));
        self
    }

    /// And a key is not in the request. A name that ends in `/*` stands for all keys that begin so.
    #[must_use]
    pub fn without(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.keys.push((key.into(), Known::Absent));
        self
    }

    /// And a key is as whoever makes the request likes, whatever was told of it before.
    #[must_use]
    pub fn free(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.keys.push((key.into(), Known::Free));
        self
    }

    /// And all that is told by others, which counts before what was told here.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        let standing = others.standing.iter().map(|(key, known)| (Cow::Borrowed(*key), known.clone()));
        self.keys.extend(standing);
        self.keys.extend(others.keys.iter().cloned());
        self
    }

    /// And it is for what the principal's own account owns, if that account is told.
    #[must_use]
    pub(super) fn on_own_resources(mut self, told: &Self) -> Self {
        if let Some(own @ Known::Value(_)) = told.known("aws:PrincipalAccount") {
            self.keys.push((Cow::Borrowed("aws:ResourceAccount"), own.clone()));
        }
        self
    }

    /// What is known of a key, given in any letter case. What was told last counts.
    pub fn known(&self, key: &str) -> Option<&Known<'a>> {
        let is = |name: &str| match name.strip_suffix('*') {
            Some(start) => {
                key.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
            }
            None => name.eq_ignore_ascii_case(key),
        };
        let told = self.keys.iter().rev().find(|(name, _)| is(name)).map(|(_, known)| known);
        let told = told.or_else(|| self.standing.iter().find(|(name, _)| is(name)).map(|(_, known)| known));
        let global = || key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
        told.or_else(|| (self.only_global && !global()).then_some(&Known::Absent))
    }

    /// Whether some request meets all the conditions.
    pub fn may_hold(&self, conditions: &[Condition], version: Version) -> bool {
        conditions.iter().all(|condition| self.holds(condition, version) != Holds::Never)
            && !conditions.iter().any(|condition| is_ruled_out(condition, conditions))
    }

    /// Whether every request that meets the given conditions meets these.
    pub fn must_hold(&self, conditions: &[Condition], version: Version, given: &[Condition]) -> bool {
        conditions
            .iter()
            .all(|condition| self.holds(condition, version) == Holds::Always || is_implied(condition, given))
    }

    /// Whether a condition holds in all requests that fit, in none, or in some.
    pub(in crate::policy) fn holds(&self, condition: &Condition, version: Version) -> Holds {
        let known = self.known(&condition.key);
        if known == Some(&Known::Absent) {
            return holds_without(condition).into();
        }
        if !condition.values.iter().any(|value| variables(value, version).next().is_some()) {
            return self.holds_plainly(condition, known, version);
        }
        let mut filled = Condition { values: Vec::new(), ..condition.clone() };
        for value in &condition.values {
            match self.replaced(value) {
                Replaced::Text(text) => filled.values.push(text),
                // It is equal to nothing.
                Replaced::Nothing => {}
                Replaced::Unknown => return Holds::Perhaps,
            }
        }
        self.holds_plainly(&filled, known, Version::V2008)
    }

    /// The same of a condition without variables, on a key that is not known to be absent.
    fn holds_plainly(&self, condition: &Condition, known: Option<&Known<'_>>, version: Version) -> Holds {
        match known {
            Some(Known::Value(value)) => self.holds_with(condition, value, version),
            _ if condition.is_about("aws:PrincipalArn") && self.is_about_other_accounts(condition) => {
                condition.operator.comparison.is_negated().into()
            }
            _ => holds_anyway(condition),
        }
    }

    /// Whether a condition names principals of other accounts only, by their ARNs.
    fn is_about_other_accounts(&self, condition: &Condition) -> bool {
        let Some(Known::Value(own)) = self.known("aws:PrincipalAccount") else { return false };
        let of_another = |value: &String| {
            value.split(':').nth(4).is_some_and(|account| {
                account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && account != own
            })
        };
        let compares = matches!(
            condition.operator.comparison.positive(),
            Comparison::StringEquals
                | Comparison::StringEqualsIgnoreCase
                | Comparison::StringLike
                | Comparison::ArnLike
        );
        compares && !condition.values.is_empty() && condition.values.iter().all(of_another)
    }

    /// A value of a policy with its variables replaced.
    fn replaced(&self, value: &str) -> Replaced {
        let mut text = String::new();
        let mut rest = value;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((variable, after)) = after.split_once('}') else { break };
            text.push_str(before);
            rest = after;
            let (key, default) = match variable.split_once(',') {
                Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
                None => (variable.trim(), None),
            };
            match (self.known(key), default) {
                (Some(Known::Value(value)), _) => text.push_str(value),
                (Some(Known::Absent), Some(default)) => text.push_str(default),
                (Some(Known::Absent), None) => return Replaced::Nothing,
                (Some(Known::Free) | None, _) => return Replaced::Unknown,
            }
        }
        text.push_str(rest);
        Replaced::Text(text)
    }

    /// A pattern for ARNs, fit for a value in which the account is any.
    fn of_own_account<'p>(&self, pattern: &'p str, value: &str) -> Cow<'p, str> {
        if !value.is_ascii() && value.contains(ANY_ACCOUNT) {
            generalised(pattern, true, self)
        } else {
            Cow::Borrowed(pattern)
        }
    }

    fn holds_with(&self, condition: &Condition, value: &str, version: Version) -> Holds {
        let comparison = condition.operator.comparison;
        let fits = |test: &dyn Fn(&str) -> bool| {
            (condition.values.iter().any(|text| test(text)) != comparison.is_negated()).into()
        };
        let like = |case| {
            fits(&|pattern| {
                let pattern = self.of_own_account(pattern, value);
                self.fill(&pattern, version, None).is_some_and(|filled| filled.matches(value, case))
            })
        };
        match comparison.positive() {
            Comparison::Null => condition.values.iter().any(|text| text.eq_ignore_ascii_case("false")).into(),
            Comparison::StringEquals => fits(&|text| text == value),
            Comparison::StringEqualsIgnoreCase => fits(&|text| text.eq_ignore_ascii_case(value)),
            Comparison::StringLike => like(Case::Counts),
            Comparison::ArnLike => fits(&|pattern| arn_matches(&self.of_own_account(pattern, value), value)),
            Comparison::Bool => fits(&|text| text.eq_ignore_ascii_case(value)),
            _ => Holds::Perhaps,
        }
    }
}

/// A value with its variables replaced.
enum Replaced {
    Text(String),
    /// A variable has no value in this request.
    Nothing,
    Unknown,
}

/// The keys of the variables in a text; `${*}`, `${?}` and `${$}` are the characters themselves.
pub(in crate::policy) fn variables(text: &str, version: Version) -> impl Iterator<Item = &str> {
    let parts = text.split("${").skip(1).filter(move |_| version.has_variables());
    let keys = parts.filter_map(|part| {
        let (variable, _) = part.split_once('}')?;
        Some(variable.split_once(',').map_or(variable, |(key, _)| key).trim())
    });
    keys.filter(|key| !["*", "?", "$"].contains(key))
}

/// Whether every request that meets some conditions meets another one: one of them asks the same of the same key, or
/// less leaves it a choice.
pub(in crate::policy) fn is_implied(condition: &Condition, given: &[Condition]) -> bool {
    let within =
        |some: &Condition, all: &Condition| some.values.iter().all(|value| all.values.contains(value));
    given.iter().any(|given| {
        let (operator, asked) = (given.operator, condition.operator);
        given.is_about(&condition.key)
            && operator.comparison == asked.comparison
            && operator.quantifier == asked.quantifier
            && (asked.if_exists || !operator.if_exists)
            && if asked.comparison.is_negated() { within(condition, given) } else { within(given, condition) }
    })
}

/// Whether a condition asks for a key that another one asks not to be there.
fn is_ruled_out(condition: &Condition, others: &[Condition]) -> bool {
    let wants_none = |other: &Condition| {
        other.operator.comparison == Comparison::Null
            && other.is_about(&condition.key)
            && !other.values.iter().any(|value| value.eq_ignore_ascii_case("false"))
    };
    others.len() > 1 && !holds_without(condition) && others.iter().any(wants_none)
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
        // Nothing is among no values, and everything differs from them.
        return match (operator.comparison.is_negated(), holds_without(condition)) {
            (true, true) => Holds::Always,
            (false, false) => Holds::Never,
            _ => Holds::Perhaps,
        };
    }
    let exact = matches!(operator.comparison, Comparison::StringEquals | Comparison::StringEqualsIgnoreCase);
    if exact && !holds_without(condition) && never_holds_wildcards(&condition.key) {
        // The operator takes a star for a star.
        if condition.values.iter().all(|text| has_wildcard(text)) {
            return Holds::Never;
        }
    }
    if let Some(holds) = against_the_present(condition) {
        return holds;
    }
    let present = || ALWAYS_PRESENT.iter().any(|key| condition.is_about(key)) || holds_without(condition);
    if takes_everything(condition) && present() { Holds::Always } else { Holds::Perhaps }
}

/// What a condition on the time of a request is worth that names a time gone by.
fn against_the_present(condition: &Condition) -> Option<Holds> {
    let of_now = ["aws:CurrentTime", "aws:EpochTime"].iter().any(|key| condition.is_about(key));
    if !of_now && !condition.is_about("aws:TokenIssueTime") {
        return None;
    }
    let gone_by = |value: &String| date_order(value, NO_REQUEST_BEFORE) == Some(Ordering::Less);
    match condition.operator.comparison {
        Comparison::DateLessThan | Comparison::DateLessThanEquals | Comparison::DateEquals
            if !condition.values.is_empty() && condition.values.iter().all(gone_by) =>
        {
            // Only temporary credentials have a time of issue.
            (of_now || !holds_without(condition)).then_some(Holds::Never)
        }
        Comparison::DateGreaterThan | Comparison::DateGreaterThanEquals
            if of_now && condition.values.iter().any(gone_by) =>
        {
            Some(Holds::Always)
        }
        _ => None,
    }
}

/// Policies are about requests to come, and there are none to come from before this was written.
const NO_REQUEST_BEFORE: &str = "2026-01-01T00:00:00Z";

/// Whether a condition takes every value its key could have.
pub(super) fn takes_everything(condition: &Condition) -> bool {
    match condition.operator.comparison {
        Comparison::StringLike => condition.values.iter().any(|text| glob::is_everything(text)),
        Comparison::ArnLike | Comparison::ArnEquals => condition.values.iter().any(|text| {
            glob::is_everything(text)
                || text
                    .strip_prefix("arn:")
                    .is_some_and(|rest| rest.bytes().all(|byte| b"*:".contains(&byte)))
        }),
        Comparison::IpAddress => condition.values.iter().any(|range| {
            let zeros = range.strip_suffix("/0");
            zeros.is_some_and(|address| address.bytes().all(|byte| b"0.:".contains(&byte)))
        }),
        _ => false,
    }
}

/// Whether a text has a wildcard that is not written to stand for itself (`${*}`).
pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?']) && text.replace("${*}", "").replace("${?}", "").contains(['*', '?'])
}

/// Keys whose values AWS makes, so that none has a star in it. Tags and what clients send may.
pub(super) fn never_holds_wildcards(key: &str) -> bool {
    const FREE: &[&str] = &[
        "aws:requesttag/",
        "aws:resourcetag/",
        "aws:principaltag/",
        "aws:tagkeys",
        "aws:useragent",
        "aws:referer",
    ];
    let key = key.to_ascii_lowercase();
    key.starts_with("aws:") && !FREE.iter().any(|free| key.starts_with(free))
        || ["iam:passedtoservice", "iam:policyarn", "iam:permissionsboundary", "iam:awsservicename"]
            .contains(&key.as_str())
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
