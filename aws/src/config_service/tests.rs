use serde_json::{Value, json};
use shared::engine::Annotation;
use shared::event::{ConfigRuleInvocation, Event, Notification};

use super::*;
use crate::stand_in::{ACCOUNT, StandIn, run};

const ID: &str = "AIDAEXAMPLEEXAMPLE000";
const CAPTURED: f64 = 1_795_166_043.217;

/// An invocation by Config over an item that was too large to send.
fn invocation() -> Box<ConfigRuleInvocation> {
    let message = json!({
        "messageType": "OversizedConfigurationItemChangeNotification",
        "notificationCreationTime": "2026-11-20T09:14:04Z", "recordVersion": "1.0",
        "configurationItemSummary": {
            "changeType": "UPDATE", "configurationItemVersion": "1.3", "awsAccountId": ACCOUNT,
            "configurationItemCaptureTime": "2026-11-20T09:14:03.217Z", "configurationItemStatus": "OK",
            "resourceType": "AWS::IAM::User", "resourceId": ID, "resourceName": null
        }
    });
    let event = json!({
        "version": "1.0", "invokingEvent": message.to_string(), "resultToken": "a-token",
        "configRuleName": "bailiff-user-inline-policy", "accountId": ACCOUNT
    });
    let Event::ConfigRule(invocation) = Event::parse(&event).unwrap() else { panic!() };
    invocation
}

fn evaluation(id: &str) -> Evaluation {
    Evaluation {
        resource_type: "AWS::IAM::User".to_owned(),
        resource_id: id.to_owned(),
        compliance: Compliance::NonCompliant,
        annotation: Annotation::new("it has an inline policy"),
        ordering: "2026-11-20T09:14:03.217Z".parse().unwrap(),
    }
}

#[test]
fn evaluations_that_config_did_not_take_come_back() {
    let stand_in = StandIn::new(|asked, _| {
        (200, json!({"FailedEvaluations": [asked.body["Evaluations"][1]]}).to_string())
    });
    let (one, two) = (evaluation("AIDAEXAMPLEEXAMPLE001"), evaluation("AIDAEXAMPLEEXAMPLE002"));
    let token = invocation().result_token;
    let failed = run(Config::new(&stand_in.sdk()).put_evaluations(&token, &[one, two.clone()])).unwrap();
    assert_eq!(failed, [two]);
    let body = &stand_in.asked()[0].body;
    assert_eq!(body["ResultToken"], "a-token");
    assert_eq!(body["Evaluations"][0]["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(body["Evaluations"][0]["OrderingTimestamp"], CAPTURED);
}

#[test]
fn having_nothing_to_report_is_reported() {
    let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
    run(Config::new(&stand_in.sdk()).put_evaluations(&invocation().result_token, &[])).unwrap();
    assert_eq!(stand_in.asked()[0].body["Evaluations"], json!([]));
}

fn history(captured: f64) -> Value {
    let configuration = json!({
        "userName": "ann", "userId": ID, "arn": format!("arn:aws:iam::{ACCOUNT}:user/ann"),
        "userPolicyList": [{"policyName": "p", "policyDocument": "%7B%7D"}]
    });
    json!({"configurationItems": [{
        "version": "1.3", "accountId": ACCOUNT, "configurationItemCaptureTime": captured,
        "configurationItemStatus": "OK", "configurationStateId": "7", "resourceType": "AWS::IAM::User",
        "resourceId": ID, "resourceName": "ann", "arn": format!("arn:aws:iam::{ACCOUNT}:user/ann"),
        "awsRegion": "global", "configuration": configuration.to_string()
    }]})
}

fn item_at(answer: String) -> (Result<Option<ConfigurationItem>, PortError>, Value) {
    let stand_in = StandIn::new(move |_, _| (200, answer.clone()));
    let Notification::ItemOversized(summary) = invocation().notification else { panic!() };
    let item = run(Config::new(&stand_in.sdk()).item_at(&summary));
    (item, stand_in.asked()[0].body.clone())
}

#[test]
fn an_oversized_item_is_fetched_at_its_own_capture_time() {
    let (item, asked) = item_at(history(CAPTURED).to_string());
    let item = item.unwrap().unwrap();
    assert_eq!((item.resource_id.as_str(), item.state_id.as_deref()), (ID, Some("7")));
    assert!(item.resource.is_some());
    assert_eq!(asked["laterTime"], CAPTURED);
    assert_eq!(asked["chronologicalOrder"], "Reverse");
}

#[test]
fn an_item_of_another_time_is_not_it() {
    assert_eq!(item_at(history(CAPTURED - 1.0).to_string()).0, Ok(None));
    assert_eq!(item_at("{}".to_owned()).0, Ok(None));
}

#[test]
fn what_was_reported_is_read_page_by_page() {
    let stand_in = StandIn::new(|_, _| {
        let qualifier = json!({"ResourceType": "AWS::IAM::User", "ResourceId": ID});
        let result = json!({"EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier}});
        (200, json!({"EvaluationResults": [result], "NextToken": "more"}).to_string())
    });
    let page = run(Config::new(&stand_in.sdk()).reported("rule", None)).unwrap();
    assert_eq!(page.items[0].resource_id, ID);
    assert_eq!(page.next.as_deref(), Some("more"));
    assert_eq!(stand_in.asked()[0].body["ComplianceTypes"], json!(["COMPLIANT", "NON_COMPLIANT"]));
}
