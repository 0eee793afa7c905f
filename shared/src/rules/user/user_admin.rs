use crate::facts::{Privileges, User};
use crate::rules::administrator::{self, Params};
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A user who is an administrator or can become one.
    ///
    /// ## What it checks
    ///
    /// Users whose own, attached and groups' policies, less what denies take and capped by the permissions boundary, allow
    /// everything, or a way to it: by rewriting policies, by another principal's keys, password or trust, by passing a
    /// role to a service, over any number of steps. Users whom `allowedAdministrators` names are fine.
    ///
    /// The organization's service and resource control policies are not read, so what the account's own policies settle is
    /// said to be possible unless these forbid it, and counts by `countUnlessOrganizationForbids` (true by default). What
    /// hangs on more than that, such as a condition key or something that must run already, is said with what it hangs
    /// on, and counts by `countPossible` (true by default).
    ///
    /// It takes the whole account to tell, so the whole account is held in memory while it is judged, and a change of a
    /// single user is judged at the next sweep.
    ///
    /// ## Why it matters
    ///
    /// A user's password and keys last until somebody takes them away. Each user who is or can become an administrator is
    /// the whole account to whoever gets hold of one of them, and a way over three steps is as good as none to whoever
    /// looks at one policy at a time.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: which of several statements on the way is one too many, only people know. Save what
    /// `aws iam get-account-authorization-details` prints; `bailiff analyze --account-details FILE` then shows for each
    /// principal the steps and the statements that allow them. The least change that ends the way is mostly one statement:
    /// give it a resource narrower than `*`, or take it out of the policy; or take the policy off with
    /// `aws iam detach-user-policy` or the user out of the group with `aws iam remove-user-from-group`. People who need the
    /// power now and then assume a role for it.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN, for a time. Who is meant to be an administrator for good
    /// belongs in `allowedAdministrators`.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 AC-6(5); CIS AWS Foundations 3.0 1.16 and 5.0 1.15, of which this is the half that `policy-admin`
    /// leaves: who has AWS's own `AdministratorAccess`. Beyond AWS Config's
    /// `IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS`, which looks at one customer managed policy at a time and not at who
    /// has it.
    UserAdmin {
        id: "user-admin",
        severity: High,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.16", "CIS-5.0:1.15", "NIST-800-53:AC-6(5)"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [Privileges],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for UserAdmin {
    type Subject = User;
    type Params = Params;
    type Finding = Privileges;

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<Privileges> {
        administrator::judge(&user.identity.arn, &user.privileges, params)
    }

    fn annotate(privileges: &Privileges, _: &Params) -> String {
        administrator::annotate(privileges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, context, privileged, throttled};
    use crate::facts::{Fact, Read};
    use crate::policy::analysis::Tier;

    fn judge(privileges: Fact<Privileges>) -> Verdict<Privileges> {
        UserAdmin::evaluate(&User { privileges, ..alice() }, &Params::default(), &context())
    }

    #[test]
    fn a_user_is_judged_by_its_privileges() {
        let admin = privileged(Tier::Platinum);
        assert_eq!(judge(Fact::Known(admin.clone())), Verdict::NonCompliant(admin));
        assert_eq!(judge(Fact::Known(privileged(Tier::Gold))), Verdict::Compliant);
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        assert_eq!(judge(Fact::Unknown(unread.clone())), Verdict::Unknown(unread));
    }
}
