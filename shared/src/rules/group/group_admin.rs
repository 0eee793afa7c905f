use crate::facts::{Group, Privileges};
use crate::rules::administrator::{self, Params};
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A group whose members are administrators or can become ones.
    ///
    /// ## What it checks
    ///
    /// Groups whose policies alone make any member an administrator, or give it a way to become one, whoever it is and
    /// whether the group has a member or not. Groups that `allowedAdministrators` names are fine.
    ///
    /// The organization's service and resource control policies are not read, so what the account's own policies settle is
    /// said to be possible unless these forbid it, and counts by `countUnlessOrganizationForbids` (true by default). What
    /// hangs on more than that, such as a condition key or something that must run already, is said with what it hangs
    /// on, and counts by `countPossible` (true by default).
    ///
    /// It takes the whole account to tell, so the whole account is held in memory while it is judged, and a change of a
    /// single group is judged at the next sweep.
    ///
    /// ## Why it matters
    ///
    /// Whoever may add members to such a group makes administrators, and looks like one who manages a team.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: all members would lose what they work with at once. Save what
    /// `aws iam get-account-authorization-details` prints; `bailiff analyze --account-details FILE` then shows for the
    /// group the steps and the statements that allow them. The least change that ends the way is mostly one statement: give
    /// it a resource narrower than `*`, or take it out of the policy; or take the policy off with
    /// `aws iam detach-group-policy`. What a boundary or a deny of a member's own leaves of this shows in `user-admin`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the group's ARN, for a time. Who is meant to be an administrator for good
    /// belongs in `allowedAdministrators`.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 AC-6(5); CIS AWS Foundations 3.0 1.16 and 5.0 1.15, of which this is the half that `policy-admin`
    /// leaves: who has AWS's own `AdministratorAccess`. Beyond AWS Config's
    /// `IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS`, which looks at one customer managed policy at a time and not at who
    /// has it.
    GroupAdmin {
        id: "group-admin",
        severity: Medium,
        applies_to: [Group],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.16", "CIS-5.0:1.15", "NIST-800-53:AC-6(5)"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [Privileges],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for GroupAdmin {
    type Subject = Group;
    type Params = Params;
    type Finding = Privileges;

    fn evaluate(group: &Group, params: &Params, _: &Context) -> Verdict<Privileges> {
        administrator::judge(&group.identity.arn, &group.privileges, params)
    }

    fn annotate(privileges: &Privileges, _: &Params) -> String {
        administrator::annotate(privileges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, arn, context, privileged};
    use crate::facts::{Fact, GroupIdentity, Read};
    use crate::identifier::GroupName;
    use crate::policy::analysis::Tier;
    use crate::rules::Parameters as _;

    fn group() -> Group {
        Group::unread(GroupIdentity {
            account: alice().identity.account,
            name: GroupName::parse("admins").unwrap(),
            unique_id: alice().identity.unique_id,
            arn: arn("arn:aws:iam::111122223333:group/admins"),
        })
    }

    #[test]
    fn a_group_is_judged_by_what_its_members_can_do() {
        let judge = |privileges, params: &Params| {
            GroupAdmin::evaluate(&Group { privileges, ..group() }, params, &context())
        };
        let admin = Fact::Known(privileged(Tier::Platinum));
        assert!(matches!(judge(admin.clone(), &Params::default()), Verdict::NonCompliant(_)));
        let allowed = Params::read(&serde_json::json!({"allowedAdministrators": ["group/admins"]})).unwrap();
        assert_eq!(judge(admin, &allowed), Verdict::Compliant);
        assert_eq!(judge(Fact::Known(privileged(Tier::Gold)), &Params::default()), Verdict::Compliant);
        let unread = Fact::not_read(Read::GetAccountAuthorizationDetails);
        assert!(matches!(judge(unread, &Params::default()), Verdict::Unknown(_)));
    }
}
