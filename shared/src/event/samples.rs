//! The sample events in `events/`, all of them, through the front door.

pub(super) mod damaged;

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::policy::PolicyDocument;

/// Lists files of one folder of `events/` with their contents.
macro_rules! samples {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../events/", $folder, "/", $name, ".json")))),*]
    };
}

const DIRECTORY: &[(&str, &str)] = samples![
    "receive-directory-change":
    "joiner",
    "leaver",
    "leaver-on-a-date",
    "mover",
    "reconcile",
    "rehire",
    "scim-active",
    "scim-inactive",
    "scim-inactive-as-text",
    "workday-notice-given",
    "workday-rehired",
    "workday-terminated",
    "workday-to-leave",
];

const CHANGES: &[(&str, &str)] = samples![
    "evaluate-changes":
    "group",
    "oidc-provider",
    "policy",
    "role-oversized-without-name",
    "role",
    "saml-provider",
    "server-certificate",
    "user-attached-policy",
    "user-break-glass",
    "user-china",
    "user-deleted-not-recorded",
    "user-deleted",
    "user-discovered",
    "user-govcloud",
    "user-inline-policies-and-attachment",
    "user-inline-policy-array",
    "user-inline-policy-object",
    "user-inline-policy-percent-encoded",
    "user-inline-policy-plain-text",
    "user-inline-policy-plus-sign",
    "user-left-scope",
    "user-message-as-object",
    "user-not-recorded",
    "user-null-lists",
    "user-old-item",
    "user-oversized",
    "user-proactive",
    "user-quarantined-by-aws",
    "user-re-evaluated",
    "user-rule-without-parameters",
    "user-without-evaluation-mode",
];

const ACCOUNT: &[(&str, &str)] = samples![
    "evaluate-account":
    "access-key-age",
    "access-key-unused",
    "console-user-without-mfa",
    "password-policy",
    "reconcile-without-version",
    "reconcile",
    "snapshot-delivered",
    "support-role-missing",
    "user-second-active-key",
    "user-unused",
];

const MALFORMED: &[(&str, &str)] = samples![
    "malformed":
    "account-not-twelve-digits",
    "attachment-without-arn",
    "capture-time-unreadable",
    "configuration-null",
    "empty",
    "evaluation-mode-unknown",
    "item-absent",
    "left-scope-a-word",
    "message-absent",
    "message-an-array",
    "message-cut-off",
    "message-nested-too-deep",
    "message-not-json",
    "message-type-unknown",
    "not-an-object",
    "oversized-without-capture-time",
    "policy-list-a-word",
    "policy-name-absent",
    "reconcile-without-account",
    "records-of-a-queue",
    "result-token-absent",
    "rule-parameter-an-object",
    "rule-parameters-a-list",
    "schedule-without-time",
    "source-unsupported",
    "status-unknown",
    "two-principals",
    "user-name-absent",
    "user-name-forged",
];

/// What each malformed event is told, at least in its beginning.
const COMPLAINTS: &[(&str, &str)] = &[
    ("account-not-twelve-digits", "`accountId` cannot be used: `1111-2222-3333` is not an account id"),
    (
        "attachment-without-arn",
        "`invokingEvent.configurationItem.configuration.attachedManagedPolicies[0].policyArn` is absent",
    ),
    (
        "capture-time-unreadable",
        "`invokingEvent.configurationItem.configurationItemCaptureTime` is `20 November 2026`; expected an RFC",
    ),
    (
        "configuration-null",
        "`invokingEvent.configurationItem.configuration` is null; expected the resource's",
    ),
    ("empty", "the event has no fields at all; expected an AWS"),
    ("evaluation-mode-unknown", "`evaluationMode` is `RETROSPECTIVE`; expected `DETECTIVE` or `PROACTIVE`"),
    ("item-absent", "`invokingEvent.configurationItem` is absent; expected an object"),
    ("left-scope-a-word", "`eventLeftScope` is a string; expected a boolean"),
    ("message-absent", "`invokingEvent` is absent; expected a JSON object in a string"),
    ("message-an-array", "`invokingEvent` is an array; expected an object"),
    ("message-cut-off", "`invokingEvent` is not JSON: EOF while parsing a string at line 1 column 400; send"),
    (
        "message-nested-too-deep",
        "`invokingEvent` is not JSON: recursion limit exceeded at line 1 column 128; send",
    ),
    ("message-not-json", "`invokingEvent` is not JSON: expected value at line 1 column 17; send the text"),
    (
        "message-type-unknown",
        "`invokingEvent.messageType` is `ConfigurationHistoryDeliveryCompleted`; expected `Conf",
    ),
    ("not-an-object", "`event` is a string; expected an object"),
    (
        "oversized-without-capture-time",
        "`invokingEvent.configurationItemSummary.configurationItemCaptureTime` is absent; expected a time",
    ),
    (
        "policy-list-a-word",
        "`invokingEvent.configurationItem.configuration.userPolicyList` is a string; expected an array",
    ),
    (
        "policy-name-absent",
        "`invokingEvent.configurationItem.configuration.userPolicyList[0].policyName` is absent",
    ),
    ("reconcile-without-account", "`account` is absent; expected a string"),
    ("records-of-a-queue", "the event has neither `invokingEvent` nor `source`, only `Records`; expected"),
    ("result-token-absent", "`resultToken` is absent; expected a string"),
    ("rule-parameter-an-object", "`ruleParameters.ruleId` is an object; expected a string, a number or"),
    ("rule-parameters-a-list", "`ruleParameters` is an array; expected a JSON object in a string"),
    ("schedule-without-time", "`invokingEvent.notificationCreationTime` is absent; expected a time"),
    (
        "source-unsupported",
        "`source` is `aws.config` and `detail-type` is `Config Configuration Item Change`; expected `aws.events`",
    ),
    (
        "status-unknown",
        "`invokingEvent.configurationItem.configurationItemStatus` is `ResourceMisplaced`; expected `OK`",
    ),
    (
        "two-principals",
        "`invokingEvent.configurationItem.configuration.userId` is `AIDAQ2XH7WMR6JIU4SGRY` but `invokingEvent.",
    ),
    ("user-name-absent", "`invokingEvent.configurationItem.configuration.userName` is absent"),
    (
        "user-name-forged",
        r#"`invokingEvent.configurationItem.configuration.userName` cannot be used: `mara\u{a}{"level":"#,
    ),
];

fn payload(samples: &[(&str, &str)], name: &str) -> Value {
    let (_, text) = samples.iter().find(|(sample, _)| *sample == name).unwrap();
    serde_json::from_str(text).unwrap()
}

fn invocation(samples: &[(&str, &str)], name: &str) -> ConfigRuleInvocation {
    match Event::parse(&payload(samples, name)) {
        Ok(Event::ConfigRule(invocation)) => *invocation,
        other => panic!("{name}: {other:?}"),
    }
}

fn item(name: &str) -> ConfigurationItem {
    match invocation(CHANGES, name).notification {
        Notification::ItemChanged(item) => item,
        other => panic!("{name}: {other:?}"),
    }
}

fn user(name: &str) -> UserItem {
    match item(name).resource {
        Some(Resource::User(user)) => user,
        other => panic!("{name}: {other:?}"),
    }
}

fn only_document(name: &str) -> PolicyDocument {
    let policies = user(name).inline_policies.unwrap();
    assert_eq!(policies.len(), 1, "{name}");
    policies[0].document.clone().unwrap()
}

#[test]
fn no_sample_is_forgotten() {
    let readme = include_str!("../../../events/README.md");
    for (folder, samples) in [
        ("evaluate-changes", CHANGES),
        ("evaluate-account", ACCOUNT),
        ("receive-directory-change", DIRECTORY),
        ("malformed", MALFORMED),
    ] {
        let path = format!("{}/../events/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name());
        // Beside events a directory leaves lists, which have tests of their own.
        let files = files.map(|name| name.into_string().unwrap()).filter(|name| !name.starts_with("list."));
        let files: BTreeSet<String> = files.collect();
        let listed: BTreeSet<String> = samples.iter().map(|(name, _)| format!("{name}.json")).collect();
        assert_eq!(files, listed, "events/{folder} and the list in this file differ");
        for file in files {
            assert!(readme.contains(&format!("| `{file}` |")), "events/README.md lacks {folder}/{file}");
        }
    }
}

#[test]
fn every_change_is_understood_and_names_the_resource_it_is_about() {
    let readme = include_str!("../../../events/README.md");
    for (name, _) in CHANGES {
        let resource_id = match invocation(CHANGES, name).notification {
            Notification::ItemChanged(item) => item.resource_id,
            Notification::ItemOversized(summary) => summary.resource_id,
            other => panic!("{name}: {other:?}"),
        };
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}.json` |"))).unwrap();
        assert!(row.contains(&resource_id), "{name}: {row}");
    }
}

#[test]
fn every_word_of_a_directory_is_understood() {
    for (name, _) in DIRECTORY {
        match DirectoryEvent::parse(&payload(DIRECTORY, name)).unwrap() {
            DirectoryEvent::Scheduled(_) => assert_eq!(*name, "reconcile"),
            DirectoryEvent::Change(change) => {
                assert!(change.statement.employee.as_str().starts_with('E'), "{name}");
            }
        }
    }
}

#[test]
fn every_schedule_is_understood() {
    for (name, _) in ACCOUNT {
        match Event::parse(&payload(ACCOUNT, name)).unwrap() {
            Event::Scheduled(event) => assert!(name.starts_with("reconcile"), "{name}: {event:?}"),
            Event::ConfigRule(invocation) => match invocation.notification {
                Notification::Scheduled { .. } => assert_eq!(invocation.parameters.rule_id(), Some(*name)),
                Notification::SnapshotDelivered { at, .. } => assert!(at.is_some()),
                other => panic!("{name}: {other:?}"),
            },
        }
    }
}

#[test]
fn every_malformed_event_is_told_what_is_wrong_where() {
    let names = |list: &[(&'static str, &str)]| list.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(names(MALFORMED), names(COMPLAINTS));
    for (name, complaint) in COMPLAINTS {
        let error = Event::parse(&payload(MALFORMED, name)).unwrap_err().to_string();
        assert!(error.starts_with(complaint), "{name}: {error}");
        assert!(!error.contains(char::is_control) && error.len() < 500, "{name}: {error}");
    }
}

#[test]
fn every_wire_form_of_a_document_gives_its_text() {
    let encoded = only_document("user-inline-policy-percent-encoded");
    assert!(encoded.as_str().starts_with("{\n    \"Version\": \"2012-10-17\""));
    assert!(only_document("user-inline-policy-plain-text").as_str().contains("/Q4%20final/*"));
    assert!(only_document("user-inline-policy-plus-sign").as_str().contains("zpl+pdf 100% wide"));
    let object = only_document("user-inline-policy-object");
    assert!(object.as_str().starts_with(r#"{"Version":"2012-10-17","Statement":[{"Sid":"AdHocQueries""#));
    let array = only_document("user-inline-policy-array");
    assert!(array.as_str().starts_with(r#"{"Version": "2012-10-17", "Statement": [{"Effect""#));
}

#[test]
fn null_lists_are_empty_and_absent_fields_unknown() {
    let clean = user("user-null-lists");
    assert_eq!(clean.inline_policies, Some(vec![]));
    assert_eq!(clean.attached_policies, Some(vec![]));
    assert_eq!(clean.groups, Some(vec![]));
    let old = user("user-old-item");
    assert_eq!((old.permissions_boundary, old.tags), (None, None));
}

#[test]
fn a_re_evaluation_is_a_change_like_any_other() {
    let policies = user("user-re-evaluated").inline_policies.unwrap();
    assert_eq!(policies[0].name.as_str(), "deploy-everything");
}

#[test]
fn each_status_is_read_as_it_stands() {
    let status = |name| (item(name).status, item(name).resource.is_some());
    assert_eq!(status("user-null-lists"), (ItemStatus::Ok, true));
    assert_eq!(status("user-discovered"), (ItemStatus::ResourceDiscovered, true));
    assert_eq!(status("user-deleted"), (ItemStatus::ResourceDeleted, false));
    assert_eq!(status("user-deleted-not-recorded"), (ItemStatus::ResourceDeletedNotRecorded, false));
    assert_eq!(status("user-not-recorded"), (ItemStatus::ResourceNotRecorded, false));
}

#[test]
fn the_envelope_tells_mode_scope_and_parameters() {
    assert_eq!(invocation(CHANGES, "user-proactive").evaluation_mode, EvaluationMode::Proactive);
    assert_eq!(
        invocation(CHANGES, "user-without-evaluation-mode").evaluation_mode,
        EvaluationMode::Detective
    );
    assert!(invocation(CHANGES, "user-left-scope").left_scope);
    assert!(!invocation(CHANGES, "user-discovered").left_scope);
    assert_eq!(invocation(CHANGES, "user-rule-without-parameters").parameters.rule_id(), None);
    let object = invocation(CHANGES, "user-message-as-object");
    assert_eq!(object.parameters.rule_id(), Some("user-inline-policy"));
    let age = invocation(ACCOUNT, "access-key-age");
    assert_eq!(age.parameters.others().collect::<Vec<_>>(), [("maxAccessKeyAge", "90")]);
}

#[test]
fn other_partitions_are_kept() {
    let china = user("user-china");
    assert_eq!(china.arn.partition_name(), "aws-cn");
    assert_eq!(china.permissions_boundary.unwrap().arn.partition_name(), "aws-cn");
    let attached = user("user-govcloud").attached_policies.unwrap();
    assert_eq!(attached[0].arn.as_str(), "arn:aws-us-gov:iam::aws:policy/PowerUserAccess");
}

#[test]
fn attached_policies_say_who_manages_them() {
    let attached = user("user-quarantined-by-aws").attached_policies.unwrap();
    let managed: Vec<_> =
        attached.iter().map(|policy| (policy.name.as_str(), policy.arn.is_aws_managed())).collect();
    assert_eq!(managed, [("AWSCompromisedKeyQuarantineV3", true), ("route-planner", false)]);
}

#[test]
fn a_role_comes_with_trust_policy_instance_profile_boundary_and_last_use() {
    let Some(Resource::Role(role)) = item("role").resource else { panic!() };
    assert!(role.trust_policy.unwrap().as_str().contains("lambda.amazonaws.com"));
    assert_eq!(role.instance_profiles.unwrap()[0].name(), "parcel-tracker");
    assert_eq!(role.permissions_boundary.unwrap().arn.name(), "workload-boundary");
    assert_eq!(role.inline_policies.unwrap()[0].name.as_str(), "read-parcels");
    assert_eq!(role.last_used.unwrap().region.as_deref(), Some("eu-west-1"));
    assert_eq!(role.tags.unwrap()[0].value, "tracking");
}

#[test]
fn a_group_comes_with_its_policies() {
    let Some(Resource::Group(group)) = item("group").resource else { panic!() };
    assert_eq!(group.inline_policies.unwrap()[0].name.as_str(), "restart-depots");
    assert_eq!(group.attached_policies.unwrap()[0].arn.name(), "ReadOnlyAccess");
}

#[test]
fn a_policy_comes_with_its_default_version() {
    let Some(Resource::Policy(policy)) = item("policy").resource else { panic!() };
    assert_eq!(policy.attachment_count, Some(3));
    let document = policy.default_version().unwrap().document.clone().unwrap();
    assert!(document.as_str().contains("s3:ListBucket") && !document.as_str().contains("s3:*"));
}

#[test]
fn certificates_and_providers_come_with_their_tags_wherever_these_stand() {
    let keys = |tags: Option<Vec<Tag>>| tags.unwrap().into_iter().map(|tag| tag.key).collect::<Vec<_>>();
    let Some(Resource::ServerCertificate(certificate)) = item("server-certificate").resource else {
        panic!()
    };
    assert_eq!(certificate.name.as_str(), "tracking.larkfield.example");
    assert_eq!(keys(certificate.tags), ["owner"]);
    let Some(Resource::SamlProvider(provider)) = item("saml-provider").resource else { panic!() };
    assert_eq!(provider.arn.name(), "larkfield-office");
    assert!(provider.tags.unwrap().is_empty());
    let Some(Resource::OidcProvider(provider)) = item("oidc-provider").resource else { panic!() };
    assert_eq!(keys(provider.tags), ["owner"]);
}

#[test]
fn an_oversized_item_leaves_enough_to_fetch_it() {
    let summary = |name| match invocation(CHANGES, name).notification {
        Notification::ItemOversized(summary) => summary,
        other => panic!("{other:?}"),
    };
    assert_eq!(summary("user-oversized").resource_name.as_deref(), Some("svc-dock-scheduler"));
    assert_eq!(summary("role-oversized-without-name").resource_name, None);
    assert_eq!(summary("role-oversized-without-name").resource_type, "AWS::IAM::Role");
}

#[test]
fn no_sample_shows_token_or_policy_in_debug() {
    for (name, _) in CHANGES {
        let shown = format!("{:?}", invocation(CHANGES, name));
        assert!(!shown.contains("sample-result-token"), "{name}");
        assert!(!shown.contains("Statement"), "{name}");
    }
}
