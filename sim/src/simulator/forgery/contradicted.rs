use serde_json::{Value, json};

use super::{Cast, Lot, Person, PersonKind, Roles, put, sample};
use crate::simulator::dice::Dice;

/// A report that would count, and that the live state contradicts.
pub(crate) fn contradicted(cast: &Cast, dice: &mut Dice) -> (Value, &'static str) {
    let open = cast.one(dice, Lot::Open, PersonKind::User);
    let shut = cast.one(dice, Lot::Shut, PersonKind::User);
    let role = cast.one(dice, Lot::Shut, PersonKind::Role);
    let of = |target| Roles { target, caller: shut, role };
    let key = |person: &Person, number: usize| json!(person.keys.get(number));
    match dice.below(8) {
        0 => {
            let mut event = sample("cloudtrail-key-made-for-another", of(open)).event;
            put(
                &mut event,
                &["detail", "responseElements", "accessKey", "accessKeyId"],
                key(open, dice.below(2)),
            );
            (event, "a key made that is older than that")
        }
        1 => {
            let mut event = sample("cloudtrail-key-switched-on-by-another", of(open)).event;
            put(&mut event, &["detail", "requestParameters", "accessKeyId"], key(open, 2));
            (event, "a key switched on that is off")
        }
        2 => {
            let mut event = sample("cloudtrail-key-made-for-another", of(shut)).event;
            put(&mut event, &["detail", "responseElements", "accessKey", "accessKeyId"], key(open, 0));
            (event, "a key made for somebody that is another's")
        }
        3 => {
            let mut event = sample("cloudtrail-key-made-for-another", of(shut)).event;
            let given = cast.one(dice, Lot::GivenAKey, PersonKind::User);
            put(&mut event, &["detail", "requestParameters", "userName"], json!(open.name));
            put(&mut event, &["detail", "responseElements", "accessKey", "accessKeyId"], key(given, 0));
            (event, "a key made just then, for another than whose it is")
        }
        4 => {
            let mut event = sample("health-key-exposed", of(open)).event;
            put(&mut event, &["detail", "affectedEntities"], json!([{"entityValue": key(open, 2)}]));
            (event, "a key in public that is off")
        }
        5 => {
            let mut event = sample("trusted-advisor-exposed", of(open)).event;
            put(&mut event, &["detail", "check-item-detail", "Access Key ID"], json!("AKIAQ2XH7WMRNOBODYS1"));
            (event, "a key in public that nobody has")
        }
        6 => {
            let mut event = sample("guardduty-user", of(open)).event;
            let details = ["detail", "resource", "accessKeyDetails", "principalId"];
            put(&mut event, &details, json!("AIDAQ2XH7WMR9ELSEWHER"));
            put(&mut event, &["detail", "severity"], json!(9.9));
            (event, "somebody of that name who is somebody else now")
        }
        _ => {
            let mut event = sample("guardduty-user", of(shut)).event;
            put(&mut event, &["detail", "resource", "accessKeyDetails", "accessKeyId"], key(open, 0));
            (event, "somebody who is contained, with another's key")
        }
    }
}
