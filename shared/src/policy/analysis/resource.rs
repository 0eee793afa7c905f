use std::borrow::Cow;

use super::permissions::Grant;
use super::{Circumstances, Known};
use crate::policy::ResourcePattern;
use crate::policy::glob::{self, Case, Filled};

/// Which resources a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked<'a> {
    /// This one.
    One(Cow<'a, str>),
    /// Everything that this pattern matches.
    Within(Cow<'a, str>),
    /// Every resource of a kind, in an account that is not named: the patterns that are as good as `*` for it.
    Every(ResourceKind),
    /// Any resource at all, as where the asker makes it and gives it a name that suits.
    Some,
}

/// A kind of resource, as its ARNs show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceKind {
    /// The service's part of the ARN.
    pub service: &'static str,
    /// Whether its ARNs name a region.
    pub regional: bool,
    /// What stands before the name, with its separator, such as `user/`.
    pub prefix: &'static str,
}

impl ResourceKind {
    /// An IAM user.
    pub const USER: Self = Self { service: "iam", regional: false, prefix: "user/" };
    /// An IAM group.
    pub const GROUP: Self = Self { service: "iam", regional: false, prefix: "group/" };
    /// An IAM role.
    pub const ROLE: Self = Self { service: "iam", regional: false, prefix: "role/" };
    /// A managed policy of the account; those of AWS are not among them, nobody can change these.
    pub const POLICY: Self = Self { service: "iam", regional: false, prefix: "policy/" };

    /// The ARN of one of them with a name that no policy is written for: what matches it matches all of them, but
    /// for the odd one out.
    fn anyone(self) -> String {
        let region = if self.regional { ANY_REGION } else { "" };
        format!("arn:aws:{}:{region}:{ANY_ACCOUNT}:{}{ANY_NAME}", self.service, self.prefix)
    }
}

/// Control characters, which no name and hence no pattern made for names has.
const ANY_NAME: &str = "\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}";
const ANY_REGION: &str = "\u{2}\u{2}-\u{2}\u{2}\u{2}\u{2}-\u{2}";
const ANY_ACCOUNT: &str = "\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}";

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
        let fill = |pattern: &ResourcePattern| circumstances.fill(pattern.as_str(), grant.version);
        match self {
            Self::Some if resources.negated => {
                // A Deny of all but something leaves that; an Allow of all but everything leaves nothing.
                !resources.entries.iter().any(|entry| deny || entry.is_everything())
            }
            Self::Some => resources.entries.iter().any(|entry| !deny || entry.is_everything()),
            Self::One(resource) => resources.is_met(|entry| {
                entry.is_everything()
                    || fill(entry).is_some_and(|filled| filled.matches(resource, Case::Counts))
            }),
            Self::Within(pattern) if resources.negated => {
                !resources.entries.iter().any(|entry| glob::overlap(entry.as_str(), pattern, Case::Counts))
            }
            Self::Within(pattern) => {
                resources.entries.iter().any(|entry| glob::covers(entry.as_str(), pattern, Case::Counts))
            }
            Self::Every(kind) => {
                let anyone = kind.anyone();
                resources.is_met(|entry| {
                    entry.is_everything() || {
                        let general = generalised(entry.as_str(), deny != resources.negated, circumstances);
                        circumstances
                            .fill(&general, grant.version)
                            .is_some_and(|filled| filled.matches(&anyone, Case::Counts))
                    }
                })
            }
        }
    }
}

/// A pattern with the account it names, if that may be the principal's own, replaced by any account. Likewise for the
/// region, unless a part may be missing: `function:*` of one region is still every function somebody needs.
fn generalised(pattern: &str, keep_region: bool, circumstances: &Circumstances<'_>) -> String {
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

impl Circumstances<'_> {
    /// A pattern with its variables replaced; `None` where one of them is not known, for then it is known to match
    /// nothing.
    pub(super) fn fill(&self, pattern: &str, version: crate::policy::Version) -> Option<Filled> {
        let mut filled = Filled::default();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${").filter(|_| version.has_variables()) {
            let Some((variable, after)) = after.split_once('}') else { break };
            filled.push_pattern(before);
            rest = after;
            match variable {
                "*" | "?" | "$" => filled.push_literal(variable),
                variable => {
                    let (key, default) = match variable.split_once(',') {
                        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
                        None => (variable.trim(), None),
                    };
                    match (self.known(key), default) {
                        (Some(Known::Value(value)), _) => filled.push_literal(value),
                        (Some(Known::Absent), Some(default)) => filled.push_literal(default),
                        _ => return None,
                    }
                }
            }
        }
        filled.push_pattern(rest);
        Some(filled)
    }
}
