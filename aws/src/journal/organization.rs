//! The table that the accounts of an organisation share, `organization/table.yaml`: items as the journal's own.
//!
//! | item | pk | sk | attributes |
//! |---|---|---|---|
//! | the order to stop every account | `switch` | `stop` | `body` (JSON) |
//! | a count of acts in all accounts | `count#<what for>` | `count` | `acts`, `expires` |

use aws_types::SdkConfig;
use aws_types::region::Region;
use shared::engine::{Brake, Counter, PortError, SharedBrake, Stop, Switch};
use shared::identifier::{AccountId, Arn};

use super::Table;

/// A switch and counters, and nothing else.
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
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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

    #[test]
    fn one_that_does_not_admit_us_is_an_error_and_never_nothing() {
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(run(table(&denied).stopped()).is_err());
        assert!(run(table(&denied).count(&[counter("hour#1")])).is_err());
        let gone = StandIn::new(|_, _| json_error("ResourceNotFoundException", &json!({})));
        assert!(run(table(&gone).stopped()).is_err());
    }
}
