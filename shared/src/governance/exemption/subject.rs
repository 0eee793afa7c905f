use super::super::place::{Fields, Place};
use super::super::principal_pattern::{self, exact_principal, exact_resource};
use super::super::problem::Problems;
use super::{ExemptSubject, NO_KEYS};
use crate::identifier::AccessKeyId;
use crate::remedy::Remediator;
use crate::rules::{self, ResourceType, RuleId};

/// Who or what is exempt, named in full.
pub(super) fn read_subject(
    fields: &Fields<'_>,
    rule: Option<RuleId>,
    problems: &mut Problems,
) -> Option<ExemptSubject> {
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

/// A text without wildcards.
pub(super) fn whole<'a>(place: &Place<'a>, problems: &mut Problems) -> Option<&'a str> {
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
