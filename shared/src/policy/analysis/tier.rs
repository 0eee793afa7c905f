use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::access_level::reaches_writes;
use super::index::halves;
use super::{AccessLevels, Boundary, Circumstances, Permissions};
use crate::policy::glob::{self, Case};
use crate::policy::{ActionPattern, Comparison, Effect, Element, Policy, ResourcePattern, Statement};

/// How much is at stake with a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// It may do nothing.
    None,
    /// It reads.
    Bronze,
    /// It writes.
    Silver,
    /// It can change IAM, security services or the organisation.
    Gold,
    /// It is an administrator or can become one.
    Platinum,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
            Self::Platinum => "platinum",
        })
    }
}

/// Services by which an account is governed and watched.
const GOVERNING: &[&str] = &[
    "access-analyzer",
    "account",
    "auditmanager",
    "cloudhsm",
    "cloudtrail",
    "config",
    "controltower",
    "detective",
    "fms",
    "guardduty",
    "iam",
    "identity-sync",
    "identitystore",
    "inspector",
    "inspector2",
    "kms",
    "macie2",
    "network-firewall",
    "organizations",
    "rolesanywhere",
    "security-ir",
    "securityhub",
    "securitylake",
    "shield",
    "sso",
    "sso-directory",
    "waf",
    "waf-regional",
    "wafv2",
];

/// Writes in these services that change nobody's permissions and nothing's protection, by the beginning of the name:
/// one's own password, the use of a key, a service's own role.
const HARMLESS: &[(&str, &str)] = &[
    ("cloudtrail", "CancelQuery"),
    ("cloudtrail", "StartQuery"),
    ("config", "PutEvaluation"),
    ("config", "StartConfigRulesEvaluation"),
    ("iam", "ChangePassword"),
    ("iam", "CreateServiceLinked"),
    ("iam", "CreateVirtualMFA"),
    ("iam", "Pass"),
    ("kms", "CreateGrant"),
    ("kms", "Decrypt"),
    ("kms", "DeriveSharedSecret"),
    ("kms", "Encrypt"),
    ("kms", "Generate"),
    ("kms", "ReEncrypt"),
    ("kms", "RetireGrant"),
    ("kms", "RevokeGrant"),
    ("kms", "Sign"),
    ("kms", "Verify"),
];

impl Permissions<'_> {
    /// The tier of what the policies themselves allow, not counting what the principal could make of it: hence at
    /// most gold.
    ///
    /// Reads patterns, not actions: where a Deny takes only a part of a pattern away, the pattern counts whole.
    pub(super) fn tier_of_actions(&self, known: &Circumstances<'_>, levels: &dyn AccessLevels) -> Tier {
        let mut gates = vec![Gate::denies(self.identity.iter().map(|named| named.policy), known)];
        match &self.boundary {
            Boundary::Known(boundary) => {
                gates.push(Gate::denies(std::iter::once(boundary.policy), known));
                gates.push(Gate::allows(boundary.policy));
            }
            Boundary::Absent | Boundary::Unknown => {}
        }
        let mut best = Tier::None;
        for (_, policy, statement) in self.statements().filter(|(_, _, it)| it.effect == Effect::Allow) {
            let may_apply = || known.may_hold(&statement.conditions, policy.version);
            let before = best;
            for part in parts(statement, |pattern| may_exceed(before, pattern)) {
                if best != before && !may_exceed(best, &part.pattern) {
                    continue;
                }
                let most = tier_of(levels, &part.pattern, statement).min(part.most);
                if most > best && may_apply() {
                    let part = Part { most, ..part };
                    best = best.max(through(levels, &gates, &part, statement));
                }
            }
            if best == Tier::Gold {
                break;
            }
        }
        best
    }
}

/// Whether a pattern could show more than has been shown already. Most cannot, so this is cheap.
fn may_exceed(best: Tier, pattern: &str) -> bool {
    match best {
        Tier::None | Tier::Bronze => true,
        Tier::Silver => governs(halves(pattern).0),
        Tier::Gold | Tier::Platinum => false,
    }
}

/// The tier of a part after what the gates leave of it. Never more than that of the part itself.
fn through(levels: &dyn AccessLevels, gates: &[Gate<'_>], part: &Part<'_>, statement: &Statement) -> Tier {
    let most = tier_of(levels, &part.pattern, statement).min(part.most);
    let Some((gate, rest)) = gates.split_first() else { return most };
    let left = gate.leaves(part).into_iter().map(|left| Part { most: left.most.min(most), ..left });
    left.map(|left| through(levels, rest, &left, statement)).max().unwrap_or(Tier::None)
}

/// A part of what a statement allows.
#[derive(Clone)]
struct Part<'a> {
    pattern: Cow<'a, str>,
    /// What of the pattern is not allowed, where a statement allows all but a list.
    except: &'a [ActionPattern],
    resources: Option<&'a Element<ResourcePattern>>,
    /// What it can amount to at most.
    most: Tier,
}

/// Every action there is; each has a service and a name.
const EVERYTHING: &str = "?*:?*";

/// What a statement allows, part by part; of listed patterns only those that are wanted. All but a list is each governing service that is not listed whole, and
/// the rest.
fn parts(statement: &Statement, wanted: impl Fn(&str) -> bool) -> Vec<Part<'_>> {
    if statement.resource.as_ref().is_some_and(includes_nothing) {
        return Vec::new();
    }
    let listed = statement.action.entries.as_slice();
    let part = |pattern, except, most| Part { pattern, except, resources: statement.resource.as_ref(), most };
    if !statement.action.negated {
        let wanted = listed.iter().map(ActionPattern::as_str).filter(|entry| wanted(entry));
        return wanted.map(|entry| part(Cow::Borrowed(entry), &[][..], Tier::Gold)).collect();
    }
    let governing = GOVERNING.iter().map(|service| part(format!("{service}:?*").into(), listed, Tier::Gold));
    let all = governing.chain([part(EVERYTHING.into(), listed, Tier::Silver)]);
    all.filter(|part| !part.is_listed(&part.pattern)).collect()
}

impl Part<'_> {
    fn is_listed(&self, pattern: &str) -> bool {
        self.except.iter().any(|entry| covers(entry.as_str(), pattern))
    }

    /// What it has in common with another part, as far as patterns can tell.
    fn meet<'r>(&self, cap: &Part<'r>) -> Option<Cow<'r, str>> {
        let common = meet(&self.pattern, cap.pattern.clone())?;
        (!self.is_listed(&common) && !cap.is_listed(&common)).then_some(common)
    }
}

fn covers(wide: &str, narrow: &str) -> bool {
    glob::covers(wide, narrow, Case::Ignored)
}

/// What a pattern amounts to.
fn tier_of(levels: &dyn AccessLevels, pattern: &str, statement: &Statement) -> Tier {
    let (service, name) = halves(pattern);
    if !reaches_writes(levels, service, name) || is_session_for_reading(statement) {
        Tier::Bronze
    } else if governs(service) && !is_harmless(service, name) && !is_self_service(statement) {
        Tier::Gold
    } else {
        Tier::Silver
    }
}

/// Whether a service, or one that a pattern matches, governs the account.
fn governs(service: &str) -> bool {
    let wild = service.bytes().any(|byte| byte == b'*' || byte == b'?');
    let first = service.as_bytes().first().map(u8::to_ascii_lowercase);
    GOVERNING.iter().filter(|governing| wild || governing.as_bytes().first().copied() == first).any(
        |governing| {
            service.eq_ignore_ascii_case(governing)
                || (wild && glob::matches(service, governing, Case::Ignored))
        },
    )
}

fn is_harmless(service: &str, name: &str) -> bool {
    HARMLESS.iter().any(|(of, beginning)| {
        of.eq_ignore_ascii_case(service)
            && name.get(..beginning.len()).is_some_and(|head| head.eq_ignore_ascii_case(beginning))
    })
}

/// Whether what a statement allows is a session with S3 Express in which nothing can be written.
fn is_session_for_reading(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.is_about("s3express:SessionMode")
            && condition.operator.comparison == Comparison::StringEquals
            && !condition.operator.if_exists
            && condition.operator.quantifier.is_none()
            && condition.values.iter().all(|value| value == "ReadOnly")
    })
}

/// Whether a statement is about the principal's own user alone: its credentials are its own.
fn is_self_service(statement: &Statement) -> bool {
    statement.resource.as_ref().is_some_and(|resources| {
        let own = |entry: &ResourcePattern| {
            entry.as_str().ends_with("/${aws:username}")
                && ["user/", "mfa/", "sms-mfa/"].iter().any(|kind| entry.as_str().contains(kind))
        };
        !resources.negated && !resources.entries.is_empty() && resources.entries.iter().all(own)
    })
}

/// What takes away: denies, or a boundary that does not allow.
enum Gate<'a> {
    Denies(Vec<&'a Statement>),
    Allows(Vec<&'a Statement>),
}

impl<'a> Gate<'a> {
    /// The denies that nothing escapes.
    fn denies(policies: impl Iterator<Item = &'a Policy>, known: &Circumstances<'_>) -> Self {
        let certain = |policy: &'a Policy| {
            policy.statements.iter().filter(move |statement| {
                statement.effect == Effect::Deny
                    && known.must_hold(&statement.conditions, policy.version, &[])
            })
        };
        Self::Denies(policies.flat_map(certain).collect())
    }

    fn allows(policy: &'a Policy) -> Self {
        Self::Allows(policy.statements.iter().filter(|statement| statement.effect == Effect::Allow).collect())
    }

    /// What is left of a part: nothing, or parts of it.
    fn leaves<'r>(&'r self, part: &'r Part<'_>) -> Vec<Part<'r>> {
        match self {
            Self::Allows(statements) => {
                let meeting = statements
                    .iter()
                    .filter(|statement| may_meet(part.resources, statement.resource.as_ref()));
                meeting
                    .flat_map(|statement| parts(statement, |_| true))
                    .filter_map(|cap| {
                        Some(Part { pattern: part.meet(&cap)?, most: cap.most, ..part.clone() })
                    })
                    .collect()
            }
            Self::Denies(statements) => {
                let mut left: Vec<Part<'r>> = vec![part.clone()];
                let wide = statements
                    .iter()
                    .filter(|statement| includes(statement.resource.as_ref(), part.resources));
                for statement in wide {
                    let listed = &statement.action.entries;
                    if statement.action.negated {
                        let caps = listed.iter().map(|entry| Part {
                            pattern: Cow::Borrowed(entry.as_str()),
                            except: &[],
                            resources: None,
                            most: Tier::Gold,
                        });
                        left = caps
                            .flat_map(|cap| {
                                let left = left.iter();
                                let common = left.filter_map(|part| {
                                    Some(Part { pattern: part.meet(&cap)?, ..part.clone() })
                                });
                                common.collect::<Vec<_>>()
                            })
                            .collect();
                    } else {
                        left.retain(|part| !listed.iter().any(|entry| covers(entry.as_str(), &part.pattern)));
                    }
                }
                left
            }
        }
    }
}

/// What two patterns have in common, or more than that where they cross.
fn meet<'r>(pattern: &str, cap: Cow<'r, str>) -> Option<Cow<'r, str>> {
    if covers(pattern, &cap) {
        Some(cap)
    } else if covers(&cap, pattern) {
        Some(Cow::Owned(pattern.to_owned()))
    } else if glob::overlap(pattern, &cap, Case::Ignored) {
        // The one that says more in front says more of what both can mean.
        let literal = |text: &str| text.find(['*', '?']).unwrap_or(text.len());
        Some(if literal(&cap) > literal(pattern) { cap } else { Cow::Owned(pattern.to_owned()) })
    } else {
        None
    }
}

/// Whether a statement's resources include all of another's.
fn includes(wide: Option<&Element<ResourcePattern>>, narrow: Option<&Element<ResourcePattern>>) -> bool {
    let (Some(wide), Some(narrow)) = (wide, narrow) else { return true };
    let resource = |wide: &ResourcePattern, narrow: &ResourcePattern| {
        wide.is_everything() || glob::covers(wide.as_str(), narrow.as_str(), Case::Counts)
    };
    match (wide.negated, narrow.negated) {
        (false, false) => {
            narrow.entries.iter().all(|entry| wide.entries.iter().any(|by| resource(by, entry)))
        }
        (false, true) => wide.entries.iter().any(ResourcePattern::is_everything),
        (true, false) => narrow.entries.iter().all(|entry| {
            !wide.entries.iter().any(|by| glob::overlap(by.as_str(), entry.as_str(), Case::Counts))
        }),
        (true, true) => wide.entries.iter().all(|entry| narrow.entries.iter().any(|by| resource(by, entry))),
    }
}

/// Whether two statements can be about the same resource.
fn may_meet(a: Option<&Element<ResourcePattern>>, b: Option<&Element<ResourcePattern>>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return true };
    if a.negated || b.negated {
        return !includes_nothing(a) && !includes_nothing(b);
    }
    a.entries
        .iter()
        .any(|one| b.entries.iter().any(|other| glob::overlap(one.as_str(), other.as_str(), Case::Counts)))
}

fn includes_nothing(resources: &Element<ResourcePattern>) -> bool {
    if resources.negated {
        resources.entries.iter().any(ResourcePattern::is_everything)
    } else {
        resources.entries.is_empty()
    }
}

#[cfg(test)]
mod tests;
