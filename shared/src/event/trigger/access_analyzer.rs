//! IAM Access Analyzer: access from outside, access that nobody uses, access within to what is critical.

use super::envelope::{Envelope, Origin};
use super::said::shortened;
use super::{Hint, Suspect, Trigger};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccountId, Arn};
use crate::threat::Source;

/// The detail types it sends for findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    External,
    Unused,
    Internal,
}

impl Kind {
    pub(super) fn of(detail_type: &str) -> Option<Self> {
        match detail_type {
            "Access Analyzer Finding" => Some(Self::External),
            "Unused Access Finding for IAM entities" => Some(Self::Unused),
            "Internal Access Finding" => Some(Self::Internal),
            _ => None,
        }
    }
}

/// Each kind of finding only starts the rules about whom it names: they look at the same policies and last uses, and
/// the analyzer, which may be an hour late, says nothing of who did it.
pub(super) fn read(envelope: &Envelope<'_>, kind: Kind) -> Result<Trigger, EventError> {
    let detail = &envelope.detail;
    // Findings of unused access have their id under another name.
    let id = match kind {
        Kind::Unused => detail.get("findingId")?,
        Kind::External | Kind::Internal => detail.get("id")?,
    };
    let (account, region) = (detail.get("accountId")?, detail.get("region")?);
    let origin = envelope.origin(Source::AccessAnalyzer).with(id.filled_text()?, &account, &region)?;
    let origin = origin.seen(detail.get("updatedAt")?.time().ok());
    if let Some(why) = is_over(detail)? {
        return Ok(origin.ignored(why));
    }
    match kind {
        Kind::External | Kind::Unused => of_resource(detail, origin),
        Kind::Internal => of_principal(detail, origin),
    }
}

fn is_over(detail: &Field<'_>) -> Result<Option<String>, EventError> {
    if detail.get("isDeleted")?.optional(Field::boolean)?.unwrap_or_default() {
        // Its status stays what it was.
        return Ok(Some("the finding is deleted".to_owned()));
    }
    if let Some(error) = detail.get("error")?.text_if_any()? {
        return Ok(Some(format!("the analyzer could not look: `{}`", shortened(error))));
    }
    let status = detail.get("status")?.filled_text()?;
    Ok((status != "ACTIVE").then(|| format!("the finding is `{}`", shortened(status))))
}

fn of_resource(detail: &Field<'_>, origin: Origin) -> Result<Trigger, EventError> {
    let kind = detail.get("resourceType")?.filled_text()?;
    if !kind.starts_with("AWS::IAM::") {
        return Ok(origin.ignored(format!("it is about `{}`, not about IAM", shortened(kind))));
    }
    let arn = detail.get("resource")?.identifier(Arn::parse)?;
    Ok(origin.hinting(vec![Hint::Changed { about: Suspect::Arn(arn) }]))
}

/// Who has access within the organisation; the resource is none of ours to judge.
fn of_principal(detail: &Field<'_>, mut origin: Origin) -> Result<Trigger, EventError> {
    let owner = detail.get("principalOwnerAccount")?;
    if let Some(owner) = owner.optional(|field| field.identifier(AccountId::parse))? {
        origin.account = owner;
    }
    let principal = detail.get("principal")?.get("AWS")?;
    let arn = principal.text_if_any()?.and_then(|text| Arn::parse(text).ok());
    Ok(match arn.filter(|arn| arn.service() == "iam" && arn.resource() != "root") {
        Some(arn) => origin.hinting(vec![Hint::Changed { about: Suspect::Arn(arn) }]),
        None => origin.ignored("it names no user or role"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::ours::tests::ours;
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/freight-matching";

    fn event(detail_type: &str, detail: &Value) -> Value {
        let mut whole = json!({
            "accountId": "111122223333", "resource": ROLE, "resourceType": "AWS::IAM::Role", "status": "ACTIVE",
            "isDeleted": false, "createdAt": "2026-11-20T08:00:00Z", "updatedAt": "2026-11-20T08:10:00Z",
            "analyzedAt": "2026-11-20T08:10:00Z", "version": "1.0"
        });
        let id = if detail_type.starts_with("Unused") { "findingId" } else { "id" };
        whole[id] = json!("b8ae0460-5d29-4922-b92a-ba956c986277");
        for (key, value) in detail.as_object().unwrap() {
            whole[key] = value.clone();
        }
        json!({
            "version": "0", "id": "dc7ce3ee-114b-4243-a249-7f10f9054b21", "detail-type": detail_type,
            "source": "aws.access-analyzer", "account": "111122223333", "time": "2026-11-20T09:14:03Z",
            "region": "eu-west-1", "resources": [], "detail": whole
        })
    }

    fn parse(detail_type: &str, detail: &Value) -> Trigger {
        Trigger::parse(&event(detail_type, detail), &ours()).unwrap().remove(0)
    }

    const EXTERNAL: &str = "Access Analyzer Finding";
    const UNUSED: &str = "Unused Access Finding for IAM entities";
    const INTERNAL: &str = "Internal Access Finding";

    #[test]
    fn each_kind_has_its_id_where_it_keeps_it_and_starts_the_rules() {
        let expected = [Hint::Changed { about: Suspect::Arn(Arn::parse(ROLE).unwrap()) }];
        for (kind, detail) in [
            (EXTERNAL, json!({ "principal": { "AWS": "999988887777" }, "isPublic": false })),
            (UNUSED, json!({ "findingType": "UnusedIAMRole", "previousStatus": "" })),
            (
                INTERNAL,
                json!({ "findingType": "InternalAccess", "principal": { "AWS": ROLE }, "principalType": "IAM_ROLE",
                    "principalOwnerAccount": "111122223333", "resource": "arn:aws:s3:::invoices",
                    "resourceType": "AWS::S3::Bucket" }),
            ),
        ] {
            let trigger = parse(kind, &detail);
            assert_eq!(trigger.id, "b8ae0460-5d29-4922-b92a-ba956c986277");
            assert_eq!(trigger.at.to_string(), "2026-11-20T08:10:00Z");
            assert_eq!(trigger.hints, expected, "{kind}");
        }
        let mut without = event(UNUSED, &json!({}));
        without["detail"].as_object_mut().unwrap().remove("findingId");
        let error = Trigger::parse(&without, &ours()).unwrap_err().to_string();
        assert_eq!(error, "`detail.findingId` is absent; expected a string");
    }

    #[test]
    fn what_is_deleted_failed_archived_or_resolved_leads_to_nothing() {
        for (detail, why) in [
            (json!({ "isDeleted": true }), "the finding is deleted"),
            (json!({ "error": "ACCESS_DENIED" }), "the analyzer could not look: `ACCESS_DENIED`"),
            (json!({ "status": "ARCHIVED" }), "the finding is `ARCHIVED`"),
            (json!({ "status": "RESOLVED" }), "the finding is `RESOLVED`"),
            (json!({ "resourceType": "AWS::S3::Bucket" }), "it is about `AWS::S3::Bucket`, not about IAM"),
        ] {
            for kind in [EXTERNAL, UNUSED] {
                assert_eq!(parse(kind, &detail).ignored.as_deref(), Some(why), "{kind}");
            }
        }
        let root = json!({ "principal": { "AWS": "arn:aws:iam::111122223333:root" } });
        assert_eq!(parse(INTERNAL, &root).ignored.as_deref(), Some("it names no user or role"));
    }

    #[test]
    fn a_preview_is_no_finding() {
        let error = Trigger::parse(&event("Access Preview State Change", &json!({})), &ours()).unwrap_err();
        assert!(error.to_string().contains("`detail-type` is `Access Preview State Change`"), "{error}");
    }
}
