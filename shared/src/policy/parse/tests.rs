use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The faults of a policy, each as `place: reason`.
fn faults(text: &str, kind: PolicyKind) -> Vec<String> {
    match Policy::parse(text, kind) {
        Ok(policy) => panic!("read as {policy:?}"),
        Err(malformed) => malformed.faults.iter().map(ToString::to_string).collect(),
    }
}

fn identity(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)
}

#[test]
fn lone_values_are_lists_of_one() {
    let lone = r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"Bool":{"aws:x":true}}}"#;
    let listed = r#"[{"Effect":"Allow","Action":["s3:Get*"],"Resource":["*"],"Condition":{"Bool":{"aws:x":["true"]}}}]"#;
    let read = |text: &str| Policy::parse(&identity(text), PolicyKind::Identity).unwrap();
    assert_eq!(read(lone), read(listed));
}

#[test]
fn a_document_may_be_text_plain_or_encoded() {
    let plain = identity(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#);
    let policy = Policy::parse(&plain, PolicyKind::Identity).unwrap();
    for text in [plain.clone(), PolicyDocument::new(&*plain).to_percent_encoded(), format!("\u{feff}{plain}")]
    {
        let json = Json::Text(text.into());
        assert_eq!(Policy::read(&json, PolicyKind::Identity).unwrap(), policy);
    }
    let twice = Json::Text(PolicyDocument::new(json!(plain).to_string()).to_percent_encoded().into());
    assert!(Policy::read(&twice, PolicyKind::Identity).is_err());
}

#[test]
fn the_version_defaults_to_the_one_without_variables() {
    let policy = Policy::parse(r#"{"Statement":[]}"#, PolicyKind::Identity).unwrap();
    assert_eq!(policy.version, Version::V2008);
    assert!(!policy.version.has_variables());
}

#[test]
fn empty_lists_are_taken_as_iam_takes_them() {
    let text = identity(r#"{"Effect":"Allow","NotAction":[],"Resource":[],"Condition":{}}"#);
    let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
    assert!(policy.statements[0].action.is_met(|_| true));
    assert!(!policy.statements[0].resource.as_ref().unwrap().is_met(|_| true));
}

#[test]
fn every_fault_is_named_with_its_place() {
    let text = r#"{"Version":"2012-10-18","Extra":1,"Statement":[
        {"Sid":"a b","Effect":"allow","Action":["s3:Get","s3"],"Resource":"bucket","Principal":"*"},
        {"Sid":"a b","Action":"*","NotAction":"*","Resource":7,"Condition":{"StringIs":{},"Bool":{"aws:x":null,"":"y"}}},
        7]}"#;
    assert_eq!(
        faults(text, PolicyKind::Identity),
        [
            "Version: is no version of the policy language; expected `2012-10-17` or `2008-10-17`",
            "Extra: is no element of the policy language",
            "Statement[0].Effect: is no effect; expected `Allow` or `Deny`",
            "Statement[0].Action[1]: `s3` is no action; expected `*` or `service:name`",
            "Statement[0].Resource[0]: `bucket` is no resource; expected `*` or an ARN",
            "Statement[0].Principal: an identity policy has no such element",
            "Statement[1].Resource[0]: is a number; expected a text",
            "Statement[1].Condition.StringIs: is no condition operator",
            "Statement[1].Condition.Bool.aws:x[0]: is null; expected a text, a number or a boolean",
            "Statement[1].Condition.Bool: a condition key must not be empty",
            "Statement[1]: `Effect` is missing",
            "Statement[1]: has both `Action` and `NotAction`; keep one",
            "Statement[2]: is a number; expected an object",
        ]
    );
}

#[test]
fn every_kind_has_its_own_grammar() {
    let with = |extra: &str| identity(&format!(r#"{{"Effect":"Allow","Action":"*"{extra}}}"#));
    let resource = r#","Resource":"*""#;
    let principal = r#","Principal":"*""#;
    let both = format!("{resource}{principal}");
    let takes = |kind, extra: &str| Policy::parse(&with(extra), kind).is_ok();
    for kind in [
        PolicyKind::Identity,
        PolicyKind::PermissionsBoundary,
        PolicyKind::Session,
        PolicyKind::ServiceControl,
    ] {
        assert!(takes(kind, resource) && !takes(kind, &both) && !takes(kind, ""), "{kind}");
    }
    assert!(
        takes(PolicyKind::Trust, principal)
            && !takes(PolicyKind::Trust, &both)
            && !takes(PolicyKind::Trust, "")
    );
    assert!(takes(PolicyKind::Resource, &both) && takes(PolicyKind::Resource, principal));
    assert!(!takes(PolicyKind::Resource, resource));
    assert!(takes(PolicyKind::ResourceControl, &both) && !takes(PolicyKind::ResourceControl, principal));
    assert!(takes(PolicyKind::VpcEndpoint, &both) && takes(PolicyKind::VpcEndpoint, principal));
    assert!(!takes(PolicyKind::VpcEndpoint, resource));
}

#[test]
fn a_key_that_stands_twice_is_refused_wherever_it_stands() {
    let text = r#"{"Statement":[],"Statement":[{"Effect":"Allow","Action":"s3:*","Action":"s3:Get","Resource":"*",
        "Condition":{"Bool":{"a:b":"true","a:b":"false"},"Bool":{}}}]}"#;
    assert_eq!(
        faults(text, PolicyKind::Identity),
        [
            "Statement: stands twice; keep one",
            "Statement[0].Action: stands twice; keep one",
            "Statement[0].Condition.Bool: stands twice; keep one",
            "Statement[0].Condition.Bool.a:b: stands twice; keep one",
        ]
    );
}

#[test]
fn statement_ids_are_unique_and_in_identity_policies_alphanumeric() {
    let named = |sid: &str, kind| {
        let statement =
            format!(r#"{{"Sid":"{sid}","Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}}"#);
        let statement = if kind == PolicyKind::Resource {
            statement
        } else {
            statement.replace(r#","Principal":"*""#, "")
        };
        Policy::parse(&identity(&format!("[{statement},{statement}]")), kind)
            .map_err(|malformed| malformed.faults.len())
    };
    assert!(named("", PolicyKind::Identity).is_ok());
    assert_eq!(named("A1", PolicyKind::Identity), Err(1));
    assert_eq!(named("A 1", PolicyKind::Identity), Err(3));
    assert_eq!(named("A 1", PolicyKind::Resource), Err(1));
}

#[test]
fn what_iam_refuses_is_read_where_it_is_clear_all_the_same() {
    let read = |statement: &str, kind| {
        Policy::read_unless_unclear(&Json::parse(&identity(statement)).unwrap(), kind)
            .map(|(policy, faults)| (policy, faults.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    let statement = r#"{"Sid":"a b","Effect":"Allow","NotAction":["s3:","s3:Get*"],"Resource":["bucket","*"],"Principal":"*"}"#;
    let (policy, faults) = read(statement, PolicyKind::Identity).unwrap();
    let [statement] = policy.statements.as_slice() else { panic!("{policy:?}") };
    assert_eq!((&statement.principal, statement.action.entries.len()), (&None, 1));
    assert_eq!(statement.resource.as_ref().unwrap().entries.len(), 1);
    assert_eq!(faults.len(), 4, "{faults:?}");

    let bare = r#"{"Effect":"Deny","Action":"*","Principal":"arn:aws:iam::111122223333:root"}"#;
    let (policy, faults) = read(bare, PolicyKind::Resource).unwrap();
    let entries = &policy.statements[0].principal.as_ref().unwrap().entries;
    assert_eq!(entries, &[PrincipalEntry::parse("AWS", "111122223333").unwrap()]);
    assert_eq!(
        faults,
        [
            "Statement[0].Principal: `arn:aws:iam::111122223333:root` stands alone, which only `*` may; write `{\"AWS\": …}`"
        ]
    );
    let (policy, faults) = read(r#"{"Effect":"Deny","Action":"*"}"#, PolicyKind::Resource).unwrap();
    assert_eq!((&policy.statements[0].principal, faults.len()), (&None, 1));

    for unclear in [
        r#"{"Action":"*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{}}}"#,
        r#"{"Effect":"Allow","Action":"*","Action":"s3:*","Resource":"*"}"#,
    ] {
        assert!(read(unclear, PolicyKind::Identity).is_err(), "{unclear}");
    }
}

#[test]
fn what_is_no_policy_at_all_says_what_it_is() {
    for (text, expected) in [
        ("", "the policy: not JSON"),
        ("{", "the policy: not JSON"),
        ("[]", "the policy: is a list; expected an object"),
        ("null", "the policy: is null; expected an object"),
        ("{}", "the policy: `Statement` is missing"),
    ] {
        let found = faults(text, PolicyKind::Identity);
        assert!(found[0].starts_with(expected), "{text}: {found:?}");
    }
}

#[test]
fn thousands_of_keys_are_read_in_one_go() {
    let keys: Vec<String> = (0..20_000).map(|n| format!(r#""k{n}":1"#)).collect();
    assert_eq!(faults(&format!("{{{}}}", keys.join(",")), PolicyKind::Identity).len(), 20_001);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = Policy::parse(&text, PolicyKind::Identity);
    }

    #[test]
    fn no_shape_makes_it_panic(
        key in "(Sid|Effect|Action|NotAction|Resource|NotResource|Principal|NotPrincipal|Condition|X)",
        value in r#"(null|1|true|"\*"|"a:b"|\[\]|\[null,"x"\]|\{\}|\{"AWS":null\}|\{"AWS":\["\*",1\]\}|\{"Bool":1\}|\{"Bool":\{"x":[{}]\}\})"#,
    ) {
        for kind in [PolicyKind::Identity, PolicyKind::Trust, PolicyKind::Resource] {
            let _ = Policy::parse(&format!(r#"{{"Statement":{{"{key}":{value}}}}}"#), kind);
        }
    }
}
