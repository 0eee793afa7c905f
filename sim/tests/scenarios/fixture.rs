//! Accounts, governance files and events, in as few words as a scenario needs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use shared::engine::{Deployment, EngineError, Finding, Outcome, RestoreRequest, SuspendOrder};
use shared::facts::Principal;
use shared::governance::Governance;
use shared::identifier::{AccessKeyId, AccountId, Arn};
use shared::remedy::chain::{Break, Digest, Link, StoredEntry, Whole, verify};
use shared::remedy::{Entry, JournalId, Remediator, Status, StepResult};
use shared::rules::{RULES, RuleId};
use shared::threat::{Confidence, Grade, Risk, Sign, Source, Threat};
use sim::account_file::User;
use sim::{AccountFile, Delivery, Local, World};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const NOW: &str = "2026-11-22T09:00:00Z";
pub(crate) const INLINE: &str = "user-inline-policy";
pub(crate) const ATTACHED: &str = "user-attached-policy";
pub(crate) const KEY_AGE: &str = "access-key-age";
pub(crate) const KEY_UNUSED: &str = "access-key-unused";
pub(crate) const SECOND_KEY: &str = "user-second-active-key";
pub(crate) const NO_MFA: &str = "console-user-without-mfa";
pub(crate) const UNUSED: &str = "user-unused";

/// The day that many days before now.
pub(crate) fn ago(days: i64) -> String {
    let now: jiff::Timestamp = NOW.parse().unwrap();
    (now - jiff::SignedDuration::from_hours(24 * days)).to_string()
}

/// A key id that ends in the four given letters.
pub(crate) fn key_id(last_four: &str) -> String {
    format!("AKIAEXAMPLEKEY00{last_four}")
}

/// An active key, that many days old and last used that many days ago.
pub(crate) fn key(last_four: &str, created: i64, last_used: Option<i64>) -> Value {
    json!({
        "id": key_id(last_four), "created": ago(created),
        "lastUsed": last_used.map(|days| json!({"at": ago(days)}))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
pub(crate) fn account(parts: Value) -> AccountFile {
    let mut file = json!({"account": ACCOUNT, "now": NOW});
    file.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    AccountFile::parse(&file.to_string()).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "a `json!` needs no `&`")]
pub(crate) fn users(list: Value) -> AccountFile {
    account(json!({ "users": list }))
}

pub(crate) fn governance(text: &str) -> Governance {
    Governance::parse(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// Every rule in this mode; `rest` is what else the file says.
pub(crate) fn all_rules(mode: &str, rest: &str) -> Governance {
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.meta.id.as_str()).collect();
    settings(&rules, mode, rest, |_| "")
}

/// These rules in this mode, with parameters with which they act, and the others off.
pub(crate) fn only(rules: &[&str], mode: &str, rest: &str) -> Governance {
    settings(rules, mode, rest, parameters_to_act)
}

/// Parameters with which a rule acts that by default leaves everything to people, or finds nothing.
fn parameters_to_act(rule: &str) -> &'static str {
    match rule {
        "console-password-unused" => "    parameters: { removePassword: true }\n",
        _ => "",
    }
}

fn settings(rules: &[&str], mode: &str, rest: &str, parameters: fn(&str) -> &'static str) -> Governance {
    let mut text = "version: 1\nrules:\n".to_owned();
    for rule in RULES {
        let id = rule.meta.id.as_str();
        let enabled = rules.contains(&id);
        let _ = write!(text, "  {id}:\n    enabled: {enabled}\n    mode: {mode}\n{}", parameters(id));
    }
    if !rest.contains("limits:") {
        text.push_str(NO_LIMITS);
    }
    if !rest.contains("approvals:") {
        text.push_str(APPROVERS);
    }
    text.push_str(rest);
    governance(&text)
}

/// Deletions always wait for two people.
const APPROVERS: &str = "approvals: { approvers: ['arn:aws:iam::111122223333:user/security/*'] }\n";

/// For scenarios that are about something else.
const NO_LIMITS: &str = "limits: { actsPerSweep: 1000000, actsPerHour: 1000000, actsPerDay: 1000000, sharePerDay: 100, \
                         actsPerResourceAndDay: 1000000 }\n";

pub(crate) fn enforce(rules: &[&str]) -> Governance {
    only(rules, "enforce", "")
}

pub(crate) fn deployment() -> Deployment {
    Deployment {
        account: AccountId::parse(ACCOUNT).unwrap(),
        stack: "bailiff".to_owned(),
        quarantine_policy: quarantine(),
    }
}

pub(crate) fn quarantine() -> Arn {
    Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:policy/bailiff-quarantine")).unwrap()
}

pub(crate) fn local(account: AccountFile, governance: Governance) -> Local {
    let local = Local::new(World::new(account), governance, deployment());
    // Whoever is in a world under these names has been reported.
    local.world.threaten("exposed", threat(Sign::KeyExposed, Source::Health, Some("EXP1")));
    local.world.threaten("given-a-key", threat(Sign::KeyMadeByAnother, Source::CloudTrail, Some("GIV1")));
    local.world.threaten("attacker", threat(Sign::LiftedQuarantine, Source::CloudTrail, None));
    local
}

/// What was reported a day ago.
pub(crate) fn threat(sign: Sign, source: Source, key: Option<&str>) -> Threat {
    let at = ago(1).parse().unwrap();
    let risk = Risk {
        tier: Grade::Three,
        exposure: sign.exposure(),
        anomaly: Grade::Three,
        confidence: Confidence::of(100),
    };
    let key = key.map(|key| AccessKeyId::parse(&key_id(key)).unwrap());
    Threat { id: "f1".to_owned(), source, sign, at, heard: at, key, by: None, said: String::new(), risk }
}

/// AWS Config telling a rule of a user as it is now.
pub(crate) fn change(world: &World, user: &str, rule: &str) -> Value {
    let file = world.account();
    let user = file.users.iter().find(|candidate| candidate.name.as_str() == user).unwrap();
    let arn = format!("arn:aws:iam::{ACCOUNT}:user{}{}", user.path, user.name);
    let inline: Vec<Value> = user
        .inline_policies
        .iter()
        .map(|policy| json!({"policyName": policy.name, "policyDocument": policy.document.to_percent_encoded()}))
        .collect();
    let attached: Vec<Value> = user
        .attached_policies
        .iter()
        .map(|policy| json!({"policyName": policy.name(), "policyArn": policy}))
        .collect();
    item(
        rule,
        &json!({
            "configurationItemCaptureTime": world.now().to_string(),
            "configurationStateId": world.now().as_millisecond().to_string(),
            "awsAccountId": ACCOUNT, "configurationItemStatus": "OK",
            "resourceType": "AWS::IAM::User", "resourceId": user.id, "resourceName": user.name, "ARN": arn,
            "awsRegion": "global", "relatedEvents": [], "relationships": [],
            "configuration": {
                "path": user.path, "userName": user.name, "userId": user.id, "arn": arn,
                "createDate": user.created, "userPolicyList": inline, "groupList": user.groups,
                "attachedManagedPolicies": attached, "permissionsBoundary": null, "tags": []
            }
        }),
    )
}

/// AWS Config telling a rule of an item.
pub(crate) fn item(rule: &str, item: &Value) -> Value {
    let message = json!({
        "messageType": "ConfigurationItemChangeNotification", "configurationItem": item,
        "notificationCreationTime": NOW, "recordVersion": "1.3"
    });
    invocation(rule, &message)
}

/// AWS Config's schedule for a rule.
pub(crate) fn schedule(world: &World, rule: &str) -> Value {
    let message = json!({
        "messageType": "ScheduledNotification", "awsAccountId": ACCOUNT,
        "notificationCreationTime": world.now().to_string(), "recordVersion": "1.0"
    });
    invocation(rule, &message)
}

pub(crate) fn invocation(rule: &str, message: &Value) -> Value {
    json!({
        "version": "1.0", "invokingEvent": message.to_string(),
        "ruleParameters": json!({"ruleId": rule}).to_string(), "resultToken": "token",
        "configRuleName": format!("bailiff-{rule}"), "accountId": ACCOUNT, "eventLeftScope": false
    })
}

/// The schedule of the sweep over all rules.
pub(crate) fn reconcile(world: &World) -> Value {
    json!({
        "version": "0", "id": format!("sweep-{}", world.now().as_millisecond()),
        "detail-type": "Scheduled Event", "source": "aws.events", "account": ACCOUNT,
        "time": world.now().to_string(), "region": "us-east-1", "resources": [], "detail": {}
    })
}

pub(crate) fn sweep(local: &Local) -> Delivery {
    local.deliver(&reconcile(&local.world))
}

/// A rule's finding about a user, as an evaluator would send it now.
pub(crate) fn finding(local: &Local, user: &User, rule: &str) -> Finding {
    let account = &local.deployment.account;
    let principal = json!({
        "type": "user", "account": account, "name": user.name, "uniqueId": user.id,
        "arn": format!("arn:aws:iam::{account}:user/{}", user.name)
    });
    Finding::new(
        RuleId::parse(rule).unwrap(),
        serde_json::from_value::<Principal>(principal).unwrap().into(),
        "found by the test".to_owned(),
        "the test",
        local.world.now(),
    )
}

/// The rules that act without being told: deletions wait for people, and leavers for a directory. Both have scenarios of
/// their own.
pub(crate) fn acting_rules() -> impl Iterator<Item = &'static shared::rules::Entry> {
    let acts = |rule: &&shared::rules::Entry| {
        rule.meta.id.as_str() != "user-left"
            && rule.meta.remediator.is_some_and(|remediator| remediator != Remediator::DeleteAccessKeys)
    };
    RULES.iter().filter(acts)
}

/// The function that puts a rule's violations right.
pub(crate) fn remediator(rule: &str) -> Remediator {
    shared::rules::find(RuleId::parse(rule).unwrap()).unwrap().meta.remediator.unwrap()
}

/// Asks for an undo.
pub(crate) fn restore(local: &Local, id: &JournalId) -> Result<Outcome, EngineError> {
    local.restore(&RestoreRequest {
        journal_id: id.clone(),
        requested_by: "sam".to_owned(),
        reason: "it broke the night build".to_owned(),
        reactivate_keys: true,
    })
}

pub(crate) fn suspend(local: &Local, path_and_name: &str) -> Result<Outcome, EngineError> {
    local.suspend(&SuspendOrder {
        principal: Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:{path_and_name}")).unwrap(),
        reason: "its key is on a public page".to_owned(),
        requested_by: "sam".to_owned(),
        threat: None,
    })
}

/// The only entry there is.
pub(crate) fn entry(local: &Local) -> Entry {
    let entries = local.world.entries();
    assert_eq!(entries.len(), 1, "{entries:#?}");
    entries.into_iter().next().unwrap()
}

/// Entries that wrote, oldest first.
pub(crate) fn written(local: &Local) -> Vec<Entry> {
    local.world.entries().into_iter().filter(|entry| entry.written().next().is_some()).collect()
}

/// The plan's steps, in words.
pub(crate) fn steps(entry: &Entry) -> Vec<String> {
    entry.plan.steps.iter().map(ToString::to_string).collect()
}

/// The status and, step by step, what came of it.
pub(crate) fn results(entry: &Entry) -> (Status, Vec<&StepResult>) {
    (entry.status, entry.outcomes.iter().map(|outcome| &outcome.result).collect())
}

/// What verifying the journal finds.
pub(crate) fn audited(local: &Local) -> Result<Whole, Break> {
    let (chain, head) = local.world.chain();
    let links: Vec<Link> = chain.iter().map(Link::of).collect();
    let stored = |(id, body, record): (JournalId, String, Option<u64>)| {
        let Entry { schema, opened, .. } = serde_json::from_str(&body).unwrap();
        let (schema, opened) = (Some(schema), Some(opened));
        StoredEntry { id: id.to_string(), schema, record, body: Digest::of(body), agrees: true, opened }
    };
    let entries: Vec<StoredEntry> = local.world.stored_entries().into_iter().map(stored).collect();
    verify(&links, None, head.as_ref(), &[], Some(&entries))
}

/// What has changed since.
pub(crate) fn changes(before: &AccountFile, local: &Local) -> Vec<String> {
    before.differences(&local.world.account())
}
