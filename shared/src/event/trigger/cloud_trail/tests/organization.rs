//! Calls in the organisation's own account that change which of its policies hold where.

use super::*;

fn organization(name: &str, parameters: &Value, answer: Value) -> Vec<String> {
    short(&answering(call("organizations", name, parameters), answer))
}

#[test]
fn what_takes_the_organisations_policies_off_somebody_is_told_to_people() {
    let page = ["Page LoosenedOrganization"];
    for (name, parameters) in [
        ("DetachPolicy", json!({ "policyId": "p-1", "targetId": "111122223333" })),
        ("UpdatePolicy", json!({ "policyId": "p-1", "content": "{}" })),
        ("DeletePolicy", json!({ "policyId": "p-1" })),
        ("DisablePolicyType", json!({ "rootId": "r-1", "policyType": "SERVICE_CONTROL_POLICY" })),
        ("DisablePolicyType", json!({ "rootId": "r-1", "policyType": "RESOURCE_CONTROL_POLICY" })),
        ("MoveAccount", json!({ "accountId": "111122223333", "destinationParentId": "r-1" })),
        ("RemoveAccountFromOrganization", json!({ "accountId": "111122223333" })),
    ] {
        assert_eq!(organization(name, &parameters, Value::Null), page, "{name}");
    }
}

#[test]
fn policies_that_bind_nobody_and_what_adds_some_are_not() {
    let ignored = |hints: Vec<String>| assert!(hints[0].starts_with("ignored: "), "{hints:?}");
    ignored(organization(
        "DisablePolicyType",
        &json!({ "rootId": "r-1", "policyType": "TAG_POLICY" }),
        Value::Null,
    ));
    let answer = json!({ "policy": { "policySummary": { "id": "p-1", "type": "BACKUP_POLICY" } } });
    ignored(organization("UpdatePolicy", &json!({ "policyId": "p-1" }), answer));
    ignored(organization("AttachPolicy", &json!({ "policyId": "p-1", "targetId": "r-1" }), Value::Null));
    ignored(organization("CreateAccount", &json!({ "accountName": "depot" }), Value::Null));
}
