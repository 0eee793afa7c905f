use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::expiry;
use super::place::{Fields, Place};
use super::principal_pattern::{self, exact_principal, exact_resource};
use super::problem::Problems;
use crate::identifier::{AccessKeyId, Arn};
use crate::remedy::Remediator;
use crate::rules::{self, ResourceType, RuleId};

/// Somebody, or a key, whom a rule lets be for a time, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exemption {
    /// The rule.
    pub rule: RuleId,
    /// Who or what is exempt, in full: an exemption knows no wildcards.
    #[serde(flatten)]
    pub subject: ExemptSubject,
    /// Where it was agreed.
    pub ticket: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The first moment at which it is no exemption any more.
    pub expires: Timestamp,
}

impl Exemption {
    /// Whether it holds at that time.
    pub fn in_force(&self, at: Timestamp) -> bool {
        at < self.expires
    }

    /// The last day, in UTC, on which it holds at least for a moment.
    pub fn last_day(&self) -> String {
        let last = self.expires.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(self.expires);
        last.strftime("%Y-%m-%d").to_string()
    }
}

/// Who or what is exempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExemptSubject {
    /// A user or role, with all it has.
    Principal(Arn),
    /// One access key, and no other key of its user.
    AccessKey(AccessKeyId),
    /// A group, a policy, or whatever else is no principal.
    Resource(Arn),
}

impl fmt::Display for ExemptSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(arn) | Self::Resource(arn) => write!(f, "{arn}"),
            Self::AccessKey(key) => write!(f, "key {key}"),
        }
    }
}

/// The fields of an exemption.
pub(super) const FIELDS: [&str; 8] =
    ["rule", "principal", "accessKey", "resource", "ticket", "owner", "reason", "expires"];

/// What has an id much like an access key's and is none that lasts (IAM user guide, "Understanding unique ID
/// prefixes").
pub(super) const NO_KEYS: [(&str, &str); 4] = [
    ("ASIA", "the key of a temporary session"),
    ("AIDA", "the id of a user"),
    ("AROA", "the id of a role"),
    ("AGPA", "the id of a group"),
];

/// Reads the list of exemptions. One that has expired is read like any other: a deployment must not fail
/// because time has passed.
pub(super) fn read(list: &Place<'_>, problems: &mut Problems) -> Vec<Exemption> {
    let mut first_paths: BTreeMap<(RuleId, ExemptSubject), String> = BTreeMap::new();
    let mut exemptions = Vec::new();
    for place in list.items(problems).unwrap_or_default() {
        let Some(exemption) = read_one(&place, problems) else { continue };
        let twin = (exemption.rule, exemption.subject.clone());
        if let Some(first) = first_paths.get(&twin) {
            problems.push(place.problem(
                format!("`{first}` already exempts {} from `{}`", exemption.subject, exemption.rule),
                "keep one of the two; to prolong an exemption, change its `expires`",
            ));
        } else {
            first_paths.insert(twin, place.path);
            exemptions.push(exemption);
        }
    }
    exemptions
}

fn read_one(place: &Place<'_>, problems: &mut Problems) -> Option<Exemption> {
    let fields = place.fields(&FIELDS, problems)?;
    let rule = fields.required("rule", problems).and_then(|place| read_rule(place, problems));
    let subject = read_subject(&fields, rule, problems);
    let ticket = fields.text("ticket", problems);
    let owner = fields.text("owner", problems);
    let reason = fields.text("reason", problems);
    let expires = fields.required("expires", problems).and_then(|place| read_expiry(place, problems));
    Some(Exemption {
        rule: rule?,
        subject: subject?,
        ticket: ticket?.to_owned(),
        owner: owner?.to_owned(),
        reason: reason?.to_owned(),
        expires: expires?,
    })
}

fn read_rule(place: &Place<'_>, problems: &mut Problems) -> Option<RuleId> {
    let text = whole(place, problems)?;
    match RuleId::parse(text) {
        Ok(rule) => Some(rule),
        Err(error) => {
            problems.push(place.problem(error.to_string(), "name one of them"));
            None
        }
    }
}

fn read_subject(fields: &Fields<'_>, rule: Option<RuleId>, problems: &mut Problems) -> Option<ExemptSubject> {
    match (fields.optional("principal"), fields.optional("accessKey"), fields.optional("resource")) {
        (Some(place), None, None) => read_principal(place, rule, problems),
        (None, Some(place), None) => read_access_key(place, rule, problems),
        (None, None, Some(place)) => read_resource(place, rule, problems),
        (None, None, None) => {
            problems.push(fields.problem(
                "neither `principal` nor `accessKey` nor `resource` is named",
                "add `principal: <ARN>`, `accessKey: <key id>` or `resource: <ARN>`",
            ));
            None
        }
        _ => {
            problems.push(fields.problem(
                "more than one of `principal`, `accessKey` and `resource` is named",
                "keep `accessKey` to exempt that one key, `principal` to exempt all of the principal, or `resource` for \
                 what is no principal",
            ));
            None
        }
    }
}

/// The ARN of what is no principal.
fn read_resource(place: &Place<'_>, rule: Option<RuleId>, problems: &mut Problems) -> Option<ExemptSubject> {
    let (arn, kind) = match exact_resource(whole(place, problems)?) {
        Ok(named) => named,
        Err(what) => {
            problems.push(place.problem(what, principal_pattern::RESOURCE_EXAMPLE));
            return None;
        }
    };
    check_judged(place, rule, kind, problems)?;
    Some(ExemptSubject::Resource(arn))
}

/// `None`, and a problem, where the rule judges nothing of this kind.
fn check_judged(
    place: &Place<'_>,
    rule: Option<RuleId>,
    kind: ResourceType,
    problems: &mut Problems,
) -> Option<()> {
    match rule.and_then(rules::find) {
        Some(entry) if !entry.meta.applies_to.contains(&kind) => {
            problems.push(place.problem(
                format!(
                    "`{}` does not judge a {}, so there is nothing to exempt",
                    entry.meta.id,
                    kind.noun()
                ),
                "name another rule, or what this one judges",
            ));
            None
        }
        _ => Some(()),
    }
}

fn read_principal(place: &Place<'_>, rule: Option<RuleId>, problems: &mut Problems) -> Option<ExemptSubject> {
    let arn = match exact_principal(whole(place, problems)?) {
        Ok(arn) => arn,
        Err(what) => {
            problems.push(place.problem(what, principal_pattern::EXAMPLE));
            return None;
        }
    };
    let is_role = arn.resource().starts_with("role/");
    check_judged(place, rule, if is_role { ResourceType::Role } else { ResourceType::User }, problems)?;
    Some(ExemptSubject::Principal(arn))
}

fn read_access_key(
    place: &Place<'_>,
    rule: Option<RuleId>,
    problems: &mut Problems,
) -> Option<ExemptSubject> {
    let key = match AccessKeyId::parse(whole(place, problems)?) {
        Ok(key) => key,
        Err(error) => {
            problems.push(place.problem(error.to_string(), "write the key's id in full; its secret never"));
            return None;
        }
    };
    if let Some((prefix, what)) = NO_KEYS.iter().find(|(prefix, _)| key.as_str().starts_with(prefix)) {
        problems.push(place.problem(
            format!("`{prefix}…` is {what}, which no rule judges as a key, so there is nothing to exempt"),
            "name a long-term access key (`AKIA…`), or the `principal`",
        ));
        return None;
    }
    if let Some(entry) = rule.and_then(rules::find)
        && entry.meta.remediator != Some(Remediator::DeactivateAccessKeys)
    {
        problems.push(place.problem(
            format!("`{}` does not judge keys one by one, so a single key cannot be exempt", entry.meta.id),
            "name the `principal` instead",
        ));
        return None;
    }
    Some(ExemptSubject::AccessKey(key))
}

fn read_expiry(place: &Place<'_>, problems: &mut Problems) -> Option<Timestamp> {
    let text = place.text(problems)?;
    let expires = expiry::read(text);
    if expires.is_none() {
        problems.push(place.problem(format!("`{text}` is not the end of an exemption"), expiry::EXAMPLE));
    }
    expires
}

/// A text without wildcards.
fn whole<'a>(place: &Place<'a>, problems: &mut Problems) -> Option<&'a str> {
    let text = place.text(problems)?;
    if text.contains(['*', '?']) {
        problems.push(place.problem(
            "an exemption takes no wildcards",
            "name one rule and one principal or key in full, and write an exemption for each",
        ));
        return None;
    }
    Some(text)
}
