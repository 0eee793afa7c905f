use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::{SignedDuration, Timestamp};
use shared::clocks::latest_end;
use shared::engine::{PortError, RememberKeys};
use shared::facts::KeyMemory;

use super::item::{self, Item};
use super::{Table, built, seconds};

const PK: &str = "keys";
const PARTS: &str = "parts";
pub(super) const WRITTEN: &str = "written";

/// What was written gives way to what is written now.
pub(super) const GIVES_WAY: &str = "attribute_not_exists(pk) OR #written <= :written OR #written > :ahead";

/// Users of one item. Some 250 bytes each keep it well below DynamoDB's 400 KB.
const USERS_OF_A_PART: usize = 1_000;

/// Parts need not be of one writing: each user's line stands for itself.
impl RememberKeys for Table {
    async fn remembered(&self) -> Result<KeyMemory, PortError> {
        let mut memory = KeyMemory::default();
        let mut parts = 1;
        let mut part = 0;
        while part < parts {
            let Some(item) = self.get(PK.to_owned(), sort_key(part)).await? else { break };
            if part == 0 {
                parts = item.get(PARTS).and_then(|parts| parts.as_n().ok()?.parse().ok()).unwrap_or(1);
            }
            memory.extend(item::read(&item, "what sweeps remember")?);
            part += 1;
        }
        Ok(memory)
    }

    async fn remember(&self, memory: &KeyMemory) -> Result<(), PortError> {
        let written = Timestamp::now();
        let mut parts = memory.parts(USERS_OF_A_PART);
        if parts.is_empty() {
            // Having forgotten everyone is worth remembering too.
            parts.push(KeyMemory::default());
        }
        for (index, part) in parts.iter().enumerate() {
            let mut item = item::of(PK.to_owned(), sort_key(index), part)?;
            item.insert(PARTS.to_owned(), AttributeValue::N(parts.len().to_string()));
            self.put_unless_later(item, written).await?;
        }
        Ok(())
    }
}

impl Table {
    /// Writes what a sweep has learnt; what a later sweep wrote stands, unless its clock was ahead.
    pub(super) async fn put_unless_later(&self, mut item: Item, written: Timestamp) -> Result<(), PortError> {
        let ahead = seconds(latest_end(SignedDuration::ZERO, Timestamp::now()));
        let written = seconds(written);
        item.insert(WRITTEN.to_owned(), written.clone());
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(GIVES_WAY)
            .expression_attribute_names("#written", WRITTEN)
            .expression_attribute_values(":written", written)
            .expression_attribute_values(":ahead", ahead);
        self.put(built(put.build())?).await.map(|_| ())
    }
}

fn sort_key(part: usize) -> String {
    format!("part#{part}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::identifier::AccountId;

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    #[test]
    fn every_part_is_recalled() {
        let part = json!({"Item": {"body": {"S": "{\"users\":{}}"}, "parts": {"N": "2"}}}).to_string();
        let stand_in = StandIn::new(move |_, _| (200, part.clone()));
        assert_eq!(run(table(&stand_in).remembered()), Ok(KeyMemory::default()));
        let keys: Vec<_> =
            stand_in.asked().iter().map(|asked| asked.body["Key"]["sk"]["S"].clone()).collect();
        assert_eq!(keys, ["part#0", "part#1"]);
    }

    #[test]
    fn nothing_remembered_is_an_empty_memory() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&stand_in).remembered()), Ok(KeyMemory::default()));
    }

    #[test]
    fn a_later_sweeps_memory_stands() {
        let stand_in = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        assert_eq!(run(table(&stand_in).remember(&KeyMemory::default())), Ok(()));
        let condition = stand_in.asked()[0].body["ConditionExpression"].clone();
        assert_eq!(condition, "attribute_not_exists(pk) OR #written <= :written OR #written > :ahead");
        let values = stand_in.asked()[0].body["ExpressionAttributeValues"].clone();
        let seconds = |name: &str| values[name]["N"].as_str().unwrap().parse::<i64>().unwrap();
        // An hour later than now.
        assert!((3_600..3_610).contains(&(seconds(":ahead") - seconds(":written"))), "{values}");
    }
}
