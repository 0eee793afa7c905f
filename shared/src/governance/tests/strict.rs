//! What a file is refused for, and in what words.

use super::*;

/// A file with one exemption, one of whose lines is replaced; an empty replacement takes it out.
fn exemption_with(field: &str, replacement: &str) -> String {
    let lines = [
        ("rule", "rule: access-key-age"),
        ("principal", "principal: arn:aws:iam::111122223333:user/alice"),
        ("ticket", "ticket: SEC-1"),
        ("owner", "owner: team"),
        ("approver", "approver: ciso"),
        ("reason", "reason: why"),
        ("created", "created: 2026-02-01"),
        ("expires", "expires: 2027-01-31"),
    ];
    let mut text = "version: 1\nexemptions:\n-\n".to_owned();
    for (name, line) in lines {
        let line = if name == field { replacement } else { line };
        if !line.is_empty() {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_problem_is_named_at_once_with_its_line_and_what_to_do() {
    let text = r#"version: 2
ruels: {}
rules:
  access-key-agee:
    enabled: true
  access-key-age:
    enabled: yes
    mode: enforced
    parameters:
      maxAccesKeyAge: 90
  user-inline-policy:
    parameters:
      days: 3
protected:
  - principal: arn:aws:sts::111122223333:assumed-role/break-glass/*
    reason: ""
trustedAccounts:
  - account: 012345678901
    name: Tooling
  - acount: "111122223333"
exemptions:
  - rule: access-key-*
    principal: arn:aws:iam::111122223333:user/*
    ticket: 4711
    owner: team
    expires: 31.01.2027
    approved: true
"#;
    insta::assert_snapshot!(refusal(text), @r#"
    line 1: `version`: this is not a version of the file that is known; write `version: 1`
    line 2: `ruels`: the key is not known (did you mean `rules`?); the keys known here are version, rules, limits, changeWindows, approvals, notices, directory, managed, protected, breakGlass, organization, trustedAccounts, exemptions
    line 4: `rules.access-key-agee`: there is no rule `access-key-agee` (did you mean `access-key-age`?); `bailiff rules` lists them; rename the key to one of them, or take it out
    line 7: `rules.access-key-age.enabled`: this is a text; write `true` or `false`
    line 8: `rules.access-key-age.mode`: `enforced` is not a mode (did you mean `enforce`?); write one of audit, notify, enforce
    line 10: `rules.access-key-age.parameters.maxAccesKeyAge`: the key is not known (did you mean `maxAccessKeyAge`?); the keys known here are maxAccessKeyAge, spareUsedWithin
    line 13: `rules.user-inline-policy.parameters.days`: the key is not known; take it out: no key is known here
    line 15: `protected[0].principal`: no user's or role's ARN is like `arn:aws:sts::111122223333:assumed-role/break-glass/*`: it goes `arn:partition:iam::account:user/…` or `…:role/…`; write an IAM user's or role's ARN, path included, as `arn:aws:iam::111122223333:user/team/alice`; `*` stands for any characters
    line 16: `protected[0].reason`: the text is empty; fill it in
    line 18: `trustedAccounts[0].account`: the account id is written as a number, which loses leading zeros; write all twelve digits in quotes, as `"012345678901"`
    line 20: `trustedAccounts[1].acount`: the key is not known (did you mean `account`?); the keys known here are account, name
    line 20: `trustedAccounts[1].name`: the field is missing; add `name: …`
    line 20: `trustedAccounts[1].account`: the field is missing; add `account: …`
    line 22: `exemptions[0].rule`: an exemption takes no wildcards; name one rule and one principal or key in full, and write an exemption for each
    line 22: `exemptions[0].approver`: the field is missing; add `approver: …`
    line 22: `exemptions[0].reason`: the field is missing; add `reason: …`
    line 22: `exemptions[0].created`: the field is missing; add `created: …`
    line 23: `exemptions[0].principal`: an exemption takes no wildcards; name one rule and one principal or key in full, and write an exemption for each
    line 24: `exemptions[0].ticket`: this is a number; write a text, in quotes (`"…"`)
    line 26: `exemptions[0].expires`: `31.01.2027` is not the end of an exemption; write a date, as `2027-01-31` (a whole day, UTC), or a time with its zone, as `2027-01-31T18:00:00Z`
    line 27: `exemptions[0].approved`: the key is not known (did you mean `approver`?); the keys known here are rule, principal, accessKey, resource, ticket, owner, approver, reason, process, criticality, rotateEvery, created, expires
    "#);
}

#[test]
fn the_model_of_these_tests_is_sound() {
    assert!(Governance::parse(&exemption_with("", "")).is_ok());
}

#[test]
fn an_exemption_lacking_anything_is_refused() {
    for field in ["rule", "principal", "ticket", "owner", "approver", "reason", "created", "expires"] {
        let refusal = refusal(&exemption_with(field, ""));
        assert!(refusal.contains("missing") || refusal.contains("neither"), "{field}: {refusal}");
        let empty = super::refusal(&exemption_with(field, &format!("{field}: \"  \"")));
        assert!(empty.contains(&format!("`exemptions[0].{field}`: the text is empty")), "{field}: {empty}");
        let nothing = super::refusal(&exemption_with(field, &format!("{field}:")));
        assert!(nothing.contains("this is empty"), "{field}: {nothing}");
    }
}

#[test]
fn an_exemption_of_more_than_one_thing_is_refused() {
    let refusals = [
        ("rule", "rule: \"*\""),
        ("rule", "rule: access-key-*"),
        ("rule", "rule: [access-key-age, access-key-unused]"),
        ("principal", "principal: \"*\""),
        ("principal", "principal: arn:aws:iam::111122223333:user/*"),
        ("principal", "principal: arn:aws:iam::111122223333:user/alic?"),
        ("principal", "principal: arn:aws:iam::*:user/alice"),
        ("principal", "accessKey: AKIA*"),
        ("principal", "accessKey: \"AKIAIOSFODNN7EXAMPL?\""),
        ("owner", "accessKey: AKIAIOSFODNN7EXAMPLE"),
    ];
    for (field, line) in refusals {
        assert!(Governance::parse(&exemption_with(field, line)).is_err(), "{line}");
    }
}

#[test]
fn look_alike_characters_are_refused() {
    let refusals = [
        ("rule", "rule: \u{430}ccess-key-age"),
        ("principal", "principal: arn:aws:iam::111122223333:user/\u{430}lice"),
        ("principal", "principal: arn:aws:iam::１11122223333:user/alice"),
        ("principal", "accessKey: AKIAIOSFODNN7EXAMPL\u{395}"),
        ("expires", "expires: ２027-01-31"),
    ];
    for (field, line) in refusals {
        assert!(Governance::parse(&exemption_with(field, line)).is_err(), "{line}");
    }
}

#[test]
fn an_exemption_that_can_never_apply_is_refused() {
    let role = refusal(&exemption_with("principal", "principal: arn:aws:iam::111122223333:role/deployer"));
    assert!(role.contains("does not judge a role"), "{role}");
    let key = exemption_with("principal", "accessKey: AKIAIOSFODNN7EXAMPLE")
        .replace("access-key-age", "user-inline-policy");
    let key = refusal(&key);
    assert!(key.contains("name the `principal` instead"), "{key}");
    for (id, what) in [
        ("ASIAIOSFODNN7EXAMPLE", "`ASIA…` is the key of a temporary session, which no rule judges"),
        ("AIDAQ2XH7WMR4TKV5JLCE", "`AIDA…` is the id of a user, which no rule judges"),
    ] {
        let refusal = refusal(&exemption_with("principal", &format!("accessKey: {id}")));
        assert!(
            refusal.starts_with("line 5: `exemptions[0].accessKey`: ") && refusal.contains(what),
            "{refusal}"
        );
        assert!(!refusal.contains(id), "{refusal}");
    }
}

#[test]
fn the_same_exemption_twice_is_refused() {
    let one = exemption_with("", "");
    let item = one.split_once("exemptions:\n").unwrap().1;
    for (created, expires) in
        [("2026-02-01", "2027-01-31"), ("2027-01-31", "2027-12-31"), ("2026-06-01", "2026-06-01")]
    {
        let twin = item.replace("2027-01-31", expires).replace("2026-02-01", created);
        let twice = refusal(&format!("{one}{twin}"));
        assert!(twice.contains("`exemptions[0]` already exempts"), "{created} {expires}: {twice}");
    }
    let after = item.replace("2027-01-31", "2027-12-31").replace("2026-02-01", "2027-02-01");
    assert!(Governance::parse(&format!("{one}{after}")).is_ok());
    let for_another_rule = format!("{one}{}", item.replace("access-key-age", "access-key-unused"));
    assert!(Governance::parse(&for_another_rule).is_ok());
}

#[test]
fn nobody_approves_an_exemption_of_their_own() {
    for approver in ["team", "\" Team \"", "TEAM"] {
        let refusal = refusal(&exemption_with("approver", &format!("approver: {approver}")));
        assert!(refusal.contains("`exemptions[0].approver`: whoever owns an exemption"), "{refusal}");
    }
    let same =
        exemption_with("owner", "owner: \"Jane  Doe\"").replace("approver: ciso", "approver: jane doe");
    assert!(refusal(&same).contains("cannot approve it"));
}

#[test]
fn an_exemption_lasts_a_year_at_most_and_ends_after_it_begins() {
    let of = |created: &str, expires: &str| {
        exemption_with("expires", &format!("expires: {expires}"))
            .replace("created: 2026-02-01", &format!("created: {created}"))
    };
    for (created, expires) in [
        ("2026-02-01", "2027-02-01"),
        ("2026-02-01", "2026-02-01"),
        ("2028-02-29", "2029-02-28"),
        ("2026-02-01T10:00:00Z", "2027-02-01"),
        ("2026-02-01T10:00:00Z", "2026-02-01T10:00:01Z"),
    ] {
        assert!(Governance::parse(&of(created, expires)).is_ok(), "{created} {expires}");
    }
    for (created, expires, what) in [
        ("2026-02-01", "2027-02-02", "it lasts longer than a year"),
        ("2026-02-01", "2027-02-02T00:00:01Z", "it lasts longer than a year"),
        ("2026-02-01", "2099-12-31", "it lasts longer than a year"),
        ("2026-02-01", "2026-01-31", "it ends before it begins"),
        ("2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z", "it ends before it begins"),
    ] {
        let refusal = refusal(&of(created, expires));
        assert!(refusal.contains(what), "{created} {expires}: {refusal}");
    }
    let too_late = refusal(&of("2026-02-01", "9999-12-31"));
    assert!(too_late.contains("it lasts longer than a year"), "{too_late}");
    assert!(too_late.contains("let it end within a year of `created`, by 2027-02-01;"), "{too_late}");
    let refusal = refusal(&exemption_with("created", "created: yesterday"));
    assert!(refusal.contains("`yesterday` is not the beginning of an exemption"), "{refusal}");
}

#[test]
fn what_may_be_said_beside_is_one_of_the_words_that_are_known() {
    let with = |line: &str| exemption_with("reason", &format!("reason: why\n  {line}"));
    let read = Governance::parse(&with("criticality: high\n  process: yearly report")).unwrap();
    let exemption = &read.exemptions()[0];
    assert_eq!(
        (exemption.criticality, exemption.process.as_deref()),
        (Some(Criticality::High), Some("yearly report"))
    );
    let refusal = |line| refusal(&with(line));
    assert!(refusal("criticality: hihg").contains("(did you mean `high`?)"));
    assert!(refusal("criticality: High").contains("write one of low, medium, high, critical"));
    assert!(refusal("process: \"\"").contains("the text is empty"));
}

#[test]
fn rotation_is_asked_for_in_days_and_where_something_can_be_rotated() {
    let with = |line: &str| exemption_with("reason", &format!("reason: why\n  {line}"));
    for days in ["1", "180", "3650"] {
        assert!(Governance::parse(&with(&format!("rotateEvery: {days}"))).is_ok(), "{days}");
    }
    for wrong in ["0", "3651", "-1", "\"180\"", "1.5", "1e2", "0o17", "often", "", "[180]"] {
        let refusal = refusal(&with(&format!("rotateEvery: {wrong}")));
        assert!(
            refusal.contains("`exemptions[0].rotateEvery`: this is not a number of days from 1 to 3650"),
            "{refusal}"
        );
    }
    let elsewhere = with("rotateEvery: 180").replace("access-key-age", "access-key-unused");
    let refusal = refusal(&elsewhere);
    assert!(refusal.contains("`access-key-unused` is about nothing that can be rotated"), "{refusal}");
}

#[test]
fn a_secret_in_place_of_a_key_id_is_not_repeated() {
    let refusal =
        refusal(&exemption_with("principal", "accessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
    assert!(!refusal.contains("wJalr"), "{refusal}");
}

#[test]
fn an_account_written_as_a_number_is_refused_with_a_hint_to_quote_it() {
    for number in ["012345678901", "111122223333", "1.2e11"] {
        let refusal =
            refusal(&format!("version: 1\ntrustedAccounts: [{{account: {number}, name: Tooling}}]\n"));
        assert!(refusal.contains("in quotes, as `\"012345678901\"`"), "{number}: {refusal}");
    }
}

#[test]
fn an_account_with_a_digit_too_few_or_too_many_is_refused() {
    for wrong in ["11112222333", "1111222233334", "1111-2222-3333", "11112222333x"] {
        let refusal =
            refusal(&format!("version: 1\ntrustedAccounts: [{{account: \"{wrong}\", name: Tooling}}]\n"));
        assert!(refusal.starts_with("line 2: `trustedAccounts[0].account`"), "{refusal}");
        assert!(refusal.contains("write all twelve digits in quotes"), "{refusal}");
    }
}

#[test]
fn a_text_holds_a_thousand_bytes_and_no_more() {
    let with = |length: usize| exemption_with("reason", &format!("reason: \"{}\"", "a".repeat(length)));
    assert!(Governance::parse(&with(1_000)).is_ok());
    let refusal = refusal(&with(1_001));
    assert!(refusal.contains("`exemptions[0].reason`: the text holds 1001 bytes"), "{refusal}");
}

#[test]
fn a_window_needs_a_time_zone_that_exists_and_a_day_on_which_it_is_open() {
    let with = |zone: &str, windows: &str| {
        format!("version: 1\nchangeWindows:\n  timeZone: {zone}\n  open: {windows}\n")
    };
    let window = "[{days: [monday], from: \"09:00\", to: \"17:00\"}]";
    assert!(Governance::parse(&with("Europe/Berlin", window)).is_ok());
    let nowhere = refusal(&with("Europe/Berlino", window));
    assert!(nowhere.contains("`Europe/Berlino` is not a time zone that is known"), "{nowhere}");
    let never = refusal(&with("Europe/Berlin", "[]"));
    assert!(never.contains("no window is open"), "{never}");
}

#[test]
fn an_account_listed_twice_is_refused() {
    let item = "  - account: \"111122223333\"\n    name: Tooling\n";
    assert!(refusal(&format!("version: 1\ntrustedAccounts:\n{item}{item}")).contains("listed twice"));
}

#[test]
fn a_repeated_key_is_refused_with_both_lines() {
    let text = "version: 1\nrules:\n  access-key-age:\n    mode: audit\n    mode: enforce\n";
    insta::assert_snapshot!(refusal(text), @"line 5: `rules.access-key-age.mode`: the key is written twice, first in line 4; keep one of the two");
    assert!(Governance::parse("version: 1\nversion: 1\n").is_err());
    let rule = "version: 1\nrules:\n  access-key-age: {}\n  access-key-age: {}\n";
    assert!(Governance::parse(rule).is_err());
}

#[test]
fn every_wrong_parameter_is_named_with_its_line() {
    let text = "version: 1\nrules:\n  access-key-age:\n    parameters:\n      maxAccessKeyAge: 0\n      \
                spareUsedWithin: 4000\n";
    let refusal = Governance::parse(text).unwrap_err();
    let places: Vec<(&str, Option<u64>)> =
        refusal.problems().iter().map(|problem| (problem.path.as_str(), problem.line)).collect();
    let parameters = "rules.access-key-age.parameters";
    assert_eq!(
        places,
        [
            (format!("{parameters}.maxAccessKeyAge").as_str(), Some(5)),
            (format!("{parameters}.spareUsedWithin").as_str(), Some(6)),
        ]
    );
}

#[test]
fn a_number_of_days_is_written_in_plain_decimal_digits() {
    let with = |days: &str| {
        format!("version: 1\nrules:\n  access-key-age:\n    parameters: {{maxAccessKeyAge: {days}}}\n")
    };
    for odd in ["0o17", "0x10", "0b11", "9_0", "+90", "090", "00", "1e2", "90.0"] {
        let refusal = refusal(&with(odd));
        assert!(
            refusal.starts_with("line 4: `rules.access-key-age.parameters.maxAccessKeyAge`: `")
                && refusal.contains(&format!("`{odd}` is not written in plain decimal digits")),
            "{odd}: {refusal}"
        );
    }
    for odd in ["\"0x10\"", "\"+90\"", "-90", "\"9_0\""] {
        assert!(refusal(&with(odd)).contains("is not a number of days"), "{odd}");
    }
    for plain in ["90", "\"90\"", "  90  "] {
        assert!(Governance::parse(&with(plain)).is_ok(), "{plain}");
    }
    for number in ["0x10", "16"] {
        let tags = format!(
            "version: 1\nrules:\n  principal-required-tags:\n    parameters: {{requiredTagKeys: [{number}]}}\n"
        );
        assert!(Governance::parse(&tags).is_err(), "a number is no text: {number}");
    }
    let twice = "version: 0x1\ntrustedAccounts: [{account: 0x19DE3C5F35, name: Tooling}]\n";
    assert_eq!(Governance::parse(twice).unwrap_err().problems().len(), 2);
}

#[test]
fn a_section_left_empty_is_refused() {
    for section in ["rules", "protected", "breakGlass", "organization", "trustedAccounts", "exemptions"] {
        let refusal = refusal(&format!("version: 1\n{section}:\n"));
        assert!(refusal.contains(&format!("`{section}`: this is empty")), "{refusal}");
    }
    for parameters in ["", " {maxAccessKeyAge: }", " 90", " {maxAccessKeyAge: 0}"] {
        let text = format!("version: 1\nrules:\n  access-key-age:\n    parameters:{parameters}\n");
        assert!(Governance::parse(&text).is_err(), "{parameters}");
    }
}

#[test]
fn no_version_or_another_is_refused() {
    for text in [
        "rules: {}",
        "version: \"1\"",
        "version: 1.0",
        "version: 0x1",
        "version: +1",
        "version: 01",
        "version: 0",
        "version:",
        "version: true",
    ] {
        assert!(Governance::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_no_principal_is_exempt_by_its_arn_from_a_rule_that_judges_its_kind() {
    let of = |line: &str| refusal(&exemption_with("principal", line));
    let policy = of("resource: arn:aws:iam::111122223333:policy/team/deploy");
    assert!(
        policy.contains("`access-key-age` does not judge a policy, so there is nothing to exempt"),
        "{policy}"
    );
    let user = of("resource: arn:aws:iam::111122223333:user/alice");
    assert!(user.contains("is a principal, and belongs under `principal`"), "{user}");
    for wrong in [
        "policy",
        "arn:aws:s3:::bucket",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "\"arn:aws:iam::111122223333:policy/*\"",
    ] {
        assert!(of(&format!("resource: {wrong}")).contains("exemptions[0].resource"), "{wrong}");
    }
    let two =
        of("principal: arn:aws:iam::111122223333:user/alice\n  resource: arn:aws:iam::111122223333:group/a");
    assert!(two.contains("more than one of"), "{two}");
}

#[test]
fn an_exemption_renewed_for_the_day_after_stands_before_or_behind_the_one_it_renews() {
    let one = exemption_with("", "");
    let (head, item) = one.split_once("exemptions:\n").unwrap();
    let next = item.replace("2027-01-31", "2027-12-31").replace("2026-02-01", "2027-02-01");
    for (first, second) in [(item, next.as_str()), (next.as_str(), item)] {
        let file = format!("{head}exemptions:\n{first}{second}");
        assert!(Governance::parse(&file).is_ok(), "{file}");
    }
}

#[test]
fn a_rule_that_answers_threats_takes_no_warnings() {
    let threats = RULES.iter().filter(|rule| rule.meta.answers_threats());
    let ids: Vec<RuleId> = threats.map(|rule| rule.meta.id).collect();
    assert!(!ids.is_empty());
    for id in ids {
        let said = refusal(&format!("version: 1\nrules:\n  {id}:\n    warnings: {{}}\n"));
        assert!(said.contains("the rule answers threats, which wait for no warning"), "{said}");
    }
}

#[test]
fn a_parameter_left_empty_is_refused_as_such() {
    let said = refusal("version: 1\nrules:\n  access-key-age:\n    parameters:\n      maxAccessKeyAge:\n");
    assert!(said.contains("the parameter is empty"), "{said}");
}
