use aws_sdk_dynamodb::types::{AttributeValue, Put};
use serde::Serialize;
use shared::engine::{ApprovalRequest, Matter, Opened, PortError, Spent, Stages, Used};
use shared::identifier::UniqueId;
use shared::remedy::{Entry, Warnings};
use shared::rules::RuleId;

use super::brakes::without_any;
use super::{Table, built, item, keys, put};

const CHANGES: &str = "changes";

impl Stages for Table {
    async fn warnings(&self, resource: &UniqueId, rule: RuleId) -> Result<Warnings, PortError> {
        let item = self.get(keys::warned(&self.account, resource), rule.to_string()).await?;
        let given = item.map(|item| item::read(&item, "the warnings")).transpose()?;
        Ok(given.unwrap_or_default())
    }

    async fn put_warnings(
        &self,
        resource: &UniqueId,
        rule: RuleId,
        warnings: &Warnings,
    ) -> Result<bool, PortError> {
        let pk = keys::warned(&self.account, resource);
        self.put_next(pk, rule.to_string(), warnings, warnings.version).await
    }

    async fn request(
        &self,
        resource: &UniqueId,
        about: &Matter,
    ) -> Result<Option<ApprovalRequest>, PortError> {
        let item = self.get(keys::asked(&self.account, resource), about.to_string()).await?;
        item.map(|item| item::read(&item, "a request for approval")).transpose()
    }

    async fn put_request(&self, request: &ApprovalRequest) -> Result<bool, PortError> {
        let pk = keys::asked(&self.account, request.resource.unique_id());
        self.put_next(pk, request.about.to_string(), request, request.version).await
    }

    async fn open_using(&self, entry: &Entry, used: &Used) -> Result<Result<Opened, Spent>, PortError> {
        if let Some(none) = without_any(&used.counters) {
            return Ok(Err(Spent::Counter(none.clone())));
        }
        let resource = entry.plan.resource.unique_id();
        let mut puts = Vec::new();
        if let Some(request) = &used.request {
            let pk = keys::asked(&self.account, resource);
            puts.push(self.next(pk, request.about.to_string(), request, request.version)?);
        }
        if let Some((rule, warnings)) = &used.warnings {
            let pk = keys::warned(&self.account, resource);
            puts.push(self.next(pk, rule.to_string(), warnings, warnings.version)?);
        }
        let counted = used.counters.iter().map(|counter| self.one_more(counter));
        let behind = puts.len();
        let writes = puts.into_iter().map(|behind| Ok(put(behind))).chain(counted);
        let opened = self.open_and_take(entry, &writes.collect::<Result<Vec<_>, _>>()?).await?;
        let full = |place: usize| used.counters.get(place.checked_sub(behind)?).cloned();
        Ok(opened.map_err(|place| full(place).map_or(Spent::Behind, Spent::Counter)))
    }
}

impl Table {
    /// Puts what a resource's item says after so many changes, if the one before is what is there.
    async fn put_next(
        &self,
        pk: String,
        sk: String,
        body: &impl Serialize,
        changes: u64,
    ) -> Result<bool, PortError> {
        let put = self.next(pk.clone(), sk.clone(), body, changes)?;
        let meant = item::text(&put.item, keys::BODY).map(str::to_owned);
        if self.put(put).await?.is_some() {
            return Ok(true);
        }
        // The first try of this very write may be what is there: its answer was lost, and the SDK tried again.
        let there = self.get(pk, sk).await?;
        Ok(there.is_some_and(|there| item::text(&there, keys::BODY) == meant.as_deref()))
    }

    fn next(&self, pk: String, sk: String, body: &impl Serialize, changes: u64) -> Result<Put, PortError> {
        let number = |changes: u64| AttributeValue::N(changes.to_string());
        let mut item = item::of(pk, sk, body)?;
        item.insert(CHANGES.to_owned(), number(changes));
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        let put = match changes.saturating_sub(1) {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            before => put
                .condition_expression("#changes = :before")
                .expression_attribute_names("#changes", CHANGES)
                .expression_attribute_values(":before", number(before)),
        };
        built(put.build())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::engine::Counter;
    use shared::identifier::AccountId;

    use super::*;
    use crate::samples::open_entry;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn put(stand_in: &StandIn, version: u64) -> Result<bool, PortError> {
        let warnings = Warnings { version, ..Warnings::default() };
        let resource = UniqueId::parse("AIDAEXAMPLEEXAMPLE001").unwrap();
        run(table(stand_in).put_warnings(&resource, RuleId::parse("access-key-age").unwrap(), &warnings))
    }

    #[test]
    fn what_is_written_follows_on_what_was_read() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!([put(&stand_in, 1), put(&stand_in, 3)], [Ok(true), Ok(true)]);
        let asked = stand_in.asked();
        assert_eq!(asked[0].body["ConditionExpression"], "attribute_not_exists(pk)");
        assert_eq!(asked[0].body["Item"]["pk"]["S"], format!("warned#{ACCOUNT}#AIDAEXAMPLEEXAMPLE001"));
        assert_eq!(asked[1].body["ConditionExpression"], "#changes = :before");
        assert_eq!(asked[1].body["ExpressionAttributeValues"][":before"]["N"], "2");
        assert_eq!(asked[1].body["Item"]["changes"]["N"], "3");
    }

    #[test]
    fn who_comes_second_is_told_so() {
        let body = |version| serde_json::to_string(&Warnings { version, ..Warnings::default() }).unwrap();
        let there = |version| {
            let item = json!({"Item": {"pk": {"S": "p"}, "body": {"S": body(version)}}}).to_string();
            StandIn::new(move |asked, _| match asked.action.as_str() {
                "PutItem" => json_error("ConditionalCheckFailedException", &json!({})),
                _ => (200, item.clone()),
            })
        };
        assert_eq!(put(&there(3), 2), Ok(false));
        // Its own first try took, and the answer was lost.
        assert_eq!(put(&there(2), 2), Ok(true));
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(put(&denied, 2).is_err());
    }

    fn used() -> Used {
        let warnings = Warnings { version: 3, ..Warnings::default() };
        Used {
            warnings: Some((RuleId::parse("access-key-age").unwrap(), warnings)),
            counters: vec![counter("hour#1", 3)],
            ..Used::default()
        }
    }

    fn counter(name: &str, most: u32) -> Counter {
        let expires = "2026-11-30T09:00:00Z".parse().unwrap();
        Counter { name: name.to_owned(), limit: "actsPerHour", most, expires, of_one_resource: false }
    }

    fn cancelled(codes: [&str; 7]) -> crate::stand_in::Answer {
        let mut reasons: Vec<_> = codes.iter().map(|code| json!({"Code": code})).collect();
        reasons[3]["Item"] = json!({"entry": {"S": "20261122t080000-000000000000"}});
        json_error("TransactionCanceledException", &json!({"CancellationReasons": reasons}))
    }

    #[test]
    fn an_entry_is_opened_and_what_it_uses_is_used_up_together() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&stand_in).open_using(&open_entry(), &used())), Ok(Ok(Opened::New)));
        assert_eq!(stand_in.actions(), ["GetItem", "TransactWriteItems"]);
        let writes = stand_in.asked()[1].body["TransactItems"].clone();
        let behind = &writes[5]["Put"];
        assert_eq!(behind["Item"]["pk"]["S"], format!("warned#{ACCOUNT}#AIDAEXAMPLEEXAMPLE000"));
        assert_eq!(behind["ConditionExpression"], "#changes = :before");
        assert_eq!(behind["ExpressionAttributeValues"][":before"]["N"], "2");
        let counted = &writes[6]["Update"];
        assert_eq!(counted["Key"]["pk"]["S"], "count#hour#1");
        assert_eq!(counted["ConditionExpression"], "attribute_not_exists(#acts) OR #acts < :most");
        assert!(writes[7].is_null());
    }

    #[test]
    fn a_limit_of_nothing_opens_no_entry_and_asks_nobody() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        let none = counter("day#1", 0);
        let used = Used { counters: vec![counter("hour#1", 3), none.clone()], ..Used::default() };
        let opened = run(table(&stand_in).open_using(&open_entry(), &used));
        assert_eq!(opened, Ok(Err(Spent::Counter(none))));
        assert!(stand_in.asked().is_empty());
    }

    #[test]
    fn nothing_is_used_up_by_an_entry_that_was_not_opened() {
        let (none, failed) = ("None", "ConditionalCheckFailed");
        let other = open_entry();
        let stored = json!({"body": {"S": serde_json::to_string(&other).unwrap()}, "schema": {"N": "2"}});
        let cases = [
            ([none, none, none, none, none, failed, none], Err(Spent::Behind)),
            ([none, none, none, none, none, failed, failed], Err(Spent::Behind)),
            ([none, none, none, none, none, none, failed], Err(Spent::Counter(counter("hour#1", 3)))),
            ([none, none, none, failed, none, none, none], Ok(Opened::Busy(other.clone()))),
            // It can be seen then whether it is used up.
            ([none, none, none, failed, none, failed, failed], Ok(Opened::Busy(other))),
        ];
        for (codes, opened) in cases {
            let item = json!({"Item": stored}).to_string();
            let stand_in = StandIn::new(move |asked, _| match asked.action.as_str() {
                "GetItem" => (200, item.clone()),
                _ => cancelled(codes),
            });
            assert_eq!(run(table(&stand_in).open_using(&open_entry(), &used())), Ok(opened));
            assert!(stand_in.actions().iter().all(|action| action != "PutItem"));
        }
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(run(table(&denied).open_using(&open_entry(), &used())).is_err());
    }
}
