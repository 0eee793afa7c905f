use crate::facts::ServerCertificate;
use crate::rules::tagging::{judge_tags, missing_tags};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A server certificate without tags.
    ///
    /// ## What it checks
    ///
    /// Server certificates that lack one of the tags in `requiredKeyTags`, or, where none is required, have no tag at
    /// all. The keys' letter case counts, values do not; tags that AWS sets itself, `aws:…`, do not count.
    ///
    /// ## Why it matters
    ///
    /// When a certificate is about to expire, the first question is whose it is. An owner in a tag is the quickest
    /// answer.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know what the tag must say. They set it with `aws iam tag-server-certificate
    /// --server-certificate-name … --tags Key=…,Value=…`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the certificate's ARN.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_SERVER_CERTIFICATE_TAGGED`, whose parameter name is accepted; NIST SP 800-53 CM-8.
    ServerCertificateTags {
        id: "server-certificate-tags",
        severity: Low,
        applies_to: [ServerCertificate],
        triggers: [Change, Sweep],
        stands_for: ["IAM_SERVER_CERTIFICATE_TAGGED"],
        controls: ["NIST-800-53:CM-8"],
        journey: (Refinement, effort: Low, benefit: Low),
        needs: [ServerCertificateTags],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Keys of the tags that every server certificate must have.
    "requiredKeyTags" => required_key_tags: Names = [],
}

impl Rule for ServerCertificateTags {
    type Subject = ServerCertificate;
    type Params = Params;
    type Finding = Vec<String>;

    fn evaluate(certificate: &ServerCertificate, params: &Params, _: &Context) -> Verdict<Vec<String>> {
        judge_tags(&certificate.tags, &params.required_key_tags)
    }

    fn annotate(missing: &Vec<String>, _: &Params) -> String {
        missing_tags(missing)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{certificate, context, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    #[test]
    fn the_required_keys_are_those_of_the_parameter() {
        let params = Params::read(&json!({ "requiredKeyTags": "owner,cost" })).unwrap();
        let tags = Fact::Known([("owner".to_owned(), "ann".to_owned())].into());
        let certificate = ServerCertificate { tags, ..certificate() };
        let verdict = |params| ServerCertificateTags::evaluate(&certificate, params, &context());
        assert_eq!(verdict(&params), Verdict::NonCompliant(vec!["cost".to_owned()]));
        assert_eq!(verdict(&Params::default()), Verdict::Compliant);
        assert_eq!(ServerCertificateTags::annotate(&vec!["cost".to_owned()], &params), "tags missing: cost");
    }

    #[test]
    fn tags_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::ListServerCertificateTags);
        let certificate = ServerCertificate { tags: Fact::Unknown(unread.clone()), ..certificate() };
        let verdict = ServerCertificateTags::evaluate(&certificate, &Params::default(), &context());
        assert_eq!(verdict, Verdict::Unknown(unread));
    }
}
