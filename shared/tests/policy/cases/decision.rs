//! The rules of the decision, in their order.

use serde_json::{Value, json};

use super::*;

fn all() -> Value {
    allow(json!({}))
}

fn nothing() -> Value {
    allow(json!({ "Action": "sns:Publish" }))
}

fn all_to_everyone() -> Value {
    allow_to(json!("*"))
}

#[test]
fn rule_1_a_matching_deny_in_any_policy_wins() {
    let everything = json!({
        "identityPolicies": all(),
        "resourcePolicy": all_to_everyone(),
        "permissionBoundaries": all(),
        "sessionPolicy": all(),
        "endpointPolicies": all_to_everyone(),
        "serviceControlPolicies": [[all()]],
        "resourceControlPolicies": [[all_to_everyone()]],
    });
    check([("no deny", ask(everything.clone()), ALLOWED)]);
    for slot in ["identityPolicies", "permissionBoundaries", "sessionPolicy"] {
        check([(
            slot,
            changed(ask(everything.clone()), json!({ slot: [all(), deny(json!({}))] })),
            EXPLICITLY,
        )]);
    }
    for slot in ["resourcePolicy", "endpointPolicies"] {
        let denied = json!([all_to_everyone(), deny(json!({ "Principal": "*" }))]);
        check([(slot, changed(ask(everything.clone()), json!({ slot: denied })), EXPLICITLY)]);
    }
    let scps = json!({ "serviceControlPolicies": [[all()], [all(), deny(json!({}))]] });
    let rcps = json!({ "resourceControlPolicies": [[all_to_everyone(), deny(json!({ "Principal": "*" }))]] });
    check([
        ("SCP", changed(ask(everything.clone()), scps), EXPLICITLY),
        ("RCP", changed(ask(everything), rcps), EXPLICITLY),
        (
            "of another action",
            ask(json!({ "identityPolicies": [all(), deny(json!({ "Action": "s3:Put*" }))] })),
            ALLOWED,
        ),
        (
            "before any gate",
            ask(json!({ "identityPolicies": deny(json!({})), "serviceControlPolicies": [[]] })),
            EXPLICITLY,
        ),
    ]);
}

const SERVICE_LINKED: &str =
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";

const SERVICE_LINKED_SESSION: &str = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/one";

#[test]
fn rule_1_scps_and_rcps_spare_some() {
    let scp = || json!([[all(), deny(json!({}))]]);
    let rcp = || json!([[all_to_everyone(), deny(json!({ "Principal": "*" }))]]);
    let by = |principal: Value, slot: &str, levels: Value| {
        ask(
            json!({ "principal": principal, "identityPolicies": all(), "resourcePolicy": all_to_everyone(), slot: levels }),
        )
    };
    let (scps, rcps) = ("serviceControlPolicies", "resourceControlPolicies");
    check([
        ("SCP, service", by(json!("ec2.amazonaws.com"), scps, scp()), ALLOWED),
        ("SCP, anonymous", by(json!({ "type": "Anonymous" }), scps, scp()), ALLOWED),
        ("SCP, provider", by(json!("accounts.google.com"), scps, scp()), ALLOWED),
        ("SCP, service-linked role", by(json!(SERVICE_LINKED), scps, scp()), ALLOWED),
        ("SCP, service-linked role's session", by(json!(SERVICE_LINKED_SESSION), scps, scp()), ALLOWED),
        ("RCP, service-linked role's session", by(json!(SERVICE_LINKED_SESSION), rcps, rcp()), ALLOWED),
        ("SCP, role", by(json!(ROLE), scps, scp()), EXPLICITLY),
        ("SCP, root", by(json!(ROOT), scps, scp()), EXPLICITLY),
        ("RCP, service", by(json!("ec2.amazonaws.com"), rcps, rcp()), EXPLICITLY),
        ("RCP, service-linked role", by(json!(SERVICE_LINKED), rcps, rcp()), ALLOWED),
    ]);
}

#[test]
fn rule_2_every_level_and_the_endpoint_must_allow() {
    let with = |changes: Value| changed(ask(json!({ "identityPolicies": all() })), changes);
    check([
        ("no gates", with(json!({})), ALLOWED),
        ("SCPs", with(json!({ "serviceControlPolicies": [[all()], [nothing(), all()]] })), ALLOWED),
        ("a level without", with(json!({ "serviceControlPolicies": [[all()], [nothing()]] })), IMPLICITLY),
        ("an empty level", with(json!({ "serviceControlPolicies": [[all()], []] })), IMPLICITLY),
        ("no levels", with(json!({ "serviceControlPolicies": [] })), ALLOWED),
        (
            "a level in a wrapper",
            with(
                json!({ "serviceControlPolicies": [{ "orgIdentifier": "r", "policies": [{ "name": "n", "policy": all() }] }] }),
            ),
            ALLOWED,
        ),
        ("RCPs", with(json!({ "resourceControlPolicies": [[all_to_everyone()]] })), ALLOWED),
        (
            "RCPs without an allow, which only deny",
            with(
                json!({ "resourceControlPolicies": [[], [allow(json!({ "Principal": "*", "Action": "s3:Put*" }))]] }),
            ),
            ALLOWED,
        ),
        (
            "an endpoint policy",
            with(json!({ "endpointPolicies": [allow_to(json!({ "AWS": BOB })), all_to_everyone()] })),
            ALLOWED,
        ),
        (
            "an endpoint policy without",
            with(json!({ "endpointPolicies": allow_to(json!({ "AWS": BOB })) })),
            IMPLICITLY,
        ),
        ("no endpoint policy", with(json!({ "endpointPolicies": [] })), ALLOWED),
        (
            "a service spared by SCPs",
            with(
                json!({ "principal": "ec2.amazonaws.com", "resourcePolicy": all_to_everyone(), "serviceControlPolicies": [[]] }),
            ),
            ALLOWED,
        ),
        (
            "a level of RCPs without any",
            with(
                json!({ "principal": "ec2.amazonaws.com", "resourcePolicy": all_to_everyone(), "resourceControlPolicies": [[]] }),
            ),
            ALLOWED,
        ),
    ]);
}

#[test]
fn rule_3_a_role_is_assumed_by_whom_it_trusts() {
    let assume =
        |changes: Value| changed(ask(json!({ "action": "sts:AssumeRole", "resource": TARGET })), changes);
    let trust = |principal: Value| {
        allow(json!({ "Principal": principal, "Action": "sts:AssumeRole", "Resource": null }))
    };
    check([
        ("no trust policy", assume(json!({ "identityPolicies": all() })), IMPLICITLY),
        (
            "no trust",
            assume(json!({ "identityPolicies": all(), "resourcePolicy": trust(json!({ "AWS": BOB })) })),
            IMPLICITLY,
        ),
        ("by name", assume(json!({ "resourcePolicy": trust(json!({ "AWS": ALICE })) })), ALLOWED),
        ("everyone", assume(json!({ "resourcePolicy": trust(json!("*")) })), ALLOWED),
        (
            "the account alone",
            assume(json!({ "resourcePolicy": trust(json!({ "AWS": "111122223333" })) })),
            IMPLICITLY,
        ),
        (
            "the account, and the identity",
            assume(json!({ "identityPolicies": all(), "resourcePolicy": trust(json!({ "AWS": ROOT })) })),
            ALLOWED,
        ),
        ("root without trust", assume(json!({ "principal": ROOT })), IMPLICITLY),
        (
            "root with trust",
            assume(json!({ "principal": ROOT, "resourcePolicy": trust(json!({ "AWS": ROOT })) })),
            IMPLICITLY,
        ),
        (
            "a service",
            assume(
                json!({ "principal": "ec2.amazonaws.com", "resourcePolicy": trust(json!({ "Service": "ec2.amazonaws.com" })) }),
            ),
            ALLOWED,
        ),
        (
            "a stranger by name, alone",
            assume(json!({ "principal": STRANGER, "resourcePolicy": trust(json!({ "AWS": STRANGER })) })),
            IMPLICITLY,
        ),
        (
            "a stranger by name, and the identity",
            assume(
                json!({ "principal": STRANGER, "identityPolicies": all(), "resourcePolicy": trust(json!({ "AWS": STRANGER })) }),
            ),
            ALLOWED,
        ),
        (
            "a boundary caps a role that is named",
            assume(
                json!({ "principal": SESSION, "permissionBoundaries": nothing(), "resourcePolicy": trust(json!({ "AWS": ROLE })) }),
            ),
            IMPLICITLY,
        ),
    ]);
    for action in [
        "sts:assumerole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
        "sts:SetSourceIdentity",
        "sts:SetContext",
    ] {
        check([(action, assume(json!({ "action": action, "identityPolicies": all() })), IMPLICITLY)]);
    }
    check([
        (
            "another action on a role",
            assume(json!({ "action": "iam:GetRole", "identityPolicies": all() })),
            ALLOWED,
        ),
        ("the action on no role", assume(json!({ "resource": "*", "identityPolicies": all() })), ALLOWED),
    ]);
}

#[test]
fn rule_3_a_key_is_used_by_whom_its_policy_allows() {
    let decrypt = |changes: Value| changed(ask(json!({ "action": "kms:Decrypt", "resource": KEY })), changes);
    check([
        ("no policy given", decrypt(json!({ "identityPolicies": all() })), IMPLICITLY),
        (
            "a role by name, beyond its boundary",
            decrypt(
                json!({ "principal": ROLE, "permissionBoundaries": nothing(), "resourcePolicy": allow_to(json!({ "AWS": ROLE })) }),
            ),
            IMPLICITLY,
        ),
        (
            "a role's session by the role's name, beyond its session policy",
            decrypt(
                json!({ "principal": SESSION, "sessionPolicy": nothing(), "resourcePolicy": allow_to(json!({ "AWS": ROLE })) }),
            ),
            IMPLICITLY,
        ),
        (
            "not in the policy",
            decrypt(json!({ "identityPolicies": all(), "resourcePolicy": allow_to(json!({ "AWS": BOB })) })),
            IMPLICITLY,
        ),
        ("by name", decrypt(json!({ "resourcePolicy": allow_to(json!({ "AWS": ALICE })) })), ALLOWED),
        (
            "the account alone",
            decrypt(json!({ "resourcePolicy": allow_to(json!({ "AWS": ROOT })) })),
            IMPLICITLY,
        ),
        (
            "the account, and the identity",
            decrypt(json!({ "identityPolicies": all(), "resourcePolicy": allow_to(json!({ "AWS": ROOT })) })),
            ALLOWED,
        ),
        (
            "the account, and a capped identity",
            decrypt(
                json!({ "identityPolicies": all(), "permissionBoundaries": nothing(), "resourcePolicy": allow_to(json!({ "AWS": ROOT })) }),
            ),
            IMPLICITLY,
        ),
        (
            "root, not in the policy",
            decrypt(json!({ "principal": ROOT, "resourcePolicy": allow_to(json!({ "AWS": BOB })) })),
            IMPLICITLY,
        ),
        (
            "root, in the policy",
            decrypt(json!({ "principal": ROOT, "resourcePolicy": allow_to(json!({ "AWS": ROOT })) })),
            ALLOWED,
        ),
        (
            "a stranger, and the identity",
            decrypt(
                json!({ "principal": STRANGER, "identityPolicies": all(), "resourcePolicy": allow_to(json!({ "AWS": "444455556666" })) }),
            ),
            ALLOWED,
        ),
        (
            "an alias is no key",
            decrypt(
                json!({ "resource": "arn:aws:kms:eu-west-1:111122223333:alias/a", "identityPolicies": all(), "resourcePolicy": allow_to(json!({ "AWS": BOB })) }),
            ),
            ALLOWED,
        ),
    ]);
}

#[test]
fn rule_4_those_without_identity_are_allowed_by_the_resource_policy() {
    let saml = "arn:aws:iam::111122223333:saml-provider/corp";
    for (principal, entry) in [
        (json!({ "type": "Anonymous" }), json!("*")),
        (json!("ec2.amazonaws.com"), json!({ "Service": "ec2.amazonaws.com" })),
        (json!(saml), json!({ "Federated": saml })),
    ] {
        let with = |policy: Value| {
            ask(json!({ "principal": principal, "identityPolicies": all(), "resourcePolicy": policy }))
        };
        check([
            ("allowed", with(allow_to(entry)), ALLOWED),
            ("someone else", with(allow_to(json!({ "AWS": ALICE }))), IMPLICITLY),
            ("no policy", with(Value::Null), IMPLICITLY),
        ]);
    }
}

#[test]
fn rule_5_root_needs_no_policy_in_its_account() {
    check([
        ("no policies", ask(json!({ "principal": ROOT })), ALLOWED),
        ("an SCP", ask(json!({ "principal": ROOT, "serviceControlPolicies": [[nothing()]] })), IMPLICITLY),
        (
            "a deny",
            ask(json!({ "principal": ROOT, "resourcePolicy": deny(json!({ "Principal": "*" })) })),
            EXPLICITLY,
        ),
        (
            "another account's resource",
            ask(json!({ "principal": ROOT, "resourceAccount": "444455556666" })),
            IMPLICITLY,
        ),
        (
            "another account's resource that lets it in",
            ask(
                json!({ "principal": ROOT, "resourceAccount": "444455556666", "resourcePolicy": allow_to(json!({ "AWS": "111122223333" })) }),
            ),
            ALLOWED,
        ),
    ]);
}

#[test]
fn everybody_with_credentials_may_ask_who_they_are() {
    let who =
        |changes: Value| changed(ask(json!({ "action": "sts:getcalleridentity", "resource": "*" })), changes);
    let saml = "arn:aws:iam::111122223333:saml-provider/corp";
    check([
        ("without any policy", who(json!({})), ALLOWED),
        ("against every policy", who(json!({ "identityPolicies": deny(json!({})) })), ALLOWED),
        ("nobody", who(json!({ "principal": { "type": "Anonymous" } })), IMPLICITLY),
        ("a provider", who(json!({ "principal": saml })), IMPLICITLY),
    ]);
}

#[test]
fn users_may_authenticate_whatever_policies_say_and_sessions_may_not() {
    let authenticate =
        |changes: Value| changed(ask(json!({ "action": "sts:GetSessionToken", "resource": "*" })), changes);
    check([
        ("without any policy", authenticate(json!({})), ALLOWED),
        ("against every policy", authenticate(json!({ "identityPolicies": deny(json!({})) })), ALLOWED),
        ("the root user", authenticate(json!({ "principal": ROOT })), ALLOWED),
        ("a session", authenticate(json!({ "principal": SESSION, "identityPolicies": all() })), IMPLICITLY),
    ]);
}

#[test]
fn a_federated_user_has_what_its_session_policy_allows_too() {
    let federated = |changes: Value| changed(ask(json!({ "principal": FEDERATED })), changes);
    let session = json!({ "identityPolicies": all(), "sessionPolicy": all() });
    let acting =
        |action: &str| changed(federated(session.clone()), json!({ "action": action, "resource": "*" }));
    check([
        ("no session policy", federated(json!({ "identityPolicies": all() })), IMPLICITLY),
        ("both", federated(session.clone()), ALLOWED),
        (
            "the resource",
            federated(json!({ "resourcePolicy": allow_to(json!({ "AWS": FEDERATED })) })),
            ALLOWED,
        ),
        ("an operation of IAM", acting("iam:ListUsers"), IMPLICITLY),
        ("passing a role", acting("iam:PassRole"), ALLOWED),
        ("an operation of STS", acting("sts:AssumeRole"), IMPLICITLY),
        ("who it is", acting("sts:GetCallerIdentity"), ALLOWED),
    ]);
}

#[test]
fn what_is_awss_own_cannot_be_changed() {
    let may = |action: &str, resource: &str| {
        ask(json!({ "action": action, "resource": resource, "identityPolicies": all() }))
    };
    let reserved = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/admin";
    let (managed, alias) =
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3");
    check([
        ("a reserved role", may("iam:TagRole", reserved), IMPLICITLY),
        ("a reserved role, only looked at", may("iam:GetRole", reserved), ALLOWED),
        ("a managed policy", may("iam:createpolicyversion", managed), IMPLICITLY),
        ("a managed policy, only looked at", may("iam:GetPolicy", managed), ALLOWED),
        (
            "one's own policy",
            may("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/mine"),
            ALLOWED,
        ),
        ("an alias", may("kms:DeleteAlias", alias), IMPLICITLY),
        ("one's own alias", may("kms:DeleteAlias", "arn:aws:kms:eu-west-1:111122223333:alias/mine"), ALLOWED),
        (
            "after explicit denies",
            changed(may("iam:TagRole", reserved), json!({ "identityPolicies": deny(json!({})) })),
            EXPLICITLY,
        ),
    ]);
}

#[test]
fn rule_6_the_identity_side_needs_all_its_policies() {
    let with = |identity: Value, boundary: Value, session: Value| {
        ask(
            json!({ "principal": SESSION, "identityPolicies": identity, "permissionBoundaries": boundary, "sessionPolicy": session }),
        )
    };
    let none = || Value::Null;
    check([
        ("no policies", with(none(), none(), none()), IMPLICITLY),
        ("identity", with(all(), none(), none()), ALLOWED),
        ("one of several", with(json!([nothing(), all()]), none(), none()), ALLOWED),
        ("boundary only", with(none(), all(), none()), IMPLICITLY),
        ("identity and boundary", with(all(), all(), none()), ALLOWED),
        ("identity without the boundary", with(all(), nothing(), none()), IMPLICITLY),
        ("identity and session", with(all(), none(), all()), ALLOWED),
        ("identity without the session", with(all(), none(), nothing()), IMPLICITLY),
        ("session only", with(none(), none(), all()), IMPLICITLY),
        ("all three", with(all(), all(), all()), ALLOWED),
    ]);
    let user = ask(json!({ "identityPolicies": all(), "sessionPolicy": nothing() }));
    check([("a user's session policy", user, IMPLICITLY)]);
}

#[test]
fn rule_6_a_resource_policy_grants_by_how_it_names_the_principal() {
    let capped = |principal: &str, entry: Value| {
        ask(json!({
            "principal": principal,
            "permissionBoundaries": nothing(),
            "sessionPolicy": nothing(),
            "resourcePolicy": allow_to(entry),
        }))
    };
    let free = |principal: &str, entry: Value| {
        ask(json!({ "principal": principal, "resourcePolicy": allow_to(entry) }))
    };
    check([
        ("the account", free(ALICE, json!({ "AWS": "111122223333" })), IMPLICITLY),
        ("a user", capped(ALICE, json!({ "AWS": ALICE })), ALLOWED),
        ("a user as everyone", capped(ALICE, json!("*")), ALLOWED),
        ("a session", capped(SESSION, json!({ "AWS": SESSION })), ALLOWED),
        ("a session as everyone", capped(SESSION, json!({ "AWS": "*" })), ALLOWED),
        ("a role's session", free(SESSION, json!({ "AWS": ROLE })), ALLOWED),
        ("a role's session, capped", capped(SESSION, json!({ "AWS": ROLE })), IMPLICITLY),
        ("a role", free(ROLE, json!({ "AWS": ROLE })), ALLOWED),
        ("a role, capped", capped(ROLE, json!({ "AWS": ROLE })), IMPLICITLY),
        ("a federated user", capped(FEDERATED, json!({ "AWS": FEDERATED })), ALLOWED),
        (
            "the identity decides",
            changed(free(ALICE, json!({ "AWS": BOB })), json!({ "identityPolicies": all() })),
            ALLOWED,
        ),
    ]);
    let boundary_allows =
        changed(capped(SESSION, json!({ "AWS": ROLE })), json!({ "permissionBoundaries": all() }));
    let both_allow = changed(boundary_allows.clone(), json!({ "sessionPolicy": all() }));
    check([
        ("a role within its boundary but not its session policy", boundary_allows, IMPLICITLY),
        ("a role within both", both_allow, ALLOWED),
    ]);
}

#[test]
fn rule_7_across_accounts_both_sides_must_allow() {
    let with = |identity: Value, policy: Value| {
        ask(
            json!({ "principal": STRANGER, "resourceAccount": "111122223333", "identityPolicies": identity, "resourcePolicy": policy }),
        )
    };
    let to_stranger = || allow_to(json!({ "AWS": STRANGER }));
    check([
        ("both", with(all(), to_stranger()), ALLOWED),
        (
            "both, the resource to the account",
            with(all(), allow_to(json!({ "AWS": "444455556666" }))),
            ALLOWED,
        ),
        ("both, the resource to everyone", with(all(), all_to_everyone()), ALLOWED),
        ("the identity only", with(all(), Value::Null), IMPLICITLY),
        ("the resource only", with(Value::Null, to_stranger()), IMPLICITLY),
        ("the resource to someone else", with(all(), allow_to(json!({ "AWS": BOB }))), IMPLICITLY),
        (
            "both, but a boundary",
            changed(with(all(), to_stranger()), json!({ "permissionBoundaries": nothing() })),
            IMPLICITLY,
        ),
    ]);
}
