use super::trust;
use crate::facts::Role;
use crate::policy::analysis::Finding;
use crate::rules::Declared;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A role that any certificate of any trust anchor can assume.
    ///
    /// ## What it checks
    ///
    /// Roles open to IAM Roles Anywhere where no condition asks for a field of the certificate (`aws:PrincipalTag/x509…`,
    /// `sts:SourceIdentity`) or for a trust anchor's ARN in `aws:SourceArn`. An account in `aws:SourceAccount` alone still lets in
    /// every certificate of every trust anchor of it.
    ///
    /// Roles that AWS made for a service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// A certificate authority signs for many: without a condition the printer's certificate opens what the deployment's does.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only you know whose certificate is meant. Add
    /// `"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "…"}` or `"ArnEquals": {"aws:SourceArn": "…"}` with the trust
    /// anchor to the statement with `aws iam update-assume-role-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM Roles Anywhere User Guide, "Trust model: trust policy".
    RoleTrustRolesAnywhere {
        id: "role-trust-roles-anywhere",
        severity: Medium,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3", "NIST-800-53:IA-9"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [Trust],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for RoleTrustRolesAnywhere {
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

    fn open_to_certificates(condition: &serde_json::Value) -> Role {
        letting_in(&json!({ "Service": "rolesanywhere.amazonaws.com" }), "sts:AssumeRole", condition)
    }

    fn judge(role: &Role) -> Vec<String> {
        places(RoleTrustRolesAnywhere::evaluate(role, &NoParameters {}, &context()))
    }

    #[test]
    fn the_certificate_or_its_trust_anchor_must_be_named() {
        let anchor = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/1f2e";
        for condition in [
            json!({ "StringEquals": { "aws:PrincipalTag/x509Subject/CN": "deploy" } }),
            json!({ "ArnEquals": { "aws:SourceArn": anchor } }),
        ] {
            assert!(judge(&open_to_certificates(&condition)).is_empty());
        }
        for condition in [
            json!({}),
            json!({ "StringEquals": { "aws:SourceAccount": "111122223333" } }),
            json!({ "StringLike": { "aws:PrincipalTag/x509Subject/CN": "*" } }),
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:rolesanywhere:*:111122223333:trust-anchor/*" } }),
        ] {
            assert_eq!(judge(&open_to_certificates(&condition)), ["Statement[0].Principal.Service[0]"]);
        }
    }

    #[test]
    fn a_role_without_roles_anywhere_is_fine() {
        let principal = json!({ "Service": "ec2.amazonaws.com" });
        assert!(judge(&letting_in(&principal, "sts:AssumeRole", &json!({}))).is_empty());
    }

    #[test]
    fn says_what_to_require() {
        let role = open_to_certificates(&json!({}));
        let Verdict::NonCompliant(findings) =
            RoleTrustRolesAnywhere::evaluate(&role, &NoParameters {}, &context())
        else {
            panic!()
        };
        let said = RoleTrustRolesAnywhere::annotate(&findings, &NoParameters {});
        assert!(said.contains("every certificate of every trust anchor gets in"), "{said}");
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_what_aws_made_is_let_be() {
        keeps_to_what_is_known::<RoleTrustRolesAnywhere>(&open_to_certificates(&json!({})));
    }
}
