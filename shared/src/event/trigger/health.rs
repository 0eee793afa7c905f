//! AWS Health: AWS itself found a key in public, or sees it misused.

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{Timestamp, Zoned};

use super::envelope::{Envelope, Origin};
use super::said::{id_of, said, shortened};
use super::suspect::long_term_key;
use super::{Hint, Suspect, Trigger};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccessKeyId, AccountId, Arn};
use crate::threat::{Grade, Sign, Source};

/// AWS writes RFC 2822, and its own example has the wrong day of the week.
const RFC_2822: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);

/// Of each affected entity one trigger, so that an event about several keys, or a second page of it, loses none.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Vec<Trigger>, EventError> {
    let detail = &envelope.detail;
    let arn = detail.get("eventArn")?.filled_text()?;
    let code = detail.get("eventTypeCode")?.filled_text()?;
    let (account, region) = (detail.get("affectedAccount")?, detail.get("eventRegion")?);
    let mut origin = envelope.origin(Source::Health);
    origin.id = id_of(arn);
    origin.region = region.text_if_any()?.map_or(origin.region, shortened);
    // A key that lies open waits for no mended event: whose it is, is looked up in this account anyway.
    let account = account.text_if_any()?.and_then(|account| AccountId::parse(account).ok());
    origin.account = account.unwrap_or(origin.account);
    let origin = origin.seen(started(&detail.get("startTime")?));
    if let Some(why) = ignored(detail, code)? {
        return Ok(vec![origin.ignored(why)]);
    }
    let Some((sign, severity)) = sign(code) else {
        let why = format!("`{}` is not about credentials", shortened(code));
        return Ok(vec![origin.ignored(why)]);
    };
    let (mut entities, mut unreadable) = (Vec::new(), Vec::new());
    for entity in detail.get("affectedEntities")?.list(|entity| Ok(Entity::read(entity)))?.unwrap_or_default()
    {
        match entity {
            Ok(entity) => entities.push(entity),
            Err(error) => unreadable.push(error),
        }
    }
    if !entities.iter().any(|entity| entity.key().is_some()) {
        entities.extend(Entity::of_metadata(detail)?);
    }
    if entities.is_empty() && unreadable.is_empty() {
        let said = said(&format!("{code}, and AWS Health names no key"));
        return Ok(vec![origin.hinting(vec![Hint::Page { sign, said }])]);
    }
    let named = entities.iter().map(|entity| entity.trigger(&origin, code, sign, severity));
    // A key that lies open waits for no mended event.
    let unread = unreadable.iter().map(|error| unread(&origin, code, sign, error));
    Ok(named.chain(unread).collect())
}

/// People look at what stands in the place of a key.
fn unread(origin: &Origin, code: &str, sign: Sign, error: &EventError) -> Trigger {
    let mut origin = origin.clone();
    let text = error.to_string();
    origin.id = id_of(&format!("{}#{text}", origin.id));
    let said = said(&format!("{code}, and what it is about cannot be read: {text}"));
    origin.hinting(vec![Hint::Page { sign, said }])
}

/// What each code is a sign of. Where AWS only suspects, the sign is weaker.
///
/// Source: the event type codes of service `RISK`, as AWS Health's `DescribeEventTypes` lists them.
fn sign(code: &str) -> Option<(Sign, Option<Grade>)> {
    match code {
        "AWS_RISK_CREDENTIALS_EXPOSED" | "AWS_RISK_CREDENTIALS_COMPROMISED" => Some((Sign::KeyExposed, None)),
        "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED"
        | "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED"
        | "AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE"
        | "AWS_RISK_IAM_QUARANTINE" => Some((Sign::Detected, Some(Grade::Three))),
        _ => None,
    }
}

fn ignored(detail: &Field<'_>, code: &str) -> Result<Option<String>, EventError> {
    let is = |key: &str, word: &str| -> Result<bool, EventError> {
        Ok(detail.get(key)?.text_if_any()?.is_some_and(|text| text.eq_ignore_ascii_case(word)))
    };
    Ok(if is("statusCode", "closed")? {
        Some("AWS Health has closed it".to_owned())
    } else if is("eventScopeCode", "PUBLIC")? {
        Some(format!("`{}` is about AWS, not about this account", shortened(code)))
    } else {
        None
    })
}

fn started(field: &Field<'_>) -> Option<Timestamp> {
    let text = field.text().ok()?;
    let zoned: Option<Zoned> = RFC_2822.parse_zoned(text.trim()).ok();
    zoned.map(|zoned| zoned.timestamp()).or_else(|| field.time().ok())
}

/// What AWS Health says is affected.
struct Entity {
    value: String,
    is_resolved: bool,
}

impl Entity {
    fn read(field: &Field<'_>) -> Result<Self, EventError> {
        let entity = field.get("entityValue")?.filled_text()?;
        // Nothing but the word itself says that it is over.
        let status = field.get("status")?.text_if_any().ok().flatten();
        Ok(Self {
            value: entity.trim().to_owned(),
            is_resolved: status.is_some_and(|status| status.eq_ignore_ascii_case("RESOLVED")),
        })
    }

    /// The key that stands beside the entities in events about exposed keys.
    fn of_metadata(detail: &Field<'_>) -> Result<Option<Self>, EventError> {
        let key = detail.get("eventMetadata")?.under("publicKey")?.text_if_any()?;
        let entity = key.map(|key| Self { value: key.to_owned(), is_resolved: false });
        Ok(entity.filter(|entity| entity.key().is_some()))
    }

    fn trigger(&self, origin: &Origin, code: &str, sign: Sign, severity: Option<Grade>) -> Trigger {
        let mut origin = origin.clone();
        let key = self.key();
        let tail = key.as_ref().map_or_else(|| shown(&self.value), |key| key.last_four().to_owned());
        origin.id = id_of(&format!("{}#{tail}", origin.id));
        if self.is_resolved {
            return origin.ignored("AWS Health says that it is resolved");
        }
        let threat = |about, key| Hint::Threat { sign, about, key, by: None, severity, said: said(code) };
        let mut hints = Vec::new();
        match (key, self.principal()) {
            (Some(key), _) => return origin.hinting(vec![threat(Suspect::HolderOf(key.clone()), Some(key))]),
            (None, Some(arn)) => hints.push(threat(Suspect::Arn(arn), None)),
            (None, None) => {}
        }
        // Of a key that lies open only the key itself goes off: which one it is, people look. So they do where nobody of IAM is
        // named, such as root.
        if sign == Sign::KeyExposed || hints.is_empty() {
            let value = shown(&self.value);
            hints.push(Hint::Page {
                sign,
                said: said(&format!("{code} about `{value}`, which is no access key")),
            });
        }
        origin.hinting(hints)
    }

    /// The user or role that it names.
    fn principal(&self) -> Option<Arn> {
        let arn = Arn::parse(&self.value).ok()?;
        let is_principal = ["user/", "role/"].iter().any(|kind| arn.resource().starts_with(kind));
        (arn.service() == "iam" && is_principal).then_some(arn)
    }

    /// The key id, alone or in some text.
    fn key(&self) -> Option<AccessKeyId> {
        self.value.split(|c: char| !c.is_ascii_alphanumeric()).find_map(long_term_key)
    }
}

/// What stands in the place of a key, fit to be told: a name or an ARN as it is, and of anything else, which may be a secret or
/// a key id that was mistyped, the end.
fn shown(value: &str) -> String {
    const LAST: usize = 4;
    let is_name = value.starts_with("arn:") || !value.chars().any(|c| c.is_ascii_digit());
    let length = value.chars().count();
    if is_name || length <= LAST * 2 {
        return value.to_owned();
    }
    std::iter::once('…').chain(value.chars().skip(length - LAST)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::ours::tests::ours;
    use super::*;

    fn event(detail: &Value) -> Value {
        let mut whole = json!({
            "eventArn": "arn:aws:health:us-east-1::event/RISK/AWS_RISK_CREDENTIALS_EXPOSED/e-1",
            "service": "RISK", "eventTypeCode": "AWS_RISK_CREDENTIALS_EXPOSED", "eventTypeCategory": "issue",
            "startTime": "Fri, 20 Nov 2026 09:14:03 GMT",
            "affectedEntities": [{ "entityValue": "AKIAQ2XH7WMRTEXAMPLE" }]
        });
        for (key, value) in detail.as_object().unwrap() {
            whole[key] = value.clone();
        }
        json!({
            "version": "0", "id": "7bf73129-1428-4cd3-a780-95db273d1602", "detail-type": "AWS Health Event",
            "source": "aws.health", "account": "111122223333", "time": "2026-11-20T09:20:00Z",
            "region": "us-east-1", "resources": [], "detail": whole
        })
    }

    fn parse(detail: &Value) -> Vec<Trigger> {
        Trigger::parse(&event(detail), &ours()).unwrap()
    }

    #[test]
    fn each_key_of_several_is_a_trigger_of_its_own() {
        let triggers = parse(&json!({ "affectedEntities": [
            { "entityValue": "AKIAQ2XH7WMRTEXAMPLE" }, { "entityValue": "AKIAQ2XH7WMRTEXAMPLF" },
        ]}));
        let ids: Vec<&str> = triggers.iter().map(|trigger| trigger.id.as_str()).collect();
        assert!(ids[0].ends_with("/e-1#MPLE") && ids[1].ends_with("/e-1#MPLF"), "{ids:?}");
        for trigger in triggers {
            let [
                Hint::Threat {
                    sign: Sign::KeyExposed, about: Suspect::HolderOf(about), key: Some(key), ..
                },
            ] = trigger.hints.as_slice()
            else {
                panic!("{:?}", trigger.hints)
            };
            assert_eq!(about, key);
        }
    }

    #[test]
    fn what_cannot_be_read_takes_no_key_with_it_and_is_told_to_people() {
        for unreadable in
            [json!({ "entityValue": "" }), json!({ "entityValue": 7 }), json!({}), json!("x"), Value::Null]
        {
            let key = json!({ "entityValue": "AKIAQ2XH7WMRTEXAMPLE", "status": 7 });
            let triggers = parse(&json!({ "affectedEntities": [unreadable, key] }));
            let hints: Vec<&Hint> = triggers.iter().flat_map(|trigger| &trigger.hints).collect();
            let [Hint::Threat { key: Some(_), .. }, Hint::Page { sign: Sign::KeyExposed, said }] = hints[..]
            else {
                panic!("{triggers:?}")
            };
            assert!(said.contains("cannot be read"), "{said}");
            assert_ne!(triggers[0].id, triggers[1].id);
        }
        let alone = parse(&json!({ "affectedEntities": [{}] }));
        assert!(matches!(&alone[0].hints[..], [Hint::Page { sign: Sign::KeyExposed, .. }]), "{alone:?}");
        // The key beside the entities counts where none of them can be read.
        let beside = parse(
            &json!({ "affectedEntities": [{}], "eventMetadata": { "publicKey": "AKIAQ2XH7WMRTEXAMPLE" } }),
        );
        assert!(matches!(&beside[0].hints[..], [Hint::Threat { key: Some(_), .. }]), "{beside:?}");
    }

    #[test]
    fn its_times_are_for_mail_and_their_weekday_may_be_wrong() {
        for (time, expected) in [
            ("Fri, 20 Nov 2026 09:14:03 GMT", "2026-11-20T09:14:03Z"),
            ("Sat, 20 Nov 2026 09:14:03 GMT", "2026-11-20T09:14:03Z"),
            ("2026-11-20T09:14:03Z", "2026-11-20T09:14:03Z"),
            ("lately", "2026-11-20T09:20:00Z"),
        ] {
            assert_eq!(parse(&json!({ "startTime": time }))[0].at.to_string(), expected, "{time}");
        }
    }

    #[test]
    fn a_key_is_found_in_text_and_what_is_no_key_is_told_to_people() {
        let about =
            |value: &str| parse(&json!({ "affectedEntities": [{ "entityValue": value }] })).remove(0).hints;
        let key = AccessKeyId::parse("AKIAQ2XH7WMRTEXAMPLE").unwrap();
        for text in ["AKIAQ2XH7WMRTEXAMPLE", "AKIAQ2XH7WMRTEXAMPLE / svc-edi", "svc-edi,AKIAQ2XH7WMRTEXAMPLE"]
        {
            let hints = about(text);
            assert!(matches!(&hints[..], [Hint::Threat { key: Some(k), .. }] if *k == key), "{hints:?}");
        }
        let user = about("arn:aws:iam::111122223333:user/svc-edi");
        let [
            Hint::Threat { about: Suspect::Arn(_), key: None, .. },
            Hint::Page { sign: Sign::KeyExposed, said },
        ] = &user[..]
        else {
            panic!("{user:?}")
        };
        assert!(said.contains("user/svc-edi"), "which key it is, people look: {said}");
        for nobody in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:s3:::bucket",
            "arn:aws:sts::111122223333:assumed-role/a/b",
        ] {
            let hints = about(nobody);
            assert!(matches!(&hints[..], [Hint::Page { sign: Sign::KeyExposed, .. }]), "{nobody}: {hints:?}");
        }
        assert!(matches!(&about("svc-edi")[..], [Hint::Page { sign: Sign::KeyExposed, .. }]));
        let none = parse(&json!({ "affectedEntities": [] })).remove(0).hints;
        assert!(matches!(&none[..], [Hint::Page { .. }]));
    }

    #[test]
    fn what_may_be_a_secret_is_told_by_its_end() {
        for (head, tail, end) in
            [("wJalrXUt", "nFEMI/K7MDENG/bPxRfiCYEXAMPLE", "KEY1"), ("akiaq2xh", "7wmrtexa", "mple")]
        {
            let secret = format!("{head}{tail}{end}");
            let trigger = parse(&json!({ "affectedEntities": [{ "entityValue": secret }] })).remove(0);
            let told = format!("{trigger:?}");
            assert!(told.contains(end) && !told.contains(head) && !told.contains(tail), "{told}");
        }
    }

    #[test]
    fn who_is_suspected_by_name_is_a_threat_and_root_is_for_people() {
        let about = |value: &str| {
            let code = "AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE";
            parse(&json!({ "eventTypeCode": code, "affectedEntities": [{ "entityValue": value }] }))
                .remove(0)
                .hints
        };
        assert!(matches!(&about("arn:aws:iam::111122223333:user/ada")[..], [Hint::Threat { .. }]));
        assert!(matches!(
            &about("arn:aws:iam::111122223333:root")[..],
            [Hint::Page { sign: Sign::Detected, .. }]
        ));
    }

    #[test]
    fn what_is_only_suspected_is_a_weaker_sign() {
        let hints =
            parse(&json!({ "eventTypeCode": "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED" })).remove(0).hints;
        assert!(matches!(
            &hints[..],
            [Hint::Threat { sign: Sign::Detected, severity: Some(Grade::Three), .. }]
        ));
    }

    #[test]
    fn what_is_over_or_of_no_concern_says_so() {
        for (detail, why) in [
            (json!({ "statusCode": "closed" }), "AWS Health has closed it"),
            (json!({ "eventScopeCode": "PUBLIC" }), "is about AWS, not about this account"),
            (json!({ "eventTypeCode": "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED" }), "is not about credentials"),
            (
                json!({ "affectedEntities": [{ "entityValue": "AKIAQ2XH7WMRTEXAMPLE", "status": "RESOLVED" }] }),
                "AWS Health says that it is resolved",
            ),
        ] {
            let trigger = parse(&detail).remove(0);
            assert_eq!(trigger.hints, [], "{detail}");
            assert!(trigger.ignored.unwrap().contains(why), "{detail}");
        }
    }

    #[test]
    fn the_key_beside_the_entities_counts_where_they_name_none() {
        let metadata = json!({ "publicKey": "AKIAQ2XH7WMRTEXAMPLE", "userName": "svc-edi" });
        let named =
            |entities: Value| parse(&json!({ "affectedEntities": entities, "eventMetadata": metadata }));
        for triggers in [named(json!([])), named(Value::Null)] {
            assert!(matches!(&triggers[0].hints[..], [Hint::Threat { key: Some(_), .. }]), "{triggers:?}");
            assert_eq!(triggers.len(), 1);
        }
        let both = named(json!([{ "entityValue": "svc-edi" }]));
        assert!(matches!(&both[0].hints[..], [Hint::Page { .. }]), "{both:?}");
        assert!(matches!(&both[1].hints[..], [Hint::Threat { key: Some(_), .. }]), "{both:?}");
        assert_eq!(named(json!([{ "entityValue": "AKIAQ2XH7WMRTEXAMPLF" }])).len(), 1);
        // Whoever is named beside it.
        for arn in ["arn:aws:iam::111122223333:user/svc-edi", "arn:aws:iam::111122223333:root"] {
            let triggers = named(json!([{ "entityValue": arn }]));
            assert!(matches!(&triggers[1].hints[..], [Hint::Threat { key: Some(_), .. }]), "{triggers:?}");
        }
        let none = json!({ "affectedEntities": [], "eventMetadata": { "publicKey": "a key" } });
        assert!(matches!(&parse(&none)[0].hints[..], [Hint::Page { .. }]));
    }

    #[test]
    fn an_account_that_cannot_be_read_keeps_no_key_open() {
        let trigger = parse(&json!({ "affectedAccount": "-" })).remove(0);
        assert_eq!((trigger.account.as_str(), trigger.hints.len()), ("111122223333", 1));
    }

    #[test]
    fn an_organisations_view_names_the_member() {
        let trigger = parse(&json!({ "affectedAccount": "444455556666" })).remove(0);
        assert_eq!(trigger.account.as_str(), "444455556666");
    }
}
