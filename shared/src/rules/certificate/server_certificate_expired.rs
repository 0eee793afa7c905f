use jiff::Timestamp;

use crate::facts::ServerCertificate;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A server certificate that has expired.
    ///
    /// ## What it checks
    ///
    /// Server certificates that IAM keeps and that are no longer valid.
    ///
    /// ## Why it matters
    ///
    /// A load balancer that still serves an expired certificate turns its callers away, or has taught them not to look.
    /// One that serves it no longer leaves a private key behind that somebody may put to use by mistake.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a certificate that is still in use cannot be taken away from under a load balancer, and its
    /// private key cannot be given back. A person puts one from AWS Certificate Manager in its place and deletes it: `aws
    /// iam delete-server-certificate --server-certificate-name …`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the certificate's ARN.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_SERVER_CERTIFICATE_EXPIRATION_CHECK`; CIS AWS Foundations 3.0 1.19 and 5.0 1.18;
    /// Security Hub IAM.26.
    ServerCertificateExpired {
        id: "server-certificate-expired",
        severity: Medium,
        applies_to: [ServerCertificate],
        triggers: [Sweep],
        stands_for: ["IAM_SERVER_CERTIFICATE_EXPIRATION_CHECK"],
        controls: ["CIS-3.0:1.19", "CIS-5.0:1.18", "SecurityHub:IAM.26"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [ServerCertificates],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for ServerCertificateExpired {
    type Subject = ServerCertificate;
    type Params = NoParameters;
    type Finding = Timestamp;

    fn evaluate(certificate: &ServerCertificate, _: &NoParameters, context: &Context) -> Verdict<Timestamp> {
        match certificate.expires.known() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(Some(expires)) if *expires < context.at => Verdict::NonCompliant(*expires),
            Ok(_) => Verdict::Compliant,
        }
    }

    fn annotate(expires: &Timestamp, _: &NoParameters) -> String {
        format!("it expired on {}", expires.strftime("%Y-%m-%d"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::facts::fixture::{ago, certificate, context, days, throttled};
    use crate::facts::{Fact, Read};

    fn judge(expires: Fact<Timestamp>) -> Verdict<Timestamp> {
        let certificate = ServerCertificate { expires, ..certificate() };
        ServerCertificateExpired::evaluate(&certificate, &NoParameters {}, &context())
    }

    #[test]
    fn a_certificate_is_good_to_its_last_second() {
        assert_eq!(judge(Fact::Known(ago(SignedDuration::ZERO))), Verdict::Compliant);
        let expired = ago(SignedDuration::from_secs(1));
        assert_eq!(judge(Fact::Known(expired)), Verdict::NonCompliant(expired));
        assert_eq!(judge(Fact::Known(ago(-days(400)))), Verdict::Compliant);
    }

    #[test]
    fn a_date_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::ListServerCertificates);
        assert_eq!(judge(Fact::Unknown(unread.clone())), Verdict::Unknown(unread));
    }

    #[test]
    fn says_since_when() {
        let said = ServerCertificateExpired::annotate(&ago(days(2)), &NoParameters {});
        assert_eq!(said, "it expired on 2026-11-20");
    }
}
