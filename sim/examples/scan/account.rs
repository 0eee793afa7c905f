//! The account of `generate.rs` as an account file, with the credentials that account details leave out.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

const NOW: Timestamp = Timestamp::constant(1_795_338_000, 0);

/// The account file of an account's details.
pub(crate) fn of_details(details: &Value) -> Value {
    let each = |list: &str, record: fn(usize, &Value) -> Value| -> Vec<Value> {
        details[list].as_array().into_iter().flatten().enumerate().map(|(n, of)| record(n, of)).collect()
    };
    json!({
        "account": "111122223333",
        "now": NOW,
        "users": each("UserDetailList", user),
        "roles": each("RoleDetailList", role),
        "groups": each("GroupDetailList", group),
        "policies": each("Policies", policy),
    })
}

/// A user with a key of any age up to two thirds of a year; one in three has a password, most of those MFA.
fn user(n: usize, of: &Value) -> Value {
    let day = i64::try_from(n).unwrap_or_default();
    let mut keys = vec![key(day % 240, day % 120)];
    if n.is_multiple_of(10) {
        keys.push(key(day % 90, day % 30));
    }
    let mut user = json!({
        "name": of["UserName"], "path": of["Path"], "created": ago(300 + day % 300), "groups": of["GroupList"],
        "tags": tags(of), "inlinePolicies": inline(&of["UserPolicyList"]),
        "attachedPolicies": attached(of), "boundary": boundary(of), "accessKeys": keys,
    });
    if n.is_multiple_of(3) {
        user["loginProfile"] = json!({ "created": ago(290) });
        user["passwordLastUsed"] = json!(ago(day % 110));
    }
    if n.is_multiple_of(3) && !n.is_multiple_of(15) {
        user["mfaDevices"] = json!([format!("arn:aws:iam::111122223333:mfa/user-{n}")]);
    }
    user
}

fn role(_: usize, of: &Value) -> Value {
    json!({
        "name": of["RoleName"], "path": of["Path"], "created": of["CreateDate"], "tags": tags(of),
        "trust": of["AssumeRolePolicyDocument"], "inlinePolicies": inline(&of["RolePolicyList"]),
        "attachedPolicies": attached(of), "boundary": boundary(of), "instanceProfiles": instance_profiles(of),
    })
}

fn group(_: usize, of: &Value) -> Value {
    json!({
        "name": of["GroupName"], "path": of["Path"], "inlinePolicies": inline(&of["GroupPolicyList"]),
        "attachedPolicies": attached(of),
    })
}

fn policy(_: usize, of: &Value) -> Value {
    let versions = of["PolicyVersionList"].as_array().into_iter().flatten();
    let (in_force, others): (Vec<&Value>, Vec<&Value>) =
        versions.partition(|version| version["IsDefaultVersion"] == true);
    let text = |version: &&Value| version["Document"].clone();
    json!({
        "name": of["PolicyName"], "path": of["Path"], "document": in_force.first().map(text),
        "otherVersions": others
            .iter()
            .map(|version| json!({"id": version["VersionId"], "document": version["Document"]}))
            .collect::<Vec<_>>(),
    })
}

fn tags(of: &Value) -> Value {
    let tags = of["Tags"].as_array().into_iter().flatten();
    tags.filter_map(|tag| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].clone())))
        .collect::<Map<_, _>>()
        .into()
}

fn inline(list: &Value) -> Value {
    let policies = list.as_array().into_iter().flatten();
    policies
        .map(|policy| json!({ "name": policy["PolicyName"], "document": policy["PolicyDocument"] }))
        .collect()
}

fn instance_profiles(of: &Value) -> Vec<&Value> {
    of["InstanceProfileList"].as_array().into_iter().flatten().map(|profile| &profile["Arn"]).collect()
}

fn attached(of: &Value) -> Vec<&Value> {
    let attached = of["AttachedManagedPolicies"].as_array().into_iter().flatten();
    attached.map(|policy| &policy["PolicyArn"]).collect()
}

fn boundary(of: &Value) -> &Value {
    &of["PermissionsBoundary"]["PermissionsBoundaryArn"]
}

fn key(created: i64, used: i64) -> Value {
    json!({ "created": ago(created), "lastUsed": { "at": ago(used.min(created)) } })
}

fn ago(days: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(24 * days)
}
