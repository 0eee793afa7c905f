//! Calls that CloudTrail recorded, read again for who keeps putting something back.

use jiff::Timestamp;
use serde_json::Value;

use super::super::said::shortened;
use super::super::{Ours, Suspect};
use super::call::Call;
use super::credentials::Target;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::facts::ResourceIdentity;
use crate::identifier::AccountId;

/// A call that may have put something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutBack {
    /// Who, by ARN or by what else is told: of a session its role.
    pub who: String,
    /// The session's name.
    pub session: Option<String>,
    /// The service of AWS's that called on their behalf.
    pub through: Option<String>,
    /// What it looks to be made by, where that is a tool that would make it again.
    pub tool: Option<&'static str>,
    /// The call, such as `iam:PutUserPolicy`.
    pub call: String,
    /// When.
    pub at: Timestamp,
}

/// What such tools call themselves in `userAgent`, or are called in `invokedBy`.
const TOOLS: [(&str, &str); 5] = [
    ("cloudformation", "CloudFormation"),
    ("terraform", "Terraform"),
    ("opentofu", "OpenTofu"),
    ("pulumi", "Pulumi"),
    ("crossplane", "Crossplane"),
];

impl PutBack {
    /// Reads a record as `LookupEvents` has it; `None` where it changed nothing of the resource, took something away, or
    /// is Bailiff's own.
    pub fn read(
        record: &Value,
        of: &ResourceIdentity,
        account: &AccountId,
        ours: &Ours,
    ) -> Result<Option<Self>, EventError> {
        let detail = Field::at("", record);
        let call = Call::read(&detail, account)?;
        let switches_off = call.text("status")? == Some("Inactive");
        if call.service != "iam"
            || call.is_read
            || call.error.is_some()
            || switches_off
            || call.caller.is_one_of(ours)
            || !is_about(&call, of)?
        {
            return Ok(None);
        }
        let identity = detail.get("userIdentity")?;
        let through = identity.get("invokedBy")?.text_if_any()?.map(shortened);
        let agent = detail.get("userAgent")?.text_if_any()?.unwrap_or_default().to_ascii_lowercase();
        let by = through.as_deref().unwrap_or_default().to_ascii_lowercase();
        let tool = TOOLS.iter().find(|(word, _)| agent.contains(word) || by.contains(word));
        let session = identity.get("arn")?.text_if_any()?.and_then(session_of);
        Ok(Some(Self {
            who: shortened(&call.caller.principal()),
            session: session.map(shortened),
            through,
            tool: tool.map(|(_, name)| *name),
            call: shortened(&call.action()),
            at: detail.get("eventTime")?.time()?,
        }))
    }
}

/// Whether the call names the resource. IAM takes names of any case.
fn is_about(call: &Call<'_>, of: &ResourceIdentity) -> Result<bool, EventError> {
    let named = |key: &str, name: &str| {
        call.text(key).map(|found| found.is_some_and(|found| found.eq_ignore_ascii_case(name)))
    };
    match of {
        // Who acts on a credential of their own need not name themselves.
        ResourceIdentity::User(user) => Ok(match Target::of(call)?.suspect() {
            Some(Suspect::User { name, .. }) => name.as_str().eq_ignore_ascii_case(user.name.as_str()),
            _ => false,
        }),
        ResourceIdentity::Role(role) => named("roleName", role.name.as_str()),
        ResourceIdentity::Group(group) => named("groupName", group.name.as_str()),
        ResourceIdentity::Policy(policy) => named("policyArn", policy.arn.as_str()),
        ResourceIdentity::Account(_) => Ok(true),
        ResourceIdentity::ServerCertificate(_)
        | ResourceIdentity::SamlProvider(_)
        | ResourceIdentity::OidcProvider(_) => Ok(false),
    }
}

/// The session in `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION`.
fn session_of(arn: &str) -> Option<&str> {
    arn.split_once(":assumed-role/")?.1.split_once('/').map(|(_, session)| session)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::trigger::ours::tests::ours;
    use crate::facts::fixture::alice;

    fn record() -> Value {
        json!({
            "eventSource": "iam.amazonaws.com", "eventName": "PutUserPolicy", "eventTime": "2026-11-22T08:40:00Z",
            "recipientAccountId": "111122223333", "userAgent": "HashiCorp Terraform/1.9 (+https://www.terraform.io)",
            "sourceIPAddress": "203.0.113.9", "readOnly": false,
            "requestParameters": {"userName": "Alice", "policyName": "p"},
            "userIdentity": {
                "type": "AssumedRole", "principalId": "AROAEXAMPLE:run-7", "accountId": "111122223333",
                "arn": "arn:aws:sts::111122223333:assumed-role/deploy/run-7",
                "sessionContext": {"sessionIssuer": {
                    "type": "Role", "principalId": "AROAEXAMPLE", "userName": "deploy",
                    "arn": "arn:aws:iam::111122223333:role/deploy"
                }}
            }
        })
    }

    fn read(record: &Value) -> Option<PutBack> {
        let user = ResourceIdentity::User(alice().identity);
        PutBack::read(record, &user, &ours().account, &ours()).unwrap()
    }

    fn with(pointer: &str, value: Value) -> Value {
        let mut record = record();
        *record.pointer_mut(pointer).unwrap() = value;
        record
    }

    #[test]
    fn a_session_is_told_by_its_role_and_name_with_its_tool() {
        let found = read(&record()).unwrap();
        assert_eq!(found.who, "arn:aws:iam::111122223333:role/deploy");
        assert_eq!((found.session.as_deref(), found.tool), (Some("run-7"), Some("Terraform")));
        assert_eq!(
            (found.call.as_str(), found.at.to_string().as_str()),
            ("iam:PutUserPolicy", "2026-11-22T08:40:00Z")
        );
    }

    #[test]
    fn a_service_that_calls_for_somebody_is_told_beside_them() {
        let mut record = with("/userAgent", json!("cloudformation.amazonaws.com"));
        record["userIdentity"]["invokedBy"] = json!("cloudformation.amazonaws.com");
        let found = read(&record).unwrap();
        assert_eq!(found.through.as_deref(), Some("cloudformation.amazonaws.com"));
        assert_eq!((found.tool, found.who.ends_with("role/deploy")), (Some("CloudFormation"), true));
    }

    #[test]
    fn who_acts_on_a_key_of_their_own_need_not_name_themselves() {
        let mut own = record();
        own["eventName"] = json!("UpdateAccessKey");
        own["requestParameters"] = json!({"accessKeyId": "AKIAEXAMPLEEXAMPLE00", "status": "Active"});
        let by = |name: &str| {
            let arn = format!("arn:aws:iam::111122223333:user/{name}");
            json!({"type": "IAMUser", "principalId": "AIDAEXAMPLEEXAMPLE000", "accountId": "111122223333",
                "arn": arn, "userName": name})
        };
        own["userIdentity"] = by("alice");
        let found = read(&own).unwrap();
        assert_eq!((found.who.ends_with("user/alice"), found.call.as_str()), (true, "iam:UpdateAccessKey"));
        own["userIdentity"] = by("bob");
        assert_eq!(read(&own), None);
    }

    #[test]
    fn what_changed_nothing_of_it_or_is_bailiffs_own_put_nothing_back() {
        let mut refused = record();
        refused["errorCode"] = json!("AccessDenied");
        let mut off = record();
        off["requestParameters"]["status"] = json!("Inactive");
        let mut own = with(
            "/userIdentity/sessionContext/sessionIssuer/arn",
            json!("arn:aws:iam::111122223333:role/bailiff-restore"),
        );
        own["userIdentity"]["arn"] = json!("arn:aws:sts::111122223333:assumed-role/bailiff-restore/x");
        for (other, why) in [
            (with("/requestParameters/userName", json!("bob")), "somebody else's"),
            (with("/requestParameters", Value::Null), "nobody's"),
            (with("/eventSource", json!("s3.amazonaws.com")), "not IAM's"),
            (with("/readOnly", json!(true)), "a read"),
            (refused, "refused"),
            (off, "switched off"),
            (own, "Bailiff's"),
        ] {
            assert_eq!(read(&other), None, "{why}");
        }
    }

    #[test]
    fn a_record_that_is_none_is_an_error_and_hostile_words_stay_one_line() {
        let user = ResourceIdentity::User(alice().identity);
        for record in [json!({}), json!([]), json!("x"), with("/eventTime", json!("today"))] {
            assert!(PutBack::read(&record, &user, &ours().account, &ours()).is_err(), "{record}");
        }
        let arn = "arn:aws:sts::111122223333:assumed-role/deploy/a\n\u{1b}b";
        let found = read(&with("/userIdentity/arn", json!(arn))).unwrap();
        assert!(!found.session.unwrap().contains(['\n', '\u{1b}']));
    }
}
