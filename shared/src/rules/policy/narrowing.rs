//! The change that ends what a rule found in a policy: a new version without the statements it found.

use super::found::Found;
use super::text;
use crate::facts::ManagedPolicy;
use crate::policy::{Policy, without_statements};
use crate::remedy::Step;
use crate::rules::Proposal;

/// The most versions a managed policy keeps (IAM quotas).
const MOST_VERSIONS: usize = 5;

/// Plans a new default version without the statements that were found, if that ends it and is surely no wider. The
/// prior version stays, to go back to; where IAM has no room for one more, no version of anybody's is deleted.
pub(super) fn plan(
    policy: &ManagedPolicy,
    found: &[Found],
    find: impl FnOnce(&Policy) -> Vec<Found>,
) -> Proposal {
    let name = &policy.identity.name;
    let left = |why: String| Proposal { left: vec![why], ..Proposal::default() };
    let mut unknown = Vec::new();
    unknown.extend(policy.document.known().err().cloned());
    unknown.extend(policy.default_version.known().err().cloned());
    unknown.extend(policy.versions.list().err().cloned());
    unknown.extend(policy.bounds.known().err().cloned());
    if !unknown.is_empty() {
        return Proposal { unknown, ..Proposal::default() };
    }
    let (Ok(Some(document)), Ok(Some(version)), Ok(versions), Ok(bounds)) = (
        policy.document.known(),
        policy.default_version.known(),
        policy.versions.list(),
        policy.bounds.known(),
    ) else {
        return left(format!("{name} has no version in force"));
    };
    if bounds.is_some_and(|bounds| *bounds > 0) {
        return left(format!(
            "{name} is a permissions boundary: a statement less takes it from everybody it bounds"
        ));
    }
    if found.iter().any(|found| found.statements.len() != 1) {
        return left(format!("{name} takes more than one statement for it: decide which one goes"));
    }
    let statements: Vec<usize> = found.iter().flat_map(|found| found.statements.iter().copied()).collect();
    let Some(narrower) = without_statements(document, &statements) else {
        return left(format!("{name} would have no statement left: detach it from whoever has it"));
    };
    if !text::read(&narrower).is_ok_and(|text| find(&text).is_empty()) {
        return left(format!("{name} would still break the rule: rewrite it"));
    }
    if versions.len() >= MOST_VERSIONS {
        return left(format!(
            "{name} has {} versions, and IAM keeps no more: delete one that nobody needs",
            versions.len()
        ));
    }
    let step = Step::CreatePolicyVersion {
        policy: policy.identity.clone(),
        document: narrower,
        replaces: version.clone(),
        prior: document.clone(),
    };
    Proposal { steps: vec![step], ..Proposal::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ago, days, policy_of, throttled};
    use crate::facts::{Fact, Read};

    const READ: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    /// The statements that allow everything.
    fn find(text: &Policy) -> Vec<Found> {
        let all = text.statements.iter().enumerate().filter(|(_, it)| it.action.entries[0].is_everything());
        all.map(|(index, _)| Found::at(&[index], "", "is wide")).collect()
    }

    fn plan_of(policy: &ManagedPolicy) -> Proposal {
        let text = policy.document.known().ok().flatten().and_then(|document| text::read(document).ok());
        plan(policy, &text.as_ref().map(find).unwrap_or_default(), find)
    }

    #[test]
    fn the_new_version_lacks_the_statement_and_the_old_one_is_kept() {
        let policy = policy_of(&format!("{READ},{ALL}"));
        let proposal = plan_of(&policy);
        let [Step::CreatePolicyVersion { document, replaces, prior, .. }] = proposal.steps.as_slice() else {
            panic!("{proposal:?}")
        };
        assert!(document.same_meaning(policy_of(READ).document.known().unwrap().unwrap()));
        assert_eq!((replaces.as_str(), Some(prior)), ("v1", policy.document.known().unwrap()));
    }

    #[test]
    fn what_would_leave_nothing_or_is_a_boundary_or_has_no_room_is_left_to_people() {
        let whole = policy_of(&format!("{READ},{ALL}"));
        let cases = [
            (policy_of(ALL), "no statement left"),
            (ManagedPolicy { bounds: Fact::Known(1), ..whole.clone() }, "permissions boundary"),
            (ManagedPolicy { versions: Fact::Known(vec![ago(days(1)); 5]), ..whole.clone() }, "5 versions"),
        ];
        for (policy, why) in cases {
            let proposal = plan_of(&policy);
            assert!(proposal.steps.is_empty() && proposal.left[0].contains(why), "{proposal:?}");
        }
        let four = ManagedPolicy { versions: Fact::Known(vec![ago(days(1)); 4]), ..whole };
        assert_eq!(plan_of(&four).steps.len(), 1);
    }

    #[test]
    fn what_takes_several_statements_or_would_not_help_is_left_to_people() {
        let policy = policy_of(&format!("{READ},{ALL}"));
        let several = plan(&policy, &[Found::at(&[0, 1], "", "")], |_| Vec::new());
        assert!(several.left[0].contains("more than one statement"), "{several:?}");
        let as_a_whole = plan(&policy, &[Found::at(&[], "", "")], |_| Vec::new());
        assert!(as_a_whole.left[0].contains("more than one statement"), "{as_a_whole:?}");
        let in_vain = plan(&policy, &[Found::at(&[0], "", "")], find);
        assert!(in_vain.left[0].contains("would still break the rule"), "{in_vain:?}");
    }

    #[test]
    fn nothing_is_planned_on_what_is_not_known() {
        let unread = throttled(Read::ListPolicyVersions);
        let policy = policy_of(&format!("{READ},{ALL}"));
        for unknown in [
            ManagedPolicy { versions: Fact::Unknown(unread.clone()), ..policy.clone() },
            ManagedPolicy { default_version: Fact::Unknown(unread.clone()), ..policy.clone() },
            ManagedPolicy { bounds: Fact::Unknown(unread.clone()), ..policy.clone() },
        ] {
            let proposal = plan_of(&unknown);
            assert_eq!((proposal.steps.len(), proposal.unknown), (0, vec![unread.clone()]));
        }
    }
}
