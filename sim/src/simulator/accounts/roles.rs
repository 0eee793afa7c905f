use serde_json::{Value, json};

use super::{age, ago, documents};
use crate::simulator::dice::Dice;

/// Roles that nobody may touch, whatever the governance file says, with their paths.
const SPECIAL: [(&str, &str); 8] = [
    ("/", "bailiff-RestoreRole"),
    ("/aws-service-role/config.amazonaws.com/", "AWSServiceRoleForConfig"),
    ("/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_Admin_0123456789abcdef"),
    ("/", "AWSControlTowerExecution"),
    ("/", "aws-controltower-AdministratorExecutionRole"),
    ("/", "AWSCloudFormationStackSetExecutionRole"),
    ("/", "stacksets-exec-0123456789abcdef"),
    ("/", "OrganizationAccountAccessRole"),
];

pub(super) fn role(dice: &mut Dice, number: usize, attachable: &[String]) -> Value {
    let special = if dice.chance(300) { SPECIAL.get(number % SPECIAL.len()) } else { None };
    let (path, name) = match special {
        Some((path, name)) => (*path, (*name).to_owned()),
        None => (dice.pick(&["/", "/", "/team/", "/emergency/"]), format!("role-{number}")),
    };
    let inline: Vec<Value> = (0..dice.pick(&[0, 0, 1_i64]))
        .map(|number| json!({"name": format!("own-{number}"), "document": documents::identity(dice)}))
        .collect();
    let mut attached = dice.some(attachable, 200);
    attached.truncate(10);
    json!({
        "name": if number < SPECIAL.len() { name } else { format!("role-{number}") },
        "path": if number < SPECIAL.len() { path } else { "/" },
        "created": ago(age(dice).max(1)),
        "trust": documents::trust(dice),
        "inlinePolicies": inline,
        "attachedPolicies": attached,
        "boundary": dice.chance(200).then_some("arn:aws:iam::aws:policy/PowerUserAccess"),
        "maxSessionDuration": dice.pick(&[3_600, 7_200, 43_200_i64]),
        "lastUsed": dice.chance(600).then(|| json!({"at": ago(age(dice)), "region": "eu-west-1"})),
    })
}
