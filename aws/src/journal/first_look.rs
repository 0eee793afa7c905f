//! All that may stand against a first deny, in one read, and where the record of it would go.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use shared::engine::{FirstLook, Obstacles, PortError, PortErrorKind};
use shared::identifier::UniqueId;
use shared::rules::RuleId;
use shared::threat::{Threat, stored};

use super::brakes::{ADMINISTRATORS, COUNT, PRINCIPALS, STOP, SWITCH, order_to_stop, principals_found};
use super::item::{self, Item};
use super::threats::sort_key;
use super::{Table, built, keys};
use crate::failure::Failure;

const BATCH_GET: &str = "dynamodb:BatchGetItem";

impl Table {
    /// Each item as it was last written. In no transaction, unlike what an act has to reckon with: others write at the head
    /// of the chain all the time, and what changes meanwhile the opening of the entry finds out.
    pub(crate) async fn look_first(
        &self,
        principal: &UniqueId,
        rule: RuleId,
        report: &Threat,
    ) -> Result<FirstLook, PortError> {
        let of_principal = keys::principal(&self.account, principal);
        let asked = [
            (SWITCH.to_owned(), STOP.to_owned()),
            (PRINCIPALS.to_owned(), COUNT.to_owned()),
            (PRINCIPALS.to_owned(), ADMINISTRATORS.to_owned()),
            (of_principal.clone(), keys::OPEN.to_owned()),
            (of_principal.clone(), keys::HOLD.to_owned()),
            (of_principal, keys::failed(rule)),
            (stored::PARTITION.to_owned(), sort_key(principal, report)),
            (keys::CHAIN.to_owned(), keys::HEAD.to_owned()),
        ];
        let mut found = self.get_all(&asked).await?;
        let [stop, principals, administrators, open, hold, failure, threat, head] =
            asked.map(|key| found.remove(&key));
        self.seen.replace(head.as_ref().and_then(item::head));
        let administrators: Option<Vec<UniqueId>> =
            administrators.map(|item| item::read(&item, "who is an administrator")).transpose()?;
        Ok(FirstLook {
            obstacles: Obstacles {
                hold: hold.map(|hold| item::read(&hold, "a hold")).transpose()?,
                failure: failure.map(|failure| item::read(&failure, "a failed act")).transpose()?,
                stop: stop.as_ref().map(order_to_stop),
                principals: principals.as_ref().and_then(principals_found),
                ..Obstacles::default()
            },
            is_taken: open.as_ref().is_some_and(|open| open.contains_key(keys::ENTRY)),
            was_reported: threat.is_some(),
            is_administrator: administrators.is_some_and(|all| all.contains(principal)),
        })
    }

    /// Those items of these keys that are there. An answer without some of what was asked for is an error, for it would be
    /// taken for "nothing is there".
    async fn get_all(
        &self,
        asked: &[(String, String)],
    ) -> Result<HashMap<(String, String), Item>, PortError> {
        let key = |(pk, sk): &(String, String)| {
            let of = |text: &String| AttributeValue::S(text.clone());
            HashMap::from([(keys::PK.to_owned(), of(pk)), (keys::SK.to_owned(), of(sk))])
        };
        let keys = KeysAndAttributes::builder()
            .consistent_read(true)
            .set_keys(Some(asked.iter().map(key).collect()));
        let request = self.client.batch_get_item().request_items(&self.name, built(keys.build())?);
        let answer = request.send().await.map_err(|error| Failure::of(&error).port(BATCH_GET))?;
        if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
            let message = "not all of it was read".to_owned();
            return Err(PortError { operation: BATCH_GET, kind: PortErrorKind::Throttled, message });
        }
        let Some(items) = answer.responses.and_then(|mut tables| tables.remove(&self.name)) else {
            return Err(Failure::of_answer("the answer is not about the table").port(BATCH_GET));
        };
        let named = |item: Item| {
            let key = (item::text(&item, keys::PK)?.to_owned(), item::text(&item, keys::SK)?.to_owned());
            Some((key, item))
        };
        items
            .into_iter()
            .map(|item| named(item).ok_or_else(|| Failure::of_answer("an item has no key").port(BATCH_GET)))
            .collect()
    }
}
