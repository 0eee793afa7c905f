//! The table that the accounts of an organisation share, `organization/table.yaml`: items as the journal's own.
//!
//! | item | pk | sk | attributes |
//! |---|---|---|---|
//! | the order to stop every account | `switch` | `stop` | `body` (JSON) |
//! | a count of acts in all accounts | `count#<what for>` | `count` | `acts`, `expires` |
//! | users and roles an account's last sweep found | `principals` | `<account>` | `principals`, `written`, `expires` |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_types::SdkConfig;
use aws_types::region::Region;
use jiff::Timestamp;
use shared::clocks::lasts_at;
use shared::engine::{
    Brake, CountPrincipals, Counter, POPULATION_COUNTS_FOR, PortError, SharedBrake, Stop, Switch,
};
use shared::identifier::{AccountId, Arn};

use super::brakes::{EXPIRES, PRINCIPALS, principals_found};
use super::item::{self, Item};
use super::{Table, keys, seconds};

/// A switch, counters and what they take shares of, and nothing else.
pub struct OrganizationTable(Table);

impl OrganizationTable {
    /// It may be another account's and in another Region, so its whole ARN names it, which the operations on items take for
    /// a name too.
    ///
    /// Source: Amazon DynamoDB Developer Guide, "DynamoDB API operations supported by resource-based policies".
    pub fn new(sdk: &SdkConfig, table: &Arn, account: AccountId) -> Self {
        let sdk = sdk.to_builder().region(Region::new(table.region().to_owned())).build();
        Self(Table::new(&sdk, table.to_string(), account))
    }
}

impl Switch for OrganizationTable {
    async fn stopped(&self) -> Result<Option<Stop>, PortError> {
        self.0.stopped().await
    }
}

impl Brake for OrganizationTable {
    async fn stop(&self, stop: &Stop) -> Result<bool, PortError> {
        self.0.stop(stop).await
    }
}

impl SharedBrake for OrganizationTable {
    async fn count(&self, counters: &[Counter]) -> Result<Option<Counter>, PortError> {
        self.0.one_more_of_each(counters).await
    }

    /// In one query, page by page. That one cannot be read is an error, as of the switch.
    async fn principals(&self, at: Timestamp) -> Result<Option<u64>, PortError> {
        let found = self.0.items(PRINCIPALS, "").await?;
        let counting = found.iter().filter(|item| counts_at(item, at));
        Ok(counting.filter_map(principals_found).reduce(u64::saturating_add))
    }
}

impl CountPrincipals for OrganizationTable {
    async fn remember_principals(&self, count: u64) -> Result<(), PortError> {
        let written = Timestamp::now();
        let expires = written.saturating_add(POPULATION_COUNTS_FOR).unwrap_or(Timestamp::MAX);
        let item = HashMap::from([
            (keys::PK.to_owned(), AttributeValue::S(PRINCIPALS.to_owned())),
            (keys::SK.to_owned(), AttributeValue::S(self.0.account.to_string())),
            (PRINCIPALS.to_owned(), AttributeValue::N(count.to_string())),
            (EXPIRES.to_owned(), seconds(expires)),
        ]);
        self.0.put_unless_later(item, written).await
    }
}

/// Whether what an account's sweep found counts still. Nothing deletes it, and one that does not say until when, or says it
/// by a clock that was ahead, counts no more: fewer users and roles only make Bailiff do less.
fn counts_at(item: &Item, at: Timestamp) -> bool {
    let expires = item::number(item, EXPIRES).and_then(|expires| i64::try_from(expires).ok());
    let expires = expires.and_then(|expires| Timestamp::from_second(expires).ok());
    expires.is_some_and(|expires| lasts_at(at, expires, POPULATION_COUNTS_FOR))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::memory::GIVES_WAY;

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:777788889999:table/bailiff-Journal-organization";

    fn table(stand_in: &StandIn) -> OrganizationTable {
        let account = AccountId::parse(ACCOUNT).unwrap();
        OrganizationTable::new(&stand_in.sdk(), &Arn::parse(TABLE).unwrap(), account)
    }

    fn counter(name: &str) -> Counter {
        Counter {
            name: name.to_owned(),
            limit: "organization.actsPerHour",
            most: 3,
            expires: "2026-11-30T09:00:00Z".parse().unwrap(),
            of_one_resource: false,
        }
    }

    #[test]
    fn its_arn_names_it_and_an_act_is_counted_in_one_call() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        let table = table(&stand_in);
        assert_eq!(run(table.stopped()), Ok(None));
        assert_eq!(run(table.count(&[counter("hour#1"), counter("day#1")])), Ok(None));
        assert_eq!(stand_in.actions(), ["GetItem", "TransactWriteItems"]);
        let asked = stand_in.asked();
        assert_eq!(asked[0].body["TableName"], TABLE);
        assert_eq!(asked[0].body["Key"]["pk"]["S"], "switch");
        assert_eq!(asked[0].body["ConsistentRead"], true);
        for (update, name) in asked[1].body["TransactItems"].as_array().unwrap().iter().zip(["hour", "day"]) {
            assert_eq!(update["Update"]["TableName"], TABLE);
            assert_eq!(update["Update"]["Key"]["pk"]["S"], format!("count#{name}#1"));
        }
    }

    fn at() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    /// What an account's sweep found, which counts for so many more seconds.
    fn found(principals: &str, seconds: i64) -> Value {
        let expires = at().as_second() + seconds;
        json!({"principals": {"N": principals}, "expires": {"N": expires.to_string()}})
    }

    fn principals(pages: &[Value]) -> Option<u64> {
        let pages: Vec<String> = pages.iter().map(Value::to_string).collect();
        let last = pages.len() - 1;
        let stand_in = StandIn::new(move |_, count| (200, pages[count.min(last)].clone()));
        let principals = run(table(&stand_in).principals(at())).unwrap();
        assert_eq!(stand_in.actions(), vec!["Query"; last + 1]);
        principals
    }

    #[test]
    fn the_users_and_roles_of_all_accounts_are_added_up_page_by_page_without_those_that_count_no_more() {
        let more = json!({"pk": {"S": "principals"}, "sk": {"S": "444455556666"}});
        let by_a_clock_ahead = found("1000", 10 * 365 * 86_400);
        let pages = [
            json!({"Items": [found("40", 1), found("1000", 0), by_a_clock_ahead], "LastEvaluatedKey": more}),
            json!({"Items": [], "LastEvaluatedKey": more}),
            json!({"Items": [found("2", 86_400), found("1000", -86_400)]}),
        ];
        assert_eq!(principals(&pages), Some(42));
        let most = u64::MAX.to_string();
        assert_eq!(principals(&[json!({"Items": [found(&most, 1), found("1", 1)]})]), Some(u64::MAX));
    }

    #[test]
    fn an_account_that_has_not_counted_is_unknown_and_one_that_has_nobody_is_not() {
        assert_eq!(principals(&[json!({"Items": []})]), None);
        assert_eq!(principals(&[json!({"Items": [found("40", 0)]})]), None);
        assert_eq!(principals(&[json!({"Items": [found("0", 1)]})]), Some(0));
        // Written by somebody else, and not as we do.
        let by_hand = json!({"Items": [{"principals": {"N": "40"}}, {"expires": {"N": "99999999999"}},
            {"principals": {"N": "-4"}, "expires": {"N": "99999999999"}}]});
        assert_eq!(principals(&[by_hand]), None);
    }

    #[test]
    fn what_an_accounts_sweep_found_is_written_under_the_accounts_id_for_thirty_days() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        run(table(&stand_in).remember_principals(42)).unwrap();
        let asked = stand_in.asked();
        assert_eq!(stand_in.actions(), ["PutItem"]);
        assert_eq!(asked[0].body["TableName"], TABLE);
        let item = &asked[0].body["Item"];
        assert_eq!((&item["pk"]["S"], &item["sk"]["S"]), (&json!("principals"), &json!(ACCOUNT)));
        assert_eq!(item["principals"]["N"], "42");
        let seconds = |name: &str| item[name]["N"].as_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(seconds("expires") - seconds("written"), 30 * 86_400);
        assert_eq!(asked[0].body["ConditionExpression"], GIVES_WAY);
    }

    #[test]
    fn one_that_does_not_admit_us_is_an_error_and_never_nothing() {
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(run(table(&denied).stopped()).is_err());
        assert!(run(table(&denied).count(&[counter("hour#1")])).is_err());
        assert!(run(table(&denied).principals(at())).is_err());
        assert!(run(table(&denied).remember_principals(42)).is_err());
        // The first page alone is not all there are.
        let half = StandIn::new(|_, count| match count {
            0 => {
                (200, json!({"Items": [found("40", 1)], "LastEvaluatedKey": {"pk": {"S": "a"}}}).to_string())
            }
            _ => json_error("AccessDeniedException", &json!({})),
        });
        assert!(run(table(&half).principals(at())).is_err());
        let gone = StandIn::new(|_, _| json_error("ResourceNotFoundException", &json!({})));
        assert!(run(table(&gone).stopped()).is_err());
    }
}
