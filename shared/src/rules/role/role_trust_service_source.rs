use super::trust;
use crate::facts::Role;
use crate::policy::analysis::Finding;
use crate::rules::Declared;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Rule, Verdict, declare_rule};

declare_rule! {
    /// A role that an AWS service can assume on anybody's behalf.
    ///
    /// ## What it checks
    ///
    /// Roles open to a service that tells for whose resource it acts, where no condition asks for it: an account in
    /// `aws:SourceAccount`, an ARN with an account in `aws:SourceArn`, an organisation in `aws:SourceOrgID` or
    /// `aws:SourceOrgPaths`. Judged are the services whose own guides show a role's trust policy with such a condition, and `*`;
    /// others, such as EC2 or Lambda, would be locked out by one. IAM Roles Anywhere is a matter for
    /// `role-trust-roles-anywhere`.
    ///
    /// Roles that AWS made for a service or for IAM Identity Center are not judged: nobody else can change them.
    ///
    /// ## Why it matters
    ///
    /// Whoever may hand your role's ARN to the service in another account has the service use your role there.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a wrong value locks the service out, and only you know for which resources it acts. Add the condition
    /// `"StringEquals": {"aws:SourceAccount": "…"}` with `aws iam update-assume-role-policy`; an ARN in `aws:SourceArn` is
    /// narrower.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the role's ARN.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Cross-service confused deputy prevention".
    RoleTrustServiceSource {
        id: "role-trust-service-source",
        severity: Low,
        applies_to: [Role],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-3"],
        journey: (Refinement, effort: Medium, benefit: Low),
        needs: [Trust],
        plan_needs: [],
        steps: [],
    }
}

impl Rule for RoleTrustServiceSource {
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

    fn judge(service: &str, condition: &serde_json::Value) -> Vec<String> {
        let role = letting_in(&json!({ "Service": service }), "sts:AssumeRole", condition);
        places(RoleTrustServiceSource::evaluate(&role, &NoParameters {}, &context()))
    }

    #[test]
    fn a_service_that_tells_for_whom_it_acts_must_be_asked() {
        let scheduler = |condition| judge("scheduler.amazonaws.com", &condition);
        assert_eq!(scheduler(json!({})), ["Statement[0].Principal.Service[0]"]);
        let account = "111122223333";
        assert!(scheduler(json!({ "StringEquals": { "aws:SourceAccount": account } })).is_empty());
        let anyone = json!({ "ArnLike": { "aws:SourceArn": "arn:aws:scheduler:*:*:schedule/*" } });
        assert_eq!(scheduler(anyone).len(), 1);
    }

    #[test]
    fn a_service_that_does_not_tell_is_not_asked() {
        for service in ["ec2.amazonaws.com", "lambda.amazonaws.com", "rolesanywhere.amazonaws.com"] {
            assert!(judge(service, &json!({})).is_empty(), "{service}");
        }
    }

    #[test]
    fn says_what_to_ask_for() {
        let role = letting_in(
            &json!({ "Service": ["ec2.amazonaws.com", "scheduler.amazonaws.com"] }),
            "sts:AssumeRole",
            &json!({}),
        );
        let Verdict::NonCompliant(findings) =
            RoleTrustServiceSource::evaluate(&role, &NoParameters {}, &context())
        else {
            panic!()
        };
        let said = RoleTrustServiceSource::annotate(&findings, &NoParameters {});
        assert!(
            said.starts_with("Statement[0].Principal.Service[1]: `scheduler.amazonaws.com` tells"),
            "{said}"
        );
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_what_aws_made_is_let_be() {
        keeps_to_what_is_known::<RoleTrustServiceSource>(&letting_in(
            &json!({ "Service": "scheduler.amazonaws.com" }),
            "sts:AssumeRole",
            &json!({}),
        ));
    }
}
