//! `organization/template.yaml` carries the policies of `organization/policies`: its resources are made of them.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::{filled, packed};
use crate::organization::pack::{LISTS, placeholder};
use crate::organization::{PackedPolicy, Protection};

const FROM: &str = "# Made of organization/policies: UPDATE=1 cargo test -p shared organization\n";

fn template() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../organization/template.yaml")
}

#[expect(clippy::disallowed_methods, reason = "the test is about the file, and writes it when told to")]
#[test]
fn the_template_carries_exactly_the_policies() {
    let text = std::fs::read_to_string(template()).unwrap();
    let (before, written) = text.split_once(FROM).unwrap();
    let made = resources();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(template(), format!("{before}{FROM}{made}")).unwrap();
        return;
    }
    let differing = written.lines().zip(made.lines()).find(|(written, made)| written != made);
    assert!(
        written == made,
        "organization/template.yaml is not what organization/policies say, from {differing:?} on; write it anew with: \
         UPDATE=1 cargo test -p shared organization"
    );
}

#[expect(clippy::disallowed_methods, reason = "the test is about the file")]
#[test]
fn every_setting_of_a_policy_is_a_parameter_and_every_policy_has_its_switch() {
    let text = std::fs::read_to_string(template()).unwrap();
    let head = text.split_once(FROM).unwrap().0;
    let settings = LISTS.into_iter().chain(["StackName", "OrganizationId"]);
    for name in settings.map(str::to_owned).chain(packed().iter().map(|policy| pascal_case(policy.name))) {
        assert!(head.contains(&format!("\n  {name}:\n    Type: String\n")), "{name}");
    }
    for name in LISTS {
        let used = packed().iter().any(|policy| policy.text.contains(&format!("\"${{{name}}}\"")));
        assert!(used, "{name}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the test is about the file")]
#[test]
fn the_page_tells_of_every_statement_protection_and_parameter() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/organization.md");
    let page = std::fs::read_to_string(page).unwrap();
    let statements = filled().into_iter().flat_map(|policy| policy.policy.statements);
    let mut names: Vec<String> = statements.map(|statement| statement.sid.unwrap()).collect();
    names.extend(Protection::ALL.iter().map(ToString::to_string));
    names.extend(packed().iter().map(|policy| policy.name.to_owned()));
    names.extend(
        LISTS.iter().chain(&["StackName", "OrganizationId", "TargetIds"]).map(|name| (*name).to_owned()),
    );
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "docs/organization.md does not tell of {name}");
    }
}

fn resources() -> String {
    let mut out = String::from("Resources:\n");
    for policy in packed() {
        let name = pascal_case(policy.name);
        write!(out, "  {name}Policy:\n    Type: AWS::Organizations::Policy\n    Condition: Has{name}\n")
            .unwrap();
        write!(
            out,
            "    Properties:\n      Name: !Sub ${{AWS::StackName}}-{}\n      Description: {}\n      Type: {}\n      \
             TargetIds: !Ref TargetIds\n      Content:\n",
            policy.name,
            description(policy),
            policy.control.as_str(),
        )
        .unwrap();
        entries(&serde_json::from_str(policy.text).unwrap(), 8, &mut out);
        out.push('\n');
    }
    // One line end at the end.
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn description(policy: &PackedPolicy) -> &'static str {
    match policy.name {
        "protect-quarantine" => "Only Bailiff and responders lift a quarantine.",
        "protect-bailiff" => "Only deployers change Bailiff, AWS Config and CloudTrail.",
        "protect-account" => "Root does nothing, the account stays, users and keys come from pipelines.",
        "resource-perimeter" => "Identities reach no resources outside the organisation.",
        "network-perimeter" => "Users come from known networks only.",
        "identity-perimeter" => "Nobody outside the organisation reaches its resources.",
        other => panic!("say what {other} is for"),
    }
}

fn entries(value: &Value, indent: usize, out: &mut String) {
    for (key, value) in value.as_object().unwrap() {
        // To YAML a bare `Null` is no text.
        let key = if key.contains(':') || key == "Null" { format!("\"{key}\"") } else { key.clone() };
        write!(out, "{:indent$}{key}:", "").unwrap();
        match value {
            Value::Object(_) => {
                out.push('\n');
                entries(value, indent + 2, out);
            }
            Value::Array(members) if members.iter().all(Value::is_object) => {
                out.push('\n');
                for member in members {
                    let mut inner = String::new();
                    entries(member, indent + 4, &mut inner);
                    writeln!(out, "{:indent$}  - {}", "", inner.trim()).unwrap();
                }
            }
            Value::Array(members) if members.iter().any(is_placeholder) => {
                let members: Vec<&str> = members.iter().map(|member| member.as_str().unwrap()).collect();
                let joined = match members.as_slice() {
                    [only] => format!("!Ref {}", placeholder(only).unwrap()),
                    several => format!("!Sub \"{}\"", several.join(",")),
                };
                writeln!(out, " !Split [\",\", {joined}]").unwrap();
            }
            Value::Array(members) => {
                out.push('\n');
                for member in members {
                    writeln!(out, "{:indent$}  - {}", "", text(member)).unwrap();
                }
            }
            scalar => writeln!(out, " {}", text(scalar)).unwrap(),
        }
    }
}

fn is_placeholder(member: &Value) -> bool {
    member.as_str().is_some_and(|text| placeholder(text).is_some())
}

fn text(value: &Value) -> String {
    let text = value.as_str().unwrap();
    if text.contains("${") { format!("!Sub \"{text}\"") } else { format!("\"{text}\"") }
}

/// `protect-quarantine` as `ProtectQuarantine`.
fn pascal_case(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    name.split('-').map(capital).collect()
}
