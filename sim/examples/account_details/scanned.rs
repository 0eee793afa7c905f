//! The same account as an account file, with credentials for its users.

use serde_json::{Map, Value, json};

/// Reads what `aws iam get-account-authorization-details` prints.
pub(crate) fn account(details: &str) -> Result<String, serde_json::Error> {
    let details: Value = serde_json::from_str(details)?;
    let each = |list: &str, of: &dyn Fn((usize, &Value)) -> Value| -> Vec<Value> {
        details[list].as_array().into_iter().flatten().enumerate().map(of).collect()
    };
    let file = json!({
        "account": "111122223333",
        "now": "2026-11-22T09:00:00Z",
        "users": each("UserDetailList", &user),
        "roles": each("RoleDetailList", &role),
        "groups": each("GroupDetailList", &group),
        "policies": each("Policies", &policy),
    });
    Ok(file.to_string())
}

fn user((index, detail): (usize, &Value)) -> Value {
    let mut user = json!({
        "name": detail["UserName"], "path": detail["Path"], "created": "2025-01-01T00:00:00Z",
        "groups": detail["GroupList"], "inlinePolicies": inline(&detail["UserPolicyList"]),
        "attachedPolicies": attached(detail), "boundary": boundary(detail), "tags": tags(detail),
    });
    // Half of them people, the other half programs.
    let used = "2026-11-21T10:00:00Z";
    let Some(fields) = user.as_object_mut() else { return user };
    if index.is_multiple_of(2) {
        fields.insert("loginProfile".to_owned(), json!({}));
        fields.insert("passwordLastUsed".to_owned(), json!(used));
        let device = format!("arn:aws:iam::111122223333:mfa/user-{index}");
        fields.insert("mfaDevices".to_owned(), json!([device]));
    } else {
        let key = json!({"created": "2026-10-01T00:00:00Z", "lastUsed": {"at": used}});
        fields.insert("accessKeys".to_owned(), json!([key]));
    }
    user
}

fn role((_, detail): (usize, &Value)) -> Value {
    let profiles = detail["InstanceProfileList"].as_array().into_iter().flatten();
    json!({
        "name": detail["RoleName"], "path": detail["Path"], "trust": detail["AssumeRolePolicyDocument"],
        "inlinePolicies": inline(&detail["RolePolicyList"]), "attachedPolicies": attached(detail),
        "boundary": boundary(detail),
        "instanceProfiles": profiles.map(|profile| profile["Arn"].clone()).collect::<Vec<_>>(),
    })
}

fn group((_, detail): (usize, &Value)) -> Value {
    json!({
        "name": detail["GroupName"], "path": detail["Path"],
        "inlinePolicies": inline(&detail["GroupPolicyList"]), "attachedPolicies": attached(detail),
    })
}

fn policy((_, detail): (usize, &Value)) -> Value {
    let versions = || detail["PolicyVersionList"].as_array().into_iter().flatten();
    let is_default = |version: &&Value| version["IsDefaultVersion"] == json!(true);
    let default = versions().find(is_default).map(|version| version["Document"].clone());
    let others = versions().filter(|version| !is_default(version)).map(|version| version["Document"].clone());
    json!({
        "name": detail["PolicyName"], "path": detail["Path"], "document": default,
        "otherVersions": others.collect::<Vec<_>>(),
    })
}

fn inline(list: &Value) -> Vec<Value> {
    let policies = list.as_array().into_iter().flatten();
    policies.map(|it| json!({"name": it["PolicyName"], "document": it["PolicyDocument"]})).collect()
}

fn attached(detail: &Value) -> Vec<Value> {
    let policies = detail["AttachedManagedPolicies"].as_array().into_iter().flatten();
    policies.map(|policy| policy["PolicyArn"].clone()).collect()
}

fn boundary(detail: &Value) -> Value {
    detail["PermissionsBoundary"]["PermissionsBoundaryArn"].clone()
}

fn tags(detail: &Value) -> Value {
    let tags = detail["Tags"].as_array().into_iter().flatten();
    let tags = tags.filter_map(|tag| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].clone())));
    Value::Object(tags.collect::<Map<_, _>>())
}
