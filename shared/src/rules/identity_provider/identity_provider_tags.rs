use crate::facts::IdentityProvider;
use crate::rules::tagging::{judge_tags, missing_tags};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An identity provider without tags.
    ///
    /// ## What it checks
    ///
    /// SAML and OpenID Connect providers that lack one of the tags in `requiredKeyTags`, or, where none is required, have
    /// no tag at all. The keys' letter case counts, values do not; tags that AWS sets itself, `aws:…`, do not count.
    ///
    /// ## Why it matters
    ///
    /// Whoever runs an identity provider says who gets into the roles that trust it. Somebody must answer for each.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know what the tag must say. They set it with `aws iam tag-saml-provider
    /// --saml-provider-arn … --tags Key=…,Value=…` or `aws iam tag-open-id-connect-provider
    /// --open-id-connect-provider-arn … --tags Key=…,Value=…`. IAM Identity Center sets no tag on the provider it makes.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the provider's ARN.
    ///
    /// ## References
    ///
    /// AWS Config managed rules `IAM_SAML_PROVIDER_TAGGED` and `IAM_OIDC_PROVIDER_TAGGED`, whose parameter name is
    /// accepted; NIST SP 800-53 CM-8.
    IdentityProviderTags {
        id: "identity-provider-tags",
        severity: Low,
        applies_to: [SamlProvider, OidcProvider],
        triggers: [Change, Sweep],
        stands_for: ["IAM_SAML_PROVIDER_TAGGED", "IAM_OIDC_PROVIDER_TAGGED"],
        controls: ["NIST-800-53:CM-8"],
        journey: (Refinement, effort: Low, benefit: Low),
        needs: [IdentityProviderTags],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Keys of the tags that every identity provider must have.
    "requiredKeyTags" => required_key_tags: Names = [],
}

impl Rule for IdentityProviderTags {
    type Subject = IdentityProvider;
    type Params = Params;
    type Finding = Vec<String>;

    fn evaluate(provider: &IdentityProvider, params: &Params, _: &Context) -> Verdict<Vec<String>> {
        judge_tags(&provider.tags, &params.required_key_tags)
    }

    fn annotate(missing: &Vec<String>, _: &Params) -> String {
        missing_tags(missing)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{context, provider, throttled};
    use crate::facts::{Fact, FederationProtocol, Read};
    use crate::rules::Parameters;

    #[test]
    fn both_kinds_of_providers_are_judged_by_the_keys_of_the_parameter() {
        let params = Params::read(&json!({ "requiredKeyTags": ["owner"] })).unwrap();
        for protocol in [FederationProtocol::Saml, FederationProtocol::Oidc] {
            let judge = |tags| {
                let provider = IdentityProvider { tags, ..provider(protocol) };
                IdentityProviderTags::evaluate(&provider, &params, &context())
            };
            let tagged = Fact::Known([("owner".to_owned(), String::new())].into());
            assert_eq!(judge(tagged), Verdict::Compliant);
            assert_eq!(judge(Fact::Absent), Verdict::NonCompliant(vec!["owner".to_owned()]));
        }
        assert_eq!(IdentityProviderTags::annotate(&vec![], &params), "it has no tag");
    }

    #[test]
    fn tags_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::ListSamlProviderTags);
        let tags = Fact::Unknown(unread.clone());
        let provider = IdentityProvider { tags, ..provider(FederationProtocol::Saml) };
        let verdict = IdentityProviderTags::evaluate(&provider, &Params::default(), &context());
        assert_eq!(verdict, Verdict::Unknown(unread));
    }
}
