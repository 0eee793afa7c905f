use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::directory::LastFile;
use shared::engine::{KeepDepartures, ListDepartures, PortError};
use shared::facts::{Departure, Departures, Fact, Read};
use shared::identifier::UniqueId;

use super::item::{self, Item};
use super::{QUERY, Table, keys};
use crate::failure::Failure;

/// Partition of what a directory said of people, by their users' ids.
const LEFT: &str = "left";
/// That of the lists of people.
const DIRECTORY: &str = "directory";
const LAST_FILE: &str = "last-file";

impl ListDepartures for Table {
    async fn departures(&self) -> Result<Departures, PortError> {
        self.departure_items(None).await?.iter().map(read).collect()
    }
}

impl KeepDepartures for Table {
    async fn put_departure(&self, user: &UniqueId, departure: &Departure) -> Result<(), PortError> {
        let item = item::of(LEFT.to_owned(), user.to_string(), departure)?;
        self.put_unless_later(item, departure.said).await
    }

    async fn last_file(&self) -> Result<LastFile, PortError> {
        match self.get(DIRECTORY.to_owned(), LAST_FILE.to_owned()).await? {
            Some(item) => item::read(&item, "what is kept of the last list of people"),
            None => Ok(LastFile::default()),
        }
    }

    async fn put_last_file(&self, last: &LastFile, at: Timestamp) -> Result<(), PortError> {
        let item = item::of(DIRECTORY.to_owned(), LAST_FILE.to_owned(), last)?;
        self.put_unless_later(item, at).await
    }
}

impl Table {
    pub(crate) async fn departure_of(&self, user: &UniqueId) -> Fact<Departure> {
        let items = self.departure_items(Some(user)).await;
        let departure = items.and_then(|items| items.first().map(read).transpose());
        departure.map_or_else(
            |error| Fact::Unknown(error.unread(Read::Departures)),
            |departure| departure.map(|(_, departure)| departure).into(),
        )
    }

    async fn departure_items(&self, of: Option<&UniqueId>) -> Result<Vec<Item>, PortError> {
        let request = self.query(LEFT);
        let request = match of {
            None => request.key_condition_expression("pk = :pk"),
            Some(user) => request
                .key_condition_expression("pk = :pk AND sk = :user")
                .expression_attribute_values(":user", AttributeValue::S(user.to_string())),
        };
        self.every_page(request).await
    }
}

/// An item that cannot be read is no reason to take its user for one who stays: nothing is known then.
fn read(item: &Item) -> Result<(UniqueId, Departure), PortError> {
    let failed = || Failure::of_answer("a departure is of no user".to_owned()).port(QUERY);
    let user = item::text(item, keys::SK).ok_or_else(failed)?;
    let user = UniqueId::parse(user).map_err(|_| failed())?;
    Ok((user, item::read(item, "a departure")?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};
    use shared::directory::EmployeeId;
    use shared::identifier::AccountId;

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    const USER: &str = "AIDAEXAMPLEEXAMPLE001";

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn departure() -> Departure {
        let at: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        Departure {
            employees: [EmployeeId::parse("E1").unwrap()].into(),
            tags: BTreeMap::new(),
            leaves: Some(at),
            returns: None,
            said: at,
            by_list: false,
            source: "event 1".to_owned(),
            received: at,
        }
    }

    fn item(user: &str) -> Value {
        json!({"pk": {"S": "left"}, "sk": {"S": user}, "body": {"S": serde_json::to_string(&departure()).unwrap()}})
    }

    #[test]
    fn all_are_listed_page_by_page_and_one_by_its_users_id() {
        let other = "AIDAEXAMPLEEXAMPLE002";
        let pages = [
            json!({"Items": [item(USER)], "LastEvaluatedKey": {"pk": {"S": "left"}, "sk": {"S": "x"}}}),
            json!({"Items": [item(other)]}),
        ]
        .map(|page| page.to_string());
        let stand_in = StandIn::new(move |_, number| (200, pages[number].clone()));
        let user = UniqueId::parse(USER).unwrap();
        let all = run(table(&stand_in).departures()).unwrap();
        assert_eq!((all.len(), &all[&user]), (2, &departure()));

        let one = StandIn::new(|_, _| (200, json!({"Items": [item(USER)]}).to_string()));
        assert_eq!(run(table(&one).departure_of(&user)), Fact::Known(departure()));
        assert_eq!(one.asked()[0].body["ExpressionAttributeValues"][":user"]["S"], USER);
        let none = StandIn::new(|_, _| (200, json!({"Items": []}).to_string()));
        assert_eq!(run(table(&none).departure_of(&user)), Fact::Absent);
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let user = UniqueId::parse(USER).unwrap();
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(matches!(run(table(&denied).departure_of(&user)), Fact::Unknown(_)));
        let broken =
            json!({"Items": [{"pk": {"S": "left"}, "sk": {"S": USER}, "body": {"S": "{}"}}]}).to_string();
        let broken = StandIn::new(move |_, _| (200, broken.clone()));
        assert!(matches!(run(table(&broken).departure_of(&user)), Fact::Unknown(_)));
        assert!(run(table(&broken).departures()).is_err());
    }

    #[test]
    fn what_was_said_later_stands() {
        let stand_in = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        let user = UniqueId::parse(USER).unwrap();
        assert_eq!(run(table(&stand_in).put_departure(&user, &departure())), Ok(()));
        let body = &stand_in.asked()[0].body;
        assert_eq!((&body["Item"]["pk"]["S"], &body["Item"]["sk"]["S"]), (&json!("left"), &json!(USER)));
        assert!(body["ConditionExpression"].as_str().unwrap().contains("#written <= :written"));
    }

    #[test]
    fn before_the_first_list_there_is_none() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&stand_in).last_file()), Ok(LastFile::default()));
    }
}
