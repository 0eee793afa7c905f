use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::moment::{self, Moment};
use super::super::place::{Fields, Place};
use super::super::problem::Problems;
use super::super::setting::RuleSetting;
use super::super::suggestion::did_you_mean;
use super::subject::{read_subject, whole};
use super::{Criticality, Exemption, FIELDS, Rotations, latest_expiry, rotation};
use crate::rules::RuleId;

/// Reads the list of exemptions. One that has expired is read like any other: a deployment must not fail because time
/// has passed.
pub(in super::super) fn read(
    list: &Place<'_>,
    settings: &BTreeMap<RuleId, RuleSetting>,
    problems: &mut Problems,
) -> (Vec<Exemption>, Rotations) {
    let mut exemptions: Vec<Exemption> = Vec::new();
    let mut rotations = Rotations::default();
    for (index, place) in list.items(problems).unwrap_or_default().into_iter().enumerate() {
        let Some(exemption) = read_one(index, &place, problems) else { continue };
        let twin = exemptions.iter().find(|first| first.is_twin_of(&exemption) && first.overlaps(&exemption));
        if let Some(first) = twin {
            problems.push(place.problem(
                format!(
                    "`{}` already exempts {} from `{}` in that time",
                    first.name(),
                    exemption.subject,
                    exemption.rule
                ),
                "keep one of the two, or let this one begin where that one ends; to prolong an exemption, change its \
                 `expires`",
            ));
            continue;
        }
        if let Some(days) = exemption.rotate_every
            && let Some(setting) = settings.get(&exemption.rule)
            && rotations.add(exemption.rule, days, &*setting.rule).is_none()
        {
            problems.push(place.problem(
                format!("`{}` takes no limit of {days} days", exemption.rule),
                "take `rotateEvery` out, or write another number of days",
            ));
        }
        exemptions.push(exemption);
    }
    (exemptions, rotations)
}

fn read_one(index: usize, place: &Place<'_>, problems: &mut Problems) -> Option<Exemption> {
    let fields = place.fields(&FIELDS, problems)?;
    let rule = fields.required("rule", problems).and_then(|place| read_rule(place, problems));
    let subject = read_subject(&fields, rule, problems);
    let ticket = fields.text("ticket", problems);
    let owner = fields.text("owner", problems);
    let approver = read_approver(&fields, owner, problems);
    let reason = fields.text("reason", problems);
    let process = optional(&fields, "process", problems, Place::text);
    let criticality = optional(&fields, "criticality", problems, read_criticality);
    let rotate_every =
        optional(&fields, "rotateEvery", problems, |place, problems| rotation::read(place, rule, problems));
    let period = read_period(&fields, problems);
    let (created, expires) = period?;
    Some(Exemption {
        index,
        rule: rule?,
        subject: subject?,
        ticket: ticket?.to_owned(),
        owner: owner?.to_owned(),
        approver: approver?.to_owned(),
        reason: reason?.to_owned(),
        process: process.ok()?.map(str::to_owned),
        criticality: criticality.ok()?,
        rotate_every: rotate_every.ok()?,
        created,
        expires,
    })
}

/// A field that is there and wrong.
struct Wrong;

/// A field that may be left out.
fn optional<'a, T>(
    fields: &Fields<'a>,
    name: &str,
    problems: &mut Problems,
    read: impl FnOnce(&Place<'a>, &mut Problems) -> Option<T>,
) -> Result<Option<T>, Wrong> {
    match fields.optional(name) {
        None => Ok(None),
        Some(place) => read(place, problems).map(Some).ok_or(Wrong),
    }
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

/// Two people stand behind an exemption: nobody lets himself be.
fn read_approver<'a>(fields: &Fields<'a>, owner: Option<&str>, problems: &mut Problems) -> Option<&'a str> {
    let place = fields.required("approver", problems)?;
    let approver = place.text(problems)?;
    if owner.is_some_and(|owner| plain(owner) == plain(approver)) {
        problems.push(place.problem(
            "whoever owns an exemption cannot approve it",
            "name somebody else who has agreed to it",
        ));
        return None;
    }
    Some(approver)
}

/// A name without what does not tell people apart.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn read_criticality(place: &Place<'_>, problems: &mut Problems) -> Option<Criticality> {
    let text = place.text(problems)?;
    let known = Criticality::ALL.into_iter().find(|one| one.as_str() == text);
    if known.is_none() {
        let names = Criticality::ALL.map(Criticality::as_str);
        problems.push(place.problem(
            format!("`{text}` is no criticality{}", did_you_mean(text, names)),
            format!("write one of {}", names.join(", ")),
        ));
    }
    known
}

/// From when until when.
fn read_period(fields: &Fields<'_>, problems: &mut Problems) -> Option<(Timestamp, Timestamp)> {
    let created = fields
        .required("created", problems)
        .and_then(|place| read_moment(place, "beginning", Moment::starts, problems));
    let place = fields.required("expires", problems)?;
    // The last day that a date can name has no end that a time can: it is too late, and no misspelling.
    let ends = |moment: Moment| Some(moment.ends().unwrap_or(Timestamp::MAX));
    let expires = read_moment(place, "end", ends, problems)?;
    let created = created?;
    if expires <= created {
        problems.push(
            place.problem(
                "it ends before it begins",
                "write an end after `created`, or take the exemption out",
            ),
        );
        return None;
    }
    let latest = latest_expiry(created);
    if latest.is_none_or(|latest| latest < expires) {
        let last_day = latest.and_then(|latest| latest.checked_sub(SignedDuration::from_hours(24)).ok());
        let by = last_day.map(|day| format!(", by {}", day.strftime("%Y-%m-%d"))).unwrap_or_default();
        problems.push(place.problem(
            "it lasts longer than a year",
            format!(
                "let it end within a year of `created`{by}; whoever needs more has it approved anew by then, and writes \
                 that day as `created`"
            ),
        ));
        return None;
    }
    Some((created, expires))
}

fn read_moment(
    place: &Place<'_>,
    what: &str,
    of: fn(Moment) -> Option<Timestamp>,
    problems: &mut Problems,
) -> Option<Timestamp> {
    let text = place.text(problems)?;
    let moment = Moment::read(text).and_then(of);
    if moment.is_none() {
        problems.push(place.problem(format!("`{text}` is not the {what} of an exemption"), moment::EXAMPLE));
    }
    moment
}
