use crate::facts::{AccessKey, AttachedPolicy, User};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A user whom AWS quarantined and who still has an active key.
    ///
    /// ## What it checks
    ///
    /// Users with an active access key to whom AWS attached one of its own quarantine policies
    /// (`AWSCompromisedKeyQuarantine…`), as it does when it finds a key in public.
    ///
    /// ## Why it matters
    ///
    /// AWS's quarantine denies some actions and leaves many: it slows an attacker down and stops nobody.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: the policy does not say which key it was, and the one that is active may be its replacement. The
    /// key that AWS Health names is switched off by `access-key-exposed`. Rotate what is left, and detach AWS's policy by
    /// hand once nothing exposed is active.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN, until the quarantine is lifted.
    ///
    /// ## References
    ///
    /// AWS Managed Policy Reference Guide, `AWSCompromisedKeyQuarantineV3`.
    UserQuarantinedByAws {
        id: "user-quarantined-by-aws",
        severity: Critical,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IR-4"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [AccessKeys, AttachedPolicies],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for UserQuarantinedByAws {
    type Subject = User;
    type Params = NoParameters;
    type Finding = usize;

    fn evaluate(user: &User, _: &NoParameters, _: &Context) -> Verdict<usize> {
        match user.attached_policies.list() {
            Ok(attached) if attached.iter().any(AttachedPolicy::is_aws_quarantine) => {}
            Ok(_) => return Verdict::Compliant,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        }
        match user.access_keys.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(keys) => match keys.iter().filter(|key| AccessKey::is_active(key)).count() {
                0 => Verdict::Compliant,
                active => Verdict::NonCompliant(active),
            },
        }
    }

    fn annotate(active: &usize, _: &NoParameters) -> String {
        let keys = if *active == 1 { "one active key".to_owned() } else { format!("{active} active keys") };
        format!("AWS quarantined the user for an exposed access key, and it has {keys}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, attached, context, days, key, throttled};
    use crate::facts::{Fact, Read};

    fn judge(user: &User) -> Verdict<usize> {
        UserQuarantinedByAws::evaluate(user, &NoParameters::default(), &context())
    }

    fn quarantined(user: User) -> User {
        user.with_attached([attached("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3")])
    }

    #[test]
    fn whoever_is_quarantined_and_has_an_active_key_is_found() {
        let user = alice().with_keys([key('A', days(1)), key('B', days(9)).inactive()]);
        assert_eq!(judge(&quarantined(user.clone())), Verdict::NonCompliant(1));
        assert_eq!(judge(&user), Verdict::Compliant);
        assert_eq!(
            judge(&quarantined(alice().with_keys([key('A', days(1)).inactive()]))),
            Verdict::Compliant
        );
        // Anybody may give a policy of their own that name.
        let own = attached("arn:aws:iam::111122223333:policy/AWSCompromisedKeyQuarantineV3");
        assert_eq!(judge(&user.with_attached([own])), Verdict::Compliant);
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let unread = throttled(Read::ListAttachedUserPolicies);
        let user = User { attached_policies: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..quarantined(alice()) };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }
}
