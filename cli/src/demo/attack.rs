//! An attack, seen by CloudTrail: a key made for somebody else, an administrator's policy, a role opened to the outside.
//! It is contained step by step, and lifted.

use serde_json::{Value, json};
use shared::engine::{Answer, RestoreRequest, Say};
use shared::facts::KeyStatus;
use shared::governance::{Governance, Mode};
use shared::remedy::{Approver, Entry, Refusal, Status};
use sim::{AccountFile, Local};

use crate::error::CliError;
use crate::local;
use crate::page::{FAINT, GOOD, PLAIN, Page, STRONG, WRONG};

const GOVERNANCE: &str = "version: 1\nrules:\n  access-key-made-by-another: { mode: enforce }\n  \
                          principal-threatened: { mode: enforce }\napprovals:\n  approvers:\n    \
                          - arn:aws:iam::111122223333:user/security/*\n";
/// Who agrees that it was a drill.
const SECOND: &str = "arn:aws:iam::111122223333:user/security/emeka.obi";
const ACCOUNT: &str = "111122223333";
const NOW: &str = "2026-11-22T09:00:00Z";
const ATTACKER: &str = "AIDAEXAMPLEATTACKER01";
const MADE: &str = "AKIAEXAMPLEMADEKEY01";

/// Plays the attack; whether all of it was contained, and all of it lifted.
pub(super) fn show(page: &mut Page<'_>) -> Result<bool, CliError> {
    let governance = Governance::parse(GOVERNANCE)
        .map_err(|source| CliError::Governance { name: "the attack".to_owned(), source })?;
    let local = local::deploy(account()?, governance)?;
    let before = local.world.account();
    let steps = [
        ("rik.osei makes an access key for svc-manifest", key_made()),
        (
            "rik.osei makes svc-manifest an administrator",
            call(
                "e2",
                "AttachUserPolicy",
                &json!({
            "userName": "svc-manifest", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
                &Value::Null,
            ),
        ),
        (
            "rik.osei lets another account assume a role",
            call(
                "e3",
                "UpdateAssumeRolePolicy",
                &json!({
            "roleName": "manifest-reader", "policyDocument": trust()}),
                &Value::Null,
            ),
        ),
    ];
    let mut told = 0;
    for (what, event) in steps {
        page.flow(0, 2, &[(FAINT, "● "), (STRONG, what)])?;
        local.deliver(&event);
        let entries = local.world.entries();
        for entry in entries.iter().skip(told).filter(|entry| entry.mode == Mode::Enforce) {
            line(page, entry)?;
        }
        told = entries.len();
    }
    let contained = off(&local, 0) && off(&local, 1);
    let acts: Vec<Entry> =
        local.world.entries().into_iter().filter(|entry| entry.status == Status::Verified).collect();
    page.flow(
        0,
        2,
        &[(FAINT, "● "), (STRONG, "it was a drill"), (FAINT, "  one person lifts all of it, another agrees")],
    )?;
    for entry in acts.iter().rev() {
        let request = RestoreRequest {
            journal_id: entry.id.clone(),
            requested_by: "hanneke.vos@larkfield.example".to_owned(),
            reason: "the drill is over".to_owned(),
            // The key was made for the drill, and nobody else knows it.
            reactivate_keys: true,
        };
        if let Ok(outcome) = local.restore(&request)
            && let Some(Entry { id, refusal: Some(Refusal::AwaitsApproval { plan, .. }), .. }) =
                outcome.entry()
            && let Ok(second) = Approver::of(SECOND)
        {
            let (journal_id, plan, reason) = (id.clone(), plan.clone(), request.reason.clone());
            let _ = local.answer(second, Answer { journal_id, plan, answer: Say::Approve, reason });
        }
        if let Ok(outcome) = local.restore(&request)
            && let Some(undo) = outcome.entry()
        {
            line(page, undo)?;
        }
    }
    let after = local.world.account();
    Ok(contained && after.users == before.users && after.roles == before.roles)
}

fn line(page: &mut Page<'_>, entry: &Entry) -> Result<(), CliError> {
    let (style, word) = match entry.status {
        Status::Verified => (GOOD, "verified  "),
        Status::Refused | Status::Planned => (PLAIN, "told      "),
        Status::Open | Status::Failed | Status::Unknown => (WRONG, "not done  "),
    };
    let steps: Vec<String> = entry.plan.steps.iter().map(ToString::to_string).collect();
    let what = if steps.is_empty() { entry.plan.left.join("; ") } else { steps.join("; ") };
    page.flow(4, 14, &[(style, word), (PLAIN, &what)])?;
    Ok(())
}

/// Whether a key of the user at this place is off.
fn off(local: &Local, user: usize) -> bool {
    let file = local.world.account();
    let keys = file.users.get(user).map(|user| user.access_keys.clone()).unwrap_or_default();
    keys.iter().any(|key| key.status == KeyStatus::Inactive)
}

fn account() -> Result<AccountFile, CliError> {
    let file = json!({
        "account": ACCOUNT, "now": NOW,
        "users": [
            {"name": "rik.osei", "id": ATTACKER, "created": "2025-02-01T09:00:00Z", "accessKeys": [
                {"created": "2026-10-01T09:00:00Z", "lastUsed": {"at": NOW}}]},
            {"name": "svc-manifest", "created": "2025-02-01T09:00:00Z", "accessKeys": [
                {"created": "2026-10-01T09:00:00Z", "lastUsed": {"at": NOW}}, {"id": MADE, "created": NOW}]}
        ],
        "roles": [{"name": "manifest-reader", "created": "2025-02-01T09:00:00Z"}]
    });
    AccountFile::parse(&file.to_string())
        .map_err(|source| CliError::Account { name: "the attack's account".to_owned(), source })
}

fn trust() -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}]})
    .to_string()
}

fn key_made() -> Value {
    let answer = json!({"accessKey": {"userName": "svc-manifest", "accessKeyId": MADE, "status": "Active"}});
    call("e1", "CreateAccessKey", &json!({"userName": "svc-manifest"}), &answer)
}

/// As CloudTrail tells of a call of the attacker's.
fn call(id: &str, name: &str, parameters: &Value, answer: &Value) -> Value {
    json!({
        "version": "0", "id": id, "source": "aws.iam", "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT, "time": NOW, "region": "us-east-1", "resources": [],
        "detail": {
            "eventVersion": "1.11", "eventID": id, "eventTime": NOW, "eventSource": "iam.amazonaws.com",
            "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli",
            "userIdentity": {"type": "IAMUser", "principalId": ATTACKER, "accountId": ACCOUNT,
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/rik.osei"), "userName": "rik.osei"},
            "requestParameters": parameters, "responseElements": answer, "readOnly": false,
            "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": ACCOUNT
        }
    })
}
