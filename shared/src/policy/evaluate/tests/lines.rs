use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Policies, Principal, Request, answer_line, evaluate};
use super::{ALICE, OBJECT, allow, answer, decision, open_to, policy, request, statement};
use crate::policy::evaluate::{Answer, Context, Decision};
use crate::policy::{Policy, PolicyKind};

fn error(line: &str) -> String {
    let mut out = String::new();
    assert!(!answer_line(line.as_bytes(), &mut out), "{out}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer.as_object().unwrap().len(), 1);
    answer["error"].as_str().unwrap().to_owned()
}

#[test]
fn documents_come_as_objects_or_texts_alone_or_in_lists_bare_or_wrapped() {
    let plain = allow("s3:*");
    let encoded = crate::policy::PolicyDocument::new(plain.to_string()).to_percent_encoded();
    for identity in [
        plain.clone(),
        json!([plain]),
        json!(plain.to_string()),
        json!([encoded]),
        json!({ "name": "readers", "policy": plain }),
        json!([{ "name": "readers", "policy": encoded }]),
    ] {
        let line = request(ALICE, json!({ "identityPolicies": identity }));
        assert_eq!(
            answer(&line),
            json!({ "decision": "Allowed", "by": ["identityPolicies[0].Statement[0]"] })
        );
    }
    for level in
        [json!([plain]), json!({ "orgIdentifier": "ou-1", "policies": [{ "name": "x", "policy": plain }] })]
    {
        let line = request(ALICE, json!({ "identityPolicies": plain, "serviceControlPolicies": [level] }));
        assert_eq!(decision(&line), "Allowed");
    }
}

#[test]
fn absent_null_and_empty_mean_the_same() {
    for slot in [
        "context",
        "resourceAccount",
        "permissionBoundaries",
        "sessionPolicy",
        "resourcePolicy",
        "endpointPolicies",
        "serviceControlPolicies",
        "resourceControlPolicies",
    ] {
        let mut line = request(ALICE, json!({ "identityPolicies": allow("*") }));
        line[slot] = Value::Null;
        assert_eq!(decision(&line), "Allowed", "{slot}");
        if slot.ends_with("Policies") || slot.ends_with("Policy") || slot.ends_with("Boundaries") {
            line[slot] = json!([]);
            assert_eq!(decision(&line), "Allowed", "{slot}");
        }
    }
}

#[test]
fn remarks_for_people_change_nothing() {
    let line = request(ALICE, json!({ "name": "x", "description": ["y"], "identityPolicies": allow("*") }));
    assert_eq!(decision(&line), "Allowed");
}

#[test]
fn what_iam_would_refuse_is_told_beside_the_answer() {
    let resource = policy(json!([
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Allow", "Action": "*", "Resource": "*", "Principal": ALICE },
    ]));
    let identity = policy(statement("Deny", "s3:GetObject,PutObject", json!({ "Principal": "*" })));
    let line = request(ALICE, json!({ "identityPolicies": [identity], "resourcePolicy": resource }));
    assert_eq!(
        answer(&line),
        json!({
            "decision": "Allowed",
            "by": ["resourcePolicy.Statement[1]"],
            "faults": [
                "identityPolicies[0].Statement[0].Action[0]: `s3:GetObject,PutObject` is no action; expected `*` or `service:name`",
                "identityPolicies[0].Statement[0].Principal: an identity policy has no such element",
                "resourcePolicy.Statement[0]: `Principal` is missing",
                format!("resourcePolicy.Statement[1].Principal: `{ALICE}` stands alone, which only `*` may; write `{{\"AWS\": …}}`"),
            ],
        })
    );
}

#[test]
fn what_cannot_be_answered_says_why() {
    let with = |key: &str, value: Value| {
        let mut line = request(ALICE, json!({}));
        line[key] = value;
        error(&line.to_string())
    };
    for (error, expected) in [
        (error(""), "not JSON: EOF while parsing a value at line 1 column 0"),
        (error("[]"), "the line is a list; expected an object"),
        (error("{}"), "`principal` is missing"),
        (error(&format!(r#"{{"principal":"{ALICE}","resource":"*"}}"#)), "`action` is missing"),
        (error(&format!(r#"{{"principal":"{ALICE}","action":"s3:Get"}}"#)), "`resource` is missing"),
        (
            error(&format!(r#"{{"principal":"{ALICE}","principal":"{ALICE}"}}"#)),
            "`principal` stands twice; keep one",
        ),
        (with("action", json!("s3")), "`s3` is no action; expected `service:name` without wildcards"),
        (
            with("action", json!("s3:Get*")),
            "`s3:Get*` is no action; expected `service:name` without wildcards",
        ),
        (with("action", json!(7)), "`action` is a number; expected a text"),
        (with("resource", json!("reports")), "`reports` is no resource; expected an ARN or `*`"),
        (with("resource", json!("arn:aws:s3:::")), "`arn:aws:s3:::` is no resource; expected an ARN or `*`"),
        (with("resourceAccount", json!("42")), "`42` is no account; expected twelve digits"),
        (with("context", json!([])), "`context` is a list; expected an object"),
        (
            with("context", json!({ "a": {} })),
            "`context.a` is an object; expected a text, a number, a boolean or a list of these",
        ),
        (with("context", json!({ "a:B": "1", "A:b": "2" })), "the context key `a:B` stands twice; keep one"),
        (
            with("serviceControlPolicies", json!({})),
            "`serviceControlPolicies` is an object; expected a list of levels",
        ),
        (
            with("serviceControlPolicies", json!([7])),
            "`serviceControlPolicies[0]` is a number; expected a list of policies",
        ),
        (
            with(
                "identityPolicies",
                json!([allow("*"), { "Statement": { "Effect": "Maybe", "Action": "*", "Resource": "*" } }]),
            ),
            "identityPolicies[1]: Statement[0].Effect: is no effect; expected `Allow` or `Deny`",
        ),
        (
            with(
                "resourcePolicy",
                policy(statement("Allow", "*", json!({ "Principal": "*", "Condition": { "StringIs": {} } }))),
            ),
            "resourcePolicy: Statement[0].Condition.StringIs: is no condition operator",
        ),
        (
            with("endpointPolicies", json!("%zz")),
            "endpointPolicies[0]: the policy: policy document is not percent-encoded: the escape at byte 0 lacks two hexadecimal digits",
        ),
    ] {
        assert_eq!(error, expected);
    }
    assert!(
        with("permissionBoundary", json!([]))
            .starts_with("`permissionBoundary` is no key of a request; known are")
    );
}

#[test]
fn who_makes_no_requests_is_no_principal() {
    for wrong in [
        json!("alice"),
        json!("*"),
        json!("111122223333"),
        json!("arn:aws:iam::111122223333:group/readers"),
        json!("arn:aws:iam::1111:user/alice"),
        json!("arn:aws:iam::111122223333:user/"),
        json!("arn:aws:sts::111122223333:assumed-role/builder"),
        json!("arn:aws:s3:::reports"),
        json!("arn:aws:iam::111122223333:root/x"),
        json!({ "type": "Nobody" }),
        json!(["x"]),
    ] {
        let mut line = request(ALICE, json!({}));
        line["principal"] = wrong;
        let mut out = String::new();
        assert!(!answer_line(line.to_string().as_bytes(), &mut out), "{line}: {out}");
    }
}

#[test]
fn the_library_decides_without_lines_too() {
    let policy = Policy::parse(&allow("s3:*").to_string(), PolicyKind::Identity).unwrap();
    let request = Request {
        principal: Principal::parse(ALICE).unwrap(),
        action: "s3:GetObject",
        resource: OBJECT,
        resource_account: None,
        context: Context::default(),
    };
    let policies = Policies { identity: vec![std::borrow::Cow::Borrowed(&policy)], ..Policies::default() };
    let Answer { decision, by } = evaluate(&request, &policies);
    assert_eq!(
        (decision, by[0].to_string().as_str()),
        (Decision::Allowed, "identityPolicies[0].Statement[0]")
    );
}

#[test]
fn hostile_lines_are_answered_in_our_lifetime() {
    let many_keys: serde_json::Map<String, Value> =
        (0..20_000).map(|n| (format!("x:{n}"), json!("v"))).collect();
    let dollars = "${".repeat(100_000);
    let stars = format!("arn:{}b", "*a".repeat(3_000));
    for resource in [dollars.clone(), format!("arn:{dollars}}}"), stars, "${a, '".repeat(50_000)] {
        let identity =
            policy(json!({ "Effect": "Deny", "Action": "*", "Resource": format!("arn:{resource}"),
            "Condition": { "StringLike": { "x:7": ["${x:8}".repeat(1_000), resource] } } }));
        let line = request(
            ALICE,
            json!({ "context": many_keys, "identityPolicies": identity,
            "resource": format!("arn:aws:s3:::{}", "a".repeat(6_000)) }),
        );
        assert_eq!(decision(&line), "ImplicitlyDenied");
    }
    assert!(error(&"[".repeat(100_000)).starts_with("not JSON"));
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(line in "\\PC{0,80}") {
        let mut out = String::new();
        answer_line(line.as_bytes(), &mut out);
        prop_assert!(serde_json::from_str::<Value>(&out).is_ok());
    }

    #[test]
    fn no_value_makes_it_panic(
        principal in "(arn:aws:(iam|sts):\\PC{0,2}:[0-9]{11,12}:\\PC{0,12}|\\PC{0,20})",
        text in "\\PC{0,24}",
        value in "([0-9TZ:.+/-]{0,24}|[a-f0-9:.]{0,20}/?[0-9]{0,4}|(arn)?[:*?$\\{\\}',a]{0,20})",
    ) {
        for operator in crate::policy::Comparison::ALL {
            let condition = json!({ operator.name(): { "x:y": [value, text] } });
            let open = policy(json!({ "Effect": "Allow", "Action": "*", "Principal": "*", "Resource": value, "Condition": condition }));
            let line = json!({ "principal": principal, "action": "a:b", "resource": "arn:a:b:c:d:e", "context": { "x:y": [value] },
                "resourcePolicy": open });
            let mut out = String::new();
            answer_line(line.to_string().as_bytes(), &mut out);
            prop_assert!(serde_json::from_str::<Value>(&out).is_ok());
        }
    }
}

#[test]
fn an_open_resource_is_open_to_a_policy_that_is_text() {
    let text = open_to(json!("*")).to_string();
    assert_eq!(decision(&request(ALICE, json!({ "resourcePolicy": text }))), "Allowed");
}
