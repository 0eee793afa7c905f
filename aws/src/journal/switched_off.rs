use shared::engine::{KeepSwitchedOffKeys, ListSwitchedOffKeys, PortError};
use shared::facts::{AllSwitchedOffKeys, Fact, Read, SwitchedOff, SwitchedOffKeys};
use shared::identifier::{AccessKeyId, UniqueId};

use super::item::{self, Item};
use super::{QUERY, Table, keys};
use crate::failure::Failure;

const OFF: &str = "off";

impl KeepSwitchedOffKeys for Table {
    async fn put_switched_off(
        &self,
        user: &UniqueId,
        key: &AccessKeyId,
        switched_off: &SwitchedOff,
    ) -> Result<(), PortError> {
        let item = item::of(OFF.to_owned(), format!("{}{}", of_user(user), key.as_str()), switched_off)?;
        self.put_unless_later(item, switched_off.at).await
    }
}

impl ListSwitchedOffKeys for Table {
    async fn switched_off(&self) -> Result<AllSwitchedOffKeys, PortError> {
        let mut all = AllSwitchedOffKeys::new();
        for item in self.items(OFF, "").await? {
            let (user, key, switched_off) = read(&item)?;
            all.entry(user).or_default().insert(key, switched_off);
        }
        Ok(all)
    }
}

impl Table {
    pub(crate) async fn switched_off_keys_of(&self, user: &UniqueId) -> Fact<SwitchedOffKeys> {
        let listed = self.items(OFF, &of_user(user)).await;
        let keys = listed.and_then(|items| {
            let key = |item: &Item| read(item).map(|(_, key, switched_off)| (key, switched_off));
            items.iter().map(key).collect::<Result<SwitchedOffKeys, _>>()
        });
        keys.map_or_else(|error| Fact::Unknown(error.unread(Read::SwitchedOffKeys)), Fact::Known)
    }
}

fn of_user(user: &UniqueId) -> String {
    format!("{user}#")
}

/// An item that cannot be read is no reason to take its key for another's: nothing is known then.
fn read(item: &Item) -> Result<(UniqueId, AccessKeyId, SwitchedOff), PortError> {
    let failed = |why: &str| Failure::of_answer(format!("a switched-off key {why}")).port(QUERY);
    let (user, key) = item::text(item, keys::SK)
        .and_then(|sk| sk.split_once('#'))
        .ok_or_else(|| failed("has no user and no key"))?;
    let user = UniqueId::parse(user).map_err(|_| failed("is of no user"))?;
    let key = AccessKeyId::parse(key).map_err(|_| failed("has no key id"))?;
    Ok((user, key, item::read(item, "a switched-off key")?))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use shared::identifier::AccountId;

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    const USER: &str = "AIDAEXAMPLEEXAMPLE001";
    const KEY: &str = "AKIAEXAMPLEAAAAAAAAA";

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn off() -> SwitchedOff {
        let at: Timestamp = "2026-08-01T09:00:00Z".parse().unwrap();
        SwitchedOff { entry: "20260801t090000-0123456789ab".to_owned(), at, undone: false }
    }

    #[test]
    fn what_is_remembered_is_listed_page_by_page() {
        let item = |key: &str| {
            json!({"pk": {"S": "off"}, "sk": {"S": format!("{USER}#{key}")},
                   "body": {"S": serde_json::to_string(&off()).unwrap()}})
        };
        let other = "AKIAEXAMPLEBBBBBBBBB";
        let pages = [
            json!({"Items": [item(KEY)], "LastEvaluatedKey": {"pk": {"S": "off"}, "sk": {"S": "x"}}}),
            json!({"Items": [item(other)]}),
        ]
        .map(|page| page.to_string());
        let stand_in = StandIn::new(move |_, number| (200, pages[number].clone()));
        let all = run(table(&stand_in).switched_off()).unwrap();
        let user = UniqueId::parse(USER).unwrap();
        assert_eq!(all[&user].len(), 2);
        assert_eq!(all[&user][&AccessKeyId::parse(KEY).unwrap()], off());
        assert_eq!(stand_in.asked()[0].body["KeyConditionExpression"], "pk = :pk");
    }

    #[test]
    fn of_one_user_only_its_own_are_asked_for() {
        let stand_in = StandIn::new(|_, _| (200, json!({"Items": []}).to_string()));
        let user = UniqueId::parse(USER).unwrap();
        assert_eq!(run(table(&stand_in).switched_off_keys_of(&user)), Fact::Known(SwitchedOffKeys::new()));
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["ExpressionAttributeValues"][":prefix"]["S"], format!("{USER}#"));
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let user = UniqueId::parse(USER).unwrap();
        let denied = StandIn::new(|_, _| json_error("AccessDeniedException", &json!({})));
        assert!(matches!(run(table(&denied).switched_off_keys_of(&user)), Fact::Unknown(_)));
        let broken = StandIn::new(|_, _| {
            (200, json!({"Items": [{"pk": {"S": "off"}, "sk": {"S": "nobody"}}]}).to_string())
        });
        assert!(matches!(run(table(&broken).switched_off_keys_of(&user)), Fact::Unknown(_)));
    }

    #[test]
    fn what_came_later_stands() {
        let stand_in = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        let (user, key) = (UniqueId::parse(USER).unwrap(), AccessKeyId::parse(KEY).unwrap());
        assert_eq!(run(table(&stand_in).put_switched_off(&user, &key, &off())), Ok(()));
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["Item"]["sk"]["S"], format!("{USER}#{KEY}"));
        assert!(body["ConditionExpression"].as_str().unwrap().contains("#written <= :written"));
    }
}
