//! What AWS Config is told, within its limits.

use serde_json::{Value, json};
use shared::engine::{AccountEvaluator, Annotation, ChangeEvaluator, Compliance, EngineError, Evaluation};
use shared::event::Event;
use sim::{AccountFile, DeliveryError, Fault, Local, Operation, Times};

use crate::fixture::*;
use crate::worlds::*;

fn many(count: usize) -> AccountFile {
    let all: Vec<Value> = (0..count).map(|number| json!({"name": format!("user-{number}")})).collect();
    users(json!(all))
}

fn verdicts(local: &Local) -> Vec<(Compliance, String)> {
    let held = local.world.evaluations();
    held.into_iter().map(|held| (held.evaluation.compliance, held.evaluation.resource_id)).collect()
}

#[test]
fn a_schedule_reports_every_user_in_chunks_of_a_hundred() {
    for (count, chunks) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (250, 3)] {
        let local = local(many(count), all_rules("audit", ""));
        let delivery = local.deliver(&schedule(&local.world, INLINE));
        assert_eq!(delivery.evaluated.unwrap().reported, count as u64);
        assert_eq!(verdicts(&local).len(), count);
        assert_eq!(local.world.calls().count("config:PutEvaluations"), chunks, "{count}");
    }
}

#[test]
fn what_config_does_not_take_is_sent_again_and_only_that() {
    let local = local(many(120), all_rules("audit", ""));
    for number in [3, 77] {
        let id = local.world.account().users[number].id.clone().unwrap();
        local.world.reject_evaluations_of(id.as_str(), 2);
    }
    let delivery = local.deliver(&schedule(&local.world, INLINE));
    assert_eq!(delivery.evaluated.unwrap().reported, 120);
    assert_eq!(verdicts(&local).len(), 120);
    let sent: Vec<String> = local
        .world
        .calls()
        .0
        .into_iter()
        .filter(|call| call.operation == Operation::PutEvaluations)
        .map(|call| call.target)
        .collect();
    assert_eq!(sent, ["100 evaluations", "2 evaluations", "2 evaluations", "20 evaluations"]);
}

#[test]
fn what_config_never_takes_fails_the_event() {
    let local = local(many(3), all_rules("audit", ""));
    let id = local.world.account().users[0].id.clone().unwrap();
    local.world.reject_evaluations_of(id.as_str(), 1_000);
    let delivery = local.deliver(&schedule(&local.world, INLINE));
    let Err(DeliveryError::Engine(EngineError::Retry(why))) = delivery.evaluated else { panic!() };
    assert_eq!(why, "AWS Config did not take 1 of 3 evaluations in 4 tries");
    assert_eq!(delivery.dead_letters.len(), 1);
    assert_eq!(verdicts(&local).len(), 2);
}

#[test]
fn a_token_of_another_invocation_is_a_permanent_error() {
    let local = local(many(1), all_rules("audit", ""));
    let Event::ConfigRule(invocation) = Event::parse(&change(&local.world, "user-0", INLINE)).unwrap() else {
        panic!()
    };
    let evaluator =
        ChangeEvaluator { ports: &local.world, governance: &local.governance, deployment: &local.deployment };
    let error = pollster::block_on(evaluator.evaluate(&invocation)).unwrap_err();
    assert!(matches!(&error, EngineError::Permanent(why) if why.contains("InvalidResultToken")), "{error}");
}

#[test]
fn reports_that_are_throttled_are_tried_again_with_the_event() {
    let local = local(many(3), all_rules("audit", ""));
    local.world.fail(Operation::PutEvaluations, Fault::Throttled, Times::Next(1));
    assert!(local.deliver(&schedule(&local.world, INLINE)).evaluated.is_ok());
    assert_eq!(verdicts(&local).len(), 3);
}

#[test]
fn what_has_vanished_is_cleared_under_its_own_type_and_once() {
    let local = local(many(2), all_rules("audit", ""));
    for (resource_type, resource_id) in
        [("AWS::IAM::User", "AIDAGONEGONEGONEGONE1"), ("AWS::IAM::Role", "AROAGONEGONEGONEGONE1")]
    {
        local.world.remember_evaluation(
            "bailiff-user-inline-policy",
            Evaluation {
                resource_type: resource_type.to_owned(),
                resource_id: resource_id.to_owned(),
                compliance: Compliance::NonCompliant,
                annotation: Annotation::new("of old"),
                ordering: ago(30).parse().unwrap(),
            },
        );
    }
    let delivery = local.deliver(&schedule(&local.world, INLINE));
    assert_eq!(delivery.evaluated.unwrap().not_applicable, 2);
    let gone: Vec<_> = local
        .world
        .evaluations()
        .into_iter()
        .filter(|held| held.evaluation.compliance == Compliance::NotApplicable)
        .map(|held| (held.evaluation.resource_type, held.evaluation.resource_id))
        .collect();
    assert_eq!(
        gone,
        [
            ("AWS::IAM::Role".to_owned(), "AROAGONEGONEGONEGONE1".to_owned()),
            ("AWS::IAM::User".to_owned(), "AIDAGONEGONEGONEGONE1".to_owned())
        ]
    );
    local.world.advance(jiff::SignedDuration::from_hours(24));
    assert_eq!(local.deliver(&schedule(&local.world, INLINE)).evaluated.unwrap().not_applicable, 0);
}

#[test]
fn what_another_rule_has_reported_is_not_this_rules_to_clear() {
    let local = local(many(1), all_rules("audit", ""));
    local.deliver(&schedule(&local.world, INLINE));
    local.deliver(&schedule(&local.world, ATTACHED));
    local.world.edit(|account| account.users.clear());
    local.world.advance(jiff::SignedDuration::from_hours(24));
    local.deliver(&schedule(&local.world, INLINE));
    let held = local.world.evaluations();
    assert_eq!(held.len(), 2);
    for held in held {
        let cleared = held.evaluation.compliance == Compliance::NotApplicable;
        assert_eq!(cleared, held.rule_name == "bailiff-user-inline-policy", "{held:?}");
    }
}

#[test]
fn of_two_verdicts_the_one_of_the_later_event_stands_whichever_comes_first() {
    let local = local(something_of_everything(), all_rules("audit", ""));
    let early = change(&local.world, "inline", INLINE);
    local.world.advance(jiff::SignedDuration::from_mins(5));
    local.world.edit(|account| account.users.iter_mut().for_each(|user| user.inline_policies.clear()));
    let late = change(&local.world, "inline", INLINE);
    local.deliver(&late);
    local.deliver(&early);
    assert_eq!(verdicts(&local)[0].0, Compliance::Compliant);
}

#[test]
fn annotations_of_a_user_with_many_policies_stay_within_256_characters() {
    let policies: Vec<Value> =
        (0..60).map(|number| json!({"name": format!("a-policy-with-a-long-name-{number}")})).collect();
    let local = local(users(json!([{"name": "ada", "inlinePolicies": policies}])), all_rules("audit", ""));
    local.deliver(&change(&local.world, "ada", INLINE));
    let held = local.world.evaluations();
    assert_eq!(held[0].evaluation.annotation.as_ref().unwrap().as_str().chars().count(), 256);
}

#[test]
fn annotations_name_keys_by_their_last_four_characters_only() {
    let local = local(something_of_everything(), all_rules("audit", ""));
    for rule in [KEY_AGE, KEY_UNUSED, SECOND_KEY] {
        local.deliver(&schedule(&local.world, rule));
    }
    let said = format!("{:?}", local.world.evaluations());
    assert!(!said.contains("AKIA"), "{said}");
}

#[test]
fn parameters_of_the_config_rule_win_over_the_governance_file() {
    let account = users(json!([{"name": "ada", "created": ago(500), "accessKeys": [key("KEY1", 60, None)]}]));
    let local = local(account, all_rules("audit", ""));
    let mut event = schedule(&local.world, KEY_AGE);
    event["ruleParameters"] = json!(r#"{"ruleId":"access-key-age","maxAccessKeyAge":"45"}"#);
    assert_eq!(local.deliver(&event).evaluated.unwrap().non_compliant, 1);
    event["ruleParameters"] = json!(r#"{"ruleId":"access-key-age","maxAccessKeyAge":"0"}"#);
    assert!(local.deliver(&event).evaluated.is_err());
    event["ruleParameters"] = json!(r#"{"ruleId":"access-key-agee"}"#);
    let error = local.deliver(&event).evaluated.unwrap_err().to_string();
    assert!(error.contains("did you mean `access-key-age`"), "{error}");
}

#[test]
fn a_schedule_sent_to_the_function_for_changes_says_where_it_belongs() {
    let local = local(many(1), all_rules("audit", ""));
    let Event::ConfigRule(invocation) = Event::parse(&schedule(&local.world, INLINE)).unwrap() else {
        panic!()
    };
    let evaluator =
        ChangeEvaluator { ports: &local.world, governance: &local.governance, deployment: &local.deployment };
    let error = pollster::block_on(evaluator.evaluate(&invocation)).unwrap_err().to_string();
    assert!(error.contains("point its schedule at `evaluate-account`"), "{error}");
}

#[test]
fn a_changed_item_sent_to_the_function_for_schedules_says_where_it_belongs() {
    let local = local(many(1), all_rules("audit", ""));
    let user = local.world.account().users[0].name.to_string();
    let Event::ConfigRule(invocation) = Event::parse(&change(&local.world, &user, INLINE)).unwrap() else {
        panic!()
    };
    let evaluator = AccountEvaluator {
        ports: &local.world,
        governance: &local.governance,
        deployment: &local.deployment,
    };
    let error = pollster::block_on(evaluator.evaluate(&invocation)).unwrap_err().to_string();
    assert!(error.contains("point its changes at `evaluate-changes`"), "{error}");
    assert_eq!(local.world.evaluations().len(), 0);
}

#[test]
fn a_parameter_that_belongs_to_no_rule_is_refused() {
    let local = local(many(1), all_rules("audit", ""));
    let mut event = schedule(&local.world, "everything-at-once");
    event["ruleParameters"] = json!(r#"{"maxAccessKeyAge":"45"}"#);
    let error = local.deliver(&event).evaluated.unwrap_err().to_string();
    assert!(error.contains("`ruleParameters.maxAccessKeyAge` of `bailiff-everything-at-once`"), "{error}");
    assert!(error.contains("give `ruleId` beside it"), "{error}");
}

#[test]
fn what_config_did_not_take_is_sent_again_after_longer_and_longer_waits() {
    let local = local(many(3), all_rules("audit", ""));
    let id = local.world.account().users[0].id.clone().unwrap();
    local.world.reject_evaluations_of(id.as_str(), 3);
    local.deliver(&schedule(&local.world, INLINE)).evaluated.unwrap();
    let calls = local.world.calls().0;
    let first = calls.iter().position(|call| call.operation == Operation::PutEvaluations).unwrap();
    let waits: Vec<i128> =
        calls[first - 1..].windows(2).map(|two| two[1].at.duration_since(two[0].at).as_millis()).collect();
    // A call takes ten.
    assert_eq!(waits[..4], [10, 410, 810, 1_610]);
}
