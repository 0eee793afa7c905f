//! The journal's table of a simulated deployment, as `aws dynamodb scan` gives it.

use serde_json::{Value, json};
use shared::remedy::chain::{Record, layout};
use sim::World;

fn record_item(record: &Record) -> Value {
    json!({
        "pk": {"S": "chain"}, "sk": {"S": layout::record(record.seq)},
        "version": {"N": record.version.to_string()}, "at": {"S": record.at},
        "previous": {"S": record.previous}, "body": {"S": record.body}, "hash": {"S": record.hash}
    })
}

/// The table of a deployment, as `aws dynamodb scan --output json` prints it.
pub(crate) fn scan(world: &World) -> Value {
    let (chain, head) = world.chain();
    let mut items: Vec<Value> = chain.iter().map(record_item).collect();
    let head = head.unwrap();
    items.push(json!({
        "pk": {"S": "chain"}, "sk": {"S": "head"}, "seq": {"N": head.seq.to_string()}, "hash": {"S": head.hash}
    }));
    for (id, body, record) in world.stored_entries() {
        let entry: Value = serde_json::from_str(&body).unwrap();
        let mut item = json!({
            "pk": {"S": format!("entry#{id}")}, "sk": {"S": "entry"}, "body": {"S": body},
            "schema": {"N": entry["schema"].to_string()}, "status": {"S": entry["status"]},
            "opened": {"S": entry["opened"]}, "resource": {"S": entry["plan"]["resource"]["arn"]}
        });
        if let Some(seq) = record {
            item["record"] = json!({"N": seq.to_string()});
        }
        if entry["cause"]["rule"].is_string() {
            item["rule"] = json!({"S": entry["cause"]["rule"]});
        }
        items.push(item);
    }
    items.push(json!({"pk": {"S": "keys"}, "sk": {"S": "part#0"}, "body": {"S": "{}"}, "parts": {"N": "1"}}));
    json!({"Count": items.len(), "ScannedCount": items.len(), "ConsumedCapacity": null, "Items": items})
}
