//! Findings in the Open Cybersecurity Schema Framework, in which Security Hub has told its findings since it and
//! Security Hub CSPM are two.
//!
//! Source: Security Hub user guide, "`EventBridge` event formats" and "OCSF findings in Security Hub"; OCSF schema 1.6,
//! classes Compliance Finding and Detection Finding.

use super::super::Trigger;
use super::super::envelope::Envelope;
use super::super::said::{said, shortened};
use super::resource::{self, Resource};
use super::{TELL_THEMSELVES, breaking, control, detected, product};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::AccountId;
use crate::threat::{Grade, Source};

/// Something was seen.
const DETECTION: u64 = 2004;
/// A control passed or failed.
const COMPLIANCE: u64 = 2003;

pub(in super::super) fn read(envelope: &Envelope<'_>) -> Result<Vec<Trigger>, EventError> {
    let findings = envelope.detail.get("findings")?;
    findings.value("an array")?;
    Ok(findings.list(|finding| read_one(envelope, finding))?.unwrap_or_default())
}

fn read_one(envelope: &Envelope<'_>, finding: &Field<'_>) -> Result<Trigger, EventError> {
    let info = finding.get("finding_info")?;
    // The id that the finding has in the other shape too, so that what is told in both is one thing.
    let id = info.get("uid")?.filled_text()?;
    let cloud = finding.get("cloud")?;
    let account = cloud.deep(&["account", "uid"])?;
    let origin = envelope.origin(Source::SecurityHub).with(id, &account, &cloud.under("region")?)?;
    let origin = origin.seen(info.get("modified_time_dt")?.time().ok());
    if let Some(why) = is_settled(finding, &info)? {
        return Ok(origin.ignored(why));
    }
    let class = finding.get("class_uid")?.count()?;
    let compliance = finding.get("compliance")?;
    if class == COMPLIANCE {
        let status = compliance.under("status")?.text_if_any()?.unwrap_or("Unknown");
        if !["Fail", "FAILED"].contains(&status) {
            return Ok(origin.ignored(format!("its compliance is `{}`", shortened(status))));
        }
    }
    let resources = finding.get("resources")?;
    let judged = origin.account.clone();
    let here = |resource: &Field<'_>| match of_another(resource, &judged)? {
        Some(_) => Ok(None),
        None => Resource::read_ocsf(resource, &judged),
    };
    let all = if resources.is_missing() { Vec::new() } else { resource::all(&resources, here)? };
    if all.is_empty() {
        let owners = resources.list(|resource| of_another(resource, &judged))?.unwrap_or_default();
        return Ok(origin.ignored(match owners.into_iter().flatten().next() {
            Some(owner) => format!(
                "what it names belongs to account {}, and its own account is {judged}",
                shortened(owner)
            ),
            None => "it names nothing of IAM".to_owned(),
        }));
    }
    let resources = all;
    Ok(origin.hinting(match class {
        COMPLIANCE => {
            let control = compliance.under("control")?.text_if_any()?.and_then(control::numbered);
            breaking(control.as_deref(), resources)
        }
        DETECTION if !is_exposure(finding)? => {
            let title = info.get("title")?.filled_text()?;
            detected(resources, grade(&finding.get("severity_id")?), &said(title))
        }
        // What lies open says nothing of who used it.
        _ => breaking(None, resources),
    }))
}

/// The account that a resource belongs to, where that is told and is not the one judged: a finding may name what is
/// somebody else's beside what is its account's own, and ids of another account mean nothing here.
fn of_another<'a>(resource: &Field<'a>, judged: &AccountId) -> Result<Option<&'a str>, EventError> {
    let owner = resource.under("owner")?.deep(&["account", "uid"])?.text_if_any()?;
    Ok(owner.filter(|owner| !owner.is_empty() && *owner != judged.as_str()))
}

/// Why nothing is to be done about it any more, or not from here.
fn is_settled(finding: &Field<'_>, info: &Field<'_>) -> Result<Option<String>, EventError> {
    // In progress is at work, as notified is in the other shape.
    let is_open = |status: &str| ["New", "In Progress", "Unknown"].contains(&status);
    let status = match finding.get("status_id")?.optional(Field::count)? {
        Some(0..=2) | None => finding.get("status")?.text_if_any()?.unwrap_or("New"),
        Some(3) => "Suppressed",
        Some(4) => "Resolved",
        Some(5) => "Archived",
        Some(6) => "Deleted",
        Some(_) => finding.get("status")?.text_if_any()?.unwrap_or("Other"),
    };
    if !is_open(status) {
        return Ok(Some(format!("its status is `{}`", shortened(status))));
    }
    if finding.get("activity_name")?.text_if_any()? == Some("Close") {
        return Ok(Some("it is closed".to_owned()));
    }
    // Source: OCSF schema, `verdict_id`.
    let verdict = match finding.get("verdict_id")?.optional(Field::count)? {
        Some(1) => Some("False Positive"),
        Some(3) => Some("Disregard"),
        Some(5) => Some("Benign"),
        Some(6) => Some("Test"),
        _ => None,
    };
    if let Some(verdict) = verdict {
        return Ok(Some(format!("somebody's verdict on it is `{verdict}`")));
    }
    if info.get("title")?.text_if_any()?.is_some_and(|title| title.starts_with("[SAMPLE]")) {
        return Ok(Some("it is a sample".to_owned()));
    }
    let (name, arn) = named_product(finding)?;
    let product = product(name, arn).filter(|product| TELL_THEMSELVES.contains(product));
    Ok(product.map(|product| format!("{product} tells of it itself")))
}

fn named_product<'a>(finding: &Field<'a>) -> Result<(Option<&'a str>, Option<&'a str>), EventError> {
    let product = finding.get("metadata")?.under("product")?;
    Ok((product.under("name")?.text_if_any()?, product.under("uid")?.text_if_any()?))
}

/// Whether it is one of Security Hub's own, which puts together how somebody could get in.
fn is_exposure(finding: &Field<'_>) -> Result<bool, EventError> {
    let (name, arn) = named_product(finding)?;
    Ok(name.is_some_and(|name| name.starts_with("Security Hub"))
        || arn.is_some_and(|arn| arn.contains("/aws/securityhub")))
}

/// 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal. Not told is not harmless: it counts as medium.
fn grade(field: &Field<'_>) -> Grade {
    match field.count() {
        Ok(1) => Grade::None,
        Ok(2) => Grade::One,
        Ok(0 | 3 | 99) | Err(_) => Grade::Two,
        Ok(_) => Grade::Three,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::ours::tests::ours;
    use super::super::super::{Hint, Suspect};
    use super::*;
    use crate::identifier::{Arn, UniqueId};
    use crate::threat::Sign;

    const ROLE: &str = "arn:aws:iam::111122223333:role/parcel-tracker";

    /// A finding of the class about role `parcel-tracker`, changed.
    fn finding(class: u64, change: impl FnOnce(&mut Value)) -> Trigger {
        let mut finding = json!({
            "activity_id": 1, "activity_name": "Create", "category_uid": 2, "class_uid": class,
            "severity": "High", "severity_id": 4, "status": "New", "status_id": 1, "time": 1_795_166_043_000_u64,
            "cloud": { "provider": "AWS", "region": "eu-west-1", "account": { "uid": "111122223333" } },
            "metadata": { "version": "1.6.0", "uid": "m-1",
                "product": { "name": "Quayside Watch", "vendor_name": "Quayside", "uid": "arn:aws:securityhub:eu-west-1::productv2/quayside/watch" } },
            "finding_info": { "uid": "f-1", "title": "A role was used from two continents", "modified_time_dt": "2026-11-20T09:10:00Z" },
            "resources": [{ "type": "AWS::IAM::Role", "uid": "AROAQ2XH7WMR4VJHC6XSG", "uid_alt": ROLE,
                "cloud_partition": "aws", "region": "eu-west-1", "owner": { "account": { "uid": "111122223333" } } }]
        });
        change(&mut finding);
        let event = json!({
            "version": "0", "id": "e-1", "source": "aws.securityhub", "detail-type": "Findings Imported V2",
            "account": "999988887777", "time": "2026-11-20T09:14:03Z", "region": "us-east-1", "resources": [],
            "detail": { "findings": [finding] }
        });
        Trigger::parse(&event, &ours()).unwrap().remove(0)
    }

    fn of_control(finding: &mut Value, status: &str) {
        finding["compliance"] = json!({ "control": "IAM.3", "status": status });
        finding["metadata"]["product"] = json!({ "name": "Security Hub", "uid": "arn:aws:securityhub:eu-west-1::productv2/aws/securityhub" });
    }

    fn arn() -> Suspect {
        Suspect::Arn(Arn::parse(ROLE).unwrap())
    }

    #[test]
    fn a_failed_control_is_the_one_that_it_is_in_the_other_shape() {
        let trigger = finding(2003, |whole| of_control(whole, "Fail"));
        assert_eq!(trigger.hints, [Hint::Broken { standard: "SecurityHub:IAM.3".to_owned(), about: arn() }]);
        assert_eq!((trigger.id.as_str(), trigger.account.as_str()), ("f-1", "111122223333"));
        assert_eq!(
            (trigger.region.as_str(), trigger.at.to_string()),
            ("eu-west-1", "2026-11-20T09:10:00Z".to_owned())
        );
        for status in ["Pass", "Warning"] {
            let trigger = finding(2003, |whole| of_control(whole, status));
            assert_eq!(trigger.ignored, Some(format!("its compliance is `{status}`")));
        }
    }

    #[test]
    fn what_a_detector_saw_is_a_threat_by_its_severity() {
        for (severity, expected) in [
            (1, Grade::None),
            (2, Grade::One),
            (3, Grade::Two),
            (0, Grade::Two),
            (4, Grade::Three),
            (6, Grade::Three),
        ] {
            let hints = finding(2004, |whole| whole["severity_id"] = json!(severity)).hints;
            let [Hint::Threat { sign: Sign::Detected, about, severity: Some(grade), said, .. }] = &hints[..]
            else {
                panic!("{hints:?}")
            };
            assert_eq!((about, *grade), (&arn(), expected));
            assert_eq!(said, "A role was used from two continents");
        }
    }

    #[test]
    fn what_belongs_to_another_account_is_nobody_s_here() {
        let owned_by = |owner: Value| {
            finding(2004, |whole| {
                let mut other = whole["resources"][0].clone();
                other["uid_alt"] = json!("arn:aws:iam::111122223333:role/shared-name");
                other["owner"] = owner;
                whole["resources"].as_array_mut().unwrap().push(other);
            })
        };
        let abroad = json!({ "account": { "uid": "999988887777" } });
        assert_eq!(owned_by(abroad.clone()).hints.len(), 1);
        for here in [
            json!({ "account": { "uid": "111122223333" } }),
            json!({ "account": {} }),
            json!({}),
            Value::Null,
        ] {
            assert_eq!(owned_by(here.clone()).hints.len(), 2, "{here}");
        }
        let all_abroad = finding(2004, |whole| whole["resources"][0]["owner"] = abroad);
        assert_eq!(all_abroad.hints, []);
        let why = all_abroad.ignored.unwrap();
        assert_eq!(why, "what it names belongs to account 999988887777, and its own account is 111122223333");
    }

    #[test]
    fn how_somebody_could_get_in_is_a_change_and_no_threat() {
        let exposure = |whole: &mut Value| {
            whole["metadata"]["product"] = json!({ "name": "Security Hub Exposure Detection",
                "uid": "arn:aws:securityhub:eu-west-1::productv2/aws/securityhub-risk" });
        };
        assert_eq!(finding(2004, exposure).hints, [Hint::Changed { about: arn() }]);
        assert_eq!(finding(2002, |_| ()).hints, [Hint::Changed { about: arn() }]);
    }

    #[test]
    fn whom_it_is_about_is_known_by_arn_by_id_by_name_or_by_key() {
        let about = |resource: Value| {
            finding(2004, |whole| whole["resources"] = json!([resource])).hints.into_iter().next().map(
                |hint| match hint {
                    Hint::Threat { about, .. } => about,
                    other => panic!("{other:?}"),
                },
            )
        };
        let id = Suspect::UniqueId(UniqueId::parse("AIDAQ2XH7WMR6CKO4TJFX").unwrap());
        assert_eq!(about(json!({ "type": "AWS::IAM::User", "uid": "AIDAQ2XH7WMR6CKO4TJFX" })), Some(id));
        let name = Suspect::of_user(Some("noor.rahimi"), None);
        assert_eq!(about(json!({ "type": "AWS::IAM::User", "uid": "noor.rahimi" })), name);
        let session = json!({ "type": "AWS::IAM::Role", "uid": "arn:aws:sts::111122223333:assumed-role/parcel-tracker/s" });
        assert_eq!(about(session), Some(arn()));
        let abroad = json!({ "type": "AWS::IAM::Role", "uid": "arn:aws:sts::999988887777:assumed-role/parcel-tracker/s" });
        assert_ne!(about(abroad), Some(arn()), "another account's role has nothing but the name of ours");
        let key = about(json!({ "type": "AWS::IAM::AccessKey", "uid": "AKIAQ2XH7WMRTEXAMPLE" }));
        assert!(matches!(key, Some(Suspect::HolderOf(_))), "{key:?}");
        let account = about(
            json!({ "type": "AWS::::Account", "uid": "111122223333", "cloud_partition": "aws-us-gov" }),
        );
        assert_eq!(account, Some(Suspect::Arn(Arn::parse("arn:aws-us-gov:iam::111122223333:root").unwrap())));
        assert_eq!(about(json!({ "type": "AWS::S3::Bucket", "uid": "invoices" })), None);
    }

    #[test]
    fn what_is_over_a_sample_or_told_by_its_own_source_leads_to_nothing() {
        for (change, why) in [
            ((|whole| whole["status_id"] = json!(3)) as fn(&mut Value), "its status is `Suppressed`"),
            (|whole| whole["status_id"] = json!(4), "its status is `Resolved`"),
            (|whole| whole["status_id"] = json!(5), "its status is `Archived`"),
            (
                |whole| {
                    whole["status_id"] = Value::Null;
                    whole["status"] = json!("Suppressed");
                },
                "its status is `Suppressed`",
            ),
            (|whole| whole["activity_name"] = json!("Close"), "it is closed"),
            (|whole| whole["verdict_id"] = json!(1), "somebody's verdict on it is `False Positive`"),
            (|whole| whole["verdict_id"] = json!(6), "somebody's verdict on it is `Test`"),
            (|whole| whole["finding_info"]["title"] = json!("[SAMPLE] A role was used"), "it is a sample"),
            (
                |whole| {
                    whole["metadata"]["product"]["uid"] =
                        json!("arn:aws:securityhub:eu-west-1::productv2/aws/guardduty");
                },
                "GuardDuty tells of it itself",
            ),
            (|whole| whole["resources"] = Value::Null, "it names nothing of IAM"),
        ] {
            let trigger = finding(2004, change);
            assert_eq!((trigger.hints, trigger.ignored.as_deref()), (vec![], Some(why)));
        }
        assert_eq!(finding(2004, |whole| whole["status_id"] = json!(2)).ignored, None);
        assert_eq!(finding(2004, |whole| whole["verdict_id"] = json!(2)).ignored, None);
    }
}
