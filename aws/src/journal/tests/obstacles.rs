use shared::engine::Stop;

use super::*;

fn principal() -> UniqueId {
    crate::samples::ann().unique_id
}

fn rule() -> RuleId {
    RuleId::parse("access-key-age").unwrap()
}

#[test]
fn all_that_may_stand_against_an_act_is_one_read() {
    let stand_in = StandIn::new(|asked, _| items_of(asked, |_| None));
    assert_eq!(run(table(&stand_in).obstacles(&principal(), Some(rule()))), Ok(Obstacles::default()));
    // And at the same time where the record of an act would go.
    let mut actions = stand_in.actions();
    actions.sort();
    assert_eq!(actions, ["GetItem", "TransactGetItems"]);
    let asked = stand_in.asked();
    let read = asked.iter().find(|asked| asked.action == "TransactGetItems").unwrap();
    let keys: Vec<(String, String)> = read.body["TransactItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|get| &get["Get"]["Key"])
        .map(|key| (key["pk"]["S"].as_str().unwrap().to_owned(), key["sk"]["S"].as_str().unwrap().to_owned()))
        .collect();
    let of_ann = format!("principal#{ACCOUNT}#{}", principal());
    let expected = [
        ("switch", "stop"),
        ("principals", "count"),
        (&of_ann, "open"),
        (&of_ann, "hold"),
        (&of_ann, "failed#access-key-age"),
    ];
    assert_eq!(keys, expected.map(|(pk, sk)| (pk.to_owned(), sk.to_owned())));
}

#[test]
fn each_of_them_is_found_in_its_place() {
    let stop = Stop {
        since: at(),
        by: "ann".to_owned(),
        reason: "a test".to_owned(),
        undo_too: false,
        tripped: None,
    };
    let (entry, text) = (open_entry(), serde_json::to_string(&stop).unwrap());
    let (id, body) = (entry.id.to_string(), stored(&entry));
    let stand_in = StandIn::new(move |asked, _| match asked.action.as_str() {
        "GetItem" => body.clone(),
        _ => items_of(asked, |key| match key["sk"]["S"].as_str().unwrap() {
            "stop" => Some(json!({"body": {"S": text.as_str()}})),
            "count" => Some(json!({"principals": {"N": "41"}})),
            "open" => Some(json!({"entry": {"S": id.as_str()}})),
            _ => None,
        }),
    });
    let found = run(table(&stand_in).obstacles(&principal(), None)).unwrap();
    assert_eq!((found.stop, found.principals, found.unfinished), (Some(stop), Some(41), Some(entry)));
    assert_eq!((found.hold, found.failure), (None, None));
}

#[test]
fn an_order_to_stop_that_was_written_by_hand_stands_whatever_it_lacks() {
    let stand_in = StandIn::new(|asked, _| {
        items_of(asked, |key| (key["sk"]["S"] == "stop").then(|| json!({"pk": {"S": "switch"}})))
    });
    let stop = run(table(&stand_in).obstacles(&principal(), None)).unwrap().stop.unwrap();
    assert!(stop.reason.contains("stands all the same"), "{}", stop.reason);
}

#[test]
fn what_is_just_being_written_is_read_again() {
    let conflict = || {
        let reasons = [json!({"Code": "None"}), json!({"Code": "TransactionConflict"})];
        json_error("TransactionCanceledException", &json!({"CancellationReasons": reasons}))
    };
    let once =
        StandIn::new(move |asked, count| if count < 2 { conflict() } else { items_of(asked, |_| None) });
    assert_eq!(run(table(&once).obstacles(&principal(), None)), Ok(Obstacles::default()));
    let always = StandIn::new(move |_, _| conflict());
    let error = run(table(&always).obstacles(&principal(), None)).unwrap_err();
    assert!(error.kind.is_retryable(), "{error}");
}

#[test]
fn what_was_not_answered_is_no_leave_to_act() {
    let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
    assert_eq!(run(table(&denied).obstacles(&principal(), None)).unwrap_err().kind, PortErrorKind::Denied);
    let short = StandIn::new(|_, _| (200, json!({"Responses": [{}]}).to_string()));
    let error = run(table(&short).obstacles(&principal(), None)).unwrap_err();
    assert_eq!(error.message, "4 items were asked for, and 1 answered");
    let newer = StandIn::new(|asked, _| {
        items_of(asked, |key| (key["sk"]["S"] == "hold").then(|| json!({"body": {"S": "{\"hold\":2}"}})))
    });
    assert!(run(table(&newer).obstacles(&principal(), None)).is_err());
}
