mod appending;
mod first_look;
mod obstacles;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;
use crate::samples::{at, open_entry, verified_entry};
use crate::stand_in::{ACCOUNT, Answer, Asked, StandIn, json_error, run};

fn table(stand_in: &StandIn) -> Table {
    Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
}

fn ok() -> Answer {
    (200, "{}".to_owned())
}

fn stored(entry: &Entry) -> Answer {
    let item = json!({"body": {"S": serde_json::to_string(entry).unwrap()}, "schema": {"N": "2"}});
    (200, json!({"Item": item}).to_string())
}

/// The items that a transaction asks for by their keys, each as it is found.
fn items_of(asked: &Asked, find: impl Fn(&Value) -> Option<Value>) -> Answer {
    // The head is read beside them, and is not there yet.
    let Some(gets) = asked.body["TransactItems"].as_array() else { return (200, "{}".to_owned()) };
    let found = gets
        .iter()
        .map(|get| find(&get["Get"]["Key"]).map_or_else(|| json!({}), |item| json!({"Item": item})));
    (200, json!({"Responses": found.collect::<Vec<_>>()}).to_string())
}

const NONE: &str = "None";
const FAILED: &str = "ConditionalCheckFailed";

/// A cancelled transaction: a code for each write, which are the entry, its record, the head and the principal's lock;
/// and who has the principal.
fn cancelled(codes: [&str; 4], holder: Option<&str>) -> Answer {
    let mut reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    if let Some(holder) = holder {
        reasons[LOCK]["Item"] = json!({"entry": {"S": holder}});
    }
    json_error("TransactionCanceledException", &json!({"CancellationReasons": reasons}))
}

/// What was asked but for the head.
fn beside_the_head(stand_in: &StandIn) -> Vec<Asked> {
    let of_head = |asked: &Asked| asked.body["Key"]["sk"]["S"] == "head";
    stand_in.asked().into_iter().filter(|asked| !of_head(asked)).collect()
}

const HELD: [&str; 4] = [NONE, NONE, NONE, FAILED];

/// An entry of another worker on the same principal.
fn another() -> Entry {
    let mut entry = open_entry();
    entry.id = JournalId::try_from("20261122t080000-000000000000".to_owned()).unwrap();
    entry
}

#[test]
fn an_open_entry_and_its_principal_are_taken_together() {
    let stand_in = StandIn::new(|_, _| ok());
    let entry = open_entry();
    assert_eq!(run(table(&stand_in).open(&entry)), Ok(Opened::New));
    let asked = stand_in.asked();
    assert_eq!(stand_in.actions(), ["GetItem", "TransactWriteItems"]);
    let [put, lock] = [ENTRY, LOCK].map(|index| asked[1].body["TransactItems"][index].clone());
    let key = format!("principal#{ACCOUNT}#AIDAEXAMPLEEXAMPLE000");
    assert_eq!(lock["Update"]["Key"], json!({"pk": {"S": key}, "sk": {"S": "open"}}));
    assert_eq!(lock["Update"]["ConditionExpression"], "attribute_not_exists(#entry)");
    assert_eq!(lock["Update"]["ExpressionAttributeValues"][":entry"]["S"], entry.id.as_str());
    assert_eq!(put["Put"]["ConditionExpression"], "attribute_not_exists(pk)");
    assert_eq!(put["Put"]["Item"]["status"]["S"], "open");
    let body = put["Put"]["Item"]["body"]["S"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Entry>(body).unwrap(), entry);
}

#[test]
fn an_entry_that_is_there_already_is_known() {
    let stand_in = StandIn::new(|asked, _| match asked.action.as_str() {
        "GetItem" => ok(),
        _ => cancelled([FAILED, NONE, NONE, FAILED], Some("any")),
    });
    assert_eq!(run(table(&stand_in).open(&open_entry())), Ok(Opened::Known));
}

#[test]
fn a_principal_that_another_works_on_is_busy() {
    let other = another();
    let answer = other.clone();
    let stand_in = StandIn::new(move |asked, _| match asked.action.as_str() {
        "GetItem" => stored(&answer),
        _ => cancelled(HELD, Some(answer.id.as_str())),
    });
    assert_eq!(run(table(&stand_in).open(&open_entry())), Ok(Opened::Busy(other)));
    let get = beside_the_head(&stand_in).into_iter().find(|asked| asked.action == "GetItem").unwrap();
    assert_eq!(get.body["ConsistentRead"], true);
}

#[test]
fn a_principal_is_taken_over_from_one_who_is_gone_and_only_from_him() {
    // Never written, or closed without letting go.
    let mut closed = another();
    closed.status = Status::Unknown;
    for found in [(200, "{}".to_owned()), stored(&closed)] {
        let stand_in = StandIn::new(move |asked, count| match (asked.action.as_str(), count) {
            ("GetItem", _) => found.clone(),
            (_, 0) => cancelled(HELD, Some("20261122t080000-000000000000")),
            _ => ok(),
        });
        assert_eq!(run(table(&stand_in).open(&open_entry())), Ok(Opened::New));
        let again = stand_in.asked().pop().unwrap();
        let lock = &again.body["TransactItems"][LOCK]["Update"];
        assert_eq!(lock["ConditionExpression"], "#entry = :gone");
        assert_eq!(lock["ExpressionAttributeValues"][":gone"]["S"], "20261122t080000-000000000000");
    }
}

#[test]
fn what_is_open_on_a_principal_is_found_by_the_principal() {
    let mut closed = another();
    closed.status = Status::Unknown;
    let named = || (200, json!({"Item": {"entry": {"S": another().id.as_str()}}}).to_string());
    let cases = [
        (ok(), ok(), None),
        (named(), ok(), None),
        (named(), stored(&closed), None),
        (named(), stored(&another()), Some(another())),
    ];
    for (principal, entry, found) in cases {
        let stand_in =
            StandIn::new(move |_, count| if count == 0 { principal.clone() } else { entry.clone() });
        let unique_id = another().plan.resource.unique_id().clone();
        assert_eq!(run(table(&stand_in).unfinished(&unique_id)), Ok(found));
        let key = &stand_in.asked()[0].body["Key"];
        let pk = format!("principal#{ACCOUNT}#AIDAEXAMPLEEXAMPLE000");
        assert_eq!(*key, json!({"pk": {"S": pk}, "sk": {"S": "open"}}));
        assert!(stand_in.asked().iter().all(|asked| asked.body["ConsistentRead"] == true));
    }
}

#[test]
fn two_transactions_that_meet_are_tried_again() {
    let stand_in = StandIn::new(|asked, count| match (asked.action.as_str(), count) {
        ("TransactWriteItems", 0) => cancelled([NONE, NONE, "TransactionConflict", NONE], None),
        _ => ok(),
    });
    assert_eq!(run(table(&stand_in).open(&open_entry())), Ok(Opened::New));
}

#[test]
fn a_closed_entry_takes_nobody() {
    let stand_in = StandIn::new(|_, _| ok());
    assert_eq!(run(table(&stand_in).open(&verified_entry())), Ok(Opened::New));
    let [transaction] = &beside_the_head(&stand_in)[..] else { panic!("{:?}", stand_in.actions()) };
    let writes = transaction.body["TransactItems"].as_array().unwrap();
    assert_eq!(
        (writes.len(), &writes[ENTRY]["Put"]["ConditionExpression"]),
        (LOCK, &json!("attribute_not_exists(pk)"))
    );
}

#[test]
fn a_closed_entry_that_is_there_is_known_unless_it_is_this_very_write() {
    for (there, opened) in [(verified_entry(), Opened::New), (another(), Opened::Known)] {
        let stand_in = StandIn::new(move |asked, _| match asked.action.as_str() {
            "GetItem" => stored(&there),
            _ => cancelled([FAILED, NONE, NONE, NONE], None),
        });
        assert_eq!(run(table(&stand_in).open(&verified_entry())), Ok(opened));
    }
}

#[test]
fn progress_is_written_on_an_open_entry_only() {
    let stand_in = StandIn::new(|_, _| ok());
    run(table(&stand_in).update(&open_entry(), at())).unwrap();
    let [transaction] = &beside_the_head(&stand_in)[..] else { panic!("{:?}", stand_in.actions()) };
    let writes = transaction.body["TransactItems"].as_array().unwrap();
    assert_eq!(writes.len(), LOCK);
    assert_eq!(
        writes[ENTRY]["Put"]["ConditionExpression"],
        "attribute_exists(pk) AND #schema <= :schema AND (attribute_not_exists(#touched) OR #touched = :since) \
         AND #status = :open"
    );
    assert_eq!(writes[ENTRY]["Put"]["ExpressionAttributeValues"][":since"]["S"], at().to_string());
    assert_eq!(writes[ENTRY]["Put"]["Item"]["touched"]["S"], open_entry().written_at().to_string());
    let stand_in = StandIn::new(|asked, _| match asked.action.as_str() {
        "GetItem" => ok(),
        _ => cancelled([FAILED, NONE, NONE, NONE], None),
    });
    assert_eq!(run(table(&stand_in).update(&open_entry(), at())).unwrap_err().kind, PortErrorKind::Overtaken);
}

#[test]
fn closing_lets_the_principal_go() {
    let stand_in = StandIn::new(|_, _| ok());
    run(table(&stand_in).update(&verified_entry(), at())).unwrap();
    let body = beside_the_head(&stand_in)[0].body.clone();
    let put = &body["TransactItems"][ENTRY]["Put"];
    assert_eq!(put["ConditionExpression"], MAY_CHANGE);
    let lock = &body["TransactItems"][LOCK]["Update"];
    assert_eq!(lock["UpdateExpression"], "REMOVE #entry");
    assert_eq!(lock["ConditionExpression"], "#entry = :entry");
}

#[test]
fn closing_writes_down_what_happened_though_the_principal_was_lost() {
    let stand_in = StandIn::new(|asked, count| match (asked.action.as_str(), count) {
        ("TransactWriteItems", 0) => cancelled(HELD, None),
        _ => ok(),
    });
    run(table(&stand_in).update(&verified_entry(), at())).unwrap();
    let writes: Vec<usize> = beside_the_head(&stand_in)
        .iter()
        .map(|transaction| transaction.body["TransactItems"].as_array().unwrap().len())
        .collect();
    // With its lock and its line in the list of what is open, and then without either.
    assert_eq!(writes, [LOCK + 2, LOCK]);
}

#[test]
fn what_was_left_unfinished_is_found_by_its_principal() {
    let mut closed = another();
    closed.status = Status::Verified;
    for (entry, found) in [(another(), true), (closed, false)] {
        let answer = entry.clone();
        let stand_in = StandIn::new(move |asked, _| match asked.body["Key"]["sk"]["S"].as_str() {
            Some("open") => (200, json!({"Item": {"entry": {"S": answer.id.as_str()}}}).to_string()),
            _ => stored(&answer),
        });
        let unfinished = run(table(&stand_in).unfinished(&crate::samples::ann().unique_id));
        assert_eq!(unfinished, Ok(found.then_some(entry)));
    }
    // Let go: the item stays, without its entry.
    let stand_in = StandIn::new(|_, _| (200, json!({"Item": {"pk": {"S": "x"}}}).to_string()));
    assert_eq!(run(table(&stand_in).unfinished(&crate::samples::ann().unique_id)), Ok(None));
    assert_eq!(stand_in.actions(), ["GetItem"]);
}

#[test]
fn an_entry_of_a_newer_version_is_not_guessed_at() {
    let item = json!({"Item": {"body": {"S": "{\"schema\":3}"}, "schema": {"N": "3"}}}).to_string();
    let stand_in = StandIn::new(move |_, _| (200, item.clone()));
    let error = run(table(&stand_in).entry(&open_entry().id)).unwrap_err();
    assert!(error.message.ends_with("has schema 3, this version reads 2"), "{error}");
    assert!(!error.kind.is_retryable());
}

#[test]
fn a_hold_is_kept_and_a_longer_one_stands() {
    let kept = Arc::new(Mutex::new(None));
    let writer = Arc::clone(&kept);
    let stand_in = StandIn::new(move |asked, count| match (asked.action.as_str(), count) {
        ("PutItem", 0) => {
            *writer.lock().unwrap() = Some(asked.body["Item"].clone());
            ok()
        }
        ("PutItem", _) => json_error("ConditionalCheckFailedException", &json!({})),
        _ => items_of(asked, |key| {
            writer.lock().unwrap().clone().filter(|item| item["pk"] == key["pk"] && item["sk"] == key["sk"])
        }),
    });
    let table = table(&stand_in);
    let principal = crate::samples::ann().unique_id;
    let hold = Hold { restored_by: open_entry().id, until: at(), before: None };
    run(table.put_hold(&principal, &hold)).unwrap();
    run(table.put_hold(&principal, &hold)).unwrap();
    let obstacles = Obstacles { hold: Some(hold), ..Obstacles::default() };
    assert_eq!(run(table.obstacles(&principal, None)), Ok(obstacles));
    let put = stand_in.asked()[0].body.clone();
    assert_eq!(
        put["ConditionExpression"],
        "attribute_not_exists(pk) OR #until <= :until OR #until > :latest"
    );
    // A week and an hour from now.
    let latest: i64 = put["ExpressionAttributeValues"][":latest"]["N"].as_str().unwrap().parse().unwrap();
    let ahead = latest - jiff::Timestamp::now().as_second();
    assert!((7 * 86_400 + 3_590..=7 * 86_400 + 3_600).contains(&ahead), "{ahead}");
    let item = kept.lock().unwrap().clone().unwrap();
    assert_eq!(item["sk"]["S"], "hold");
}

#[test]
fn what_was_contained_already_is_added_to_as_it_was_read() {
    let contained = |hour: i64| AlreadyContained {
        entry: open_entry().id,
        at: at() + jiff::SignedDuration::from_hours(hour),
        lifted_by: None,
        boundary: None,
    };
    let (first, later) = (contained(0), contained(1));
    let body = serde_json::to_string(&[&first]).unwrap();
    let stored = body.clone();
    let stand_in = StandIn::new(move |asked, count| match (asked.action.as_str(), count) {
        ("PutItem", 0) => ok(),
        ("PutItem", _) => json_error("ConditionalCheckFailedException", &json!({})),
        (_, 0) => (200, "{}".to_owned()),
        _ => (200, json!({"Item": {"body": {"S": stored}}}).to_string()),
    });
    let table = table(&stand_in);
    let principal = crate::samples::ann().unique_id;
    run(table.put_contained(&principal, &first)).unwrap();
    let put = &stand_in.asked()[1].body;
    assert_eq!(put["ConditionExpression"], "attribute_not_exists(pk)");
    assert_eq!(
        (put["Item"]["sk"]["S"].as_str(), put["Item"]["body"]["S"].as_str()),
        (Some("contained"), Some(&*body))
    );
    // Somebody else was faster.
    let overtaken = run(table.put_contained(&principal, &later)).unwrap_err();
    assert_eq!(overtaken.kind, PortErrorKind::Overtaken);
    let put = &stand_in.asked()[3].body;
    assert_eq!(put["ExpressionAttributeValues"][":read"]["S"], body);
    assert_eq!(put["Item"]["body"]["S"], serde_json::to_string(&[&later]).unwrap());
    assert_eq!(run(table.contained(&principal)), Ok(vec![first]));
}

#[test]
fn a_hold_is_replaced_only_as_it_was_read() {
    let standing = Hold { restored_by: open_entry().id, until: at(), before: None };
    let instead = Hold { until: at() - jiff::SignedDuration::from_hours(1), ..standing.clone() };
    let body = serde_json::to_string(&standing).unwrap();
    let stored = body.clone();
    let stand_in = StandIn::new(move |asked, count| match (asked.action.as_str(), count) {
        ("PutItem", 0) => ok(),
        ("PutItem", _) => json_error("ConditionalCheckFailedException", &json!({})),
        _ => (200, json!({"Item": {"body": {"S": stored}}}).to_string()),
    });
    let table = table(&stand_in);
    let principal = crate::samples::ann().unique_id;
    run(table.replace_hold(&principal, &standing, &instead)).unwrap();
    // Another one by now: that one stands.
    run(table.replace_hold(&principal, &standing, &instead)).unwrap();
    let put = &stand_in.asked()[0].body;
    assert_eq!(put["ConditionExpression"], "#body = :standing");
    assert_eq!(put["ExpressionAttributeValues"][":standing"]["S"], body);
    assert_eq!(put["Item"]["until"]["N"], instead.until.as_second().to_string());
    assert_eq!(run(table.hold(&principal)), Ok(Some(standing)));
}

#[test]
fn a_failed_act_is_kept_for_its_rule_and_its_principal() {
    let failure = FailedAct { entry: open_entry().id, plan: "00ff".to_owned(), until: at() };
    let body = serde_json::to_string(&failure).unwrap();
    let stand_in = StandIn::new(move |asked, _| match asked.action.as_str() {
        "PutItem" => ok(),
        _ => items_of(asked, |key| {
            (key["sk"]["S"] == "failed#access-key-age").then(|| json!({"body": {"S": body.as_str()}}))
        }),
    });
    let table = table(&stand_in);
    let (principal, rule) = (crate::samples::ann().unique_id, RuleId::parse("access-key-age").unwrap());
    run(table.put_failure(&principal, rule, &failure)).unwrap();
    let obstacles = Obstacles { failure: Some(failure), ..Obstacles::default() };
    assert_eq!(run(table.obstacles(&principal, Some(rule))), Ok(obstacles));
    let asked = stand_in.asked();
    assert_eq!(asked[0].body["Item"]["sk"]["S"], "failed#access-key-age");
    assert_eq!(asked[0].body["ConditionExpression"], super::GIVES_WAY);
}
