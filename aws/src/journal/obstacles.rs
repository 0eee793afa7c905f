//! All that may stand against an act, in one read.

use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Get, TransactGetItem};
use futures_util::future::join;
use shared::engine::{Obstacles, PortError, PortErrorKind};
use shared::identifier::UniqueId;
use shared::rules::RuleId;

use super::brakes::{COUNT, PRINCIPALS, STOP, SWITCH, order_to_stop, principals_found};
use super::item::Item;
use super::transaction::{Cancelled, WAITS, drawn};
use super::{Table, built, item, keys};
use crate::failure::Failure;

const TRANSACT: &str = "dynamodb:TransactGetItems";

impl Table {
    /// All at one moment: in a transaction, each of them as it was last written.
    pub(super) async fn all_obstacles(
        &self,
        principal: &UniqueId,
        rule: Option<RuleId>,
    ) -> Result<Obstacles, PortError> {
        let of_principal = keys::principal(&self.account, principal);
        let mut gets = vec![
            self.get_of(SWITCH.to_owned(), STOP.to_owned())?,
            self.get_of(PRINCIPALS.to_owned(), COUNT.to_owned())?,
            self.get_of(of_principal.clone(), keys::OPEN.to_owned())?,
            self.get_of(of_principal.clone(), keys::HOLD.to_owned())?,
        ];
        if let Some(rule) = rule {
            gets.push(self.get_of(of_principal, keys::failed(rule))?);
        }
        // And where the record of an act would go. Not in the transaction: somebody writes there all the time. Without it, it
        // is read when it is needed.
        let (items, _) = join(self.get_together(gets), self.head()).await;
        let mut items = items?.into_iter();
        let mut next = || items.next().flatten();
        let (stop, principals, open, hold, failure) = (next(), next(), next(), next(), next());
        Ok(Obstacles {
            unfinished: match open.as_ref().and_then(|lock| item::text(lock, keys::ENTRY)) {
                Some(id) => self.still_open(id).await?,
                None => None,
            },
            hold: hold.map(|hold| item::read(&hold, "a hold")).transpose()?,
            failure: failure.map(|failure| item::read(&failure, "a failed act")).transpose()?,
            stop: stop.as_ref().map(order_to_stop),
            organization_stop: None,
            principals: principals.as_ref().and_then(principals_found),
            organization_principals: None,
        })
    }

    pub(super) fn get_of(&self, pk: String, sk: String) -> Result<TransactGetItem, PortError> {
        let get = Get::builder().table_name(&self.name);
        let get = get.key(keys::PK, AttributeValue::S(pk)).key(keys::SK, AttributeValue::S(sk));
        built(get.build()).map(|get| TransactGetItem::builder().get(get).build())
    }

    /// Reads them all, in the order asked for, and tries again where somebody was writing one.
    pub(super) async fn get_together(
        &self,
        gets: Vec<TransactGetItem>,
    ) -> Result<Vec<Option<Item>>, PortError> {
        let asked = gets.len();
        let items = self.together(gets).await?;
        // An answer of another length would be taken for "nothing is there".
        if items.len() == asked {
            return Ok(items);
        }
        let message = format!("{asked} items were asked for, and {} answered", items.len());
        Err(PortError { operation: TRANSACT, kind: PortErrorKind::Failed, message })
    }

    async fn together(&self, gets: Vec<TransactGetItem>) -> Result<Vec<Option<Item>>, PortError> {
        let mut waits = WAITS.into_iter();
        loop {
            let request = self.client.transact_get_items().set_transact_items(Some(gets.clone()));
            let error = match request.send().await {
                Ok(answer) => {
                    let items = answer.responses.unwrap_or_default().into_iter();
                    return Ok(items.map(|response| response.item).collect());
                }
                Err(error) => error,
            };
            let Some(TransactGetItemsError::TransactionCanceledException(why)) = error.as_service_error()
            else {
                return Err(Failure::of(&error).port(TRANSACT));
            };
            let cancelled = Cancelled::of(why.cancellation_reasons());
            match waits.next() {
                Some(wait) if cancelled.is_passing() => tokio::time::sleep(drawn(wait)).await,
                _ => return Err(cancelled.error_of(TRANSACT)),
            }
        }
    }
}
