use std::collections::BTreeSet;

use crate::facts::Group;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A group without a member.
    ///
    /// ## What it checks
    ///
    /// Groups that no user is in. Who is in a group a configuration item does not tell, so groups are judged by the sweep
    /// alone.
    ///
    /// ## Why it matters
    ///
    /// Nobody reviews what an empty group allows, and one call puts somebody into it.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a group may be kept ready for its first member. A person deletes it: its policies first, with
    /// `aws iam detach-group-policy` and `aws iam delete-group-policy`, then `aws iam delete-group --group-name …`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the group's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_GROUP_HAS_USERS_CHECK`; NIST SP 800-53 AC-6, least privilege.
    GroupEmpty {
        id: "group-empty",
        severity: Low,
        applies_to: [Group],
        triggers: [Sweep],
        stands_for: ["IAM_GROUP_HAS_USERS_CHECK"],
        controls: ["NIST-800-53:AC-6"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [Members],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for GroupEmpty {
    type Subject = Group;
    type Params = NoParameters;
    type Finding = ();

    fn evaluate(group: &Group, _: &NoParameters, _: &Context) -> Verdict<()> {
        match group.members.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(members) if members.is_none_or(BTreeSet::is_empty) => Verdict::NonCompliant(()),
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate((): &(), _: &NoParameters) -> String {
        "no user is in it".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{context, developers, throttled};
    use crate::facts::{Fact, Read};

    fn judge(group: &Group) -> Verdict<()> {
        GroupEmpty::evaluate(group, &NoParameters {}, &context())
    }

    #[test]
    fn one_member_is_enough() {
        assert_eq!(judge(&developers()), Verdict::Compliant);
        let empty = Group { members: Fact::Known(BTreeSet::new()), ..developers() };
        assert_eq!(judge(&empty), Verdict::NonCompliant(()));
        assert_eq!(judge(&Group { members: Fact::Absent, ..developers() }), Verdict::NonCompliant(()));
    }

    #[test]
    fn members_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let group = Group { members: Fact::Unknown(unread.clone()), ..developers() };
        assert_eq!(judge(&group), Verdict::Unknown(unread));
    }

    #[test]
    fn says_that_nobody_is_in_it() {
        assert_eq!(GroupEmpty::annotate(&(), &NoParameters {}), "no user is in it");
    }
}
