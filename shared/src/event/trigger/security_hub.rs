//! Security Hub's findings: imported, one an event, and those that somebody chose for a custom action, any number.

mod control;
mod ocsf;
mod resource;
#[cfg(test)]
mod tests;

use super::envelope::Envelope;
use super::said::{said, shortened};
use super::{Hint, Trigger};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::threat::{Grade, Sign, Source};
use resource::Resource;

pub(super) use ocsf::read as read_ocsf;

/// How a finding came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// As every finding does.
    ByItself,
    /// By a custom action: somebody wants something done about it.
    BySomebody,
}

/// Products whose findings come here straight from them too.
const TELL_THEMSELVES: &[&str] = &["GuardDuty", "Macie", "IAM Access Analyzer", "Health", "Config"];

pub(super) fn read(envelope: &Envelope<'_>, told: Told) -> Result<Vec<Trigger>, EventError> {
    let findings = envelope.detail.get("findings")?;
    findings.value("an array")?;
    Ok(findings.list(|finding| read_one(envelope, finding, told))?.unwrap_or_default())
}

/// A finding in the AWS Security Finding Format.
fn read_one(envelope: &Envelope<'_>, finding: &Field<'_>, told: Told) -> Result<Trigger, EventError> {
    let id = finding.get("Id")?.filled_text()?;
    let (account, region) = (finding.get("AwsAccountId")?, finding.get("Region")?);
    let origin = envelope.origin(Source::SecurityHub).with(id, &account, &region)?;
    let origin = origin.seen(finding.get("UpdatedAt")?.time().ok());
    if let Some(why) = is_settled(finding, told)? {
        return Ok(origin.ignored(why));
    }
    let status = finding.get("Compliance")?.under("Status")?.text_if_any()?;
    match status {
        Some("FAILED") | None => {}
        Some(other) => return Ok(origin.ignored(format!("its compliance is `{}`", shortened(other)))),
    }
    let account = origin.account.clone();
    let read = |resource: &Field<'_>| Resource::read(resource, &account);
    let resources = resource::all(&finding.get("Resources")?, read)?;
    if resources.is_empty() {
        return Ok(origin.ignored("it names nothing of IAM"));
    }
    let hints = match status {
        Some(_) => broken(finding, resources)?,
        None if only_tells_what_lies_open(finding)? => breaking(None, resources),
        None => threats(finding, resources)?,
    };
    Ok(origin.hinting(hints))
}

/// Why nothing is to be done about it any more, or not from here.
fn is_settled(finding: &Field<'_>, told: Told) -> Result<Option<String>, EventError> {
    let state = finding.get("RecordState")?.text_if_any()?.unwrap_or("ACTIVE");
    if state != "ACTIVE" {
        return Ok(Some(format!("its record is `{}`", shortened(state))));
    }
    let workflow = finding.get("Workflow")?.under("Status")?.text_if_any()?.unwrap_or("NEW");
    if !["NEW", "NOTIFIED"].contains(&workflow) {
        return Ok(Some(format!("its workflow is `{}`", shortened(workflow))));
    }
    let verified = finding.get("VerificationState")?.text_if_any()?.unwrap_or("UNKNOWN");
    if ["FALSE_POSITIVE", "BENIGN_POSITIVE"].contains(&verified) {
        return Ok(Some(format!("somebody found it to be a `{verified}`")));
    }
    let sample = finding.get("Sample")?.optional(Field::boolean)?.unwrap_or_default();
    let title = finding.get("Title")?.text_if_any()?.unwrap_or_default();
    if sample || title.starts_with("[SAMPLE]") {
        return Ok(Some("it is a sample".to_owned()));
    }
    Ok(product_of(finding)?
        .filter(|product| told == Told::ByItself && TELL_THEMSELVES.contains(product))
        .map(|product| format!("{product} tells of it itself")))
}

/// Whether its product says what somebody could do and not that anybody did, as on its own way here.
fn only_tells_what_lies_open(finding: &Field<'_>) -> Result<bool, EventError> {
    Ok(product_of(finding)?.is_some_and(|product| ["IAM Access Analyzer", "Config"].contains(&product)))
}

fn product_of<'a>(finding: &Field<'a>) -> Result<Option<&'a str>, EventError> {
    let (name, arn) = (finding.get("ProductName")?, finding.get("ProductArn")?);
    Ok(product(name.text_if_any()?, arn.text_if_any()?))
}

/// The product, as Security Hub names AWS's own: by name, or by the end of its ARN in older findings.
fn product<'a>(name: Option<&'a str>, arn: Option<&str>) -> Option<&'a str> {
    let (_, id) = arn.unwrap_or_default().rsplit_once("/aws/").unwrap_or_default();
    match id {
        "guardduty" => Some("GuardDuty"),
        "macie" => Some("Macie"),
        "access-analyzer" => Some("IAM Access Analyzer"),
        "health" => Some("Health"),
        "config" => Some("Config"),
        _ => name,
    }
}

/// What a control found: ours that stands for it is judged, or all, where the finding names none.
fn broken(finding: &Field<'_>, resources: Vec<Resource>) -> Result<Vec<Hint>, EventError> {
    Ok(breaking(control::of(finding)?.as_deref(), resources))
}

fn breaking(standard: Option<&str>, resources: Vec<Resource>) -> Vec<Hint> {
    let hint = |resource: Resource| match standard {
        Some(standard) => Hint::Broken { standard: standard.to_owned(), about: resource.about },
        None => Hint::Changed { about: resource.about },
    };
    resources.into_iter().map(hint).collect()
}

/// What a detector found.
fn threats(finding: &Field<'_>, resources: Vec<Resource>) -> Result<Vec<Hint>, EventError> {
    let severity = finding.get("Severity")?;
    let severity = grade(severity.under("Label")?.text_if_any()?, &severity.under("Normalized")?);
    Ok(detected(resources, severity, &said(finding.get("Title")?.filled_text()?)))
}

/// Who did it, where the finding says so: the role that was to be lured with is no suspect. Else all that it names.
fn detected(mut resources: Vec<Resource>, severity: Grade, said: &str) -> Vec<Hint> {
    if resources.iter().any(|resource| resource.is_actor) {
        resources.retain(|resource| resource.is_actor);
    }
    let hint = |Resource { about, key, is_root, .. }| {
        let (sign, said) = (Sign::Detected, said.to_owned());
        if is_root {
            return Hint::Page { sign, said };
        }
        Hint::Threat { sign, about, key, by: None, severity: Some(severity), said }
    };
    resources.into_iter().map(hint).collect()
}

/// By label, else by the number it was made of: 1, 40, 70 and 90 begin low, medium, high and critical.
///
/// Source: Security Hub user guide, "Severity" in the AWS Security Finding Format.
fn grade(label: Option<&str>, normalized: &Field<'_>) -> Grade {
    match label {
        Some("INFORMATIONAL") => Grade::None,
        Some("LOW") => Grade::One,
        Some("MEDIUM") => Grade::Two,
        Some(_) => Grade::Three,
        // Not told is not harmless: it counts as medium.
        None => match normalized.raw().and_then(serde_json::Value::as_u64).unwrap_or(40) {
            0 => Grade::None,
            1..40 => Grade::One,
            40..70 => Grade::Two,
            _ => Grade::Three,
        },
    }
}
