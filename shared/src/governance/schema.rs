use serde_json::{Map, Value, json};

use super::{
    Criticality, Mode, approvals, change_windows, directory, exemption, limits, managed, notices, warnings,
};
use crate::identifier::PARTITIONS;
use crate::rules::{Days, Entry, Form, RULES, Threshold};

/// The JSON Schema of the governance file, for editors: completion, hints and red lines while it is written.
/// What [`Governance::parse`](super::Governance::parse) refuses is decided there and nowhere else.
pub fn schema() -> Value {
    let rules: Map<String, Value> =
        RULES.iter().map(|entry| (entry.meta.id.to_string(), rule(entry))).collect();
    let ids: Vec<&str> = RULES.iter().map(|entry| entry.meta.id.as_str()).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Bailiff governance file",
        "type": "object",
        "additionalProperties": false,
        "required": ["version"],
        "properties": {
            "version": { "const": 1 },
            "rules": {
                "description": "A rule that is not named is on, in audit mode, with its default parameters.",
                "type": "object",
                "additionalProperties": false,
                "properties": rules,
            },
            "limits": limits::schema(),
            "changeWindows": change_windows::schema(),
            "approvals": approvals::schema(&principals("Principals on whom two people decide, whatever the rule.")),
            "notices": notices::schema(),
            "directory": directory::schema(),
            "managed": managed::schema(),
            "protected": principals("Principals who are never changed."),
            "breakGlass": principals("Principals for emergencies, who are never changed."),
            "organization": {
                "description": "The organisation the account belongs to; all of its accounts may be given access.",
                "type": "string",
                "pattern": "^o-[a-z0-9]{1,32}$",
            },
            "trustedAccounts": {
                "description": "Other accounts that may be given access.",
                "type": "array",
                "items": object(
                    &["account", "name"],
                    json!({
                        "account": { "type": "string", "pattern": "^[0-9]{12}$" },
                        "name": text("Whose account it is."),
                    }),
                ),
            },
            "exemptions": {
                "description": "Who is let be by which rule, until when, and on whose word.",
                "type": "array",
                "items": exemption_item(&ids),
            },
        },
    })
}

fn rule(entry: &Entry) -> Value {
    let mut described = object(
        &[],
        json!({
            "enabled": { "type": "boolean", "default": true },
            "mode": { "enum": Mode::ALL, "default": Mode::default() },
            "parameters": parameters(entry),
        }),
    );
    if let (Some(_), Some(properties)) =
        (entry.meta.remediator, described.get_mut("properties").and_then(Value::as_object_mut))
    {
        properties.insert("warnings".to_owned(), warnings::schema());
        properties.insert("approvals".to_owned(), approvals::needed_schema());
    }
    if let Value::Object(fields) = &mut described {
        fields.insert("description".to_owned(), json!(entry.meta.title()));
    }
    described
}

fn parameters(entry: &Entry) -> Value {
    let parameters: Map<String, Value> = entry
        .parameters
        .iter()
        .map(|parameter| {
            let described = match parameter.form {
                Form::Days { least, most } => json!({
                    "description": format!("{} In days.", parameter.meaning.trim()),
                    "type": "integer",
                    "minimum": least,
                    "maximum": most,
                    "default": parameter.default_value(),
                }),
                Form::Count { most } => json!({
                    "description": parameter.meaning.trim(),
                    "type": "integer",
                    "minimum": 0,
                    "maximum": most,
                    "default": parameter.default_value(),
                }),
                Form::Flag => json!({
                    "description": parameter.meaning.trim(),
                    "type": "boolean",
                    "default": parameter.default_value(),
                }),
                Form::OneOf { words } => json!({
                    "description": parameter.meaning.trim(),
                    "type": "string",
                    "enum": words,
                    "default": parameter.default_value(),
                }),
                Form::Names => json!({
                    "description": parameter.meaning.trim(),
                    "type": "array",
                    "items": { "type": "string" },
                    "default": parameter.default_value(),
                }),
            };
            (parameter.name.to_owned(), described)
        })
        .collect();
    object(&[], Value::Object(parameters))
}

fn principals(description: &str) -> Value {
    json!({
        "description": description,
        "type": "array",
        "items": object(
            &["principal", "reason"],
            json!({
                "principal": text("An IAM user's or role's ARN; `*` stands for any characters."),
                "reason": text("Why."),
            }),
        ),
    })
}

fn exemption_item(rule_ids: &[&str]) -> Value {
    let required: Vec<&str> =
        exemption::FIELDS.into_iter().filter(|name| !exemption::OPTIONAL.contains(name)).collect();
    let mut item = object(
        &required,
        json!({
            "rule": { "enum": rule_ids },
            "principal": {
                "description": "The exact ARN of an IAM user or role.",
                "type": "string",
                "pattern": format!(
                    "^arn:({}):iam::[0-9]{{12}}:(user|role)/[^*?\\s]+$",
                    PARTITIONS.join("|")
                ),
            },
            "accessKey": {
                "description": "The exact id of an access key.",
                "type": "string",
                "pattern": format!(
                    "^(?!{})[A-Za-z0-9_]{{16,128}}$",
                    exemption::NO_KEYS.map(|(prefix, _)| prefix).join("|")
                ),
            },
            "resource": {
                "description": "The exact ARN of a group, a policy, or whatever else is judged and is no user or role.",
                "type": "string",
                "pattern": format!("^arn:({}):iam::[0-9]{{12}}:[^*?\\s]+$", PARTITIONS.join("|")),
            },
            "ticket": text("Where it was agreed."),
            "owner": text("Who answers for it."),
            "approver": text("Who agreed to it: somebody else than the owner."),
            "reason": text("Why."),
            "process": text("The business process that needs it."),
            "criticality": {
                "description": "How much hangs on that process.",
                "enum": Criticality::ALL,
            },
            "rotateEvery": {
                "description": format!(
                    "After how many days a credential has to be replaced all the same; with {} only.",
                    exemption::AGE_LIMITS.map(|(rule, _)| rule).join(", ")
                ),
                "type": "integer",
                "minimum": Threshold::LEAST,
                "maximum": Days::MOST,
            },
            "created": moment("When it was agreed to: a date (from the start of that day, UTC) or a time with its zone."),
            "expires": moment(
                "A date (to the end of that day, UTC) or a time with its zone, within a year of `created`.",
            ),
        }),
    );
    if let Value::Object(fields) = &mut item {
        let either = json!([{ "required": ["principal"] }, { "required": ["accessKey"] }, { "required": ["resource"] }]);
        fields.insert("oneOf".to_owned(), either);
    }
    item
}

fn moment(description: &str) -> Value {
    json!({
        "description": description,
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?$",
    })
}

fn object(required: &[&str], properties: Value) -> Value {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("additionalProperties".to_owned(), json!(false));
    if !required.is_empty() {
        object.insert("required".to_owned(), json!(required));
    }
    object.insert("properties".to_owned(), properties);
    Value::Object(object)
}

fn text(description: &str) -> Value {
    json!({ "description": description, "type": "string", "minLength": 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{FIELDS, setting};

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../governance/governance.schema.json");

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "compares a file of the repository, and rewrites it on request"
    )]
    fn the_schema_beside_the_default_file_is_up_to_date() {
        let wanted = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(FILE, &wanted).unwrap();
        }
        let written = std::fs::read_to_string(FILE).unwrap_or_default();
        if written != wanted {
            let line = written.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
            panic!(
                "governance/governance.schema.json has drifted from the rules.\nfirst difference in line {}:\n\
                 - {}\n+ {}\nwrite it anew with: UPDATE=1 cargo test -p shared governance::schema",
                line + 1,
                written.lines().nth(line).unwrap_or("(end)"),
                wanted.lines().nth(line).unwrap_or("(end)"),
            );
        }
    }

    #[test]
    fn every_key_the_parser_knows_is_in_the_schema() {
        let schema = schema();
        let keys = |pointer: &str| -> Vec<String> {
            schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys("/properties"), FIELDS);
        assert_eq!(keys("/properties/exemptions/items/properties"), exemption::FIELDS);
        assert_eq!(keys("/properties/notices/properties"), notices::FIELDS);
        assert_eq!(keys("/properties/notices/properties/owners/items/properties"), notices::OWNER_FIELDS);
        for entry in RULES {
            let rule = format!("/properties/rules/properties/{}/properties", entry.meta.id);
            let acts = entry.meta.remediator.is_some();
            assert_eq!(keys(&rule), setting::FIELDS[..if acts { 5 } else { 3 }]);
            assert_eq!(keys(&format!("{rule}/parameters/properties")), entry.parameter_names);
        }
    }
}
