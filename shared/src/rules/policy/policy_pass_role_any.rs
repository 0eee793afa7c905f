use super::found::{Found, allowing, say};
use super::{narrowing, text};
use crate::facts::ManagedPolicy;
use crate::policy::Policy;
use crate::policy::analysis::{Asked, Circumstances, ResourceKind};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

declare_rule! {
    /// A customer managed policy that lets somebody pass any role to any service.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy: whether it allows `iam:PassRole` on every role
    /// without a condition on `iam:PassedToService` that must be met and holds back some service: `*`, `*.amazonaws.com` and
    /// `Null` hold back none. `*`, `role/*` of the own account and `NotResource` all are every role; a prefix such as
    /// `role/app-*`, or a tag that the role must bear, is not. A policy that bounds somebody and is attached to nobody
    /// grants nothing, and is left out.
    ///
    /// ## Why it matters
    ///
    /// Whoever may pass any role to a service that runs code, can run code as the strongest role there is.
    ///
    /// ## What is done about it
    ///
    /// The action that the finding names is taken out, or the whole statement where it names none or that would not end
    /// it: a new version of the policy without it is put in force, and all else stays as it is written. Where that
    /// cannot be done, because nothing would be allowed any more, several statements do it together, or there are five
    /// versions already and IAM keeps no more, the latest earlier version is put in force again, if it keeps the rule
    /// and surely allows no more than the one in force. Either way that one is kept, its text in the journal too, and
    /// an undo puts it back in force. No version is ever deleted, and nothing is taken from a policy that somebody
    /// protected has. Left to people is all else, and a policy that bounds somebody. By hand it is
    /// `aws iam create-policy-version --policy-arn … --policy-document file://… --set-as-default`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Grant a user permissions to pass a role to an AWS service"; NIST SP 800-53 AC-6, least privilege.
    /// No rule of AWS Config checks this.
    PolicyPassRoleAny {
        id: "policy-pass-role-any",
        severity: High,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-6"],
        journey: (Hygiene, effort: Medium, benefit: High),
        needs: [PolicyText, PolicyAttachments],
        plan_needs: [PolicyVersions, Holders],
        steps: [CreatePolicyVersion, SetDefaultPolicyVersion],
        remediator: RestrictPolicy,
    }
}

const PASS_ROLE: &str = "iam:PassRole";
const PASSED_TO: &str = "iam:PassedToService";

impl Rule for PolicyPassRoleAny {
    type Subject = ManagedPolicy;
    type Params = NoParameters;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, _: &NoParameters, _: &Context) -> Verdict<Vec<Found>> {
        text::judge(policy, true, |text| passing(text, &text::of_account(policy)))
    }

    fn annotate(found: &Vec<Found>, _: &NoParameters) -> String {
        say(found)
    }

    fn plan(policy: &ManagedPolicy, found: &Vec<Found>, _: &NoParameters, _: &Context) -> Proposal {
        narrowing::plan(policy, found, |text| passing(text, &text::of_account(policy)))
    }
}

fn passing(text: &Policy, known: &Circumstances<'_>) -> Vec<Found> {
    // A role without tags.
    let any_role = Circumstances::direct().and(known).without("iam:ResourceTag/*");
    let every_role = Asked::Every(ResourceKind::ROLE);
    // To a service that nobody thought of, as a pattern of everything lets through, or to one that is not told.
    let untold = any_role.clone().without(PASSED_TO);
    let any_service = any_role.with(PASSED_TO, "nobodys-service.amazonaws.com");
    let mut allowed = allowing(text, [PASS_ROLE], &every_role, &untold);
    allowed.extend(allowing(text, [PASS_ROLE], &every_role, &any_service));
    let statements = allowed.keys().filter_map(|index| Some((*index, text.statements.get(*index)?)));
    statements
        .map(|(index, statement)| {
            let at = statement.place_of(index, PASS_ROLE);
            Found::at(&[index], at.as_str(), "allows passing any role to any service")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};

    fn judge(policy: &ManagedPolicy) -> Verdict<Vec<Found>> {
        PolicyPassRoleAny::evaluate(policy, &NoParameters {}, &context())
    }

    fn pass(action: &str, resource: &str, condition: &str) -> ManagedPolicy {
        policy_of(&format!(
            r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}"#
        ))
    }

    #[test]
    fn every_role_to_any_service_counts() {
        for (action, resource) in [
            ("iam:PassRole", "*"),
            ("IAM:pass*", "arn:aws:iam::111122223333:role/*"),
            ("*", "arn:aws:iam::*:role/*"),
        ] {
            let verdict = judge(&pass(action, resource, ""));
            assert!(matches!(verdict, Verdict::NonCompliant(_)), "{action} {resource}");
        }
        for condition in [
            r#""StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"}"#,
            r#""StringLike":{"iam:PassedToService":"*"}"#,
            r#""StringLike":{"iam:PassedToService":"*.amazonaws.com"}"#,
            r#""StringNotEquals":{"iam:PassedToService":"lambda.amazonaws.com"}"#,
            r#""Null":{"iam:PassedToService":"false"}"#,
        ] {
            let verdict = judge(&pass("iam:PassRole", "*", condition));
            assert!(matches!(verdict, Verdict::NonCompliant(_)), "{condition}");
        }
    }

    #[test]
    fn some_roles_or_one_service_are_fine() {
        assert_eq!(
            judge(&pass("iam:PassRole", "arn:aws:iam::111122223333:role/app-*", "")),
            Verdict::Compliant
        );
        let service = r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#;
        assert_eq!(judge(&pass("iam:PassRole", "*", service)), Verdict::Compliant);
        assert_eq!(judge(&pass("iam:GetRole", "*", "")), Verdict::Compliant);
        for tag in ["aws:ResourceTag/a", "iam:ResourceTag/a"] {
            let tagged = format!(r#""StringEquals":{{"{tag}":"b"}}"#);
            assert_eq!(judge(&pass("iam:PassRole", "*", &tagged)), Verdict::Compliant, "{tag}");
        }
    }

    #[test]
    fn a_boundary_grants_nothing() {
        let boundary = ManagedPolicy {
            attachments: Fact::Known(0),
            bounds: Fact::Known(1),
            ..pass("iam:PassRole", "*", "")
        };
        assert_eq!(judge(&boundary), Verdict::Compliant);
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge(&policy), Verdict::Unknown(unread));
    }

    #[test]
    fn says_where() {
        let Verdict::NonCompliant(found) = judge(&pass("iam:*", "*", "")) else { panic!("fine") };
        assert_eq!(
            PolicyPassRoleAny::annotate(&found, &NoParameters {}),
            "Statement[0].Action[0] allows passing any role to any service"
        );
    }
}
