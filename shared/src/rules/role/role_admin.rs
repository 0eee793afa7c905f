use crate::facts::{Privileges, Role};
use crate::rules::administrator::{self, Params};
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A role that is an administrator or can become one.
    ///
    /// ## What it checks
    ///
    /// Roles whose policies, less what denies take and capped by the permissions boundary, allow everything, or a way to
    /// it: by rewriting policies, by another principal's keys, password or trust, by passing a role to a service, over any
    /// number of steps. Roles that `allowedAdministrators` names are fine: a role for emergencies, that of a pipeline.
    ///
    /// The organization's service and resource control policies are not read, so what the account's own policies settle is
    /// said to be possible unless these forbid it, and counts by `countUnlessOrganizationForbids` (true by default). What
    /// hangs on more than that, such as a condition key or something that must run already, is said with what it hangs
    /// on, and counts by `countPossible` (true by default).
    ///
    /// Roles that AWS made are not judged: service-linked ones, those of IAM Identity Center, whose power is that of a
    /// permission set, and those of AWS Control Tower, by the names that its controls keep for it.
    ///
    /// It takes the whole account to tell, so the whole account is held in memory while it is judged, and a change of a
    /// single role is judged at the next sweep.
    ///
    /// ## Why it matters
    ///
    /// Whoever may assume the role, and whatever runs as it, is an administrator. A function or an instance with such a
    /// role makes of every fault in its code a way to the account.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: taking a role's power away stops what runs as it. Save what
    /// `aws iam get-account-authorization-details` prints; `bailiff analyze --account-details FILE` then shows for each
    /// principal the steps and the statements that allow them. The least change that ends the way is mostly one statement:
    /// give it a resource narrower than `*` (`iam:PassRole` the roles it is for), or take it out of the policy; or take the
    /// policy off with `aws iam detach-role-policy`. A role that must manage IAM gets a permissions boundary, with
    /// `aws iam put-role-permissions-boundary`, and may give others no more than that.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN, for a time. Who is meant to be an administrator for good
    /// belongs in `allowedAdministrators`.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 AC-6(5); CIS AWS Foundations 3.0 1.16 and 5.0 1.15, of which this is the half that `policy-admin`
    /// leaves: who has AWS's own `AdministratorAccess`. Beyond AWS Config's
    /// `IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS`, which looks at one customer managed policy at a time and not at who
    /// has it.
    RoleAdmin {
        id: "role-admin",
        severity: High,
        applies_to: [Role],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.16", "CIS-5.0:1.15", "NIST-800-53:AC-6(5)"],
        journey: (Hygiene, effort: High, benefit: High),
        needs: [Privileges],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for RoleAdmin {
    type Subject = Role;
    type Params = Params;
    type Finding = Privileges;

    fn evaluate(role: &Role, params: &Params, _: &Context) -> Verdict<Privileges> {
        if role.is_made_by_aws() || role.is_of_control_tower() {
            return Verdict::Compliant;
        }
        administrator::judge(&role.identity.arn, &role.privileges, params)
    }

    fn annotate(privileges: &Privileges, _: &Params) -> String {
        administrator::annotate(privileges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{arn, context, deployer, privileged, throttled};
    use crate::facts::{Fact, Read, RoleIdentity};
    use crate::identifier::RoleName;
    use crate::policy::analysis::Tier;

    fn judge(role: &Role) -> Verdict<Privileges> {
        RoleAdmin::evaluate(role, &Params::default(), &context())
    }

    fn admin(path_and_name: &str) -> Role {
        let arn = arn(&format!("arn:aws:iam::111122223333:role/{path_and_name}"));
        let name = RoleName::parse(arn.name()).unwrap();
        let identity = RoleIdentity { name, arn, ..deployer().identity };
        Role { identity, privileges: Fact::Known(privileged(Tier::Platinum)), ..deployer() }
    }

    #[test]
    fn a_role_is_judged_by_its_privileges() {
        assert!(matches!(judge(&admin("deployer")), Verdict::NonCompliant(_)));
        let silver = Role { privileges: Fact::Known(privileged(Tier::Silver)), ..deployer() };
        assert_eq!(judge(&silver), Verdict::Compliant);
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let unknown = Role { privileges: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(&unknown), Verdict::Unknown(unread));
    }

    #[test]
    fn roles_that_aws_made_are_not_judged_and_names_like_theirs_are() {
        for role in [
            "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_AdministratorAccess_1",
            "AWSControlTowerExecution",
            "aws-controltower-AdministratorExecutionRole",
        ] {
            assert_eq!(judge(&admin(role)), Verdict::Compliant, "{role}");
        }
        for role in [
            "AWSReservedSSO_Admin",
            "OrganizationAccountAccessRole",
            "team/aws-reserved/x",
            "MyAWSControlTower",
        ] {
            assert!(matches!(judge(&admin(role)), Verdict::NonCompliant(_)), "{role}");
        }
    }
}
