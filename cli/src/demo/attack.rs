//! An attack: a key made for somebody else, an administrator's policy, a role opened to the outside. Each change is made in
//! the account, CloudTrail tells of it, and Bailiff answers. Then a second person agrees to lift it.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::{Answer, RestoreRequest, Say};
use shared::facts::KeyStatus;
use shared::governance::{Governance, Mode};
use shared::identifier::{AccessKeyId, Arn, UserName};
use shared::policy::PolicyDocument;
use shared::remedy::{Approver, Entry, Refusal, Remediator, Status};
use sim::account_file::{AccessKey, User};
use sim::{AccountFile, Credential, Local};

use super::seen::user;
use crate::error::CliError;
use crate::local;
use crate::page::{FAINT, GOOD, PLAIN, Page, STRONG, WRONG};

const GOVERNANCE: &str = "version: 1\nrules:\n  access-key-made-by-another: { mode: enforce }\n  \
                          principal-threatened: { mode: enforce }\n  user-attached-policy: { mode: enforce }\n  \
                          role-trust-external: { mode: enforce }\napprovals:\n  approvers:\n    \
                          - arn:aws:iam::111122223333:user/security/*\n";
/// Who agrees that it was a drill.
const SECOND: &str = "arn:aws:iam::111122223333:user/security/emeka.obi";
const ACCOUNT: &str = "111122223333";
const NOW: &str = "2026-11-22T09:00:00Z";
const ATTACKER: &str = "rik.osei";
const ATTACKERS_ID: &str = "AIDAEXAMPLEATTACKER01";
/// The key that the attacker works with, and when a session was begun with it.
const KEY: &str = "AKIAEXAMPLERIKKEYONE";
/// Another of the same user, of which nobody says anything.
const OTHER_KEY: &str = "AKIAEXAMPLERIKKEYTWO";
const SESSION_BEGAN: &str = "2026-11-22T08:30:00Z";
const SERVICE: &str = "svc-manifest";
/// The key that the attacker makes.
const MADE: &str = "AKIAEXAMPLEMADEBYRIK";
const ROLE: &str = "manifest-reader";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const OUTSIDE: &str = "arn:aws:iam::999988887777:root";
const INSIDE: &str = "arn:aws:iam::111122223333:root";
/// What the credentials are tried with.
const WANTED: &str = "iam:CreateUser";

/// Plays the attack; whether all of it was contained, and all lifted that may be.
pub(super) fn show(page: &mut Page<'_>) -> Result<bool, CliError> {
    let local = deployed(GOVERNANCE)?;
    let before = local.world.account();
    // Who is refused afterwards must have been let in before.
    let was_in = key_is_in(&local, KEY) && key_is_in(&local, OTHER_KEY) && session_is_in(&local);
    attack(page, &local)?;
    let contained = is_contained(&local, &before);
    lift(page, &local)?;
    Ok(was_in && contained && is_lifted(&local, &before))
}

fn deployed(governance: &str) -> Result<Local, CliError> {
    let governance = Governance::parse(governance)
        .map_err(|source| CliError::Governance { name: "the attack".to_owned(), source })?;
    local::deploy(account()?, governance)
}

/// Each call changes the account before its event arrives.
fn attack(page: &mut Page<'_>, local: &Local) -> Result<(), CliError> {
    page.flow(0, 2, &[(FAINT, "● "), (STRONG, "rik.osei makes an access key for svc-manifest")])?;
    local.world.edit(|account| service(account, |user| user.access_keys.extend(made(KeyStatus::Active))));
    let answer = json!({"accessKey": {"userName": SERVICE, "accessKeyId": MADE, "status": "Active"}});
    answered(page, local, &call("e1", "CreateAccessKey", &json!({"userName": SERVICE}), &answer))?;

    page.flow(0, 2, &[(FAINT, "● "), (STRONG, "rik.osei makes svc-manifest an administrator")])?;
    local.world.edit(|account| {
        service(account, |user| user.attached_policies.extend(Arn::parse(ADMINISTRATOR).ok()));
    });
    let parameters = json!({"userName": SERVICE, "policyArn": ADMINISTRATOR});
    answered(page, local, &call("e2", "AttachUserPolicy", &parameters, &Value::Null))?;

    page.flow(0, 2, &[(FAINT, "● "), (STRONG, "rik.osei lets another account assume a role")])?;
    let text = trust(&[INSIDE, OUTSIDE]).to_string();
    local.world.edit(|account| {
        for role in account.roles.iter_mut().filter(|role| role.name.as_str() == ROLE) {
            role.trust = PolicyDocument::new(&text);
        }
    });
    let parameters = json!({"roleName": ROLE, "policyDocument": text});
    answered(page, local, &call("e3", "UpdateAssumeRolePolicy", &parameters, &Value::Null))?;

    page.flow(
        0,
        2,
        &[
            (FAINT, "● "),
            (STRONG, "GuardDuty names the key that was used"),
            (FAINT, "  from now on it stays off"),
        ],
    )?;
    answered(page, local, &finding())
}

/// What comes of an event.
fn answered(page: &mut Page<'_>, local: &Local, event: &Value) -> Result<(), CliError> {
    let told = local.world.entries().len();
    local.deliver(event);
    let entries = local.world.entries();
    for entry in entries.iter().skip(told).filter(|entry| entry.mode == Mode::Enforce) {
        line(page, entry)?;
    }
    Ok(())
}

/// One person asks to lift what took credentials, another agrees. What was taken off others stays off.
fn lift(page: &mut Page<'_>, local: &Local) -> Result<(), CliError> {
    page.flow(
        0,
        2,
        &[(FAINT, "● "), (STRONG, "it was a drill"), (FAINT, "  one person lifts it, another agrees")],
    )?;
    let takes_credentials = |entry: &&Entry| {
        entry.status == Status::Verified
            && [Remediator::SuspendPrincipal, Remediator::DeactivateAccessKeys].contains(&entry.remediator)
    };
    let entries = local.world.entries();
    for entry in entries.iter().rev().filter(takes_credentials) {
        let request = RestoreRequest {
            journal_id: entry.id.clone(),
            requested_by: "hanneke.vos@larkfield.example".to_owned(),
            reason: "the drill is over".to_owned(),
            reactivate_keys: false,
        };
        if let Ok(outcome) = local.restore(&request)
            && let Some(Entry { id, refusal: Some(Refusal::AwaitsApproval { plan, .. }), .. }) =
                outcome.entry()
            && let Ok(second) = Approver::of(SECOND)
        {
            let (journal_id, plan, reason) = (id.clone(), plan.clone(), request.reason.clone());
            let _ = local.answer(second, Answer { journal_id, plan, answer: Say::Approve, reason });
        }
        match local.restore(&request) {
            Ok(outcome) => {
                if let Some(undo) = outcome.entry() {
                    line(page, undo)?;
                }
            }
            Err(error) => {
                let error = error.to_string();
                let (_, why) = error.split_once("` ").unwrap_or(("", &error));
                page.flow(4, 14, &[(PLAIN, "refused   "), (PLAIN, &format!("the act {why}"))])?;
            }
        }
    }
    Ok(())
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

/// Neither the attacker nor the key that they made is let do anything, and what they opened is closed.
fn is_contained(local: &Local, before: &AccountFile) -> bool {
    let now = local.world.account();
    let quarantined = user(&now, ATTACKER).is_some_and(|user| {
        user.attached_policies.iter().any(|policy| *policy == local.deployment.quarantine_policy)
    });
    quarantined
        && ![KEY, OTHER_KEY, MADE].iter().any(|key| key_is_in(local, key))
        && !session_is_in(local)
        && user(&now, SERVICE) == user(&left_of_it(before), SERVICE)
        && now.roles == before.roles
}

/// All is as it was, byte for byte, but that the keys which an attacker may have stay off.
fn is_lifted(local: &Local, before: &AccountFile) -> bool {
    left_of_it(before).differences(&local.world.account()).is_empty()
        && key_is_in(local, OTHER_KEY)
        && ![KEY, MADE].iter().any(|key| key_is_in(local, key))
}

/// The account as it was, with what stays of the attack: the key that was reported is off, and so is the one that was made.
fn left_of_it(before: &AccountFile) -> AccountFile {
    let mut left = before.clone();
    for user in left.users.iter_mut().filter(|user| user.name.as_str() == ATTACKER) {
        let reported = user.access_keys.iter_mut();
        reported
            .filter(|key| key.id.as_ref().is_some_and(|id| id.as_str() == KEY))
            .for_each(|key| key.status = KeyStatus::Inactive);
    }
    service(&mut left, |user| user.access_keys.extend(made(KeyStatus::Inactive)));
    left
}

/// Whether the account's own policies let whoever has the key in.
fn key_is_in(local: &Local, key: &str) -> bool {
    AccessKeyId::parse(key).is_ok_and(|key| local.world.admits(&Credential::AccessKey(key), WANTED))
}

/// The same of the attacker's session.
fn session_is_in(local: &Local) -> bool {
    let (Ok(user), Ok(issued)) = (UserName::parse(ATTACKER), SESSION_BEGAN.parse()) else { return false };
    local.world.admits(&Credential::UserSession { user, issued }, WANTED)
}

fn service(account: &mut AccountFile, change: impl FnOnce(&mut User)) {
    if let Some(user) = account.users.iter_mut().find(|user| user.name.as_str() == SERVICE) {
        change(user);
    }
}

/// The key that the attacker makes.
fn made(status: KeyStatus) -> Option<AccessKey> {
    let created: Timestamp = NOW.parse().ok()?;
    let id = AccessKeyId::parse(MADE).ok();
    Some(AccessKey { id, status, created: Some(created), last_used: None, status_changed: None })
}

fn account() -> Result<AccountFile, CliError> {
    let everything = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]});
    let file = json!({
        "account": ACCOUNT, "now": NOW,
        "users": [
            {"name": ATTACKER, "id": ATTACKERS_ID, "created": "2025-02-01T09:00:00Z", "groups": ["identity"],
             "accessKeys": [{"id": KEY, "created": "2026-10-01T09:00:00Z", "lastUsed": {"at": NOW}},
                            {"id": OTHER_KEY, "created": "2026-10-01T09:00:00Z", "lastUsed": {"at": NOW}}]},
            {"name": SERVICE, "created": "2025-02-01T09:00:00Z", "accessKeys": [
                {"created": "2026-10-01T09:00:00Z", "lastUsed": {"at": NOW}}]}
        ],
        "groups": [{"name": "identity", "inlinePolicies": [{"name": "identity", "document": everything}]}],
        "roles": [{"name": ROLE, "created": "2025-02-01T09:00:00Z", "trust": trust(&[INSIDE])}]
    });
    AccountFile::parse(&file.to_string())
        .map_err(|source| CliError::Account { name: "the attack's account".to_owned(), source })
}

fn trust(who: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}]})
}

/// As GuardDuty tells of the key.
fn finding() -> Value {
    json!({
        "version": "0", "id": "e4", "source": "aws.guardduty", "detail-type": "GuardDuty Finding",
        "account": ACCOUNT, "time": NOW, "region": "us-east-1", "resources": [],
        "detail": {
            "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "id": "finding-1",
            "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "severity": 5.0,
            "title": "Calls from an address on a list of yours", "createdAt": NOW, "updatedAt": NOW,
            "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
                "accessKeyId": KEY, "principalId": ATTACKERS_ID, "userName": ATTACKER, "userType": "IAMUser"}},
            "service": {"serviceName": "guardduty", "count": 1, "archived": false, "eventFirstSeen": NOW,
                "eventLastSeen": NOW, "additionalInfo": {}}
        }
    })
}

/// As CloudTrail tells of a call of the attacker's.
fn call(id: &str, name: &str, parameters: &Value, answer: &Value) -> Value {
    json!({
        "version": "0", "id": id, "source": "aws.iam", "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT, "time": NOW, "region": "us-east-1", "resources": [],
        "detail": {
            "eventVersion": "1.11", "eventID": id, "eventTime": NOW, "eventSource": "iam.amazonaws.com",
            "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli",
            "userIdentity": {"type": "IAMUser", "principalId": ATTACKERS_ID, "accountId": ACCOUNT,
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/{ATTACKER}"), "userName": ATTACKER,
                "accessKeyId": KEY},
            "requestParameters": parameters, "responseElements": answer, "readOnly": false,
            "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": ACCOUNT
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After the attack under this governance.
    fn attacked(governance: &str) -> (Local, AccountFile) {
        let local = deployed(governance).unwrap();
        let before = local.world.account();
        attack(&mut Page::new(&mut Vec::new()), &local).unwrap();
        (local, before)
    }

    #[test]
    fn the_attack_is_contained_and_lifted() {
        let (local, before) = attacked(GOVERNANCE);
        assert!(is_contained(&local, &before));
        assert!(!is_lifted(&local, &before));
        lift(&mut Page::new(&mut Vec::new()), &local).unwrap();
        assert!(is_lifted(&local, &before));
        assert!(!is_contained(&local, &before));
    }

    #[test]
    fn without_any_of_its_rules_it_is_not_contained() {
        for rule in [
            "access-key-made-by-another",
            "principal-threatened",
            "user-attached-policy",
            "role-trust-external",
        ] {
            let watching = GOVERNANCE
                .replace(&format!("{rule}: {{ mode: enforce }}"), &format!("{rule}: {{ mode: audit }}"));
            let (local, before) = attacked(&watching);
            assert!(!is_contained(&local, &before), "{rule}");
        }
    }

    #[test]
    fn a_suspension_without_its_deny_contains_nobody() {
        let (local, before) = attacked(GOVERNANCE);
        let quarantine = local.deployment.quarantine_policy.clone();
        local.world.edit(|account| {
            account.users.iter_mut().for_each(|user| {
                user.attached_policies.remove(&quarantine);
            });
        });
        assert!(!is_contained(&local, &before));
    }

    #[test]
    fn a_key_that_came_back_on_is_not_lifted_as_it_must_be() {
        for (name, key) in [(ATTACKER, KEY), (SERVICE, MADE)] {
            let (local, before) = attacked(GOVERNANCE);
            lift(&mut Page::new(&mut Vec::new()), &local).unwrap();
            local.world.edit(|account| {
                let of = account.users.iter_mut().filter(|user| user.name.as_str() == name);
                let keys = of.flat_map(|user| &mut user.access_keys);
                keys.filter(|one| one.id.as_ref().is_some_and(|id| id.as_str() == key))
                    .for_each(|one| one.status = KeyStatus::Active);
            });
            assert!(!is_lifted(&local, &before), "{key}");
        }
    }
}
