use crate::facts::{AttachedPolicy, User};
use crate::remedy::Step;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

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
    /// The policy is detached from the user. The policy itself, and its other attachments, stay as they are. A policy
    /// that only denies, `AWSDenyAll` among them, may be somebody's containment of the user: it is left to people.
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
        plan_needs: [AttachedPolicyTexts],
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
        let mut proposal = Proposal::default();
        for policy in policies {
            match user.is_restricted_by(policy) {
                Ok(false) => proposal
                    .steps
                    .push(Step::DetachUserPolicy { user: user.identity.clone(), policy: policy.arn.clone() }),
                Ok(true) => proposal.left.push(format!(
                    "{} only denies: detach it yourself if it contains nobody any more",
                    policy.arn.name()
                )),
                Err(unread) => proposal.unknown.push(unread),
            }
        }
        proposal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{
        ALLOWS, DENIES, QUARANTINE, alice, attached, context, many_attached, throttled,
    };
    use crate::facts::{Fact, Read};
    use crate::policy::PolicyDocument;

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
    fn what_only_denies_may_contain_somebody_and_is_left_to_people() {
        let contained = |policy: &str, text: &str| {
            let user = alice().with_attached([attached(policy)]);
            let texts = [(attached(policy).arn, PolicyDocument::new(text))].into();
            let user = User { policy_texts: Fact::Known(texts), ..user };
            let found = match judge(&user) {
                Verdict::NonCompliant(found) => found,
                other => panic!("{policy}: {other:?}"),
            };
            UserAttachedPolicy::plan(&user, &found, &NoParameters {}, &context())
        };
        let own = "arn:aws:iam::111122223333:policy/ir-2231";
        for (policy, text) in [("arn:aws:iam::aws:policy/AWSDenyAll", ALLOWS), (own, DENIES)] {
            let proposal = contained(policy, text);
            assert_eq!((proposal.steps.len(), proposal.left.len()), (0, 1), "{policy}");
        }
        for text in [ALLOWS, "{broken", r#"{"Version":"2012-10-17","Statement":[]}"#] {
            assert_eq!(contained(own, text).steps.len(), 1, "{text}");
        }
    }

    #[test]
    fn what_a_policy_says_must_be_known_before_it_is_detached() {
        let unread = throttled(Read::GetPolicyVersion);
        let user = alice().with_attached(many_attached(1));
        let user = User { policy_texts: Fact::Unknown(unread.clone()), ..user };
        let proposal = UserAttachedPolicy::plan(&user, &many_attached(1), &NoParameters {}, &context());
        assert_eq!(proposal, Proposal { unknown: vec![unread], ..Proposal::default() });
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
