use super::parameters::NoParameters;
use super::{Context, Proposal, Rule, Verdict, declare_rule};
use crate::facts::{AttachedPolicy, User};
use crate::remedy::Step;

declare_rule! {
    /// A managed policy attached to a user directly.
    ///
    /// ## What it checks
    ///
    /// Managed policies attached to a user instead of to a group it is in. Quarantine policies, AWS's and Bailiff's
    /// own, do not count: they only deny.
    ///
    /// ## Why it matters
    ///
    /// Permissions by group follow the job; permissions by user are forgotten when the job changes.
    ///
    /// ## What is done about it
    ///
    /// The policy is detached from the user. The policy itself, and its other attachments, stay as they are.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// The attached half of AWS Config managed rule `IAM_USER_NO_POLICIES_CHECK`; CIS AWS Foundations 3.0 1.15 and
    /// 5.0 1.14; Security Hub IAM.2.
    UserAttachedPolicy {
        id: "user-attached-policy",
        severity: Low,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: ["IAM_USER_NO_POLICIES_CHECK"],
        controls: ["CIS-3.0:1.15", "CIS-5.0:1.14", "SecurityHub:IAM.2"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [AttachedPolicies],
        plan_needs: [],
        steps: [DetachUserPolicy],
        remediator: RemoveUserPolicies,
    }
}

impl Rule for UserAttachedPolicy {
    type Subject = User;
    type Params = NoParameters;
    type Finding = Vec<AttachedPolicy>;

    fn evaluate(user: &User, _: &NoParameters, context: &Context) -> Verdict<Vec<AttachedPolicy>> {
        match user.attached_policies.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(policies) => Verdict::of_each(policies, |policy| {
                Ok(!policy.is_aws_quarantine() && policy.arn != context.quarantine_policy)
            }),
        }
    }

    fn annotate(policies: &Vec<AttachedPolicy>, _: &NoParameters) -> String {
        let names: Vec<&str> = policies.iter().map(|policy| policy.arn.name()).collect();
        format!("attached policies: {}", names.join(", "))
    }

    fn plan(user: &User, policies: &Vec<AttachedPolicy>, _: &NoParameters, _: &Context) -> Proposal {
        let steps = policies
            .iter()
            .map(|policy| Step::DetachUserPolicy { user: user.identity.clone(), policy: policy.arn.clone() });
        Proposal { steps: steps.collect(), ..Proposal::default() }
    }
}
