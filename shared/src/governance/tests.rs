//! What the whole file does; each part's details are tested beside it.

mod default_file;
mod hostile;
mod strict;

use super::*;
use crate::identifier::Arn;
use crate::rules::RULES;

/// A file with something in every section.
const FULL: &str = r#"version: 1
rules:
  access-key-age:
    mode: enforce
    parameters:
      maxAccessKeyAge: "45"
  user-unused:
    enabled: false
protected:
  - principal: arn:aws:iam::111122223333:role/ci/*
    reason: deploys
breakGlass:
  - principal: arn:aws:iam::111122223333:user/break-glass/one
    reason: in the safe
organization: o-a1b2c3d4e5
trustedAccounts:
  - account: "012345678901"
    name: Tooling
exemptions:
  - rule: access-key-age
    principal: arn:aws:iam::111122223333:user/team/alice
    ticket: SEC-1
    owner: team@example.com
    approver: ciso@example.com
    reason: moves to roles this year
    created: 2026-02-01
    expires: 2027-01-31
  - rule: access-key-unused
    accessKey: AKIAIOSFODNN7EXAMPLE
    ticket: SEC-2
    owner: team@example.com
    approver: ciso@example.com
    reason: used once a year
    created: 2026-02-01
    expires: 2027-01-31T12:00:00Z
"#;

fn id(rule: &str) -> RuleId {
    RuleId::parse(rule).unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn user(path_and_name: &str) -> Arn {
    Arn::parse(&format!("arn:aws:iam::111122223333:user/{path_and_name}")).unwrap()
}

/// The problems of a file, one a line.
fn refusal(text: &str) -> String {
    Governance::parse(text).unwrap_err().to_string()
}

#[test]
fn a_rule_that_is_not_named_is_on_in_audit_mode_with_its_defaults() {
    let governance = Governance::parse("version: 1\n").unwrap();
    for entry in RULES {
        let setting = governance.rule(entry.meta.id);
        assert!(setting.enabled);
        assert_eq!(setting.mode, Mode::Audit);
        assert_eq!(setting.rule.parameters(), entry.bind(&serde_json::Value::Null).unwrap().parameters());
    }
    assert!(governance.exemptions().is_empty() && governance.protected().is_empty());
}

#[test]
fn what_the_file_says_of_a_rule_is_what_holds() {
    let governance = Governance::parse(FULL).unwrap();
    let age = governance.rule(id("access-key-age"));
    assert_eq!((age.enabled, age.mode), (true, Mode::Enforce));
    assert_eq!(age.rule.parameters(), serde_json::json!({ "maxAccessKeyAge": 45, "spareUsedWithin": 1 }));
    assert!(!governance.rule(id("user-unused")).enabled);
}

#[test]
fn a_rule_declared_but_not_listed_judges_nothing() {
    let governance = Governance::parse(FULL).unwrap();
    assert!(!governance.rule(RuleId::declared("nobody-lists-it")).enabled);
}

#[test]
fn break_glass_principals_are_protected_and_said_to_be_so() {
    let listed = Governance::parse(FULL).unwrap().protected();
    assert_eq!(
        listed,
        [
            ("arn:aws:iam::111122223333:role/ci/*".to_owned(), "deploys".to_owned()),
            (
                "arn:aws:iam::111122223333:user/break-glass/one".to_owned(),
                "break-glass: in the safe".to_owned()
            ),
        ]
    );
}

#[test]
fn the_own_organisation_is_named_or_not_known() {
    let organization = |text| Governance::parse(text).unwrap().organization().map(ToString::to_string);
    assert_eq!(organization(FULL), Some("o-a1b2c3d4e5".to_owned()));
    assert_eq!(organization("version: 1\n"), None);
    for wrong in ["o-A1B2C3D4E5", "r-a1b2", "\"o-*\"", "\"\"", "123456789012", "[o-a1b2c3d4e5]"] {
        let refusal = refusal(&format!("version: 1\norganization: {wrong}\n"));
        assert!(refusal.starts_with("line 2: `organization`: "), "{refusal}");
    }
}

#[test]
fn only_a_listed_account_is_trusted() {
    let governance = Governance::parse(FULL).unwrap();
    assert!(governance.trusts(&AccountId::parse("012345678901").unwrap()));
    assert!(!governance.trusts(&AccountId::parse("111122223333").unwrap()));
    assert_eq!(governance.trusted().len(), 1);
}

#[test]
fn an_exemption_holds_to_the_end_of_its_day_and_no_longer() {
    let governance = Governance::parse(FULL).unwrap();
    let exempt = |at| governance.exemption(id("access-key-age"), &user("team/alice"), time(at)).is_some();
    assert!(exempt("2027-01-31T23:59:59.999999999Z"));
    assert!(!exempt("2027-02-01T00:00:00Z"));
}

#[test]
fn an_exemption_holds_from_the_day_it_was_agreed_to_and_not_before() {
    let governance = Governance::parse(FULL).unwrap();
    let exempt = |at| governance.exemption(id("access-key-age"), &user("team/alice"), time(at)).is_some();
    assert!(!exempt("2026-01-31T23:59:59.999999999Z"));
    assert!(exempt("2026-02-01T00:00:00Z"));
}

#[test]
fn an_exemption_is_for_one_rule_and_one_principal_with_its_path() {
    let governance = Governance::parse(FULL).unwrap();
    let at = time("2026-06-01T00:00:00Z");
    let exempt = |rule, who| governance.exemption(id(rule), &user(who), at).is_some();
    assert!(exempt("access-key-age", "team/alice"));
    assert!(!exempt("access-key-unused", "team/alice"));
    for other in ["alice", "team/alice2", "team/alic", "team/Alice", "other/alice"] {
        assert!(!exempt("access-key-age", other), "{other}");
    }
}

#[test]
fn a_keys_exemption_spares_that_key_and_not_its_user() {
    let governance = Governance::parse(FULL).unwrap();
    let keys = |rule, at| -> Vec<String> {
        governance.exempt_keys(id(rule), time(at)).map(|(key, _)| key.as_str().to_owned()).collect()
    };
    assert_eq!(keys("access-key-unused", "2027-01-31T11:59:59Z"), ["AKIAIOSFODNN7EXAMPLE"]);
    assert!(keys("access-key-unused", "2027-01-31T12:00:00Z").is_empty());
    assert!(keys("access-key-age", "2026-06-01T00:00:00Z").is_empty());
    let at = time("2026-06-01T00:00:00Z");
    assert!(governance.exemption(id("access-key-unused"), &user("team/alice"), at).is_none());
}

#[test]
fn an_expired_exemption_is_read_and_holds_no_more() {
    let text = FULL.replace("2026", "1998").replace("2027", "1999");
    let governance = Governance::parse(&text).unwrap();
    assert_eq!(governance.exemptions().len(), 2);
    assert!(
        governance.exemptions().iter().all(|exemption| !exemption.in_force(time("2026-06-01T00:00:00Z")))
    );
}

#[test]
fn the_fingerprint_is_that_of_the_text() {
    let governance = Governance::parse("version: 1\n").unwrap();
    // printf 'version: 1\n' | sha256sum
    assert_eq!(governance.fingerprint(), "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
    assert_ne!(governance.fingerprint(), Governance::parse("version: 1").unwrap().fingerprint());
}

#[test]
fn entries_that_protect_everybody_are_told_and_rules_can_be_left_out() {
    let governance = Governance::parse(
        "version: 1\nprotected:\n  - {principal: \"arn:aws:iam::111122223333:user/a\", reason: x}\n  \
         - {principal: \"arn:aws:iam::111122223333:role/*\", reason: x}\nbreakGlass:\n  \
         - {principal: \"*\", reason: x}\n",
    )
    .unwrap();
    let told: Vec<(String, &str)> =
        governance.too_wide().into_iter().map(|wide| (wide.entry, wide.protects)).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(entry, whom)| (entry.as_str(), *whom)).collect();
    assert_eq!(told, [("protected[1]", "every role"), ("breakGlass[0]", "every user and role")]);
    let rule = id("access-key-age");
    assert!(governance.rule(rule).enabled && !governance.without(&[rule]).rule(rule).enabled);
}
