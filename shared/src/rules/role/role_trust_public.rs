use super::trust;
use crate::facts::Role;
use crate::policy::analysis::Finding;
use crate::rules::Declared;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

declare_rule! {
    /// A role that anybody can assume.
    ///
    /// ## What it checks
    ///
    /// Roles whose trust policy lets a stranger in: a principal of any account, through `*`, `NotPrincipal` or a provider `*`,
    /// or with a token or assertion of any identity provider. A condition counts only if a stranger cannot meet it: an
    /// organisation, an account, a network. An external id, MFA, a tag, a time or a Region restricts nobody, and neither does a
    /// condition that also holds where its key is missing. Statements that deny count where they are sure to.
    /// [analyze.md](../analyze.md#trust-policies) has all of it.
    ///
    /// Roles that AWS made for a service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// Whoever finds out the role's ARN has its powers, and ARNs are no secret.
    ///
    /// ## What is done about it
    ///
    /// Who lets strangers in is taken out of the trust policy: the one principal, or the statement that names no other;
    /// what was there is kept in the journal, from where it can be put back. A policy with nothing left in it is replaced
    /// by one that denies everybody, because IAM takes none without a statement.
    ///
    /// Whoever came in by this way, of your own account too, does so no more. Better name the principals that need the role
    /// beforehand, with `aws iam update-assume-role-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "AWS JSON policy elements: Principal" and "How to use trust policies with IAM roles".
    RoleTrustPublic {
        id: "role-trust-public",
        severity: High,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3", "NIST-800-53:AC-6"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [Trust],
        plan_needs: [],
        steps: [UpdateAssumeRolePolicy],
        remediator: RestrictRoleTrust,
    }
}

impl Rule for RoleTrustPublic {
    type Subject = Role;
    type Params = NoParameters;
    type Finding = Vec<Finding>;

    fn evaluate(role: &Role, _: &NoParameters, context: &Context) -> Verdict<Vec<Finding>> {
        trust::judge(role, context, Self::META.id.as_str())
    }

    fn annotate(findings: &Vec<Finding>, _: &NoParameters) -> String {
        trust::annotate(findings)
    }

    fn plan(role: &Role, findings: &Vec<Finding>, params: &NoParameters, context: &Context) -> Proposal {
        trust::plan(role, findings, |role| Self::evaluate(role, params, context), |_| true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::context;
    use crate::rules::role::trust::tests::{keeps_to_what_is_known, letting_in, places, planned};

    fn judge(role: &Role) -> Vec<String> {
        places(RoleTrustPublic::evaluate(role, &NoParameters {}, &context()))
    }

    #[test]
    fn everybody_without_a_condition_that_restricts_strangers_is_the_public() {
        let open = |condition| judge(&letting_in(&json!({ "AWS": "*" }), "sts:AssumeRole", &condition));
        for condition in [
            json!({}),
            json!({ "StringEquals": { "sts:ExternalId": "x" } }),
            json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
            json!({ "StringEqualsIfExists": { "aws:PrincipalOrgID": "o-ours000000" } }),
            json!({ "StringNotEquals": { "aws:PrincipalAccount": "444455556666" } }),
        ] {
            assert_eq!(open(condition), ["Statement[0].Principal"]);
        }
        for condition in [
            json!({ "StringEquals": { "aws:PrincipalOrgID": "o-ours000000" } }),
            json!({ "StringEquals": { "aws:PrincipalAccount": "111122223333" } }),
        ] {
            assert!(open(condition).is_empty());
        }
    }

    #[test]
    fn a_named_principal_is_not_the_public_wherever_it_belongs() {
        for principal in [json!({ "AWS": "444455556666" }), json!({ "Service": "ec2.amazonaws.com" })] {
            assert!(judge(&letting_in(&principal, "sts:AssumeRole", &json!({}))).is_empty());
        }
    }

    #[test]
    fn the_star_in_a_list_is_pointed_at() {
        let principal = json!({ "AWS": ["111122223333", "*"] });
        let role = letting_in(&principal, "sts:AssumeRole", &json!({}));
        assert_eq!(judge(&role), ["Statement[0].Principal.AWS[1]"]);
        let Verdict::NonCompliant(findings) = RoleTrustPublic::evaluate(&role, &NoParameters {}, &context())
        else {
            panic!()
        };
        assert_eq!(
            RoleTrustPublic::annotate(&findings, &NoParameters {}),
            "Statement[0].Principal.AWS[1]: any principal of any AWS account gets in"
        );
    }

    #[test]
    fn the_star_alone_is_taken_out() {
        let principal = json!({ "AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com" });
        let role = letting_in(&principal, "sts:AssumeRole", &json!({}));
        let (after, left) = planned::<RoleTrustPublic>(&role, &context());
        let kept = json!({ "AWS": ["111122223333"], "Service": "ec2.amazonaws.com" });
        assert_eq!((&after.unwrap()["Statement"][0]["Principal"], left), (&kept, vec![]));
    }

    #[test]
    fn a_policy_that_trusted_everybody_alone_trusts_nobody() {
        let role = letting_in(&json!("*"), "sts:AssumeRole", &json!({}));
        let (after, left) = planned::<RoleTrustPublic>(&role, &context());
        assert_eq!((&after.unwrap()["Statement"][0]["Effect"], left), (&json!("Deny"), vec![]));
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_what_aws_made_is_let_be() {
        keeps_to_what_is_known::<RoleTrustPublic>(&letting_in(&json!("*"), "sts:AssumeRole", &json!({})));
    }
}
