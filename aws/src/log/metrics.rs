use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::engine::{LeftOpen, Novelty, Outcome, Summary};
use shared::governance::Exemption;
use shared::remedy::{Entry, Refusal, Status};

/// Counts of one decision, as `CloudWatch`'s embedded metric format takes them off a log line.
pub(super) struct Counts(Vec<(&'static str, u64)>, Option<&'static str>);

impl Counts {
    pub(super) fn of_summary(summary: &Summary) -> Self {
        let judged = summary.compliant
            + summary.non_compliant
            + summary.exempt
            + summary.not_applicable
            + summary.unknown;
        // Zeroes count: a metric that was never sent cannot be told from one that is fine.
        Self(
            vec![
                ("evaluated", judged),
                ("nonCompliant", summary.non_compliant),
                ("unknown", summary.unknown),
            ],
            None,
        )
    }

    pub(super) fn of_exemptions(lapsing: &[Exemption]) -> Self {
        Self(vec![("exemptionsLapsing", lapsing.len() as u64)], None)
    }

    pub(super) fn of_left_open(left: LeftOpen) -> Self {
        Self(vec![("abandoned", left.abandoned)], None)
    }

    pub(super) fn of_trip() -> Self {
        Self(vec![("tripped", 1)], None)
    }

    pub(super) fn of_untold() -> Self {
        Self(vec![("untold", 1)], None)
    }

    /// The heartbeat, and the switch as a gauge.
    pub(super) fn of_sweep(stopped: bool) -> Self {
        Self(vec![("swept", 1), ("stopped", u64::from(stopped))], None)
    }

    /// Good or refused: that it was looked at.
    pub(super) fn of_read_list() -> Self {
        Self(vec![("listsRead", 1)], None)
    }

    pub(super) fn of_refused_list() -> Self {
        Self(vec![("listsRefused", 1)], None)
    }

    pub(super) fn of_outcome(outcome: &Outcome) -> Self {
        let (status, resumed) = match outcome {
            // What is known was counted when it was new.
            Outcome::NothingToDo { .. } | Outcome::Journaled { novelty: Novelty::Repeated, .. } => {
                (None, None)
            }
            Outcome::Journaled { entry, novelty: Novelty::Fresh } => (name_of(entry.status), None),
            Outcome::Journaled { entry, novelty: Novelty::Resumed } => {
                (name_of(entry.status), Some("resumed"))
            }
        };
        // What became of a first deny alarms nobody: the suspension after it does, or contains.
        let is_first = outcome.entry().is_some_and(Entry::denies_first);
        let status = status.filter(|status| !is_first || *status == "verified");
        let guard = status.and_then(|_| outcome.refusal()).map(Refusal::guard);
        let ended = |is_so: fn(&Entry) -> bool| status.is_some() && outcome.entry().is_some_and(is_so);
        let acted = ended(Entry::has_acted).then_some("acted");
        let partial = ended(Entry::is_partial).then_some("partial");
        let names = status.into_iter().chain(resumed).chain(acted).chain(partial);
        Self(names.map(|name| (name, 1)).collect(), guard)
    }

    /// The log line; `None` where there is nothing to count.
    pub(super) fn line(&self, function: &str, at: Timestamp) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let metrics: Vec<Value> =
            self.0.iter().map(|(name, _)| json!({"Name": name, "Unit": "Count"})).collect();
        let mut directives =
            vec![json!({"Namespace": "Bailiff", "Dimensions": [["Function"]], "Metrics": metrics})];
        if self.1.is_some() {
            // The same once more, by the guard that refused.
            directives.push(json!({
                "Namespace": "Bailiff", "Dimensions": [["Function", "Guard"]], "Metrics": metrics,
            }));
        }
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({"Timestamp": at.as_millisecond(), "CloudWatchMetrics": directives}),
        );
        line.insert("Function".to_owned(), Value::from(function));
        line.extend(self.1.map(|guard| ("Guard".to_owned(), Value::from(guard))));
        line.extend(self.0.iter().map(|(name, count)| ((*name).to_owned(), Value::from(*count))));
        Some(Value::Object(line).to_string())
    }
}

fn name_of(status: Status) -> Option<&'static str> {
    match status {
        Status::Planned => Some("planned"),
        Status::Open => None,
        Status::Verified => Some("verified"),
        Status::Failed => Some("failed"),
        Status::Refused => Some("refused"),
        Status::Unknown => Some("unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::verified_entry;

    #[test]
    fn finished_work_counts_once_and_tells_that_a_worker_had_died_over_it() {
        let counts = |novelty| Counts::of_outcome(&Outcome::Journaled { entry: verified_entry(), novelty }).0;
        assert_eq!(counts(Novelty::Fresh), [("verified", 1), ("acted", 1)]);
        assert_eq!(counts(Novelty::Resumed), [("verified", 1), ("resumed", 1), ("acted", 1)]);
        assert_eq!(counts(Novelty::Repeated), []);
    }

    #[test]
    fn what_ended_halfway_counts_as_partial_too() {
        let entry = shared::remedy::Entry { status: Status::Failed, ..verified_entry() };
        let counts = Counts::of_outcome(&Outcome::Journaled { entry, novelty: Novelty::Fresh }).0;
        assert_eq!(counts, [("failed", 1), ("acted", 1), ("partial", 1)]);
    }

    #[test]
    fn a_refusal_counts_by_its_guard_too() {
        let refusal = Some(Refusal::ChangedTooOften { times: 3 });
        let entry = shared::remedy::Entry { status: Status::Refused, refusal, ..verified_entry() };
        let counts = Counts::of_outcome(&Outcome::Journaled { entry, novelty: Novelty::Fresh });
        let line: Value = serde_json::from_str(&counts.line("f", Timestamp::UNIX_EPOCH).unwrap()).unwrap();
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        assert_eq!(directives[1]["Dimensions"], json!([["Function", "Guard"]]));
        assert_eq!((&line["Guard"], &line["refused"]), (&json!("changed-too-often"), &json!(1)));
    }

    #[test]
    fn counts_stand_on_a_line_of_their_own() {
        let summary = Summary { compliant: 3, non_compliant: 2, unknown: 1, ..Summary::default() };
        let at = Timestamp::from_second(1_795_166_043).unwrap();
        assert_eq!(
            Counts::of_summary(&summary).line("bailiff-evaluate-account", at).unwrap(),
            concat!(
                r#"{"_aws":{"Timestamp":1795166043000,"CloudWatchMetrics":[{"Namespace":"Bailiff","#,
                r#""Dimensions":[["Function"]],"Metrics":[{"Name":"evaluated","Unit":"Count"},"#,
                r#"{"Name":"nonCompliant","Unit":"Count"},{"Name":"unknown","Unit":"Count"}]}]},"#,
                r#""Function":"bailiff-evaluate-account","evaluated":6,"nonCompliant":2,"unknown":1}"#
            )
        );
    }
}
