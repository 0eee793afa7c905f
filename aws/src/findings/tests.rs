use serde_json::json;
use shared::facts::Principal;
use shared::rules::RuleId;

use super::*;
use crate::samples::{ann, at};
use crate::stand_in::{StandIn, run};

fn finding() -> Finding {
    let rule = RuleId::parse("user-inline-policy").unwrap();
    Finding::new(rule, Principal::User(ann()).into(), "it has an inline policy".to_owned(), "item 1", at())
}

fn findings(stand_in: &StandIn) -> Findings {
    let queues = Queues::from([(Remediator::RemoveUserPolicies, "http://queue/policies".to_owned())]);
    Findings::new(&stand_in.sdk(), queues)
}

#[test]
fn a_finding_goes_to_its_remediators_queue_grouped_by_principal() {
    let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
    let finding = finding();
    run(findings(&stand_in).send(&finding, Remediator::RemoveUserPolicies)).unwrap();
    let body = &stand_in.asked()[0].body;
    assert_eq!(body["QueueUrl"], "http://queue/policies");
    assert_eq!(body["MessageGroupId"], "AIDAEXAMPLEEXAMPLE000");
    assert_eq!(body["MessageDeduplicationId"], finding.id);
    assert_eq!(Finding::parse(body["MessageBody"].as_str().unwrap()), Ok(finding));
}

#[test]
fn an_entry_that_the_bus_did_not_take_is_an_error() {
    let answer = json!({
        "FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slower"}]
    });
    let stand_in = StandIn::new(move |_, _| (200, answer.to_string()));
    let error = run(Bus::new(&stand_in.sdk(), "bus".to_owned()).announce(&finding())).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (PortErrorKind::Throttled, "ThrottlingException: slower")
    );
    let entry = &stand_in.asked()[0].body["Entries"][0];
    assert_eq!((&entry["Source"], &entry["DetailType"]), (&json!("bailiff"), &json!("Bailiff Finding")));
}
