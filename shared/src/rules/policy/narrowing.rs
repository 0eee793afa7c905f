//! The change that ends what a rule found in a policy: a new version without the actions or statements it found, or else
//! an earlier version put in force again.

use std::cmp::Reverse;

use super::found::Found;
use super::text;
use crate::facts::{ManagedPolicy, Unread};
use crate::identifier::PolicyVersionId;
use crate::policy::{Part, Policy, PolicyDocument, is_no_wider, without_parts};
use crate::remedy::Step;
use crate::rules::Proposal;

/// Plans a new default version without the actions that were found, or else without their statements, if that ends it,
/// is surely no wider and allows something still; else the latest earlier version of which the same is true. The version in force stays, to go back to, and no version of
/// anybody's is deleted to make room.
pub(super) fn plan(
    policy: &ManagedPolicy,
    found: &[Found],
    find: impl Fn(&Policy) -> Vec<Found>,
) -> Proposal {
    let name = &policy.identity.name;
    let left = |why: String| Proposal { left: vec![why], ..Proposal::default() };
    let mut unknown = Vec::new();
    unknown.extend(policy.document.known().err().cloned());
    unknown.extend(policy.default_version.known().err().cloned());
    unknown.extend(policy.other_versions.list().err().cloned());
    unknown.extend(policy.bounds.known().err().cloned());
    if !unknown.is_empty() {
        return Proposal { unknown, ..Proposal::default() };
    }
    let (Ok(Some(document)), Ok(Some(version)), Ok(bounds)) =
        (policy.document.known(), policy.default_version.known(), policy.bounds.known())
    else {
        return left(format!("{name} has no version in force"));
    };
    if bounds.is_some_and(|bounds| *bounds > 0) {
        return left(format!(
            "{name} is a permissions boundary: a statement less takes it from everybody it bounds"
        ));
    }
    let find = |document: &PolicyDocument| text::read(document).ok().map(|text| find(&text));
    let step = match without(policy, document, found, find) {
        Ok(narrower) => Step::CreatePolicyVersion {
            policy: policy.identity.clone(),
            document: narrower,
            replaces: version.clone(),
            prior: document.clone(),
        },
        Err(why) => match earlier(policy, version, document, find) {
            Err(unread) => return Proposal { unknown: vec![unread], ..Proposal::default() },
            Ok(None) => return left(why),
            Ok(Some((earlier, text))) => Step::SetDefaultPolicyVersion {
                policy: policy.identity.clone(),
                version: earlier,
                document: text,
                replaces: document.clone(),
                replaces_version: Some(version.clone()),
            },
        },
    };
    Proposal { steps: vec![step], ..Proposal::default() }
}

/// The policy without what was found, or why there cannot be such a version.
fn without(
    policy: &ManagedPolicy,
    document: &PolicyDocument,
    found: &[Found],
    find: impl Fn(&PolicyDocument) -> Option<Vec<Found>>,
) -> Result<PolicyDocument, String> {
    let name = &policy.identity.name;
    if found.iter().any(|found| found.statements.len() != 1) {
        return Err(format!("{name} takes more than one statement for it: decide which one goes"));
    }
    let narrower = if let Some(narrower) = without_actions(document, found, &find) {
        narrower
    } else {
        let statements = found.iter().flat_map(|found| found.statements.iter().copied().map(Part::Statement));
        let Some(narrower) = without_parts(document, &statements.collect::<Vec<_>>()) else {
            return Err(format!("{name} would allow nothing any more: detach it from whoever has it"));
        };
        if find(&narrower).is_none_or(|found| !found.is_empty()) {
            return Err(format!("{name} would still break the rule: rewrite it"));
        }
        narrower
    };
    let versions = policy.other_versions.list().map_or(0, <[_]>::len) + 1;
    if versions >= ManagedPolicy::MOST_VERSIONS {
        return Err(format!(
            "{name} has {versions} versions, and IAM keeps no more: delete one that nobody needs"
        ));
    }
    Ok(narrower)
}

/// The policy without the one action that each finding stands at, and without those found only then: a second pattern
/// may allow what the first one did. It ends, for each round takes something out.
fn without_actions(
    document: &PolicyDocument,
    found: &[Found],
    find: impl Fn(&PolicyDocument) -> Option<Vec<Found>>,
) -> Option<PolicyDocument> {
    let mut rest = document.clone();
    let mut found = found.to_vec();
    while !found.is_empty() {
        let parts: Option<Vec<Part>> = found.iter().map(Found::part).collect();
        rest = without_parts(&rest, &parts?)?;
        found = find(&rest)?;
    }
    // What is no wider at each step is so in the end, and has to show.
    is_no_wider(&rest, document).then_some(rest)
}

/// The latest earlier version that keeps the rule and surely allows no more than the one in force. One whose text cannot
/// be read might be it.
fn earlier(
    policy: &ManagedPolicy,
    version: &PolicyVersionId,
    document: &PolicyDocument,
    find: impl Fn(&PolicyDocument) -> Option<Vec<Found>>,
) -> Result<Option<(PolicyVersionId, PolicyDocument)>, Unread> {
    let keeps_the_rule = |text: &PolicyDocument| find(text).is_some_and(|found| found.is_empty());
    let others = policy.other_versions.list().unwrap_or_default().iter();
    let mut earlier: Vec<_> = others.filter(|other| other.id.number() < version.number()).collect();
    earlier.sort_by_key(|other| Reverse(other.id.number()));
    for other in earlier {
        match other.document.known() {
            Err(unread) => return Err(unread.clone()),
            Ok(Some(text)) if keeps_the_rule(text) && is_no_wider(text, document) => {
                return Ok(Some((other.id.clone(), text.clone())));
            }
            Ok(_) => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{policy_of, throttled};
    use crate::facts::{Fact, PolicyVersion, Read};

    const READ: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    const DENY: &str = r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#;

    /// The statements that allow everything.
    fn find(text: &Policy) -> Vec<Found> {
        let all = text.statements.iter().enumerate().filter(|(_, it)| it.action.entries[0].is_everything());
        all.map(|(index, _)| Found::at(&[index], "", "is wide")).collect()
    }

    /// The policy in its newest version, with earlier ones of these statements, `v1` first.
    fn after(policy: ManagedPolicy, earlier: &[&str]) -> ManagedPolicy {
        let id = |number: usize| PolicyVersionId::parse(&format!("v{number}")).unwrap();
        let version = |(index, statements): (usize, &&str)| PolicyVersion {
            id: id(index + 1),
            document: policy_of(statements).document,
        };
        ManagedPolicy {
            default_version: Fact::Known(id(earlier.len() + 1)),
            other_versions: Fact::Known(earlier.iter().enumerate().map(version).collect()),
            ..policy
        }
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
            (policy_of(ALL), "allow nothing any more"),
            (policy_of(&format!("{ALL},{DENY}")), "allow nothing any more"),
            (ManagedPolicy { bounds: Fact::Known(1), ..whole.clone() }, "permissions boundary"),
            (after(whole.clone(), &[ALL; 4]), "5 versions"),
        ];
        for (policy, why) in cases {
            let proposal = plan_of(&policy);
            assert!(proposal.steps.is_empty() && proposal.left[0].contains(why), "{proposal:?}");
        }
        assert_eq!(plan_of(&after(whole, &[ALL; 3])).steps.len(), 1);
    }

    /// The version a plan goes back to.
    fn goes_back(policy: &ManagedPolicy) -> Option<String> {
        match plan_of(policy).steps.as_slice() {
            [Step::SetDefaultPolicyVersion { version, document, replaces, replaces_version, .. }] => {
                let other = policy.other_versions.list().unwrap().iter().find(|it| it.id == *version);
                assert_eq!(Some(document), other.and_then(|it| it.document.known().unwrap()));
                assert_eq!(Some(replaces), policy.document.known().unwrap());
                assert_eq!(replaces_version.as_ref(), policy.default_version.known().unwrap());
                Some(version.to_string())
            }
            _ => None,
        }
    }

    /// What the policy says after its plan.
    fn narrowed(statements: &str) -> String {
        let policy = policy_of(statements);
        let text = text::read(policy.document.known().unwrap().unwrap()).unwrap();
        let proposal = plan(&policy, &creating_keys(&text), creating_keys);
        let [Step::CreatePolicyVersion { document, .. }] = proposal.steps.as_slice() else {
            panic!("{proposal:?}")
        };
        document.as_str().to_owned()
    }

    /// Where a policy allows making access keys.
    fn creating_keys(text: &Policy) -> Vec<Found> {
        const ACTION: &str = "iam:CreateAccessKey";
        let statements = text.statements.iter().enumerate();
        statements
            .filter(|(_, it)| it.effect == crate::policy::Effect::Allow)
            .filter(|(_, it)| it.action.is_met(|entry| entry.matches(ACTION)))
            .map(|(index, it)| Found::at(&[index], it.place_of(index, ACTION).as_str(), "makes keys"))
            .collect()
    }

    #[test]
    fn only_the_action_goes_where_its_statement_allows_more() {
        let all = r#"{"Effect":"Allow","Action":["s3:*","iam:CreateAccessKey","sqs:*"],"Resource":"*"}"#;
        let rest = r#"{"Effect":"Allow","Action":["s3:*","sqs:*"],"Resource":"*"}"#;
        let document = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        assert_eq!(narrowed(all), document(rest));
        // What allows it a second time goes with it, and so does a statement of nothing else.
        let twice = all.replace("sqs:*\"", "sqs:*\",\"iam:Create*\"");
        let alone = r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#;
        assert_eq!(narrowed(&format!("{twice},{alone},{READ}")), document(&format!("{rest},{READ}")));
        let all_but = r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#;
        assert_eq!(narrowed(&format!("{all_but},{READ}")), document(READ));
    }

    #[test]
    fn where_no_statement_can_go_the_latest_earlier_version_that_is_no_wider_comes_back() {
        const WRITE: &str = r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}"#;
        let back = |now: &str, earlier: &[&str]| goes_back(&after(policy_of(now), earlier));
        assert_eq!(back(ALL, &[READ, WRITE]).as_deref(), Some("v2"), "all there was is wide");
        assert_eq!(back(ALL, &[READ, ALL]).as_deref(), Some("v1"), "the last one breaks the rule too");
        assert_eq!(back(ALL, &[]), None);
        let full = format!("{READ},{ALL}");
        assert_eq!(back(&full, &[READ, ALL, ALL, ALL]).as_deref(), Some("v1"), "no room for a sixth");
        assert_eq!(back(&full, &[READ, ALL]), None, "a version without the statement is the smaller change");
    }

    #[test]
    fn a_version_that_may_allow_more_or_deny_less_does_not_come_back() {
        const IN_ZONE: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#;
        let back = |now: &str, earlier: &[&str]| goes_back(&after(policy_of(now), earlier));
        assert_eq!(back(IN_ZONE, &[READ]), None, "what is allowed now is conditional");
        assert_eq!(back(&format!("{ALL},{DENY}"), &[READ, READ, READ, READ]), None, "the Deny would be gone");
        let both = format!("{READ},{DENY}");
        let kept = back(&format!("{ALL},{DENY}"), &[&both, READ, READ, READ]);
        assert_eq!(kept.as_deref(), Some("v1"));
    }

    #[test]
    fn a_version_after_the_one_in_force_is_no_earlier_one() {
        let mut policy = after(policy_of(ALL), &[ALL, READ]);
        policy.default_version = Fact::Known(PolicyVersionId::parse("v1").unwrap());
        assert_eq!(goes_back(&policy), None);
    }

    #[test]
    fn an_earlier_version_that_cannot_be_read_might_be_the_one() {
        let unread = throttled(Read::GetPolicyVersion);
        let mut policy = after(policy_of(ALL), &[READ, READ]);
        if let Fact::Known(others) = &mut policy.other_versions {
            others[1].document = Fact::Unknown(unread.clone());
        }
        let proposal = plan_of(&policy);
        assert_eq!((proposal.steps.len(), proposal.unknown), (0, vec![unread]));
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
            ManagedPolicy { other_versions: Fact::Unknown(unread.clone()), ..policy.clone() },
            ManagedPolicy { default_version: Fact::Unknown(unread.clone()), ..policy.clone() },
            ManagedPolicy { bounds: Fact::Unknown(unread.clone()), ..policy.clone() },
        ] {
            let proposal = plan_of(&unknown);
            assert_eq!((proposal.steps.len(), proposal.unknown), (0, vec![unread.clone()]));
        }
    }
}
