use super::found::{Found, allowing, say};
use super::text;
use crate::facts::ManagedPolicy;
use crate::policy::Policy;
use crate::policy::analysis::{Asked, Circumstances};
use crate::rules::{Context, Names, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A customer managed policy that allows sensitive actions without multi-factor authentication.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy: whether it allows an action of `sensitiveActions` to somebody
    /// who has not signed in with multi-factor authentication. The list has those that open an account to others or blind
    /// it, and may hold patterns such as `iam:Put*`. A condition must ask for it: `Bool` on `aws:MultiFactorAuthPresent` or
    /// a number on `aws:MultiFactorAuthAge` in the Allow, or `BoolIfExists` in a Deny. What another policy of the same
    /// principal denies is not seen. A policy that bounds somebody and is attached to nobody grants nothing, and is left
    /// out.
    ///
    /// ## Why it matters
    ///
    /// A stolen access key should not be enough to make itself a back door.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: a machine's role has no multi-factor authentication, and would stand still. A person adds the
    /// condition, or splits the policy, with
    /// `aws iam create-policy-version --policy-arn … --policy-document file://… --set-as-default`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the policy's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// IAM User Guide, "Configuring MFA-protected API access"; NIST SP 800-53 IA-2(1), multi-factor authentication to
    /// privileged accounts. No rule of AWS Config checks this.
    PolicySensitiveWithoutMfa {
        id: "policy-sensitive-without-mfa",
        severity: Medium,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-2(1)"],
        journey: (Refinement, effort: High, benefit: Medium),
        needs: [PolicyText, PolicyAttachments],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Actions, possibly with wildcards, that take multi-factor authentication.
    "sensitiveActions" => sensitive_actions: Names = [
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:CreateAccessKey",
        "iam:CreatePolicyVersion",
        "iam:CreateUser",
        "iam:DeactivateMFADevice",
        "iam:PutRolePolicy",
        "iam:PutUserPolicy",
        "iam:UpdateAssumeRolePolicy",
        "organizations:LeaveOrganization",
        "kms:ScheduleKeyDeletion",
        "cloudtrail:DeleteTrail",
        "cloudtrail:StopLogging",
        "config:StopConfigurationRecorder",
        "guardduty:DeleteDetector"
    ],
}

impl Rule for PolicySensitiveWithoutMfa {
    type Subject = ManagedPolicy;
    type Params = Params;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, params: &Params, _: &Context) -> Verdict<Vec<Found>> {
        text::judge(policy, true, |text| {
            without_mfa(text, &params.sensitive_actions, &text::of_account(policy))
        })
    }

    fn annotate(found: &Vec<Found>, _: &Params) -> String {
        say(found)
    }
}

fn without_mfa(text: &Policy, sensitive: &Names, known: &Circumstances<'_>) -> Vec<Found> {
    let single = Circumstances::direct()
        .and(known)
        .without("aws:MultiFactorAuthPresent")
        .without("aws:MultiFactorAuthAge");
    let allowing = allowing(text, sensitive.iter(), &Asked::Some, &single);
    let statements =
        allowing.iter().filter_map(|(index, action)| Some((*index, action, text.statements.get(*index)?)));
    statements
        .map(|(index, action, statement)| {
            let at = statement.place_of(index, action);
            let said = format!("allows {action} without multi-factor authentication");
            Found::at(&[index], at.as_str(), said)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge_with(policy: &ManagedPolicy, params: &Value) -> Verdict<Vec<Found>> {
        PolicySensitiveWithoutMfa::evaluate(policy, &Params::read(params).unwrap(), &context())
    }

    fn judge(statements: &str) -> Verdict<Vec<Found>> {
        judge_with(&policy_of(statements), &Value::Null)
    }

    fn allow(action: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#)
    }

    #[test]
    fn a_sensitive_action_without_a_condition_that_asks_for_mfa_counts() {
        for (action, condition) in [
            ("iam:CreateUser", ""),
            ("cloudtrail:*", ""),
            ("iam:CreateUser", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#),
            ("iam:CreateUser", r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#),
        ] {
            let verdict = judge(&allow(action, condition));
            assert!(matches!(verdict, Verdict::NonCompliant(_)), "{action} {condition}");
        }
    }

    #[test]
    fn other_actions_and_those_with_mfa_are_fine() {
        assert_eq!(judge(&allow("iam:GetUser", "")), Verdict::Compliant);
        let present = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
        assert_eq!(judge(&allow("iam:*", present)), Verdict::Compliant);
        let age = r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#;
        assert_eq!(judge(&allow("iam:*", age)), Verdict::Compliant);
        let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*",
            "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;
        assert_eq!(judge(&format!("{},{deny}", allow("iam:*", ""))), Verdict::Compliant);
    }

    #[test]
    fn the_list_may_be_another() {
        let only = json!({ "sensitiveActions": ["s3:DeleteBucket*"] });
        let judge = |action: &str| judge_with(&policy_of(&allow(action, "")), &only);
        assert_eq!(judge("iam:CreateUser"), Verdict::Compliant);
        assert!(matches!(judge("s3:DeleteBucketPolicy"), Verdict::NonCompliant(_)));
    }

    #[test]
    fn a_boundary_grants_nothing() {
        let boundary = ManagedPolicy {
            attachments: Fact::Known(0),
            bounds: Fact::Known(1),
            ..policy_of(&allow("iam:*", ""))
        };
        assert_eq!(judge_with(&boundary, &Value::Null), Verdict::Compliant);
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge_with(&policy, &Value::Null), Verdict::Unknown(unread));
    }

    #[test]
    fn says_the_first_action_of_each_statement_and_where() {
        let Verdict::NonCompliant(found) = judge(&allow("iam:*", "")) else { panic!("fine") };
        assert_eq!(
            PolicySensitiveWithoutMfa::annotate(&found, &Params::default()),
            "Statement[0].Action[0] allows iam:AttachRolePolicy without multi-factor authentication"
        );
    }
}
