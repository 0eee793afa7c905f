use serde_json::{Value, json};

use super::{ALICE, ROLE, SESSION, decision, policy, request, statement};

/// Whether a condition holds for a request with this context.
#[track_caller]
fn holds(condition: Value, context: Value) -> bool {
    let allowed = policy(statement("Allow", "*", json!({ "Condition": condition })));
    decision(&request(ALICE, json!({ "context": context, "identityPolicies": allowed }))) == "Allowed"
}

/// Holds operators against each other that compare one value of the request with one of the policy.
#[track_caller]
fn compare(operator: &str, cases: &[(&str, &str, bool)]) {
    for (value, wanted, expected) in cases {
        let held = holds(json!({ operator: { "x:y": wanted } }), json!({ "x:y": value }));
        assert_eq!(held, *expected, "{operator}: {value} with {wanted}");
    }
}

#[test]
fn texts_are_compared_letter_for_letter() {
    compare("StringEquals", &[("a", "a", true), ("a", "A", false), ("ab", "a*", false), ("a*", "a*", true)]);
    compare("StringNotEquals", &[("a", "a", false), ("a", "A", true)]);
    compare(
        "StringEqualsIgnoreCase",
        &[("a", "A", true), ("É", "é", true), ("a", "b", false), ("a", "*", false)],
    );
    compare("StringNotEqualsIgnoreCase", &[("a", "A", false), ("a", "b", true)]);
}

#[test]
fn patterns_of_texts_have_wildcards_anywhere() {
    compare(
        "StringLike",
        &[
            ("abc", "a*c", true),
            ("abc", "a?c", true),
            ("abc", "a?", false),
            ("ABC", "a*", false),
            ("", "*", true),
        ],
    );
    compare("StringNotLike", &[("abc", "a*c", false), ("abc", "b*", true)]);
}

#[test]
fn numbers_are_compared_as_numbers() {
    compare(
        "NumericEquals",
        &[("10", "10.0", true), ("10", "9", false), ("x", "x", false), ("inf", "inf", false)],
    );
    compare("NumericNotEquals", &[("10", "10.0", false), ("10", "9", true), ("x", "9", true)]);
    compare(
        "NumericLessThan",
        &[("9", "10", true), ("10", "10", false), ("-1", "0.5", true), ("x", "9", false)],
    );
    compare("NumericLessThanEquals", &[("10", "10", true), ("11", "10", false)]);
    compare("NumericGreaterThan", &[("10", "9", true), ("9007199254740993", "9007199254740992", true)]);
    compare("NumericGreaterThanEquals", &[("10", "10", true), ("9", "10", false)]);
}

#[test]
fn dates_are_moments_in_any_of_their_forms() {
    let first_of_2024 = [
        "2024",
        "2024-01",
        "2024-01-01",
        "2024-01-01T00:00Z",
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00.000Z",
        "2024-01-01T02:30:00+02:30",
        "2023-12-31T19:00-05:00",
        "20240101T000000Z",
        "1704067200",
        "1704067200000",
    ];
    for value in first_of_2024 {
        compare("DateEquals", &[(value, "2024-01-01T00:00:00Z", true), ("2024-01-01", value, true)]);
        compare("DateNotEquals", &[(value, "2024-01-01", false)]);
        compare("DateLessThan", &[(value, "2024-01-01T00:00:01Z", true), (value, "2024-01-01", false)]);
        compare("DateGreaterThan", &[(value, "1704067199", true), (value, "2024-01-01", false)]);
    }
    compare("DateLessThanEquals", &[("2024-01-01", "2024-01-01", true), ("2024-01-02", "2024-01-01", false)]);
    compare(
        "DateGreaterThanEquals",
        &[("2024-01-01", "2024-01-01", true), ("2023-01-02", "2024-01-01", false)],
    );
    compare("DateEquals", &[("soon", "soon", false), ("2024-13-01", "2024-13-01", false), ("", "", false)]);
    compare("DateNotEquals", &[("soon", "2024-01-01", true)]);
}

#[test]
fn truth_is_true_or_false_in_any_letter_case() {
    compare(
        "Bool",
        &[("true", "True", true), ("TRUE", "false", false), ("yes", "yes", false), ("1", "true", false)],
    );
    assert!(holds(json!({ "Bool": { "x:y": true } }), json!({ "x:y": true })));
    assert!(holds(json!({ "NumericEquals": { "x:y": 5 } }), json!({ "x:y": 5 })));
}

#[test]
fn binary_values_are_the_same_if_their_bytes_are() {
    compare(
        "BinaryEquals",
        &[
            ("QUI=", "QUI=", true),
            ("QUI=", "QUI", true),
            // The last digit's two bits below the byte mean nothing.
            ("QUI=", "QUJ=", true),
            ("QUI=", "QUM=", false),
            ("QUI=", "qui=", false),
            ("not base64", "not base64", false),
            ("Q", "Q", false),
        ],
    );
}

#[test]
fn addresses_lie_in_ranges_of_their_own_family() {
    compare(
        "IpAddress",
        &[
            ("203.0.113.7", "203.0.113.0/24", true),
            ("203.0.114.7", "203.0.113.0/24", false),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.8", "203.0.113.7", false),
            ("203.0.113.7", "0.0.0.0/0", true),
            ("203.0.113.7", "::/0", false),
            ("192.168.0.17", "192.168.9.9/8", true),
            ("2001:db8:1234:5678::1", "2001:DB8:1234:5678::/64", true),
            ("2001:db8:1234:5679::1", "2001:DB8:1234:5678::/64", false),
            ("2001:db8::1", "2001:0db8:0:0:0:0:0:1", true),
            ("2001:db8::1", "::/0", true),
            ("203.0.113.7", "203.0.113.0/33", false),
            ("203.0.113.7", "203.0.113.0/+8", false),
            ("203.0.113.0/24", "203.0.113.0/24", false),
            ("here", "203.0.113.0/24", false),
        ],
    );
    compare(
        "NotIpAddress",
        &[
            ("203.0.113.7", "203.0.113.0/24", false),
            ("203.0.114.7", "203.0.113.0/24", true),
            ("here", "::/0", true),
        ],
    );
}

#[test]
fn arns_are_compared_part_by_part() {
    let cases = [
        ("arn:aws:sns:eu-west-1:111122223333:topic:sub", "arn:aws:sns:*:*:topic*", true),
        ("arn:aws:sns:eu-west-1:111122223333:topic", "arn:aws:sns:eu-west-?:111122223333:t*", true),
        ("arn:aws:sns:eu-west-1:111122223333:topic", "arn:aws:sns:*:topic", false),
        ("arn:aws:sns:eu-west-1:111122223333:topic", "arn:aws:sns:*", false),
        ("arn:aws:sns:eu-west-1:111122223333:topic", "*", false),
        ("arn:aws:s3:::Reports", "arn:aws:s3:::reports", false),
        // A wildcard in the account reaches over no colon, which it does for `StringLike`.
        ("arn:aws:a:eu-west-1:9999:x/b:111122223333:y", "arn:aws:a:*:111122223333:y", false),
        ("topic", "topic", false),
    ];
    compare("ArnEquals", &cases);
    compare("ArnLike", &cases);
    compare(
        "StringLike",
        &[("arn:aws:a:eu-west-1:9999:x/b:111122223333:y", "arn:aws:a:*:111122223333:y", true)],
    );
    let opposite = cases.map(|(value, pattern, matches)| (value, pattern, !matches));
    compare("ArnNotEquals", &opposite);
    compare("ArnNotLike", &opposite);
}

#[test]
fn one_value_of_the_policy_must_match_or_all_must_differ() {
    let two = |operator: &str, value: &str| {
        holds(json!({ operator: { "x:y": ["a", "b"] } }), json!({ "x:y": value }))
    };
    assert!(two("StringEquals", "b") && !two("StringEquals", "c"));
    assert!(!two("StringNotEquals", "b") && two("StringNotEquals", "c"));
    let none = |operator: &str| holds(json!({ operator: { "x:y": [] } }), json!({ "x:y": "a" }));
    assert!(!none("StringEquals") && none("StringNotEquals"));
}

#[test]
fn every_operator_and_every_key_must_hold() {
    let condition = json!({ "StringEquals": { "x:a": "1", "x:b": "2" }, "Bool": { "x:c": "true" } });
    assert!(holds(condition.clone(), json!({ "x:a": "1", "x:b": "2", "x:c": "true" })));
    for missing in [
        json!({ "x:a": "1", "x:b": "2", "x:c": "false" }),
        json!({ "x:a": "1", "x:b": "3", "x:c": "true" }),
        json!({ "x:b": "2", "x:c": "true" }),
    ] {
        assert!(!holds(condition.clone(), missing));
    }
}

#[test]
fn names_of_operators_and_keys_have_no_letter_case() {
    assert!(holds(
        json!({ "forallvalues:stringLIKEifexists": { "X:Y": "a*" } }),
        json!({ "x:y": ["ab", "ac"] })
    ));
}

#[test]
fn an_absent_key_fails_what_asks_for_a_value_and_no_other() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringLike", false),
        ("NumericLessThan", false),
        ("DateGreaterThan", false),
        ("Bool", false),
        ("BinaryEquals", false),
        ("IpAddress", false),
        ("ArnLike", false),
        ("StringNotEquals", true),
        ("StringNotEqualsIgnoreCase", true),
        ("StringNotLike", true),
        ("NumericNotEquals", true),
        ("DateNotEquals", true),
        ("NotIpAddress", true),
        ("ArnNotEquals", true),
        ("ArnNotLike", true),
        ("StringEqualsIfExists", true),
        ("StringNotEqualsIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAllValues:StringNotEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
    ] {
        for context in [json!({}), json!({ "x:y": [] }), json!({ "x:y": null })] {
            assert_eq!(
                holds(json!({ operator: { "x:y": "a" } }), context.clone()),
                expected,
                "{operator} {context}"
            );
        }
    }
}

#[test]
fn null_asks_whether_the_key_is_absent() {
    for (wanted, context, expected) in [
        ("true", json!({}), true),
        ("True", json!({}), true),
        ("true", json!({ "x:y": [] }), true),
        ("true", json!({ "x:y": "" }), true),
        ("true", json!({ "x:y": ["", "a"] }), false),
        ("false", json!({ "x:y": ["a"] }), true),
        ("false", json!({}), false),
        ("maybe", json!({}), false),
    ] {
        for operator in ["Null", "ForAllValues:Null", "ForAnyValue:Null"] {
            let held = holds(json!({ operator: { "x:y": wanted } }), context.clone());
            assert_eq!(held, expected, "{operator} {wanted} {context}");
        }
    }
}

#[test]
fn set_operators_ask_all_or_any_of_several_values() {
    for (operator, values, expected) in [
        ("ForAllValues:StringEquals", json!(["a", "b"]), true),
        ("ForAllValues:StringEquals", json!(["a", "c"]), false),
        ("ForAllValues:StringNotEquals", json!(["c", "d"]), true),
        ("ForAllValues:StringNotEquals", json!(["a", "c"]), false),
        ("ForAnyValue:StringEquals", json!(["a", "c"]), true),
        ("ForAnyValue:StringEquals", json!(["c", "d"]), false),
        ("ForAnyValue:StringNotEquals", json!(["a", "c"]), true),
        ("ForAnyValue:StringNotEquals", json!(["a", "b"]), false),
        ("ForAllValues:StringEquals", json!("a"), true),
        ("ForAnyValue:StringEquals", json!("c"), false),
        ("ForAllValues:StringEquals", json!(""), true),
        ("ForAllValues:StringEquals", json!(["", "a"]), false),
        ("ForAnyValue:StringNotEquals", json!(""), false),
        ("ForAnyValue:StringEqualsIfExists", json!([""]), false),
    ] {
        let held = holds(json!({ operator: { "x:y": ["a", "b"] } }), json!({ "x:y": values }));
        assert_eq!(held, expected, "{operator} {values}");
    }
    assert!(
        holds(json!({ "StringEquals": { "x:y": "" } }), json!({ "x:y": "" })),
        "a text like any other else"
    );
}

#[test]
fn several_values_match_nothing_without_a_set_operator() {
    assert!(!holds(json!({ "StringEquals": { "x:y": ["a", "b"] } }), json!({ "x:y": ["a", "b"] })));
    assert!(holds(json!({ "StringEquals": { "x:y": "a" } }), json!({ "x:y": ["a"] })));
    assert!(holds(json!({ "StringNotEquals": { "x:y": "a" } }), json!({ "x:y": ["b", "c"] })));
    assert!(!holds(json!({ "StringNotEquals": { "x:y": "a" } }), json!({ "x:y": ["a", "b"] })));
}

#[test]
fn variables_stand_for_what_the_request_has() {
    let context = json!({ "x:y": "a-alice", "x:arn": "arn:aws:s3:::alice" });
    for (operator, key, wanted, expected) in [
        ("StringEquals", "x:y", "a-${aws:username}", true),
        ("StringEquals", "x:y", "a-${AWS:UserName}", true),
        ("StringLike", "x:y", "?-${aws:username}*", true),
        ("StringEqualsIgnoreCase", "x:y", "A-${aws:username}", true),
        ("StringNotEquals", "x:y", "a-${aws:username}", false),
        ("ArnLike", "x:arn", "arn:*:s3:::${aws:username}", true),
        ("ArnLike", "x:arn", "${x:arn}", true),
        ("ArnNotLike", "x:arn", "arn:aws:s3:::${aws:username}", false),
        ("StringEquals", "x:y", "a-${x:none, 'alice'}", true),
        ("StringEquals", "x:y", "a-${aws:username, 'bob'}", true),
        ("StringEquals", "x:y", "a-${x:none}", false),
    ] {
        let held = holds(json!({ operator: { key: wanted } }), context.clone());
        assert_eq!(held, expected, "{operator} {wanted}");
    }
}

#[test]
fn a_variable_that_stands_for_nothing_differs_from_everything() {
    for unresolved in ["${x:none}", "${x:list}"] {
        let context = json!({ "x:y": "a", "x:list": ["a", "b"] });
        let held =
            |operator: &str, wanted: Value| holds(json!({ operator: { "x:y": wanted } }), context.clone());
        assert!(!held("StringEquals", json!(unresolved)));
        assert!(!held("StringLike", json!(format!("*{unresolved}"))) && !held("ArnLike", json!(unresolved)));
        assert!(
            held("StringNotEquals", json!(unresolved)) && held("StringNotEqualsIfExists", json!(unresolved))
        );
        assert!(
            held("StringNotLike", json!(["z", unresolved]))
                && !held("StringNotLike", json!(["a", unresolved]))
        );
        assert!(held("ArnNotLike", json!(unresolved)));
        assert!(held("StringEquals", json!(["a", unresolved])));
    }
}

#[test]
fn what_a_variable_stands_for_has_no_wildcards() {
    let held = |value: &str, wanted: &str| {
        holds(json!({ "StringLike": { "x:y": wanted } }), json!({ "x:y": value, "x:star": "*" }))
    };
    assert!(held("a*", "a${x:star}") && !held("ab", "a${x:star}"));
    assert!(held("a*", "a${*}") && !held("ab", "a${*}"));
    assert!(held("a?", "a${?}") && !held("ab", "a${?}"));
    assert!(held("a${x:star}", "a${$}{x:star}") && !held("a*", "a${$}{x:star}"));
    assert!(held("a${x", "a${x") && held("a${x", "a*"));
}

#[test]
fn numbers_dates_and_addresses_know_no_variables() {
    let context = json!({ "x:n": "5", "x:d": "2024", "x:i": "203.0.113.7" });
    for (operator, key, variable) in
        [("NumericEquals", "x:n", "${x:n}"), ("DateEquals", "x:d", "${x:d}"), ("IpAddress", "x:i", "${x:i}")]
    {
        assert!(!holds(json!({ operator: { key: variable } }), context.clone()), "{operator}");
    }
    assert!(holds(json!({ "Bool": { "x:t": "${x:t}" } }), json!({ "x:t": "true" })));
}

#[test]
fn the_request_tells_who_makes_it() {
    // A deny, because the root user needs no allow.
    let denied = |principal: &str, condition: Value| {
        let deny = policy(statement("Deny", "*", json!({ "Principal": "*", "Condition": condition })));
        decision(&request(principal, json!({ "resourcePolicy": deny }))) == "ExplicitlyDenied"
    };
    let tells = |principal: &str, key: &str| denied(principal, json!({ "Null": { key: "false" } }));
    let is = |principal: &str, key: &str, value: &str| {
        denied(principal, json!({ "StringEquals": { key: value } }))
    };
    let federated = "arn:aws:sts::111122223333:federated-user/bob";
    let root = "arn:aws:iam::111122223333:root";
    let lambda = "lambda.amazonaws.com";
    let provider = "arn:aws:iam::111122223333:saml-provider/directory";
    for (principal, arn, kind) in [
        (ALICE, Some(ALICE), Some("User")),
        (ROLE, Some(ROLE), Some("AssumedRole")),
        (SESSION, Some(ROLE), Some("AssumedRole")),
        (federated, Some(federated), Some("FederatedUser")),
        (root, Some(root), Some("Account")),
        (lambda, None, None),
        (provider, None, None),
    ] {
        for (key, expected) in [
            ("aws:PrincipalArn", arn),
            ("aws:PrincipalType", kind),
            ("aws:PrincipalAccount", arn.map(|_| "111122223333")),
            ("aws:username", (principal == ALICE).then_some("alice")),
            ("aws:PrincipalServiceName", (principal == lambda).then_some(lambda)),
            ("aws:PrincipalIsAWSService", Some(if principal == lambda { "true" } else { "false" })),
            ("aws:ResourceAccount", Some("111122223333")),
            ("aws:userid", None),
            ("aws:CurrentTime", None),
        ] {
            match expected {
                Some(value) => assert!(is(principal, key, value), "{principal} {key}"),
                None => assert!(!tells(principal, key), "{principal} {key}"),
            }
        }
    }
}

#[test]
fn an_anonymous_request_tells_that_it_is_of_no_account() {
    let anonymous = |condition: Value| {
        let open = policy(statement("Allow", "*", json!({ "Principal": "*", "Condition": condition })));
        let mut line = request(ALICE, json!({ "resourcePolicy": open }));
        line["principal"] = json!({ "type": "Anonymous" });
        decision(&line) == "Allowed"
    };
    for (key, value) in [("aws:PrincipalAccount", "anonymous"), ("aws:PrincipalType", "Anonymous")] {
        assert!(anonymous(json!({ "StringEquals": { key: value } })), "{key}");
    }
    assert!(!anonymous(json!({ "StringEqualsIfExists": { "aws:PrincipalAccount": "111122223333" } })));
    for key in ["aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:username"] {
        assert!(anonymous(json!({ "Null": { key: "true" } })), "{key}");
    }
}

#[test]
fn a_given_key_wins_over_what_the_request_tells() {
    let condition =
        json!({ "StringEquals": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/team/builder" } });
    assert!(holds(
        condition.clone(),
        json!({ "AWS:principalarn": "arn:aws:iam::111122223333:role/team/builder" })
    ));
    assert!(!holds(
        json!({ "StringEquals": { "aws:PrincipalArn": ALICE } }),
        json!({ "aws:PrincipalArn": null })
    ));
}
