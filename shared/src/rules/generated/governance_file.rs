//! The rules' section of `governance/governance.yaml`.

use std::fmt::Write as _;

use super::Region;
use crate::rules::{Entry, RULES};

const REGION: Region = Region {
    file: "governance/governance.yaml",
    from: "\nrules:\n",
    to: "\n# Principals who are never changed",
};

/// A rule as it is without anybody's saying: on, in audit mode, with its parameters' defaults.
fn setting(entry: &Entry) -> String {
    let meta = &entry.meta;
    let by =
        meta.remediator.map_or_else(|| "reported; a person puts it right".to_owned(), |it| it.to_string());
    let mut text =
        format!("  # {} -> {by}\n  {}:\n    enabled: true\n    mode: audit\n", meta.title(), meta.id);
    if !entry.parameters.is_empty() {
        text += "    parameters:\n";
    }
    for parameter in entry.parameters {
        // JSON is YAML.
        let _ = writeln!(text, "      {}: {}", parameter.name, parameter.default_value());
    }
    text
}

#[test]
fn the_governance_file_shows_every_rule_with_its_defaults() {
    let settings: Vec<String> = RULES.iter().map(setting).collect();
    REGION.must_be(&settings.join("\n"));
}
