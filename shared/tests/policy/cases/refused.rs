//! What is not answered.

use serde_json::{Value, json};

use super::*;

#[test]
fn a_request_of_another_form_is_refused() {
    check([
        ("unknown key", ask(json!({ "resourcePolicies": [] })), REFUSED),
        ("no principal", ask(json!({ "principal": null })), REFUSED),
        ("no action", ask(json!({ "action": null })), REFUSED),
        ("no resource", ask(json!({ "resource": null })), REFUSED),
        ("a group", ask(json!({ "principal": "arn:aws:iam::111122223333:group/g" })), REFUSED),
        (
            "an account of eleven digits",
            ask(json!({ "principal": "arn:aws:iam::11112222333:user/a" })),
            REFUSED,
        ),
        ("levels that are no lists", ask(json!({ "serviceControlPolicies": [allow(json!({}))] })), REFUSED),
    ]);
}

#[test]
fn a_policy_that_iam_rejects_is_refused() {
    let with = |changes: Value| ask(json!({ "identityPolicies": allow(changes) }));
    check([
        ("no effect", with(json!({ "Effect": null })), REFUSED),
        ("an effect in small letters", with(json!({ "Effect": "allow" })), REFUSED),
        ("no action", with(json!({ "Action": null })), REFUSED),
        ("both actions", with(json!({ "Action": "*", "NotAction": "iam:*" })), REFUSED),
        ("no actions in the list, which IAM takes", with(json!({ "Action": [] })), IMPLICITLY),
        ("no resource", with(json!({ "Resource": null })), REFUSED),
        ("both resources", with(json!({ "Resource": "*", "NotResource": "a" })), REFUSED),
        ("unknown element", with(json!({ "Actions": "*" })), REFUSED),
        ("unknown operator", with(json!({ "Condition": { "StringMatches": { "a:a": "b" } } })), REFUSED),
        (
            "unknown set operator",
            with(json!({ "Condition": { "ForSome:StringLike": { "a:a": "b" } } })),
            REFUSED,
        ),
        ("Null with IfExists", with(json!({ "Condition": { "NullIfExists": { "a:a": "true" } } })), REFUSED),
    ]);
    let document = |changes: Value| ask(json!({ "identityPolicies": changed(allow(json!({})), changes) }));
    check([
        ("another version", document(json!({ "Version": "2020-01-01" })), REFUSED),
        ("no statement", document(json!({ "Statement": null })), REFUSED),
        ("unknown member", document(json!({ "Statements": [] })), REFUSED),
    ]);
}

#[test]
fn a_principal_belongs_in_policies_of_resources_only() {
    let everyone = || allow_to(json!("*"));
    let nobody = || allow(json!({}));
    let faulty = |what: &'static str, request: Value, decision: Decision| {
        let (decided, faults) = naive::answer(&request).unwrap();
        assert_eq!((decided, faults.len()), (decision, 1), "{what}: {faults:?}");
    };
    faulty("left out", ask(json!({ "identityPolicies": everyone() })), Decision::Allowed);
    let all = || json!({ "identityPolicies": nobody() });
    for slot in ["permissionBoundaries", "sessionPolicy"] {
        faulty(slot, changed(ask(all()), json!({ slot: everyone() })), Decision::Allowed);
    }
    faulty(
        "SCP",
        changed(ask(all()), json!({ "serviceControlPolicies": [[everyone()]] })),
        Decision::Allowed,
    );
    faulty("speaks to nobody", ask(json!({ "resourcePolicy": nobody() })), Decision::ImplicitlyDenied);
    faulty(
        "lets nobody through",
        changed(ask(all()), json!({ "endpointPolicies": nobody() })),
        Decision::ImplicitlyDenied,
    );
    let rcp = json!({ "resourceControlPolicies": [[deny(json!({}))]] });
    faulty("RCP", changed(ask(all()), rcp), Decision::Allowed);
    faulty("bare", ask(json!({ "resourcePolicy": allow_to(json!(ALICE)) })), Decision::Allowed);
    check([
        ("no principal at all", ask(json!({ "resourcePolicy": allow_to(json!("alice")) })), REFUSED),
        (
            "both",
            ask(
                json!({ "resourcePolicy": allow(json!({ "Principal": "*", "NotPrincipal": { "AWS": ALICE } })) }),
            ),
            REFUSED,
        ),
    ]);
}

#[test]
fn a_bad_policy_is_refused_even_where_it_would_not_matter() {
    let bad = json!([[allow(json!({ "Effect": "Maybe" }))]]);
    let request = ask(json!({ "principal": "ec2.amazonaws.com", "serviceControlPolicies": bad }));
    check([("SCP of a service", request, REFUSED)]);
}
