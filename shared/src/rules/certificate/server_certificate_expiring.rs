use jiff::Timestamp;

use crate::facts::ServerCertificate;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A server certificate that is about to expire.
    ///
    /// ## What it checks
    ///
    /// Server certificates that IAM keeps and that are valid for `daysToExpiration` (30 days by default) or less. Those
    /// that have expired already are for `server-certificate-expired`.
    ///
    /// ## Why it matters
    ///
    /// IAM renews nothing. The day a certificate expires, whoever calls the load balancer it stands on is turned away.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only a certificate authority can issue the next one. A person moves the load balancer to AWS
    /// Certificate Manager, which renews its own, or uploads the next: `aws iam upload-server-certificate
    /// --server-certificate-name … --certificate-body … --private-key …`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the certificate's ARN.
    ///
    /// ## References
    ///
    /// NIST SP 800-53 SC-17, public key infrastructure certificates. AWS's managed rule for IAM's certificates finds
    /// those alone that have expired.
    ServerCertificateExpiring {
        id: "server-certificate-expiring",
        severity: Medium,
        applies_to: [ServerCertificate],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:SC-17"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [ServerCertificates],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// How long before its expiry a certificate must be replaced.
    "daysToExpiration" => days_to_expiration: Threshold = 30,
}

impl Rule for ServerCertificateExpiring {
    type Subject = ServerCertificate;
    type Params = Params;
    type Finding = Timestamp;

    fn evaluate(certificate: &ServerCertificate, params: &Params, context: &Context) -> Verdict<Timestamp> {
        match certificate.expires.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(expires))
                if *expires >= context.at
                    && expires.duration_since(context.at) <= params.days_to_expiration.duration() =>
            {
                Verdict::NonCompliant(*expires)
            }
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate(expires: &Timestamp, params: &Params) -> String {
        format!("it expires on {}, in {} or less", expires.strftime("%Y-%m-%d"), params.days_to_expiration)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::{ago, certificate, context, days, just_over, throttled};
    use crate::facts::{Fact, Read};

    fn judge(left: SignedDuration) -> Verdict<()> {
        let certificate = ServerCertificate { expires: Fact::Known(ago(-left)), ..certificate() };
        ServerCertificateExpiring::evaluate(&certificate, &Params::default(), &context()).map(|_| ())
    }

    #[test]
    fn thirty_days_are_too_few_and_a_second_more_is_enough() {
        assert_eq!(judge(days(30)), Verdict::NonCompliant(()));
        assert_eq!(judge(just_over(30)), Verdict::Compliant);
    }

    #[test]
    fn what_has_expired_is_left_to_the_other_rule() {
        assert_eq!(judge(SignedDuration::ZERO), Verdict::NonCompliant(()));
        assert_eq!(judge(SignedDuration::from_secs(-1)), Verdict::Compliant);
    }

    #[test]
    fn a_date_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::ListServerCertificates);
        let certificate = ServerCertificate { expires: Fact::Unknown(unread.clone()), ..certificate() };
        let verdict = ServerCertificateExpiring::evaluate(&certificate, &Params::default(), &context());
        assert_eq!(verdict, Verdict::Unknown(unread));
    }

    #[test]
    fn says_when() {
        let said = ServerCertificateExpiring::annotate(&ago(-days(8)), &Params::default());
        assert_eq!(said, "it expires on 2026-11-30, in 30 days or less");
    }
}
