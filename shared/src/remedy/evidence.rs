use serde::Serialize;
use serde_json::Value;

use super::{Cause, Entry, Refusal, StepResult};
use crate::masked::{Masked, mask};

/// A journal entry as an auditor reads it: who did what to whom, when and why, from what to what, and what came of it.
/// Key ids show their last four characters.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Act {
    /// The journal entry.
    pub entry: String,
    /// When it was written down, before anything was done.
    pub opened: String,
    /// When it ended.
    pub closed: Option<String>,
    /// How: `verified` is done and read back.
    pub status: String,
    /// The rule's mode: in `audit` and `notify` nothing was done.
    pub mode: String,
    /// The function at work.
    pub function: String,
    /// What set it off: `rule`, `order` or `undo`.
    pub cause: &'static str,
    /// The rule, if one did.
    pub rule: Option<String>,
    /// What the rule found, or the reason a person gave.
    pub why: String,
    /// The person, as the order or the undo has it.
    pub requested_by: Option<String>,
    /// The ticket of the exemption it was refused for.
    pub ticket: Option<String>,
    /// Whom or what it is about.
    pub resource: String,
    /// Its unique id, which no other resource ever has.
    pub unique_id: String,
    /// What was planned, step by step, with what came of it.
    pub steps: Vec<ActStep>,
    /// The guard that refused, if one did.
    pub refusal: Option<String>,
    /// What was left to people.
    pub left: Vec<String>,
    /// What cannot come back.
    pub lost: Vec<String>,
    /// The entry that this one undid.
    pub undoes: Option<String>,
    /// The entry that undid this one.
    pub undone_by: Option<String>,
}

/// A step of an act.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActStep {
    /// In words.
    pub step: String,
    /// What came of it; `not-done` where it never was its turn, `attempted` where a function died over it.
    pub result: &'static str,
    /// Why it failed, was refused, or is not known.
    pub why: Option<String>,
    /// When it ended.
    pub at: Option<String>,
    /// The step to the letter, with the state it found and the state it made.
    pub detail: Value,
}

impl Act {
    /// Of an entry.
    pub fn of(entry: &Entry) -> Self {
        let masked = |text: &str| Masked(text).to_string();
        let (cause, rule, why, requested_by, undoes) = match &entry.cause {
            Cause::Rule { rule, annotation } => ("rule", Some(rule.to_string()), annotation, None, None),
            Cause::Order { requested_by, reason, .. } => ("order", None, reason, Some(requested_by), None),
            Cause::Undo { of, requested_by, reason } => {
                ("undo", None, reason, Some(requested_by), Some(of.to_string()))
            }
        };
        let ticket = match &entry.refusal {
            Some(Refusal::Exempt { ticket, .. }) => Some(masked(ticket)),
            _ => None,
        };
        Self {
            entry: entry.id.to_string(),
            opened: entry.opened.to_string(),
            closed: entry.closed.map(|closed| closed.to_string()),
            status: entry.status.to_string(),
            mode: entry.mode.to_string(),
            function: entry.remediator.to_string(),
            cause,
            rule,
            why: masked(why),
            requested_by: requested_by.map(|requested_by| masked(requested_by)),
            ticket,
            resource: entry.plan.resource.arn().to_string(),
            unique_id: entry.plan.resource.unique_id().to_string(),
            steps: (0..entry.plan.steps.len()).filter_map(|index| ActStep::of(entry, index)).collect(),
            refusal: entry.refusal.as_ref().map(|refusal| masked(&refusal.to_string())),
            left: entry.plan.left.iter().map(|left| masked(left)).collect(),
            lost: entry.lost.clone(),
            undoes,
            undone_by: entry.undone_by.as_ref().map(ToString::to_string),
        }
    }
}

impl ActStep {
    fn of(entry: &Entry, index: usize) -> Option<Self> {
        let step = entry.plan.steps.get(index)?;
        let outcome = entry.outcomes.iter().find(|outcome| outcome.index == index);
        let (result, why) = match outcome.map(|outcome| &outcome.result) {
            None if entry.attempted() == Some(index) => ("attempted", None),
            None => ("not-done", None),
            Some(StepResult::Verified) => ("verified", None),
            Some(StepResult::AlreadyDone) => ("already-done", None),
            Some(StepResult::Refused { refusal }) => ("refused", Some(refusal.to_string())),
            Some(StepResult::Failed { why, .. }) => ("failed", Some(why.clone())),
            Some(StepResult::Unknown { why }) => ("unknown", Some(why.clone())),
        };
        let mut detail = serde_json::to_value(step).unwrap_or_default();
        mask(&mut detail);
        Some(Self {
            step: Masked(&step.to_string()).to_string(),
            result,
            why: why.map(|why| Masked(&why).to_string()),
            at: outcome.map(|outcome| outcome.at.to_string()),
            detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, days, key_id, now};
    use crate::governance::Mode;
    use crate::remedy::{JournalId, Plan, Remediator, SCHEMA, Status, Step, StepOutcome};

    fn entry(cause: Cause) -> Entry {
        let user = || alice().identity;
        let steps = vec![
            Step::DeactivateAccessKey { user: user(), key: key_id('A') },
            Step::DeactivateAccessKey { user: user(), key: key_id('B') },
            Step::DeleteLoginProfile { user: user() },
        ];
        let plan = Plan::new(user(), steps, vec![format!("{} is in use", key_id('C').as_str())]).unwrap();
        Entry {
            schema: SCHEMA,
            id: JournalId::of_act(&cause, &plan, now()),
            cause,
            remediator: Remediator::SuspendPrincipal,
            mode: Mode::Enforce,
            plan,
            status: Status::Unknown,
            refusal: Some(Refusal::Exempt { ticket: "SEC-1".to_owned(), until: "2027-01-01".to_owned() }),
            outcomes: vec![StepOutcome { index: 0, at: now(), result: StepResult::Verified }],
            attempting: Some(1),
            unread: Vec::new(),
            opened: now(),
            updated: None,
            closed: Some(now() + days(1)),
            undone_by: None,
            lost: Vec::new(),
            aftermath: None,
            known_keys: Vec::new(),
            made_by_another: Vec::new(),
        }
    }

    #[test]
    fn an_act_says_who_did_what_to_whom_when_why_and_what_came_of_it() {
        let annotation = format!("{} is 400 days old", key_id('A').as_str());
        let rule = crate::rules::RuleId::parse("user-unused").unwrap();
        let act = Act::of(&entry(Cause::Rule { rule, annotation }));
        assert_eq!(
            (act.function.as_str(), act.cause, act.rule.as_deref()),
            ("suspend-principal", "rule", Some("user-unused"))
        );
        assert_eq!(act.why, "…AAAA is 400 days old");
        assert_eq!(act.resource, "arn:aws:iam::111122223333:user/alice");
        assert_eq!((act.status.as_str(), act.ticket.as_deref()), ("unknown", Some("SEC-1")));
        let results: Vec<&str> = act.steps.iter().map(|step| step.result).collect();
        assert_eq!(results, ["verified", "attempted", "not-done"]);
        assert_eq!(act.steps[0].step, "deactivate access key …AAAA of user alice");
        assert_eq!(act.steps[0].detail["do"], "DeactivateAccessKey");
    }

    #[test]
    fn no_key_is_shown_in_full() {
        let cause = Cause::Order {
            requested_by: "role/admin".to_owned(),
            reason: key_id('D').to_string(),
            threat: None,
        };
        let text = serde_json::to_string(&Act::of(&entry(cause))).unwrap();
        for last in 'A'..='D' {
            assert!(!text.contains(key_id(last).as_str()), "{text}");
        }
        assert!(text.contains(r#""requestedBy":"role/admin""#), "{text}");
    }

    #[test]
    fn an_undo_names_what_it_undoes() {
        let of = JournalId::try_from("20261122t090000-1a2b3c4d5e6f".to_owned()).unwrap();
        let cause =
            Cause::Undo { of: of.clone(), requested_by: "you".to_owned(), reason: "needed".to_owned() };
        let act = Act::of(&entry(cause));
        assert_eq!((act.cause, act.undoes), ("undo", Some(of.to_string())));
    }
}
