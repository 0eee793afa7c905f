//! What another's rule of AWS Config finds.

use super::envelope::Envelope;
use super::said::shortened;
use super::{Hint, Suspect, Trigger};
use crate::event::error::EventError;
use crate::identifier::{AccountId, UniqueId};
use crate::threat::Source;

/// How Bailiff's own rules are named, whatever the stack's name.
const OUR_RULES: &str = "bailiff-";

pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, EventError> {
    let detail = &envelope.detail;
    let rule = detail.get("configRuleName")?.filled_text()?;
    let resource_type = detail.get("resourceType")?.filled_text()?;
    let resource_id = detail.get("resourceId")?;
    let id = resource_id.filled_text()?;
    let new = detail.get("newEvaluationResult")?;
    let compliance = new.get("complianceType")?.filled_text()?;
    let recorded = new.get("resultRecordedTime")?;
    let at = recorded.time().ok();
    let told = format!("{rule}/{id}/{}", at.unwrap_or(envelope.at));
    let (account, region) = (detail.get("awsAccountId")?, detail.get("awsRegion")?);
    let origin = envelope.origin(Source::Config).with(&told, &account, &region)?.seen(at);
    if rule.starts_with(OUR_RULES) {
        return Ok(origin.ignored("the rule is Bailiff's own"));
    }
    if compliance != "NON_COMPLIANT" {
        return Ok(origin.ignored(format!("it is `{}`", shortened(compliance))));
    }
    let about = match resource_type {
        "AWS::IAM::User" | "AWS::IAM::Role" | "AWS::IAM::Group" | "AWS::IAM::Policy" => {
            Suspect::UniqueId(resource_id.identifier(UniqueId::parse)?)
        }
        "AWS::::Account" => {
            let account = resource_id.identifier(AccountId::parse)?;
            let rule_arn = detail.get("configRuleARN")?.text_if_any()?;
            let partition = rule_arn.and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
            match Suspect::of_account(partition, &account) {
                Some(about) => about,
                None => return Ok(origin.ignored("its partition is none of AWS's")),
            }
        }
        other => {
            return Ok(origin.ignored(format!("`{}` is judged by nothing here", shortened(other))));
        }
    };
    Ok(origin.hinting(vec![Hint::Broken { standard: identifier(rule), about }]))
}

/// The identifier of the AWS managed rule that a rule most likely is, by its name: the event does not have it.
///
/// AWS puts something before or after the name of a rule of a conformance pack, of Security Hub and of an organisation.
/// Whoever makes rules names them as they like; then the identifier is none, and every rule is asked.
fn identifier(rule: &str) -> String {
    let rule = rule.trim();
    let (name, has_suffix) = ["securityhub-", "OrgConfigRule-"]
        .iter()
        .find_map(|prefix| rule.strip_prefix(prefix))
        .map_or((rule, false), |name| (name, true));
    let name = match name.split_once("-conformance-pack-") {
        Some((name, _)) => name,
        None if has_suffix => name.rsplit_once('-').map_or(name, |(name, _)| name),
        None => name,
    };
    shortened(&name.to_ascii_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::ours::tests::ours;
    use super::*;

    fn parse(change: impl FnOnce(&mut Value)) -> Result<Trigger, EventError> {
        let mut event = json!({
            "version": "0", "id": "3a5c0b2e-0a1b-4c2d-8e3f-405060708090", "source": "aws.config",
            "detail-type": "Config Rules Compliance Change", "account": "111122223333",
            "time": "2026-11-20T09:14:05Z", "region": "eu-west-1", "resources": [],
            "detail": {
                "resourceId": "AIDAQ2XH7WMR6CKO4TJFX", "awsRegion": "eu-west-1", "awsAccountId": "111122223333",
                "configRuleName": "access-keys-rotated", "recordVersion": "1.0",
                "configRuleARN": "arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-a1b2c3",
                "messageType": "ComplianceChangeNotification",
                "newEvaluationResult": {
                    "evaluationResultIdentifier": { "evaluationResultQualifier": {
                        "configRuleName": "access-keys-rotated", "resourceType": "AWS::IAM::User",
                        "resourceId": "AIDAQ2XH7WMR6CKO4TJFX"
                    }, "orderingTimestamp": "2026-11-20T09:13:58.000Z" },
                    "complianceType": "NON_COMPLIANT", "resultRecordedTime": "2026-11-20T09:14:03.000Z",
                    "configRuleInvokedTime": "2026-11-20T09:14:02.000Z"
                },
                "notificationCreationTime": "2026-11-20T09:14:04.000Z", "resourceType": "AWS::IAM::User"
            }
        });
        change(&mut event["detail"]);
        Trigger::parse(&event, &ours()).map(|mut triggers| triggers.remove(0))
    }

    #[test]
    fn a_user_is_known_by_its_unique_id_alone() {
        let trigger = parse(|_| ()).unwrap();
        let about = Suspect::UniqueId(UniqueId::parse("AIDAQ2XH7WMR6CKO4TJFX").unwrap());
        assert_eq!(trigger.hints, [Hint::Broken { standard: "ACCESS_KEYS_ROTATED".to_owned(), about }]);
        assert_eq!(trigger.id, "access-keys-rotated/AIDAQ2XH7WMR6CKO4TJFX/2026-11-20T09:14:03Z");
    }

    #[test]
    fn the_account_is_known_by_its_root_users_arn() {
        let trigger = parse(|detail| {
            detail["resourceType"] = json!("AWS::::Account");
            detail["resourceId"] = json!("111122223333");
            detail["configRuleName"] = json!("iam-password-policy");
        })
        .unwrap();
        let [Hint::Broken { standard, about: Suspect::Arn(arn) }] = &trigger.hints[..] else {
            panic!("{trigger:?}")
        };
        assert_eq!(
            (standard.as_str(), arn.as_str()),
            ("IAM_PASSWORD_POLICY", "arn:aws:iam::111122223333:root")
        );
    }

    #[test]
    fn what_aws_puts_around_a_rules_name_is_taken_off() {
        for (name, expected) in [
            ("access-keys-rotated", "ACCESS_KEYS_ROTATED"),
            ("access-keys-rotated-conformance-pack-abc123xyz", "ACCESS_KEYS_ROTATED"),
            ("securityhub-access-keys-rotated-1a2b3c4d", "ACCESS_KEYS_ROTATED"),
            ("OrgConfigRule-access-keys-rotated-x1y2z3", "ACCESS_KEYS_ROTATED"),
            ("OrgConfigRule-access-keys-rotated-conformance-pack-abc123xyz", "ACCESS_KEYS_ROTATED"),
            ("IAM_USER_MFA_ENABLED", "IAM_USER_MFA_ENABLED"),
            ("our-own-check", "OUR_OWN_CHECK"),
        ] {
            assert_eq!(identifier(name), expected, "{name}");
        }
    }

    #[test]
    fn what_complies_what_is_ours_and_what_is_not_iams_leads_to_nothing() {
        for (change, why) in [
            (
                (|d| d["newEvaluationResult"]["complianceType"] = json!("COMPLIANT")) as fn(&mut Value),
                "it is `COMPLIANT`",
            ),
            (
                |d| d["newEvaluationResult"]["complianceType"] = json!("NOT_APPLICABLE"),
                "it is `NOT_APPLICABLE`",
            ),
            (|d| d["configRuleName"] = json!("bailiff-access-key-age"), "the rule is Bailiff's own"),
            (|d| d["resourceType"] = json!("AWS::S3::Bucket"), "`AWS::S3::Bucket` is judged by nothing here"),
        ] {
            let trigger = parse(change).unwrap();
            assert_eq!((trigger.hints, trigger.ignored.as_deref()), (vec![], Some(why)));
        }
    }

    #[test]
    fn a_first_evaluation_has_no_old_result_and_a_later_one_has() {
        let later = parse(|d| d["oldEvaluationResult"] = json!({ "complianceType": "COMPLIANT" })).unwrap();
        assert_eq!(later, parse(|_| ()).unwrap());
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = parse(|d| d["newEvaluationResult"] = Value::Null).unwrap_err().to_string();
        assert_eq!(error, "`detail.newEvaluationResult` is null; expected an object");
        let error = parse(|d| d["resourceId"] = json!("noor")).unwrap_err().to_string();
        assert!(error.starts_with("`detail.resourceId` cannot be used"), "{error}");
    }
}
