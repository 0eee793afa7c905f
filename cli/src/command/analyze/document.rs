use shared::policy::{Fault, Json, Malformed, Place, Policy, PolicyKind, Why};

/// Reads a policy in any form in which people have one at hand: JSON, percent-encoded JSON, a JSON text that holds
/// either, or what the AWS CLI prints around one.
pub(super) fn read(bytes: &[u8], kind: PolicyKind) -> Result<Policy, Malformed> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(Why::NotADocument(format!("the document is not UTF-8: {error}"))))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with(['{', '[', '"']) {
        return Policy::read(&Json::Text(text.into()), kind);
    }
    match Json::parse(text) {
        Ok(json) => Policy::read(unwrapped(&json), kind),
        Err(error) => Err(malformed(Why::NotJson(error.to_string()))),
    }
}

fn malformed(why: Why) -> Malformed {
    Malformed { faults: vec![Fault { at: Place::policy(), why }] }
}

/// Where `aws iam get-role`, `get-role-policy`, `get-user-policy`, `get-group-policy`, `get-policy-version` and other
/// services' `get-…-policy` put the document.
const WRAPPERS: &[&[&str]] = &[
    &["AssumeRolePolicyDocument"],
    &["Role", "AssumeRolePolicyDocument"],
    &["PolicyDocument"],
    &["PolicyVersion", "Document"],
    &["Policy"],
    &["ResourcePolicy"],
];

/// The document in its wrapper; itself if it has none.
fn unwrapped<'j, 'a>(json: &'j Json<'a>) -> &'j Json<'a> {
    if json.get("Statement").is_some() {
        return json;
    }
    let inside = |path: &&[&str]| path.iter().try_fold(json, |json, key| json.get(key));
    WRAPPERS.iter().find_map(inside).unwrap_or(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    const ENCODED: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22%2A%22%2C\
                           %22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";

    fn parse(text: &str) -> Result<Policy, Malformed> {
        read(text.as_bytes(), PolicyKind::Trust)
    }

    #[test]
    fn every_form_holds_the_same_policy() {
        let expected = parse(PLAIN).unwrap();
        let quoted = serde_json::to_string(PLAIN).unwrap();
        for text in [
            format!("\u{feff}\n {PLAIN}\r\n"),
            ENCODED.to_owned(),
            format!("{ENCODED}\n"),
            quoted.clone(),
            format!("\"{ENCODED}\""),
            format!(r#"{{"Role":{{"RoleName":"r","AssumeRolePolicyDocument":{PLAIN}}}}}"#),
            format!(r#"{{"RoleName":"r","PolicyName":"p","PolicyDocument":"{ENCODED}"}}"#),
            format!(r#"{{"PolicyVersion":{{"Document":{PLAIN},"VersionId":"v1"}}}}"#),
            format!(r#"{{"Policy":{quoted}}}"#),
        ] {
            assert_eq!(parse(&text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn what_holds_no_policy_is_malformed() {
        for text in
            ["", "null", "7", "[]", "{}", r#"{"Policy":{"Arn":"x"}}"#, "not a policy", "%7B%2", "{", "\"\""]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(read(b"{\xff}", PolicyKind::Trust).is_err());
    }
}
