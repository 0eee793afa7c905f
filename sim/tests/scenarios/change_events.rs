//! A configuration item comes in: judged from the item alone, put right on live state.

use serde_json::json;
use shared::engine::{Compliance, Judged, Outcome};
use shared::remedy::{Remediator, Status, StepResult};

use crate::fixture::*;

fn mara() -> sim::AccountFile {
    users(json!([{
        "name": "mara", "path": "/warehouse/",
        "inlinePolicies": [{"name": "debug", "document": "{\n  \"Version\": \"2012-10-17\", \"Statement\": []\n}"}]
    }]))
}

#[test]
fn an_inline_policy_is_reported_and_sent_on_without_reading_iam() {
    let local = local(mara(), enforce(&[INLINE]));
    let delivery = local.deliver(&change(&local.world, "mara", INLINE));
    let by_evaluator: Vec<&str> = local
        .world
        .calls()
        .0
        .iter()
        .filter(|call| call.function == "evaluate-changes")
        .map(|call| call.operation.action())
        .collect();
    assert_eq!(by_evaluator, ["sqs:SendMessage", "events:PutEvents", "config:PutEvaluations"]);
    let summary = delivery.evaluated.unwrap();
    assert_eq!((summary.non_compliant, summary.findings, summary.reported), (1, 1, 1));
    assert_eq!(local.world.announced().len(), 1);
}

#[test]
fn an_inline_policy_is_removed_and_its_text_kept() {
    let before = mara();
    let local = local(before.clone(), enforce(&[INLINE]));
    let delivery = local.deliver(&change(&local.world, "mara", INLINE));
    assert!(local.world.account().users[0].inline_policies.is_empty());
    let entry = entry(&local);
    assert_eq!(results(&entry), (Status::Verified, vec![&StepResult::Verified]));
    assert_eq!(steps(&entry), ["delete inline policy debug from user mara"]);
    let stored = serde_json::to_string(&entry).unwrap();
    assert!(stored.contains(r#"{\n  \"Version\": \"2012-10-17\", \"Statement\": []\n}"#), "{stored}");
    assert_eq!(local.world.notices(), [entry]);
    assert_eq!(delivery.findings[0].remediator, Remediator::RemoveUserPolicies);
    assert_eq!(local.world.calls().iam_writes(), 1);
}

#[test]
fn both_kinds_of_policies_are_two_findings_and_every_policy_goes() {
    let account = users(json!([{
        "name": "nkechi", "inlinePolicies": [{"name": "a"}, {"name": "b"}],
        "attachedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    }]));
    let local = local(account, enforce(&[INLINE, ATTACHED]));
    local.deliver(&change(&local.world, "nkechi", INLINE));
    local.deliver(&change(&local.world, "nkechi", ATTACHED));
    let user = &local.world.account().users[0];
    assert!(user.inline_policies.is_empty() && user.attached_policies.is_empty());
    assert_eq!(local.world.calls().iam_writes(), 3);
}

#[test]
fn a_user_without_policies_is_compliant_and_nobody_is_bothered() {
    let local = local(users(json!([{"name": "elena"}])), enforce(&[INLINE]));
    let delivery = local.deliver(&change(&local.world, "elena", INLINE));
    assert_eq!(delivery.evaluated.unwrap().compliant, 1);
    assert_eq!(local.world.calls().actions(), ["config:PutEvaluations"]);
    assert_eq!(local.world.evaluations()[0].evaluation.compliance, Compliance::Compliant);
}

#[test]
fn what_was_fixed_meanwhile_is_left_alone() {
    let local = local(mara(), enforce(&[INLINE]));
    let event = change(&local.world, "mara", INLINE);
    local.world.edit(|account| account.users[0].inline_policies.clear());
    let delivery = local.deliver(&event);
    let Outcome::NothingToDo { why, .. } = &delivery.findings[0].outcome else { panic!("{delivery:#?}") };
    assert_eq!(why, "it keeps the rule now");
    assert_eq!(local.world.calls().iam_writes(), 0);
    assert!(local.world.entries().is_empty());
}

#[test]
fn a_resource_that_is_not_recorded_costs_one_report_and_nothing_else() {
    for status in ["ResourceNotRecorded", "ResourceDeletedNotRecorded", "ResourceDeleted"] {
        let local = local(mara(), enforce(&[INLINE]));
        let event = item(
            INLINE,
            &json!({
                "configurationItemCaptureTime": NOW, "configurationStateId": "1", "awsAccountId": ACCOUNT,
                "configurationItemStatus": status, "resourceType": "AWS::IAM::User",
                "resourceId": "AIDAQ2XH7WMR4TKV5JLCE", "resourceName": null, "ARN": null, "awsRegion": "eu-west-1",
                "relatedEvents": [], "relationships": [], "configuration": null
            }),
        );
        local.deliver(&event).evaluated.unwrap();
        assert_eq!(local.world.calls().actions(), ["config:PutEvaluations"], "{status}");
        assert_eq!(local.world.evaluations()[0].evaluation.compliance, Compliance::NotApplicable);
    }
}

#[test]
fn an_item_that_no_rule_is_about_is_answered_and_counted_as_such() {
    let local = local(mara(), enforce(&[INLINE]));
    let event = item(
        INLINE,
        &json!({
            "configurationItemCaptureTime": NOW, "configurationStateId": "1", "awsAccountId": ACCOUNT,
            "configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket", "resourceId": "logs",
            "resourceName": "logs", "ARN": "arn:aws:s3:::logs", "awsRegion": "us-east-1",
            "relatedEvents": [], "relationships": [], "configuration": {}
        }),
    );
    let summary = local.deliver(&event).evaluated.unwrap();
    assert_eq!((summary.not_applicable, summary.findings, summary.reported), (1, 0, 1));
    assert_eq!(local.world.calls().actions(), ["config:PutEvaluations"]);
    let told = &local.world.evaluations()[0].evaluation;
    assert_eq!((told.compliance, told.resource_id.as_str()), (Compliance::NotApplicable, "logs"));
}

#[test]
fn an_oversized_item_is_fetched_and_judged_as_it_was_captured() {
    let local = local(mara(), enforce(&[INLINE]));
    let id = local.world.account().users[0].id.clone().unwrap();
    let message = json!({
        "messageType": "OversizedConfigurationItemChangeNotification",
        "configurationItemSummary": {
            "changeType": "UPDATE", "configurationItemCaptureTime": ago(0), "awsAccountId": ACCOUNT,
            "configurationItemStatus": "OK", "resourceType": "AWS::IAM::User", "resourceId": id,
            "resourceName": "mara"
        }
    });
    let delivery = local.deliver(&invocation(INLINE, &message));
    assert_eq!(delivery.evaluated.unwrap().non_compliant, 1);
    let calls = local.world.calls();
    assert_eq!(calls.count("config:GetResourceConfigHistory"), 1);
    assert_eq!(calls.0.iter().filter(|call| call.function == "evaluate-changes").count(), 4);
    assert!(local.world.account().users[0].inline_policies.is_empty());
    assert_eq!(local.world.evaluations()[0].evaluation.ordering.to_string(), ago(0));
}

#[test]
fn an_oversized_item_that_history_does_not_have_yet_is_tried_again_and_then_a_dead_letter() {
    let local = local(mara(), enforce(&[INLINE]));
    let message = json!({
        "messageType": "OversizedConfigurationItemChangeNotification",
        "configurationItemSummary": {
            "configurationItemCaptureTime": ago(0), "awsAccountId": ACCOUNT, "configurationItemStatus": "OK",
            "resourceType": "AWS::IAM::User", "resourceId": "AIDAQ2XH7WMR4TKV5JLCE"
        }
    });
    let delivery = local.deliver(&invocation(INLINE, &message));
    assert!(delivery.evaluated.is_err());
    assert_eq!(delivery.dead_letters.len(), 1);
    assert_eq!((delivery.dead_letters[0].function, delivery.dead_letters[0].tries), ("evaluate-changes", 3));
    assert!(delivery.dead_letters[0].why.contains("history has no item"), "{}", delivery.dead_letters[0].why);
    assert!(local.world.evaluations().is_empty());
}

#[test]
fn an_oversized_item_of_what_is_gone_is_answered_without_asking_history() {
    for (status, left_scope) in [
        ("ResourceDeleted", false),
        ("ResourceDeletedNotRecorded", false),
        ("ResourceNotRecorded", false),
        ("OK", true),
    ] {
        let local = local(mara(), enforce(&[INLINE]));
        let message = json!({
            "messageType": "OversizedConfigurationItemChangeNotification",
            "configurationItemSummary": {
                "changeType": "DELETE", "configurationItemCaptureTime": ago(0), "awsAccountId": ACCOUNT,
                "configurationItemStatus": status, "resourceType": "AWS::IAM::User",
                "resourceId": "AIDAQ2XH7WMR4TKV5JLCE", "resourceName": "gone"
            }
        });
        let mut event = invocation(INLINE, &message);
        event["eventLeftScope"] = json!(left_scope);
        assert_eq!(local.deliver(&event).evaluated.unwrap().not_applicable, 1, "{status}");
        let told = &local.world.evaluations()[0].evaluation;
        assert_eq!(
            (told.compliance, told.resource_id.as_str()),
            (Compliance::NotApplicable, "AIDAQ2XH7WMR4TKV5JLCE")
        );
        assert_eq!(told.ordering.to_string(), ago(0));
        assert_eq!(local.world.calls().actions(), ["config:PutEvaluations"]);
    }
}

#[test]
fn seventeen_copies_of_a_change_are_one_action_and_one_notice() {
    let local = local(mara(), enforce(&[INLINE]));
    let event = change(&local.world, "mara", INLINE);
    for _ in 0..17 {
        local.deliver(&event);
    }
    assert_eq!(local.world.calls().iam_writes(), 1);
    assert_eq!((local.world.entries().len(), local.world.notices().len()), (1, 1));
}

#[test]
fn a_late_copy_changes_nothing_and_does_not_overrule_the_newer_verdict() {
    let local = local(mara(), enforce(&[INLINE]));
    let first = change(&local.world, "mara", INLINE);
    local.deliver(&first);
    local.world.advance(jiff::SignedDuration::from_hours(1));
    local.deliver(&change(&local.world, "mara", INLINE));
    assert_eq!(local.world.evaluations()[0].evaluation.compliance, Compliance::Compliant);
    let delivery = local.deliver(&first);
    assert!(matches!(delivery.findings[0].outcome, Outcome::NothingToDo { .. }));
    assert_eq!(local.world.evaluations()[0].evaluation.compliance, Compliance::Compliant);
    assert_eq!(local.world.calls().iam_writes(), 1);
}

#[test]
fn a_list_the_item_does_not_hold_is_unknown_and_not_reported() {
    let local = local(mara(), enforce(&[INLINE]));
    let mut event = change(&local.world, "mara", INLINE);
    let mut message: serde_json::Value =
        serde_json::from_str(event["invokingEvent"].as_str().unwrap()).unwrap();
    message["configurationItem"]["configuration"].as_object_mut().unwrap().remove("userPolicyList");
    event["invokingEvent"] = json!(message.to_string());
    let delivery = local.deliver(&event);
    assert_eq!(delivery.evaluated.unwrap().unknown, 1);
    assert!(matches!(
        &delivery.decisions[0],
        shared::engine::Decision::Judged { judged: Judged::Unknown { .. }, .. }
    ));
    assert_eq!(local.world.calls().total(), 0);
}

#[test]
fn a_failed_copy_on_the_bus_does_not_stop_the_finding() {
    let local = local(mara(), enforce(&[INLINE]));
    local.world.fail(sim::Operation::PutEvents, sim::Fault::Denied, sim::Times::Always);
    let delivery = local.deliver(&change(&local.world, "mara", INLINE));
    assert!(delivery.evaluated.is_ok());
    assert!(local.world.account().users[0].inline_policies.is_empty());
    assert!(
        delivery
            .decisions
            .iter()
            .any(|decision| matches!(decision, shared::engine::Decision::NotAnnounced { .. }))
    );
}

#[test]
fn a_malformed_event_is_a_dead_letter_that_names_the_field() {
    let local = local(mara(), enforce(&[INLINE]));
    let mut event = change(&local.world, "mara", INLINE);
    event["accountId"] = json!("12");
    let delivery = local.deliver(&event);
    assert!(delivery.evaluated.is_err());
    assert!(delivery.dead_letters[0].why.contains("`accountId`"));
    assert_eq!(local.world.calls().total(), 0);
}
