use super::other_credentials::{deactivate, labels, too_old};
use crate::facts::{Fact, OtherCredential, User, WhyUnread};
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An active SSH public key older than the limit.
    ///
    /// ## What it checks
    ///
    /// Active SSH public keys, with which users reach CodeCommit, that were uploaded longer than `maxCredentialAge` (90
    /// days by default) ago.
    ///
    /// No bulk read tells of these keys, so users are asked for theirs with one call each: 5,000 calls for 5,000 users,
    /// some five minutes of what IAM takes before it throttles, where the sweep has fifteen. That is the first sweep; one
    /// that is cut off leaves what it has learnt to the next.
    /// Who had none is remembered and not asked again for `maxCredentialAge`, because a key of theirs could not be too
    /// old before; who has some is asked each time. Where nobody uses CodeCommit, turn the rule off.
    ///
    /// ## Why it matters
    ///
    /// The private half lies in a file on somebody's laptop, with nothing to end it. IAM does not tell when it was last
    /// used, so its age is all there is to go by.
    ///
    /// ## What is done about it
    ///
    /// The key is switched off, not deleted, and can be switched on again as it was. Who still needs it uploads a new one
    /// with `aws iam upload-ssh-public-key`, best before this rule is enforced.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 IA-5, which asks that authenticators be changed from time to time; IAM User Guide, "Use IAM with
    /// CodeCommit". AWS has no check for it: these keys are not in the credential report.
    UserSshKeyAge {
        id: "user-ssh-key-age",
        severity: Low,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-5"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [SshPublicKeys],
        plan_needs: [],
        steps: [UpdateSshPublicKey],
        remediator: DeactivateOtherCredentials,
    }
}

declare_parameters! {
    /// The oldest an SSH public key may be.
    "maxCredentialAge" => max_credential_age: Threshold = 90,
}

impl Rule for UserSshKeyAge {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<OtherCredential>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<OtherCredential>> {
        let limit = params.max_credential_age.duration();
        match (&user.ssh_public_keys, user.no_ssh_public_key_at) {
            // Whatever was uploaded since is not too old yet.
            (Fact::Unknown(unread), Some(none_at))
                if unread.why == WhyUnread::NotRead && context.at.duration_since(none_at) <= limit =>
            {
                Verdict::Compliant
            }
            (keys, _) => too_old(keys, limit, context.at),
        }
    }

    fn annotate(found: &Vec<OtherCredential>, params: &Params) -> String {
        format!("older than {}: {}", params.max_credential_age, labels(found))
    }

    fn plan(user: &User, found: &Vec<OtherCredential>, _: &Params, _: &Context) -> Proposal {
        deactivate(user, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{ago, alice, context, credential_id, days, just_over, other, throttled};
    use crate::facts::{OtherCredentialKind, Read};
    use crate::remedy::Step;

    const KIND: OtherCredentialKind = OtherCredentialKind::SshPublicKey;

    fn judge(user: &User) -> Verdict<Vec<OtherCredential>> {
        UserSshKeyAge::evaluate(user, &Params::default(), &context())
    }

    #[test]
    fn one_may_be_ninety_days_old_and_not_a_second_older() {
        assert_eq!(judge(&alice()), Verdict::Compliant);
        assert_eq!(judge(&alice().with_others([other(KIND, 'A', days(90))])), Verdict::Compliant);
        let old = other(KIND, 'A', just_over(90));
        let user = alice().with_others([other(KIND, 'B', days(1)), old.clone()]);
        assert_eq!(judge(&user), Verdict::NonCompliant(vec![old]));
    }

    #[test]
    fn one_that_is_switched_off_does_not_count_and_neither_do_other_kinds() {
        let off = alice().with_others([other(KIND, 'A', days(900)).inactive()]);
        assert_eq!(judge(&off), Verdict::Compliant);
        let others = OtherCredentialKind::ALL.into_iter().filter(|kind| *kind != KIND);
        let user = alice().with_others(others.map(|kind| other(kind, 'A', days(900))));
        assert_eq!(judge(&user), Verdict::Compliant);
    }

    #[test]
    fn what_could_not_be_listed_is_unknown() {
        let unread = throttled(Read::GetUser);
        let user = User { ssh_public_keys: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn one_seen_without_any_key_need_not_be_asked_before_such_could_be_too_old() {
        let seen = |age| User {
            ssh_public_keys: Fact::not_read(Read::ListSshPublicKeys),
            no_ssh_public_key_at: Some(ago(age)),
            ..alice()
        };
        assert_eq!(judge(&seen(days(90))), Verdict::Compliant);
        match judge(&seen(just_over(90))) {
            Verdict::Unknown(unread) => assert_eq!(unread.why, WhyUnread::NotRead),
            other => panic!("{other:?}"),
        }
        // What was read by now says more, and so does that it could not be read.
        let old = alice().with_others([other(KIND, 'A', days(900))]);
        let old = User { no_ssh_public_key_at: Some(ago(days(1))), ..old };
        assert!(matches!(judge(&old), Verdict::NonCompliant(_)));
        let unread = throttled(Read::ListSshPublicKeys);
        let failed = User { ssh_public_keys: Fact::Unknown(unread.clone()), ..seen(days(1)) };
        assert_eq!(judge(&failed), Verdict::Unknown(unread));
    }

    #[test]
    fn just_the_old_one_is_switched_off() {
        let old = other(KIND, 'A', just_over(90));
        let user = alice().with_others([other(KIND, 'B', days(1)), old.clone()]);
        let step =
            Step::DeactivateCredential { user: alice().identity, kind: KIND, credential: credential_id('A') };
        let proposal = UserSshKeyAge::plan(&user, &vec![old], &Params::default(), &context());
        assert_eq!(proposal, Proposal { steps: vec![step], ..Proposal::default() });
    }

    #[test]
    fn says_which_and_how_old() {
        let said = UserSshKeyAge::annotate(&vec![other(KIND, 'A', days(900))], &Params::default());
        assert_eq!(said, "older than 90 days: SSH public key …AAAA");
    }
}
