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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{QUARANTINE, alice, attached, context, many_attached, throttled};
    use crate::facts::{Fact, Read};

    fn judge(user: &User) -> Verdict<Vec<AttachedPolicy>> {
        UserAttachedPolicy::evaluate(user, &NoParameters {}, &context())
    }

    fn judge_one(policy: &str) -> Verdict<Vec<AttachedPolicy>> {
        judge(&alice().with_attached([attached(policy)]))
    }

    #[test]
    fn a_user_without_attached_policies_is_fine() {
        assert_eq!(judge(&alice()), Verdict::Compliant);
        assert_eq!(judge(&alice().with_attached([])), Verdict::Compliant);
    }

    #[test]
    fn attached_policies_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListAttachedUserPolicies);
        let user = User { attached_policies: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn every_attached_policy_is_detached_and_no_other() {
        let policies = [many_attached(3), vec![attached("arn:aws:iam::aws:policy/ReadOnlyAccess")]].concat();
        let user = alice().with_attached(policies.iter().cloned().chain([attached(QUARANTINE)]));
        assert_eq!(judge(&user), Verdict::NonCompliant(policies.clone()));
        let proposal = UserAttachedPolicy::plan(&user, &policies, &NoParameters {}, &context());
        let steps = policies
            .into_iter()
            .map(|policy| Step::DetachUserPolicy { user: user.identity.clone(), policy: policy.arn });
        assert_eq!(proposal, Proposal { steps: steps.collect(), ..Proposal::default() });
    }

    #[test]
    fn awss_quarantine_does_not_count_in_any_version_or_partition() {
        for policy in [
            "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine",
            "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2",
            "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
            "arn:aws:iam::aws:policy/AWSExposedCredentialPolicy_DO_NOT_REMOVE",
            "arn:aws-us-gov:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        ] {
            assert_eq!(judge_one(policy), Verdict::Compliant, "{policy}");
        }
    }

    #[test]
    fn the_deployments_own_quarantine_does_not_count() {
        assert_eq!(judge_one(QUARANTINE), Verdict::Compliant);
    }

    #[test]
    fn look_alikes_of_quarantine_policies_count() {
        for policy in [
            "arn:aws:iam::111122223333:policy/AWSCompromisedKeyQuarantineV3",
            "arn:aws:iam::111122223333:policy/AWSExposedCredentialPolicy_DO_NOT_REMOVE",
            "arn:aws:iam::aws:policy/MyAWSCompromisedKeyQuarantine",
            "arn:aws:iam::444455556666:policy/bailiff-quarantine",
            "arn:aws:iam::aws:policy/bailiff-quarantine",
            "arn:aws:iam::111122223333:policy/bailiff-quarantine2",
            "arn:aws:iam::111122223333:policy/Bailiff-Quarantine",
            "arn:aws:iam::111122223333:policy/team/bailiff-quarantine",
            "arn:aws-cn:iam::111122223333:policy/bailiff-quarantine",
        ] {
            assert_eq!(judge_one(policy), Verdict::NonCompliant(vec![attached(policy)]), "{policy}");
        }
    }

    #[test]
    fn says_their_names() {
        let policies = vec![attached("arn:aws:iam::aws:policy/job-function/Billing"), attached(QUARANTINE)];
        assert_eq!(
            UserAttachedPolicy::annotate(&policies, &NoParameters {}),
            "attached policies: Billing, bailiff-quarantine"
        );
    }
}
