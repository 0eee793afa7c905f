//! The sample events in `events/detect-threats/`, all of them, whole and damaged.

use std::fmt::Write as _;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::ours::tests::ours;
use super::*;
use crate::event::samples::damaged::{apply, damage, replacement};

/// Names and events, in order.
fn samples() -> &'static [(String, Value)] {
    static SAMPLES: LazyLock<Vec<(String, Value)>> = LazyLock::new(read);
    &SAMPLES
}

#[expect(clippy::disallowed_methods, reason = "adding a sample is adding a file")]
fn read() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/detect-threats");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut samples: Vec<(String, Value)> = files
        .map(|path| {
            let event = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), event)
        })
        .collect();
    samples.sort_by(|(one, _), (other, _)| one.cmp(other));
    samples
}

#[test]
fn every_sample_hints_at_what_it_did_when_somebody_looked_last() {
    let mut text = String::new();
    for (name, event) in samples() {
        let _ = writeln!(text, "{name}");
        for trigger in Trigger::parse(event, &ours()).unwrap() {
            let Trigger { id, source, at, account, region, hints, ignored } = trigger;
            let _ = writeln!(text, "    {source} in {account} {region} at {at}: {id}");
            for hint in hints {
                let _ = writeln!(text, "        {hint:?}");
            }
            if let Some(why) = ignored {
                let _ = writeln!(text, "        ignored: {why}");
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_sample_is_in_the_readme_and_every_row_of_it_is_a_sample() {
    let readme = include_str!("../../../../events/README.md");
    let section = readme.split_once("## `detect-threats/`").unwrap().1;
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(".json`"));
    let rows: std::collections::BTreeSet<&str> = rows.map(|(name, _)| name).collect();
    let names: std::collections::BTreeSet<&str> = samples().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(rows, names);
}

fn hinted(hint: &Hint) -> &Hint {
    match hint {
        Hint::Mark { then, .. } | Hint::Boundary { then, .. } | Hint::Granted { then, .. } => then,
        hint => hint,
    }
}

/// What is said and shown of an event forges no line and is no page.
fn check(event: &Value) {
    match Trigger::parse(event, &ours()) {
        Ok(triggers) => {
            for trigger in triggers {
                assert_eq!(trigger.hints.is_empty(), trigger.ignored.is_some(), "{trigger:?}");
                let said = trigger.hints.iter().map(hinted).filter_map(|hint| match hint {
                    Hint::Threat { said, .. } | Hint::Made { said, .. } | Hint::Page { said, .. } => {
                        Some(said)
                    }
                    Hint::Changed { .. }
                    | Hint::Broken { .. }
                    | Hint::Mark { .. }
                    | Hint::Boundary { .. }
                    | Hint::Granted { .. } => None,
                });
                for text in said.chain(trigger.ignored.iter()).chain([&trigger.id, &trigger.region]) {
                    assert!(!text.contains(char::is_control), "{text:?}");
                    assert!(text.chars().count() < 3_000, "{text}");
                }
            }
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with('`'), "{message}");
            assert!(!message.contains(char::is_control) && message.len() < 1_000, "{message:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1_000), ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_event_is_an_error_that_names_a_field_or_is_understood(
        at in any::<Index>(),
        damages in proptest::collection::vec((any::<Index>(), damage()), 1..4),
    ) {
        let mut event = at.get(samples()).1.clone();
        for (at, damage) in damages {
            apply(&mut event, at, damage);
        }
        check(&event);
    }

    #[test]
    fn damage_below_the_envelope_is_understood_or_an_error_too(
        at in any::<Index>(),
        damages in proptest::collection::vec((any::<Index>(), damage()), 1..4),
    ) {
        let mut event = at.get(samples()).1.clone();
        for (at, damage) in damages {
            apply(&mut event["detail"], at, damage);
        }
        check(&event);
    }

    #[test]
    fn any_value_as_a_policy_or_a_name_never_panics(value in replacement()) {
        for (_, event) in samples().iter().filter(|(name, _)| name.starts_with("cloudtrail-")).step_by(5) {
            let mut event = event.clone();
            for key in ["policyDocument", "assumeRolePolicyDocument", "userName", "roleName", "policyArn"] {
                if let Some(place) = event.pointer_mut(&format!("/detail/requestParameters/{key}")) {
                    *place = value.clone();
                }
            }
            check(&event);
        }
        check(&value);
    }
}

#[test]
fn what_is_no_trigger_is_named_by_source_and_detail_type() {
    let error = |event: &Value| Trigger::parse(event, &ours()).unwrap_err().to_string();
    let schedule = error(&json!({ "source": "aws.events", "detail-type": "Scheduled Event" }));
    let expected =
        "`source` is `aws.events` and `detail-type` is `Scheduled Event`; expected an event of CloudTrail, ";
    assert!(schedule.starts_with(expected), "{schedule}");
    assert!(error(&json!({})).starts_with("`source` is absent and `detail-type` is absent; "));
    // Anybody may put an event under a source of their own.
    let forged =
        json!({ "source": "larkfield.tools", "detail-type": "AWS API Call via CloudTrail", "detail": {} });
    assert!(error(&forged).starts_with("`source` is `larkfield.tools` and "));
    // A detector's event under another's name is not read as either's.
    let mixed = error(&json!({ "source": "aws.health", "detail-type": "GuardDuty Finding", "detail": {} }));
    assert!(
        mixed.starts_with("`source` is `aws.health` and `detail-type` is `GuardDuty Finding`; "),
        "{mixed}"
    );
    assert_eq!(error(&json!([])), "`event` is an array; expected an object");
}
