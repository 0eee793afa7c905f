//! What detectors and CloudTrail tell, from the event to the principal: it is the live state that decides.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::{
    Answer, Decision, EngineError, Journal, Judged, Outcome, RestoreRequest, Say, Stop, SuspendOrder,
};
use shared::facts::Read;
use shared::remedy::{Approver, Entry, Refusal, Status, StepResult, Write};
use sim::account_file::User;
use sim::{AccountFile, Delivery, Fault, Local, Operation, Times, Work};

use crate::fixture::*;

const EXPOSED: &str = "access-key-exposed";
const MADE: &str = "access-key-made-by-another";
const THREATENED: &str = "principal-threatened";

fn people() -> AccountFile {
    account(json!({
        "users": [
            {"name": "ann", "id": id_of("ann"), "created": ago(500), "accessKeys": [key("ANN1", 300, Some(0)), key("ANN2", 20, Some(0))]},
            {"name": "mallory", "id": id_of("mallory"), "created": ago(500), "accessKeys": [key("MAL1", 90, Some(0))]},
            {"name": "svc", "id": id_of("svc"), "created": ago(500), "accessKeys": [key("SVC1", 0, None)]}
        ],
        "roles": [{"name": "deployer", "created": ago(500)}]
    }))
}

/// A user's unique id.
pub(crate) fn id_of(user: &str) -> String {
    format!("AIDA{:0>17}", user.to_uppercase())
}

pub(crate) fn at_work(governance: shared::governance::Governance) -> Local {
    local(people(), governance)
}

fn event(source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0", "id": "0c1f9e52-8f5e-4d3a-9a27-2f6c33d1a9b4", "source": source,
        "detail-type": detail_type, "account": ACCOUNT, "time": NOW, "region": "us-east-1", "resources": [],
        "detail": detail
    })
}

pub(crate) fn health(keys: &[&str]) -> Value {
    let entities: Vec<Value> =
        keys.iter().map(|key| json!({"entityValue": key_id(key), "status": "IMPAIRED"})).collect();
    event(
        "aws.health",
        "AWS Health Event",
        &json!({
            "eventArn": "arn:aws:health:us-east-1::event/RISK/AWS_RISK_CREDENTIALS_EXPOSED/1", "service": "RISK",
            "eventTypeCode": "AWS_RISK_CREDENTIALS_EXPOSED", "eventTypeCategory": "issue", "statusCode": "open",
            "eventRegion": "us-east-1", "startTime": "Sun, 22 Nov 2026 08:50:00 GMT",
            "lastUpdatedTime": "Sun, 22 Nov 2026 08:55:00 GMT",
            "eventDescription": [{"language": "en_US", "latestDescription": "found in public"}],
            "affectedEntities": entities, "affectedAccount": ACCOUNT
        }),
    )
}

pub(crate) fn guard_duty(user: &str, unique_id: &str, severity: f64) -> Value {
    event(
        "aws.guardduty",
        "GuardDuty Finding",
        &json!({
            "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "id": "5ec1f9e28f5e4d3a9a272f6c33d1a9b4",
            "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", "severity": severity,
            "title": "Credentials used from elsewhere", "description": "…",
            "createdAt": "2026-11-22T08:40:00.000Z", "updatedAt": "2026-11-22T08:50:00.000Z",
            "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
                "accessKeyId": key_id("MAL1"), "principalId": unique_id, "userName": user, "userType": "IAMUser"}},
            "service": {"serviceName": "guardduty", "detectorId": "d1", "count": 1, "archived": false,
                "eventFirstSeen": "2026-11-22T08:30:00Z", "eventLastSeen": "2026-11-22T08:45:00Z",
                "additionalInfo": {}, "action": {"actionType": "AWS_API_CALL"}}
        }),
    )
}

pub(crate) fn call(id: &str, name: &str, by: &str, parameters: &Value, answer: &Value) -> Value {
    event(
        "aws.iam",
        "AWS API Call via CloudTrail",
        &json!({
            "eventVersion": "1.11", "eventID": id, "eventTime": NOW, "eventSource": "iam.amazonaws.com",
            "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli",
            "userIdentity": {"type": "IAMUser", "principalId": id_of(by), "accountId": ACCOUNT,
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/{by}"), "userName": by, "accessKeyId": key_id("MAL1")},
            "requestParameters": parameters, "responseElements": answer, "readOnly": false,
            "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": ACCOUNT
        }),
    )
}

fn key_made(by: &str, of: &str, key: &str) -> Value {
    let answer = json!({"accessKey": {"userName": of, "accessKeyId": key_id(key), "status": "Active"}});
    call("e1", "CreateAccessKey", by, &json!({"userName": of}), &answer)
}

pub(crate) fn status(local: &Local, user: &str, key: &str) -> String {
    let file = local.world.account();
    let user = file.users.iter().find(|one| one.name.as_str() == user).unwrap();
    let key = user
        .access_keys
        .iter()
        .find(|one| one.id.as_ref().is_some_and(|id| id.as_str() == key_id(key)))
        .unwrap();
    format!("{:?}", key.status)
}

#[test]
fn an_exposed_key_goes_off_at_once_and_no_other_does() {
    let local = at_work(enforce(&[EXPOSED]));
    let delivery = local.deliver(&health(&["ANN1"]));
    assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
    assert_eq!(status(&local, "ann", "ANN1"), "Inactive");
    assert_eq!(status(&local, "ann", "ANN2"), "Active");
    // Told again, it leads to nothing more.
    let writes = local.world.calls().iam_writes();
    local.deliver(&health(&["ANN1"]));
    assert_eq!(local.world.calls().iam_writes(), writes);
}

#[test]
fn no_change_window_is_waited_for() {
    let closed = "changeWindows:\n  timeZone: UTC\n  open:\n    - { days: [monday], from: \"03:00\", to: \"04:00\" }\n";
    let local = at_work(only(&[EXPOSED, KEY_AGE], "enforce", closed));
    local.deliver(&health(&["ANN2"]));
    assert_eq!(status(&local, "ann", "ANN2"), "Inactive");
    // The same event starts the ordinary rules at once, and these wait.
    assert_eq!(status(&local, "ann", "ANN1"), "Active");
}

#[test]
fn several_keys_of_several_users_are_each_looked_up() {
    let local = at_work(enforce(&[EXPOSED]));
    local.deliver(&health(&["ANN1", "MAL1", "NONE"]));
    assert_eq!(status(&local, "ann", "ANN1"), "Inactive");
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn an_event_about_somebody_of_the_same_name_changes_nothing() {
    let local = at_work(enforce(&[THREATENED]));
    local.deliver(&guard_duty("mallory", "AIDASOMEBODYELSE00001", 8.0));
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_detector_s_finding_is_told_and_with_an_administrator_acted_upon() {
    let local = at_work(enforce(&[THREATENED]));
    let id = id_of("mallory");
    let delivery = local.deliver(&guard_duty("mallory", &id, 8.0));
    let refusals: Vec<_> =
        delivery.findings.iter().filter_map(|found| found.outcome.refusal().cloned()).collect();
    assert!(matches!(refusals[..], [Refusal::LeftToPeople { .. }]), "{refusals:?}");
    // The same of an administrator is beyond the risk at which people are asked first.
    let local = at_work(enforce(&[THREATENED]));
    make_admin(&local);
    let delivery = local.deliver(&guard_duty("mallory", &id, 8.0));
    assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
    let [entry] = &written(&local)[..] else { panic!("{:?}", local.world.entries()) };
    assert_eq!(entry.status, Status::Verified);
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn who_is_an_administrator_by_a_group_counts_as_one_from_the_next_sweep_on() {
    for swept in [false, true] {
        let local = at_work(enforce(&[THREATENED]));
        local.world.edit(|file| {
            file.groups = account(json!({"groups": [
                {"name": "admins", "attachedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
            ]}))
            .groups;
            let mallory = file.users.iter_mut().find(|user| user.name.as_str() == "mallory").unwrap();
            mallory.groups.insert("admins".parse().unwrap());
        });
        if swept {
            sweep(&local);
        }
        local.deliver(&guard_duty("mallory", &id_of("mallory"), 8.0));
        assert_eq!(status(&local, "mallory", "MAL1") == "Inactive", swept);
    }
}

#[test]
fn a_key_made_for_another_goes_off_and_a_forged_report_of_one_changes_nothing() {
    let local = at_work(enforce(&[MADE]));
    local.deliver(&key_made("mallory", "svc", "SVC1"));
    assert_eq!(status(&local, "svc", "SVC1"), "Inactive");
    // Of a key that is older than it says, that is another's, or that is not there.
    let local = at_work(enforce(&[MADE, EXPOSED]));
    for (of, key) in [("ann", "ANN2"), ("svc", "ANN1"), ("ann", "NONE"), ("nobody", "SVC2")] {
        local.deliver(&key_made("mallory", of, key));
    }
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn an_attack_of_several_steps_is_contained_and_stays_so() {
    let local = at_work(enforce(&[MADE, THREATENED]));
    let admin = json!({"userName": "svc", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    let trust = json!({"roleName": "deployer", "policyDocument": json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}]
    }).to_string()});
    local.deliver(&key_made("mallory", "svc", "SVC1"));
    assert_eq!(status(&local, "mallory", "MAL1"), "Active");
    local.deliver(&call("e2", "AttachUserPolicy", "mallory", &admin, &Value::Null));
    local.deliver(&call("e3", "UpdateAssumeRolePolicy", "mallory", &trust, &Value::Null));
    assert_eq!(status(&local, "svc", "SVC1"), "Inactive");
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
    let writes = local.world.calls().iam_writes();
    // Somebody switches the key on and takes the quarantine off: the next event puts both back.
    by_hand(&local, "mallory", |user| {
        user.attached_policies.clear();
    });
    let lifted = json!({"userName": "mallory", "policyArn": quarantine().to_string()});
    local.deliver(&call("e4", "DetachUserPolicy", "ann", &lifted, &Value::Null));
    assert!(local.world.calls().iam_writes() > writes);
}

#[test]
fn what_is_refused_once_is_no_alarm_and_what_is_refused_all_hour_is() {
    let local = at_work(enforce(&[THREATENED]));
    let id = id_of("mallory");
    let mut denied = call("d0", "DeleteUser", "mallory", &json!({"userName": "ann"}), &Value::Null);
    denied["detail"]["errorCode"] = json!("AccessDenied");
    denied["detail"]["userIdentity"]["principalId"] = json!(id);
    let threats = || local.world.threats_against(&shared::identifier::UniqueId::parse(&id).unwrap()).len();
    for number in 0..60 {
        denied["detail"]["eventID"] = json!(format!("d{number}"));
        local.deliver(&denied);
        assert_eq!(threats(), usize::from(number >= 19), "after {number}");
    }
}

#[test]
fn refused_calls_of_a_known_id_are_counted_before_anybody_looks() {
    let local = at_work(enforce(&[THREATENED]));
    let (id, foreign) = (id_of("mallory"), "AIDAANOTHERBYTHATNAME");
    let refused = |id: &str, number: u32| {
        let mut denied = call("d", "DeleteUser", "mallory", &json!({"userName": "ann"}), &Value::Null);
        denied["detail"]["errorCode"] = json!("AccessDenied");
        denied["detail"]["userIdentity"]["principalId"] = json!(id);
        denied["detail"]["eventID"] = json!(format!("d{number}"));
        let before = local.world.calls().iam_reads();
        let delivery = local.deliver(&denied);
        (local.world.calls().iam_reads() - before, delivery.decisions)
    };
    // Who had the name before answers for its own calls alone.
    for number in 0..30 {
        let (reads, decisions) = refused(foreign, number);
        assert_eq!(reads > 0, number >= 19, "{number}: {decisions:?}");
        let ignored = decisions.iter().any(|decision| matches!(decision, Decision::Ignored { .. }));
        assert_eq!(ignored, number >= 19);
    }
    assert_eq!(local.world.threats_against(&shared::identifier::UniqueId::parse(&id).unwrap()), []);
    for number in 0..60 {
        let (reads, decisions) = refused(&id, number);
        assert_eq!(reads > 0, number == 19, "{number}: {decisions:?}");
    }
    assert_eq!(local.world.threats_against(&shared::identifier::UniqueId::parse(&id).unwrap()).len(), 1);
}

#[test]
fn a_flood_of_refused_calls_is_judged_once_an_hour_and_to_the_end() {
    a_flood_is_judged_once(0, |_| {});
    // Where the event does not say whose they are, each takes one look at who it is.
    a_flood_is_judged_once(1, |event| {
        event["detail"]["userIdentity"].as_object_mut().unwrap().remove("principalId");
    });
}

fn a_flood_is_judged_once(looks: usize, edit: fn(&mut Value)) {
    let local = at_work(enforce(&[THREATENED]));
    let refused = |number: u32, minute: u32| {
        let mut denied = call("d", "DeleteUser", "mallory", &json!({"userName": "ann"}), &Value::Null);
        denied["detail"]["errorCode"] = json!("AccessDenied");
        denied["detail"]["eventID"] = json!(format!("d{number}"));
        denied["detail"]["eventTime"] = json!(format!("2026-11-22T08:{minute:02}:00Z"));
        edit(&mut denied);
        let before = local.world.calls().iam_reads();
        let delivery = local.deliver(&denied);
        let judged = |decision: &Decision| {
            matches!(
                decision,
                Decision::Judged { judged: Judged::Compliant | Judged::NonCompliant { .. }, .. }
            )
        };
        let reads = local.world.calls().iam_reads() - before;
        (reads, delivery.dead_letters.len(), delivery.decisions.iter().any(judged))
    };
    for number in 0..19 {
        assert_eq!(refused(number, number), (looks, 0, false), "{number}");
    }
    // What was reported cannot be read, so that nothing is judged.
    let threats = sim::Operation::Read(shared::facts::Read::Threats);
    local.world.fail(threats, sim::Fault::Throttled, sim::Times::Always);
    let (_, dead, judged) = refused(19, 19);
    assert_eq!((dead, judged), (1, false), "it is tried to the last");
    local.world.heal();
    let (_, dead, judged) = refused(19, 19);
    assert_eq!((dead, judged), (0, true), "delivered again, it is judged");
    for number in 19..40 {
        assert_eq!(refused(number, number), (looks, 0, false), "{number}: judged already");
    }
}

#[test]
fn people_are_paged_once_about_what_no_change_to_a_principal_mends() {
    let local = at_work(enforce(&[THREATENED]));
    let mut left = call("o1", "LeaveOrganization", "mallory", &Value::Null, &Value::Null);
    left["source"] = json!("aws.organizations");
    left["detail"]["eventSource"] = json!("organizations.amazonaws.com");
    for _ in 0..3 {
        local.deliver(&left);
    }
    let paged = local.world.take_pages();
    assert_eq!(paged.len(), 1, "{paged:?}");
    assert!(paged[0].subject.contains("leave its organisation"), "{paged:?}");
}

#[test]
fn what_root_goes_on_doing_is_told_again_after_a_day() {
    let local = at_work(enforce(&[THREATENED]));
    let told = |updated: &str| {
        let mut finding = guard_duty("root", "111122223333", 5.0);
        finding["detail"]["resource"]["accessKeyDetails"]["userType"] = json!("Root");
        finding["detail"]["updatedAt"] = json!(updated);
        finding["detail"]["service"]["eventLastSeen"] = json!(updated);
        local.deliver(&finding);
        local.world.take_pages().len()
    };
    assert_eq!(told("2026-11-20T08:00:00.000Z"), 1);
    assert_eq!(told("2026-11-20T08:00:00.000Z"), 0, "delivered again");
    assert_eq!(told("2026-11-20T20:00:00.000Z"), 0, "it goes on");
    assert_eq!(told("2026-11-21T08:00:00.000Z"), 1, "a day after it was told");
    assert_eq!(told("2026-11-20T20:00:00.000Z"), 0, "late");
}

#[test]
fn an_event_that_cannot_be_followed_lies_with_the_dead_letters() {
    let local = at_work(enforce(&[EXPOSED]));
    let mut broken = health(&["ANN1"]);
    broken["detail"] = json!("nothing");
    let delivery = local.deliver(&broken);
    assert_eq!(delivery.dead_letters.len(), 1);
    local.world.fail(
        sim::Operation::Read(shared::facts::Read::GetAccessKeyLastUsed),
        sim::Fault::Throttled,
        sim::Times::Always,
    );
    let delivery = local.deliver(&health(&["ANN1"]));
    assert_eq!(delivery.dead_letters.len(), 1);
    assert_eq!(local.world.calls().iam_writes(), 0);
}

#[test]
fn a_lost_finding_is_caught_by_the_next_sweep() {
    let local = at_work(enforce(&[EXPOSED]));
    local.world.fail(sim::Operation::SendMessage, sim::Fault::Throttled, sim::Times::Always);
    local.deliver(&health(&["ANN1"]));
    assert_eq!(status(&local, "ann", "ANN1"), "Active");
    local.world.heal();
    sweep(&local);
    assert_eq!(status(&local, "ann", "ANN1"), "Inactive");
}

#[test]
fn an_exposed_key_that_nobody_here_has_is_told_to_people_once() {
    let local = at_work(enforce(&[EXPOSED]));
    local.deliver(&health(&["ROOT"]));
    local.deliver(&health(&["ROOT"]));
    let paged = local.world.take_pages();
    assert_eq!(paged.len(), 1, "{paged:?}");
    assert!(paged[0].text.contains("it is root's, or deleted"), "{paged:?}");
}

#[test]
fn an_exposed_key_beside_whoever_is_named_goes_off_and_people_look_where_none_is() {
    for whom in ["user/ann", "root"] {
        let local = at_work(enforce(&[EXPOSED]));
        let mut event = health(&[]);
        event["detail"]["affectedEntities"] =
            json!([{"entityValue": format!("arn:aws:iam::{ACCOUNT}:{whom}")}]);
        local.deliver(&event);
        assert_eq!(local.world.take_pages().len(), 1, "{whom}: which key it is nobody said");
        assert_eq!(status(&local, "ann", "ANN1"), "Active");
        event["detail"]["eventMetadata"] = json!({"publicKey": key_id("ANN1")});
        local.deliver(&event);
        assert_eq!(status(&local, "ann", "ANN1"), "Inactive", "{whom}");
    }
}

#[test]
fn who_is_suspected_by_aws_and_is_there_no_more_is_told_to_people() {
    let local = at_work(enforce(&[THREATENED]));
    let mut event = health(&[]);
    event["detail"]["eventTypeCode"] = json!("AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED");
    event["detail"]["affectedEntities"] =
        json!([{"entityValue": format!("arn:aws:iam::{ACCOUNT}:user/ghost")}]);
    local.deliver(&event);
    let paged = local.world.take_pages();
    assert!(paged.len() == 1 && paged[0].text.contains("not in this account any more"), "{paged:?}");
}

#[test]
fn one_key_that_cannot_be_looked_up_keeps_no_other_on() {
    let local = at_work(enforce(&[EXPOSED]));
    let read = sim::Operation::Read(shared::facts::Read::GetAccessKeyLastUsed);
    local.world.fail_later(read, Some(&key_id("ANN1")), 0, sim::Fault::Denied, sim::Times::Always);
    let delivery = local.deliver(&health(&["ANN1", "MAL1"]));
    assert_eq!(delivery.dead_letters.len(), 1);
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn a_finding_that_goes_on_counts_as_it_is_now() {
    let local = at_work(enforce(&[THREATENED]));
    make_admin(&local);
    local.deliver(&guard_duty("mallory", &id_of("mallory"), 2.0));
    assert_eq!(status(&local, "mallory", "MAL1"), "Active");
    let mut worse = guard_duty("mallory", &id_of("mallory"), 9.0);
    worse["detail"]["updatedAt"] = json!("2026-11-22T08:58:00.000Z");
    worse["detail"]["service"]["eventLastSeen"] = json!("2026-11-22T08:57:00Z");
    local.deliver(&worse);
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn who_makes_keys_for_others_as_their_work_is_known_by_their_role() {
    let expected = format!(
        "version: 1\nrules:\n  {MADE}:\n    mode: enforce\n    parameters: {{ expectedActors: ['arn:aws:iam::{ACCOUNT}:role/pipeline'] }}\n"
    );
    let made = |role: &str| {
        let mut made = key_made("x", "svc", "SVC1");
        made["detail"]["userIdentity"] = json!({
            "type": "AssumedRole", "principalId": "AROAEXAMPLEPIPELINE01:run-1", "accountId": ACCOUNT,
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/run-1"), "accessKeyId": "ASIAEXAMPLEEXAMPLE01",
            "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLEPIPELINE01",
                "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"), "accountId": ACCOUNT, "userName": role}}
        });
        made
    };
    for (role, status_after) in [("pipeline", "Active"), ("intruder", "Inactive")] {
        let local = at_work(shared::governance::Governance::parse(&expected).unwrap());
        local.deliver(&made(role));
        assert_eq!(status(&local, "svc", "SVC1"), status_after, "{role}");
    }
}

#[test]
fn a_name_that_is_somebody_else_s_by_now_is_nobody_s_threat() {
    let local = at_work(enforce(&[THREATENED]));
    let mut old = call(
        "e9",
        "AttachUserPolicy",
        "svc",
        &json!({"userName": "svc",
        "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        &Value::Null,
    );
    old["detail"]["userIdentity"].as_object_mut().unwrap().remove("principalId");
    old["detail"]["eventTime"] = json!("2020-01-01T00:00:00Z");
    local.deliver(&old);
    assert!(
        local.world.threats_against(&shared::identifier::UniqueId::parse(&id_of("svc")).unwrap()).is_empty()
    );
}

#[test]
fn a_user_that_renamed_itself_is_found_by_its_id_whoever_has_the_old_name() {
    for taken in [false, true] {
        let mut file = people();
        let named = |name: &str| shared::identifier::UserName::parse(name).unwrap();
        let mallory = file.users.iter_mut().find(|user| user.name == named("mallory")).unwrap();
        mallory.name = named("mallory.new");
        if taken {
            file.users.iter_mut().find(|user| user.name == named("svc")).unwrap().name = named("mallory");
        }
        let local = local(file, enforce(&[THREATENED]));
        let threats = |user: &str| {
            local.world.threats_against(&shared::identifier::UniqueId::parse(&id_of(user)).unwrap()).len()
        };
        local.deliver(&guard_duty("mallory", &id_of("mallory"), 8.0));
        let opened = json!({"name": "anything"});
        local.deliver(&call("e7", "CreateSAMLProvider", "mallory", &opened, &Value::Null));
        assert_eq!((threats("mallory"), threats("svc")), (2, 0), "{taken}");
    }
}

#[test]
fn the_gravest_of_findings_is_told_to_people_where_whom_it_names_is_not_here() {
    let local = at_work(enforce(&[THREATENED]));
    local.deliver(&guard_duty("nobody", "AIDASOMEBODYELSE00001", 5.0));
    assert_eq!(local.world.take_pages().len(), 0);
    local.deliver(&guard_duty("nobody", "AIDASOMEBODYELSE00001", 8.0));
    local.deliver(&guard_duty("mallory", "AIDASOMEBODYELSE00001", 8.0));
    let paged = local.world.take_pages();
    assert_eq!(paged.len(), 1, "one of each finding: {paged:?}");
    assert!(paged[0].text.contains("whom it names is not in this account"), "{paged:?}");
}

#[test]
fn what_is_dated_ahead_is_no_longer_answered_for_ever() {
    let local = at_work(enforce(&[THREATENED]));
    let mut ahead = guard_duty("mallory", &id_of("mallory"), 8.0);
    ahead["detail"]["service"]["eventLastSeen"] = json!("9999-01-01T00:00:00Z");
    local.deliver(&ahead);
    let id = shared::identifier::UniqueId::parse(&id_of("mallory")).unwrap();
    let [threat] = &local.world.threats_against(&id)[..] else { panic!() };
    assert!(threat.at <= threat.heard, "{threat:?}");
}

#[test]
fn an_arn_of_another_partition_is_nobody_here() {
    let local = at_work(enforce(&[THREATENED]));
    let id = shared::identifier::UniqueId::parse(&id_of("mallory")).unwrap();
    for (partition, known) in [("aws-cn", false), ("aws", true)] {
        let mut exposed = health(&["MAL1"]);
        exposed["detail"]["affectedEntities"] =
            json!([{"entityValue": format!("arn:{partition}:iam::{ACCOUNT}:user/mallory")}]);
        local.deliver(&exposed);
        assert_eq!(!local.world.threats_against(&id).is_empty(), known, "{partition}");
    }
}

pub(crate) const ADA: &str = "arn:aws:iam::111122223333:user/security/ada";

/// These rules act, and the people of one path approve.
pub(crate) fn with_approvers(rules: &[&str]) -> shared::governance::Governance {
    only(rules, "enforce", "approvals:\n  approvers:\n    - arn:aws:iam::111122223333:user/security/*\n")
}

/// Mallory, an administrator, suspended for what a detector found.
pub(crate) fn suspended(governance: shared::governance::Governance) -> (Local, AccountFile) {
    let local = at_work(governance);
    make_admin(&local);
    let before = local.world.account();
    local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
    (local, before)
}

pub(crate) fn undo_by(
    local: &Local,
    who: &str,
    entry: &Entry,
    reactivate_keys: bool,
) -> Result<Outcome, EngineError> {
    local.restore(&RestoreRequest {
        journal_id: entry.id.clone(),
        requested_by: who.to_owned(),
        reason: "a false alarm".to_owned(),
        reactivate_keys,
    })
}

pub(crate) fn approve(local: &Local, by: &str, asked: &Entry) -> Result<usize, String> {
    let Some(Refusal::AwaitsApproval { plan, .. }) = asked.refusal.clone() else { panic!("{asked:#?}") };
    let journal_id = asked.id.clone();
    let answer = Answer { journal_id, plan, answer: Say::Approve, reason: "looked at it".to_owned() };
    local.answer(Approver::of(by).unwrap(), answer).map(|it| it.approved).map_err(|error| error.to_string())
}

pub(crate) fn asked(outcome: &Outcome) -> Entry {
    let entry = outcome.entry().unwrap().clone();
    assert_eq!(entry.status, Status::Planned, "{entry:#?}");
    entry
}

#[test]
fn what_answered_a_threat_is_undone_by_the_word_of_two() {
    let (local, before) = suspended(with_approvers(&[THREATENED]));
    let suspension = written(&local).pop().unwrap();
    let contained = local.world.account();
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    assert!(request.plan.left[0].contains("give the same undo again"), "{:?}", request.plan.left);
    assert_eq!(changes(&contained, &local), Vec::<String>::new());
    // Asked again it is no second question.
    let entries = local.world.entries().len();
    let waits = undo_by(&local, "sam", &suspension, false).unwrap();
    assert!(matches!(&waits, Outcome::NothingToDo { why, .. } if why.contains("0 of 1 people")), "{waits:?}");
    assert_eq!(local.world.entries().len(), entries);

    assert_eq!(approve(&local, ADA, &request), Ok(1));
    assert_eq!(changes(&contained, &local), Vec::<String>::new());
    let undone = undo_by(&local, "sam", &suspension, false).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified);
    // All but the key that the detector named; whoever approved it read that.
    assert_eq!(
        changes(&before, &local),
        ["user mallory: accessKeys[0]: status: \"Active\" became \"Inactive\""]
    );
    for entry in [&request, undone.entry().unwrap()] {
        let says = |lost: &&String| lost.contains("GuardDuty reported") && lost.contains("stays off");
        assert!(entry.lost.iter().any(|lost| says(&lost)), "{:?}", entry.lost);
    }
    // The word served once.
    let again = local.world.entries().into_iter().find(|entry| entry.id == request.id).unwrap();
    assert!(approve(&local, &ADA.replace("ada", "grace"), &again).unwrap_err().contains("asks no more"));
}

/// Ann's older key switched off for its age, and that undone a day ago.
fn ann_undone(rules: &[&str]) -> Local {
    ann_undone_after(rules, |_| ())
}

/// The same, after this was told.
fn ann_undone_after(rules: &[&str], tell: impl Fn(&Local)) -> Local {
    let local = at_work(with_approvers(&[&[KEY_AGE], rules].concat()));
    by_hand(&local, "ann", |ann| ann.access_keys[0].last_used = None);
    sweep(&local);
    tell(&local);
    let aged = written(&local).into_iter().find(|entry| entry.plan.resource.name() == "ann").unwrap();
    let undone = undo_by(&local, "sam", &aged, false).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified);
    assert_eq!(status(&local, "ann", "ANN1"), "Active");
    local.world.advance(SignedDuration::from_hours(24));
    local
}

#[test]
fn what_is_reported_after_an_undo_is_answered_at_once() {
    let local = ann_undone(&[EXPOSED, MADE, THREATENED]);
    local.deliver(&health(&["ANN2"]));
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Active", "Inactive"]);
    // Ordinary rules wait all the same.
    sweep(&local);
    assert_eq!(status(&local, "ann", "ANN1"), "Active");
    by_hand(&local, "ann", |ann| ann.attached_policies.extend([admin()]));
    local.deliver(&guard_duty("ann", &id_of("ann"), 9.0));
    assert!(local.world.account().users[0].attached_policies.contains(&quarantine()));
    assert_eq!(status(&local, "ann", "ANN1"), "Inactive");
}

#[test]
fn a_key_made_for_somebody_after_an_undo_goes_off() {
    let local = ann_undone(&[MADE]);
    let now = local.world.now();
    by_hand(&local, "ann", |ann| ann.access_keys[1].created = Some(now));
    let mut made = key_made("mallory", "ann", "ANN2");
    made["detail"]["eventTime"] = json!(now.to_string());
    local.deliver(&made);
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Active", "Inactive"]);
}

#[test]
fn what_was_reported_before_an_undo_leads_to_nothing_however_often_it_is_told() {
    let (local, before) = suspended(with_approvers(&[THREATENED]));
    let suspension = written(&local).pop().unwrap();
    let request = asked(&undo_by(&local, "sam", &suspension, true).unwrap());
    approve(&local, ADA, &request).unwrap();
    undo_by(&local, "sam", &suspension, true).unwrap();
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    local.world.advance(SignedDuration::from_hours(20));
    let told = |change: &dyn Fn(&mut Value)| {
        let mut again = guard_duty("mallory", &id_of("mallory"), 9.0);
        change(&mut again);
        local.deliver(&again);
    };
    // The same event, the same under another event's id, and a finding that goes on.
    told(&|_| ());
    told(&|event| event["id"] = json!("told-again"));
    told(&|event| event["detail"]["service"]["eventLastSeen"] = json!("2026-11-23T04:00:00Z"));
    sweep(&local);
    assert_eq!(changes(&before, &local), Vec::<String>::new());
    // Another one is news.
    told(&|event| event["detail"]["id"] = json!("another"));
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn a_finding_that_grows_graver_after_an_undo_is_news() {
    let told = |local: &Local, severity: f64, last: &str| {
        let mut finding = guard_duty("ann", &id_of("ann"), severity);
        finding["detail"]["service"]["eventLastSeen"] = json!(last);
        local.deliver(&finding);
    };
    let local = ann_undone_after(&[THREATENED], |local| {
        by_hand(local, "ann", |ann| ann.attached_policies.extend([admin()]));
        told(local, 2.0, "2026-11-22T08:45:00Z");
    });
    told(&local, 2.0, "2026-11-23T08:20:00Z");
    assert_eq!(status(&local, "ann", "ANN1"), "Active");
    told(&local, 9.0, "2026-11-23T08:30:00Z");
    assert_eq!(status(&local, "ann", "ANN1"), "Inactive");
}

#[test]
fn nobody_agrees_to_their_own_undo_and_nobody_without_the_right_does() {
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    let suspension = written(&local).pop().unwrap();
    let request = asked(&undo_by(&local, "ada", &suspension, false).unwrap());
    assert!(approve(&local, ADA, &request).unwrap_err().contains("somebody else must approve it"));
    let mallory = "arn:aws:iam::111122223333:user/mallory";
    assert!(approve(&local, mallory, &request).unwrap_err().contains("none of `approvals.approvers`"));
    // Nor by asking under one name and carrying it out under another.
    let grace = ADA.replace("ada", "grace");
    assert_eq!(approve(&local, &grace, &request), Ok(1));
    let contained = local.world.account();
    let own = undo_by(&local, "grace", &suspension, false).unwrap();
    assert!(own.entry().is_none_or(|entry| entry.status != Status::Verified), "{own:?}");
    assert_eq!(changes(&contained, &local), Vec::<String>::new());
}

#[test]
fn an_undo_that_an_approver_refused_is_not_asked_about_again() {
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    let suspension = written(&local).pop().unwrap();
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    let Some(Refusal::AwaitsApproval { plan, .. }) = request.refusal.clone() else { panic!("{request:#?}") };
    let answer = Answer {
        journal_id: request.id.clone(),
        plan,
        answer: Say::Refuse,
        reason: "it is no false alarm".to_owned(),
    };
    local.answer(Approver::of(ADA).unwrap(), answer).unwrap();
    let (entries, notices) = (local.world.entries().len(), local.world.notices().len());
    for _ in 0..2 {
        let refused = undo_by(&local, "sam", &suspension, false).unwrap();
        let says = |why: &str| why.contains("one of the approvers refused this undo, which stands until");
        assert!(matches!(&refused, Outcome::NothingToDo { why, .. } if says(why)), "{refused:?}");
    }
    assert_eq!((local.world.entries().len(), local.world.notices().len()), (entries, notices));
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn an_agreed_undo_lapses_and_serves_no_other_plan() {
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    let suspension = written(&local).pop().unwrap();
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    local.world.advance(SignedDuration::from_hours(24 * 7));
    let late = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    assert_ne!(late.id, request.id);
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn where_nobody_may_agree_the_undo_says_what_to_do() {
    let nobody = governance(&format!("version: 1\nrules:\n  {THREATENED}: {{ mode: enforce }}\n"));
    let (local, _) = suspended(nobody);
    let suspension = written(&local).pop().unwrap();
    let refused = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    assert_eq!(refused.status, Status::Refused);
    assert!(refused.refusal.unwrap().to_string().contains("name `approvals.approvers`"));
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn an_order_waits_for_two_only_where_it_names_a_threat() {
    for (threat, waits) in [(None, false), (Some("GuardDuty finding 5ec1"), true)] {
        let local = at_work(with_approvers(&[]));
        let order = SuspendOrder {
            principal: format!("arn:aws:iam::{ACCOUNT}:user/ann").parse().unwrap(),
            reason: "to be sure".to_owned(),
            requested_by: "sam".to_owned(),
            threat: threat.map(str::to_owned),
        };
        let suspension = local.suspend(&order).unwrap().entry().unwrap().clone();
        assert_eq!(suspension.status, Status::Verified);
        let outcome = undo_by(&local, "sam", &suspension, false).unwrap();
        assert_eq!(outcome.entry().unwrap().status == Status::Planned, waits, "{threat:?}");
    }
}

#[test]
fn a_key_that_was_exposed_stays_off_unless_the_order_means_it() {
    let local = at_work(with_approvers(&[EXPOSED]));
    local.deliver(&health(&["ANN1"]));
    let contained = written(&local).pop().unwrap();
    let refused = undo_by(&local, "sam", &contained, false).unwrap_err().to_string();
    assert!(refused.contains("reactivateKeys"), "{refused}");
    let request = asked(&undo_by(&local, "sam", &contained, true).unwrap());
    approve(&local, ADA, &request).unwrap();
    assert_eq!(undo_by(&local, "sam", &contained, true).unwrap().entry().unwrap().status, Status::Verified);
    assert_eq!(status(&local, "ann", "ANN1"), "Active");
}

#[test]
fn whoever_comes_out_of_quarantine_gets_no_exposed_key_back() {
    let local = at_work(with_approvers(&[]));
    local.deliver(&health(&["ANN1"]));
    let suspension = suspend(&local, "user/ann").unwrap().entry().unwrap().clone();
    let undone = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    assert_eq!(undone.status, Status::Verified, "{undone:#?}");
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Inactive", "Active"]);
    assert!(undone.lost.iter().any(|lost| lost.contains("makes a new key")), "{:?}", undone.lost);
}

pub(crate) fn fail(local: &Local, read: Read, fault: Fault, times: Times) {
    local.world.fail(Operation::Read(read), fault, times);
}

#[test]
fn a_list_of_credentials_that_cannot_be_read_holds_up_no_deny() {
    let reads = [
        Read::ListSshPublicKeys,
        Read::ListServiceSpecificCredentials,
        Read::ListSigningCertificates,
        Read::GetLoginProfile,
        Read::ListAccessKeys,
    ];
    for (read, fault) in
        reads.into_iter().flat_map(|read| [Fault::Denied, Fault::Failed].map(|fault| (read, fault)))
    {
        let local = at_work(enforce(&[THREATENED]));
        make_admin(&local);
        fail(&local, read, fault, Times::Always);
        let delivery = local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
        assert!(delivery.dead_letters.is_empty(), "{read}: {:?}", delivery.dead_letters);
        let mallory = local.world.account().users.remove(1);
        assert!(mallory.attached_policies.contains(&quarantine()), "{read}");
        let keys_are_read = read != Read::ListAccessKeys;
        assert_eq!(status(&local, "mallory", "MAL1") == "Inactive", keys_are_read, "{read}");
        let act = written(&local).pop().unwrap();
        assert!(act.status == Status::Unknown && act.is_partial(), "{act:#?}");
        assert!(act.unread.iter().any(|unread| unread.read == read), "{act:#?}");
        assert!(act.plan.left.iter().any(|left| left.contains("could not be read")), "{act:#?}");
        assert!(!local.world.notices().is_empty());
        // Known to be denied everything, it is left at that, and nobody is paged of what they were told.
        let acts = written(&local).len();
        local.world.take_pages();
        local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
        sweep(&local);
        assert_eq!((written(&local).len(), local.world.take_pages().len()), (acts, 0), "{read}");
    }
}

#[test]
fn what_was_throttled_while_somebody_was_contained_is_switched_off_with_the_next_try() {
    let local = at_work(enforce(&[THREATENED]));
    make_admin(&local);
    by_hand(&local, "mallory", |mallory| {
        let ssh = json!([{"kind": "sshPublicKey", "id": "APKAEXAMPLEKEY00SSH1", "created": NOW}]);
        mallory.other_credentials = serde_json::from_value(ssh).unwrap();
    });
    // The look of whoever detects, and the first of whoever suspends.
    fail(&local, Read::ListSshPublicKeys, Fault::Throttled, Times::Next(2));
    let delivery = local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
    assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
    let statuses: Vec<Status> = written(&local).iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [Status::Unknown, Status::Verified]);
    let mallory = local.world.account().users.remove(1);
    assert_eq!(mallory.other_credentials[0].status, shared::facts::KeyStatus::Inactive);
}

#[test]
fn an_administrator_whose_policies_were_throttled_at_first_counts_as_one_at_the_next_try() {
    let local = at_work(enforce(&[THREATENED]));
    make_admin(&local);
    fail(&local, Read::ListAttachedUserPolicies, Fault::Throttled, Times::Next(1));
    let delivery = local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
    assert!(delivery.dead_letters.is_empty(), "{:?}", delivery.dead_letters);
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn whoever_cannot_be_judged_is_told_to_people_once_a_day() {
    let local = at_work(enforce(&[THREATENED, EXPOSED]));
    make_admin(&local);
    fail(&local, Read::ListAttachedUserPolicies, Fault::Denied, Times::Always);
    let told = || {
        let pages = local.world.take_pages();
        pages.iter().filter(|page| page.text.contains("is not contained")).count()
    };
    for (hours, pages) in [(0, 1), (1, 0), (24, 1)] {
        local.world.advance(SignedDuration::from_hours(hours));
        local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
        assert_eq!(told(), pages, "after {hours} hours");
    }
    assert_eq!(local.world.calls().iam_writes(), 0);
    // Of an exposed key of whom the keys cannot be read.
    fail(&local, Read::ListAccessKeys, Fault::Denied, Times::Always);
    local.deliver(&health(&["ANN1"]));
    assert_eq!(told(), 1);
}

/// By which rules somebody was judged.
fn judged_by(delivery: &Delivery) -> Vec<&'static str> {
    let rules = delivery.decisions.iter().filter_map(|decision| match decision {
        Decision::Judged { rule, .. } => Some(rule.as_str()),
        _ => None,
    });
    rules.collect()
}

#[test]
fn an_event_is_judged_by_the_rules_that_are_on_and_about_its_principal_and_by_no_others() {
    let local = at_work(only(&[EXPOSED, KEY_AGE, KEY_UNUSED, "role-session-duration"], "audit", ""));
    let delivery = local.deliver(&guard_duty("ann", &id_of("ann"), 9.0));
    // What answers threats comes first.
    assert_eq!(judged_by(&delivery), [EXPOSED, KEY_AGE, KEY_UNUSED]);
    assert_eq!(delivery.evaluated.unwrap().not_applicable, 0);
    // A rule of somebody else's leads to ours that stands for it, where that is on.
    let told = |rule: &str| {
        let answer = json!({
            "complianceType": "NON_COMPLIANT", "resultRecordedTime": NOW, "configRuleInvokedTime": NOW,
            "evaluationResultIdentifier": {"orderingTimestamp": NOW, "evaluationResultQualifier": {
                "configRuleName": rule, "resourceType": "AWS::IAM::User", "resourceId": id_of("ann")
            }}
        });
        event(
            "aws.config",
            "Config Rules Compliance Change",
            &json!({
                "resourceId": id_of("ann"), "resourceType": "AWS::IAM::User", "configRuleName": rule,
                "configRuleARN": format!("arn:aws:config:us-east-1:{ACCOUNT}:config-rule/config-rule-a1b2c3"),
                "awsRegion": "us-east-1", "awsAccountId": ACCOUNT, "recordVersion": "1.0",
                "messageType": "ComplianceChangeNotification", "notificationCreationTime": NOW,
                "newEvaluationResult": answer
            }),
        )
    };
    assert_eq!(judged_by(&local.deliver(&told("access-keys-rotated"))), [KEY_AGE]);
    assert_eq!(judged_by(&local.deliver(&told("iam-user-no-policies-check"))), [] as [&str; 0]);
}

#[test]
fn what_only_a_sweep_can_tell_is_not_judged_by_an_event() {
    let local = at_work(governance(
        "version: 1\nrules:\n  role-unused-services:\n    parameters: { judgedRoles: ['*'] }\n",
    ));
    let deployer = json!({"roleName": "deployer", "policyArn": admin()});
    let delivery = local.deliver(&call("c1", "AttachRolePolicy", "ann", &deployer, &Value::Null));
    let judged = judged_by(&delivery);
    assert!(
        judged.contains(&"role-session-duration") && !judged.contains(&"role-unused-services"),
        "{judged:?}"
    );
    assert_eq!(delivery.evaluated.unwrap().unknown, 0);
    assert_eq!(local.world.calls().count("iam:GenerateServiceLastAccessedDetails"), 0);
}

#[test]
fn whoever_cannot_be_judged_now_and_may_be_later_is_judged_by_the_next_try_and_people_are_not_paged() {
    let exposed = || {
        let local = at_work(enforce(&[EXPOSED]));
        fail(&local, Read::ListAccessKeys, Fault::Throttled, Times::Always);
        local
    };
    let local = exposed();
    let delivery = local.deliver(&health(&["ANN1"]));
    let [dead] = &delivery.dead_letters[..] else { panic!("{:?}", delivery.dead_letters) };
    assert!(dead.why.contains(EXPOSED), "{dead:?}");
    assert_eq!((local.world.take_pages().len(), status(&local, "ann", "ANN1").as_str()), (0, "Active"));
    let local = exposed();
    local.world.heal();
    fail(&local, Read::ListAccessKeys, Fault::Throttled, Times::Next(1));
    assert!(local.deliver(&health(&["ANN1"])).dead_letters.is_empty());
    assert_eq!((local.world.take_pages().len(), status(&local, "ann", "ANN1").as_str()), (0, "Inactive"));
}

#[test]
fn what_other_rules_need_is_read_once_a_threat_is_written_down_and_answered() {
    let local = at_work(enforce(&[EXPOSED, NO_MFA]));
    local.deliver(&health(&["ANN1"]));
    let calls = local.world.calls().0;
    let place = |operation| calls.iter().position(|call| call.operation == operation).unwrap();
    let (written_down, sent) = (place(Operation::PutItem), place(Operation::SendMessage));
    let others = place(Operation::Read(Read::ListMfaDevices));
    assert!(written_down < sent && sent < others, "{written_down} {sent} {others}");
    // Nor is anything read that only a rule which is off needs.
    assert!(calls.iter().all(|call| call.operation != Operation::Read(Read::ListSshPublicKeys)));
}

#[test]
fn who_uses_a_quota_up_at_the_right_moment_is_denied_everything_by_the_next_means() {
    for attached in [9, 8] {
        let local = at_work(enforce(&[THREATENED]));
        make_admin(&local);
        by_hand(&local, "mallory", |user| user.attached_policies.extend(policies(attached - 1)));
        let tenth = policies(20);
        local.world.edit_before(Operation::Write(Write::AttachUserPolicy), 0, move |file| {
            file.users[1].attached_policies.extend(tenth.into_iter().skip(attached - 1).take(10 - attached));
        });
        local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
        let statuses: Vec<Status> = local.world.entries().iter().map(|entry| entry.status).collect();
        assert_eq!(statuses, [Status::Failed, Status::Verified]);
        assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
        assert_eq!(local.world.account().users[1].inline_policies[0].name.as_str(), "BailiffQuarantine");
    }
}

#[test]
fn a_means_that_met_a_quota_is_not_tried_again_though_there_is_room_by_then() {
    let mut met = 0;
    for reads in 0..12 {
        let local = at_work(enforce(&[THREATENED]));
        make_admin(&local);
        by_hand(&local, "mallory", |user| user.attached_policies.extend(policies(8)));
        fill_before_the_write(&local);
        let listed = Operation::Read(Read::ListAttachedUserPolicies);
        local.world.edit_before(listed, reads, |file| {
            let ninth = &policies(9)[8];
            file.users[1].attached_policies.remove(ninth);
        });
        local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
        if local.world.entries()[0].status != Status::Failed {
            continue;
        }
        met += 1;
        assert_eq!(status(&local, "mallory", "MAL1"), "Inactive", "{reads}");
        let mallory = local.world.account().users.remove(1);
        assert_eq!(mallory.inline_policies[0].name.as_str(), "BailiffQuarantine", "{reads}");
    }
    assert!(met > 0);
}

#[test]
fn an_answer_to_a_threat_that_met_a_quota_is_planned_afresh_by_the_next_event() {
    let local = at_work(enforce(&[THREATENED]));
    make_admin(&local);
    by_hand(&local, "mallory", |user| user.attached_policies.extend(policies(8)));
    // Every way is used up just before its write, and free again after it.
    fill_before_the_write(&local);
    local.world.edit_before(Operation::Write(Write::PutUserPolicy), 0, |file| {
        file.users[1].inline_policies.push(sim::account_file::InlinePolicy {
            name: "full".parse().unwrap(),
            document: shared::policy::PolicyDocument::new("x".repeat(2_048)),
        });
    });
    fail_write(&local, Write::PutUserPermissionsBoundary);
    local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
    assert_eq!(status(&local, "mallory", "MAL1"), "Active");
    assert!(local.world.entries().iter().all(|entry| entry.status == Status::Failed));
    by_hand(&local, "mallory", |user| {
        user.inline_policies.clear();
        user.attached_policies = policies(8).into_iter().chain([admin()]).collect();
    });
    // The very same plan as the first.
    local.world.advance(SignedDuration::from_mins(10));
    local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
    assert!(local.world.account().users[1].attached_policies.contains(&quarantine()));
}

/// So many policies of AWS.
/// Mallory's places for managed policies are used up just before the quarantine would be attached.
fn fill_before_the_write(local: &Local) {
    let tenth = policies(9);
    local.world.edit_before(Operation::Write(Write::AttachUserPolicy), 0, move |file| {
        file.users[1].attached_policies.extend(tenth);
    });
}

fn policies(count: usize) -> Vec<shared::identifier::Arn> {
    (0..count).map(|at| format!("arn:aws:iam::aws:policy/Policy{at}").parse().unwrap()).collect()
}

fn fail_write(local: &Local, write: Write) {
    local.world.fail(Operation::Write(write), Fault::Denied, Times::Always);
}

/// The statuses of a user's keys and of its SSH key, which somebody else had uploaded, after an undo of what `act` did.
fn given_an_ssh_key(reactivate: bool, act: impl Fn(&Local) -> Entry) -> (Vec<String>, Entry) {
    let local = at_work(with_approvers(&[THREATENED]));
    by_hand(&local, "ann", |ann| {
        let ssh = json!([{"kind": "sshPublicKey", "id": "APKAEXAMPLEKEY00SSH1", "created": NOW}]);
        ann.other_credentials = serde_json::from_value(ssh).unwrap();
    });
    let uploaded = json!({"sSHPublicKey": {"userName": "ann", "sSHPublicKeyId": "APKAEXAMPLEKEY00SSH1"}});
    local.deliver(&call("e1", "UploadSSHPublicKey", "mallory", &json!({"userName": "ann"}), &uploaded));
    let suspension = act(&local);
    assert_eq!(suspension.status, Status::Verified, "{suspension:#?}");
    local.world.forget_threats();
    let request = asked(&undo_by(&local, "sam", &suspension, reactivate).unwrap());
    approve(&local, ADA, &request).unwrap();
    let undone = undo_by(&local, "sam", &suspension, reactivate).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified, "{undone:#?}");
    let ann = local.world.account().users.remove(0);
    let keys = ann.access_keys.iter().map(|key| format!("{:?}", key.status));
    let others = ann.other_credentials.iter().map(|other| format!("{:?}", other.status));
    (keys.chain(others).collect(), request)
}

#[test]
fn a_credential_that_somebody_else_may_have_made_stays_off_unless_the_order_means_it() {
    let suspends: [&dyn Fn(&Local) -> Entry; 2] = [
        &|local| order(local, "user/ann", Some("GuardDuty finding 5ec1")).entry().unwrap().clone(),
        &|local| {
            by_hand(local, "ann", |ann| ann.attached_policies.extend([admin()]));
            local.deliver(&guard_duty("ann", &id_of("ann"), 9.0));
            written(local).pop().unwrap()
        },
    ];
    for act in suspends {
        let (after, request) = given_an_ssh_key(false, act);
        assert_eq!(after, ["Active", "Active", "Inactive"]);
        let says = "SSH public key …SSH1 stays off, for somebody else may have made it";
        assert!(request.lost.iter().any(|lost| lost.starts_with(says)), "{:?}", request.lost);
        let (after, request) = given_an_ssh_key(true, act);
        assert_eq!(after, ["Active", "Active", "Active"]);
        let says = "switches SSH public key …SSH1 on, though CloudTrail reported";
        assert!(request.plan.left.iter().any(|left| left.starts_with(says)), "{:?}", request.plan.left);
    }
}

#[test]
fn whom_aws_quarantined_gets_no_key_back() {
    let local = at_work(with_approvers(&[]));
    let suspension = suspend(&local, "user/ann").unwrap().entry().unwrap().clone();
    local.world.edit(|file| {
        let ann = file.users.iter_mut().find(|user| user.name.as_str() == "ann").unwrap();
        ann.attached_policies
            .insert("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3".parse().unwrap());
    });
    let undone = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    assert_eq!(undone.status, Status::Verified, "{undone:#?}");
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Inactive", "Inactive"]);
}

#[test]
fn keys_of_whom_threats_cannot_be_read_stay_off() {
    let local = at_work(with_approvers(&[]));
    let suspension = suspend(&local, "user/ann").unwrap().entry().unwrap().clone();
    local.world.fail(
        sim::Operation::Read(shared::facts::Read::Threats),
        sim::Fault::Denied,
        sim::Times::Always,
    );
    assert!(undo_by(&local, "sam", &suspension, false).is_err());
    assert_eq!(status(&local, "ann", "ANN2"), "Inactive");
}

/// A user that lives from now on, with one key.
fn newcomer(local: &Local, name: &str) {
    local.world.edit(|file| {
        let made = account(json!({"users": [{"name": name, "id": id_of(name), "created": NOW,
            "accessKeys": [key("NEW1", 0, None)]}]}));
        file.users.extend(made.users);
    });
}

fn made(by: &str, whom: &str) -> Value {
    call("c1", "CreateUser", by, &json!({ "userName": whom }), &Value::Null)
}

#[test]
fn whom_somebody_in_quarantine_makes_is_told_and_suspended_where_the_file_says_so() {
    // What they made may be from before the quarantine: events come late.
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    newcomer(&local, "eve");
    let delivery = local.deliver(&made("mallory", "eve"));
    let told = delivery.findings.iter().filter_map(|found| found.outcome.refusal());
    assert!(told.into_iter().any(|refusal| matches!(refusal, Refusal::LeftToPeople { .. })));
    assert_eq!(status(&local, "eve", "NEW1"), "Active");
    let strict = governance(&format!(
        "version: 1\nrules:\n  {THREATENED}: {{ mode: enforce, parameters: {{ suspendFromRisk: 5 }} }}\n"
    ));
    let (local, _) = suspended(strict);
    newcomer(&local, "eve");
    local.deliver(&made("mallory", "eve"));
    assert_eq!(status(&local, "eve", "NEW1"), "Inactive");
    let eve = local.world.account().users.into_iter().find(|user| user.name.as_str() == "eve").unwrap();
    assert!(
        eve.attached_policies.iter().any(|policy| policy.as_str().ends_with("policy/bailiff-quarantine"))
    );
}

#[test]
fn whom_anybody_else_makes_and_who_was_there_before_is_let_be() {
    let local = at_work(with_approvers(&[THREATENED]));
    newcomer(&local, "eve");
    local.deliver(&made("mallory", "eve"));
    assert_eq!(status(&local, "eve", "NEW1"), "Active");
    // Whoever is suspended could have anybody suspended.
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    local.deliver(&call("c2", "CreateLoginProfile", "mallory", &json!({"userName": "ann"}), &Value::Null));
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Active", "Active"]);
}

#[test]
fn every_lifted_quarantine_is_put_back_and_people_are_paged_once_for_each() {
    let usual = governance(&format!("version: 1\nrules:\n  {THREATENED}: {{ mode: enforce }}\n"));
    let (local, _) = suspended(usual);
    local.world.take_pages();
    let lift = |id: &str| {
        let policy = quarantine();
        local.world.edit(|file| {
            let mallory = file.users.iter_mut().find(|user| user.name.as_str() == "mallory").unwrap();
            assert!(mallory.attached_policies.remove(&policy));
        });
        let lifted = json!({"userName": "mallory", "policyArn": policy.as_str()});
        call(id, "DetachUserPolicy", "ann", &lifted, &Value::Null)
    };
    let is_contained = || {
        let file = local.world.account();
        let mallory = file.users.iter().find(|user| user.name.as_str() == "mallory").unwrap();
        mallory.attached_policies.contains(&quarantine())
    };
    for (id, expected) in [("l1", true), ("l2", true), ("l3", false)] {
        let event = lift(id);
        local.deliver(&event);
        local.deliver(&event);
        let paged = local.world.take_pages();
        assert_eq!(paged.len(), 1, "{id}: {paged:?}");
        assert!(paged[0].subject.contains("took a quarantine off"), "{paged:?}");
        // The first of three acts a day suspended it, so the third undo is people's.
        assert_eq!(is_contained(), expected, "{id}");
        if !expected {
            let told = local.world.entries().pop().unwrap();
            assert!(matches!(told.refusal, Some(Refusal::ChangedTooOften { .. })), "{told:#?}");
            break;
        }
    }
}

#[test]
fn a_key_that_is_off_and_tried_is_told_to_people_once_a_day_and_one_that_is_on_is_not() {
    let local = at_work(enforce(&[THREATENED]));
    let tried = |id: &str, key: &str| {
        let mut event = call(id, "ListBuckets", "ann", &Value::Null, &Value::Null);
        event["detail"]["errorCode"] = json!("InvalidClientTokenId");
        event["detail"]["userIdentity"]["accessKeyId"] = json!(key_id(key));
        event["detail"]["eventTime"] = json!(local.world.now().to_string());
        local.deliver(&event);
        local.world.take_pages()
    };
    assert_eq!(tried("a1", "ANN1").len(), 0, "the key is on");
    by_hand(&local, "ann", |user| {
        user.access_keys[0].status = shared::facts::KeyStatus::Inactive;
    });
    let paged = tried("a2", "ANN1");
    assert!(paged.len() == 1 && paged[0].subject.contains("an access key that is switched off"), "{paged:?}");
    assert!(!paged[0].text.contains(&key_id("ANN1")), "{paged:?}");
    assert_eq!(tried("a3", "ANN1").len(), 0, "people know");
    let ann = shared::identifier::UniqueId::parse(&id_of("ann")).unwrap();
    let kept = local.world.threats_against(&ann);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].key.as_ref().unwrap().as_str(), key_id("ANN1"));
    local.world.advance(SignedDuration::from_hours(24));
    assert_eq!(tried("a4", "ANN1").len(), 1);
}

#[test]
fn the_mark_of_whoever_is_in_no_quarantine_pages_nobody_and_of_whoever_is_does() {
    let (local, _) = suspended(enforce(&[THREATENED]));
    local.world.take_pages();
    let untag = |id: &str, whose: &str| {
        let tags = json!({"userName": whose, "tagKeys": ["bailiff:quarantined"]});
        local.deliver(&call(id, "UntagUser", "ann", &tags, &Value::Null));
        local.world.take_pages().len()
    };
    assert_eq!(untag("u1", "ann"), 0, "AWS says yes though there is no such tag");
    assert_eq!(untag("u2", "mallory"), 1);
    let tag = |id: &str, whose: &str| {
        let tags = json!({"userName": whose, "tags": [{"key": "bailiff:quarantined", "value": "x"}]});
        local.deliver(&call(id, "TagUser", "ann", &tags, &Value::Null));
        local.world.take_pages()
    };
    assert_eq!(tag("t1", "mallory").len(), 0, "it is there already");
    let paged = tag("t2", "ann");
    assert!(paged.len() == 1 && paged[0].subject.contains("which is Bailiff's to set"), "{paged:?}");
    // What else ann did was told, each by itself.
    assert!(!paged[0].text.contains("more such calls"), "{paged:?}");
}

#[test]
fn one_caller_brings_about_a_few_pages_an_hour_and_all_others_are_counted() {
    // No rule acts here, so that nobody else is suspended for it.
    let local = at_work(with_approvers(&[]));
    let mallory = suspend(&local, "user/mallory").unwrap();
    assert_eq!(mallory.entry().unwrap().status, Status::Verified);
    local.world.take_pages();
    let untag = |id: String, by: &str| {
        let tags = json!({"userName": "mallory", "tagKeys": ["bailiff:quarantined"]});
        let event = call(&id, "UntagUser", by, &tags, &Value::Null);
        let delivery = local.deliver(&event);
        let told = |decision: &shared::engine::Decision| {
            matches!(decision, shared::engine::Decision::NotPaged { .. })
        };
        (local.world.take_pages(), delivery.decisions.iter().any(told))
    };
    let mut texts = Vec::new();
    for number in 1..=60 {
        let (pages, is_said) = untag(format!("m{number}"), "ann");
        assert!(!pages.is_empty() || is_said, "{number}: neither paged nor said");
        texts.extend(pages.into_iter().map(|page| (number, page.text)));
    }
    assert_eq!(texts.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 20, 50]);
    assert!(texts[..5].iter().all(|(_, text)| !text.contains("more such calls")), "{texts:?}");
    assert!(texts[5].1.contains("(14 more such calls by the same caller"), "{}", texts[5].1);
    assert!(texts[6].1.contains("(at least 43 more such calls"), "{}", texts[6].1);
    // Another caller is heard all the same, and so is the same one who takes the deny itself off.
    assert_eq!(untag("o1".to_owned(), "mallory").0.len(), 1);
    let detached = json!({"userName": "mallory", "policyArn": quarantine().to_string()});
    local.deliver(&call("d1", "DetachUserPolicy", "ann", &detached, &Value::Null));
    assert_eq!(local.world.take_pages().len(), 1);
}

#[test]
fn no_detour_over_undone_undos_gets_round_the_second_person() {
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    let suspension = written(&local).pop().unwrap();
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    let lifted = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    // One person is enough to contain again, and not to lift that.
    let contained = undo_by(&local, "sam", &lifted, false).unwrap().entry().unwrap().clone();
    assert_eq!(contained.status, Status::Verified);
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
    asked(&undo_by(&local, "sam", &contained, false).unwrap());
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
}

#[test]
fn an_undo_that_is_stopped_leaves_nothing_behind_that_anybody_could_finish() {
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    let suspension = written(&local).pop().unwrap();
    let since = local.world.now();
    let (by, reason) = ("ada".to_owned(), "the books are being closed".to_owned());
    local.world.set_stop(Some(Stop { since, by, reason, undo_too: true, tripped: None }));
    let refused = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    assert!(matches!(refused.refusal, Some(Refusal::Stopped { .. })), "{refused:#?}");
    local.world.set_stop(None);
    asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    assert_eq!(status(&local, "mallory", "MAL1"), "Inactive");
    // Nor is the principal let be: the next who lifts it is answered.
    by_hand(&local, "mallory", |user| {
        user.attached_policies.remove(&quarantine());
    });
    sweep(&local);
    let mallory =
        local.world.account().users.into_iter().find(|user| user.name.as_str() == "mallory").unwrap();
    assert!(mallory.attached_policies.contains(&quarantine()));
}

#[test]
fn a_page_that_fails_keeps_nobody_from_being_answered() {
    let local = at_work(enforce(&[THREATENED]));
    local.world.fail(sim::Operation::Publish, sim::Fault::Denied, sim::Times::Always);
    let lifted = json!({"userName": "ann", "policyArn": quarantine().to_string()});
    let delivery = local.deliver(&call("l1", "DetachUserPolicy", "mallory", &lifted, &Value::Null));
    assert_eq!(delivery.dead_letters.len(), 1, "the page is tried to the last");
    let id = shared::identifier::UniqueId::parse(&id_of("mallory")).unwrap();
    assert!(!local.world.threats_against(&id).is_empty());
}

#[test]
fn a_threat_waits_for_no_stack_s_template() {
    let mut account = people();
    for user in &mut account.users {
        user.tags.insert("aws:cloudformation:stack-name".to_owned(), "payments".to_owned());
        user.attached_policies.insert("arn:aws:iam::aws:policy/AdministratorAccess".parse().unwrap());
    }
    let local = local(account, enforce(&[THREATENED]));
    local.deliver(&guard_duty("mallory", &id_of("mallory"), 8.0));
    let [entry] = &written(&local)[..] else { panic!("{:?}", local.world.entries()) };
    assert_eq!(entry.status, Status::Verified);
}

/// Lets somebody change a user past Bailiff.
pub(crate) fn by_hand(local: &Local, name: &str, change: impl FnOnce(&mut User)) {
    local.world.edit(|file| change(file.users.iter_mut().find(|user| user.name.as_str() == name).unwrap()));
}

/// An order against this user or role that answers a threat, where one is named.
fn order(local: &Local, whom: &str, threat: Option<&str>) -> Outcome {
    ordered(local, whom, threat).unwrap()
}

/// The same, over which the function may die.
fn ordered(local: &Local, whom: &str, threat: Option<&str>) -> Result<Outcome, EngineError> {
    local.suspend(&SuspendOrder {
        principal: format!("arn:aws:iam::{ACCOUNT}:{whom}").parse().unwrap(),
        reason: "to be sure".to_owned(),
        requested_by: "sam".to_owned(),
        threat: threat.map(str::to_owned),
    })
}

#[test]
fn a_key_that_others_know_stays_off_though_the_report_is_kept_no_more() {
    let local = at_work(with_approvers(&[]));
    local.deliver(&health(&["ANN1"]));
    let suspension = order(&local, "user/ann", Some("GuardDuty finding 5ec1")).entry().unwrap().clone();
    local.world.advance(SignedDuration::from_hours(24 * 120));
    local.world.forget_threats();
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    let told = &request.lost;
    assert!(
        told.iter().any(|it| it.contains("…ANN1 stays off") && it.contains("AWS Health reported")),
        "{told:?}"
    );
    approve(&local, ADA, &request).unwrap();
    let undone = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    assert_eq!(undone.status, Status::Verified, "{undone:#?}");
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Inactive", "Active"]);
    // Nor by the detour over undone undos.
    let contained = undo_by(&local, "sam", &undone, false).unwrap().entry().unwrap().clone();
    let request = asked(&undo_by(&local, "sam", &contained, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    undo_by(&local, "sam", &contained, false).unwrap();
    assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Inactive", "Active"]);
}

#[test]
fn an_order_that_finds_all_done_says_that_it_is_contained() {
    let local = at_work(with_approvers(&[]));
    for whom in ["user/ann", "role/deployer"] {
        order(&local, whom, None);
        local.world.advance(SignedDuration::from_hours(1));
        let again = order(&local, whom, None);
        let Outcome::NothingToDo { why, .. } = &again else { panic!("{again:#?}") };
        assert!(why.starts_with("contained already"), "{why}");
    }
}

#[test]
fn a_key_that_an_order_calls_known_to_others_stays_off() {
    for said in [
        format!("access key ending {} is known to others", "ANN1"),
        format!("{} is on a page", key_id("ANN1")),
    ] {
        let local = at_work(with_approvers(&[]));
        let suspension = order(&local, "user/ann", Some(&said)).entry().unwrap().clone();
        let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
        assert!(request.lost.iter().any(|it| it.contains("…ANN1 stays off")), "{:?}", request.lost);
        approve(&local, ADA, &request).unwrap();
        undo_by(&local, "sam", &suspension, false).unwrap();
        assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Inactive", "Active"]);
        // The same of one who was suspended before.
        let local = at_work(with_approvers(&[]));
        let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
        order(&local, "user/ann", Some(&said));
        let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
        approve(&local, ADA, &request).unwrap();
        undo_by(&local, "sam", &suspension, false).unwrap();
        assert_eq!([status(&local, "ann", "ANN1"), status(&local, "ann", "ANN2")], ["Inactive", "Active"]);
    }
}

pub(crate) fn make_admin(local: &Local) {
    by_hand(local, "mallory", |user| user.attached_policies.extend([admin()]));
}

fn admin() -> shared::identifier::Arn {
    "arn:aws:iam::aws:policy/AdministratorAccess".parse().unwrap()
}

#[test]
fn a_threat_against_whoever_is_suspended_already_asks_for_a_second_person() {
    let local = at_work(with_approvers(&[THREATENED]));
    make_admin(&local);
    let suspension = order(&local, "user/mallory", None).entry().unwrap().clone();
    local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
    assert_eq!(written(&local).len(), 1, "contained already");
    // However long ago: it was reported while nobody could answer it.
    local.world.advance(SignedDuration::from_hours(24 * 30));
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    assert_eq!(approve(&local, ADA, &request), Ok(1));
    assert_eq!(undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn a_threat_of_long_before_asks_for_nobody_nor_does_being_refused_what_is_denied() {
    let local = at_work(with_approvers(&[]));
    local.deliver(&guard_duty("mallory", &id_of("mallory"), 9.0));
    local.world.advance(SignedDuration::from_hours(24 * 30));
    let suspension = order(&local, "user/mallory", None).entry().unwrap().clone();
    let before = local.world.threats_against(&id_of("mallory").parse().unwrap()).len();
    local.world.advance(SignedDuration::from_mins(1));
    let mut denied = call("d0", "DeleteUser", "mallory", &json!({"userName": "ann"}), &Value::Null);
    denied["detail"]["errorCode"] = json!("AccessDenied");
    denied["detail"]["eventTime"] = json!(local.world.now().to_string());
    for number in 0..60 {
        denied["detail"]["eventID"] = json!(format!("d{number}"));
        local.deliver(&denied);
    }
    let after = local.world.threats_against(&id_of("mallory").parse().unwrap()).len();
    assert_eq!(after, before + 1, "it is told of as a threat");
    let undone = undo_by(&local, "sam", &suspension, false).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified);
}

#[test]
fn an_order_over_a_threat_counts_where_the_principal_was_suspended_already() {
    for whom in ["user/ann", "role/deployer"] {
        let local = at_work(with_approvers(&[]));
        let suspension = order(&local, whom, None).entry().unwrap().clone();
        local.world.forget_calls();
        for _ in 0..2 {
            let again = order(&local, whom, Some("GuardDuty finding 5ec1")).entry().unwrap().clone();
            assert_eq!((again.status, again.plan.steps.len()), (Status::Verified, 0), "{again:#?}");
            assert!(again.plan.left[0].contains("contained already"), "{again:#?}");
        }
        assert_eq!(local.world.entries().len(), 2);
        assert_eq!(local.world.calls().iam_writes(), 0);
        let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
        approve(&local, ADA, &request).unwrap();
        let lifted = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
        assert_eq!(lifted.status, Status::Verified);
        // What is suspended after that stands for itself.
        local.world.advance(SignedDuration::from_hours(1));
        let anew = order(&local, whom, None).entry().unwrap().clone();
        assert_eq!(undo_by(&local, "sam", &anew, false).unwrap().entry().unwrap().status, Status::Verified);
    }
}

#[test]
fn an_order_that_finds_all_done_is_written_down_once_and_closed_with_what_others_made() {
    let local = at_work(with_approvers(&[]));
    by_hand(&local, "ann", |ann| {
        let ssh = json!([{"kind": "sshPublicKey", "id": "APKAEXAMPLEKEY00SSH1", "created": NOW}]);
        ann.other_credentials = serde_json::from_value(ssh).unwrap();
    });
    let uploaded = json!({"sSHPublicKey": {"userName": "ann", "sSHPublicKeyId": "APKAEXAMPLEKEY00SSH1"}});
    local.deliver(&call("e1", "UploadSSHPublicKey", "mallory", &json!({"userName": "ann"}), &uploaded));
    order(&local, "user/ann", None);
    for expected in [shared::engine::Novelty::Fresh, shared::engine::Novelty::Repeated] {
        let outcome = order(&local, "user/ann", Some("GuardDuty finding 5ec1"));
        let Outcome::Journaled { entry, novelty } = outcome else { panic!("{outcome:?}") };
        assert_eq!(novelty, expected);
        assert!(entry.closed.is_some() && !entry.made_by_another.is_empty(), "{entry:#?}");
    }
    assert_eq!(local.world.entries().iter().filter(|entry| entry.closed.is_none()).count(), 0);
}

#[test]
fn an_order_over_a_threat_that_found_the_denial_in_force_counts_until_it_is_undone() {
    let local = at_work(with_approvers(&[]));
    let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
    by_hand(&local, "ann", |user| {
        user.access_keys[0].status = shared::facts::KeyStatus::Active;
    });
    local.world.advance(SignedDuration::from_hours(1));
    let second = order(&local, "user/ann", Some("GuardDuty finding 5ec1")).entry().unwrap().clone();
    assert_eq!(steps(&second), ["deactivate access key …ANN1 of user ann"]);
    asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    let request = asked(&undo_by(&local, "sam", &second, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    assert_eq!(undo_by(&local, "sam", &second, false).unwrap().entry().unwrap().status, Status::Verified);
    by_hand(&local, "ann", |user| {
        user.access_keys[0].status = shared::facts::KeyStatus::Inactive;
    });
    let lifted = undo_by(&local, "sam", &suspension, false).unwrap();
    assert_eq!(lifted.entry().unwrap().status, Status::Verified, "{lifted:#?}");
}

#[test]
fn what_answers_a_threat_stands_on_the_next_denial_too_where_somebody_took_the_first_off() {
    let local = at_work(with_approvers(&[]));
    order(&local, "user/ann", None);
    order(&local, "user/ann", Some("GuardDuty finding 5ec1"));
    by_hand(&local, "ann", |user| {
        user.attached_policies.remove(&quarantine());
    });
    local.world.advance(SignedDuration::from_hours(1));
    let anew = order(&local, "user/ann", None).entry().unwrap().clone();
    assert!(steps(&anew)[0].contains("quarantine"), "{anew:#?}");
    let request = asked(&undo_by(&local, "sam", &anew, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    assert_eq!(undo_by(&local, "sam", &anew, false).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn who_makes_a_denial_or_answers_no_threat_stands_on_nobody_else_s() {
    let contained = |local: &Local, whom: &str| {
        pollster::block_on(local.world.contained(&id_of(whom).parse().unwrap())).unwrap()
    };
    // The denial is its own.
    let (local, _) = suspended(with_approvers(&[THREATENED]));
    assert_eq!(contained(&local, "mallory"), []);
    // Somebody is faster to deny everything, and the order is over no threat.
    let local = at_work(with_approvers(&[]));
    local.world.edit_before(Operation::PutItem, 0, |file| {
        file.users[1].attached_policies.extend([quarantine()]);
    });
    let ordered = order(&local, "user/mallory", None).entry().unwrap().clone();
    assert_eq!(ordered.outcomes[0].result, StepResult::AlreadyDone, "{ordered:#?}");
    assert_eq!(contained(&local, "mallory"), []);
    let undone = undo_by(&local, "sam", &ordered, false).unwrap();
    assert_eq!(undone.entry().unwrap().status, Status::Verified, "it asks for no second person: {undone:#?}");
}

#[test]
fn what_answers_a_threat_and_finds_its_own_denial_made_by_somebody_else_stands_on_that() {
    let local = at_work(with_approvers(&[]));
    let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
    let denied = local.world.account();
    by_hand(&local, "ann", |user| {
        user.attached_policies.remove(&quarantine());
    });
    // Between the plan and the look before the write.
    let listed = sim::Operation::Read(shared::facts::Read::ListAttachedUserPolicies);
    local.world.edit_before(listed, 1, move |file| file.users = denied.users);
    let second = order(&local, "user/ann", Some("GuardDuty finding 5ec1")).entry().unwrap().clone();
    assert_eq!(results(&second).1, [&StepResult::AlreadyDone], "{second:#?}");
    asked(&undo_by(&local, "sam", &suspension, false).unwrap());
}

#[test]
fn what_answers_a_threat_counts_again_once_its_undo_is_undone() {
    let local = at_work(with_approvers(&[]));
    let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
    by_hand(&local, "ann", |user| {
        user.access_keys[0].status = shared::facts::KeyStatus::Active;
    });
    let second = order(&local, "user/ann", Some("GuardDuty finding 5ec1")).entry().unwrap().clone();
    let request = asked(&undo_by(&local, "sam", &second, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    let undone = undo_by(&local, "sam", &second, false).unwrap().entry().unwrap().clone();
    let again = undo_by(&local, "sam", &undone, false).unwrap().entry().unwrap().clone();
    assert_eq!((again.status, status(&local, "ann", "ANN1")), (Status::Verified, "Inactive".to_owned()));
    asked(&undo_by(&local, "sam", &suspension, false).unwrap());
}

#[test]
fn whoever_agreed_to_an_undo_before_another_threat_was_answered_is_asked_again() {
    let local = at_work(with_approvers(&[]));
    let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
    order(&local, "user/ann", Some("GuardDuty finding 5ec1"));
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    local.world.advance(SignedDuration::from_hours(1));
    order(&local, "user/ann", Some("GuardDuty finding 77aa"));
    local.world.advance(SignedDuration::from_hours(1));
    let again = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    assert_ne!(again.id, request.id);
    approve(&local, ADA, &again).unwrap();
    assert_eq!(undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().status, Status::Verified);
}

#[test]
fn an_undo_that_leaves_everything_denied_lifts_nothing_that_stands_on_the_denial() {
    let local = at_work(with_approvers(&[]));
    let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
    by_hand(&local, "ann", |user| {
        user.tags.remove("bailiff:quarantined");
    });
    let marked = order(&local, "user/ann", None).entry().unwrap().clone();
    assert_eq!(marked.plan.steps.len(), 1, "{marked:#?}");
    order(&local, "user/ann", Some("GuardDuty finding 5ec1"));
    local.world.advance(SignedDuration::from_hours(1));
    let request = asked(&undo_by(&local, "sam", &marked, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    assert_eq!(undo_by(&local, "sam", &marked, false).unwrap().entry().unwrap().status, Status::Verified);
    asked(&undo_by(&local, "sam", &suspension, false).unwrap());
}

#[test]
fn what_stands_on_another_s_denial_is_known_though_its_worker_died() {
    let prepared = || {
        let local = at_work(with_approvers(&[]));
        let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
        let denied = local.world.account();
        by_hand(&local, "ann", |user| {
            user.attached_policies.remove(&quarantine());
            user.access_keys[0].status = shared::facts::KeyStatus::Active;
        });
        let listed = sim::Operation::Read(shared::facts::Read::ListAttachedUserPolicies);
        local.world.edit_before(listed, 1, move |file| {
            let ann = file.users.iter_mut().find(|user| user.name.as_str() == "ann").unwrap();
            ann.attached_policies.clone_from(&denied.users[0].attached_policies);
        });
        local.world.forget_calls();
        (local, suspension)
    };
    let over_a_threat = |local: &Local| ordered(local, "user/ann", Some("GuardDuty finding 5ec1"));
    let (calm, _) = prepared();
    over_a_threat(&calm).unwrap();
    let mut found = 0;
    for calls in 1..=u32::try_from(calm.world.calls().total()).unwrap() {
        let (local, suspension) = prepared();
        local.world.die_after(calls);
        over_a_threat(&local).unwrap_err();
        local.world.advance(SignedDuration::from_hours(25));
        sweep(&local);
        let done = StepResult::AlreadyDone;
        let denial = |entry: &Entry| entry.outcomes.iter().any(|it| it.index == 0 && it.result == done);
        if local.world.entries().iter().any(|entry| entry.cause.answers_threat() && denial(entry)) {
            found += 1;
            // Or it would be refused: not all of what it did is there any more.
            by_hand(&local, "ann", |user| {
                user.access_keys[0].status = shared::facts::KeyStatus::Inactive;
            });
            asked(&undo_by(&local, "sam", &suspension, false).unwrap());
        }
    }
    assert!(found > 0, "no worker died after it had found that");
}

#[test]
fn a_lifting_that_two_agreed_to_and_that_is_undone_waits_for_two_again() {
    let local = at_work(with_approvers(&[]));
    let suspension = order(&local, "user/ann", None).entry().unwrap().clone();
    order(&local, "user/ann", Some("GuardDuty finding 5ec1"));
    let request = asked(&undo_by(&local, "sam", &suspension, false).unwrap());
    approve(&local, ADA, &request).unwrap();
    let lifted = undo_by(&local, "sam", &suspension, false).unwrap().entry().unwrap().clone();
    let contained = undo_by(&local, "sam", &lifted, false).unwrap().entry().unwrap().clone();
    assert_eq!(contained.status, Status::Verified, "{contained:#?}");
    asked(&undo_by(&local, "sam", &contained, false).unwrap());
}

#[test]
fn an_order_over_a_threat_is_not_forgotten_where_a_dead_worker_had_begun() {
    let by_another = |local: &Local| {
        let principal = format!("arn:aws:iam::{ACCOUNT}:user/ann").parse().unwrap();
        let (reason, requested_by) = ("unused".to_owned(), "joe".to_owned());
        local.suspend(&SuspendOrder { principal, reason, requested_by, threat: None })
    };
    let calm = at_work(with_approvers(&[]));
    by_another(&calm).unwrap();
    for calls in 1..=u32::try_from(calm.world.calls().total()).unwrap() {
        let local = at_work(with_approvers(&[]));
        local.world.die_after(calls);
        by_another(&local).unwrap_err();
        local.world.advance(SignedDuration::from_mins(4));
        order(&local, "user/ann", Some("GuardDuty finding 5ec1"));
        let denying = written(&local).remove(0);
        let undone = undo_by(&local, "sam", &denying, false).unwrap();
        assert_eq!(undone.entry().unwrap().status, Status::Planned, "a death after {calls} calls");
    }
}

#[test]
fn of_an_order_over_a_threat_and_an_undo_at_the_same_moment_the_undo_lets_nobody_go_unasked() {
    let mut met = 0;
    for seed in 0..120 {
        let local = at_work(with_approvers(&[]));
        let denying = order(&local, "user/ann", None).entry().unwrap().clone();
        let over_a_threat = SuspendOrder {
            principal: format!("arn:aws:iam::{ACCOUNT}:user/ann").parse().unwrap(),
            reason: "to be sure".to_owned(),
            requested_by: "joe".to_owned(),
            threat: Some("GuardDuty finding 5ec1".to_owned()),
        };
        let undo = RestoreRequest {
            journal_id: denying.id.clone(),
            requested_by: "sam".to_owned(),
            reason: "a false alarm".to_owned(),
            reactivate_keys: false,
        };
        let outcomes = local.at_once(&[Work::Order(over_a_threat), Work::Undo(undo)], seed);
        let is_denied = local.world.account().users[0]
            .attached_policies
            .iter()
            .any(|policy| policy.as_str().contains("quarantine"));
        let ended = |at: usize| outcomes[at].as_ref().ok().and_then(Outcome::entry).map(|entry| entry.status);
        assert!(is_denied || ended(0) != Some(Status::Verified), "seed {seed}: {outcomes:#?}");
        met += usize::from(ended(0) == Some(Status::Verified) && ended(1) != Some(Status::Verified));
    }
    assert!(met > 0, "the undo was never asked about");
}
