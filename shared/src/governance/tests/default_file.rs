//! `governance/governance.yaml`, which ships unless it is replaced.

use super::*;
use crate::governance::OrganizationLimits;

#[expect(clippy::disallowed_methods, reason = "the file ships beside the crate")]
fn text() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../governance/governance.yaml");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn has_every_rule_on_in_audit_mode_and_shows_its_parameters() {
    let text = text();
    let governance = Governance::parse(&text).unwrap();
    let node = Node::read(&text).unwrap().to_json();
    let shown = node["rules"].as_object().unwrap();
    let (listed, rules): (Vec<&str>, Vec<&str>) = (
        shown.keys().map(String::as_str).collect(),
        RULES.iter().map(|entry| entry.meta.id.as_str()).collect(),
    );
    assert_eq!(
        listed, rules,
        "governance/governance.yaml lists the rules on the left; shared/src/rules.rs has those on the right. Write each \
         missing one into the file under `rules`, in that place, with a line on what is done, `enabled: true`, \
         `mode: audit` and its parameters"
    );
    for entry in RULES {
        let id = entry.meta.id;
        let setting = governance.rule(id);
        assert!(
            setting.enabled && setting.mode == Mode::Audit,
            "{id}: write `enabled: true` and `mode: audit`"
        );
        let written = &shown[id.as_str()];
        let parameters = written.get("parameters").cloned().unwrap_or_else(|| serde_json::json!({}));
        let defaults = entry.bind(&serde_json::Value::Null).unwrap().parameters();
        assert_eq!(
            parameters, defaults,
            "{id}: governance/governance.yaml shows the parameters on the left, and the defaults are those on the right"
        );
    }
    assert!(governance.protected().is_empty() && governance.exemptions().is_empty());
}

#[test]
fn has_examples_that_can_be_taken_in_as_they_are() {
    let is_example = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line.len() > 1;
    // What belongs to a key is indented behind the mark.
    let is_item =
        |line: &str| line.starts_with("#  ") && !line.starts_with("#   ") || line.starts_with("#    ");
    let taken_in: String = text()
        .lines()
        .map(
            |line| {
                if is_example(line) || is_item(line) { line.replacen('#', "", 1) } else { line.to_owned() }
            },
        )
        .map(|line| line + "\n")
        .collect();
    let governance = Governance::parse(&taken_in).unwrap();
    let organization = OrganizationLimits {
        per_hour: Some(50),
        per_day: Some(200),
        share_per_hour: Some(100),
        share_per_day: Some(10),
    };
    assert_eq!(*governance.limits(), Limits { organization, ..Limits::default() });
    assert!(governance.change_windows().is_some());
    assert!(governance.notices().is_some());
    assert_eq!(governance.protected().len(), 3);
    assert_eq!(governance.exemptions().len(), 3);
    assert_eq!(
        governance.organization().map(crate::identifier::OrganizationId::as_str),
        Some("o-a1b2c3d4e5")
    );
    assert!(governance.trusts(&AccountId::parse("444455556666").unwrap()));
}
