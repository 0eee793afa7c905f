//! Conditions: operators, absent keys, several values.

use serde_json::{Value, json};

use super::*;

/// Whether the condition holds with the key `k:k` as given, or absent.
fn holds(condition: Value, value: Value) -> Value {
    let context = if value.is_null() { json!({}) } else { json!({ "k:k": value }) };
    ask(json!({ "context": context, "identityPolicies": allow(json!({ "Condition": condition })) }))
}

/// One operator, one value in the policy (or a list), one in the request (or a list, or null for absent).
#[track_caller]
fn operator(name: &str, cases: &[(Value, Value, bool)]) {
    for (in_policy, in_request, expected) in cases {
        let request = holds(json!({ name: { "K:k": in_policy } }), in_request.clone());
        check([("operator", request, if *expected { ALLOWED } else { IMPLICITLY })]);
    }
}

#[test]
fn every_operator_and_every_key_must_hold() {
    let with = |condition: Value| {
        ask(json!({
            "context": { "a:a": "1", "b:b": "2" },
            "identityPolicies": allow(json!({ "Condition": condition })),
        }))
    };
    check([
        ("none", with(json!({})), ALLOWED),
        ("both keys", with(json!({ "StringEquals": { "a:a": "1", "b:b": "2" } })), ALLOWED),
        ("one key only", with(json!({ "StringEquals": { "a:a": "1", "b:b": "3" } })), IMPLICITLY),
        (
            "both operators",
            with(json!({ "StringEquals": { "a:a": "1" }, "StringLike": { "b:b": "?" } })),
            ALLOWED,
        ),
        (
            "one operator only",
            with(json!({ "StringEquals": { "a:a": "1" }, "StringLike": { "b:b": "3" } })),
            IMPLICITLY,
        ),
    ]);
}

#[test]
fn any_value_of_the_policy_will_do_unless_negated() {
    operator(
        "StringEquals",
        &[(json!(["a", "b"]), json!("b"), true), (json!(["a", "b"]), json!("c"), false)],
    );
    operator(
        "StringNotEquals",
        &[(json!(["a", "b"]), json!("b"), false), (json!(["a", "b"]), json!("c"), true)],
    );
}

#[test]
fn an_absent_key_fails_unless_negated_or_if_exists() {
    for name in [
        "StringEquals",
        "StringLike",
        "NumericLessThan",
        "DateEquals",
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "ArnLike",
    ] {
        operator(name, &[(json!("1"), json!(null), false)]);
        operator(&format!("{name}IfExists"), &[(json!("1"), json!(null), true)]);
    }
    for name in [
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
        "NumericNotEquals",
        "DateNotEquals",
        "NotIpAddress",
        "ArnNotEquals",
        "ArnNotLike",
    ] {
        operator(name, &[(json!("1"), json!(null), true)]);
    }
    operator("StringEqualsIfExists", &[(json!("a"), json!("b"), false), (json!("a"), json!("a"), true)]);
}

#[test]
fn null_asks_whether_the_key_is_there() {
    operator(
        "Null",
        &[
            (json!("true"), json!(null), true),
            (json!("true"), json!([]), true),
            (json!("true"), json!("a"), false),
            (json!("true"), json!(""), true),
            (json!("false"), json!("a"), true),
            (json!(false), json!("a"), true),
            (json!("false"), json!(null), false),
        ],
    );
}

#[test]
fn for_all_values_holds_of_nothing() {
    operator(
        "ForAllValues:StringEquals",
        &[
            (json!(["a", "b"]), json!(["a", "b"]), true),
            (json!(["a", "b"]), json!(["a", "c"]), false),
            (json!("a"), json!("a"), true),
            (json!("a"), json!([]), true),
            (json!("a"), json!(null), true),
            (json!("a"), json!(""), true),
            (json!("a"), json!(["", "a"]), false),
        ],
    );
    operator(
        "ForAllValues:StringNotEquals",
        &[
            (json!(["a", "b"]), json!(["c", "d"]), true),
            (json!(["a", "b"]), json!(["c", "a"]), false),
            (json!("a"), json!(null), true),
        ],
    );
}

#[test]
fn for_any_value_needs_a_value() {
    operator(
        "ForAnyValue:StringEquals",
        &[
            (json!(["a", "b"]), json!(["c", "b"]), true),
            (json!(["a", "b"]), json!(["c", "d"]), false),
            (json!("a"), json!([]), false),
            (json!("a"), json!(null), false),
            (json!(""), json!(""), false),
        ],
    );
    operator(
        "ForAnyValue:StringNotEquals",
        &[
            (json!(["a", "b"]), json!(["a", "c"]), true),
            (json!(["a", "b"]), json!(["a", "b"]), false),
            (json!("a"), json!(null), false),
        ],
    );
    operator(
        "ForAnyValue:StringEqualsIfExists",
        &[(json!("a"), json!(null), true), (json!("a"), json!("b"), false)],
    );
}

#[test]
fn several_values_without_a_set_operator() {
    operator(
        "StringEquals",
        &[
            (json!("a"), json!(["a", "a"]), false),
            (json!("a"), json!(["b", "a"]), false),
            (json!("a"), json!(["a"]), true),
        ],
    );
    operator(
        "StringNotEquals",
        &[(json!("a"), json!(["b", "c"]), true), (json!("a"), json!(["b", "a"]), false)],
    );
}

#[test]
fn strings() {
    operator(
        "StringEquals",
        &[
            (json!("a"), json!("A"), false),
            (json!("a*"), json!("ab"), false),
            (json!("a*"), json!("a*"), true),
            (json!(5), json!("5"), true),
            (json!("true"), json!(true), true),
        ],
    );
    operator("StringEqualsIgnoreCase", &[(json!("aB"), json!("Ab"), true), (json!("a"), json!("b"), false)]);
    operator(
        "StringNotEqualsIgnoreCase",
        &[(json!("aB"), json!("Ab"), false), (json!("a"), json!("b"), true)],
    );
    operator(
        "StringLike",
        &[
            (json!("a*d"), json!("abcd"), true),
            (json!("a?"), json!("ab"), true),
            (json!("A*"), json!("ab"), false),
        ],
    );
    operator("StringNotLike", &[(json!("a*"), json!("ab"), false), (json!("a*"), json!("ba"), true)]);
}

#[test]
fn numbers() {
    operator(
        "NumericEquals",
        &[
            (json!("10"), json!("10.0"), true),
            (json!(10), json!(10), true),
            (json!("10"), json!("9"), false),
            (json!("10"), json!("ten"), false),
        ],
    );
    operator(
        "NumericNotEquals",
        &[
            (json!("10"), json!("10.0"), false),
            (json!("10"), json!("9"), true),
            (json!("10"), json!("ten"), true),
        ],
    );
    operator("NumericLessThan", &[(json!("10"), json!("9"), true), (json!("10"), json!("10"), false)]);
    operator(
        "NumericLessThanEquals",
        &[(json!("10"), json!("10"), true), (json!("10"), json!("10.5"), false)],
    );
    operator("NumericGreaterThan", &[(json!("-1"), json!("0"), true), (json!("10"), json!("10"), false)]);
    operator(
        "NumericGreaterThanEquals",
        &[(json!("10"), json!("10"), true), (json!("10"), json!("9"), false)],
    );
}

#[test]
fn dates() {
    let noon = "2024-02-29T12:00:00Z";
    operator(
        "DateEquals",
        &[
            (json!(noon), json!("2024-02-29T14:00:00+02:00"), true),
            (json!(noon), json!("2024-02-29T06:30:00-05:30"), true),
            (json!(noon), json!("1709208000"), true),
            (json!(noon), json!(1_709_208_000), true),
            (json!("2024-02-29"), json!("2024-02-29T00:00:00Z"), true),
            (json!(noon), json!("2024-02-29T12:00:00.5Z"), false),
            (json!("2023-02-29"), json!("2023-02-29"), false),
            (json!("soon"), json!("soon"), false),
        ],
    );
    operator(
        "DateNotEquals",
        &[(json!(noon), json!("1709208000"), false), (json!(noon), json!("soon"), true)],
    );
    operator(
        "DateLessThan",
        &[(json!(noon), json!("2024-02-29T11:59:59Z"), true), (json!(noon), json!(noon), false)],
    );
    operator(
        "DateLessThanEquals",
        &[(json!(noon), json!(noon), true), (json!(noon), json!("2024-03-01"), false)],
    );
    operator(
        "DateGreaterThan",
        &[(json!(noon), json!("2024-03-01"), true), (json!(noon), json!(noon), false)],
    );
    operator(
        "DateGreaterThanEquals",
        &[(json!(noon), json!(noon), true), (json!(noon), json!("1970-01-01"), false)],
    );
    operator(
        "DateEquals",
        &[
            (json!("1970-01-01T00:00:00Z"), json!("0"), true),
            (json!("2000-03-01"), json!("951868800"), true),
            (json!("2100-03-01"), json!("4107542400"), true),
        ],
    );
}

#[test]
fn booleans_and_binary() {
    operator(
        "Bool",
        &[
            (json!("true"), json!("true"), true),
            (json!(true), json!(true), true),
            (json!("false"), json!("true"), false),
            (json!("true"), json!("yes"), false),
        ],
    );
    operator(
        "BinaryEquals",
        &[
            (json!("QmFpbGlmZg=="), json!("QmFpbGlmZg=="), true),
            (json!("QUJD"), json!("QUJE"), false),
            (json!("A==="), json!("A==="), false),
            (json!("QUI="), json!("QUI"), true),
            (json!("QUI="), json!("QUJ="), true),
        ],
    );
}

#[test]
fn addresses() {
    operator(
        "IpAddress",
        &[
            (json!("203.0.113.0/24"), json!("203.0.113.77"), true),
            (json!("203.0.113.0/24"), json!("203.0.114.77"), false),
            (json!("203.0.113.9/24"), json!("203.0.113.77"), true),
            (json!("203.0.113.7"), json!("203.0.113.7"), true),
            (json!("203.0.113.7"), json!("203.0.113.8"), false),
            (json!("0.0.0.0/0"), json!("203.0.113.8"), true),
            (json!("0.0.0.0/0"), json!("2001:db8::1"), false),
            (json!("2001:DB8::/32"), json!("2001:db8:1::1"), true),
            (json!("2001:db8::/32"), json!("2001:db9::1"), false),
            (json!("2001:db8::1"), json!("2001:db8:0::1"), true),
            (json!("0.0.0.0/0"), json!("somewhere"), false),
        ],
    );
    operator(
        "NotIpAddress",
        &[
            (json!("203.0.113.0/24"), json!("203.0.113.77"), false),
            (json!("203.0.113.0/24"), json!("203.0.114.77"), true),
            (json!("203.0.113.0/24"), json!("somewhere"), true),
        ],
    );
}

#[test]
fn arns_part_by_part() {
    for name in ["ArnEquals", "ArnLike"] {
        operator(
            name,
            &[
                (json!("arn:aws:sns:*:111122223333:t"), json!("arn:aws:sns:eu-west-1:111122223333:t"), true),
                (json!("arn:aws:s?s:*:*:t*"), json!("arn:aws:sns:eu-west-1:111122223333:topic"), true),
                (json!("arn:aws:sns:*:t"), json!("arn:aws:sns:eu-west-1:111122223333:t"), false),
                (json!("arn:*:t"), json!("arn:aws:sns:eu-west-1:111122223333:t"), false),
                (
                    json!("arn:aws:logs:*:*:log-group:*"),
                    json!("arn:aws:logs:eu-west-1:1:log-group:g:*"),
                    true,
                ),
                (json!("arn:aws:s3:*:2:x"), json!("arn:aws:s3:a:1:b:2:x"), false),
                (json!("arn:aws:s3:::B"), json!("arn:aws:s3:::b"), false),
                (json!("arn:aws:s3:::b"), json!("b"), false),
                (json!("arn:*:*:*:*:*"), json!("arn:aws"), false),
                (json!("2001:db8:0:0::1"), json!("2001:db8:0:0::1"), false),
            ],
        );
    }
    for name in ["ArnNotEquals", "ArnNotLike"] {
        operator(
            name,
            &[
                (json!("arn:aws:sns:*:*:t"), json!("arn:aws:sns:eu-west-1:111122223333:t"), false),
                (json!("arn:aws:sns:*:*:t"), json!("arn:aws:sns:eu-west-1:111122223333:u"), true),
                (json!("arn:aws:sns:*:*:t"), json!("t"), true),
            ],
        );
    }
}

#[test]
fn names_of_operators_and_keys_are_in_any_letter_case() {
    operator(
        "foranyvalue:STRINGLIKEifexists",
        &[(json!("a*"), json!("ab"), true), (json!("a*"), json!("b"), false)],
    );
}

#[test]
fn variables_in_values() {
    operator(
        "StringEquals",
        &[
            (json!("${aws:username}"), json!("alice"), true),
            (json!("${aws:username}"), json!("${aws:username}"), false),
            (json!("${x:y}"), json!("a"), false),
            (json!("${x:y, 'a'}"), json!("a"), true),
        ],
    );
    operator(
        "StringNotEquals",
        &[
            (json!("${x:y}"), json!("a"), true),
            (json!(["b", "${x:y}"]), json!("a"), true),
            (json!(["a", "${x:y}"]), json!("a"), false),
            (json!("${x:y}"), json!(null), true),
            (json!("${aws:username}"), json!("alice"), false),
        ],
    );
    operator("ArnNotLike", &[(json!("${x:y}"), json!("a"), true)]);
    operator("Bool", &[(json!("${x:y, 'true'}"), json!("true"), true)]);
    operator("NumericEquals", &[(json!("${x:y, '5'}"), json!("5"), false)]);
    operator(
        "NotIpAddress",
        &[(json!("${x:y}"), json!("10.0.0.1"), true), (json!("${x:y, '10.0.0.1'}"), json!("10.0.0.1"), true)],
    );
    operator(
        "StringLike",
        &[(json!("${aws:username}*"), json!("alice-2"), true), (json!("a${*}"), json!("ab"), false)],
    );
    operator("ArnLike", &[(json!("${aws:PrincipalArn}"), json!(ALICE), true)]);
    let old = changed(
        allow(json!({ "Condition": { "StringEquals": { "k:k": "${aws:username}" } } })),
        json!({ "Version": null }),
    );
    check([(
        "text before 2012",
        ask(json!({ "context": { "k:k": "${aws:username}" }, "identityPolicies": old })),
        ALLOWED,
    )]);
}
