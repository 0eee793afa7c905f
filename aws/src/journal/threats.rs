use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use shared::engine::{KeepThreats, ListThreats, PortError};
use shared::facts::{Fact, Read};
use shared::identifier::UniqueId;
use shared::threat::{Threat, Threats};

use super::item::{self, Item};
use super::{QUERY, Table, built, keys, seconds};
use crate::failure::Failure;

/// The partition of what was reported: Bailiff's own, which no principal writes.
const THREAT: &str = "threat";
/// The partition of the counts of refused calls.
const REFUSED: &str = "refused";
const CALLS: &str = "calls";
const AT: &str = "at";
/// As many calls are told apart; a threat takes fewer.
const MOST_CALLS: u32 = 50;
/// Longer than any rule answers it by default.
const THREAT_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
const EXPIRES: &str = "expires";
/// A count outlives its hour, for events that come late.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(48);

impl KeepThreats for Table {
    async fn put_threat(&self, principal: &UniqueId, threat: &Threat) -> Result<bool, PortError> {
        let mut item = item::of(THREAT.to_owned(), sort_key(principal, threat), threat)?;
        let at = AttributeValue::N(threat.at.as_second().to_string());
        item.insert(AT.to_owned(), at.clone());
        item.insert(
            EXPIRES.to_owned(),
            seconds(threat.at.saturating_add(THREAT_KEPT_FOR).unwrap_or(threat.at)),
        );
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR #at < :at")
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":at", at);
        Ok(self.put(built(put.build())?).await?.is_some())
    }

    async fn count_refused(&self, principal: &UniqueId, call: &str, at: Timestamp) -> Result<u32, PortError> {
        const UPDATE_ITEM: &str = "dynamodb:UpdateItem";
        let call: String = call.chars().take(128).collect();
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(REFUSED.to_owned()))
            .key(keys::SK, AttributeValue::S(format!("{principal}#{}", at.strftime("%Y-%m-%dT%H"))))
            .update_expression("ADD #calls :call SET #expires = :expires")
            // An item holds 400 KB, and more than matter need not be told apart.
            .condition_expression("attribute_not_exists(#calls) OR size(#calls) < :most")
            .expression_attribute_names("#calls", CALLS)
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":call", AttributeValue::Ss(vec![call]))
            .expression_attribute_values(":most", AttributeValue::N(MOST_CALLS.to_string()))
            .expression_attribute_values(":expires", seconds(at.saturating_add(KEPT_FOR).unwrap_or(at)))
            .return_values(ReturnValue::UpdatedNew);
        let answer = match request.send().await.map_err(|error| Failure::of(&error)) {
            Ok(answer) => answer,
            Err(failure) if failure.is("ConditionalCheckFailedException") => return Ok(MOST_CALLS),
            Err(failure) => return Err(failure.port(UPDATE_ITEM)),
        };
        let calls = answer.attributes.as_ref().and_then(|item| item.get(CALLS)?.as_ss().ok());
        let calls = calls.and_then(|calls| u32::try_from(calls.len()).ok());
        calls.ok_or_else(|| Failure::of_answer("the answer holds no count").port(UPDATE_ITEM))
    }

    async fn threats_of(&self, principal: &UniqueId) -> Result<Threats, PortError> {
        let items = self.items(THREAT, &of(principal)).await?;
        let threats: Result<Threats, _> =
            items.iter().map(|item| read(item).map(|(_, threat)| threat)).collect();
        threats.map(in_order)
    }
}

impl ListThreats for Table {
    async fn threats(&self) -> Result<BTreeMap<UniqueId, Threats>, PortError> {
        let mut all: BTreeMap<UniqueId, Threats> = BTreeMap::new();
        for item in self.items(THREAT, "").await? {
            let (principal, threat) = read(&item)?;
            all.entry(principal).or_default().push(threat);
        }
        Ok(all.into_iter().map(|(principal, threats)| (principal, in_order(threats))).collect())
    }
}

impl Table {
    pub(crate) async fn threats_fact(&self, principal: &UniqueId) -> Fact<Threats> {
        let listed = self.threats_of(principal).await;
        listed.map_or_else(|error| Fact::Unknown(error.unread(Read::Threats)), Fact::Known)
    }
}

fn in_order(mut threats: Threats) -> Threats {
    threats.sort_by_key(|threat| threat.at);
    threats
}

fn of(principal: &UniqueId) -> String {
    format!("{principal}#")
}

/// One source may see several signs in one event. Sort keys hold 1,024 bytes, ids of findings that are ARNs a few
/// hundred.
fn sort_key(principal: &UniqueId, threat: &Threat) -> String {
    let id: String = threat.id.chars().take(500).collect();
    format!("{}{}#{:?}#{id}", of(principal), threat.source, threat.sign)
}

/// An item that cannot be read is no reason to take a threat for another's: nothing is known then.
fn read(item: &Item) -> Result<(UniqueId, Threat), PortError> {
    let failed = |why: &str| Failure::of_answer(format!("a threat {why}")).port(QUERY);
    let principal = item::text(item, keys::SK)
        .and_then(|sk| sk.split_once('#'))
        .ok_or_else(|| failed("is about nobody"))?
        .0;
    let principal = UniqueId::parse(principal).map_err(|_| failed("is about nobody"))?;
    Ok((principal, item::read(item, "a threat")?))
}
