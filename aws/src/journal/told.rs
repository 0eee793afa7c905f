use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use shared::engine::{PortError, RememberTold, Told, Waiting};
use shared::governance::Exemption;

use super::item;
use super::{Table, keys, seconds};
use crate::failure::Failure;

const TOLD: &str = "told";
const DIGEST: &str = "digest";
const SENT: &str = "sent";
const EXPIRES: &str = "expires";

const UPDATE_ITEM: &str = "dynamodb:UpdateItem";

/// Longer than any message lives, four days on its queue and fourteen with the dead letters; and longer than an exemption
/// is at any of the times at which its owner is told of its end.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
const _: () = assert!(KEPT.as_hours() > 24 * Exemption::NOTICE_DAYS as i64);

impl RememberTold for Table {
    async fn was_told(&self, told: &Told) -> Result<bool, PortError> {
        Ok(self.get(pk(told), told.contact.to_string()).await?.is_some())
    }

    async fn remember_told(&self, told: &Told, at: Timestamp) -> Result<(), PortError> {
        let mut item = item::of(pk(told), told.contact.to_string(), &at)?;
        item.insert(EXPIRES.to_owned(), expiry(at));
        self.put_new(item).await.map(|_| ())
    }

    async fn put_off(&self, waiting: &Waiting) -> Result<(), PortError> {
        self.put_new(item::of(DIGEST.to_owned(), sk(waiting), waiting)?).await.map(|_| ())
    }

    async fn waiting(&self) -> Result<(Vec<Waiting>, Vec<String>), PortError> {
        let (mut waiting, mut unreadable) = (Vec::new(), Vec::new());
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :digest")
            .filter_expression("attribute_not_exists(#sent)")
            .expression_attribute_names("#sent", SENT)
            .expression_attribute_values(":digest", AttributeValue::S(DIGEST.to_owned()));
        for item in self.every_page(request).await? {
            match item::read::<Waiting>(&item, "what waits for a digest") {
                Ok(one) => waiting.push(one),
                Err(error) => unreadable.push(error.to_string()),
            }
        }
        Ok((waiting, unreadable))
    }

    async fn remember_sent(&self, waiting: &Waiting, at: Timestamp) -> Result<(), PortError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(DIGEST.to_owned()))
            .key(keys::SK, AttributeValue::S(sk(waiting)))
            .update_expression("SET #sent = :at, #expires = :expires")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#sent)")
            .expression_attribute_names("#sent", SENT)
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":at", seconds(at))
            .expression_attribute_values(":expires", expiry(at));
        match request.send().await.map_err(|error| Failure::of(&error)) {
            Ok(_) => Ok(()),
            // Sent by another worker meanwhile.
            Err(failure) if failure.is("ConditionalCheckFailedException") => Ok(()),
            Err(failure) => Err(failure.port(UPDATE_ITEM)),
        }
    }
}

fn pk(told: &Told) -> String {
    format!("{TOLD}#{}", told.key)
}

/// A contact's notices stand together.
fn sk(waiting: &Waiting) -> String {
    format!("{}#{}", waiting.contact, waiting.notice.key())
}

fn expiry(at: Timestamp) -> AttributeValue {
    seconds(at.saturating_add(KEPT).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::identifier::AccountId;
    use shared::notice::Notice;

    use super::*;
    use crate::samples::{at, verified_entry};
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn waiting() -> Waiting {
        Waiting {
            contact: "ann@example.com".parse().unwrap(),
            because: "it is yours".to_owned(),
            notice: Notice::of(&verified_entry(), "bailiff", None),
        }
    }

    fn told() -> Told {
        Told::of(&waiting().notice, &waiting().contact)
    }

    #[test]
    fn who_was_told_is_remembered_for_as_long_as_a_message_lives() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        run(table(&stand_in).remember_told(&told(), at())).unwrap();
        assert_eq!(run(table(&stand_in).was_told(&told())), Ok(false));
        let asked = stand_in.asked();
        let item = &asked[0].body["Item"];
        let key = format!("told#{}", waiting().notice.key());
        assert_eq!((&item["pk"]["S"], &item["sk"]["S"]), (&json!(key), &json!("ann@example.com")));
        let days =
            (item["expires"]["N"].as_str().unwrap().parse::<i64>().unwrap() - at().as_second()) / 86_400;
        assert_eq!((days, &asked[0].body["ConditionExpression"]), (30, &json!("attribute_not_exists(pk)")));
        assert_eq!(asked[1].body["Key"]["pk"]["S"], key);
    }

    #[test]
    fn what_is_there_already_is_left_as_it_is() {
        let stand_in = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        let table = table(&stand_in);
        assert_eq!(run(table.remember_told(&told(), at())), Ok(()));
        assert_eq!(run(table.put_off(&waiting())), Ok(()));
        assert_eq!(run(table.remember_sent(&waiting(), at())), Ok(()));
        let conditions: Vec<Value> =
            stand_in.asked().iter().map(|asked| asked.body["ConditionExpression"].clone()).collect();
        let new = "attribute_not_exists(pk)";
        assert_eq!(conditions, [new, new, "attribute_exists(pk) AND attribute_not_exists(#sent)"]);
    }

    #[test]
    fn all_that_waits_is_read_page_by_page_and_what_cannot_be_read_is_named() {
        let body = serde_json::to_string(&waiting()).unwrap();
        let stand_in = StandIn::new(move |_, count| {
            let page = match count {
                0 => json!({
                    "Items": [{"body": {"S": body}}],
                    "LastEvaluatedKey": {"pk": {"S": "digest"}, "sk": {"S": "a"}},
                }),
                _ => json!({"Items": [{"body": {"S": "{}"}}]}),
            };
            (200, page.to_string())
        });
        let (found, unreadable) = run(table(&stand_in).waiting()).unwrap();
        assert_eq!(found, [waiting()]);
        assert_eq!(unreadable.len(), 1);
        assert_eq!(stand_in.asked()[1].body["ExclusiveStartKey"]["sk"]["S"], "a");
    }
}
