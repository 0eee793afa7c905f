use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use shared::facts::ResourceIdentity;
use shared::remedy::chain::Digest;

use super::*;
use crate::samples::{ann, verified_entry};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The log line of a decision.
fn line(decision: &Decision) -> (String, Value) {
    let paper = Paper::default();
    let writer = paper.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    let head = Head { seq: 7, hash: Digest::none() };
    tracing::subscriber::with_default(subscriber, || Log::new("test").decided_at(decision, Some(&head)));
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

#[test]
fn a_remediation_is_one_line_without_keys_or_policies() {
    let outcome = Outcome::Journaled { entry: verified_entry(), novelty: Novelty::Resumed };
    let (text, line) = line(&Decision::Remediated { outcome: Box::new(outcome) });
    assert!(!text.contains("AKIAIOSFODNN7EXAMPLE") && !text.contains("Secret"), "{text}");
    assert_eq!(line["decision"], "remediated");
    assert_eq!(line["status"], "verified");
    assert_eq!(line["resource"], "arn:aws:iam::111122223333:user/ann");
    assert_eq!(
        line["steps"],
        "deactivate access key …MPLE of user ann; delete inline policy grants from user ann"
    );
    assert_eq!(line["results"], "verified; verified");
    assert_eq!(line["left"], 1);
    assert_eq!(line["novelty"], "resumed");
    assert_eq!(Head::all_in(&text), [Head { seq: 7, hash: Digest::none() }]);
}

#[test]
fn a_verdict_is_one_line_with_its_keys_masked() {
    let judged = Judged::NonCompliant { annotation: "AKIAIOSFODNN7EXAMPLE is 400 days old".to_owned() };
    let rule = RuleId::parse("access-key-age").unwrap();
    let (_, line) = line(&Decision::Judged {
        rule,
        resource: ResourceIdentity::User(ann()),
        judged,
        exemptions: Vec::new(),
    });
    assert_eq!(line["verdict"], "non-compliant");
    assert_eq!(line["annotation"], "…MPLE is 400 days old");
    assert_eq!(line["rule"], "access-key-age");
}
