//! Access key ids as people see them.

use std::fmt;

use serde_json::Value;

/// A text from elsewhere, for people: access key ids in it show their last four characters only.
pub struct Masked<'a>(pub &'a str);

/// The same of every text in a JSON value; its keys are ours.
pub fn mask(value: &mut Value) {
    match value {
        Value::String(text) => *text = Masked(text).to_string(),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => fields.values_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Prefixes of access key ids: long-term and session keys (IAM user guide, "IAM identifiers").
const PREFIXES: [&str; 2] = ["AKIA", "ASIA"];

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = PREFIXES.iter().filter_map(|prefix| rest.find(prefix)).min() {
            let (before, id_and_rest) = rest.split_at(at);
            f.write_str(before)?;
            let end = id_and_rest
                .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
                .unwrap_or(id_and_rest.len());
            let (id, after) = id_and_rest.split_at(end);
            match id.len().checked_sub(4).and_then(|from| id.get(from..)) {
                Some(last) if id.len() >= 16 => write!(f, "…{last}")?,
                _ => f.write_str(id)?,
            }
            rest = after;
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_key_ids_show_four_characters() {
        let said = "keys AKIAIOSFODNN7EXAMPLE and (ASIAIOSFODNN7EXAMPL2) of AKIAlice";
        assert_eq!(Masked(said).to_string(), "keys …MPLE and (…MPL2) of AKIAlice");
        assert_eq!(Masked("").to_string(), "");
    }
}
