//! Files nobody writes in good faith.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_no_governance_file_is_refused() {
    let cases = [
        ("nothing", String::new()),
        ("white space", "  \n\n".to_owned()),
        ("a comment", "# version: 1\n".to_owned()),
        ("a null", "~".to_owned()),
        ("a text", "version 1".to_owned()),
        ("a list", "- version: 1".to_owned()),
        ("a byte order mark", "\u{feff}version: 1\n".to_owned()),
        ("a zero", "version: 1\0".to_owned()),
        ("reversed text", "version: 1 # \u{202e}desrever\n".to_owned()),
        ("a line separator", "version: 1 # note\u{2028}exemptions: []\n".to_owned()),
        ("a tab as indentation", "version: 1\nrules:\n\taccess-key-age: {}\n".to_owned()),
        ("two documents", "version: 1\n---\nversion: 1\n".to_owned()),
        ("nested lists", format!("version: {}", "[".repeat(1_000_000))),
        ("nested mappings", format!("version: {}", "{a: ".repeat(200_000))),
        ("nested blocks", (0..1_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n")),
        ("nested dashes", "- ".repeat(500_000)),
        ("nested question marks", "? ".repeat(500_000)),
        ("more than is read", format!("version: 1\n{}", "#\n".repeat(600_000))),
        ("many entries", format!("version: 1\nprotected: [{}]", "a,".repeat(60_000))),
        ("an anchor", "version: &one 1\n".to_owned()),
        ("an alias", "version: *one\n".to_owned()),
        ("a bomb", format!("a: &a [x,x,x,x,x,x,x,x,x]\n{}", bomb())),
        ("itself", "version: 1\nrules: &rules\n  access-key-age: *rules\n".to_owned()),
        ("a merge key", "version: 1\nrules:\n  access-key-age:\n    <<: {mode: enforce}\n".to_owned()),
        ("a tag", "version: !!python/object:os.system 1\n".to_owned()),
        ("a tag of ours", "version: !one 1\n".to_owned()),
        ("an open quote", "version: \"1\n".to_owned()),
        ("a bare star", "version: 1\nexemptions: [{rule: *, principal: *}]\n".to_owned()),
        ("a list as key", "? [version, rules]\n: 1\n".to_owned()),
        ("no key", "version: 1\n~: 2\n".to_owned()),
        ("infinity", "version: .inf\n".to_owned()),
        ("an overflow", "version: 1e999\n".to_owned()),
        ("a megabyte of key", format!("version: 1\n{}: 2\n", "k".repeat(900_000))),
        ("many bad keys", (0..5_000).fold("version: 1\n".to_owned(), |text, n| text + &format!("k{n}: 1\n"))),
    ];
    for (what, text) in cases {
        let refusal = Governance::parse(&text).err().unwrap_or_else(|| panic!("{what} was taken"));
        assert!(!refusal.problems().is_empty(), "{what}");
        let said = refusal.to_string();
        assert!(said.len() < 50_000, "{what}: {} bytes", said.len());
        assert!(said.lines().count() <= 101, "{what}");
    }
}

#[test]
fn what_is_no_yaml_of_ours_is_refused_with_its_line() {
    for (line, text) in [
        (2, "version: 1\nrules: *rules\n"),
        (3, "version: 1\nrules:\n\taccess-key-age: {}\n"),
        (4, "version: 1\nrules:\n  access-key-age:\n    <<: {mode: enforce}\n"),
    ] {
        let refusal = Governance::parse(text).unwrap_err();
        let lines: Vec<_> = refusal.problems().iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(line)], "{text}: {refusal}");
    }
}

/// Nine aliases a level.
fn bomb() -> String {
    ('b'..='i').zip('a'..).fold(String::new(), |text, (name, before)| {
        let aliases = vec![format!("*{before}"); 9].join(",");
        text + &format!("{name}: &{name} [{aliases}]\n")
    })
}

#[test]
fn what_a_reviewer_does_not_see_is_named_with_its_line() {
    let rule = |value: &str| format!("version: 1\nrules:\n  user-unused:\n    {value}\n");
    let cases = [
        (rule("mode: !!binary ZW5mb3JjZQ=="), 4, "a tag (`!!binary`)"),
        (rule("mode: !!str enforce"), 4, "a tag (`!!str`)"),
        (rule("mode: ! enforce"), 4, "a tag (`!`)"),
        (rule("mode: !<tag:yaml.org,2002:str> enforce"), 4, "a tag (`!<tag:yaml.org,2002:str>`)"),
        (rule("!!str mode: enforce"), 4, "a tag (`!!str`)"),
        (rule("enabled: !!bool \"false\""), 4, "a tag (`!!bool`)"),
        (rule("parameters: {maxCredentialUsageAge: !!int \"30\"}"), 4, "a tag (`!!int`)"),
        (rule("parameters: !!map {maxCredentialUsageAge: 30}"), 4, "a tag (`!!map`)"),
        ("version: 1\nprotected: !!seq\n- x\n".to_owned(), 2, "a tag (`!!seq`)"),
        ("%TAG ! tag:yaml.org,2002:\n---\nversion: !int \"1\"\n".to_owned(), 3, "a tag (`!int`)"),
        (
            "version: 1\nrules:\n  # nothing enforced\r  user-unused: {mode: enforce}\n".to_owned(),
            3,
            "a carriage return without a line feed",
        ),
        ("version: 1\r".to_owned(), 1, "a carriage return without a line feed"),
        ("version: 1 # note\u{85}rules: {}\n".to_owned(), 1, "U+0085"),
        ("version: 1 # note\u{2028}rules: {}\n".to_owned(), 1, "U+2028"),
        ("version: 1\n# note\u{2029}rules: {}\n".to_owned(), 2, "U+2029"),
        (rule(r#"mode: "enf\u006frce""#), 4, "stands for a plain `o`"),
        (rule(r#""mo\x64e": enforce"#), 4, "stands for a plain `d`"),
        (rule(r#"mode: "audit\N""#), 4, "hidden character U+0085"),
    ];
    for (text, line, what) in cases {
        let refusal = refusal(&text);
        assert!(
            refusal.starts_with(&format!("line {line}: ")) && refusal.contains(what),
            "{text}: {refusal}"
        );
    }
}

#[test]
fn a_file_may_say_as_much_as_it_likes_in_comments() {
    let comments = "# why\n".repeat(1_000);
    let text = format!(
        "{comments}version: 1\n{comments}rules:\n{comments}  user-unused: {{mode: notify}}\n{comments}"
    );
    let governance = Governance::parse(&text).unwrap();
    assert_eq!(governance.rule(id("user-unused")).mode, Mode::Notify);
}

#[test]
fn what_only_looks_like_it_is_read() {
    for text in [
        "version: 1\r\nrules:\r\n  user-unused: {mode: enforce}\r\n",
        "version: 1 # !!binary is a tag\n",
        "version: 1\nbreakGlass: [{principal: \"arn:aws:iam::111122223333:user/one\", reason: \"!!str\"}]\n",
        "version: 1\nbreakGlass: [{principal: \"arn:aws:iam::111122223333:user/one\", reason: \"Z\\u00fcrich\"}]\n",
        "version: 1\nbreakGlass: [{principal: \"arn:aws:iam::111122223333:user/one\", reason: \"a \\\"b\\\" \\\\x41\"}]\n",
    ] {
        assert!(Governance::parse(text).is_ok(), "{text}: {}", refusal(text));
    }
}

#[test]
fn a_problem_stays_on_its_line() {
    let refusal = refusal("version: 1\n\"a\\nline 1: all is well\": 2\n");
    assert_eq!(refusal.lines().count(), 1, "{refusal}");
}

#[test]
fn an_exemption_with_a_line_taken_out_never_suppresses() {
    let first = FULL.lines().position(|line| line == "exemptions:").unwrap() + 1;
    for left_out in first..first + 8 {
        let mut lines: Vec<&str> = FULL.lines().collect();
        lines.remove(left_out);
        let text = lines.join("\n");
        let exempt = Governance::parse(&text).is_ok_and(|governance| {
            let at = time("2026-06-01T00:00:00Z");
            governance.exemption(id("access-key-age"), &user("team/alice"), at).is_some()
        });
        assert!(!exempt, "{left_out}");
    }
}

/// A piece of the grammar, or of what breaks it.
fn piece() -> impl Strategy<Value = String> {
    const SHORT: &[&str] = &[
        "*", "?", "\n", "  ", "- ", ": ", "\"", "'", "#", "{", "}", "[", "]", "&a ", "*a", "|\n", "<<: ",
        "\t", "~", "0", "1e9", "---\n", "!!str ", "\u{feff}", "\u{430}",
    ];
    const LONG: &[&str] = &[
        "exemptions:\n",
        "rule: ",
        "principal: ",
        "accessKey: ",
        "arn:aws:iam::111122223333:user/",
        "AKIAIOSFODNN7EXAMPLE",
        "access-key-age",
        "user-unused",
        "1999-01-01",
        "2027-01-31",
    ];
    prop_oneof![
        prop::sample::select(SHORT.to_vec()).prop_map(str::to_owned),
        prop::sample::select(LONG.to_vec()).prop_map(str::to_owned),
        "[ -~]{0,12}",
        any::<String>(),
    ]
}

/// The full file with pieces cut out and put in.
fn mutation() -> impl Strategy<Value = String> {
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, piece()), 1..5).prop_map(|edits| {
        edits.into_iter().fold(FULL.to_owned(), |text, (at, length, piece)| {
            let characters: Vec<char> = text.chars().collect();
            let start = at.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            characters[..start].iter().collect::<String>()
                + &piece
                + &characters[end..].iter().collect::<String>()
        })
    })
}

/// Characters that an ARN may be spoilt with, or a path or name be made of.
fn near(text: &str) -> impl Strategy<Value = String> + use<> {
    let text = text.to_owned();
    let length = text.chars().count();
    (0..=length, 0_usize..4, "[a-zA-Z0-9/*?:.+=@_ -]{0,3}|\u{430}|\u{ad}").prop_map(
        move |(at, cut, piece)| {
            let characters: Vec<char> = text.chars().collect();
            let end = (at + cut).min(length);
            characters[..at].iter().collect::<String>()
                + &piece
                + &characters[end..].iter().collect::<String>()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(128), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_of_a_file_panics_and_every_refusal_has_a_reason(text in mutation()) {
        match Governance::parse(&text) {
            Err(refusal) => {
                prop_assert!(!refusal.problems().is_empty());
                prop_assert!(refusal.problems().iter().all(|p| !p.what.is_empty() && !p.advice.is_empty()));
            }
            Ok(governance) => {
                for exemption in governance.exemptions() {
                    let filled =
                        [&exemption.ticket, &exemption.owner, &exemption.approver, &exemption.reason];
                    prop_assert!(filled.iter().all(|text| !text.trim().is_empty()));
                    if let ExemptSubject::Principal(arn) = &exemption.subject {
                        prop_assert!(!arn.as_str().contains(['*', '?']) && arn.as_str().is_ascii());
                    }
                    prop_assert!(!exemption.in_force(exemption.expires));
                }
            }
        }
    }

    #[test]
    fn any_text_at_all_is_read_or_refused(text in any::<String>()) {
        let _ = Governance::parse(&text);
    }

    #[test]
    fn an_exemption_suppresses_only_the_very_principal_it_names_and_only_in_time(
        principal in near("arn:aws:iam::111122223333:user/team/alice"),
        second in prop_oneof![-4_000_000_000_i64..8_000_000_000, 1_760_000_000_i64..1_810_000_000],
    ) {
        let at = Timestamp::from_second(second).unwrap();
        let text = FULL.replace("arn:aws:iam::111122223333:user/team/alice", &format!("\"{principal}\""));
        if let Ok(governance) = Governance::parse(&text) {
            let exempt = governance.exemption(id("access-key-age"), &user("team/alice"), at).is_some();
            // The file is forgiving of blanks around a text.
            let named = principal.trim() == "arn:aws:iam::111122223333:user/team/alice";
            let in_time = at >= time("2026-02-01T00:00:00Z") && at < time("2027-02-01T00:00:00Z");
            prop_assert_eq!(exempt, named && in_time);
        }
    }
}
