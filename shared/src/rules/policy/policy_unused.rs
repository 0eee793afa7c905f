use crate::facts::{ManagedPolicy, Unread};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A customer managed policy that nobody has.
    ///
    /// ## What it checks
    ///
    /// Customer managed policies that are attached to no user, group or role and are nobody's permissions boundary. A
    /// policy that is new has `newPolicyGracePeriod` (7 days by default) to find its use. Bailiff's own quarantine policy,
    /// which waits for its use, is not judged.
    ///
    /// ## Why it matters
    ///
    /// Nobody looks after it, and one call attaches it. An attacker who may attach policies takes one that is there: making
    /// one would be seen.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a policy deleted is gone with all its versions, and its ARN may be named in a permission set or a
    /// template. A person keeps the text (`aws iam get-policy-version`) and deletes it: the versions that are not in force
    /// first, with `aws iam delete-policy-version`, then `aws iam delete-policy --policy-arn …`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 AC-6(7), review of user privileges. No rule of AWS Config checks this; `IAM_POLICY_IN_USE` asks for
    /// one policy that must be used.
    PolicyUnused {
        id: "policy-unused",
        severity: Low,
        applies_to: [Policy],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-6(7)"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [PolicyAttachments],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// How long a new policy may be without use.
    "newPolicyGracePeriod" => new_policy_grace_period: Days = 7,
}

impl Rule for PolicyUnused {
    type Subject = ManagedPolicy;
    type Params = Params;
    type Finding = ();

    fn evaluate(policy: &ManagedPolicy, params: &Params, context: &Context) -> Verdict<()> {
        if policy.identity.arn == context.quarantine_policy {
            return Verdict::Compliant;
        }
        let grace = params.new_policy_grace_period.duration();
        let new = policy
            .created
            .known()
            .map(|created| created.is_some_and(|created| context.at.duration_since(*created) <= grace));
        let used =
            [&policy.attachments, &policy.bounds].map(|count| count.known().map(Option::<&u64>::copied));
        let is_used = used.iter().any(|count| matches!(count, Ok(Some(count)) if *count > 0));
        if is_used || new == Ok(true) {
            return Verdict::Compliant;
        }
        let unread: Option<&Unread> = used.iter().find_map(|count| count.as_ref().err().copied());
        match unread.or(new.err()) {
            Some(unread) => Verdict::Unknown(unread.clone()),
            None => Verdict::NonCompliant(()),
        }
    }

    fn annotate((): &(), _: &Params) -> String {
        "it is attached to nobody and is nobody's boundary".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::{
        ALLOWS, QUARANTINE, ago, arn, context, customer_policy, days, just_over, throttled,
    };
    use crate::facts::{Fact, PolicyIdentity, Read};

    fn judge(policy: &ManagedPolicy) -> Verdict<()> {
        PolicyUnused::evaluate(policy, &Params::default(), &context())
    }

    fn unused(age: SignedDuration) -> ManagedPolicy {
        ManagedPolicy {
            created: Fact::Known(ago(age)),
            attachments: Fact::Known(0),
            bounds: Fact::Known(0),
            ..customer_policy(ALLOWS)
        }
    }

    #[test]
    fn attached_or_a_boundary_is_used() {
        assert_eq!(
            judge(&ManagedPolicy { attachments: Fact::Known(1), ..unused(days(900)) }),
            Verdict::Compliant
        );
        assert_eq!(judge(&ManagedPolicy { bounds: Fact::Known(1), ..unused(days(900)) }), Verdict::Compliant);
        assert_eq!(judge(&unused(days(900))), Verdict::NonCompliant(()));
    }

    #[test]
    fn a_new_policy_has_seven_days_and_not_a_second_longer() {
        assert_eq!(judge(&unused(days(7))), Verdict::Compliant);
        assert_eq!(judge(&unused(just_over(7))), Verdict::NonCompliant(()));
    }

    #[test]
    fn what_is_not_known_is_unknown_unless_the_rest_settles_it() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let unknown = || Fact::Unknown(unread.clone());
        let bounds_unknown = ManagedPolicy { bounds: unknown(), ..unused(days(900)) };
        assert_eq!(judge(&bounds_unknown), Verdict::Unknown(unread.clone()));
        assert_eq!(
            judge(&ManagedPolicy { attachments: Fact::Known(1), ..bounds_unknown }),
            Verdict::Compliant
        );
        let age_unknown = ManagedPolicy { created: Fact::Unknown(unread.clone()), ..unused(days(900)) };
        assert_eq!(judge(&age_unknown), Verdict::Unknown(unread.clone()));
        assert_eq!(judge(&ManagedPolicy { attachments: unknown(), ..unused(days(1)) }), Verdict::Compliant);
    }

    #[test]
    fn our_own_quarantine_policy_waits_for_its_use() {
        let identity = PolicyIdentity { arn: arn(QUARANTINE), ..unused(days(1)).identity };
        assert_eq!(judge(&ManagedPolicy { identity, ..unused(days(900)) }), Verdict::Compliant);
    }

    #[test]
    fn says_that_nobody_has_it() {
        assert_eq!(
            PolicyUnused::annotate(&(), &Params::default()),
            "it is attached to nobody and is nobody's boundary"
        );
    }
}
