use super::trust;
use crate::facts::Role;
use crate::policy::analysis::Finding;
use crate::rules::Declared;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A role that takes SAML assertions made for any service.
    ///
    /// ## What it checks
    ///
    /// Roles open to a SAML provider where no condition asks for a `SAML:aud`. `SAML:aud` behind `IfExists`, or with `*`, asks
    /// for nothing.
    ///
    /// Roles that AWS made for a service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// An assertion that your identity provider made for another service, and that somebody there has seen, would let its
    /// bearer in.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: the audience is what your identity provider sends. For AWS's own sign-in page that is
    /// `https://signin.aws.amazon.com/saml`, or the page of a Region; add `"StringEquals": {"SAML:aud": "…"}` to the statement
    /// with `aws iam update-assume-role-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Create a role for SAML 2.0 federation" and "Available keys for SAML-based AWS STS federation".
    RoleTrustSamlAudience {
        id: "role-trust-saml-audience",
        severity: Medium,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3", "NIST-800-53:IA-2"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [Trust],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for RoleTrustSamlAudience {
    type Subject = Role;
    type Params = NoParameters;
    type Finding = Vec<Finding>;

    fn evaluate(role: &Role, _: &NoParameters, context: &Context) -> Verdict<Vec<Finding>> {
        trust::judge(role, context, Self::META.id.as_str())
    }

    fn annotate(findings: &Vec<Finding>, _: &NoParameters) -> String {
        trust::annotate(findings)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::context;
    use crate::rules::role::trust::tests::{keeps_to_what_is_known, letting_in, places};

    fn open_to_saml(condition: &serde_json::Value) -> Role {
        let principal = json!({ "Federated": "arn:aws:iam::111122223333:saml-provider/adfs" });
        letting_in(&principal, "sts:AssumeRoleWithSAML", condition)
    }

    fn judge(role: &Role) -> Vec<String> {
        places(RoleTrustSamlAudience::evaluate(role, &NoParameters {}, &context()))
    }

    #[test]
    fn an_assertion_must_be_made_for_aws() {
        let audience = "https://signin.aws.amazon.com/saml";
        assert!(judge(&open_to_saml(&json!({ "StringEquals": { "SAML:aud": audience } }))).is_empty());
        for condition in [
            json!({}),
            json!({ "StringEqualsIfExists": { "SAML:aud": audience } }),
            json!({ "StringLike": { "SAML:aud": "*" } }),
            json!({ "StringEquals": { "SAML:iss": "https://idp.example.com" } }),
        ] {
            assert_eq!(judge(&open_to_saml(&condition)), ["Statement[0].Principal.Federated[0]"]);
        }
    }

    #[test]
    fn a_role_without_a_saml_provider_is_fine() {
        let principal = json!({ "AWS": "111122223333" });
        assert!(judge(&letting_in(&principal, "sts:AssumeRole", &json!({}))).is_empty());
    }

    #[test]
    fn says_what_to_require() {
        let Verdict::NonCompliant(findings) =
            RoleTrustSamlAudience::evaluate(&open_to_saml(&json!({})), &NoParameters {}, &context())
        else {
            panic!()
        };
        assert_eq!(
            RoleTrustSamlAudience::annotate(&findings, &NoParameters {}),
            "Statement[0].Principal.Federated[0]: assertions made for any other service get in too; require `SAML:aud`"
        );
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_what_aws_made_is_let_be() {
        keeps_to_what_is_known::<RoleTrustSamlAudience>(&open_to_saml(&json!({})));
    }
}
