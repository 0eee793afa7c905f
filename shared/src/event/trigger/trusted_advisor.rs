//! Trusted Advisor's check of exposed access keys.

use super::envelope::Envelope;
use super::said::{id_of, said, shortened};
use super::suspect::long_term_key;
use super::{Hint, Suspect, Trigger};
use crate::event::error::EventError;
use crate::identifier::AccessKeyId;
use crate::threat::{Grade, Sign, Source};

pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, EventError> {
    let detail = &envelope.detail;
    let check = detail.get("check-name")?.filled_text()?;
    let mut origin = envelope.origin(Source::TrustedAdvisor);
    if check != "Exposed Access Keys" {
        return Ok(origin.ignored(format!("the check `{}` is not about exposed keys", shortened(check))));
    }
    let status = detail.get("status")?.filled_text()?;
    let item = detail.get("check-item-detail")?;
    // The columns of the check's report. Source: AWS Support user guide, "Exposed Access Keys".
    let key = item.under("Access Key ID")?.identifier(AccessKeyId::parse);
    // Each refresh has an id of its own, the case has not.
    if let (Ok(key), Some(case)) = (&key, item.under("Case ID")?.text_if_any()?) {
        origin.id = id_of(&format!("{case}#{}", key.last_four()));
    }
    // What is not red need not name any key.
    if status != "ERROR" {
        return Ok(origin.ignored(format!("the check's status is `{}`, not red", shortened(status))));
    }
    let key = key?;
    let user = item.get("User Name (IAM or Root)")?.text_if_any()?;
    let kind = item.get("Fraud Type")?.text_if_any()?.unwrap_or("Exposed");
    let location = item.get("Location")?.text_if_any()?;
    let place = location.map(|location| format!(" at {location}")).unwrap_or_default();
    let said = said(&format!("Exposed Access Keys: {kind}{place}"));
    // A suspicion comes of how machines are used, not of a key that was seen.
    let (sign, severity) = if kind.eq_ignore_ascii_case("Suspected") {
        (Sign::Detected, Some(Grade::Three))
    } else {
        (Sign::KeyExposed, None)
    };
    let is_roots =
        user.is_some_and(|user| user.eq_ignore_ascii_case("root") || user.contains("root_account"));
    if is_roots || long_term_key(key.as_str()).is_none() {
        return Ok(origin.hinting(vec![Hint::Page { sign, said }]));
    }
    let about = Suspect::HolderOf(key.clone());
    Ok(origin.hinting(vec![Hint::Threat { sign, about, key: Some(key), by: None, severity, said }]))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::ours::tests::ours;
    use super::*;

    fn parse(change: impl FnOnce(&mut Value)) -> Result<Trigger, EventError> {
        let mut event = json!({
            "version": "0", "id": "1f6d2c1e-1a2b-4c3d-9e8f-102030405060", "source": "aws.trustedadvisor",
            "detail-type": "Trusted Advisor Check Item Refresh Notification", "account": "111122223333",
            "time": "2026-11-20T09:14:03Z", "region": "us-east-1", "resources": [],
            "detail": {
                "check-name": "Exposed Access Keys", "status": "ERROR", "resource_id": "", "uuid": "u-1",
                "check-item-detail": {
                    "Access Key ID": "AKIAQ2XH7WMRTEXAMPLE", "User Name (IAM or Root)": "svc-edi",
                    "Fraud Type": "Exposed", "Case ID": "c-12345678901", "Time Updated": "1795166043000",
                    "Location": "www.example.com", "Deadline": "1795252443000", "Usage (USD per Day)": "0.00"
                }
            }
        });
        change(&mut event["detail"]);
        Trigger::parse(&event, &ours()).map(|mut triggers| triggers.remove(0))
    }

    #[test]
    fn red_is_a_key_to_switch_off_under_the_id_of_its_case() {
        let trigger = parse(|_| ()).unwrap();
        assert_eq!(trigger.id, "c-12345678901#MPLE");
        let [Hint::Threat { sign: Sign::KeyExposed, about: Suspect::HolderOf(_), key: Some(_), said, .. }] =
            &trigger.hints[..]
        else {
            panic!("{trigger:?}")
        };
        assert_eq!(said, "Exposed Access Keys: Exposed at www.example.com");
    }

    #[test]
    fn a_suspicion_is_a_weaker_sign_and_roots_key_is_for_people() {
        let hints = parse(|d| d["check-item-detail"]["Fraud Type"] = json!("Suspected")).unwrap().hints;
        assert!(matches!(&hints[..], [Hint::Threat { sign: Sign::Detected, severity: Some(_), .. }]));
        for name in ["Root", "<root_account>"] {
            let hints =
                parse(|d| d["check-item-detail"]["User Name (IAM or Root)"] = json!(name)).unwrap().hints;
            assert!(matches!(&hints[..], [Hint::Page { sign: Sign::KeyExposed, .. }]), "{name}");
        }
    }

    #[test]
    fn green_yellow_and_other_checks_lead_to_nothing() {
        for status in ["OK", "WARN"] {
            let why = parse(|d| d["status"] = json!(status)).unwrap().ignored.unwrap();
            assert_eq!(why, format!("the check's status is `{status}`, not red"));
        }
        // What is green names no key.
        let green = parse(|d| {
            d["status"] = json!("OK");
            d["check-item-detail"] = json!({});
        });
        assert_eq!(green.unwrap().ignored.unwrap(), "the check's status is `OK`, not red");
        let why = parse(|d| *d = json!({ "check-name": "IAM Access Key Rotation", "status": "ERROR" }));
        assert_eq!(
            why.unwrap().ignored.unwrap(),
            "the check `IAM Access Key Rotation` is not about exposed keys"
        );
    }

    #[test]
    fn without_a_key_it_is_an_error_that_shows_no_secret() {
        let error = parse(|d| d["check-item-detail"]["Access Key ID"] = Value::Null).unwrap_err().to_string();
        assert_eq!(error, "`detail.check-item-detail.Access Key ID` is null; expected a string");
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let error =
            parse(|d| d["check-item-detail"]["Access Key ID"] = json!(secret)).unwrap_err().to_string();
        assert!(!error.contains("wJalr"), "{error}");
    }
}
