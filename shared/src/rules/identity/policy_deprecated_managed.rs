use crate::facts::{AttachedPolicy, Resource};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

mod deprecated;

use deprecated::deprecated;

declare_rule! {
    /// A deprecated policy of AWS that is still attached.
    ///
    /// ## What it checks
    ///
    /// AWS's managed policies attached to each user, group and role: whether AWS has deprecated one. AWS lists them no
    /// more, and whoever takes one off cannot attach it again. The list is of November 2026, with sources in
    /// `shared/src/rules/identity/policy_deprecated_managed/deprecated.rs`. Roles that belong to an AWS service, and those
    /// that IAM Identity Center made, are not judged.
    ///
    /// ## Why it matters
    ///
    /// AWS deprecates a policy where it had to take something out and could not without breaking somebody:
    /// `AWSLambdaFullAccess` and `AWSElasticBeanstalkFullAccess` lead to administrator. Whoever still has it has that, too.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: the replacement allows something else, and taking the policy off cannot be undone. A person
    /// attaches the replacement, if there is one, sees that all still works, and detaches the old one with
    /// `aws iam detach-user-policy`, `detach-group-policy` or `detach-role-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's or role's ARN, or a group's as its `resource`.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Deprecated AWS managed policies"; NIST SP 800-53 SA-22, unsupported system components. No rule of
    /// AWS Config checks this.
    PolicyDeprecatedManaged {
        id: "policy-deprecated-managed",
        severity: Medium,
        applies_to: [User, Group, Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:SA-22"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [AttachedPolicies],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for PolicyDeprecatedManaged {
    type Subject = Resource;
    type Params = NoParameters;
    type Finding = Vec<AttachedPolicy>;

    fn evaluate(resource: &Resource, _: &NoParameters, _: &Context) -> Verdict<Vec<AttachedPolicy>> {
        let Some(attached) = resource.attached_policies() else { return Verdict::Compliant };
        if resource.is_made_by_aws() {
            return Verdict::Compliant;
        }
        match attached.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(policies) => Verdict::of_each(policies, |policy| Ok(deprecated(&policy.arn).is_some())),
        }
    }

    fn annotate(policies: &Vec<AttachedPolicy>, _: &NoParameters) -> String {
        let named =
            policies.iter().map(|policy| match deprecated(&policy.arn).and_then(|entry| entry.replacement) {
                Some(replacement) => format!("{} (now {replacement})", policy.arn.name()),
                None => policy.arn.name().to_owned(),
            });
        format!("deprecated policies: {}", named.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, arn, attached, context, deployer, developers, throttled};
    use crate::facts::{Fact, Group, Read, Role, RoleIdentity};

    const OLD: &str = "arn:aws:iam::aws:policy/AWSLambdaFullAccess";

    fn judge(resource: impl Into<Resource>) -> Verdict<Vec<AttachedPolicy>> {
        PolicyDeprecatedManaged::evaluate(&resource.into(), &NoParameters {}, &context())
    }

    #[test]
    fn a_deprecated_policy_counts_on_users_groups_and_roles_in_each_partition() {
        let broken = Verdict::NonCompliant(vec![attached(OLD)]);
        assert_eq!(judge(alice().with_attached([attached(OLD)])), broken);
        let policies = Fact::Known(vec![attached(OLD)]);
        assert_eq!(judge(Group { attached_policies: policies.clone(), ..developers() }), broken);
        assert_eq!(judge(Role { attached_policies: policies, ..deployer() }), broken);
        let in_china = attached("arn:aws-cn:iam::aws:policy/AWSLambdaFullAccess");
        assert!(matches!(judge(alice().with_attached([in_china])), Verdict::NonCompliant(_)));
        let under_a_path = attached("arn:aws:iam::aws:policy/service-role/AWSOpsWorksRole");
        assert!(matches!(judge(alice().with_attached([under_a_path])), Verdict::NonCompliant(_)));
    }

    #[test]
    fn a_current_policy_and_a_customers_of_the_same_name_are_fine() {
        for policy in [
            "arn:aws:iam::aws:policy/AWSLambda_FullAccess",
            "arn:aws:iam::111122223333:policy/AWSLambdaFullAccess",
        ] {
            assert_eq!(judge(alice().with_attached([attached(policy)])), Verdict::Compliant, "{policy}");
        }
    }

    #[test]
    fn policies_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListAttachedRolePolicies);
        let role = Role { attached_policies: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(role), Verdict::Unknown(unread));
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-service-role/ops.amazonaws.com/x");
        let role = Role {
            identity: RoleIdentity { arn, ..deployer().identity },
            attached_policies: Fact::Known(vec![attached(OLD)]),
            ..deployer()
        };
        assert_eq!(judge(role), Verdict::Compliant);
    }

    #[test]
    fn says_which_and_what_to_use_instead() {
        let policies = vec![attached(OLD), attached("arn:aws:iam::aws:policy/TagGovernancePolicy")];
        assert_eq!(
            PolicyDeprecatedManaged::annotate(&policies, &NoParameters {}),
            "deprecated policies: AWSLambdaFullAccess (now AWSLambda_FullAccess), TagGovernancePolicy"
        );
    }
}
