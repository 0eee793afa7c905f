use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};
use shared::engine::{Counted, CountedCall, KeepThreats, ListThreats, PortError, ReportThreat};
use shared::facts::{Fact, Read};
use shared::identifier::UniqueId;
use shared::threat::{Threat, Threats, stored};

use super::item::{self, Item};
use super::{QUERY, Table, built, keys, seconds};
use crate::failure::Failure;

/// The partition of the counts of refused calls.
const REFUSED: &str = "refused";
const CALLS: &str = "calls";
/// Whether the principal was judged for them to the end.
const JUDGED: &str = "judged";
const UPDATE_ITEM: &str = "dynamodb:UpdateItem";
const AT: &str = "at";
/// As many calls are told apart; a threat takes fewer.
const MOST_CALLS: u32 = 50;
const EXPIRES: &str = "expires";
/// A count outlives its hour, for events that come late.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(48);

impl ReportThreat for Table {
    async fn put_threat(&self, principal: &UniqueId, threat: &Threat) -> Result<bool, PortError> {
        let mut item = item::of(stored::PARTITION.to_owned(), sort_key(principal, threat), threat)?;
        // Of the same moment the graver one stays: how much is at stake may be known only at the next try.
        let at = format!("{}.{:02}", threat.at.as_second(), threat.risk.score());
        let at = AttributeValue::N(at);
        item.insert(AT.to_owned(), at.clone());
        if let Some(until) = threat.kept_until() {
            item.insert(EXPIRES.to_owned(), seconds(until));
        }
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR #at < :at")
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":at", at);
        Ok(self.put(built(put.build())?).await?.is_some())
    }
}

impl KeepThreats for Table {
    async fn count_call(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        call: &str,
        at: Timestamp,
    ) -> Result<Counted, PortError> {
        let call: String = call.chars().take(128).collect();
        let request = self
            .update_of_hour(kind, principal, at)
            .update_expression("ADD #calls :call SET #expires = :expires")
            // An item holds 400 KB, and more than matter need not be told apart.
            .condition_expression("attribute_not_exists(#calls) OR size(#calls) < :most")
            .expression_attribute_names("#calls", CALLS)
            .expression_attribute_values(":call", AttributeValue::Ss(vec![call]))
            .expression_attribute_values(":most", AttributeValue::N(MOST_CALLS.to_string()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let Some(UpdateItemError::ConditionalCheckFailedException(full)) = error.as_service_error()
                else {
                    return Err(Failure::of(&error).port(UPDATE_ITEM));
                };
                return Ok(Counted { calls: MOST_CALLS, judged: full.item().is_some_and(is_judged) });
            }
        };
        let item = answer.attributes.unwrap_or_default();
        let calls = item.get(CALLS).and_then(|calls| calls.as_ss().ok());
        let calls = calls.and_then(|calls| u32::try_from(calls.len()).ok());
        let calls = calls.ok_or_else(|| Failure::of_answer("the answer holds no count").port(UPDATE_ITEM))?;
        Ok(Counted { calls, judged: is_judged(&item) })
    }

    async fn judged_for(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        at: Timestamp,
    ) -> Result<(), PortError> {
        let request = self
            .update_of_hour(kind, principal, at)
            .update_expression("SET #judged = :judged, #expires = :expires")
            .expression_attribute_names("#judged", JUDGED)
            .expression_attribute_values(":judged", AttributeValue::Bool(true));
        request.send().await.map(|_| ()).map_err(|error| Failure::of(&error).port(UPDATE_ITEM))
    }

    async fn threats_of(&self, principal: &UniqueId) -> Result<Threats, PortError> {
        let items = self.items(stored::PARTITION, &stored::prefix_of(principal)).await?;
        let threats: Result<Threats, _> =
            items.iter().map(|item| read(item).map(|(_, threat)| threat)).collect();
        threats.map(in_order)
    }
}

impl ListThreats for Table {
    async fn threats(&self) -> Result<BTreeMap<UniqueId, Threats>, PortError> {
        let mut all: BTreeMap<UniqueId, Threats> = BTreeMap::new();
        for item in self.items(stored::PARTITION, "").await? {
            let (principal, threat) = read(&item)?;
            all.entry(principal).or_default().push(threat);
        }
        Ok(all.into_iter().map(|(principal, threats)| (principal, in_order(threats))).collect())
    }
}

impl Table {
    /// An update of what is counted of a principal in an hour.
    fn update_of_hour(
        &self,
        kind: CountedCall,
        principal: &UniqueId,
        at: Timestamp,
    ) -> UpdateItemFluentBuilder {
        let of = match kind {
            CountedCall::Refused => String::new(),
            CountedCall::Paged { sign, by_it } => {
                format!("#paged#{}#{sign:?}", if by_it { "by" } else { "to" })
            }
        };
        self.client
            .update_item()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(REFUSED.to_owned()))
            .key(keys::SK, AttributeValue::S(format!("{principal}#{}{of}", at.strftime("%Y-%m-%dT%H"))))
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":expires", seconds(at.saturating_add(KEPT_FOR).unwrap_or(at)))
    }

    pub(crate) async fn threats_fact(&self, principal: &UniqueId) -> Fact<Threats> {
        let listed = self.threats_of(principal).await;
        listed.map_or_else(|error| Fact::Unknown(error.unread(Read::Threats)), Fact::Known)
    }
}

fn is_judged(item: &Item) -> bool {
    item.get(JUDGED).is_some_and(|judged| judged.as_bool().is_ok_and(|judged| *judged))
}

fn in_order(mut threats: Threats) -> Threats {
    threats.sort_by_key(|threat| threat.at);
    threats
}

/// One source may see several signs in one event. Sort keys hold 1,024 bytes, ids of findings that are ARNs a few
/// hundred.
pub(super) fn sort_key(principal: &UniqueId, threat: &Threat) -> String {
    let id: String = threat.id.chars().take(500).collect();
    format!("{}{}#{:?}#{id}", stored::prefix_of(principal), threat.source, threat.sign)
}

/// An item that cannot be read is no reason to take a threat for another's: nothing is known then.
fn read(item: &Item) -> Result<(UniqueId, Threat), PortError> {
    let failed = |why: &str| Failure::of_answer(format!("a threat {why}")).port(QUERY);
    let principal =
        item::text(item, keys::SK).and_then(stored::about).ok_or_else(|| failed("is about nobody"))?;
    Ok((principal, item::read(item, "a threat")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::identifier::{AccessKeyId, AccountId};
    use shared::threat::{Confidence, Grade, Risk, Sign, Source};

    use super::*;
    use crate::stand_in::{ACCOUNT, StandIn, json_error, run};

    const USER: &str = "AIDAEXAMPLEEXAMPLE001";

    fn table(stand_in: &StandIn) -> Table {
        Table::new(&stand_in.sdk(), "journal".to_owned(), AccountId::parse(ACCOUNT).unwrap())
    }

    fn threat() -> Threat {
        let at: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        Threat {
            id: "f1".to_owned(),
            source: Source::GuardDuty,
            sign: Sign::Detected,
            at,
            heard: at,
            key: None,
            by: None,
            said: "said".to_owned(),
            risk: Risk {
                tier: Grade::One,
                exposure: Grade::One,
                anomaly: Grade::Three,
                confidence: Confidence::of(90),
            },
        }
    }

    fn user() -> UniqueId {
        UniqueId::parse(USER).unwrap()
    }

    #[test]
    fn a_threat_is_written_once_and_again_when_it_is_told_of_a_later_time() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&stand_in).put_threat(&user(), &threat())), Ok(true));
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["Item"]["pk"]["S"], "threat");
        assert_eq!(body["Item"]["sk"]["S"], format!("{USER}#GuardDuty#Detected#f1"));
        assert_eq!(body["ConditionExpression"], "attribute_not_exists(pk) OR #at < :at");
        let at = format!("{}.{:02}", threat().at.as_second(), threat().risk.score());
        assert_eq!(
            (&body["ExpressionAttributeValues"][":at"]["N"], &body["Item"]["at"]["N"]),
            (&json!(at), &json!(at))
        );
        let kept = |threat: &Threat| {
            run(table(&stand_in).put_threat(&user(), threat)).unwrap();
            let body = stand_in.asked().pop().unwrap().body;
            let expires: Option<i64> = body["Item"]["expires"]["N"].as_str().map(|it| it.parse().unwrap());
            expires.map(|expires| (expires - threat.at.as_second()) / 86_400)
        };
        assert_eq!(kept(&threat()), Some(90));
        assert_eq!(kept(&Threat { sign: Sign::KeyExposed, ..threat() }), Some(400));
        let key = AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").ok();
        assert_eq!(kept(&Threat { key: key.clone(), ..threat() }), Some(400));
        assert_eq!(kept(&Threat { sign: Sign::TriedDisabledKey, key, ..threat() }), None);
        let known = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        assert_eq!(run(table(&known).put_threat(&user(), &threat())), Ok(false));
    }

    #[test]
    fn refused_calls_are_told_apart_by_their_ids_up_to_a_number() {
        let count = |stand_in: &StandIn, call: &str| {
            run(table(stand_in).count_call(CountedCall::Refused, &user(), call, threat().at))
        };
        let two = json!({"Attributes": {"calls": {"SS": ["c1", "c2"]}}}).to_string();
        let stand_in = StandIn::new(move |_, _| (200, two.clone()));
        assert_eq!(count(&stand_in, "c2"), Ok(Counted { calls: 2, judged: false }));
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["Key"]["pk"]["S"], "refused");
        assert_eq!(body["ExpressionAttributeValues"][":call"]["SS"], json!(["c2"]));
        let full = StandIn::new(|_, _| json_error("ConditionalCheckFailedException", &json!({})));
        assert_eq!(count(&full, "c9"), Ok(Counted { calls: MOST_CALLS, judged: false }));
        let senseless = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert!(count(&senseless, "c9").is_err());
    }

    #[test]
    fn that_they_were_judged_is_kept_beside_their_count() {
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        assert_eq!(run(table(&stand_in).judged_for(CountedCall::Refused, &user(), threat().at)), Ok(()));
        let body = &stand_in.asked()[0].body;
        assert_eq!(body["Key"]["sk"]["S"], format!("{USER}#2026-11-22T09"));
        assert_eq!(body["ExpressionAttributeValues"][":judged"]["BOOL"], true);
        let of_then = json!({"calls": {"SS": ["c1"]}, "judged": {"BOOL": true}});
        let known = json!({"Attributes": of_then}).to_string();
        let full = json!({"Item": of_then});
        for (stand_in, calls) in [
            (StandIn::new(move |_, _| (200, known.clone())), 1),
            (StandIn::new(move |_, _| json_error("ConditionalCheckFailedException", &full)), MOST_CALLS),
        ] {
            let counted = run(table(&stand_in).count_call(CountedCall::Refused, &user(), "c9", threat().at));
            assert_eq!(counted, Ok(Counted { calls, judged: true }));
        }
    }

    #[test]
    fn the_threats_of_one_principal_are_read_in_order_and_what_cannot_be_read_is_unknown() {
        let item = |id: &str, at: &str| {
            let threat = Threat { id: id.to_owned(), at: at.parse().unwrap(), ..threat() };
            json!({"pk": {"S": "threat"}, "sk": {"S": format!("{USER}#GuardDuty#Detected#{id}")},
                   "body": {"S": serde_json::to_string(&threat).unwrap()}})
        };
        let items = json!({"Items": [item("b", "2026-11-22T09:00:00Z"), item("a", "2026-11-21T09:00:00Z")]});
        let answer = items.to_string();
        let stand_in = StandIn::new(move |_, _| (200, answer.clone()));
        let Fact::Known(threats) = run(table(&stand_in).threats_fact(&user())) else { panic!() };
        assert_eq!(threats.iter().map(|threat| threat.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(stand_in.asked()[0].body["ExpressionAttributeValues"][":prefix"]["S"], format!("{USER}#"));
        let broken = StandIn::new(|_, _| {
            (200, json!({"Items": [{"pk": {"S": "threat"}, "sk": {"S": "nobody"}}]}).to_string())
        });
        assert!(matches!(run(table(&broken).threats_fact(&user())), Fact::Unknown(_)));
    }
}
