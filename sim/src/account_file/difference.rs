//! What has changed between two accounts, in people's words.

use serde_json::Value;

use super::AccountFile;

pub(super) fn differences(before: &AccountFile, after: &AccountFile) -> Vec<String> {
    let mut found = Vec::new();
    for (kind, list) in [
        ("user", "users"),
        ("role", "roles"),
        ("group", "groups"),
        ("policy", "policies"),
        ("server certificate", "serverCertificates"),
        ("identity provider", "identityProviders"),
    ] {
        let (before, after) = (records(before, list), records(after, list));
        for (name, record) in &before {
            match after.iter().find(|(other, _)| other == name) {
                Some((_, now)) => compare(&format!("{kind} {name}"), record, now, &mut found),
                None => found.push(format!("{kind} {name} is gone")),
            }
        }
        for (name, _) in &after {
            if !before.iter().any(|(other, _)| other == name) {
                found.push(format!("{kind} {name} is new"));
            }
        }
    }
    let settings = |file: &AccountFile| serde_json::to_value(&file.account_settings).unwrap_or_default();
    compare("account", &settings(before), &settings(after), &mut found);
    found
}

fn records(file: &AccountFile, list: &str) -> Vec<(String, Value)> {
    let file = serde_json::to_value(file).unwrap_or_default();
    let records = file.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
    records
        .into_iter()
        .map(|record| (record.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(), record))
        .collect()
}

fn compare(at: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                compare(&format!("{at}: {key}"), value, after.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(&format!("{at}[{index}]"), before, after, found);
            }
        }
        _ if before == after => {}
        _ => found.push(format!("{at}: {before} became {after}")),
    }
}
