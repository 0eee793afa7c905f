use crate::account_file::derive;
use crate::simulator::dice::Dice;
use serde_json::{Value, json};

use super::{age, ago, documents};

pub(super) fn user(dice: &mut Dice, number: usize, attachable: &[String], groups: &[String]) -> Value {
    let name = format!("user-{number}");
    let keys: Vec<Value> = (0..dice.below(3)).map(|key| access_key(dice, &name, key)).collect();
    let inline: Vec<Value> = (0..dice.pick(&[0, 0, 1, 2_i64]))
        .map(|number| json!({"name": format!("own-{number}"), "document": documents::identity(dice)}))
        .collect();
    let others: Vec<Value> = (0..dice.pick(&[0, 0, 0, 1, 2_i64]))
        .map(|_| {
            let kind = dice.pick(&["sshPublicKey", "serviceSpecificCredential", "signingCertificate"]);
            let status = dice.pick(&["Active", "Active", "Inactive"]);
            json!({"kind": kind, "status": status, "created": ago(age(dice))})
        })
        .collect();
    let has_password = dice.chance(400);
    let mut attached = dice.some(attachable, 200);
    attached.truncate(10);
    json!({
        "name": name,
        "path": dice.pick(&["/", "/", "/", "/team/", "/emergency/"]),
        "created": ago(500),
        "tags": if dice.chance(200) { json!({"owner": "ann"}) } else { json!({}) },
        "groups": dice.some(groups, 300),
        "accessKeys": keys,
        "otherCredentials": others,
        "inlinePolicies": inline,
        "attachedPolicies": attached,
        "loginProfile": has_password.then(|| json!({"created": ago(age(dice))})),
        "passwordLastUsed": (has_password && dice.chance(600)).then(|| ago(age(dice))),
        "mfaDevices": if dice.chance(400) { vec!["m"] } else { vec![] },
        "boundary": dice.chance(200).then_some("arn:aws:iam::aws:policy/PowerUserAccess"),
    })
}

fn access_key(dice: &mut Dice, user: &str, number: usize) -> Value {
    let created = age(dice);
    let used = dice.chance(600).then(|| age(dice).min(created));
    json!({
        // By its own name, so that a user made again under the name has other keys.
        "id": derive("AKIA", &format!("{user} {number} {created}"), 20),
        "status": dice.pick(&["Active", "Active", "Active", "Inactive"]),
        "created": ago(created),
        "lastUsed": used.map(|days| json!({"at": ago(days)})),
        "statusChanged": dice.chance(200).then(|| ago(age(dice).min(created))),
    })
}
