use super::parameters::NoParameters;
use super::{Context, Proposal, Rule, Verdict, declare_rule};
use crate::facts::{InlinePolicy, User};
use crate::remedy::{Step, is_own_inline_policy};

declare_rule! {
    /// An inline policy on a user.
    ///
    /// ## What it checks
    ///
    /// Policies written into a user. Bailiff's own restrictions, which only deny, do not count; a policy that merely
    /// borrows their name does.
    ///
    /// ## Why it matters
    ///
    /// Permissions that sit in single users escape every review of groups and managed policies, and stay when the
    /// person's job changes.
    ///
    /// ## What is done about it
    ///
    /// Each inline policy is deleted, with its exact text kept in the journal, from where it can be put back byte
    /// for byte.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// The inline half of AWS Config managed rule `IAM_USER_NO_POLICIES_CHECK`; CIS AWS Foundations 3.0 1.15 and
    /// 5.0 1.14; Security Hub IAM.2.
    UserInlinePolicy {
        id: "user-inline-policy",
        severity: Medium,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: ["IAM_USER_NO_POLICIES_CHECK"],
        controls: ["CIS-3.0:1.15", "CIS-5.0:1.14", "SecurityHub:IAM.2"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [InlinePolicies],
        plan_needs: [],
        steps: [DeleteUserPolicy],
        remediator: RemoveUserPolicies,
    }
}

impl Rule for UserInlinePolicy {
    type Subject = User;
    type Params = NoParameters;
    type Finding = Vec<InlinePolicy>;

    fn evaluate(user: &User, _: &NoParameters, _: &Context) -> Verdict<Vec<InlinePolicy>> {
        match user.inline_policies.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(policies) => Verdict::of_each(policies, |policy| Ok(!is_own_inline_policy(policy))),
        }
    }

    fn annotate(policies: &Vec<InlinePolicy>, _: &NoParameters) -> String {
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        format!("inline policies: {}", names.join(", "))
    }

    fn plan(user: &User, policies: &Vec<InlinePolicy>, _: &NoParameters, _: &Context) -> Proposal {
        let steps = policies.iter().map(|policy| Step::DeleteUserPolicy {
            user: user.identity.clone(),
            policy: policy.name.clone(),
            document: policy.document.clone(),
        });
        Proposal { steps: steps.collect(), ..Proposal::default() }
    }
}
