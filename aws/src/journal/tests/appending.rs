//! One record for each write of an entry, whoever else appends.

use shared::remedy::chain::{Digest, Doubt, Record, layout};

use super::*;

fn stored_head(head: &Head) -> Value {
    json!({"pk": {"S": "chain"}, "sk": {"S": "head"}, "seq": {"N": head.seq.to_string()}, "hash": {"S": head.hash}})
}

fn answered(item: &Value) -> Answer {
    (200, json!({"Item": item}).to_string())
}

/// The head has moved, to there; with the codes of the entry and of the lock.
fn moved(head: &Head, [entry, lock]: [&str; 2]) -> Answer {
    let reasons = [
        json!({"Code": entry}),
        json!({"Code": FAILED}),
        json!({"Code": FAILED, "Item": stored_head(head)}),
        json!({"Code": lock}),
    ];
    json_error("TransactionCanceledException", &json!({"CancellationReasons": reasons}))
}

fn head(seq: u64) -> Head {
    Head { seq, hash: Digest::of(seq.to_string()) }
}

/// The transactions that were asked for: each its writes.
fn transactions(stand_in: &StandIn) -> Vec<Vec<Value>> {
    let asked = stand_in.asked().into_iter().filter(|asked| asked.action == "TransactWriteItems");
    asked.map(|asked| asked.body["TransactItems"].as_array().unwrap().clone()).collect()
}

/// The record in a transaction, as whoever exports the table reads it.
fn record(writes: &[Value]) -> Record {
    let put = &writes[1]["Put"];
    let text = |name: &str| put["Item"][name]["S"].as_str().unwrap().to_owned();
    assert_eq!(text("pk"), "chain");
    assert_eq!(put["ConditionExpression"], "attribute_not_exists(pk)");
    Record {
        version: put["Item"]["version"]["N"].as_str().unwrap().parse().unwrap(),
        seq: layout::seq_of(&text("sk")).unwrap(),
        at: text("at"),
        previous: text("previous").parse().unwrap(),
        body: text("body"),
        hash: text("hash").parse().unwrap(),
    }
}

#[test]
fn the_first_write_of_all_begins_the_chain() {
    let stand_in = StandIn::new(|_, _| ok());
    run(table(&stand_in).open(&open_entry())).unwrap();
    let [writes] = &transactions(&stand_in)[..] else { panic!() };
    let first = record(writes);
    assert!(first.is_intact());
    assert_eq!((first.seq, first.previous.clone()), (1, Digest::none()));
    assert_eq!(writes[ENTRY]["Put"]["Item"]["body"]["S"], first.body);
    assert_eq!(writes[ENTRY]["Put"]["Item"]["record"]["N"], "1");
    let moved = &writes[2]["Put"];
    assert_eq!(moved["Item"], stored_head(&first.head()));
    assert_eq!(moved["ConditionExpression"], "attribute_not_exists(pk)");
}

#[test]
fn the_head_is_read_once_and_each_record_follows_the_one_before() {
    let stand_in = StandIn::new(|asked, _| match asked.action.as_str() {
        "GetItem" => answered(&stored_head(&head(7))),
        _ => ok(),
    });
    let table = table(&stand_in);
    run(table.open(&open_entry())).unwrap();
    run(table.update(&open_entry(), at())).unwrap();
    run(table.update(&verified_entry(), at())).unwrap();
    assert_eq!(stand_in.actions().iter().filter(|action| *action == "GetItem").count(), 1);
    let mut before = head(7);
    for writes in transactions(&stand_in) {
        let record = record(&writes);
        assert_eq!((record.seq, &record.previous), (before.seq + 1, &before.hash));
        let condition = &writes[2]["Put"];
        assert_eq!(condition["ConditionExpression"], "#seq = :seq AND #hash = :hash");
        assert_eq!(condition["ExpressionAttributeValues"][":hash"]["S"], before.hash.as_str());
        before = record.head();
    }
    assert_eq!(before.seq, 10);
    assert_eq!(table.seen(), Some(before));
}

#[test]
fn where_another_has_appended_the_record_follows_his() {
    let stand_in = StandIn::new(|asked, count| match (asked.action.as_str(), count) {
        ("TransactWriteItems", 0) => moved(&head(8), [NONE, NONE]),
        ("TransactWriteItems", 1) => moved(&head(9), [NONE, "TransactionConflict"]),
        ("GetItem", 0) => answered(&stored_head(&head(7))),
        ("GetItem", _) => answered(&stored_head(&head(10))),
        _ => ok(),
    });
    assert_eq!(run(table(&stand_in).open(&open_entry())), Ok(Opened::New));
    // At first the transaction itself says where the head is; later it is read anew, for it moves on.
    let [transact, read] = ["TransactWriteItems", "GetItem"];
    assert_eq!(stand_in.actions(), [read, transact, transact, read, transact]);
    let followed: Vec<(u64, Digest)> = transactions(&stand_in)
        .iter()
        .map(|writes| record(writes))
        .map(|record| (record.seq, record.previous))
        .collect();
    assert_eq!(followed, [7, 8, 10].map(|seq| (seq + 1, head(seq).hash)));
}

#[test]
fn an_append_whose_answer_was_lost_is_not_made_twice() {
    let stand_in = StandIn::new(|asked, _| {
        if asked.action == "GetItem" {
            return ok();
        }
        let item = &asked.body["TransactItems"][2]["Put"]["Item"];
        let made = Head {
            seq: item["seq"]["N"].as_str().unwrap().parse().unwrap(),
            hash: item["hash"]["S"].as_str().unwrap().parse().unwrap(),
        };
        moved(&made, [FAILED, FAILED])
    });
    assert_eq!(run(table(&stand_in).open(&open_entry())), Ok(Opened::New));
    assert_eq!(transactions(&stand_in).len(), 1);
}

#[test]
fn who_never_gets_his_turn_may_try_again_later() {
    let stand_in = StandIn::new(|asked, count| match asked.action.as_str() {
        "GetItem" => ok(),
        _ => moved(&head(count as u64 + 2), [NONE, NONE]),
    });
    let error = run(table(&stand_in).update(&open_entry(), at())).unwrap_err();
    assert!(error.kind.is_retryable(), "{error}");
    assert_eq!(transactions(&stand_in).len(), 24);
}

#[test]
fn where_the_head_was_set_back_nothing_is_written_any_more() {
    let stand_in = StandIn::new(|asked, _| match asked.action.as_str() {
        "GetItem" => answered(&stored_head(&head(4))),
        _ => cancelled([NONE, FAILED, NONE, NONE], None),
    });
    let error = run(table(&stand_in).open(&open_entry())).unwrap_err();
    assert!(!error.kind.is_retryable());
    assert!(
        error.message.contains("record 5 is there already; `bailiff audit verify` shows where"),
        "{error}"
    );
}

/// A table of these items.
fn holding(items: Vec<Value>) -> StandIn {
    StandIn::new(move |asked, _| {
        let key = asked.body["Key"].as_object().unwrap();
        let found = items.iter().find(|item| key.iter().all(|(name, value)| item[name] == *value));
        found.map_or_else(ok, answered)
    })
}

fn stored_record(record: &Record) -> Value {
    json!({
        "pk": {"S": "chain"}, "sk": {"S": layout::record(record.seq)},
        "version": {"N": record.version.to_string()}, "at": {"S": record.at},
        "previous": {"S": record.previous}, "body": {"S": record.body}, "hash": {"S": record.hash}
    })
}

#[test]
fn an_entry_is_held_against_its_record_and_what_follows_that() {
    let entry = verified_entry();
    let body = serde_json::to_string(&entry).unwrap();
    let first = Record::after(None, at(), body.clone());
    let next = Record::after(Some(&first.head()), at(), "{}".to_owned());
    let stored = |body: &str, record: &[u64]| {
        let mut item =
            json!({"pk": {"S": format!("entry#{}", entry.id)}, "sk": {"S": "entry"}, "body": {"S": body}});
        for seq in record {
            item["record"] = json!({"N": seq.to_string()});
        }
        item
    };
    let item = || stored(&body, &[1]);
    let (of_first, of_next) = (|| stored_record(&first), || stored_record(&next));
    let (at_first, at_next) = (|| stored_head(&first.head()), || stored_head(&next.head()));
    let changed = stored(&body.replace("grants", "gives"), &[1]);
    let cases = [
        (vec![item(), of_first(), at_first()], Ok(())),
        (vec![item(), of_first(), of_next(), at_next()], Ok(())),
        (vec![item(), of_first(), at_next()], Err(Doubt::Unlinked { seq: 1 })),
        (vec![item(), of_first()], Err(Doubt::Unlinked { seq: 1 })),
        (vec![item(), at_first()], Err(Doubt::NoRecord { seq: 1 })),
        (vec![stored(&body, &[]), of_first(), at_first()], Err(Doubt::Unrecorded)),
        (vec![changed, of_first(), at_first()], Err(Doubt::Differs { seq: 1 })),
    ];
    for (items, vouched) in cases {
        let stand_in = holding(items);
        let witnessed = run(table(&stand_in).witnessed(&entry.id)).unwrap().unwrap();
        assert_eq!(witnessed.vouched, vouched);
        assert!(stand_in.asked().iter().all(|asked| asked.body["ConsistentRead"] == true));
        assert!(stand_in.asked().len() <= 4);
    }
    assert_eq!(run(table(&holding(Vec::new())).witnessed(&entry.id)), Ok(None));
}
