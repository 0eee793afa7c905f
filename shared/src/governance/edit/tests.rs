use proptest::prelude::*;

use super::*;
use crate::governance::ExemptSubject;

fn draft() -> ExemptionDraft {
    ExemptionDraft {
        rule: "access-key-age".to_owned(),
        subject_field: "principal",
        subject: "arn:aws:iam::111122223333:user/ann".to_owned(),
        ticket: "SEC-7".to_owned(),
        owner: "ann@example.com".to_owned(),
        approver: "bob@example.com".to_owned(),
        reason: "it cannot be helped".to_owned(),
        process: None,
        criticality: None,
        rotate_every: None,
        created: "2026-11-22".to_owned(),
        expires: "2027-01-31".to_owned(),
    }
}

/// The draft as lines at this indentation.
fn lines(indent: &str) -> String {
    let [first, rest @ ..] = [
        "rule: access-key-age",
        "principal: arn:aws:iam::111122223333:user/ann",
        "ticket: SEC-7",
        "owner: ann@example.com",
        "approver: bob@example.com",
        "reason: it cannot be helped",
        "created: 2026-11-22",
        "expires: 2027-01-31",
    ];
    rest.iter().fold(format!("{indent}- {first}\n"), |text, line| format!("{text}{indent}  {line}\n"))
}

/// An exemption as somebody writes it in braces.
const FLOW: &str = "{rule: user-inline-policy, principal: \"arn:aws:iam::111122223333:user/x\", ticket: \"1\", owner: o, \
                    approver: a, reason: r, created: 2026-01-01, expires: 2026-12-31}";

fn added(text: &str) -> String {
    add_exemption(text, &draft()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn a_file_without_exemptions_gets_a_section_of_its_own() {
    let section = format!("exemptions:\n{}", lines("  "));
    assert_eq!(added("version: 1\n"), format!("version: 1\n\n{section}"));
    assert_eq!(added("version: 1"), format!("version: 1\n\n{section}"));
    assert_eq!(added("version: 1\n\n# the end\n\n"), format!("version: 1\n\n# the end\n\n{section}"));
    assert_eq!(added("  version: 1\n"), format!("  version: 1\n\n  exemptions:\n{}", lines("    ")));
}

#[test]
fn the_default_file_takes_one_behind_its_examples() {
    let text = include_str!("../../../../governance/governance.yaml");
    let edited = added(text);
    assert_eq!(edited, format!("{text}\nexemptions:\n{}", lines("  ")));
}

#[test]
fn one_more_goes_behind_the_last_and_all_else_stays_byte_for_byte() {
    let item = "rule: user-inline-policy # why\n    # below\n    principal: 'arn:aws:iam::111122223333:user/x'\n    ticket: \
                \"1\"\n    owner: o\n    approver: a\n    reason: >\n      long\n\n      story\n    created: 2026-01-01\n    \
                expires: \"2026-12-31\"   # soon\n";
    for (indent, rest) in [
        ("  ", ""),
        ("  ", "\n# behind\nprotected: []\n"),
        ("  ", "  # one day there will be more\n"),
        ("  ", "protected: []\n"),
    ] {
        let head = format!("# head\nversion: 1\n\nexemptions:  # ours\n  # first\n{indent}- {item}");
        let text = format!("{head}{rest}");
        assert_eq!(added(&text), format!("{head}{}{rest}", lines(indent)), "{text}");
    }
    // At the key's own column, with the dash on a line of its own, and without a line end.
    let text = format!("version: 1\nexemptions:\n- {}", item.trim_end().replace("    ", "  "));
    assert_eq!(added(&text), format!("{text}\n{}", lines("")));
    let text = format!("version: 1\nexemptions:\n  -\n    {item}");
    assert_eq!(added(&text), format!("{text}{}", lines("  ")));
    let text = format!("version: 1\nexemptions:\n  - {FLOW}\nprotected: []\n");
    assert_eq!(added(&text), text.replace("protected", &format!("{}protected", lines("  "))));
}

#[test]
fn a_reason_in_a_block_at_the_end_of_an_item_is_no_obstacle() {
    for block in
        ["reason: |\n      long\n      story\n", "reason: >-\n      long\n", "reason: long\n      story\n"]
    {
        let head = format!(
            "version: 1\nexemptions:\n  - rule: user-inline-policy\n    principal: arn:aws:iam::111122223333:user/x\n    \
             ticket: S\n    owner: o\n    approver: a\n    created: 2026-01-01\n    expires: 2026-12-31\n    {block}"
        );
        for rest in ["", "\nprotected: []\n", "# behind\nprotected: []\n"] {
            let edited = added(&format!("{head}{rest}"));
            assert_eq!(edited.replacen(&lines("  "), "", 1), format!("{head}{rest}"));
            assert_eq!(Governance::parse(&edited).unwrap().exemptions().len(), 2);
        }
    }
}

#[test]
fn a_list_in_brackets_is_added_to_in_its_own_way() {
    let empty = "version: 1\nexemptions: [] # none\nprotected: []\n";
    assert_eq!(added(empty), format!("version: 1\nexemptions:  # none\n{}protected: []\n", lines("  ")));
    assert_eq!(added("version: 1\nexemptions: [ ]"), format!("version: 1\nexemptions: \n{}", lines("  ")));
    for text in [
        format!("version: 1\nexemptions: [{FLOW}] # all\n"),
        format!("version: 1\nexemptions: [\n  {FLOW}, # one\n  # no more\n]\n"),
        "version: 1\nexemptions: [ # none\n]\n".to_owned(),
    ] {
        let edited = added(&text);
        let governance = Governance::parse(&edited).unwrap();
        let last = governance.exemptions().last().unwrap();
        assert_eq!((last.ticket.as_str(), last.rule.as_str()), ("SEC-7", "access-key-age"), "{edited}");
        // Nothing was taken away.
        let (start, rest) =
            text.split_at(edited.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count());
        assert!(edited.starts_with(start) && edited.ends_with(rest), "{edited}");
    }
}

#[test]
fn line_ends_stay_those_of_the_file() {
    let text = format!("version: 1\r\nexemptions:\r\n  - {FLOW}\r\nprotected: []\r\n");
    let edited = added(&text);
    assert_eq!(edited.matches('\n').count(), edited.matches("\r\n").count());
    assert_eq!(added("version: 1\r\n").matches("\r\n").count(), 11);
}

#[test]
fn what_would_be_refused_is_not_written() {
    let with = |change: fn(&mut ExemptionDraft)| {
        let mut draft = draft();
        change(&mut draft);
        add_exemption("version: 1\n", &draft).unwrap_err().to_string()
    };
    let changes: [(&str, fn(&mut ExemptionDraft)); 8] = [
        ("no wildcards", |draft| draft.subject = "arn:aws:iam::111122223333:user/*".to_owned()),
        ("the text is empty", |draft| draft.ticket = " ".to_owned()),
        ("cannot approve it", |draft| draft.approver = "Ann@example.com".to_owned()),
        ("longer than a year", |draft| draft.expires = "2028-01-31".to_owned()),
        ("there is no rule", |draft| draft.rule = "access-key-aeg".to_owned()),
        ("hidden character", |draft| draft.reason = "a\u{202e}b".to_owned()),
        ("is no criticality", |draft| draft.criticality = Some("huge".to_owned())),
        ("a number of days", |draft| draft.rotate_every = Some(0)),
    ];
    for (said, change) in changes {
        let refusal = with(change);
        assert!(
            refusal.starts_with("with this the file would be refused") && refusal.contains(said),
            "{refusal}"
        );
    }
    let twice = add_exemption(&added("version: 1\n"), &draft()).unwrap_err().to_string();
    assert!(twice.contains("already exempts"), "{twice}");
    let before = add_exemption("version: 2\n", &draft()).unwrap_err();
    assert!(matches!(before, EditError::Before(_)), "{before:?}");
}

#[test]
fn a_layout_that_is_not_edited_is_said_to_be_so() {
    for text in ["{version: 1}\n", "version: 1\n...\n"] {
        let error = add_exemption(text, &draft()).unwrap_err();
        assert!(matches!(error, EditError::Layout(_) | EditError::After(_)), "{text}: {error:?}");
    }
}

#[test]
fn an_end_is_written_over_the_end_that_was_there_and_nothing_else() {
    let text = format!(
        "version: 1\nexemptions:\n  - rule: access-key-age\n    expires: '2026-12-31' # \"soon\"\n    principal: \
         \"arn:aws:iam::111122223333:user/x\"\n    ticket: S\n    owner: o\n    approver: a\n    reason: |\n      expires: \
         never\n    created: 2026-01-01\n  - {FLOW}\n"
    );
    let edited = end_exemptions(&text, &[0], "2026-11-22T09:00:00Z").unwrap();
    assert_eq!(edited, text.replace("'2026-12-31'", "2026-11-22T09:00:00Z"));
    let both = end_exemptions(&text, &[0, 1], "2026-06-30").unwrap();
    assert_eq!(both, text.replace("'2026-12-31'", "2026-06-30").replace("2026-12-31", "2026-06-30"));
    assert!(matches!(end_exemptions(&text, &[2], "2026-06-30"), Err(EditError::Layout(_))));
    assert!(matches!(end_exemptions(&text, &[0], "2025-06-30"), Err(EditError::After(_))));
    assert!(matches!(end_exemptions("version: 1\n", &[0], "2026-06-30"), Err(EditError::Layout(_))));
}

#[test]
fn exemptions_are_named_by_ticket_or_place() {
    let text = format!("version: 1\nexemptions:\n  - {FLOW}\n{}", lines("  "));
    let governance = Governance::parse(&text).unwrap();
    let named = |name| -> Vec<usize> {
        Exemption::named(governance.exemptions(), name).into_iter().map(|one| one.index).collect()
    };
    assert_eq!(named("SEC-7"), [1]);
    assert_eq!(named("exemptions[0]"), [0]);
    assert_eq!(named("0"), [0]);
    // A ticket goes before a place.
    assert_eq!(named("1"), [0]);
    assert_eq!(named("SEC-8"), Vec::<usize>::new());
    assert_eq!(named("7"), Vec::<usize>::new());
}

/// Texts that YAML could take for something else.
fn hostile() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "\"",
        "'",
        ":",
        ": ",
        " #",
        "#",
        "\n",
        "\n- ",
        "\n  rule: x",
        "\\",
        "\\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&a",
        "*",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "---",
        "...",
        "~",
        "yes",
        "null",
        "1e3",
        "0x1f",
        "2027-01-31",
        "\t",
        "\r\n",
        "é",
        "日本",
        "🦀",
        "\u{a0}",
        "?",
        "- ",
        "x",
        " ",
        "<<",
        "${x}",
    ];
    prop_oneof![
        3 => prop::collection::vec(prop::sample::select(PIECES), 1..8).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        1 => "[ -~]{1,20}",
    ]
}

/// Files with something in the places where an edit could do harm.
fn file() -> impl Strategy<Value = String> {
    let comment = prop_oneof![Just(String::new()), "#[ -~]{0,20}".prop_map(|comment| comment + "\n")];
    let section = prop_oneof![
        Just(String::new()),
        Just("exemptions: []\n".to_owned()),
        Just(format!("exemptions: [{FLOW}]\n")),
        Just(format!("exemptions:\n  - {FLOW}\n")),
        Just(format!("exemptions:\n-   {FLOW} # here\n")),
    ];
    (comment.clone(), comment.clone(), section, comment, any::<bool>()).prop_map(
        |(first, second, section, third, after)| {
            let rest = if after { "organization: o-a1b2c3d4e5 # us\n" } else { "" };
            format!("{first}version: 1 # one\n{second}{section}{third}{rest}")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_added_reads_back_just_as_it_was_meant_and_nothing_else_changes(
        text in file(),
        ticket in hostile(),
        reason in hostile(),
        owner in hostile(),
        process in prop::option::of(hostile()),
    ) {
        let draft = ExemptionDraft { ticket, reason, owner, process, ..draft() };
        let before = Governance::parse(&text).unwrap();
        match add_exemption(&text, &draft) {
            Ok(edited) => {
                let after = Governance::parse(&edited).unwrap();
                let (last, rest) = after.exemptions().split_last().unwrap();
                prop_assert_eq!(rest, before.exemptions());
                prop_assert_eq!(after.organization(), before.organization());
                prop_assert_eq!(&last.ticket, draft.ticket.trim());
                prop_assert_eq!(&last.reason, draft.reason.trim());
                prop_assert_eq!(&last.owner, draft.owner.trim());
                prop_assert_eq!(last.process.as_deref(), draft.process.as_deref().map(str::trim));
                prop_assert!(matches!(&last.subject, ExemptSubject::Principal(arn) if arn.as_str() == draft.subject));
                for line in text.lines().filter(|line| line.contains('#')) {
                    let kept = line.replace("exemptions: []", "exemptions: ");
                    prop_assert!(edited.lines().any(|now| now == kept || now.contains(&draft.subject)), "{}", line);
                }
            }
            Err(EditError::After(refusal)) => {
                // Only what no governance file may say.
                let hidden = |text: &str| text.chars().any(|c| {
                    c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) || "\u{feff}\u{200b}\u{200e}\u{200f}\u{61c}".contains(c)
                        || ('\u{2060}'..='\u{2069}').contains(&c)
                });
                let texts = [Some(&draft.ticket), Some(&draft.reason), Some(&draft.owner), draft.process.as_ref()];
                let bad = texts.into_iter().flatten().any(|text| text.trim().is_empty() || text.trim().len() > 1_000 || hidden(text));
                prop_assert!(bad, "{refusal}\n{draft:?}");
            }
            Err(other) => prop_assert!(false, "{other}\n{text}"),
        }
    }
}
