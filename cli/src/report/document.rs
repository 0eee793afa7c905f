use serde_json::{Value, json};
use shared::engine::{Decision, Outcome};
use shared::governance::Exemption;

use super::Happened;
use crate::error::CliError;

/// What came of an event, as one JSON object.
pub(crate) fn delivered(event: &str, happened: &Happened) -> Result<Value, CliError> {
    let evaluations: Vec<Value> = happened
        .reported
        .iter()
        .map(|reported| Ok(json!({ "rule": reported.rule_name, "evaluation": serde_json::to_value(&reported.evaluation)? })))
        .collect::<Result<_, CliError>>()?;
    let decisions: Vec<Value> =
        happened.delivery.decisions.iter().map(decision).collect::<Result<_, CliError>>()?;
    let dead_letters: Vec<Value> = happened
        .delivery
        .dead_letters
        .iter()
        .map(|letter| {
            json!({
                "function": letter.function,
                "body": letter.body,
                "why": letter.why,
                "tries": letter.tries,
            })
        })
        .collect();
    let error = happened.delivery.evaluated.as_ref().err().map(ToString::to_string);
    Ok(json!({
        "event": event,
        "evaluations": evaluations,
        "decisions": decisions,
        "entries": happened.entries,
        "deadLetters": dead_letters,
        "notices": happened.notices.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(),
        "error": error,
    }))
}

/// An event that never got as far as an evaluator, in the same shape.
pub(crate) fn bad_event(event: &str, error: &str) -> Value {
    json!({
        "event": event,
        "evaluations": [],
        "decisions": [],
        "entries": [],
        "deadLetters": [],
        "notices": [],
        "error": error,
    })
}

fn decision(decision: &Decision) -> Result<Value, CliError> {
    Ok(match decision {
        Decision::Judged { rule, resource, judged, .. } => json!({
            "decision": "judged",
            "rule": rule,
            "resource": resource,
            "judged": judged,
        }),
        Decision::Sent { rule, resource, to } => json!({
            "decision": "sent",
            "rule": rule,
            "resource": resource,
            "to": to,
        }),
        Decision::NotAnnounced { rule, resource, why } => json!({
            "decision": "not-announced",
            "rule": rule,
            "resource": resource,
            "why": why,
        }),
        Decision::Remediated { outcome } => remediated(outcome),
        Decision::NotNotified { entry, why } => json!({
            "decision": "not-notified",
            "entry": entry,
            "why": why,
        }),
        Decision::Tripped { limit, most, rule, resource } => json!({
            "decision": "tripped",
            "limit": limit,
            "most": most,
            "rule": rule,
            "resource": resource,
        }),
        Decision::Answered { by, about, resource, reason, answered } => json!({
            "decision": "answered", "by": by, "about": about.to_string(), "resource": resource, "reason": reason,
            "answered": answered,
        }),
        Decision::Told { key, to, because } => {
            json!({ "decision": "told", "notice": key, "to": to, "because": because })
        }
        Decision::PutOff { key, to } => json!({ "decision": "put-off", "notice": key, "to": to }),
        Decision::NotTold { key, to, why } => {
            json!({ "decision": "not-told", "notice": key, "to": to, "why": why })
        }
        Decision::Threatened { resource, threat, new } => {
            json!({ "decision": "threatened", "resource": resource, "threat": threat, "new": new })
        }
        Decision::NotPaged { threat, calls, paged } => {
            json!({ "decision": "not-paged", "threat": threat, "calls": calls, "paged": paged })
        }
        Decision::NotFirst { source, id, why } => {
            json!({ "decision": "not-first", "source": source, "id": id, "why": why })
        }
        Decision::Ignored { source, id, why } => {
            json!({ "decision": "ignored", "source": source, "id": id, "why": why })
        }
        Decision::Heard { heard, source, .. } => {
            json!({ "decision": "heard", "heard": heard, "source": source })
        }
        Decision::ListRefused { source, why } => {
            json!({ "decision": "list-refused", "source": source, "why": why })
        }
        Decision::PutBack { key, resource, by } => {
            json!({ "decision": "put-back", "notice": key, "resource": resource, "by": by })
        }
        Decision::NotRemembered { why } => json!({ "decision": "not-remembered", "why": why }),
        Decision::Exemptions { lapsing, lapsed, .. } => {
            let told = |list: &[Exemption]| -> Vec<Value> {
                list.iter()
                    .map(|one| {
                        json!({
                            "entry": one.name(),
                            "rule": one.rule,
                            "names": one.subject.to_string(),
                            "ticket": one.ticket,
                            "owner": one.owner,
                            "expires": one.expires,
                        })
                    })
                    .collect()
            };
            json!({ "decision": "exemptions", "lapsing": told(lapsing), "lapsed": told(lapsed) })
        }
        Decision::LeftOpen { left, oldest } => json!({
            "decision": "left-open",
            "abandoned": left.abandoned,
            "untold": left.untold,
            "handedOver": left.handed_over,
            "stuck": left.stuck,
            "oldest": oldest,
        }),
        Decision::NotListed { why } => json!({ "decision": "not-listed", "why": why }),
        Decision::Swept { stopped } => json!({ "decision": "swept", "stopped": stopped }),
        Decision::Evaluated { summary } => json!({
            "decision": "evaluated",
            "summary": serde_json::to_value(summary)?,
        }),
    })
}

fn remediated(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::NothingToDo { rule, resource, why } => json!({
            "decision": "remediated",
            "outcome": "nothing-to-do",
            "rule": rule,
            "resource": resource,
            "why": why,
        }),
        Outcome::Journaled { entry, novelty } => json!({
            "decision": "remediated",
            "outcome": "journaled",
            "entry": entry.id,
            "status": entry.status,
            "novelty": novelty,
        }),
    }
}
