use crate::facts::{Group, InlinePolicy};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// An inline policy on a group.
    ///
    /// ## What it checks
    ///
    /// Policies written into a group, whatever they say.
    ///
    /// ## Why it matters
    ///
    /// Permissions that sit in single groups escape every review of managed policies, have no versions to go back to, and
    /// are copied, not shared.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: every member would lose what the policy allows, or be let do what it denies. A person makes a
    /// managed policy of the text (`aws iam get-group-policy`, `aws iam create-policy`), attaches it with
    /// `aws iam attach-group-policy`, and then deletes the inline one with `aws iam delete-group-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the group's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// The groups' part of AWS Config managed rule `IAM_NO_INLINE_POLICY_CHECK`; NIST SP 800-53 AC-6, least privilege.
    GroupInlinePolicy {
        id: "group-inline-policy",
        severity: Low,
        applies_to: [Group],
        triggers: [Change, Sweep],
        stands_for: ["IAM_NO_INLINE_POLICY_CHECK"],
        controls: ["NIST-800-53:AC-6"],
        journey: (Refinement, effort: Medium, benefit: Low),
        needs: [InlinePolicies],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for GroupInlinePolicy {
    type Subject = Group;
    type Params = NoParameters;
    type Finding = Vec<InlinePolicy>;

    fn evaluate(group: &Group, _: &NoParameters, _: &Context) -> Verdict<Vec<InlinePolicy>> {
        match group.inline_policies.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok([]) => Verdict::Compliant,
            Ok(policies) => Verdict::NonCompliant(policies.to_vec()),
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
    use crate::facts::fixture::{ALLOWS, DENIES, context, developers, inline, throttled};
    use crate::facts::{Fact, Read};

    fn judge(group: &Group) -> Verdict<Vec<InlinePolicy>> {
        GroupInlinePolicy::evaluate(group, &NoParameters {}, &context())
    }

    #[test]
    fn every_inline_policy_counts() {
        assert_eq!(judge(&developers()), Verdict::Compliant);
        let policies = vec![inline("s3", ALLOWS), inline("deny", DENIES)];
        let group = Group { inline_policies: Fact::Known(policies.clone()), ..developers() };
        assert_eq!(judge(&group), Verdict::NonCompliant(policies));
    }

    #[test]
    fn policies_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let group = Group { inline_policies: Fact::Unknown(unread.clone()), ..developers() };
        assert_eq!(judge(&group), Verdict::Unknown(unread));
    }

    #[test]
    fn says_their_names_and_never_their_text() {
        let policies = vec![inline("s3", ALLOWS), inline("ec2", ALLOWS)];
        assert_eq!(GroupInlinePolicy::annotate(&policies, &NoParameters {}), "inline policies: s3, ec2");
    }
}
