//! Macie, in the shape it has now and the one it had as Macie Classic.

use super::envelope::Envelope;
use super::said::{id_of, said, shortened};
use super::suspect::long_term_key;
use super::{Hint, Suspect, Trigger};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccessKeyId, AccountId};
use crate::threat::{Grade, Sign, Source};

/// A finding. What Macie finds in a bucket's objects names nobody; how a bucket was opened names who did it.
///
/// Source: Macie user guide, "Amazon EventBridge event schema for Macie findings".
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, EventError> {
    let detail = &envelope.detail;
    let id = detail.get("id")?.filled_text()?;
    let kind = detail.get("type")?.filled_text()?;
    let (account, region) = (detail.get("accountId")?, detail.get("region")?);
    let origin = envelope.origin(Source::Macie).with(id, &account, &region)?;
    let origin = origin.seen(detail.get("updatedAt")?.time().ok());
    for (flag, why) in [("sample", "it is a sample"), ("archived", "it is archived")] {
        if detail.get(flag)?.optional(Field::boolean)?.unwrap_or_default() {
            return Ok(origin.ignored(why));
        }
    }
    let identity = detail.get("policyDetails")?.deep(&["actor", "userIdentity"])?;
    if identity.is_missing() {
        return Ok(origin.ignored(format!("`{}` names nobody", shortened(kind))));
    }
    let severity = grade(&detail.get("severity")?.get("score")?, 2.0, 3.0)?;
    let said = said(detail.get("title")?.text_if_any()?.unwrap_or(kind));
    Ok(match actor(&identity, &origin.account)? {
        Actor::Principal(about, key) => {
            let sign = Sign::Detected;
            let severity = Some(severity);
            origin.hinting(vec![Hint::Threat { sign, about, key, by: None, severity, said }])
        }
        Actor::Root => origin.hinting(vec![Hint::Page { sign: Sign::RootUsed, said }]),
        Actor::Nobody(who) => origin.ignored(format!("`{}` is nobody of this account's IAM", shortened(who))),
    })
}

enum Actor<'a> {
    Principal(Suspect, Option<AccessKeyId>),
    Root,
    Nobody(&'a str),
}

/// Source: Macie API reference, `UserIdentity`: one object for each type of it, the others null.
fn actor<'a>(identity: &Field<'a>, account: &AccountId) -> Result<Actor<'a>, EventError> {
    let kind = identity.get("type")?.filled_text()?;
    let who = match kind {
        "IAMUser" => identity.get("iamUser")?,
        "AssumedRole" => identity.get("assumedRole")?,
        "FederatedUser" => identity.get("federatedUser")?,
        "Root" => return Ok(Actor::Root),
        other => return Ok(Actor::Nobody(other)),
    };
    let text = |path: &[&str]| who.deep(path)?.text_if_any();
    let issuer = |key| text(&["sessionContext", "sessionIssuer", key]);
    if text(&["accountId"])?.is_some_and(|of| of != account.as_str()) {
        return Ok(Actor::Nobody(text(&["arn"])?.unwrap_or(kind)));
    }
    if let Some(service) = issuer("arn")?.filter(|arn| arn.contains(":role/aws-service-role/")) {
        return Ok(Actor::Nobody(service));
    }
    let suspect = match kind {
        "IAMUser" => {
            let name = text(&["userName"])?.or(text(&["arn"])?.and_then(|arn| arn.rsplit('/').next()));
            Suspect::of_user(name, text(&["principalId"])?)
        }
        "AssumedRole" => {
            Suspect::of_role(issuer("userName")?, issuer("principalId")?.or(text(&["principalId"])?))
        }
        // Its name would be the account's alias.
        _ if issuer("type")? == Some("Root") => return Ok(Actor::Root),
        _ => Suspect::of_user(issuer("userName")?, issuer("principalId")?),
    };
    let key = text(&["accessKeyId"])?.and_then(long_term_key);
    Ok(suspect.map_or(Actor::Nobody(kind), |suspect| Actor::Principal(suspect, key)))
}

/// An alert of Macie Classic, whose actor is one text: `111122223333:assumed-role:tracker:aroa…`. The id at its end is
/// in small letters, so it is of no use.
///
/// Source: Macie Classic user guide, "Monitoring Amazon Macie Alerts with Amazon CloudWatch Events".
pub(super) fn read_classic(envelope: &Envelope<'_>) -> Result<Trigger, EventError> {
    let detail = &envelope.detail;
    let id = detail.get("alert-arn")?.filled_text()?;
    let mut origin = envelope.origin(Source::Macie);
    origin.id = id_of(id);
    let severity = grade(&detail.get("risk-score")?, 4.0, 7.0)?;
    let said = said(detail.get("name")?.filled_text()?);
    let actor = detail.get("actor")?.text_if_any()?.unwrap_or_default();
    let mut parts = actor.split(':');
    let (account, kind, name) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
    if let Some(account) = account.and_then(|account| AccountId::parse(account).ok()) {
        origin.account = account;
    }
    let about = match kind {
        "assumed-role" => Suspect::of_role(name, None),
        "user" | "iam-user" => Suspect::of_user(name, None),
        "root" => return Ok(origin.hinting(vec![Hint::Page { sign: Sign::RootUsed, said }])),
        _ => None,
    };
    Ok(match about {
        Some(about) => {
            let severity = Some(severity);
            origin.hinting(vec![Hint::Threat {
                sign: Sign::Detected,
                about,
                key: None,
                by: None,
                severity,
                said,
            }])
        }
        None => origin.ignored(format!("`{}` is nobody of this account's IAM", shortened(actor))),
    })
}

fn grade(field: &Field<'_>, two: f64, three: f64) -> Result<Grade, EventError> {
    let value = field.value("a number")?;
    let number = value.as_f64().ok_or_else(|| field.wrong_type(value, "a number"))?;
    Ok(if number >= three {
        Grade::Three
    } else if number >= two {
        Grade::Two
    } else {
        Grade::One
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::ours::tests::ours;
    use super::*;

    fn envelope(detail_type: &str, detail: &Value) -> Value {
        json!({
            "version": "0", "id": "5d4c3b2a-1f0e-4d3c-8b2a-918273645546", "detail-type": detail_type,
            "source": "aws.macie", "account": "111122223333", "time": "2026-11-20T09:14:03Z", "region": "eu-west-1",
            "resources": [], "detail": detail
        })
    }

    fn finding(change: impl FnOnce(&mut Value)) -> Trigger {
        let mut detail = json!({
            "schemaVersion": "1.0", "id": "64b917aa-3843-014c-91d8-937ffe1c6ad5", "accountId": "111122223333",
            "region": "eu-west-1", "type": "Policy:IAMUser/S3BucketPublic", "category": "POLICY",
            "title": "The S3 bucket is publicly accessible", "severity": { "score": 3, "description": "High" },
            "createdAt": "2026-11-20T08:00:00Z", "updatedAt": "2026-11-20T09:00:00Z", "count": 2, "archived": false,
            "sample": false, "classificationDetails": null, "resourcesAffected": { "s3Bucket": { "name": "invoices" } },
            "policyDetails": { "action": { "actionType": "AWS_API_CALL" }, "actor": { "userIdentity": {
                "type": "AssumedRole", "iamUser": null, "root": null, "federatedUser": null, "awsAccount": null,
                "awsService": null, "assumedRole": {
                    "principalId": "AROAQ2XH7WMR4VJHC6XSG:ruth", "accountId": "111122223333",
                    "arn": "arn:aws:sts::111122223333:assumed-role/depot-admin/ruth", "accessKeyId": "ASIAQ2XH7WMRTEXAMPLE",
                    "sessionContext": { "sessionIssuer": { "type": "Role", "principalId": "AROAQ2XH7WMR4VJHC6XSG",
                        "userName": "depot-admin" } }
                }
            } } }
        });
        change(&mut detail);
        Trigger::parse(&envelope("Macie Finding", &detail), &ours()).unwrap().remove(0)
    }

    fn about(trigger: &Trigger) -> (&Suspect, Option<Grade>) {
        match &trigger.hints[..] {
            [Hint::Threat { sign: Sign::Detected, about, severity, .. }] => (about, *severity),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_policy_finding_is_about_who_did_it_not_about_the_bucket() {
        let trigger = finding(|_| ());
        let role = Suspect::of_role(Some("depot-admin"), Some("AROAQ2XH7WMR4VJHC6XSG")).unwrap();
        assert_eq!(about(&trigger), (&role, Some(Grade::Three)));
        assert_eq!(trigger.id, "64b917aa-3843-014c-91d8-937ffe1c6ad5");
        let user = finding(|d| {
            d["severity"]["score"] = json!(1);
            d["policyDetails"]["actor"]["userIdentity"] = json!({ "type": "IAMUser", "iamUser": {
                "userName": "noor.rahimi", "principalId": "AIDAQ2XH7WMR6CKO4TJFX", "accountId": "111122223333"
            } });
        });
        let expected = Suspect::of_user(Some("noor.rahimi"), Some("AIDAQ2XH7WMR6CKO4TJFX")).unwrap();
        assert_eq!(about(&user), (&expected, Some(Grade::One)));
    }

    #[test]
    fn root_is_told_to_people() {
        let root =
            finding(|d| d["policyDetails"]["actor"]["userIdentity"] = json!({ "type": "Root", "root": {} }));
        assert!(matches!(&root.hints[..], [Hint::Page { sign: Sign::RootUsed, .. }]));
    }

    #[test]
    fn samples_the_archived_contents_and_other_accounts_lead_to_nothing() {
        for (change, why) in [
            ((|d| d["sample"] = json!(true)) as fn(&mut Value), "it is a sample"),
            (|d| d["archived"] = json!(true), "it is archived"),
            (
                |d| {
                    d["type"] = json!("SensitiveData:S3Object/Credentials");
                    d["policyDetails"] = Value::Null;
                },
                "`SensitiveData:S3Object/Credentials` names nobody",
            ),
            (
                |d| {
                    d["policyDetails"]["actor"]["userIdentity"] =
                        json!({ "type": "AWSService", "awsService": {} });
                },
                "`AWSService` is nobody of this account's IAM",
            ),
            (
                |d| {
                    d["policyDetails"]["actor"]["userIdentity"] =
                        json!({ "type": "AWSAccount", "awsAccount": {} });
                },
                "`AWSAccount` is nobody of this account's IAM",
            ),
        ] {
            let trigger = finding(change);
            assert_eq!((trigger.hints, trigger.ignored.as_deref()), (vec![], Some(why)));
        }
    }

    #[test]
    fn who_is_of_another_account_or_a_service_is_nobody_and_what_root_made_is_roots() {
        let by = |kind: &str, account: &str, issuer: Value| {
            let key = if kind == "AssumedRole" { "assumedRole" } else { "federatedUser" };
            let who = json!({ "principalId": "AROAQ2XH7WMR4VJHC6XSG:ruth", "accountId": account,
                "sessionContext": { "sessionIssuer": issuer } });
            finding(|d| d["policyDetails"]["actor"]["userIdentity"] = json!({ "type": kind, key: who }))
        };
        let role = json!({ "type": "Role", "userName": "depot-admin" });
        assert_eq!(by("AssumedRole", "111122223333", role.clone()).ignored, None);
        assert!(by("AssumedRole", "999988887777", role).ignored.unwrap().contains("is nobody"));
        let service = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
        let linked = json!({ "type": "Role", "arn": service, "userName": "AWSServiceRoleForX" });
        assert!(by("AssumedRole", "111122223333", linked).ignored.unwrap().contains("is nobody"));
        let root = json!({ "type": "Root", "userName": "larkfield" });
        let hints = by("FederatedUser", "111122223333", root).hints;
        assert!(matches!(&hints[..], [Hint::Page { sign: Sign::RootUsed, .. }]), "{hints:?}");
    }

    #[test]
    fn the_old_shape_names_its_actor_in_one_text() {
        let classic = |actor: &str, risk: u8| {
            let detail = json!({
                "notification-type": "ALERT_CREATED", "name": "Scanning bucket policies", "risk-score": risk,
                "alert-arn": "arn:aws:macie:us-east-1:111122223333:trigger/t/alert/a", "actor": actor,
                "created-at": "2017-04-18T00:21:12.059000", "summary": {}
            });
            Trigger::parse(&envelope("Macie Alert", &detail), &ours()).unwrap().remove(0)
        };
        let role = classic("111122223333:assumed-role:depot-admin:aroaq2xh7wmr4vjhc6xsg", 8);
        let expected = Suspect::of_role(Some("depot-admin"), None).unwrap();
        assert_eq!(about(&role), (&expected, Some(Grade::Three)));
        assert_eq!(role.id, "arn:aws:macie:us-east-1:111122223333:trigger/t/alert/a");
        let other = classic("999988887777:assumed-role:depot-admin:aroa", 2);
        assert_eq!((other.account.as_str(), about(&other).1), ("999988887777", Some(Grade::One)));
        assert!(classic("somebody", 8).ignored.unwrap().contains("`somebody` is nobody"));
    }
}
