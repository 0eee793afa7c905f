//! Which entries are open: an item for each principal, written with the lock and in its transaction. Once the entry is
//! closed the item says so and DynamoDB takes it away, which nobody's role has to allow.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::SignedDuration;
use shared::engine::{ListOpenEntries, OpenEntries, OpenEntry, PortError};
use shared::remedy::{Entry, JournalId, SCHEMA};

use super::item::{self, Item};
use super::untold::is_untold;
use super::{Table, built, keys, put, seconds};
use crate::failure::Failure;

/// The partition of what is open, and the sort key of who has a principal.
const OPEN: &str = keys::OPEN;
pub(super) const EXPIRES: &str = "expires";
/// The newest version of the journal's shape that could not read the entry.
pub(super) const UNREAD: &str = "unread";
const UPDATE_ITEM: &str = "dynamodb:UpdateItem";
/// What is closed is listed until then, for whoever looks.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(1);

impl Table {
    /// Lists an entry that is open, or was. Whoever writes it has the principal, which its transaction sees to.
    pub(super) fn listed(&self, entry: &Entry) -> Result<TransactWriteItem, PortError> {
        let sk = entry.plan.resource.unique_id().to_string();
        let mut item = item::of(OPEN.to_owned(), sk, &OpenEntry::of(entry))?;
        item.insert(keys::ENTRY.to_owned(), AttributeValue::S(entry.id.to_string()));
        if let Some(at) = entry.closed.filter(|_| entry.is_closed()) {
            item.insert(EXPIRES.to_owned(), seconds(at.saturating_add(KEPT_FOR).unwrap_or(at)));
        }
        Ok(put(built(Put::builder().table_name(&self.name).set_item(Some(item)).build())?))
    }

    /// Sets an attribute of what the list has under a sort key, if it is this entry.
    pub(super) async fn on_the_list(
        &self,
        sk: String,
        entry: &JournalId,
        attribute: &str,
        value: AttributeValue,
    ) -> Result<(), PortError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(OPEN.to_owned()))
            .key(keys::SK, AttributeValue::S(sk))
            .update_expression("SET #attribute = :value")
            .condition_expression("#entry = :entry")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_names("#entry", keys::ENTRY)
            .expression_attribute_values(":value", value)
            .expression_attribute_values(":entry", AttributeValue::S(entry.to_string()));
        match request.send().await.map_err(|error| Failure::of(&error)) {
            Ok(_) => Ok(()),
            // Another one is open by now, or none is listed there.
            Err(failure) if failure.is("ConditionalCheckFailedException") => Ok(()),
            Err(failure) => Err(failure.port(UPDATE_ITEM)),
        }
    }
}

/// The version of the journal's shape that this build reads.
pub(super) fn this_version() -> AttributeValue {
    AttributeValue::N(SCHEMA.to_string())
}

impl ListOpenEntries for Table {
    async fn open_entries(&self) -> Result<OpenEntries, PortError> {
        let mut open = OpenEntries::default();
        for item in self.items(OPEN, "").await? {
            if item.contains_key(EXPIRES) {
                continue;
            }
            let untold = item::text(&item, keys::SK).is_some_and(is_untold);
            match read(&item) {
                Ok(entry) if untold => open.untold.push(entry),
                Ok(entry) => open.listed.push(entry),
                Err(error) => {
                    let of = item::text(&item, keys::SK).unwrap_or_default();
                    open.unreadable.push(format!("what is open on {of}: {}", error.message));
                }
            }
        }
        Ok(open)
    }
}

fn read(item: &Item) -> Result<OpenEntry, PortError> {
    let open: OpenEntry = item::read(item, "an open entry")?;
    let unread_by = item::number(item, UNREAD).map(|schema| u32::try_from(schema).unwrap_or(u32::MAX));
    Ok(OpenEntry { unread_by, ..open })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::engine::Journal;
    use shared::identifier::AccountId;

    use super::*;
    use crate::samples::{ann, open_entry, verified_entry};
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    /// The place of the listing in a transaction: after the lock.
    const LISTED: usize = super::super::LOCK + 1;

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn listing(entry: &Entry) -> Value {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        if entry.is_closed() {
            run(table(&stand_in).update(entry, entry.opened)).unwrap();
        } else {
            run(table(&stand_in).open(entry)).unwrap();
        }
        let asked = stand_in.asked().pop().unwrap();
        asked.body["TransactItems"][LISTED]["Put"].clone()
    }

    #[test]
    fn an_entry_is_listed_with_its_opening_and_taken_off_with_its_end() {
        let opened = listing(&open_entry())["Item"].clone();
        assert_eq!((&opened["pk"]["S"], &opened["expires"]), (&json!("open"), &Value::Null));
        assert_eq!(opened["sk"]["S"], ann().unique_id.as_str());
        let body: OpenEntry = serde_json::from_str(opened["body"]["S"].as_str().unwrap()).unwrap();
        assert_eq!(body, OpenEntry::of(&open_entry()));
        assert!(!opened.to_string().contains("steps"), "no more than who finishes it needs");
        assert!(listing(&verified_entry())["Item"]["expires"]["N"].is_string());
    }

    #[test]
    fn what_is_open_is_listed_and_what_is_closed_or_unreadable_is_told_apart() {
        let body = serde_json::to_string(&OpenEntry::of(&open_entry())).unwrap();
        let items = json!({"Items": [
            {"pk": {"S": "open"}, "sk": {"S": "A"}, "body": {"S": &body}},
            {"pk": {"S": "open"}, "sk": {"S": "B"}, "body": {"S": &body}, "unread": {"N": "2"}},
            {"pk": {"S": "open"}, "sk": {"S": "C"}, "body": {"S": &body}, "expires": {"N": "1"}},
            {"pk": {"S": "open"}, "sk": {"S": "D"}, "body": {"S": "{}"}},
        ]})
        .to_string();
        let stand_in = StandIn::new(move |_, _| (200, items.clone()));
        let open = run(table(&stand_in).open_entries()).unwrap();
        let unread: Vec<_> = open.listed.iter().map(|open| open.unread_by).collect();
        assert_eq!(unread, [None, Some(2)]);
        assert!(open.unreadable.len() == 1 && open.unreadable[0].contains("on D"), "{open:?}");
        assert_eq!(stand_in.asked()[0].body["KeyConditionExpression"], "pk = :pk");
    }

    #[test]
    fn what_cannot_be_listed_is_no_empty_list() {
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(run(table(&denied).open_entries()).is_err());
    }

    #[test]
    fn only_the_entry_that_could_not_be_read_is_set_aside() {
        let stand_in = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        assert_eq!(run(table(&stand_in).set_aside(&ann().unique_id, &open_entry().id)), Ok(()));
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["ConditionExpression"], "#entry = :entry");
        assert_eq!(body["ExpressionAttributeNames"]["#attribute"], "unread");
        assert_eq!(body["ExpressionAttributeValues"][":value"]["N"], SCHEMA.to_string());
    }

    #[test]
    fn only_the_entry_that_is_closed_is_taken_off_the_list() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&stand_in).take_off_list(&ann().unique_id, &open_entry().id)), Ok(()));
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["ConditionExpression"], "#entry = :entry");
        assert_eq!(body["ExpressionAttributeNames"]["#attribute"], "expires");
        assert!(body["ExpressionAttributeValues"][":value"]["N"].is_string());
    }
}
