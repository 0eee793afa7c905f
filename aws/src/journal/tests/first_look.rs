use serde_json::{Value, json};
use shared::engine::{FirstLook, PortErrorKind, Stop};
use shared::identifier::UniqueId;
use shared::rules::RuleId;
use shared::threat::{Grade, Risk, Sign, Source, Threat};

use super::*;

fn principal() -> UniqueId {
    crate::samples::ann().unique_id
}

fn report() -> Threat {
    Threat {
        id: "f1".to_owned(),
        source: Source::GuardDuty,
        sign: Sign::Detected,
        at: at(),
        heard: at(),
        key: None,
        by: None,
        said: String::new(),
        risk: Risk::of(Sign::Detected, Source::GuardDuty, Grade::One),
    }
}

fn look(stand_in: &StandIn) -> Result<FirstLook, PortError> {
    let rule = RuleId::parse("principal-threatened").unwrap();
    run(table(stand_in).look_first(&principal(), rule, &report()))
}

/// A table that holds these, whatever else is asked for.
fn holding(items: Vec<Value>) -> StandIn {
    StandIn::new(move |_, _| {
        (200, json!({"Responses": {"journal": items}, "UnprocessedKeys": {}}).to_string())
    })
}

fn item(pk: &str, sk: &str, more: &Value) -> Value {
    let mut item = json!({"pk": {"S": pk}, "sk": {"S": sk}});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

#[test]
fn all_that_a_first_deny_asks_the_table_is_one_read_of_what_was_written_last() {
    let stand_in = holding(Vec::new());
    assert_eq!(look(&stand_in), Ok(FirstLook::default()));
    assert_eq!(stand_in.actions(), ["BatchGetItem"]);
    let asked = &stand_in.asked()[0].body["RequestItems"]["journal"];
    assert_eq!(asked["ConsistentRead"], true);
    let keys: Vec<(&str, &str)> = asked["Keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| (key["pk"]["S"].as_str().unwrap(), key["sk"]["S"].as_str().unwrap()))
        .collect();
    let of_ann = format!("principal#{ACCOUNT}#{}", principal());
    let of_report = format!("{}#GuardDuty#Detected#f1", principal());
    let expected = [
        ("switch", "stop"),
        ("principals", "count"),
        ("principals", "administrators"),
        (of_ann.as_str(), "open"),
        (of_ann.as_str(), "hold"),
        (of_ann.as_str(), "failed#principal-threatened"),
        ("threat", of_report.as_str()),
        ("chain", "head"),
    ];
    assert_eq!(keys, expected);
}

#[test]
fn each_of_them_is_known_by_its_key_whatever_the_order() {
    let of_ann = format!("principal#{ACCOUNT}#{}", principal());
    let stop = Stop {
        since: at(),
        by: "ann".to_owned(),
        reason: "a test".to_owned(),
        undo_too: false,
        tripped: None,
    };
    let body = |text: String| json!({"body": {"S": text}});
    let stand_in = holding(vec![
        item("threat", &format!("{}#GuardDuty#Detected#f1", principal()), &body("{}".to_owned())),
        item("principals", "administrators", &body(json!([principal()]).to_string())),
        item(&of_ann, "open", &json!({"entry": {"S": "20261122t090000-0123456789ab"}})),
        item("principals", "count", &json!({"principals": {"N": "41"}})),
        item("switch", "stop", &body(serde_json::to_string(&stop).unwrap())),
    ]);
    let found = look(&stand_in).unwrap();
    assert_eq!((found.obstacles.stop, found.obstacles.principals), (Some(stop), Some(41)));
    assert!(found.is_taken && found.was_reported && found.is_administrator);
    // One that was let go is there, and holds nobody.
    let free = look(&holding(vec![item(&of_ann, "open", &json!({}))])).unwrap();
    assert_eq!(free, FirstLook::default());
}

#[test]
fn an_answer_that_lacks_anything_is_an_error_and_never_nothing() {
    let answering = |answer: Value| StandIn::new(move |_, _| (200, answer.to_string()));
    let left = json!({"journal": {"Keys": [{"pk": {"S": "switch"}, "sk": {"S": "stop"}}]}});
    let partly = look(&answering(json!({"Responses": {"journal": []}, "UnprocessedKeys": left})));
    assert_eq!(partly.unwrap_err().kind, PortErrorKind::Throttled);
    for answer in [json!({}), json!({"Responses": {}}), json!({"Responses": {"another": []}})] {
        assert_eq!(look(&answering(answer)).unwrap_err().kind, PortErrorKind::Failed);
    }
    assert_eq!(look(&holding(vec![json!({"pk": {"S": "switch"}})])).unwrap_err().kind, PortErrorKind::Failed);
    let unreadable = holding(vec![item("principals", "administrators", &json!({"body": {"S": "x"}}))]);
    assert!(look(&unreadable).is_err());
    let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
    assert_eq!(look(&denied).unwrap_err().kind, PortErrorKind::Denied);
}
