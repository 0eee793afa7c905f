//! Who is named, and what follows about them into the context.

use serde_json::{Value, json};

use super::*;

/// Whether a statement with that principal speaks of the one who asks: a denial in a resource policy.
fn named(principal: Value, element: Value) -> Value {
    ask(json!({ "principal": principal, "resourcePolicy": deny(element) }))
}

fn by(principal: &str, entry: Value) -> Value {
    named(json!(principal), json!({ "Principal": entry }))
}

#[test]
fn everyone_is_everyone() {
    let asking = [
        json!(ALICE),
        json!(SESSION),
        json!(ROOT),
        json!("lambda.amazonaws.com"),
        json!("accounts.google.com"),
        json!({ "type": "Anonymous" }),
    ];
    for principal in asking {
        check([
            ("star", named(principal.clone(), json!({ "Principal": "*" })), EXPLICITLY),
            ("AWS star", named(principal.clone(), json!({ "Principal": { "AWS": "*" } })), EXPLICITLY),
            (
                "AWS star in a list",
                named(principal, json!({ "Principal": { "AWS": ["1", "*"] } })),
                EXPLICITLY,
            ),
        ]);
    }
}

#[test]
fn an_account_is_all_its_principals() {
    for entry in ["111122223333", "arn:aws:iam::111122223333:root"] {
        for principal in [ALICE, ROLE, SESSION, FEDERATED, ROOT] {
            check([("of the account", by(principal, json!({ "AWS": entry })), EXPLICITLY)]);
        }
        check([
            ("a stranger", by(STRANGER, json!({ "AWS": entry })), IMPLICITLY),
            ("a service", by("lambda.amazonaws.com", json!({ "AWS": entry })), IMPLICITLY),
            (
                "nobody",
                named(json!({ "type": "Anonymous" }), json!({ "Principal": { "AWS": entry } })),
                IMPLICITLY,
            ),
        ]);
    }
}

#[test]
fn an_arn_is_that_principal() {
    check([
        ("a user", by(ALICE, json!({ "AWS": ALICE })), EXPLICITLY),
        ("in a list", by(ALICE, json!({ "AWS": [BOB, ALICE] })), EXPLICITLY),
        ("another user", by(BOB, json!({ "AWS": ALICE })), IMPLICITLY),
        ("without the path", by(ALICE, json!({ "AWS": "arn:aws:iam::111122223333:user/alice" })), IMPLICITLY),
        ("a role", by(ROLE, json!({ "AWS": ROLE })), EXPLICITLY),
        ("a role's session", by(SESSION, json!({ "AWS": ROLE })), EXPLICITLY),
        ("another role's session", by(SESSION, json!({ "AWS": TARGET })), IMPLICITLY),
        (
            "a session of another account's role of that name",
            by("arn:aws:sts::444455556666:assumed-role/reader/one", json!({ "AWS": ROLE })),
            IMPLICITLY,
        ),
        (
            "a session of a role of another partition",
            by(SESSION, json!({ "AWS": ROLE.replace("arn:aws:", "arn:aws-cn:") })),
            IMPLICITLY,
        ),
        (
            "a session, whatever the role's path",
            by(SESSION, json!({ "AWS": "arn:aws:iam::111122223333:role/x/y/reader" })),
            EXPLICITLY,
        ),
        ("a session", by(SESSION, json!({ "AWS": SESSION })), EXPLICITLY),
        ("another session", by(SESSION, json!({ "AWS": OTHER_SESSION })), IMPLICITLY),
        ("a role is not its session", by(ROLE, json!({ "AWS": SESSION })), IMPLICITLY),
        ("a federated user", by(FEDERATED, json!({ "AWS": FEDERATED })), EXPLICITLY),
        (
            "an id that stands for a deleted principal",
            by(ALICE, json!({ "AWS": "AIDAEXAMPLEEXAMPLE123" })),
            IMPLICITLY,
        ),
    ]);
}

#[test]
fn other_kinds_are_named_by_their_value() {
    let saml = "arn:aws:iam::111122223333:saml-provider/corp";
    check([
        ("a service", by("lambda.amazonaws.com", json!({ "Service": "lambda.amazonaws.com" })), EXPLICITLY),
        (
            "another service",
            by("lambda.amazonaws.com", json!({ "Service": "ec2.amazonaws.com" })),
            IMPLICITLY,
        ),
        ("any service", by("lambda.amazonaws.com", json!({ "Service": "*" })), EXPLICITLY),
        ("no service", by(ALICE, json!({ "Service": "*" })), IMPLICITLY),
        ("a provider", by(saml, json!({ "Federated": ["accounts.google.com", saml] })), EXPLICITLY),
        ("another provider", by(saml, json!({ "Federated": "accounts.google.com" })), IMPLICITLY),
        ("any provider", by("www.amazon.com", json!({ "Federated": "*" })), EXPLICITLY),
        ("no provider", by("lambda.amazonaws.com", json!({ "Federated": "*" })), IMPLICITLY),
        (
            "a provider is no service",
            by("cognito-identity.amazonaws.com", json!({ "Service": "*" })),
            IMPLICITLY,
        ),
        ("a canonical user", by(ALICE, json!({ "CanonicalUser": "79a59df900b949e5" })), IMPLICITLY),
        (
            "one of several kinds",
            by(ALICE, json!({ "Service": "ec2.amazonaws.com", "AWS": ALICE })),
            EXPLICITLY,
        ),
    ]);
}

#[test]
fn not_principal_is_all_but_the_list() {
    let but = |principal: Value, entries: Value| named(principal, json!({ "NotPrincipal": entries }));
    check([
        ("listed", but(json!(ALICE), json!({ "AWS": [ALICE, BOB] })), IMPLICITLY),
        ("not listed", but(json!(ALICE), json!({ "AWS": BOB })), EXPLICITLY),
        ("a session by its ARN", but(json!(SESSION), json!({ "AWS": SESSION })), IMPLICITLY),
        ("a session by its role's ARN", but(json!(SESSION), json!({ "AWS": ROLE })), IMPLICITLY),
        ("another session", but(json!(SESSION), json!({ "AWS": OTHER_SESSION })), EXPLICITLY),
        ("by its account", but(json!(ALICE), json!({ "AWS": "111122223333" })), IMPLICITLY),
        (
            "a service",
            but(json!("lambda.amazonaws.com"), json!({ "Service": "lambda.amazonaws.com" })),
            IMPLICITLY,
        ),
        ("anonymous", but(json!({ "type": "Anonymous" }), json!({ "AWS": ALICE })), EXPLICITLY),
        ("everyone listed", but(json!(ALICE), json!("*")), IMPLICITLY),
        ("one and its account", but(json!(ALICE), json!({ "AWS": [ALICE, ROOT] })), IMPLICITLY),
        ("another of the account", but(json!(BOB), json!({ "AWS": [ALICE, ROOT] })), EXPLICITLY),
        ("the root user itself", but(json!(ROOT), json!({ "AWS": [ALICE, ROOT] })), ALLOWED),
        ("one of another account", but(json!(BOB), json!({ "AWS": [STRANGER, ROOT] })), IMPLICITLY),
        ("session, role, account", but(json!(SESSION), json!({ "AWS": [SESSION, ROLE, ROOT] })), IMPLICITLY),
        ("another session", but(json!(OTHER_SESSION), json!({ "AWS": [SESSION, ROLE, ROOT] })), EXPLICITLY),
        ("role and account", but(json!(SESSION), json!({ "AWS": [ROLE, ROOT] })), IMPLICITLY),
    ]);
    let allowing = json!({
        "identityPolicies": allow(json!({})),
        "resourcePolicy": deny(json!({ "NotPrincipal": { "AWS": ALICE } })),
    });
    let with_boundary = changed(ask(allowing.clone()), json!({ "permissionBoundaries": allow(json!({})) }));
    check([
        ("listed, without a boundary", ask(allowing), ALLOWED),
        ("listed, with a boundary", with_boundary, EXPLICITLY),
    ]);
}

#[test]
fn the_request_fills_in_what_the_caller_did_not_give() {
    let having = |principal: Value, key: &str, value: &str| {
        let condition = json!({ "StringEquals": { key: value } });
        named(principal, json!({ "Principal": "*", "Condition": condition }))
    };
    let anonymous = || json!({ "type": "Anonymous" });
    check([
        ("a user's ARN", having(json!(ALICE), "aws:PrincipalArn", ALICE), EXPLICITLY),
        (
            "a session's is the role's",
            having(json!(SESSION), "aws:PrincipalArn", "arn:aws:iam::111122223333:role/reader"),
            EXPLICITLY,
        ),
        ("account", having(json!(SESSION), "aws:PrincipalAccount", "111122223333"), EXPLICITLY),
        ("user", having(json!(ALICE), "aws:PrincipalType", "User"), EXPLICITLY),
        ("role", having(json!(ROLE), "aws:PrincipalType", "AssumedRole"), EXPLICITLY),
        ("session", having(json!(SESSION), "aws:PrincipalType", "AssumedRole"), EXPLICITLY),
        ("root", having(json!(ROOT), "aws:PrincipalType", "Account"), EXPLICITLY),
        ("federated user", having(json!(FEDERATED), "aws:PrincipalType", "FederatedUser"), EXPLICITLY),
        ("anonymous", having(anonymous(), "aws:PrincipalType", "Anonymous"), EXPLICITLY),
        ("anonymous account", having(anonymous(), "aws:PrincipalAccount", "anonymous"), EXPLICITLY),
        ("user name", having(json!(ALICE), "aws:username", "alice"), EXPLICITLY),
        (
            "no user, no user name",
            named(
                json!(SESSION),
                json!({ "Principal": "*", "Condition": { "Null": { "aws:username": "true" } } }),
            ),
            EXPLICITLY,
        ),
        (
            "a service is one",
            having(json!("ec2.amazonaws.com"), "aws:PrincipalIsAWSService", "true"),
            EXPLICITLY,
        ),
        (
            "nobody is neither",
            named(
                anonymous(),
                json!({ "Principal": "*", "Condition": { "Null": { "aws:PrincipalIsAWSService": "true" } } }),
            ),
            EXPLICITLY,
        ),
        (
            "a provider's account is no principal's",
            named(
                json!("arn:aws:iam::111122223333:saml-provider/corp"),
                json!({ "Principal": "*", "Condition": { "Null": { "aws:PrincipalAccount": "true" } } }),
            ),
            EXPLICITLY,
        ),
        ("a user is none", having(json!(ALICE), "aws:PrincipalIsAWSService", "false"), EXPLICITLY),
        (
            "service name",
            having(json!("ec2.amazonaws.com"), "aws:PrincipalServiceName", "ec2.amazonaws.com"),
            EXPLICITLY,
        ),
        (
            "resource account, as the requester's",
            having(json!(STRANGER), "aws:ResourceAccount", "444455556666"),
            EXPLICITLY,
        ),
        (
            "no clock",
            named(
                json!(ALICE),
                json!({ "Principal": "*", "Condition": { "Null": { "aws:CurrentTime": "true" } } }),
            ),
            EXPLICITLY,
        ),
    ]);
}

#[test]
fn the_resource_account_is_the_given_else_the_arns_else_the_requesters() {
    let account = |changes: Value, account: &str| {
        let condition = json!({ "StringEquals": { "aws:ResourceAccount": account } });
        changed(ask(json!({ "identityPolicies": deny(json!({ "Condition": condition })) })), changes)
    };
    check([
        (
            "given",
            account(json!({ "resource": KEY, "resourceAccount": "777788889999" }), "777788889999"),
            EXPLICITLY,
        ),
        (
            "in the ARN",
            account(json!({ "resource": KEY, "principal": STRANGER }), "111122223333"),
            EXPLICITLY,
        ),
        ("the requester's", account(json!({ "principal": STRANGER }), "444455556666"), EXPLICITLY),
    ]);
}

#[test]
fn a_given_key_wins_in_any_letter_case() {
    let called = |name: &str| {
        let condition = json!({ "StringEquals": { "aws:username": name } });
        ask(json!({
            "context": { "AWS:USERNAME": "mallory" },
            "identityPolicies": deny(json!({ "Condition": condition })),
        }))
    };
    check([("given", called("mallory"), EXPLICITLY), ("not filled in", called("alice"), IMPLICITLY)]);
}
