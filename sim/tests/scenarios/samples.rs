//! The sample events of the repository, on an account that knows none of their users.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use shared::engine::Outcome;

use crate::fixture::*;

fn samples(folder: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(folder);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let event = serde_json::from_str(&text).unwrap();
            (file, event)
        })
        .collect()
}

#[test]
fn a_sample_about_somebody_who_is_gone_changes_nothing() {
    for (file, event) in samples("evaluate-changes").into_iter().chain(samples("evaluate-account")) {
        let local =
            local(users(json!([{"name": "somebody", "inlinePolicies": []}])), all_rules("enforce", ""));
        let delivery = local.deliver(&event);
        let oversized = file.to_string_lossy().contains("oversized");
        assert_eq!(delivery.evaluated.is_ok(), !oversized, "{}: {:?}", file.display(), delivery.evaluated);
        assert_eq!(local.world.calls().iam_writes(), 0, "{}", file.display());
        for finding in delivery.findings {
            assert!(
                matches!(&finding.outcome, Outcome::NothingToDo { why, .. } if why == "it is gone")
                    || finding.outcome.protected().is_some(),
                "{}: {finding:?}",
                file.display()
            );
        }
    }
}

#[test]
fn a_malformed_sample_is_a_dead_letter_and_nothing_else() {
    for (file, event) in samples("malformed") {
        let local = local(users(json!([])), all_rules("enforce", ""));
        let delivery = local.deliver(&event);
        assert!(delivery.evaluated.is_err(), "{}", file.display());
        assert_eq!(delivery.dead_letters.len(), 1);
        assert_eq!(local.world.calls().total(), 0, "{}", file.display());
    }
}
