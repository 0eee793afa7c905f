use serde_json::{Map, Value, json};
use shared::engine::{Outcome, Summary};
use shared::remedy::{Entry, old_sessions, workloads_of};

use super::Failed;
use crate::log::result_word;
use shared::masked::Masked;

/// What an evaluator answers: its counts.
pub(super) fn of_summary(summary: &Summary) -> Result<Value, Failed> {
    serde_json::to_value(summary).map_err(|error| Failed::Permanent(error.to_string()))
}

/// What a person is answered.
pub(super) fn of_outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::NothingToDo { resource, why, .. } => {
            json!({"status": "nothing-to-do", "resource": resource.arn(), "why": Masked(why).to_string()})
        }
        Outcome::Journaled { entry, .. } => of_entry(entry),
    }
}

fn of_entry(entry: &Entry) -> Value {
    let steps: Vec<Value> = entry
        .plan
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let outcome = entry.outcomes.iter().find(|outcome| outcome.index == index);
            let result = outcome.map_or("not-done", |outcome| result_word(&outcome.result));
            json!({"step": step.to_string(), "result": result})
        })
        .collect();
    let mut answer = Map::new();
    answer.insert("journalId".to_owned(), json!(entry.id));
    answer.insert("status".to_owned(), json!(entry.status));
    if let Some(refusal) = &entry.refusal {
        answer.insert("refusal".to_owned(), json!(Masked(&refusal.to_string()).to_string()));
    }
    answer.insert("steps".to_owned(), Value::Array(steps));
    answer.insert("left".to_owned(), json!(entry.plan.left));
    answer.insert("lost".to_owned(), json!(entry.lost));
    // Of a suspension alone, and of its undo.
    for (name, lines) in [("workloads", workloads_of(entry)), ("sessions", old_sessions(entry))] {
        if !lines.is_empty() {
            answer.insert(name.to_owned(), json!(lines));
        }
    }
    Value::Object(answer)
}
