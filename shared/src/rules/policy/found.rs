//! What rules find in a policy's text.

use std::collections::BTreeMap;

use crate::policy::analysis::{Asked, Circumstances, Finding, Permissions};
use crate::policy::glob::{self, Case};
use crate::policy::{Effect, Part, Place, Policy};

/// One thing in a policy that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The statements without which it would not be there, counted from 0.
    pub(crate) statements: Vec<usize>,
    /// Where it stands, such as `Statement[2].Action[0]`; empty for the policy as a whole.
    at: String,
    /// What is the matter.
    said: String,
}

impl Found {
    /// Something that takes these statements.
    pub(crate) fn at(statements: &[usize], at: impl Into<String>, said: impl Into<String>) -> Self {
        Self { statements: statements.to_vec(), at: at.into(), said: said.into() }
    }

    /// The least that can be taken out against it: the one action it stands at, or else its one statement. None where it
    /// takes several statements.
    pub(super) fn part(&self) -> Option<Part> {
        let [statement] = self.statements.as_slice() else { return None };
        let action = self.at.strip_prefix(Place::statement(*statement).key("Action[").as_str());
        let entry = action.and_then(|rest| rest.strip_suffix(']')?.parse().ok());
        Some(entry.map_or(Part::Statement(*statement), |entry| Part::Action(*statement, entry)))
    }

    /// What the analysis of a policy's language points at.
    pub(super) fn of(finding: Finding) -> Self {
        let number = finding.at.strip_prefix("Statement[").and_then(|rest| rest.split(']').next());
        let statement = number.and_then(|number| number.parse().ok());
        Self { statements: statement.into_iter().collect(), at: finding.at, said: finding.message }
    }
}

/// The most that is said one by one.
const SAID: usize = 3;

/// Says what was found, in one line.
pub(crate) fn say(found: &[Found]) -> String {
    let mut said: Vec<String> = found
        .iter()
        .take(SAID)
        .map(|found| {
            let at = if found.at.is_empty() { "the policy" } else { &found.at };
            format!("{at} {}", found.said)
        })
        .collect();
    if found.len() > SAID {
        said.push(format!("and {} more", found.len() - SAID));
    }
    said.join("; ")
}

/// The statements that allow any of some actions, each with the first of these. The actions may be patterns: what a
/// statement allows of a pattern's actions counts.
pub(crate) fn allowing<'p>(
    policy: &Policy,
    patterns: impl IntoIterator<Item = &'p str>,
    asked: &Asked<'_>,
    circumstances: &Circumstances<'_>,
) -> BTreeMap<usize, String> {
    let permissions = Permissions::of(policy);
    let mut allowing = BTreeMap::new();
    for pattern in patterns {
        for action in asked_about(policy, pattern) {
            for grant in permissions.grants(&action).on(asked, circumstances) {
                allowing.entry(grant.at.statement).or_insert_with(|| action.clone());
            }
        }
    }
    allowing
}

/// What to ask about instead of a pattern: itself, which stands for all that it matches, and whatever the policy
/// allows of these alone. An action without wildcards stands for itself.
fn asked_about(policy: &Policy, pattern: &str) -> Vec<String> {
    let mut asked = vec![pattern.to_owned()];
    if !pattern.contains(['*', '?']) {
        return asked;
    }
    let allows = policy.statements.iter().filter(|it| it.effect == Effect::Allow && !it.action.negated);
    for entry in allows.flat_map(|statement| &statement.action.entries) {
        let entry = entry.as_str();
        let more = glob::overlap(entry, pattern, Case::Ignored)
            && !glob::covers(entry, pattern, Case::Ignored)
            && !asked.iter().any(|action| action == entry);
        if more {
            asked.push(entry.to_owned());
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyKind;

    fn allowed(statements: &str, pattern: &str) -> BTreeMap<usize, String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
        allowing(&policy, [pattern], &Asked::Some, &Circumstances::direct())
    }

    fn allow(action: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#)
    }

    #[test]
    fn a_pattern_is_met_by_what_covers_it_and_by_what_is_in_it() {
        for action in ["*", "iam:*", "iam:Put*", "iam:PutUserPolicy", "iam:*Policy", "IAM:putuserpolicy"] {
            assert_eq!(allowed(&allow(action), "iam:Put*").len(), 1, "{action}");
        }
        for action in ["s3:*", "iam:Get*", "iam:AttachUserPolicy"] {
            assert_eq!(allowed(&allow(action), "iam:Put*").len(), 0, "{action}");
        }
    }

    #[test]
    fn what_is_denied_is_not_allowed() {
        let deny = r#"{"Effect":"Deny","Action":"iam:Put*","Resource":"*"}"#;
        let denied = format!("{},{deny}", allow("iam:*"));
        assert_eq!(allowed(&denied, "iam:Put*").len(), 0);
        assert_eq!(allowed(&denied, "iam:PutUserPolicy").len(), 0);
        assert_eq!(allowed(&denied, "iam:AttachUserPolicy").len(), 1);
    }

    #[test]
    fn all_but_a_list_is_met_unless_the_list_holds_the_pattern() {
        let negated = |action| format!(r#"{{"Effect":"Allow","NotAction":"{action}","Resource":"*"}}"#);
        assert_eq!(allowed(&negated("s3:*"), "iam:Put*").len(), 1);
        assert_eq!(allowed(&negated("iam:PutUserPolicy"), "iam:Put*").len(), 1);
        assert_eq!(allowed(&negated("iam:*"), "iam:Put*").len(), 0);
    }

    #[test]
    fn says_three_and_counts_the_rest() {
        let found: Vec<Found> =
            (0..5).map(|n| Found::at(&[n], format!("Statement[{n}]"), "is wide")).collect();
        assert_eq!(
            say(&found),
            "Statement[0] is wide; Statement[1] is wide; Statement[2] is wide; and 2 more"
        );
        assert_eq!(say(&[Found::at(&[], "", "is wide")]), "the policy is wide");
    }
}
