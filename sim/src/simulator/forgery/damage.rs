use serde_json::{Value, json};

use super::Person;
use crate::simulator::accounts::ACCOUNT;
use crate::simulator::dice::Dice;

/// Takes something out of the event, or puts something strange in its place; names are those of `people`.
pub(crate) fn damage(event: &mut Value, dice: &mut Dice, people: &[&Person]) {
    let mut place = event;
    loop {
        let (length, is_object) = match &*place {
            Value::Object(entries) => (entries.len(), true),
            Value::Array(members) => (members.len(), false),
            _ => (0, false),
        };
        if length == 0 {
            *place = strange(dice, people);
            return;
        }
        let at = dice.below(length);
        let (goes_on, takes_out) = (dice.chance(650), dice.chance(400));
        if is_object {
            let Value::Object(entries) = place else { return };
            let Some(key) = entries.keys().nth(at).cloned() else { return };
            if takes_out && !goes_on {
                entries.remove(&key);
                return;
            }
            let Some(inner) = entries.get_mut(&key) else { return };
            place = inner;
        } else {
            let Value::Array(members) = place else { return };
            if takes_out && !goes_on {
                members.remove(at);
                return;
            }
            let Some(inner) = members.get_mut(at) else { return };
            place = inner;
        }
        if !goes_on {
            *place = strange(dice, people);
            return;
        }
    }
}

/// What does not belong where it is put.
fn strange(dice: &mut Dice, people: &[&Person]) -> Value {
    const WORDS: [&str; 26] = [
        "",
        " ",
        "*",
        "null",
        "\u{0}",
        "\u{202e}𝕬é\u{1f}",
        "true",
        "ACTIVE",
        "Active",
        "FAILED",
        "ERROR",
        "CRITICAL",
        "IAMUser",
        "AssumedRole",
        "Root",
        "AccessKey",
        "AWS_RISK_CREDENTIALS_EXPOSED",
        "CreateAccessKey",
        "iam.amazonaws.com",
        "9999-12-31T23:59:59Z",
        "-009999-01-01T00:00:00Z",
        "2026-11-22T08:59:59+24:00",
        "Sun, 22 Nov 2026 08:50:00 GMT",
        "999988887777",
        "AKIA",
        "ASIAQ2XH7WMRSESSION1",
    ];
    match dice.below(16) {
        0 => Value::Null,
        1 => json!(dice.chance(500)),
        2 => json!(dice.pick(&[0, 1, -1, i64::MAX, i64::MIN, 1_795_166_043_000])),
        3 => json!(f64::from(i32::try_from(dice.between(-100, 1_000)).unwrap_or_default()) / 10.0),
        4 => json!([]),
        5 => json!({}),
        6 => (0..60).fold(json!({}), |inner, _| json!([inner])),
        7 if dice.chance(50) => json!("x".repeat(70_000)),
        7 => json!("x".repeat(300)),
        8 | 9 => match dice.one(people) {
            Some(person) => named(dice, person),
            None => Value::Null,
        },
        _ => json!(dice.pick(&WORDS)),
    }
}

/// One of the names by which somebody goes.
fn named(dice: &mut Dice, person: &Person) -> Value {
    let partition = dice.pick(&["aws", "aws", "aws-cn", "aws-us-gov", "aws-iso"]);
    match dice.below(6) {
        0 => json!(person.name),
        1 => json!(person.id),
        2 => json!(format!("{}:session", person.id)),
        3 => json!(person.keys.first()),
        4 => json!(format!("arn:{partition}:sts::{ACCOUNT}:assumed-role/{}/session", person.name)),
        _ => json!(format!("arn:{partition}:iam::{ACCOUNT}:{}", person.resource())),
    }
}

/// What is no event at all.
pub(crate) fn junk(dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => strange(dice, &[]),
        1 => json!({"source": "aws.health"}),
        2 => {
            json!({"detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": strange(dice, &[])})
        }
        3 => {
            json!({"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": {"eventName": []}})
        }
        _ => json!([strange(dice, &[]), strange(dice, &[])]),
    }
}
