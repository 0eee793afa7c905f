use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Judged;
use crate::rules::RuleId;

/// What is reported to AWS Config about one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// Config's resource type, such as `AWS::IAM::User`.
    pub resource_type: String,
    /// Config's resource id: for IAM, the unique id.
    pub resource_id: String,
    /// The verdict.
    pub compliance: Compliance,
    /// Why, in one line.
    pub annotation: Option<Annotation>,
    /// The time of the event; an older one never overrides a newer.
    pub ordering: Timestamp,
}

/// Config's verdicts, from the harmless to the worst. An unknown is none of them: it is not reported, so the last certain verdict stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Compliance {
    /// It is gone, or the rule is not about it.
    NotApplicable,
    /// It keeps the rule, or is exempt from it.
    Compliant,
    /// It breaks the rule.
    NonCompliant,
}

impl fmt::Display for Compliance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
        })
    }
}

/// An annotation of 1 to 256 characters (AWS Config API, `Evaluation`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Annotation(String);

impl Annotation {
    /// The most characters Config takes.
    const MOST: usize = 256;

    /// The text, cut where it is too long; `None` where nothing is left to say.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            None
        } else if text.chars().count() <= Self::MOST {
            Some(Self(text.to_owned()))
        } else {
            let kept: String = text.chars().take(Self::MOST - 1).collect();
            Some(Self(format!("{kept}…")))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an evaluator did, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Resources that keep their rule.
    pub compliant: u64,
    /// Resources that break it.
    pub non_compliant: u64,
    /// Resources that are exempt from it.
    pub exempt: u64,
    /// Resources gone, or not the rule's.
    pub not_applicable: u64,
    /// Verdicts that hang on a fact that could not be read.
    pub unknown: u64,
    /// Findings sent to remediators.
    pub findings: u64,
    /// Evaluations that AWS Config took.
    pub reported: u64,
}

impl Summary {
    /// Counts a judgement.
    pub(super) fn count(&mut self, judged: &Judged) {
        *match judged {
            Judged::Compliant => &mut self.compliant,
            Judged::NonCompliant { .. } => &mut self.non_compliant,
            Judged::Exempt { .. } => &mut self.exempt,
            Judged::NotApplicable { .. } => &mut self.not_applicable,
            Judged::Unknown { .. } => &mut self.unknown,
        } += 1;
    }
}

/// What goes to Config of all that was judged of one resource: the worst, and of an unknown nothing, unless a
/// violation is certain whatever else is unknown.
pub(super) fn combine(judgements: &[(RuleId, Judged)]) -> Option<(Compliance, String)> {
    let mut worst = Compliance::NotApplicable;
    let mut said: Vec<(Compliance, String)> = Vec::new();
    let mut unknown = false;
    for (id, judged) in judgements {
        let (compliance, annotation) = match judged {
            Judged::Unknown { .. } => {
                unknown = true;
                continue;
            }
            Judged::NotApplicable { why } => (Compliance::NotApplicable, why.clone()),
            Judged::Compliant => (Compliance::Compliant, String::new()),
            Judged::Exempt { annotation, ticket, until } => {
                (Compliance::Compliant, format!("exempt until {until} under {ticket}: {annotation}"))
            }
            Judged::NonCompliant { annotation } => (Compliance::NonCompliant, annotation.clone()),
        };
        worst = worst.max(compliance);
        let named = if judgements.len() > 1 && !annotation.is_empty() {
            format!("{id}: {annotation}")
        } else {
            annotation
        };
        said.push((compliance, named));
    }
    if (unknown && worst != Compliance::NonCompliant) || said.is_empty() {
        return None;
    }
    let annotations: Vec<String> = said
        .into_iter()
        .filter(|(compliance, annotation)| *compliance == worst && !annotation.is_empty())
        .map(|(_, annotation)| annotation)
        .collect();
    Some((worst, annotations.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Read, Unread, WhyUnread};

    #[test]
    fn annotations_have_1_to_256_characters() {
        assert_eq!(Annotation::new("  "), None);
        assert_eq!(Annotation::new("é").unwrap().as_str(), "é");
        let exact = "ü".repeat(256);
        assert_eq!(Annotation::new(&exact).unwrap().as_str(), exact);
        let long = Annotation::new(&"ü".repeat(257)).unwrap();
        assert_eq!(long.as_str().chars().count(), 256);
        assert!(long.as_str().ends_with('…'));
    }

    #[test]
    fn a_verdict_reads_as_config_writes_it() {
        for verdict in [Compliance::Compliant, Compliance::NonCompliant, Compliance::NotApplicable] {
            assert_eq!(serde_json::to_string(&verdict).unwrap(), format!("\"{verdict}\""));
        }
        assert_eq!(Compliance::NonCompliant.to_string(), "NON_COMPLIANT");
    }

    fn id(rule: &str) -> RuleId {
        RuleId::parse(rule).unwrap()
    }

    fn unknown() -> Judged {
        Judged::Unknown { unread: Unread::new(Read::GetUser, WhyUnread::Throttled, String::new()) }
    }

    fn found(annotation: &str) -> Judged {
        Judged::NonCompliant { annotation: annotation.to_owned() }
    }

    #[test]
    fn of_an_unknown_nothing_is_said_unless_a_violation_is_certain() {
        let (first, second) = (id("access-key-age"), id("user-inline-policy"));
        assert_eq!(combine(&[(first, unknown())]), None);
        assert_eq!(combine(&[(first, Judged::Compliant), (second, unknown())]), None);
        assert_eq!(combine(&[(first, unknown()), (second, Judged::Compliant)]), None);
        let certain = Some((Compliance::NonCompliant, "user-inline-policy: it has one".to_owned()));
        assert_eq!(combine(&[(first, unknown()), (second, found("it has one"))]), certain);
        assert_eq!(combine(&[]), None);
    }

    #[test]
    fn of_several_verdicts_the_worst_is_told_with_what_each_rule_found() {
        let (first, second) = (id("access-key-age"), id("user-inline-policy"));
        assert_eq!(combine(&[(first, Judged::Compliant)]), Some((Compliance::Compliant, String::new())));
        assert_eq!(
            combine(&[(first, found("it is old"))]),
            Some((Compliance::NonCompliant, "it is old".to_owned())),
            "of one rule, Config knows the name"
        );
        let both = [(first, found("it is old")), (second, found("it has one"))];
        assert_eq!(
            combine(&both),
            Some((
                Compliance::NonCompliant,
                "access-key-age: it is old; user-inline-policy: it has one".to_owned()
            ))
        );
        let one =
            [(first, Judged::NotApplicable { why: "it is gone".to_owned() }), (second, found("it has one"))];
        assert_eq!(
            combine(&one),
            Some((Compliance::NonCompliant, "user-inline-policy: it has one".to_owned()))
        );
    }
}
