use crate::facts::{Entity, Role};
use crate::identifier::Arn;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule, is_same_policy};

declare_rule! {
    /// A role without a required policy.
    ///
    /// ## What it checks
    ///
    /// Whether every policy in `managedPolicyArns` is attached to each role: a baseline of denies, say. Without any,
    /// which is the default, every role is fine. A policy of AWS's is the same in each partition, however its ARN is
    /// written. Roles that belong to an AWS service, and those that IAM Identity Center made, are not judged: nobody can
    /// change them.
    ///
    /// ## Why it matters
    ///
    /// A baseline that one role lacks is the way round it.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: to attach a policy gives or takes something, and this rule does not know which. A person does it
    /// with `aws iam attach-role-policy --role-name … --policy-arn …`, or in the template that made the role.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_ROLE_MANAGED_POLICY_CHECK`, whose parameter name is accepted; NIST SP 800-53 CM-6,
    /// configuration settings.
    RoleRequiredPolicy {
        id: "role-required-policy",
        severity: Medium,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: ["IAM_ROLE_MANAGED_POLICY_CHECK"],
        controls: ["NIST-800-53:CM-6"],
        journey: (Refinement, effort: Medium, benefit: Medium),
        needs: [AttachedPolicies],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// ARNs of the policies that every role must have.
    "managedPolicyArns" => managed_policy_arns: PolicyArns = [],
}

impl Rule for RoleRequiredPolicy {
    type Subject = Role;
    type Params = Params;
    type Finding = Vec<Arn>;

    fn evaluate(role: &Role, params: &Params, _: &Context) -> Verdict<Vec<Arn>> {
        if params.managed_policy_arns.is_empty() || Entity::from(role.clone()).is_made_by_aws() {
            return Verdict::Compliant;
        }
        let attached = match role.attached_policies.list() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(attached) => attached,
        };
        let lacks = |required: &&Arn| !attached.iter().any(|policy| is_same_policy(required, &policy.arn));
        let missing: Vec<Arn> = params.managed_policy_arns.iter().filter(lacks).cloned().collect();
        if missing.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(missing) }
    }

    fn annotate(missing: &Vec<Arn>, _: &Params) -> String {
        let names: Vec<&str> = missing.iter().map(Arn::name).collect();
        format!("required policies not attached: {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{arn, attached, context, deployer, throttled};
    use crate::facts::{Fact, Read, RoleIdentity};
    use crate::rules::Parameters;

    const OURS: &str = "arn:aws:iam::111122223333:policy/baseline";
    const AWS: &str = "arn:aws:iam::aws:policy/AWSDenyAll";

    fn judge(role: &Role) -> Verdict<Vec<Arn>> {
        let params = Params::read(&json!({ "managedPolicyArns": format!("{OURS},{AWS}") })).unwrap();
        RoleRequiredPolicy::evaluate(role, &params, &context())
    }

    fn with(policies: &[&str]) -> Role {
        let policies = policies.iter().map(|policy| attached(policy)).collect();
        Role { attached_policies: Fact::Known(policies), ..deployer() }
    }

    #[test]
    fn every_required_policy_must_be_attached() {
        assert_eq!(judge(&with(&[OURS, AWS])), Verdict::Compliant);
        assert_eq!(judge(&with(&[OURS, "arn:aws-cn:iam::aws:policy/AWSDenyAll"])), Verdict::Compliant);
        assert_eq!(judge(&with(&[AWS])), Verdict::NonCompliant(vec![arn(OURS)]));
        assert_eq!(judge(&deployer()), Verdict::NonCompliant(vec![arn(OURS), arn(AWS)]));
    }

    #[test]
    fn without_a_required_policy_every_role_is_fine() {
        let verdict = RoleRequiredPolicy::evaluate(&deployer(), &Params::default(), &context());
        assert_eq!(verdict, Verdict::Compliant);
    }

    #[test]
    fn policies_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListAttachedRolePolicies);
        let role = Role { attached_policies: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(&role), Verdict::Unknown(unread));
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/x");
        let role = Role { identity: RoleIdentity { arn, ..deployer().identity }, ..deployer() };
        assert_eq!(judge(&role), Verdict::Compliant);
    }

    #[test]
    fn says_which_are_missing() {
        let said = RoleRequiredPolicy::annotate(&vec![arn(OURS), arn(AWS)], &Params::default());
        assert_eq!(said, "required policies not attached: baseline, AWSDenyAll");
    }
}
