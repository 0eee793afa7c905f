//! What a rule about policies reads, and whether it is about the policy at all.

use super::found::Found;
use crate::facts::{Fact, ManagedPolicy, Read, Unread, WhyUnread};
use crate::policy::analysis::Circumstances;
use crate::policy::{Json, Policy, PolicyDocument, PolicyKind};
use crate::rules::{Flag, Verdict};

/// Reads a user's, group's or role's policy. What IAM would refuse today but took once is read as far as it is clear.
pub(crate) fn read(document: &PolicyDocument) -> Result<Policy, Unread> {
    let read = Json::parse(document.as_str())
        .ok()
        .and_then(|json| Policy::read_unless_unclear(&json, PolicyKind::Identity).ok());
    read.map(|(policy, _)| policy).ok_or_else(|| {
        Unread::new(
            Read::GetAccountAuthorizationDetails,
            WhyUnread::Failed,
            "a policy's text is none that can be read",
        )
    })
}

/// What is known of the requests of whoever has the policy: they are of its account.
pub(super) fn of_account(policy: &ManagedPolicy) -> Circumstances<'_> {
    Circumstances::unknown().with("aws:PrincipalAccount", policy.identity.account.as_str())
}

/// Judges the text in force. A policy that is only a permissions boundary grants nothing, and is left out if asked.
pub(super) fn judge(
    policy: &ManagedPolicy,
    leave_out_boundaries: bool,
    find: impl FnOnce(&Policy) -> Vec<Found>,
) -> Verdict<Vec<Found>> {
    let only_bounds = if leave_out_boundaries { only_bounds(policy) } else { Ok(false) };
    if only_bounds == Ok(true) {
        return Verdict::Compliant;
    }
    let text = match &policy.document {
        Fact::Known(document) => read(document),
        Fact::Unknown(unread) => Err(unread.clone()),
        Fact::Absent => Err(Unread::new(
            Read::GetAccountAuthorizationDetails,
            WhyUnread::Failed,
            "a policy without a text in force",
        )),
    };
    match (text.map(|text| find(&text)), only_bounds) {
        (Ok(found), _) if found.is_empty() => Verdict::Compliant,
        (Err(unread), _) | (Ok(_), Err(unread)) => Verdict::Unknown(unread),
        (Ok(found), Ok(_)) => Verdict::NonCompliant(found),
    }
}

/// As [`judge`], for rules with AWS's parameter.
pub(super) fn judge_unless(
    policy: &ManagedPolicy,
    exclude_permission_boundary_policy: Flag,
    find: impl FnOnce(&Policy) -> Vec<Found>,
) -> Verdict<Vec<Found>> {
    judge(policy, exclude_permission_boundary_policy.is_set(), find)
}

/// Whether it is somebody's permissions boundary and attached to nobody.
fn only_bounds(policy: &ManagedPolicy) -> Result<bool, Unread> {
    let bounds = policy.bounds.known().map(|bounds| bounds.is_some_and(|bounds| *bounds > 0));
    let attached = policy.attachments.known().map(|attached| attached.is_some_and(|attached| *attached > 0));
    match (bounds, attached) {
        (Ok(false), _) | (_, Ok(true)) => Ok(false),
        (Ok(true), Ok(false)) => Ok(true),
        (Err(unread), _) | (_, Err(unread)) => Err(unread.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ALLOWS, customer_policy, throttled};

    const READ: Read = Read::GetAccountAuthorizationDetails;

    fn found(_: &Policy) -> Vec<Found> {
        vec![Found::at(&[0], "Statement[0]", "is there")]
    }

    fn counted(attachments: u64, bounds: u64) -> ManagedPolicy {
        ManagedPolicy {
            attachments: Fact::Known(attachments),
            bounds: Fact::Known(bounds),
            ..customer_policy(ALLOWS)
        }
    }

    #[test]
    fn only_what_bounds_and_is_attached_to_nobody_is_left_out() {
        assert_eq!(judge(&counted(0, 1), true, found), Verdict::Compliant);
        for policy in [counted(0, 0), counted(1, 0), counted(1, 1)] {
            assert!(matches!(judge(&policy, true, found), Verdict::NonCompliant(_)), "{policy:?}");
        }
        assert!(matches!(judge(&counted(0, 1), false, found), Verdict::NonCompliant(_)));
    }

    #[test]
    fn what_settles_the_verdict_settles_it_whatever_is_unknown() {
        let unread = throttled(READ);
        let attachments_unknown =
            ManagedPolicy { attachments: Fact::Unknown(unread.clone()), ..counted(0, 1) };
        assert_eq!(judge(&attachments_unknown, true, found), Verdict::Unknown(unread.clone()));
        assert!(matches!(judge(&attachments_unknown, false, found), Verdict::NonCompliant(_)));
        assert_eq!(judge(&attachments_unknown, true, |_| Vec::new()), Verdict::Compliant);
        let bounds_unknown = ManagedPolicy { bounds: Fact::Unknown(unread.clone()), ..counted(1, 0) };
        assert!(matches!(judge(&bounds_unknown, true, found), Verdict::NonCompliant(_)));
        let text_unknown = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..counted(0, 1) };
        assert_eq!(judge(&text_unknown, true, found), Verdict::Compliant);
        assert_eq!(judge(&text_unknown, false, found), Verdict::Unknown(unread));
    }

    #[test]
    fn a_text_that_is_no_policy_is_unknown_never_fine() {
        for text in ["", "{", "[]", r#"{"Statement":{"Effect":"Perhaps","Action":"*","Resource":"*"}}"#] {
            let verdict = judge(&customer_policy(text), false, |_| Vec::new());
            assert!(matches!(verdict, Verdict::Unknown(_)), "{text}");
        }
        let none = ManagedPolicy { document: Fact::Absent, ..counted(1, 0) };
        assert!(matches!(judge(&none, false, found), Verdict::Unknown(_)));
    }
}
