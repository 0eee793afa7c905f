use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use shared::engine::Judged;
use shared::rules::{RuleId, Severity};

use super::Suspect;

/// How many resources a rule says something of.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Numbers {
    pub(super) non_compliant: u64,
    pub(super) exempt: u64,
    pub(super) unknown: u64,
}

/// A rule with what it says of the account.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleResult {
    pub(super) rule: RuleId,
    pub(super) severity: Option<Severity>,
    #[serde(flatten)]
    pub(super) numbers: Numbers,
}

/// Every rule that says something of a resource: those broken first, by severity and by how often.
pub(super) fn results(suspects: &[Suspect]) -> Vec<RuleResult> {
    let mut numbers: BTreeMap<RuleId, (Option<Severity>, Numbers)> = BTreeMap::new();
    for judgement in suspects.iter().flat_map(|suspect| &suspect.judgements) {
        let (_, numbers) = numbers.entry(judgement.rule).or_insert((judgement.severity, Numbers::default()));
        match judgement.judged {
            Judged::NonCompliant { .. } => numbers.non_compliant += 1,
            Judged::Exempt { .. } => numbers.exempt += 1,
            Judged::Unknown { .. } => numbers.unknown += 1,
            Judged::Compliant | Judged::NotApplicable { .. } => {}
        }
    }
    let mut results: Vec<RuleResult> = numbers
        .into_iter()
        .map(|(rule, (severity, numbers))| RuleResult { rule, severity, numbers })
        .collect();
    results.sort_by_key(|result| {
        let Numbers { non_compliant, unknown, .. } = result.numbers;
        Reverse((non_compliant > 0, unknown > 0, result.severity, non_compliant, unknown))
    });
    results
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::scan::text::tests::{breaks, exempt, suspect, unknown};

    #[test]
    fn rules_come_broken_first_then_by_severity_then_by_number() {
        let suspects = [
            suspect("a", vec![breaks("user-attached-policy"), exempt("console-user-without-mfa")]),
            suspect("b", vec![breaks("access-key-age"), breaks("user-inline-policy")]),
            suspect("c", vec![breaks("user-inline-policy"), unknown("user-unused", "iam:ListAccessKeys")]),
        ];
        let results = results(&suspects);
        let order: Vec<&str> = results.iter().map(|result| result.rule.as_str()).collect();
        assert_eq!(
            order,
            [
                "user-inline-policy",
                "access-key-age",
                "user-attached-policy",
                "user-unused",
                "console-user-without-mfa"
            ]
        );
        let numbers: Vec<(u64, u64, u64)> = results
            .iter()
            .map(|result| (result.numbers.non_compliant, result.numbers.exempt, result.numbers.unknown))
            .collect();
        assert_eq!(numbers, [(2, 0, 0), (1, 0, 0), (1, 0, 0), (0, 0, 1), (0, 1, 0)]);
    }
}
