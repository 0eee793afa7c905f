use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use shared::engine::{
    Brake, CountPrincipals, Counter, KnowAdministrators, PortError, RememberAdministrators, Stop, Switch,
};
use shared::identifier::UniqueId;

use super::item::Item;
use super::{Table, built, item, keys, seconds};

pub(super) const SWITCH: &str = "switch";
pub(super) const STOP: &str = "stop";
pub(super) const COUNT: &str = "count";
const ACTS: &str = "acts";
pub(super) const EXPIRES: &str = "expires";
pub(super) const PRINCIPALS: &str = "principals";
pub(super) const ADMINISTRATORS: &str = "administrators";

impl Switch for Table {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        Ok(self.get(SWITCH.to_owned(), STOP.to_owned()).await?.as_ref().map(order_to_stop))
    }
}

impl Brake for Table {
    async fn stop(&self, stop: &Stop) -> Result<bool, PortError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item::of(SWITCH.to_owned(), STOP.to_owned(), stop)?))
            .condition_expression("attribute_not_exists(pk)");
        if self.put(built(put.build())?).await?.is_some() {
            return Ok(true);
        }
        // The first try of this very write may be what is there: its answer was lost, and the SDK tried again.
        Ok(self.stopped().await?.as_ref() == Some(stop))
    }
}

impl CountPrincipals for Table {
    async fn remember_principals(&self, count: u64) -> Result<(), PortError> {
        let mut item = item::of(PRINCIPALS.to_owned(), COUNT.to_owned(), &count)?;
        item.insert(PRINCIPALS.to_owned(), AttributeValue::N(count.to_string()));
        self.put_unless_later(item, jiff::Timestamp::now()).await
    }
}

impl RememberAdministrators for Table {
    async fn remember_administrators(&self, administrators: &BTreeSet<UniqueId>) -> Result<(), PortError> {
        let item = item::of(PRINCIPALS.to_owned(), ADMINISTRATORS.to_owned(), administrators)?;
        self.put_unless_later(item, jiff::Timestamp::now()).await
    }

    async fn remembered_administrators(&self) -> Result<BTreeSet<UniqueId>, PortError> {
        let item = self.get(PRINCIPALS.to_owned(), ADMINISTRATORS.to_owned()).await?;
        let read = item.map(|item| item::read(&item, "who is an administrator")).transpose()?;
        Ok(read.unwrap_or_default())
    }
}

impl KnowAdministrators for Table {
    async fn is_administrator(&self, principal: &UniqueId) -> Result<bool, PortError> {
        Ok(self.remembered_administrators().await?.contains(principal))
    }
}

/// The order as it is stored. Whoever wrote it by hand meant it, whatever it lacks.
pub(super) fn order_to_stop(item: &Item) -> Stop {
    item::read(item, "the order to stop").unwrap_or_else(|error| Stop {
        since: jiff::Timestamp::now(),
        by: "somebody".to_owned(),
        reason: format!("the order cannot be read ({error}), and stands all the same"),
        undo_too: false,
        tripped: None,
    })
}

/// How many users and roles the last sweep found.
pub(super) fn principals_found(item: &Item) -> Option<u64> {
    item.get(PRINCIPALS)?.as_n().ok()?.parse().ok()
}

impl Table {
    /// Counts one act on every counter, or on none where one is full: the first such.
    pub(super) async fn one_more_of_each(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
        if let Some(none) = without_any(counters) {
            return Ok(Some(none.clone()));
        }
        let writes = counters.iter().map(|counter| self.one_more(counter)).collect::<Result<_, _>>()?;
        let Err(cancelled) = self.transact(writes).await? else { return Ok(None) };
        let full = (0..counters.len()).find(|index| cancelled.condition_failed(*index));
        match full.and_then(|index| counters.get(index)) {
            Some(full) => Ok(Some(full.clone())),
            None => Err(cancelled.error()),
        }
    }

    /// The first counter that is full by what is there now.
    pub(crate) async fn full_counter(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
        if let Some(none) = without_any(counters) {
            return Ok(Some(none.clone()));
        }
        let gets = counters.iter().map(|counter| self.get_of(partition(counter), COUNT.to_owned()));
        let counts = self.get_together(gets.collect::<Result<_, _>>()?).await?;
        let acts = |item: &Item| item::number(item, ACTS).unwrap_or(u64::MAX);
        let is_full = |(counter, count): (&Counter, &Option<Item>)| {
            count.as_ref().is_some_and(|count| acts(count) >= u64::from(counter.most))
        };
        let full = counters.iter().zip(&counts).find(|pair| is_full(*pair));
        Ok(full.map(|(counter, _)| counter.clone()))
    }

    /// Counts one act, unless the counter is full.
    pub(super) fn one_more(&self, counter: &Counter) -> Result<TransactWriteItem, PortError> {
        let update = Update::builder()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(partition(counter)))
            .key(keys::SK, AttributeValue::S(COUNT.to_owned()))
            .update_expression("SET #acts = if_not_exists(#acts, :none) + :one, #expires = :expires")
            .condition_expression("attribute_not_exists(#acts) OR #acts < :most")
            .expression_attribute_names("#acts", ACTS)
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":most", AttributeValue::N(counter.most.to_string()))
            .expression_attribute_values(":expires", seconds(counter.expires));
        built(update.build()).map(|update| TransactWriteItem::builder().update(update).build())
    }
}

/// A limit of nothing, which is full before anybody is asked.
pub(super) fn without_any(counters: &[Counter]) -> Option<&Counter> {
    counters.iter().find(|counter| counter.most == 0)
}

fn partition(counter: &Counter) -> String {
    format!("{COUNT}#{}", counter.name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::identifier::AccountId;

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn counter(name: &str, most: u32) -> Counter {
        Counter {
            name: name.to_owned(),
            limit: "actsPerHour",
            most,
            expires: "2026-11-30T09:00:00Z".parse().unwrap(),
            of_one_resource: false,
        }
    }

    fn cancelled(codes: &[&str]) -> (u16, String) {
        let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
        json_error("TransactionCanceledException", &json!({ "CancellationReasons": reasons }))
    }

    #[test]
    fn all_are_counted_in_one_transaction_or_the_full_one_is_named() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        let counters = [counter("hour#1", 3), counter("day#1", 5)];
        assert_eq!(run(table(&stand_in).one_more_of_each(&counters)), Ok(None));
        assert_eq!(stand_in.actions(), ["TransactWriteItems"]);
        let asked = stand_in.asked();
        let updates = asked[0].body["TransactItems"].as_array().unwrap();
        assert_eq!(updates.len(), 2);
        assert_eq!(updates[1]["Update"]["Key"]["pk"]["S"], "count#day#1");
        assert_eq!(
            updates[1]["Update"]["ConditionExpression"],
            "attribute_not_exists(#acts) OR #acts < :most"
        );
        assert_eq!(updates[1]["Update"]["ExpressionAttributeValues"][":most"]["N"], "5");

        let full = StandIn::new(|_, _| cancelled(&["None", "ConditionalCheckFailed"]));
        assert_eq!(run(table(&full).one_more_of_each(&counters)), Ok(Some(counters[1].clone())));
    }

    #[test]
    fn a_limit_of_nothing_is_full_before_anybody_is_asked() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        let nothing = [counter("hour#1", 3), counter("day#1", 0)];
        assert_eq!(run(table(&stand_in).one_more_of_each(&nothing)), Ok(Some(nothing[1].clone())));
        assert_eq!(run(table(&stand_in).full_counter(&nothing)), Ok(Some(nothing[1].clone())));
        assert!(stand_in.asked().is_empty());
    }

    #[test]
    fn a_counter_is_full_at_its_limit_or_where_it_cannot_be_understood_and_none_is_touched() {
        let counters = [counter("hour#1", 3), counter("day#1", 5)];
        let found = |acts: [Value; 2]| {
            let responses: Vec<Value> = acts.into_iter().map(|item| json!({ "Item": item })).collect();
            let stand_in = StandIn::new(move |_, _| (200, json!({ "Responses": responses }).to_string()));
            let full = run(table(&stand_in).full_counter(&counters)).unwrap();
            assert_eq!(stand_in.actions(), ["TransactGetItems"]);
            full.map(|full| full.name)
        };
        let acts = |count: &str| json!({"pk": {"S": "count#x"}, "acts": {"N": count}});
        assert_eq!(found([acts("2"), acts("4")]), None);
        assert_eq!(found([Value::Null, acts("5")]).as_deref(), Some("day#1"));
        assert_eq!(found([acts("3"), acts("5")]).as_deref(), Some("hour#1"));
        assert_eq!(found([json!({"pk": {"S": "count#x"}}), acts("0")]).as_deref(), Some("hour#1"));
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(run(table(&denied).full_counter(&counters)).is_err());
    }

    #[test]
    fn an_order_to_stop_stands_whatever_it_lacks() {
        let none = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&none).stopped()), Ok(None));
        let item = json!({"Item": {"pk": {"S": "switch"}, "sk": {"S": "stop"}}}).to_string();
        let by_hand = StandIn::new(move |_, _| (200, item.clone()));
        let stop = run(table(&by_hand).stopped()).unwrap().unwrap();
        assert!(stop.reason.contains("stands all the same"), "{}", stop.reason);
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(run(table(&denied).stopped()).is_err());
    }

    #[test]
    fn an_order_that_stands_is_left_standing_and_ones_own_is_known_by_what_it_says() {
        let stop = |by: &str| Stop {
            since: "2026-11-22T09:00:00Z".parse().unwrap(),
            by: by.to_owned(),
            reason: "a test".to_owned(),
            undo_too: true,
            tripped: None,
        };
        let there = serde_json::to_string(&stop("a worker")).unwrap();
        let standing = StandIn::new(move |asked, _| match asked.action.as_str() {
            "PutItem" => json_error("ConditionalCheckFailedException", &json!({})),
            _ => (200, json!({"Item": {"pk": {"S": "switch"}, "body": {"S": there}}}).to_string()),
        });
        assert_eq!(run(table(&standing).stop(&stop("a person"))), Ok(false));
        assert_eq!(standing.asked()[0].body["ConditionExpression"], "attribute_not_exists(pk)");
        // Its first try took, and the answer was lost: nobody else will tell.
        assert_eq!(run(table(&standing).stop(&stop("a worker"))), Ok(true));
    }

    #[test]
    fn whom_the_last_sweep_found_to_be_an_administrator_is_one_and_nobody_where_none_has_told() {
        let id = |letter: &str| UniqueId::parse(&format!("AIDA{}", letter.repeat(17))).unwrap();
        let writes = StandIn::new(|_, _| (200, "{}".to_owned()));
        run(table(&writes).remember_administrators(&[id("A")].into())).unwrap();
        let written = writes.asked()[0].body["Item"].clone();
        assert_eq!(
            (&written["pk"]["S"], &written["sk"]["S"]),
            (&json!("principals"), &json!("administrators"))
        );
        let item = json!({ "Item": written }).to_string();
        let swept = StandIn::new(move |_, _| (200, item.clone()));
        assert_eq!(run(table(&swept).is_administrator(&id("A"))), Ok(true));
        assert_eq!(run(table(&swept).is_administrator(&id("B"))), Ok(false));
        assert_eq!(run(table(&writes).is_administrator(&id("A"))), Ok(false));
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(run(table(&denied).is_administrator(&id("A"))).is_err());
    }
}
