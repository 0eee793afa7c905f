use serde_json::{Value, json};

use super::{ALICE, FEDERATED, OBJECT, ROLE, ROOT, SESSION, allow, decision, policy, request, statement};

#[track_caller]
fn matches(statement: Value, more: Value) -> bool {
    let mut line = request(ALICE, json!({ "identityPolicies": [policy(statement)] }));
    let Value::Object(more) = more else { panic!("{more}") };
    line.as_object_mut().unwrap().extend(more);
    decision(&line) == "Allowed"
}

#[test]
fn actions_match_whole_and_in_any_letter_case() {
    for (action, expected) in [
        ("s3:GetObject", true),
        ("S3:getobject", true),
        ("s3:Get*", true),
        ("s3:G?tObject", true),
        ("*:GetObject", true),
        ("*", true),
        ("s3:GetObjectVersion", false),
        ("s3:Get", false),
        ("ec2:*", false),
    ] {
        let held = |key: &str| matches(json!({ "Effect": "Allow", key: action, "Resource": "*" }), json!({}));
        assert_eq!((held("Action"), held("NotAction")), (expected, !expected), "{action}");
    }
    assert!(matches(statement("Allow", "s3:GETobject", json!({})), json!({ "action": "S3:getOBJECT" })));
}

#[test]
fn resources_match_whole_and_letter_for_letter() {
    for (resource, expected) in [
        (OBJECT, true),
        ("arn:aws:s3:::reports/*", true),
        ("arn:aws:s3:::report?/q3.pdf", true),
        ("arn:aws:*", true),
        ("arn:*:q3.pdf", false),
        ("arn:*/q3.pdf", true),
        ("*", true),
        ("arn:aws:s3:::reports", false),
        ("arn:aws:s3:::Reports/*", false),
    ] {
        let held = |key: &str| matches(json!({ "Effect": "Allow", "Action": "*", key: resource }), json!({}));
        assert_eq!((held("Resource"), held("NotResource")), (expected, !expected), "{resource}");
    }
}

#[test]
fn a_request_without_resource_is_matched_by_a_star_alone() {
    let all = json!({ "action": "s3:ListAllMyBuckets", "resource": "*" });
    let on = |key: &str, resource: &str| {
        matches(json!({ "Effect": "Allow", "Action": "*", key: resource }), all.clone())
    };
    assert!(
        on("Resource", "*") && !on("Resource", "arn:aws:s3:::reports") && !on("Resource", "arn:aws:s3:::*")
    );
    assert!(on("NotResource", "arn:aws:s3:::reports") && !on("NotResource", "*"));
}

#[test]
fn a_list_is_met_by_one_of_its_entries_and_an_empty_one_by_none() {
    let with =
        |key: &str, list: Value| matches(json!({ "Effect": "Allow", key: list, "Resource": "*" }), json!({}));
    assert!(with("Action", json!(["ec2:*", "s3:*"])) && !with("NotAction", json!(["ec2:*", "s3:*"])));
    assert!(!with("Action", json!([])) && with("NotAction", json!([])));
}

#[test]
fn variables_in_resources_need_the_version_that_has_them() {
    let home = "arn:aws:s3:::reports/${aws:username}/*";
    let in_version = |version: Value, resource: &str| {
        let mut document = policy(json!({ "Effect": "Allow", "Action": "*", "Resource": home }));
        match version {
            Value::Null => drop(document.as_object_mut().unwrap().remove("Version")),
            version => document["Version"] = version,
        }
        decision(&request(ALICE, json!({ "resource": resource, "identityPolicies": document }))) == "Allowed"
    };
    let (hers, literal) = ("arn:aws:s3:::reports/alice/x", "arn:aws:s3:::reports/${aws:username}/x");
    assert!(in_version(json!("2012-10-17"), hers) && !in_version(json!("2012-10-17"), literal));
    for old in [json!("2008-10-17"), json!(null)] {
        assert!(!in_version(old.clone(), hers) && in_version(old, literal));
    }
}

#[test]
fn a_variable_in_a_resource_that_stands_for_nothing_covers_nothing() {
    let with = |key: &str, resources: Value| {
        matches(json!({ "Effect": "Allow", "Action": "*", key: resources }), json!({}))
    };
    let unresolved = "arn:aws:s3:::reports/${x:none}";
    assert!(!with("Resource", json!(unresolved)) && with("Resource", json!([unresolved, OBJECT])));
    assert!(with("NotResource", json!([unresolved, "arn:aws:s3:::other"])));
    assert!(!with("NotResource", json!([unresolved, OBJECT])));
    assert!(with("Resource", json!("arn:aws:s3:::reports/${x:none, 'q3.pdf'}")));
}

#[test]
fn principals_are_named_in_several_ways() {
    let provider = "arn:aws:iam::111122223333:saml-provider/directory";
    let names = |principal: &str, entry: Value| {
        let deny = policy(statement("Deny", "*", json!({ "Principal": entry })));
        decision(&request(principal, json!({ "resourcePolicy": deny }))) == "ExplicitlyDenied"
    };
    for (entry, named, not_named) in [
        (json!("*"), vec![ALICE, ROLE, SESSION, provider, "lambda.amazonaws.com"], vec![]),
        (json!({ "AWS": "*" }), vec![ALICE, ROLE, SESSION, provider, "lambda.amazonaws.com"], vec![]),
        (
            json!({ "AWS": "111122223333" }),
            vec![ALICE, ROLE, SESSION],
            vec![provider, "lambda.amazonaws.com"],
        ),
        (json!({ "AWS": "arn:aws:iam::111122223333:root" }), vec![ALICE, ROLE, SESSION], vec![provider]),
        (json!({ "AWS": "999988887777" }), vec![], vec![ALICE, ROLE, SESSION]),
        (json!({ "AWS": ALICE }), vec![ALICE], vec![ROLE, "arn:aws:iam::111122223333:user/alice"]),
        (
            json!({ "AWS": ROLE }),
            vec![ROLE, SESSION],
            vec![ALICE, "arn:aws:sts::111122223333:assumed-role/Builder/x"],
        ),
        (json!({ "AWS": "arn:aws:iam::111122223333:role/team/builder" }), vec![SESSION], vec![ROLE]),
        (json!({ "AWS": "arn:aws-cn:iam::111122223333:role/builder" }), vec![], vec![SESSION]),
        (
            json!({ "AWS": SESSION }),
            vec![SESSION],
            vec![ROLE, "arn:aws:sts::111122223333:assumed-role/builder/y"],
        ),
        (json!({ "AWS": "AROAEXAMPLEEXAMPLE123" }), vec![], vec![ROLE, SESSION]),
        (
            json!({ "Service": "lambda.amazonaws.com" }),
            vec!["lambda.amazonaws.com"],
            vec!["ec2.amazonaws.com", ALICE],
        ),
        (json!({ "Service": "*" }), vec!["lambda.amazonaws.com"], vec![ALICE, provider]),
        (json!({ "Federated": provider }), vec![provider], vec!["accounts.google.com", ALICE]),
        (json!({ "Federated": "accounts.google.com" }), vec!["accounts.google.com"], vec![provider]),
        (
            json!({ "Federated": "*" }),
            vec![provider, "cognito-identity.amazonaws.com"],
            vec!["lambda.amazonaws.com"],
        ),
        (json!({ "CanonicalUser": "79a59df900b949e5" }), vec![], vec![ALICE, ROLE]),
        (json!({ "AWS": ["999988887777", ALICE], "Service": "ec2.amazonaws.com" }), vec![ALICE], vec![ROLE]),
    ] {
        for principal in named {
            assert!(names(principal, entry.clone()), "{entry} names {principal}");
        }
        for principal in not_named {
            assert!(!names(principal, entry.clone()), "{entry} does not name {principal}");
        }
    }
}

#[test]
fn not_principal_is_about_everybody_else() {
    let denied = |principal: Value, entry: Value| {
        let deny = policy(json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": entry }));
        let mut line = request(ALICE, json!({ "resourcePolicy": deny }));
        line["principal"] = principal;
        decision(&line) == "ExplicitlyDenied"
    };
    assert!(!denied(json!(ALICE), json!({ "AWS": ALICE })));
    assert!(!denied(json!(SESSION), json!({ "AWS": ROLE })));
    assert!(!denied(json!(SESSION), json!({ "AWS": SESSION })));
    assert!(!denied(json!(ALICE), json!({ "AWS": "111122223333" })));
    assert!(denied(json!(ROLE), json!({ "AWS": [ALICE, SESSION] })));
    assert!(denied(json!("lambda.amazonaws.com"), json!({ "AWS": "111122223333" })));
    assert!(denied(json!({ "type": "Anonymous" }), json!({ "AWS": ALICE })));
    assert!(!denied(json!({ "type": "Anonymous" }), json!("*")));
}

#[test]
fn not_principal_of_a_denial_spares_no_others_of_an_account_or_role_that_is_listed_with_one_of_its_own() {
    const OTHER_SESSION: &str = "arn:aws:sts::111122223333:assumed-role/builder/run-8";
    const BOB: &str = "arn:aws:iam::111122223333:user/bob";
    for (entries, principal, denied) in [
        (vec![ALICE, ROOT], ALICE, false),
        (vec![ALICE, ROOT], BOB, true),
        (vec![ALICE, ROOT], SESSION, true),
        (vec![ALICE, ROOT], ROOT, false),
        (vec![ROOT], BOB, false),
        (vec![ROOT, "arn:aws:iam::999988887777:user/alice"], BOB, false),
        (vec![SESSION, ROLE, ROOT], SESSION, false),
        (vec![SESSION, ROLE, ROOT], OTHER_SESSION, true),
        (vec![SESSION, ROLE, ROOT], ROLE, false),
        (vec![ROLE, ROOT], OTHER_SESSION, false),
        (vec![ROLE, ROOT], FEDERATED, true),
    ] {
        let deny = policy(statement("Deny", "*", json!({ "NotPrincipal": { "AWS": entries } })));
        let line = request(
            principal,
            json!({ "identityPolicies": allow("*"), "sessionPolicy": allow("*"), "resourcePolicy": deny }),
        );
        let expected = if denied { "ExplicitlyDenied" } else { "Allowed" };
        assert_eq!(decision(&line), expected, "{principal} by all but {entries:?}");
    }
}

#[test]
fn not_principal_of_a_grant_leaves_out_whoever_is_listed_in_any_way() {
    let open = |entry: Value| policy(statement("Allow", "*", json!({ "NotPrincipal": entry })));
    let bob = "arn:aws:iam::111122223333:user/bob";
    let line = request(bob, json!({ "resourcePolicy": open(json!({ "AWS": [ALICE, ROOT] })) }));
    assert_eq!(decision(&line), "ImplicitlyDenied");
    let line = request(bob, json!({ "resourcePolicy": open(json!({ "AWS": ALICE })) }));
    assert_eq!(decision(&line), "Allowed");
}

#[test]
fn not_principal_denies_whoever_has_a_permissions_boundary() {
    let except = |entry: Value| {
        policy(json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": entry }))
    };
    let bounded = request(
        ROLE,
        json!({
            "identityPolicies": allow("*"),
            "permissionBoundaries": allow("*"),
            "resourcePolicy": except(json!({ "AWS": ROLE })),
        }),
    );
    assert_eq!(decision(&bounded), "ExplicitlyDenied");
}
