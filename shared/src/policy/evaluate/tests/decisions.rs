use serde_json::{Value, json};

use super::{
    ALICE, FEDERATED, OBJECT, OTHER_ACCOUNT, ROLE, ROOT, SESSION, allow, by, decision, deny, open_to, policy,
    request, statement,
};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234";
const SERVICE_LINKED: &str =
    "arn:aws:iam::111122223333:role/aws-service-role/a.amazonaws.com/AWSServiceRoleForA";

/// A request for a key, or to assume a role: only the resource opens these.
fn guarded(principal: &str, more: Value) -> [Value; 2] {
    let mut key = request(principal, more);
    let mut role = key.clone();
    (key["action"], key["resource"]) = (json!("kms:Decrypt"), json!(KEY));
    (role["action"], role["resource"]) =
        (json!("sts:AssumeRole"), json!("arn:aws:iam::111122223333:role/deploy"));
    [key, role]
}

#[track_caller]
fn decided(line: &Value, expected: &str, deciders: &[&str]) {
    assert_eq!(decision(line), expected, "{line}");
    assert_eq!(by(line), deciders, "{line}");
}

#[test]
fn without_policies_everybody_but_the_root_user_is_denied() {
    for principal in [ALICE, ROLE, SESSION] {
        decided(&request(principal, json!({})), "ImplicitlyDenied", &["identityPolicies"]);
    }
    let federated = request(FEDERATED, json!({}));
    decided(&federated, "ImplicitlyDenied", &["identityPolicies", "sessionPolicy"]);
    decided(&request(ROOT, json!({})), "Allowed", &[]);
    decided(&request("lambda.amazonaws.com", json!({})), "ImplicitlyDenied", &["resourcePolicy"]);
}

#[test]
fn the_statements_that_allow_are_named() {
    let statements =
        policy(json!([statement("Allow", "ec2:*", json!({})), statement("Allow", "s3:*", json!({}))]));
    let line = request(ALICE, json!({ "identityPolicies": [allow("ec2:*"), statements] }));
    decided(&line, "Allowed", &["identityPolicies[1].Statement[1]"]);
    let both = request(
        ALICE,
        json!({ "identityPolicies": allow("*"), "resourcePolicy": open_to(json!({ "AWS": ALICE })) }),
    );
    decided(&both, "Allowed", &["identityPolicies[0].Statement[0]", "resourcePolicy.Statement[0]"]);
}

#[test]
fn a_deny_anywhere_wins_and_every_one_is_named() {
    for (slot, place) in [
        ("identityPolicies", "identityPolicies[0].Statement[0]"),
        ("permissionBoundaries", "permissionBoundaries[0].Statement[0]"),
        ("sessionPolicy", "sessionPolicy.Statement[0]"),
        ("resourcePolicy", "resourcePolicy.Statement[0]"),
        ("endpointPolicies", "endpointPolicies[0].Statement[0]"),
        ("serviceControlPolicies", "serviceControlPolicies[0][0].Statement[0]"),
        ("resourceControlPolicies", "resourceControlPolicies[0][0].Statement[0]"),
    ] {
        let names_principals = slot.starts_with("resource") || slot.starts_with("endpoint");
        let denied = if names_principals {
            policy(statement("Deny", "*", json!({ "Principal": "*" })))
        } else {
            deny("*")
        };
        let value = if slot.contains("Control") { json!([[denied]]) } else { denied };
        let mut line = request(ALICE, json!({ "identityPolicies": allow("*") }));
        line[slot] = value;
        decided(&line, "ExplicitlyDenied", &[place]);
    }
    let several = request(
        SESSION,
        json!({ "identityPolicies": [deny("*"), deny("s3:*")], "sessionPolicy": [allow("*"), deny("*")] }),
    );
    decided(
        &several,
        "ExplicitlyDenied",
        &[
            "sessionPolicy[1].Statement[0]",
            "identityPolicies[0].Statement[0]",
            "identityPolicies[1].Statement[0]",
        ],
    );
}

#[test]
fn every_level_of_service_control_policies_must_allow() {
    let under = |levels: Value| {
        request(ALICE, json!({ "identityPolicies": allow("*"), "serviceControlPolicies": levels }))
    };
    assert_eq!(decision(&under(json!([]))), "Allowed");
    assert_eq!(decision(&under(json!([[allow("*")], [allow("ec2:*"), allow("s3:*")]]))), "Allowed");
    decided(
        &under(json!([[allow("*")], [allow("ec2:*")], []])),
        "ImplicitlyDenied",
        &["serviceControlPolicies[1]", "serviceControlPolicies[2]"],
    );
    decided(
        &request(ROOT, json!({ "serviceControlPolicies": [[]] })),
        "ImplicitlyDenied",
        &["serviceControlPolicies[0]"],
    );
}

#[test]
fn service_control_policies_leave_alone_what_aws_does_itself() {
    let control = json!([[deny("*")], []]);
    for principal in [SERVICE_LINKED, "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForA/x"] {
        let line =
            request(principal, json!({ "identityPolicies": allow("*"), "serviceControlPolicies": control }));
        assert_eq!(decision(&line), "Allowed", "{principal}");
    }
    for principal in
        [json!("lambda.amazonaws.com"), json!({ "type": "Anonymous" }), json!("accounts.google.com")]
    {
        let mut line = request(
            ALICE,
            json!({ "resourcePolicy": open_to(json!("*")), "serviceControlPolicies": control }),
        );
        line["principal"] = principal;
        assert_eq!(decision(&line), "Allowed", "{line}");
    }
}

#[test]
fn resource_control_policies_can_only_deny_and_spare_service_linked_roles() {
    let denied = policy(statement("Deny", "*", json!({ "Principal": "*" })));
    let under = |principal: &str, levels: Value| {
        request(principal, json!({ "identityPolicies": allow("*"), "resourceControlPolicies": levels }))
    };
    // AWS attaches a policy that allows everything to each level, for good.
    assert_eq!(decision(&under(ALICE, json!([[]]))), "Allowed");
    assert_eq!(decision(&under(ALICE, json!([[], [denied]]))), "ExplicitlyDenied");
    assert_eq!(decision(&under(SERVICE_LINKED, json!([[denied]]))), "Allowed");
    let mut service = under(ALICE, json!([[denied]]));
    service["principal"] = json!("lambda.amazonaws.com");
    service["resourcePolicy"] = open_to(json!("*"));
    assert_eq!(decision(&service), "ExplicitlyDenied");
}

#[test]
fn an_endpoint_must_let_the_request_through() {
    let through = |endpoint: Value| {
        request(ALICE, json!({ "identityPolicies": allow("*"), "endpointPolicies": endpoint }))
    };
    assert_eq!(decision(&through(json!([]))), "Allowed");
    let everybody = |action: &str| policy(statement("Allow", action, json!({ "Principal": "*" })));
    assert_eq!(decision(&through(json!([everybody("ec2:*"), everybody("s3:*")]))), "Allowed");
    assert_eq!(decision(&through(open_to(json!({ "AWS": "111122223333" })))), "Allowed");
    decided(&through(open_to(json!({ "AWS": ROLE }))), "ImplicitlyDenied", &["endpointPolicies"]);
    decided(&through(everybody("ec2:*")), "ImplicitlyDenied", &["endpointPolicies"]);
    decided(&through(allow("s3:*")), "ImplicitlyDenied", &["endpointPolicies"]);
}

#[test]
fn boundaries_and_session_policies_cap_what_identity_policies_allow() {
    for slot in ["permissionBoundaries", "sessionPolicy"] {
        let capped = |identity: &str, cap: &str| {
            let mut line = request(SESSION, json!({ "identityPolicies": allow(identity) }));
            line[slot] = allow(cap);
            line
        };
        assert_eq!(decision(&capped("s3:*", "*")), "Allowed");
        decided(&capped("s3:*", "ec2:*"), "ImplicitlyDenied", &[slot]);
        decided(&capped("ec2:*", "s3:*"), "ImplicitlyDenied", &["identityPolicies"]);
        decided(&capped("ec2:*", "ec2:*"), "ImplicitlyDenied", &["identityPolicies", slot]);
    }
}

/// Within an account: who is named how, and whether a boundary and a session policy that allow nothing stand in the way.
#[test]
fn a_resource_opens_itself_depending_on_whom_it_names() {
    for (principal, entry, alone, capped) in [
        (ALICE, json!("*"), true, true),
        (ALICE, json!({ "AWS": ALICE }), true, true),
        (ALICE, json!({ "AWS": "111122223333" }), false, false),
        (ROLE, json!("*"), true, true),
        (ROLE, json!({ "AWS": ROLE }), true, false),
        (SESSION, json!({ "AWS": "*" }), true, true),
        (SESSION, json!({ "AWS": ROLE }), true, false),
        (SESSION, json!({ "AWS": SESSION }), true, true),
        (SESSION, json!({ "AWS": [ROLE, SESSION] }), true, true),
        (SESSION, json!({ "AWS": ROOT }), false, false),
        (FEDERATED, json!({ "AWS": FEDERATED }), true, true),
        (FEDERATED, json!({ "AWS": "111122223333" }), false, false),
    ] {
        let open = json!({ "resourcePolicy": open_to(entry.clone()) });
        let mut line = request(principal, open);
        let expected = |allowed: bool| if allowed { "Allowed" } else { "ImplicitlyDenied" };
        assert_eq!(decision(&line), expected(alone), "{principal} by {entry}");
        for slot in ["permissionBoundaries", "sessionPolicy"] {
            let mut line = line.clone();
            line[slot] = allow("ec2:*");
            assert_eq!(decision(&line), expected(capped), "{principal} by {entry} under {slot}");
            line[slot] = deny("*");
            assert_eq!(decision(&line), "ExplicitlyDenied");
        }
        line["identityPolicies"] = allow("*");
        line["sessionPolicy"] = allow("*");
        assert_eq!(decision(&line), "Allowed");
    }
}

#[test]
fn a_federated_user_has_nothing_of_its_user_without_a_session_policy() {
    let identity = || json!({ "identityPolicies": allow("*") });
    decided(&request(FEDERATED, identity()), "ImplicitlyDenied", &["sessionPolicy"]);
    let mut across = request(FEDERATED, identity());
    across["resourceAccount"] = json!(OTHER_ACCOUNT);
    across["resourcePolicy"] = open_to(json!({ "AWS": FEDERATED }));
    decided(&across, "ImplicitlyDenied", &["sessionPolicy"]);
    across["sessionPolicy"] = allow("s3:*");
    assert_eq!(decision(&across), "Allowed");
}

#[test]
fn credentials_are_good_for_what_aws_gives_them_for() {
    let own = "arn:aws:iam::111122223333:role/deploy";
    for (principal, action, resource, good) in [
        (ROOT, "sts:AssumeRole", own, false),
        (ROOT, "sts:tagsession", own, false),
        (ROOT, "sts:GetFederationToken", "arn:aws:sts::111122223333:federated-user/bob", true),
        (ROOT, "sts:GetSessionToken", "*", true),
        (ALICE, "sts:AssumeRole", own, true),
        (SESSION, "sts:AssumeRole", own, true),
        (SESSION, "sts:GetSessionToken", "*", false),
        (FEDERATED, "sts:AssumeRole", own, false),
        (FEDERATED, "iam:ListUsers", "*", false),
        (FEDERATED, "iam:PassRole", own, true),
        (FEDERATED, "sts:GetCallerIdentity", "*", true),
        (FEDERATED, "sts:GetServiceBearerToken", "*", true),
    ] {
        let mut line = request(
            principal,
            json!({ "identityPolicies": allow("*"), "sessionPolicy": allow("*"), "resourcePolicy": open_to(json!("*")) }),
        );
        (line["action"], line["resource"]) = (json!(action), json!(resource));
        let expected = if good { "Allowed" } else { "ImplicitlyDenied" };
        assert_eq!(decision(&line), expected, "{principal} {action}");
        if !good {
            assert_eq!(by(&line), ["aws"]);
        }
    }
}

#[test]
fn only_the_resource_opens_to_services_providers_and_strangers() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.example.com";
    for (principal, opens, does_not) in [
        (
            json!("lambda.amazonaws.com"),
            json!({ "Service": "lambda.amazonaws.com" }),
            json!({ "AWS": "111122223333" }),
        ),
        (json!(provider), json!({ "Federated": provider }), json!({ "AWS": "111122223333" })),
        (json!({ "type": "Anonymous" }), json!("*"), json!({ "AWS": ALICE })),
    ] {
        let of = |entry: Value| {
            let mut line =
                request(ALICE, json!({ "identityPolicies": allow("*"), "resourcePolicy": open_to(entry) }));
            line["principal"] = principal.clone();
            line
        };
        decided(&of(opens), "Allowed", &["resourcePolicy.Statement[0]"]);
        decided(&of(does_not), "ImplicitlyDenied", &["resourcePolicy"]);
    }
}

#[test]
fn keys_and_roles_open_only_by_their_own_policy() {
    for line in guarded(ALICE, json!({ "identityPolicies": allow("*") })) {
        decided(&line, "ImplicitlyDenied", &["resourcePolicy"]);
    }
    for line in guarded(ALICE, json!({ "resourcePolicy": open_to(json!({ "AWS": "111122223333" })) })) {
        decided(&line, "ImplicitlyDenied", &["identityPolicies"]);
    }
    for entry in [json!({ "AWS": ALICE }), json!("*")] {
        for line in guarded(ALICE, json!({ "resourcePolicy": open_to(entry) })) {
            decided(&line, "Allowed", &["resourcePolicy.Statement[0]"]);
        }
    }
    let both = json!({ "identityPolicies": allow("*"), "resourcePolicy": open_to(json!({ "AWS": ROOT })) });
    for line in guarded(ALICE, both.clone()) {
        decided(&line, "Allowed", &["identityPolicies[0].Statement[0]", "resourcePolicy.Statement[0]"]);
    }
    for mut line in guarded(ALICE, both) {
        line["permissionBoundaries"] = allow("ec2:*");
        decided(&line, "ImplicitlyDenied", &["permissionBoundaries"]);
    }
    let [key, role] = guarded(ROOT, json!({}));
    decided(&key, "ImplicitlyDenied", &["resourcePolicy"]);
    decided(&role, "ImplicitlyDenied", &["aws", "resourcePolicy"]);
    let [key, _] = guarded(ROOT, json!({ "resourcePolicy": open_to(json!({ "AWS": ROOT })) }));
    assert_eq!(decision(&key), "Allowed");
    for mut line in guarded(SESSION, json!({ "resourcePolicy": open_to(json!({ "AWS": ROLE })) })) {
        assert_eq!(decision(&line), "Allowed");
        line["sessionPolicy"] = allow("ec2:*");
        decided(&line, "ImplicitlyDenied", &["identityPolicies", "sessionPolicy"]);
    }
}

#[test]
fn what_is_beside_keys_and_roles_opens_by_identity_policies() {
    for (action, resource) in [
        ("kms:ListKeys", "*"),
        ("kms:CreateAlias", "arn:aws:kms:eu-west-1:111122223333:alias/mine"),
        ("sts:GetFederationToken", "arn:aws:sts::111122223333:federated-user/bob"),
        ("iam:PassRole", "arn:aws:iam::111122223333:role/deploy"),
    ] {
        let line =
            request(ALICE, json!({ "action": action, "resource": resource, "identityPolicies": allow("*") }));
        assert_eq!(decision(&line), "Allowed", "{action}");
    }
    for action in
        ["sts:TagSession", "STS:setsourceidentity", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    {
        let role = "arn:aws:iam::111122223333:role/deploy";
        let line =
            request(ALICE, json!({ "action": action, "resource": role, "identityPolicies": allow("*") }));
        assert_eq!(decision(&line), "ImplicitlyDenied", "{action}");
    }
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let across = |principal: &str, mut more: Value| {
        more["resourceAccount"] = json!(OTHER_ACCOUNT);
        request(principal, more)
    };
    let (open, own) = (open_to(json!({ "AWS": ALICE })), allow("*"));
    decided(&across(ALICE, json!({ "identityPolicies": own })), "ImplicitlyDenied", &["resourcePolicy"]);
    decided(&across(ALICE, json!({ "resourcePolicy": open })), "ImplicitlyDenied", &["identityPolicies"]);
    decided(
        &across(ALICE, json!({ "identityPolicies": own, "resourcePolicy": open })),
        "Allowed",
        &["identityPolicies[0].Statement[0]", "resourcePolicy.Statement[0]"],
    );
    for entry in [json!({ "AWS": "111122223333" }), json!("*")] {
        let line = across(ALICE, json!({ "identityPolicies": own, "resourcePolicy": open_to(entry) }));
        assert_eq!(decision(&line), "Allowed");
    }
    let owner = open_to(json!({ "AWS": OTHER_ACCOUNT }));
    assert_eq!(
        decision(&across(ALICE, json!({ "identityPolicies": own, "resourcePolicy": owner }))),
        "ImplicitlyDenied"
    );
    let session = json!({ "identityPolicies": own, "resourcePolicy": open_to(json!({ "AWS": SESSION })),
        "permissionBoundaries": allow("ec2:*") });
    decided(&across(SESSION, session), "ImplicitlyDenied", &["permissionBoundaries"]);
    let root = across(ROOT, json!({ "resourcePolicy": open_to(json!({ "AWS": "111122223333" })) }));
    assert_eq!(decision(&root), "Allowed");
}

#[test]
fn whose_the_resource_is_its_arn_tells_unless_it_is_said() {
    let queue = "arn:aws:sqs:eu-west-1:999988887777:jobs";
    let mut line = request(
        ALICE,
        json!({ "action": "sqs:SendMessage", "resource": queue, "identityPolicies": allow("*") }),
    );
    assert_eq!(decision(&line), "Allowed");
    line.as_object_mut().unwrap().remove("resourceAccount");
    assert_eq!(decision(&line), "ImplicitlyDenied");
    line["resource"] = json!(OBJECT);
    line["action"] = json!("s3:GetObject");
    assert_eq!(
        decision(&line),
        "Allowed",
        "a bucket's ARN has no account; it is taken for the principal's own"
    );
}

#[test]
fn everybody_with_credentials_may_ask_who_they_are() {
    let ask = json!({ "action": "sts:GetCallerIdentity", "resource": "*", "identityPolicies": deny("*") });
    decided(&request(ALICE, ask.clone()), "Allowed", &[]);
    let mut stranger = request(ALICE, ask);
    stranger["principal"] = json!({ "type": "Anonymous" });
    assert_eq!(decision(&stranger), "ExplicitlyDenied");
}

#[test]
fn users_may_authenticate_whatever_policies_say() {
    let token = json!({ "action": "sts:GetSessionToken", "resource": "*", "identityPolicies": deny("*") });
    decided(&request(ALICE, token.clone()), "Allowed", &[]);
    decided(&request(ROOT, token.clone()), "Allowed", &[]);
    assert_eq!(decision(&request(ROLE, token)), "ExplicitlyDenied");
}

#[test]
fn what_aws_keeps_to_itself_can_be_looked_at_only() {
    for (resource, changes, looks) in [
        ("arn:aws:iam::aws:policy/AdministratorAccess", "iam:CreatePolicyVersion", "iam:GetPolicy"),
        (
            "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_12ab",
            "IAM:UpdateAssumeRolePolicy",
            "iam:GetRole",
        ),
        ("arn:aws:kms:eu-west-1:111122223333:alias/aws/s3", "kms:DeleteAlias", "kms:DescribeKey"),
    ] {
        let to = |action: &str, policy: Value| {
            request(ALICE, json!({ "action": action, "resource": resource, "identityPolicies": policy }))
        };
        decided(&to(changes, allow("*")), "ImplicitlyDenied", &["aws"]);
        assert_eq!(decision(&to(changes, deny("*"))), "ExplicitlyDenied");
        assert_eq!(decision(&to(looks, allow("*"))), "Allowed");
    }
}
