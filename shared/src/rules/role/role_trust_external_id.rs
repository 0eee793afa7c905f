use std::sync::Arc;

use super::trust;
use crate::facts::Role;
use crate::policy::analysis::Finding;
use crate::rules::Declared;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A role that a third party can assume without an external id.
    ///
    /// ## What it checks
    ///
    /// Roles open to an account that is neither the role's own, nor bound to the own organisation by a condition, nor trusted,
    /// where a principal of it need bring neither an `sts:ExternalId` that one value alone meets nor MFA. The governance file's
    /// `trustedAccounts` are taken for your own, but for those in `thirdPartyAccounts`: vendors that you trust, and whose other
    /// customers you do not. An external id behind `IfExists`, or with a wildcard or a variable, is none.
    ///
    /// Roles that AWS made for a service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// A vendor assumes roles for all its customers. Another customer who tells it your role's ARN has it act on your account,
    /// unless the role asks for the id that the vendor gives each customer.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only the third party knows the id that it sends for you. Once it has told it, add the condition
    /// `"StringEquals": {"sts:ExternalId": "…"}` to the statement with `aws iam update-assume-role-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "The confused deputy problem" and "Access to AWS accounts owned by third parties".
    RoleTrustExternalId {
        id: "role-trust-external-id",
        severity: Medium,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [Trust],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Trusted accounts that belong to somebody else, of which an external id is asked all the same.
    "thirdPartyAccounts" => third_party_accounts: Names = [],
}

impl Rule for RoleTrustExternalId {
    type Subject = Role;
    type Params = Params;
    type Finding = Vec<Finding>;

    fn evaluate(role: &Role, params: &Params, context: &Context) -> Verdict<Vec<Finding>> {
        let vendors: Vec<&str> = params.third_party_accounts.iter().collect();
        let own = || context.trusted.iter().filter(|account| !vendors.contains(&account.as_str()));
        let trusted = if vendors.is_empty() {
            Arc::clone(&context.trusted)
        } else {
            Arc::new(own().cloned().collect())
        };
        trust::judge_trusting(role, context, &trusted, Self::META.id.as_str())
    }

    fn annotate(findings: &Vec<Finding>, _: &Params) -> String {
        trust::annotate(findings)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::context;
    use crate::rules::Parameters;
    use crate::rules::role::trust::tests::{keeps_to_what_is_known, letting_in, places};

    fn judge(role: &Role) -> Vec<String> {
        places(RoleTrustExternalId::evaluate(role, &Params::default(), &context()))
    }

    fn open_to(account: &str, condition: &serde_json::Value) -> Role {
        letting_in(&json!({ "AWS": account }), "sts:AssumeRole", condition)
    }

    #[test]
    fn a_third_party_must_bring_an_id_of_one_value() {
        let asked = |condition| judge(&open_to("444455556666", &condition));
        for condition in [
            json!({}),
            json!({ "StringLike": { "sts:ExternalId": "acme-*" } }),
            json!({ "StringEqualsIfExists": { "sts:ExternalId": "acme-7" } }),
            json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } }),
        ] {
            assert_eq!(asked(condition), ["Statement[0].Principal.AWS[0]"]);
        }
        for condition in [
            json!({ "StringEquals": { "sts:ExternalId": "acme-7" } }),
            json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
            json!({ "NumericLessThan": { "aws:MultiFactorAuthAge": "3600" } }),
            json!({ "StringEquals": { "aws:PrincipalOrgID": "o-ours000000" } }),
        ] {
            assert!(asked(condition).is_empty());
        }
    }

    #[test]
    fn a_trusted_account_is_our_own_unless_it_is_called_a_third_party() {
        let role = open_to("777788889999", &json!({}));
        assert!(judge(&role).is_empty());
        let params = Params::read(&json!({ "thirdPartyAccounts": "777788889999" })).unwrap();
        let judge = |role: &Role| places(RoleTrustExternalId::evaluate(role, &params, &context()));
        assert_eq!(judge(&role).len(), 1);
        assert!(judge(&open_to("111122223333", &json!({}))).is_empty());
    }

    #[test]
    fn says_which_account() {
        let role = open_to("444455556666", &json!({}));
        let Verdict::NonCompliant(findings) =
            RoleTrustExternalId::evaluate(&role, &Params::default(), &context())
        else {
            panic!()
        };
        assert_eq!(
            RoleTrustExternalId::annotate(&findings, &Params::default()),
            "Statement[0].Principal.AWS[0]: account 444455556666 gets in without an `sts:ExternalId` of one value, so \
             another customer of it might use it to get in too"
        );
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_what_aws_made_is_let_be() {
        keeps_to_what_is_known::<RoleTrustExternalId>(&open_to("444455556666", &json!({})));
    }
}
