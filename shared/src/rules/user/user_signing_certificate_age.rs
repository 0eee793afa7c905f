use super::other_credentials::{deactivate, labels, too_old};
use crate::facts::{OtherCredential, User};
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An active signing certificate older than the limit.
    ///
    /// ## What it checks
    ///
    /// Active X.509 signing certificates that were uploaded longer than `maxCredentialAge` (90 days by default) ago.
    ///
    /// The credential report tells of them, with the date on which each was uploaded or last switched on. Where that
    /// leaves the verdict open, and of the few users who have one only, they are listed with one call.
    ///
    /// ## Why it matters
    ///
    /// A signing certificate signs requests to the SOAP interfaces of old, which hardly anybody uses any more. One that
    /// is still there is mostly forgotten, and as good as a key to whoever finds its private half.
    ///
    /// ## What is done about it
    ///
    /// The certificate is switched off, not deleted, and can be switched on again as it was. Who still needs one uploads
    /// another with `aws iam upload-signing-certificate`, best before this rule is enforced.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 IA-5, which asks that authenticators be changed from time to time; IAM User Guide, "Getting
    /// credential reports". AWS has no check for it.
    UserSigningCertificateAge {
        id: "user-signing-certificate-age",
        severity: Low,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-5"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [SigningCertificates],
        plan_needs: [],
        steps: [UpdateSigningCertificate],
        remediator: DeactivateOtherCredentials,
    }
}

declare_parameters! {
    /// The oldest a signing certificate may be.
    "maxCredentialAge" => max_credential_age: Threshold = 90,
}

impl Rule for UserSigningCertificateAge {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<OtherCredential>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<OtherCredential>> {
        too_old(&user.signing_certificates, params.max_credential_age.duration(), context.at)
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
    use crate::facts::fixture::{alice, context, credential_id, days, just_over, other, throttled};
    use crate::facts::{Fact, OtherCredentialKind, Read, WhyUnread};
    use crate::remedy::Step;

    const KIND: OtherCredentialKind = OtherCredentialKind::SigningCertificate;

    fn judge(user: &User) -> Verdict<Vec<OtherCredential>> {
        UserSigningCertificateAge::evaluate(user, &Params::default(), &context())
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
        let user = User { signing_certificates: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn the_reports_bounds_settle_it_where_they_can() {
        let reported =
            |born, rotated| judge(&alice().with_others([other(KIND, 'A', born).reported(born, rotated)]));
        assert!(matches!(reported(days(900), just_over(90)), Verdict::NonCompliant(_)));
        assert_eq!(reported(days(90), days(1)), Verdict::Compliant);
        match reported(days(900), days(90)) {
            Verdict::Unknown(unread) => {
                assert_eq!((unread.read, unread.why), (Read::ListSigningCertificates, WhyUnread::NotRead));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_its_id_nothing_is_planned() {
        let nameless = other(KIND, 'A', days(900)).reported(days(900), days(900));
        let user = alice().with_others([nameless.clone()]);
        let proposal =
            UserSigningCertificateAge::plan(&user, &vec![nameless], &Params::default(), &context());
        assert_eq!((proposal.steps.len(), proposal.unknown.len()), (0, 1));
    }

    #[test]
    fn just_the_old_one_is_switched_off() {
        let old = other(KIND, 'A', just_over(90));
        let user = alice().with_others([other(KIND, 'B', days(1)), old.clone()]);
        let step =
            Step::DeactivateCredential { user: alice().identity, kind: KIND, credential: credential_id('A') };
        let proposal = UserSigningCertificateAge::plan(&user, &vec![old], &Params::default(), &context());
        assert_eq!(proposal, Proposal { steps: vec![step], ..Proposal::default() });
    }

    #[test]
    fn says_which_and_how_old() {
        let said =
            UserSigningCertificateAge::annotate(&vec![other(KIND, 'A', days(900))], &Params::default());
        assert_eq!(said, "older than 90 days: signing certificate …AAAA");
    }
}
