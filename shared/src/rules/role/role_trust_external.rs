use super::trust;
use crate::facts::Role;
use crate::policy::analysis::Finding;
use crate::rules::Declared;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

declare_rule! {
    /// A role open to principals outside the zone of trust.
    ///
    /// ## What it checks
    ///
    /// Roles whose trust policy lets in principals of an account that is neither the role's own, nor one of the governance
    /// file's `trustedAccounts`, nor bound by a condition to membership of its `organization`; members of another organisation;
    /// and `*` that a network or a unique id alone restricts. Where the governance file names no `organization`, every one is
    /// another. Anybody at all is a matter for `role-trust-public`.
    ///
    /// Roles that AWS made for a service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// Each is a door that others hold the key to: a former vendor, a test account, an attacker who opened it to come back.
    ///
    /// ## What is done about it
    ///
    /// Who is outside is taken out of the trust policy: the one principal, or the statement that names no other;
    /// what was there is kept in the journal, from where it can be put back. A policy with nothing left in it is replaced
    /// by one that denies everybody, because IAM takes none without a statement.
    ///
    /// A condition that names an account or an organisation is left to people, and so is a member of an organisation as long
    /// as the governance file does not say which one is yours: take it out with `aws iam update-assume-role-policy`, or
    /// list it in the governance file.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Providing access to AWS accounts owned by third parties"; the external access findings of IAM Access
    /// Analyzer, which draw the same zone of trust.
    RoleTrustExternal {
        id: "role-trust-external",
        severity: High,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3", "NIST-800-53:AC-6"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [Trust],
        plan_needs: [],
        steps: [UpdateAssumeRolePolicy],
        remediator: RestrictRoleTrust,
    }
}

impl Rule for RoleTrustExternal {
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
        // Whose organisation it is may only not have been told yet.
        let certain = match &context.organization {
            Some(_) => findings.clone(),
            None => trust::of_whatever_organization(role, context, Self::META.id.as_str()),
        };
        let is_certain = |finding: &Finding| certain.contains(finding);
        trust::plan(role, findings, |role| Self::evaluate(role, params, context), is_certain)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::context;
    use crate::rules::role::trust::tests::{keeps_to_what_is_known, letting_in, places, planned};

    fn judge(role: &Role) -> Vec<String> {
        places(RoleTrustExternal::evaluate(role, &NoParameters {}, &context()))
    }

    fn open_to(accounts: &[&str], condition: &serde_json::Value) -> Role {
        letting_in(&json!({ "AWS": accounts }), "sts:AssumeRole", condition)
    }

    #[test]
    fn the_own_account_trusted_ones_and_the_own_organisation_are_the_zone_of_trust() {
        assert!(judge(&open_to(&["111122223333", "777788889999"], &json!({}))).is_empty());
        let organization = |id| json!({ "StringEquals": { "aws:PrincipalOrgID": id } });
        assert!(judge(&open_to(&["444455556666"], &organization("o-ours000000"))).is_empty());
        assert!(judge(&open_to(&["*"], &organization("o-ours000000"))).is_empty());
    }

    #[test]
    fn an_account_outside_is_pointed_at() {
        let role = open_to(&["111122223333", "444455556666", "777788889999"], &json!({}));
        assert_eq!(judge(&role), ["Statement[0].Principal.AWS[1]"]);
        let theirs = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-theirs0000" } });
        assert_eq!(
            judge(&open_to(&["*"], &theirs)),
            ["Statement[0].Condition.StringEquals.aws:PrincipalOrgID"]
        );
    }

    #[test]
    fn without_an_organisation_of_our_own_every_one_is_another() {
        let nowhere = Context { organization: None, ..context() };
        let judge = |role: &Role| places(RoleTrustExternal::evaluate(role, &NoParameters {}, &nowhere));
        let member = |of: &str| open_to(&["*"], &json!({ "StringEquals": { "aws:PrincipalOrgID": of } }));
        assert_eq!(judge(&member("o-ours000000")).len(), 1);
        // The role's own, whichever that is.
        assert!(judge(&member("${aws:ResourceOrgID}")).is_empty());
    }

    #[test]
    fn says_which_account() {
        let role = open_to(&["444455556666"], &json!({}));
        let Verdict::NonCompliant(findings) =
            RoleTrustExternal::evaluate(&role, &NoParameters {}, &context())
        else {
            panic!()
        };
        assert_eq!(
            RoleTrustExternal::annotate(&findings, &NoParameters {}),
            "Statement[0].Principal.AWS[0]: account 444455556666 is outside the zone of trust"
        );
    }

    #[test]
    fn the_account_outside_is_taken_out() {
        let role = open_to(&["111122223333", "444455556666"], &json!({}));
        let (after, left) = planned::<RoleTrustExternal>(&role, &context());
        assert_eq!(
            (&after.unwrap()["Statement"][0]["Principal"], left),
            (&json!({ "AWS": ["111122223333"] }), vec![])
        );
    }

    #[test]
    fn a_condition_that_names_another_organisation_is_left_to_people() {
        let theirs = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-theirs0000" } });
        let (after, left) = planned::<RoleTrustExternal>(&open_to(&["*"], &theirs), &context());
        assert_eq!(after, None);
        assert_eq!(
            left,
            ["Statement[0].Condition.StringEquals.aws:PrincipalOrgID: principals of another organisation, \
              `o-theirs0000`, get in"]
        );
    }

    #[test]
    fn as_long_as_our_organisation_is_not_named_its_members_stay() {
        let nowhere = Context { organization: None, ..context() };
        let ours = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-ours000000" } });
        let (after, left) = planned::<RoleTrustExternal>(&open_to(&["444455556666"], &ours), &nowhere);
        assert_eq!((after, left.len()), (None, 2));
        let (after, left) = planned::<RoleTrustExternal>(&open_to(&["444455556666"], &json!({})), &nowhere);
        assert!(after.is_some() && left.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_what_aws_made_is_let_be() {
        keeps_to_what_is_known::<RoleTrustExternal>(&open_to(&["444455556666"], &json!({})));
    }
}
