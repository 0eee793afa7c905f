use crate::facts::{Entity, InlinePolicy, Role};
use crate::remedy::is_own_inline_policy;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// An inline policy on a role.
    ///
    /// ## What it checks
    ///
    /// Policies written into a role. Bailiff's own restrictions, which only deny, do not count; a policy that merely borrows
    /// their name does. Roles that belong to an AWS service, and those that IAM Identity Center made, are not judged: nobody
    /// can change them.
    ///
    /// ## Why it matters
    ///
    /// Permissions that sit in single roles escape every review of managed policies, have no versions to go back to, and
    /// are copied, not shared.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a role's work stops without its permissions, and most inline policies of roles are written by a
    /// template that would write them again. A person makes a managed policy of the text (`aws iam get-role-policy`,
    /// `aws iam create-policy`), attaches it with `aws iam attach-role-policy`, and then deletes the inline one with
    /// `aws iam delete-role-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// The roles' part of AWS Config managed rule `IAM_NO_INLINE_POLICY_CHECK`; NIST SP 800-53 AC-6, least privilege.
    RoleInlinePolicy {
        id: "role-inline-policy",
        severity: Low,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: ["IAM_NO_INLINE_POLICY_CHECK"],
        controls: ["NIST-800-53:AC-6"],
        journey: (Refinement, effort: High, benefit: Low),
        needs: [InlinePolicies],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for RoleInlinePolicy {
    type Subject = Role;
    type Params = NoParameters;
    type Finding = Vec<InlinePolicy>;

    fn evaluate(role: &Role, _: &NoParameters, _: &Context) -> Verdict<Vec<InlinePolicy>> {
        if Entity::from(role.clone()).is_made_by_aws() {
            return Verdict::Compliant;
        }
        match role.inline_policies.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(policies) => Verdict::of_each(policies, |policy| Ok(!is_own_inline_policy(policy))),
        }
    }

    fn annotate(policies: &Vec<InlinePolicy>, _: &NoParameters) -> String {
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        format!("inline policies: {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{
        ALLOWS, DENIES, arn, attached, context, deployer, inline, many_attached, throttled,
    };
    use crate::facts::{Fact, Read, RoleIdentity};
    use crate::remedy::{QUARANTINE_INLINE_POLICY, Step, suspend_role};

    fn judge(role: &Role) -> Verdict<Vec<InlinePolicy>> {
        RoleInlinePolicy::evaluate(role, &NoParameters {}, &context())
    }

    fn with(policies: Vec<InlinePolicy>) -> Role {
        Role { inline_policies: Fact::Known(policies), ..deployer() }
    }

    #[test]
    fn every_inline_policy_counts_also_one_that_only_denies() {
        assert_eq!(judge(&deployer()), Verdict::Compliant);
        let attached_only = Role {
            attached_policies: Fact::Known(vec![attached("arn:aws:iam::aws:policy/ReadOnlyAccess")]),
            ..deployer()
        };
        assert_eq!(judge(&attached_only), Verdict::Compliant);
        let policies = vec![inline("s3", ALLOWS), inline("deny", DENIES)];
        assert_eq!(judge(&with(policies.clone())), Verdict::NonCompliant(policies));
    }

    #[test]
    fn our_own_restriction_does_not_count_and_what_borrows_its_name_does() {
        let full = Role { attached_policies: Fact::Known(many_attached(10)), ..deployer() };
        let steps = suspend_role(&full, &context()).steps;
        let Some(Step::PutRolePolicy { policy, document, .. }) = steps.first() else { panic!("{steps:?}") };
        let own = InlinePolicy { name: policy.clone(), document: document.clone() };
        assert_eq!(judge(&with(vec![own])), Verdict::Compliant);
        let borrowed = inline(QUARANTINE_INLINE_POLICY, ALLOWS);
        assert_eq!(judge(&with(vec![borrowed.clone()])), Verdict::NonCompliant(vec![borrowed]));
    }

    #[test]
    fn policies_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListRolePolicies);
        let role = Role { inline_policies: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(&role), Verdict::Unknown(unread));
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x");
        let identity = RoleIdentity { arn, ..deployer().identity };
        assert_eq!(judge(&Role { identity, ..with(vec![inline("s3", ALLOWS)]) }), Verdict::Compliant);
    }

    #[test]
    fn says_their_names_and_never_their_text() {
        let policies = vec![inline("s3", ALLOWS), inline("ec2", ALLOWS)];
        assert_eq!(RoleInlinePolicy::annotate(&policies, &NoParameters {}), "inline policies: s3, ec2");
    }
}
