use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::Timestamp;
use shared::directory::LastFile;
use shared::engine::{KeepDepartures, ListDepartures, PortError, PortErrorKind};
use shared::facts::{Departure, Departures, Fact, Read};
use shared::identifier::UniqueId;

use super::item::{self, Item};
use super::memory::WRITTEN;
use super::{PUT_ITEM, QUERY, Table, built, keys, seconds};
use crate::failure::Failure;

/// Partition of what a directory said of people, by their users' ids.
const LEFT: &str = "left";
/// That of the lists of people.
const DIRECTORY: &str = "directory";
const LAST_FILE: &str = "last-file";
/// How often an item was written.
const REVISION: &str = "revision";

impl ListDepartures for Table {
    async fn departures(&self) -> Result<Departures, PortError> {
        self.departure_items(None).await?.iter().map(read).collect()
    }
}

impl KeepDepartures for Table {
    async fn put_departure(&self, user: &UniqueId, departure: &Departure) -> Result<(), PortError> {
        let next = Departure { revision: departure.revision + 1, ..departure.clone() };
        let mut item = item::of(LEFT.to_owned(), user.to_string(), &next)?;
        // An earlier version, should there be a way back to it, asks for this.
        item.insert(WRITTEN.to_owned(), seconds(departure.said));
        item.insert(REVISION.to_owned(), AttributeValue::N(next.revision.to_string()));
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .expression_attribute_names("#revision", REVISION);
        let put = if departure.revision == 0 {
            // Earlier versions counted none.
            put.condition_expression("attribute_not_exists(#revision)")
        } else {
            put.condition_expression("#revision = :revision")
                .expression_attribute_values(":revision", AttributeValue::N(departure.revision.to_string()))
        };
        let put = self.put(built(put.build())?).await?;
        put.ok_or_else(|| PortError {
            operation: PUT_ITEM,
            kind: PortErrorKind::Overtaken,
            message: format!("what is kept of the person of {user} was written by another meanwhile"),
        })
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
            ..Departure::default()
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
    fn who_writes_second_of_two_at_once_is_told_to_try_again() {
        let stand_in = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        let user = UniqueId::parse(USER).unwrap();
        let overtaken = run(table(&stand_in).put_departure(&user, &departure())).unwrap_err();
        assert_eq!(overtaken.kind, PortErrorKind::Overtaken);
        let second = Departure { revision: 7, ..departure() };
        run(table(&stand_in).put_departure(&user, &second)).unwrap_err();
        let first = &stand_in.asked()[0].body;
        assert_eq!((&first["Item"]["pk"]["S"], &first["Item"]["sk"]["S"]), (&json!("left"), &json!(USER)));
        assert_eq!(first["ConditionExpression"], "attribute_not_exists(#revision)");
        assert_eq!(first["Item"]["revision"]["N"], "1");
        let second = &stand_in.asked()[1].body;
        assert_eq!(second["ConditionExpression"], "#revision = :revision");
        assert_eq!(second["ExpressionAttributeValues"][":revision"]["N"], "7");
        assert!(second["Item"]["body"]["S"].as_str().unwrap().contains("\"revision\":8"));
    }

    #[test]
    fn what_an_earlier_version_kept_is_read() {
        let body = concat!(
            r#"{"employees":["E1"],"tags":{"employee_id":"E1"},"leaves":"2026-11-22T09:00:00Z","#,
            r#""said":"2026-11-22T08:00:00Z","byList":true,"source":"s3://a/b of 1","received":"2026-11-22T08:00:00Z"}"#
        );
        let item = json!({"pk": {"S": "left"}, "sk": {"S": USER}, "body": {"S": body}});
        let stand_in = StandIn::new(move |_, _| (200, json!({"Items": [item]}).to_string()));
        let user = UniqueId::parse(USER).unwrap();
        let Fact::Known(kept) = run(table(&stand_in).departure_of(&user)) else { panic!() };
        assert!(kept.is_gone("2026-11-22T09:00:00Z".parse().unwrap()));
        assert_eq!((kept.revision, kept.kept_words().len()), (0, 1));
    }

    #[test]
    fn before_the_first_list_there_is_none() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&stand_in).last_file()), Ok(LastFile::default()));
    }
}
