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

/// A kind of resource, as the ARN of one of them with `⟨region⟩`, `⟨account-id⟩` and `⟨name⟩`. No policy is written for
/// a resource of this name, for IAM refuses policies with such characters; so what matches it matches all of the kind,
/// but for the odd one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceKind(pub &'static str);

impl ResourceKind {
    /// An IAM user.
    pub const USER: Self = Self("arn:aws:iam::⟨account-id⟩:user/⟨name⟩");
    /// An IAM group.
    pub const GROUP: Self = Self("arn:aws:iam::⟨account-id⟩:group/⟨name⟩");
    /// An IAM role.
    pub const ROLE: Self = Self("arn:aws:iam::⟨account-id⟩:role/⟨name⟩");
    /// A managed policy of the account; those of AWS are not among them, nobody can change these.
    pub const POLICY: Self = Self("arn:aws:iam::⟨account-id⟩:policy/⟨name⟩");
    /// A key of KMS.
    pub const KEY: Self = Self("arn:aws:kms:⟨region⟩:⟨account-id⟩:key/⟨name⟩");

    /// What their ARNs have between account and name, such as `user/`.
    fn label(self) -> &'static str {
        self.0.splitn(6, ':').last().and_then(|resource| resource.split('⟨').next()).unwrap_or_default()
    }

    /// Whether a pattern can mean one of them.
    pub(in crate::policy) fn may_be(self, pattern: &str) -> bool {
        if !pattern.contains(['*', '?']) && !pattern.contains(self.label()) {
            return false;
        }
        let all = self.0.replace("arn:aws:", "arn:*:");
        let all = [ANY_REGION, ANY_ACCOUNT, ANY_NAME].iter().fold(all, |all, any| all.replace(any, "*"));
        may_meet(&all, pattern)
    }

    /// The patterns that mean those of the kind, in an account and a partition, that a pattern means. Names have no
    /// colons. For kinds without a Region.
    pub(super) fn among(self, pattern: &str, partition: &str, account: &str) -> Vec<String> {
        let all = self.0.replace("arn:aws:", &format!("arn:{partition}:")).replace(ANY_ACCOUNT, account);
        let Some(beginning) = all.strip_suffix(ANY_NAME) else { return Vec::new() };
        let pattern = pattern.replace(OWN_ACCOUNT, account);
        let mut names = glob::after(&pattern, beginning);
        if names.is_empty() && pattern.contains("${") {
            // What a variable stands for is not known here.
            return if self.may_be(&pattern) { vec![pattern] } else { Vec::new() };
        }
        names.retain(|name| !name.is_empty() && !without_variables(name).contains(':'));
        names.iter().map(|name| format!("{beginning}{name}")).collect()
    }
}

/// A variable for the account of who asks.
const OWN_ACCOUNT: &str = "${aws:PrincipalAccount}";

/// The account that a pattern names, with digits where it leaves them open; `None` where it leaves open all.
pub(super) fn account_like(pattern: &str) -> Option<String> {
    let named = pattern.split(':').nth(4)?;
    let (start, end) = named.split_once('*').unwrap_or((named, ""));
    let open = if named.contains('*') { 12_usize.checked_sub(start.len() + end.len())? } else { 0 };
    let account = format!("{start}{}{end}", "0".repeat(open)).replace(['?', '*'], "0");
    let is_told = named.bytes().any(|byte| byte.is_ascii_digit());
    (is_told && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// The partition that a pattern names.
pub(super) fn partition_of(pattern: &str) -> Option<&str> {
    let partition = pattern.strip_prefix("arn:")?.split(':').next()?;
    (partition.starts_with("aws") && !partition.contains(['*', '?', '$'])).then_some(partition)
}

/// Whether two patterns can mean the same resource. A `*` reaches over colons; but where the parts of both ARNs are all
/// there, no name is looked for that has another ARN's parts in it.
fn may_meet(a: &str, b: &str) -> bool {
    let parts = |text| -> Vec<&str> { str::splitn(text, 6, ':').collect() };
    let (one, other) = (parts(a), parts(b));
    let is_whole =
        |parts: &[&str]| parts.len() == 6 && parts.get(4).is_some_and(|account| is_account_like(account));
    if is_whole(&one) && is_whole(&other) {
        return one.iter().zip(other).all(|(a, b)| glob::overlap(a, b, Case::Counts));
    }
    glob::overlap(a, b, Case::Counts)
}

fn is_account_like(text: &str) -> bool {
    text.contains("${") || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*' || byte == b'?')
}

/// A text without the variables in it, whose names have colons.
fn without_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('}').map_or(part, |(_, after)| after))
}

const ANY_NAME: &str = "⟨name⟩";
const OWN_NAME: &str = "⟨own name⟩";
const ANY_REGION: &str = "⟨region⟩";
/// Stands for the account that the policies belong to; as long as the id of one, for patterns with `?`.
pub(super) const ANY_ACCOUNT: &str = "⟨account-id⟩";

impl Asked<'_> {
    /// Whether a pattern can mean a resource of a service, as far as it names one.
    pub(super) fn may_be_of(&self, service: &str) -> bool {
        match self {
            Self::Within(pattern) => match pattern.splitn(4, ':').collect::<Vec<_>>().as_slice() {
                ["arn", _, named, _] => glob::overlap(named, service, Case::Counts),
                _ => true,
            },
            _ => true,
        }
    }

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
        let keep_region = deny != resources.negated;
        let matches_generally = |entry: &ResourcePattern, arn: &str| {
            entry.is_everything() || matches(&generalised(entry.as_str(), keep_region, circumstances), arn)
        };
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
                !resources.entries.iter().any(|entry| may_meet(entry.as_str(), pattern))
            }
            Self::Within(pattern) => resources.entries.iter().any(|entry| {
                let covers = |entry: &str| glob::covers(entry, pattern, Case::Counts);
                covers(entry.as_str())
                    || entry.as_str().contains(OWN_ACCOUNT)
                        && covers(&entry.as_str().replace(OWN_ACCOUNT, "*"))
            }),
            Self::Every(kind) => resources.is_met(|entry| matches_generally(entry, kind.0)),
            Self::Oneself(kind) => match circumstances.oneself(*kind) {
                Oneself::Is(arn) => Asked::One(Cow::Borrowed(arn)).is_named(grant, circumstances, deny),
                Oneself::IsNot => false,
                Oneself::Unknown => {
                    let own = kind.0.replace(ANY_NAME, OWN_NAME);
                    resources.is_met(|entry| {
                        entry.is_everything() || {
                            let name = Some(("aws:username", OWN_NAME));
                            let general = generalised(entry.as_str(), keep_region, circumstances);
                            let filled = circumstances.fill(&general, grant.version, name);
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
                let met = |form: String| resources.is_met(|entry| matches_generally(entry, &form));
                if resources.negated { forms.all(met) } else { forms.any(met) }
            }
        }
    }
}

/// A pattern with the account it names, if that may be the principal's own, replaced by any account. Likewise for the
/// region, unless a part may be missing: `function:*` of one region is still every function somebody needs.
pub(super) fn generalised<'p>(
    pattern: &'p str,
    keep_region: bool,
    circumstances: &Circumstances<'_>,
) -> Cow<'p, str> {
    if pattern.contains('$') && pattern.contains(OWN_ACCOUNT) {
        let pattern = pattern.replace(OWN_ACCOUNT, "*");
        return Cow::Owned(generalised(&pattern, keep_region, circumstances).into_owned());
    }
    let mut parts = pattern.splitn(6, ':');
    let mut next = || parts.next();
    let (Some(arn), Some(partition), Some(service), Some(region), Some(account), Some(resource)) =
        (next(), next(), next(), next(), next(), next())
    else {
        return Cow::Borrowed(pattern);
    };
    let other_partition = partition != "aws" && partition.starts_with("aws");
    let any_region = !keep_region && !region.is_empty() && region != "*";
    let own = account.len() == 12
        && match circumstances.known("aws:PrincipalAccount") {
            Some(Known::Value(own)) => account == own,
            _ => account.bytes().all(|byte| byte.is_ascii_digit()),
        };
    if !other_partition && !any_region && !own {
        return Cow::Borrowed(pattern);
    }
    let any = |any: bool, part| if any { "*" } else { part };
    let (partition, region) = (any(other_partition, partition), any(any_region, region));
    Cow::Owned([arn, partition, service, region, any(own, account), resource].join(":"))
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
            Some(Known::Value(_) | Known::Absent) => Oneself::IsNot,
            Some(Known::Free) | None => Oneself::Unknown,
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
        if !version.has_variables() || !pattern.contains('$') {
            filled.push_pattern(pattern);
            return Some(filled);
        }
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
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
