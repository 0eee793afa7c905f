//! Of which entries nobody could be told. They are listed beside those that are open, for the same sweep looks for both, and
//! are told apart by their sort key, which no unique id looks like.

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use shared::engine::{OpenEntry, PortError};
use shared::remedy::{Entry, JournalId};

use super::open_entries::EXPIRES;
use super::{Table, built, item, keys};

const PREFIX: &str = "untold#";

/// Whether a sort key of the list is of an entry that nobody was told of.
pub(super) fn is_untold(sk: &str) -> bool {
    sk.starts_with(PREFIX)
}

pub(super) fn sk(entry: &JournalId) -> String {
    format!("{PREFIX}{entry}")
}

impl Table {
    /// Lists an entry that has ended. One that was listed before, and told of since, is listed anew.
    pub(super) async fn list_as_untold(&self, ended: &Entry) -> Result<(), PortError> {
        let mut item = item::of(keys::OPEN.to_owned(), sk(&ended.id), &OpenEntry::of(ended))?;
        item.insert(keys::ENTRY.to_owned(), AttributeValue::S(ended.id.to_string()));
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR attribute_exists(#expires)")
            .expression_attribute_names("#expires", EXPIRES);
        self.put(built(put.build())?).await.map(|_| ())
    }

    pub(super) async fn is_listed_as_untold(&self, entry: &JournalId) -> Result<bool, PortError> {
        let item = self.get(keys::OPEN.to_owned(), sk(entry)).await?;
        Ok(item.is_some_and(|item| !item.contains_key(EXPIRES)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::engine::{Journal, ListOpenEntries};
    use shared::identifier::AccountId;

    use super::*;
    use crate::samples::{ann, verified_entry};
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn put_entry(ended: &Entry) -> serde_json::Value {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        run(table(&stand_in).put_untold(ended)).unwrap();
        stand_in.asked().remove(0).body["Item"]["entry"]["S"].clone()
    }

    #[test]
    fn what_nobody_was_told_of_is_listed_apart_until_somebody_is() {
        let ended = verified_entry();
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        run(table(&stand_in).put_untold(&ended)).unwrap();
        let put = stand_in.asked().remove(0).body;
        let sk = format!("untold#{}", ended.id);
        assert_eq!((&put["Item"]["pk"]["S"], &put["Item"]["sk"]["S"]), (&json!("open"), &json!(sk)));
        assert!(put["ConditionExpression"].is_string());

        let mut listed = put["Item"].clone();
        let items = json!({"Items": [listed]}).to_string();
        let open = run(table(&StandIn::new(move |_, _| (200, items.clone()))).open_entries()).unwrap();
        assert_eq!((open.listed.len(), open.untold), (0, vec![OpenEntry::of(&ended)]));

        let answer = json!({"Item": listed}).to_string();
        let untold = run(table(&StandIn::new(move |_, _| (200, answer.clone()))).is_untold(&ended.id));
        assert_eq!(untold, Ok(true));
        listed["expires"] = json!({"N": "1"});
        let answer = json!({"Item": listed}).to_string();
        let told = run(table(&StandIn::new(move |_, _| (200, answer.clone()))).is_untold(&ended.id));
        assert_eq!(told, Ok(false));
        assert_eq!(run(table(&stand_in).is_untold(&ended.id)), Ok(false));
    }

    #[test]
    fn whoever_was_told_is_remembered_once_and_a_failure_is_no_success() {
        let ended = verified_entry();
        let gone = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        assert_eq!(run(table(&gone).told(&ended.id)), Ok(()));
        let body = &gone.asked()[0].body;
        assert_eq!(body["Key"]["sk"]["S"], format!("untold#{}", ended.id));
        assert_eq!(body["ExpressionAttributeNames"]["#attribute"], "expires");
        assert_eq!(body["ExpressionAttributeValues"][":entry"]["S"], put_entry(&ended));
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        let table = table(&denied);
        assert!(run(table.told(&ended.id)).is_err() && run(table.put_untold(&ended)).is_err());
        assert!(run(table.is_untold(&ended.id)).is_err());
    }

    #[test]
    fn one_that_cannot_be_read_is_set_aside_wherever_it_is_listed() {
        let stand_in = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        let (principal, id) = (ann().unique_id, verified_entry().id);
        assert_eq!(run(table(&stand_in).set_aside(&principal, &id)), Ok(()));
        let sks: Vec<_> = stand_in.asked().iter().map(|asked| asked.body["Key"]["sk"]["S"].clone()).collect();
        assert_eq!(sks, [json!(principal.to_string()), json!(format!("untold#{id}"))]);
    }
}
