//! Actions, resources and variables.

use serde_json::{Value, json};

use super::*;

#[test]
fn an_action_is_a_glob_over_the_whole_in_any_letter_case() {
    let with = |action: Value| ask(json!({ "identityPolicies": allow(json!({ "Action": action })) }));
    check([
        ("the same", with(json!("s3:GetObject")), ALLOWED),
        ("in other letters", with(json!("S3:getobject")), ALLOWED),
        ("a list", with(json!(["s3:PutObject", "s3:GetObject"])), ALLOWED),
        ("a lone star", with(json!("*")), ALLOWED),
        ("a star in the name", with(json!("s3:G*t*")), ALLOWED),
        ("a star that stands for nothing", with(json!("s3:GetObject*")), ALLOWED),
        ("a star over the colon", with(json!("s*Object")), ALLOWED),
        ("a question mark", with(json!("s3:Get?bject")), ALLOWED),
        ("a question mark stands for one, not none", with(json!("s3:GetObject?")), IMPLICITLY),
        ("another action", with(json!("s3:PutObject")), IMPLICITLY),
        ("only the beginning", with(json!("s3:Get")), IMPLICITLY),
        ("only the end", with(json!("GetObject")), IMPLICITLY),
    ]);
    let shouted = changed(with(json!("s3:Get*")), json!({ "action": "S3:GETOBJECT" }));
    check([("the request in capitals", shouted, ALLOWED)]);
}

#[test]
fn not_action_is_all_but_the_list() {
    let with = |action: Value| ask(json!({ "identityPolicies": allow(json!({ "NotAction": action })) }));
    check([
        ("others listed", with(json!(["iam:*", "s3:Put*"])), ALLOWED),
        ("listed", with(json!(["iam:*", "s3:get*"])), IMPLICITLY),
    ]);
}

#[test]
fn a_resource_is_a_glob_over_the_whole_text() {
    let with = |resource: Value| ask(json!({ "identityPolicies": allow(json!({ "Resource": resource })) }));
    check([
        ("the same", with(json!(OBJECT)), ALLOWED),
        ("in other letters", with(json!("arn:aws:s3:::Bucket/key")), IMPLICITLY),
        ("a list", with(json!(["arn:aws:s3:::other", OBJECT])), ALLOWED),
        ("a star", with(json!("arn:aws:s3:::bucket/*")), ALLOWED),
        ("a star over colons", with(json!("arn:*/key")), ALLOWED),
        ("a question mark", with(json!("arn:aws:s3:::bucket/k?y")), ALLOWED),
        ("a bucket is not its objects", with(json!("arn:aws:s3:::bucket")), IMPLICITLY),
    ]);
    let umlaut = ask(json!({
        "resource": "arn:aws:s3:::bucket/ü",
        "identityPolicies": allow(json!({ "Resource": "arn:aws:s3:::bucket/?" })),
    }));
    check([("a question mark stands for a character, not a byte", umlaut, ALLOWED)]);
}

#[test]
fn a_request_for_a_star_is_matched_by_what_matches_a_star() {
    let with = |resource: &str| {
        ask(json!({ "resource": "*", "identityPolicies": allow(json!({ "Resource": resource })) }))
    };
    check([
        ("star", with("*"), ALLOWED),
        ("two stars", with("**"), ALLOWED),
        ("any ARN", with("arn:aws:s3:::*"), IMPLICITLY),
    ]);
}

#[test]
fn not_resource_is_all_but_the_list() {
    let with =
        |resource: Value| ask(json!({ "identityPolicies": allow(json!({ "NotResource": resource })) }));
    check([
        ("others listed", with(json!(["arn:aws:s3:::other/*"])), ALLOWED),
        ("listed", with(json!(["arn:aws:s3:::other/*", "arn:aws:s3:::bucket/*"])), IMPLICITLY),
    ]);
}

#[test]
fn an_absent_resource_is_any() {
    let trust = allow(json!({ "Principal": { "AWS": ALICE }, "Action": "sts:AssumeRole", "Resource": null }));
    check([(
        "trust",
        ask(json!({ "action": "sts:AssumeRole", "resource": TARGET, "resourcePolicy": trust })),
        ALLOWED,
    )]);
}

/// A request for what the pattern says, under a policy of that version.
fn variable(version: Option<&str>, pattern: &str, resource: &str, context: Value) -> Value {
    let document =
        changed(allow(json!({ "Resource": pattern })), json!({ "Version": version.map(Value::from) }));
    ask(json!({ "resource": resource, "context": context, "identityPolicies": document }))
}

#[test]
fn a_variable_stands_for_the_value_of_its_key() {
    let now = Some("2012-10-17");
    check([
        ("filled in", variable(now, "home/${aws:username}/*", "home/alice/x", json!({})), ALLOWED),
        ("in other letters", variable(now, "home/${AWS:UserName}", "home/alice", json!({})), ALLOWED),
        ("another value", variable(now, "home/${aws:username}", "home/bob", json!({})), IMPLICITLY),
        ("twice", variable(now, "${aws:username}-${aws:username}", "alice-alice", json!({})), ALLOWED),
        ("a list of one", variable(now, "${x:y}", "a", json!({ "x:y": ["a"] })), ALLOWED),
        ("absent", variable(now, "home/${x:y}", "home/", json!({})), IMPLICITLY),
        ("absent, under a star", variable(now, "*${x:y}", "home", json!({})), IMPLICITLY),
        ("several values", variable(now, "${x:y}", "a", json!({ "x:y": ["a", "b"] })), IMPLICITLY),
        ("a star in a value is a star", variable(now, "${x:y}", "abc", json!({ "x:y": "a*" })), IMPLICITLY),
        ("a star in a value is that star", variable(now, "${x:y}", "a*", json!({ "x:y": "a*" })), ALLOWED),
    ]);
}

#[test]
fn a_default_stands_in_for_a_key_without_a_single_value() {
    let now = Some("2012-10-17");
    let pattern = "home/${x:y, 'guest'}";
    check([
        ("absent", variable(now, pattern, "home/guest", json!({})), ALLOWED),
        ("present", variable(now, pattern, "home/guest", json!({ "x:y": "a" })), IMPLICITLY),
        ("present, its value", variable(now, pattern, "home/a", json!({ "x:y": "a" })), ALLOWED),
        ("several values", variable(now, pattern, "home/guest", json!({ "x:y": ["a", "b"] })), ALLOWED),
    ]);
}

#[test]
fn three_variables_are_characters() {
    let now = Some("2012-10-17");
    check([
        ("star", variable(now, "a${*}c", "a*c", json!({})), ALLOWED),
        ("no wildcard", variable(now, "a${*}c", "abc", json!({})), IMPLICITLY),
        ("question mark", variable(now, "a${?}c", "a?c", json!({})), ALLOWED),
        ("no wildcard either", variable(now, "a${?}c", "abc", json!({})), IMPLICITLY),
        ("dollar", variable(now, "a${$}{aws:username}", "a${aws:username}", json!({})), ALLOWED),
    ]);
}

#[test]
fn variables_are_text_before_2012() {
    for version in [None, Some("2008-10-17")] {
        let pattern = "home/${aws:username}";
        check([
            ("the value", variable(version, pattern, "home/alice", json!({})), IMPLICITLY),
            ("the text", variable(version, pattern, "home/${aws:username}", json!({})), ALLOWED),
        ]);
    }
}

#[test]
fn an_entry_of_not_resource_with_an_unknown_variable_spares_nothing() {
    let document = allow(json!({ "NotResource": "*${x:y}" }));
    check([("unknown", ask(json!({ "identityPolicies": document })), ALLOWED)]);
    let document = allow(json!({ "NotResource": ["*${x:y}", "arn:aws:s3:::other"] }));
    check([("unknown beside another", ask(json!({ "identityPolicies": document })), ALLOWED)]);
    let document = allow(json!({ "NotResource": ["*${x:y}", OBJECT] }));
    check([("unknown beside the one", ask(json!({ "identityPolicies": document })), IMPLICITLY)]);
    let both =
        policy([statement("Allow", json!({})), statement("Deny", json!({ "NotResource": "*${x:y}" }))]);
    check([("a denial", ask(json!({ "identityPolicies": both })), EXPLICITLY)]);
}

#[test]
fn documents_come_in_many_forms() {
    let document = allow(json!({ "Resource": "arn:aws:s3:::bucket/a%2Fb c+d" }));
    let plain = document.to_string();
    let encoded: String = plain
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'+' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let one_statement = changed(document.clone(), json!({ "Statement": document["Statement"][0] }));
    let with =
        |given: Value| ask(json!({ "resource": "arn:aws:s3:::bucket/a%2Fb c+d", "identityPolicies": given }));
    check([
        ("object", with(document.clone()), ALLOWED),
        ("list", with(json!([document])), ALLOWED),
        ("single statement", with(one_statement), ALLOWED),
        ("text", with(json!(plain)), ALLOWED),
        ("encoded text", with(json!(encoded)), ALLOWED),
        ("wrapper", with(json!([{ "name": "n", "policy": document }])), ALLOWED),
        ("wrapper of text", with(json!({ "name": "n", "policy": encoded })), ALLOWED),
        ("no JSON", with(json!("Statement")), REFUSED),
        ("null", with(json!(null)), IMPLICITLY),
        ("empty list", with(json!([])), IMPLICITLY),
    ]);
}
