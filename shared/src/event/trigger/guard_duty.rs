//! `GuardDuty`'s findings about credentials.

use serde_json::Value;

use super::envelope::Envelope;
use super::said::{said, shortened};
use super::suspect::{long_term_key, unique_id};
use super::{Hint, Suspect, Trigger};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccessKeyId, AccountId, UserName};
use crate::threat::{Grade, Sign, Source};

pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, EventError> {
    let detail = &envelope.detail;
    let id = detail.get("id")?.filled_text()?;
    let service = detail.get("service")?;
    let kind = detail.get("type")?.filled_text()?;
    // An update of a finding has the id of the finding, and a later time.
    let mut last = service.under("eventLastSeen")?;
    if last.is_missing() {
        last = detail.get("updatedAt")?;
    }
    let account = detail.get("accountId")?;
    let origin = envelope.origin(Source::GuardDuty).with(id, &account, &detail.get("region")?)?;
    let origin = origin.seen(last.time().ok());
    let told = Told {
        severity: grade(&detail.get("severity")?)?,
        said: said(detail.get("title")?.text_if_any()?.unwrap_or(kind)),
        kind,
    };
    if let Some(why) = is_no_finding(detail, &service)? {
        return Ok(origin.ignored(why));
    }
    let resource = detail.get("resource")?;
    let resource_type = resource.get("resourceType")?.text_if_any()?.unwrap_or_default();
    let credentials = resource.get("accessKeyDetails")?;
    let hint = match resource_type {
        "AttackSequence" => {
            return sequence(&service, &told, &origin.account).map(|hints| origin.hinting(hints));
        }
        "AccessKey" => told.hint(&credentials)?,
        // Who read or wrote the bucket; a finding about its settings tells nothing of a stolen credential.
        "S3Bucket" if !credentials.is_missing() && !kind.starts_with("Policy:") => told.hint(&credentials)?,
        other => Err(format!("it is about `{}`, not about a credential of IAM", shortened(other))),
    };
    Ok(match hint {
        Ok(hint) => origin.hinting(vec![hint]),
        Err(why) => origin.ignored(why),
    })
}

/// Samples, which `GuardDuty` makes up on demand, and what somebody or a filter has archived.
fn is_no_finding(detail: &Field<'_>, service: &Field<'_>) -> Result<Option<&'static str>, EventError> {
    let additional = service.under("additionalInfo")?;
    let stated = additional.under("sample")?.optional(Field::boolean)?.unwrap_or_default();
    // Newer findings carry the same as text.
    let value = additional.under("value")?;
    let inside = value.text_if_any()?.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let inside = inside.and_then(|inside| inside.get("sample").and_then(Value::as_bool)).unwrap_or_default();
    let titled = detail.get("title")?.text_if_any()?.is_some_and(|title| title.starts_with("[SAMPLE]"));
    let archived = service.under("archived")?.optional(Field::boolean)?.unwrap_or_default();
    Ok(if stated || inside || titled {
        Some("it is a sample")
    } else if archived {
        Some("it is archived")
    } else {
        None
    })
}

/// From 1.0 to 10.0: low from 1, medium from 4, high from 7, critical from 9. Source: `GuardDuty` user guide, "Severity
/// levels of `GuardDuty` findings".
fn grade(field: &Field<'_>) -> Result<Grade, EventError> {
    let value = field.value("a number")?;
    let number = value.as_f64().ok_or_else(|| field.wrong_type(value, "a number"))?;
    Ok(if number >= 7.0 {
        Grade::Three
    } else if number >= 4.0 {
        Grade::Two
    } else if number >= 1.0 {
        Grade::One
    } else {
        Grade::None
    })
}

/// What a finding says, whomever it is about.
struct Told<'a> {
    kind: &'a str,
    severity: Grade,
    said: String,
}

impl Told<'_> {
    /// What it hints at, or why at nothing.
    fn hint(&self, details: &Field<'_>) -> Result<Result<Hint, String>, EventError> {
        let name = details.get("userName")?;
        let principal = details.get("principalId")?.text_if_any()?;
        let key = details.get("accessKeyId")?.text_if_any()?.and_then(long_term_key);
        let told = details.get("userType")?;
        let user_type = match (told.text_if_any()?.or(type_of(principal)), key.clone()) {
            (Some(told), _) => told,
            (None, Some(key)) => return Ok(Ok(self.threat(Suspect::HolderOf(key.clone()), Some(key)))),
            (None, None) => told.filled_text()?,
        };
        let holder = || key.clone().map(Suspect::HolderOf);
        let about = match user_type {
            "IAMUser" => Suspect::of_user(name.text_if_any()?, principal).or_else(holder),
            "AssumedRole" | "Role" => Suspect::of_role(name.text_if_any()?, principal).or_else(holder),
            "Root" => return Ok(Ok(self.of_root())),
            nobody @ ("AWSService" | "AWSAccount") => {
                return Ok(Err(format!("`{nobody}` is nobody of this account's IAM")));
            }
            // The user who made a federated session is not named. Who comes by Identity Center or another provider is for people,
            // as is a kind of caller that GuardDuty has yet to tell of.
            _ => return Ok(Ok(self.page(Sign::Detected))),
        };
        let Some(about) = about else {
            return Err(match name.filled_text() {
                Err(missing) => missing,
                Ok(_) => name.identifier(UserName::parse).err().unwrap_or_else(|| EventError::Missing {
                    field: name.path().to_owned(),
                    found: "absent",
                    expected: "a name",
                }),
            });
        };
        Ok(Ok(self.threat(about, key)))
    }

    fn threat(&self, about: Suspect, key: Option<AccessKeyId>) -> Hint {
        Hint::Threat {
            sign: Sign::Detected,
            about,
            key,
            by: None,
            severity: Some(self.severity),
            said: self.said.clone(),
        }
    }

    fn of_root(&self) -> Hint {
        self.page(match self.kind {
            "Policy:IAMUser/RootCredentialUsage" => Sign::RootUsed,
            "Policy:IAMUser/ShortTermRootCredentialUsage" => Sign::AssumedRoot,
            _ => Sign::Detected,
        })
    }

    fn page(&self, sign: Sign) -> Hint {
        Hint::Page { sign, said: self.said.clone() }
    }
}

/// The actors of an attack sequence, and the holders of the keys among its resources.
///
/// Source: `GuardDuty` API reference, `Actor`, `User`, `ResourceV2` and `AccessKey`.
fn sequence(service: &Field<'_>, told: &Told<'_>, account: &AccountId) -> Result<Vec<Hint>, EventError> {
    let sequence = service.deep(&["detection", "sequence"])?;
    let is_another = |of: Option<&str>| of.is_some_and(|of| of != account.as_str());
    let actors = sequence.under("actors")?.list(|actor| {
        let user = actor.get("user")?;
        let key = user.under("credentialUid")?.text_if_any()?.and_then(long_term_key);
        // The account is the one that they acted in, and they need not be of it: what IAM's ids name is looked up here,
        // and a bare name of elsewhere may be anybody's.
        let id = user.under("uid")?.text_if_any()?;
        let is_known = key.is_some() || ["AIDA", "AROA"].iter().any(|kind| unique_id(id, kind).is_some());
        if !is_known && is_another(user.deep(&["account", "uid"])?.text_if_any()?) {
            return Ok(None);
        }
        one_of_sequence([&user.under("type")?, &user.under("name")?, &user.under("uid")?], key, told)
    })?;
    let keys = sequence.under("resources")?.list(|resource| {
        let holder = resource.get("data")?.under("accessKey")?;
        if is_another(resource.get("accountId")?.text_if_any()?) || holder.is_missing() {
            return Ok(None);
        }
        let key = resource.get("uid")?.text_if_any()?.and_then(long_term_key);
        let fields = [&holder.get("userType")?, &holder.get("userName")?, &holder.get("principalId")?];
        one_of_sequence(fields, key, told)
    })?;
    let mut hints = Vec::new();
    for hint in actors.into_iter().chain(keys).flatten().flatten() {
        add(&mut hints, hint);
    }
    // The gravest of all findings is told to people even where it names nobody of IAM.
    Ok(if hints.is_empty() { vec![told.page(Sign::Detected)] } else { hints })
}

/// The same with one more, nobody told of twice: who acted has a key among the resources, too.
fn add(hints: &mut Vec<Hint>, new: Hint) {
    let Hint::Threat { about: whom, key: named, .. } = &new else {
        hints.extend((!hints.contains(&new)).then_some(new));
        return;
    };
    for told in hints.iter_mut() {
        match told {
            Hint::Threat { about, key, .. }
                if about == whom && (key.is_none() || named.is_none() || key == named) =>
            {
                *key = key.take().or_else(|| named.clone());
                return;
            }
            _ => {}
        }
    }
    hints.push(new);
}

/// The type of a caller, where only the id tells it.
fn type_of(principal: Option<&str>) -> Option<&'static str> {
    let of = |prefix| unique_id(principal, prefix).is_some();
    if of("AROA") { Some("AssumedRole") } else { of("AIDA").then_some("IAMUser") }
}

/// Whom one of a sequence is about, by type, name and id.
fn one_of_sequence(
    [kind, name, id]: [&Field<'_>; 3],
    key: Option<AccessKeyId>,
    told: &Told<'_>,
) -> Result<Option<Hint>, EventError> {
    let (name, id) = (name.text_if_any()?, id.text_if_any()?);
    // The name of a session is no role's.
    let session = id.and_then(|id| id.split_once(':')).map(|(_, session)| session);
    let name = name.filter(|name| session != Some(*name));
    let about = match kind.text_if_any()?.unwrap_or_default() {
        "IAMUser" => Suspect::of_user(name, id),
        "AssumedRole" | "Role" => Suspect::of_role(name, id),
        "Root" => return Ok(Some(told.page(Sign::Detected))),
        _ => None,
    };
    let about = about.or_else(|| key.clone().map(Suspect::HolderOf));
    Ok(about.map(|about| told.threat(about, key)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::ours::tests::ours;
    use super::*;

    fn finding(change: impl FnOnce(&mut Value)) -> Value {
        let mut event = json!({
            "version": "0", "id": "c8c4daa7-a20c-2f03-0070-b7393dd542ad", "detail-type": "GuardDuty Finding",
            "source": "aws.guardduty", "account": "111122223333", "time": "2026-11-20T09:20:00Z",
            "region": "eu-west-1", "resources": [],
            "detail": {
                "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1",
                "id": "16afba5c5c43e07c9e3e5e2e544e95df", "type": "Discovery:IAMUser/AnomalousBehavior",
                "title": "An unusual API was called by noor.rahimi.", "severity": 5, "createdAt": "2026-11-20T09:00:00.000Z",
                "updatedAt": "2026-11-20T09:15:00.000Z",
                "resource": { "resourceType": "AccessKey", "accessKeyDetails": {
                    "accessKeyId": "AKIAQ2XH7WMRTEXAMPLE", "principalId": "AIDAQ2XH7WMR6CKO4TJFX",
                    "userType": "IAMUser", "userName": "noor.rahimi"
                } },
                "service": { "archived": false, "count": 1, "eventLastSeen": "2026-11-20T09:14:03.000Z" }
            }
        });
        change(&mut event["detail"]);
        event
    }

    fn parse(change: impl FnOnce(&mut Value)) -> Trigger {
        Trigger::parse(&finding(change), &ours()).unwrap().remove(0)
    }

    fn credentials(change: impl FnOnce(&mut Value)) -> Vec<Hint> {
        parse(|detail| change(&mut detail["resource"]["accessKeyDetails"])).hints
    }

    #[test]
    fn a_user_is_known_by_name_id_and_key() {
        let trigger = parse(|_| ());
        assert_eq!(trigger.id, "16afba5c5c43e07c9e3e5e2e544e95df");
        assert_eq!(trigger.at.to_string(), "2026-11-20T09:14:03Z");
        let [Hint::Threat { sign: Sign::Detected, about, key: Some(key), severity, said, .. }] =
            &trigger.hints[..]
        else {
            panic!("{trigger:?}")
        };
        assert_eq!(*about, Suspect::of_user(Some("noor.rahimi"), Some("AIDAQ2XH7WMR6CKO4TJFX")).unwrap());
        assert_eq!((key.last_four(), *severity), ("MPLE", Some(Grade::Two)));
        assert_eq!(said, "An unusual API was called by noor.rahimi.");
    }

    #[test]
    fn a_stolen_instance_credential_is_its_role() {
        let hints = credentials(|details| {
            *details = json!({
                "accessKeyId": "ASIAQ2XH7WMRTEXAMPLE", "userType": "AssumedRole", "userName": "parcel-tracker",
                "principalId": "AROAQ2XH7WMR4VJHC6XSG:i-0abc123def4567890"
            });
        });
        let role = Suspect::of_role(Some("parcel-tracker"), Some("AROAQ2XH7WMR4VJHC6XSG")).unwrap();
        assert!(matches!(&hints[..], [Hint::Threat { about, key: None, .. }] if *about == role), "{hints:?}");
    }

    #[test]
    fn who_has_no_name_is_known_by_id_then_by_key_and_else_it_is_an_error() {
        let unnamed = |details: &mut Value| details["userName"] = Value::Null;
        let hints = credentials(unnamed);
        assert!(matches!(&hints[..], [Hint::Threat { about: Suspect::UniqueId(_), .. }]), "{hints:?}");
        let hints = credentials(|details| {
            unnamed(details);
            details["principalId"] = json!("");
        });
        assert!(matches!(&hints[..], [Hint::Threat { about: Suspect::HolderOf(_), .. }]), "{hints:?}");
        let event = finding(|detail| {
            detail["resource"]["accessKeyDetails"] = json!({ "userType": "IAMUser" });
        });
        let error = Trigger::parse(&event, &ours()).unwrap_err().to_string();
        assert_eq!(error, "`detail.resource.accessKeyDetails.userName` is absent; expected a string");
    }

    #[test]
    fn who_has_no_type_is_known_by_the_id() {
        let untyped = |name: &str, id: &str| {
            credentials(|details| {
                details["userType"] = Value::Null;
                details["userName"] = json!(name);
                details["principalId"] = json!(id);
                details["accessKeyId"] = Value::Null;
            })
        };
        let hints = untyped("noor.rahimi", "AIDAQ2XH7WMR6CKO4TJFX");
        assert!(matches!(&hints[..], [Hint::Threat { about: Suspect::User { .. }, .. }]), "{hints:?}");
        let hints = untyped("tracker", "AROAQ2XH7WMR4VJHC6XSG:s");
        assert!(matches!(&hints[..], [Hint::Threat { about: Suspect::Role { .. }, .. }]), "{hints:?}");
        let by_key = credentials(|details| {
            details["userType"] = json!("");
            details["principalId"] = Value::Null;
        });
        assert!(matches!(&by_key[..], [Hint::Threat { about: Suspect::HolderOf(_), .. }]), "{by_key:?}");
        let nobody = finding(|detail| {
            detail["resource"]["accessKeyDetails"] = json!({ "userName": "noor.rahimi", "principalId": "1" });
        });
        let error = Trigger::parse(&nobody, &ours()).unwrap_err().to_string();
        assert_eq!(error, "`detail.resource.accessKeyDetails.userType` is absent; expected a string");
    }

    #[test]
    fn root_and_federated_sessions_are_told_to_people() {
        let sign = |kind: &str, user_type: &str| {
            let trigger = parse(|detail| {
                detail["type"] = json!(kind);
                detail["resource"]["accessKeyDetails"]["userType"] = json!(user_type);
            });
            match &trigger.hints[..] {
                [Hint::Page { sign, .. }] => *sign,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(sign("Policy:IAMUser/RootCredentialUsage", "Root"), Sign::RootUsed);
        assert_eq!(sign("Policy:IAMUser/ShortTermRootCredentialUsage", "Root"), Sign::AssumedRoot);
        assert_eq!(sign("UnauthorizedAccess:IAMUser/TorIPCaller", "Root"), Sign::Detected);
        assert_eq!(sign("UnauthorizedAccess:IAMUser/TorIPCaller", "FederatedUser"), Sign::Detected);
    }

    #[test]
    fn an_update_is_the_same_trigger_later() {
        let (first, again) = (
            parse(|_| ()),
            parse(|detail| {
                detail["service"]["count"] = json!(9);
                detail["service"]["eventLastSeen"] = json!("2026-11-20T12:00:00.000Z");
            }),
        );
        assert_eq!(first.id, again.id);
        assert!(first.at < again.at);
    }

    #[test]
    fn what_is_no_finding_says_why() {
        for (case, (change, why)) in [
            (
                (|d: &mut Value| d["service"]["additionalInfo"] = json!({ "sample": true }))
                    as fn(&mut Value),
                "it is a sample",
            ),
            (
                |d| {
                    d["service"]["additionalInfo"] =
                        json!({ "value": "{\"sample\":true}", "type": "default" });
                },
                "it is a sample",
            ),
            (|d| d["title"] = json!("[SAMPLE] An unusual API was called."), "it is a sample"),
            (|d| d["service"]["archived"] = json!(true), "it is archived"),
            (
                |d| d["resource"] = json!({ "resourceType": "Instance", "instanceDetails": {} }),
                "it is about `Instance`, not about a credential of IAM",
            ),
            (
                |d| d["resource"]["accessKeyDetails"]["userType"] = json!("AWSService"),
                "`AWSService` is nobody of this account's IAM",
            ),
            (
                |d| d["resource"]["accessKeyDetails"]["userType"] = json!("AWSAccount"),
                "`AWSAccount` is nobody of this account's IAM",
            ),
            (
                |d| {
                    d["type"] = json!("Policy:S3/BucketPublicAccessGranted");
                    d["resource"]["resourceType"] = json!("S3Bucket");
                },
                "it is about `S3Bucket`, not about a credential of IAM",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let trigger = parse(change);
            assert_eq!((trigger.hints, trigger.ignored.as_deref()), (vec![], Some(why)), "case {case}");
        }
    }

    #[test]
    fn severity_has_the_limits_of_the_user_guide() {
        for (severity, expected) in [
            (json!(0.9), Grade::None),
            (json!(1), Grade::One),
            (json!(3.9), Grade::One),
            (json!(4), Grade::Two),
            (json!(6.9), Grade::Two),
            (json!(7), Grade::Three),
            (json!(10), Grade::Three),
        ] {
            let hints = parse(|detail| detail["severity"] = severity.clone()).hints;
            assert!(
                matches!(&hints[..], [Hint::Threat { severity: Some(g), .. }] if *g == expected),
                "{severity}"
            );
        }
    }

    #[test]
    fn an_attack_sequence_that_names_no_actor_of_the_account_is_about_the_keys_in_it() {
        let about = |actors: Value, resources: Value| {
            let sequence = json!({ "actors": actors, "resources": resources });
            parse(|detail| {
                detail["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
                detail["resource"] = json!({ "resourceType": "AttackSequence" });
                detail["service"]["detection"] = json!({ "sequence": sequence });
            })
            .hints
        };
        let key = json!({ "uid": "AKIAQ2XH7WMRTEXAMPLE", "accountId": "111122223333", "resourceType": "ACCESS_KEY",
            "data": { "accessKey": { "userName": "noor.rahimi", "principalId": "AIDAQ2XH7WMR6CKO4TJFX", "userType": "IAMUser" } } });
        let bucket = json!({ "uid": "arn:aws:s3:::invoices", "accountId": "111122223333", "data": { "s3Bucket": {} } });
        let user = Suspect::of_user(Some("noor.rahimi"), Some("AIDAQ2XH7WMR6CKO4TJFX")).unwrap();
        let elsewhere = json!([{ "id": "a", "user": { "name": "noor.rahimi", "uid": "AIDAOTHER", "type": "IAMUser",
            "account": { "uid": "999988887777" } } }]);
        for actors in [json!([]), json!([{ "id": "a" }]), elsewhere.clone()] {
            let hints = about(actors, json!([bucket, key]));
            assert!(
                matches!(&hints[..], [Hint::Threat { about, key: Some(_), .. }] if *about == user),
                "{hints:?}"
            );
        }
        let mut theirs = key;
        theirs["accountId"] = json!("999988887777");
        assert!(matches!(&about(elsewhere, json!([theirs]))[..], [Hint::Page { sign: Sign::Detected, .. }]));
    }

    #[test]
    fn whom_a_sequence_names_is_told_by_ids_wherever_they_acted() {
        let about = |actors: Value, resources: Value| {
            let sequence = json!({ "actors": actors, "resources": resources });
            let hints = parse(|detail| {
                detail["resource"] = json!({ "resourceType": "AttackSequence" });
                detail["service"]["detection"] = json!({ "sequence": sequence });
            })
            .hints;
            let told = hints.into_iter().map(|hint| match hint {
                Hint::Threat { about, key, .. } => (about, key.map(|key| key.last_four().to_owned())),
                other => panic!("{other:?}"),
            });
            told.collect::<Vec<_>>()
        };
        let noor = Suspect::of_user(Some("noor.rahimi"), Some("AIDAQ2XH7WMR6CKO4TJFX")).unwrap();
        let abroad = json!([{ "id": "a", "user": { "name": "noor.rahimi", "uid": "AIDAQ2XH7WMR6CKO4TJFX", "type": "IAMUser",
            "account": { "uid": "999988887777" } } }]);
        assert_eq!(about(abroad.clone(), json!([])), [(noor.clone(), None)]);
        let key = |id: &str, user: &str, principal: &str| {
            json!({ "uid": id, "accountId": "111122223333", "resourceType": "ACCESS_KEY",
                "data": { "accessKey": { "userName": user, "principalId": principal, "userType": "IAMUser" } } })
        };
        // The keys among its resources count beside the actors, and nobody twice.
        let hers = key("AKIAQ2XH7WMRTEXAMPLE", "noor.rahimi", "AIDAQ2XH7WMR6CKO4TJFX");
        let other = key("AKIAQ2XH7WMRTEXAMPLF", "hal.brandt", "AIDAQ2XH7WMR5ZOC2NLWM");
        let hal = Suspect::of_user(Some("hal.brandt"), Some("AIDAQ2XH7WMR5ZOC2NLWM")).unwrap();
        assert_eq!(
            about(abroad, json!([hers, other, hers])),
            [(noor, Some("MPLE".to_owned())), (hal, Some("MPLF".to_owned()))]
        );
        // The name of a session is no role's.
        let session = json!([{ "id": "a", "user": { "name": "ruth", "uid": "AROAQ2XH7WMR4VJHC6XSG:ruth", "type": "AssumedRole" } }]);
        let role = Suspect::of_role(None, Some("AROAQ2XH7WMR4VJHC6XSG")).unwrap();
        assert_eq!(about(session, json!([])), [(role, None)]);
    }

    #[test]
    fn an_attack_sequence_is_about_its_actors() {
        let hints = parse(|detail| {
            detail["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
            detail["resource"] = json!({ "resourceType": "AttackSequence" });
            detail["service"]["detection"] = json!({ "sequence": { "actors": [
                { "id": "a", "user": { "name": "noor.rahimi", "uid": "AIDAQ2XH7WMR6CKO4TJFX", "type": "IAMUser",
                    "credentialUid": "AKIAQ2XH7WMRTEXAMPLE" } },
                { "id": "b", "user": { "name": "parcel-tracker", "uid": "AROAQ2XH7WMR4VJHC6XSG:s",
                    "type": "AssumedRole" } }
            ] } });
        })
        .hints;
        assert!(
            matches!(
                &hints[..],
                [
                    Hint::Threat { about: Suspect::User { .. }, key: Some(_), .. },
                    Hint::Threat { about: Suspect::Role { .. }, key: None, .. }
                ]
            ),
            "{hints:?}"
        );
    }

    #[test]
    fn an_administrators_account_passes_on_a_members_finding() {
        let mut event = finding(|detail| detail["accountId"] = json!("444455556666"));
        assert_eq!(Trigger::parse(&event, &ours()).unwrap()[0].account.as_str(), "444455556666");
        event["detail"]["accountId"] = json!("4444");
        let error = Trigger::parse(&event, &ours()).unwrap_err().to_string();
        assert!(error.starts_with("`detail.accountId` cannot be used"), "{error}");
    }
}
