use std::borrow::Cow;

use super::permissions::Grant;
use super::{Circumstances, Known};
use crate::policy::glob::{self, Case, Filled};
use crate::policy::{ResourcePattern, Version};

/// Which resources a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked<'a> {
    /// This one.
    One(Cow<'a, str>),
    /// Everything that this pattern matches.
    Within(Cow<'a, str>),
    /// Every resource of a kind, in an account that is not named: the patterns that are as good as `*` for it.
    Every(ResourceKind),
    /// The principal that makes the request, if it is of this kind: `user/${aws:username}`, or every user.
    Oneself(ResourceKind),
    /// Every resource of a service, whatever its kind; of every service where its prefix is `*`.
    EveryOf(Cow<'a, str>),
    /// Any resource at all, as where the asker makes it and gives it a name that suits.
    Some,
}

/// A kind of resource, as its ARNs show it: with `{region}`, `{account}` and `{name}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceKind(pub &'static str);

impl ResourceKind {
    /// An IAM user.
    pub const USER: Self = Self("arn:aws:iam::{account}:user/{name}");
    /// An IAM group.
    pub const GROUP: Self = Self("arn:aws:iam::{account}:group/{name}");
    /// An IAM role.
    pub const ROLE: Self = Self("arn:aws:iam::{account}:role/{name}");
    /// A managed policy of the account; those of AWS are not among them, nobody can change these.
    pub const POLICY: Self = Self("arn:aws:iam::{account}:policy/{name}");

    /// The ARN of one of them with a name that no policy is written for: what matches it matches all of them, but
    /// for the odd one out.
    fn named(self, name: &str) -> String {
        self.0.replace("{region}", ANY_REGION).replace("{account}", ANY_ACCOUNT).replace("{name}", name)
    }

    /// Whether a pattern can mean one of them.
    pub(super) fn may_be(self, pattern: &str) -> bool {
        let all = self.0.replace("arn:aws:", "arn:*:");
        let all = all.replace("{region}", "*").replace("{account}", "*").replace("{name}", "*");
        glob::overlap(&all, pattern, Case::Counts)
    }
}

// Control characters, which no name and hence no pattern made for names has.
const ANY_NAME: &str = "\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}";
const OWN_NAME: &str = "\u{3}\u{3}\u{3}\u{3}\u{3}\u{3}\u{3}\u{3}";
const ANY_REGION: &str = "\u{2}\u{2}-\u{2}\u{2}\u{2}\u{2}-\u{2}";
/// Stands for the account that the policies belong to.
pub(super) const ANY_ACCOUNT: &str = "\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}";

/// The ARN of a managed policy of the account, such as its administrators may have made.
pub(super) fn any_policy_arn() -> String {
    ResourceKind::POLICY.named(ANY_NAME)
}

impl Asked<'_> {
    /// Whether an Allow covers all that is asked for.
    pub(super) fn is_reached(&self, grant: &Grant<'_>, circumstances: &Circumstances<'_>) -> bool {
        self.is_named(grant, circumstances, false)
    }

    /// Whether a Deny covers all that is asked for.
    pub(super) fn is_taken(&self, grant: &Grant<'_>, circumstances: &Circumstances<'_>) -> bool {
        self.is_named(grant, circumstances, true)
    }

    fn is_named(&self, grant: &Grant<'_>, circumstances: &Circumstances<'_>, deny: bool) -> bool {
        let Some(resources) = grant.resources else { return true };
        let matches = |pattern: &str, arn: &str| {
            let filled = circumstances.fill(pattern, grant.version, None);
            filled.is_some_and(|filled| filled.matches(arn, Case::Counts))
        };
        // Of what is not listed nothing is lost by reading a listed pattern for wider than it is.
        let general =
            |entry: &ResourcePattern| generalised(entry.as_str(), deny != resources.negated, circumstances);
        match self {
            Self::Some if resources.negated => {
                // A Deny of all but something leaves that; an Allow of all but everything leaves nothing.
                !resources.entries.iter().any(|entry| deny || entry.is_everything())
            }
            Self::Some => resources.entries.iter().any(|entry| !deny || entry.is_everything()),
            Self::One(resource) => {
                resources.is_met(|entry| entry.is_everything() || matches(entry.as_str(), resource))
            }
            Self::Within(pattern) if resources.negated => {
                !resources.entries.iter().any(|entry| glob::overlap(entry.as_str(), pattern, Case::Counts))
            }
            Self::Within(pattern) => {
                resources.entries.iter().any(|entry| glob::covers(entry.as_str(), pattern, Case::Counts))
            }
            Self::Every(kind) => {
                let anyone = kind.named(ANY_NAME);
                resources.is_met(|entry| entry.is_everything() || matches(&general(entry), &anyone))
            }
            Self::Oneself(kind) => match circumstances.oneself(*kind) {
                Oneself::Is(arn) => Asked::One(Cow::Borrowed(arn)).is_named(grant, circumstances, deny),
                Oneself::IsNot => false,
                Oneself::Unknown => {
                    let own = kind.named(OWN_NAME);
                    resources.is_met(|entry| {
                        entry.is_everything() || {
                            let name = Some(("aws:username", OWN_NAME));
                            let filled = circumstances.fill(&general(entry), grant.version, name);
                            filled.is_some_and(|filled| filled.matches(&own, Case::Counts))
                        }
                    })
                }
            },
            Self::EveryOf(service) => {
                let service = if glob::is_everything(service) { ANY_NAME } else { service };
                // Which of these a service's ARNs look like is its own business.
                let mut forms = [
                    format!("arn:aws:{service}:{ANY_REGION}:{ANY_ACCOUNT}:{ANY_NAME}"),
                    format!("arn:aws:{service}::{ANY_ACCOUNT}:{ANY_NAME}"),
                    format!("arn:aws:{service}:::{ANY_NAME}"),
                ]
                .into_iter();
                let met = |form: String| {
                    resources.is_met(|entry| entry.is_everything() || matches(&general(entry), &form))
                };
                if resources.negated { forms.all(met) } else { forms.any(met) }
            }
        }
    }
}

/// A pattern with the account it names, if that may be the principal's own, replaced by any account. Likewise for the
/// region, unless a part may be missing: `function:*` of one region is still every function somebody needs.
pub(super) fn generalised(pattern: &str, keep_region: bool, circumstances: &Circumstances<'_>) -> String {
    let pattern = pattern.replace("${aws:PrincipalAccount}", "*");
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else {
        return pattern;
    };
    let partition = if partition.starts_with("aws") { "*" } else { partition };
    let region = if keep_region || region.is_empty() { region } else { "*" };
    let own = match circumstances.known("aws:PrincipalAccount") {
        Some(Known::Value(own)) => account == own,
        _ => account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()),
    };
    let account = if own { "*" } else { account };
    [arn, partition, service, region, account, resource].join(":")
}

/// Whether the principal is of a kind.
enum Oneself<'a> {
    Is(&'a str),
    IsNot,
    Unknown,
}

impl Circumstances<'_> {
    fn oneself(&self, kind: ResourceKind) -> Oneself<'_> {
        match self.known("aws:PrincipalArn") {
            Some(Known::Value(arn)) if kind.may_be(arn) => Oneself::Is(arn),
            Some(_) => Oneself::IsNot,
            None => Oneself::Unknown,
        }
    }

    /// A pattern with its variables replaced, one of them perhaps by what is told here; `None` where one is not
    /// known, for then it is known to match nothing.
    pub(in crate::policy) fn fill(
        &self,
        pattern: &str,
        version: Version,
        told: Option<(&str, &str)>,
    ) -> Option<Filled> {
        let mut filled = Filled::default();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${").filter(|_| version.has_variables()) {
            let Some((variable, after)) = after.split_once('}') else { break };
            filled.push_pattern(before);
            rest = after;
            if matches!(variable, "*" | "?" | "$") {
                filled.push_literal(variable);
                continue;
            }
            let (key, default) = match variable.split_once(',') {
                Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
                None => (variable.trim(), None),
            };
            match (told, self.known(key), default) {
                (Some((name, value)), _, _) if name.eq_ignore_ascii_case(key) => filled.push_literal(value),
                (_, Some(Known::Value(value)), _) => filled.push_literal(value),
                (_, Some(Known::Absent), Some(default)) => filled.push_literal(default),
                _ => return None,
            }
        }
        filled.push_pattern(rest);
        Some(filled)
    }
}
