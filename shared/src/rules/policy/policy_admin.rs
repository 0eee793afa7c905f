use super::found::{Found, say};
use super::{narrowing, text};
use crate::facts::ManagedPolicy;
use crate::policy::Policy;
use crate::policy::analysis::{ByVerb, Circumstances, Permissions, analyze_identity_with};
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A customer managed policy that makes an administrator.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy, attached or not: whether whoever has it may do everything
    /// on everything, however that is written. `*`, `*:*` and `**`, `NotAction`, a list of services, and several
    /// statements together all count; what the policy denies for certain is taken off. With
    /// `excludePermissionBoundaryPolicy` (false by default) a policy that bounds somebody and is attached to nobody is
    /// left out; with `attachedOnly` (false by default), as CIS asks, every policy that is attached to nobody.
    ///
    /// AWS's own rule looks for an Allow of `*` on `*` alone, and lets the other spellings pass. It leaves out whatever
    /// bounds somebody, even where it is attached to others as well, to whom it grants all.
    ///
    /// ## Why it matters
    ///
    /// Whoever gets the policy, by mistake or by theft, owns the account.
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
    /// AWS Config managed rule `IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS`, whose parameter name is accepted; CIS AWS
    /// Foundations 3.0 1.16 and 5.0 1.15; Security Hub IAM.1.
    PolicyAdmin {
        id: "policy-admin",
        severity: High,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: ["IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS"],
        controls: ["CIS-3.0:1.16", "CIS-5.0:1.15", "SecurityHub:IAM.1"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [PolicyText, PolicyAttachments],
        plan_needs: [PolicyVersions, Holders],
        steps: [CreatePolicyVersion, SetDefaultPolicyVersion],
        remediator: RestrictPolicy,
    }
}

declare_parameters! {
    /// Whether to leave out a policy that is a permissions boundary and attached to nobody.
    "excludePermissionBoundaryPolicy" => exclude_permission_boundary_policy: Flag = false,
    /// Whether to leave out a policy that is attached to nobody.
    "attachedOnly" => attached_only: Flag = false,
}

impl Rule for PolicyAdmin {
    type Subject = ManagedPolicy;
    type Params = Params;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, params: &Params, _: &Context) -> Verdict<Vec<Found>> {
        let attached = if params.attached_only.is_set() {
            policy.attachments.known().map(|count| count.is_some_and(|count| *count > 0))
        } else {
            Ok(true)
        };
        if attached == Ok(false) {
            return Verdict::Compliant;
        }
        let known = text::of_account(policy);
        let judged = text::judge_unless(policy, params.exclude_permission_boundary_policy, |text| {
            administrators(text, &known)
        });
        match (judged, attached) {
            (Verdict::NonCompliant(_), Err(unread)) => Verdict::Unknown(unread.clone()),
            (judged, _) => judged,
        }
    }

    fn annotate(found: &Vec<Found>, _: &Params) -> String {
        say(found)
    }

    fn plan(policy: &ManagedPolicy, found: &Vec<Found>, _: &Params, _: &Context) -> Proposal {
        narrowing::plan(policy, found, |text| administrators(text, &text::of_account(policy)))
    }
}

/// What of a policy makes an administrator.
fn administrators(text: &Policy, known: &Circumstances<'_>) -> Vec<Found> {
    let permissions = Permissions::of(text);
    if !permissions.is_admin(known) {
        return Vec::new();
    }
    let findings = analyze_identity_with(&permissions, known, &ByVerb).findings;
    findings.into_iter().filter(|finding| finding.rule == "policy-admin").map(Found::of).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge_with(policy: &ManagedPolicy, params: &Value) -> Verdict<Vec<Found>> {
        PolicyAdmin::evaluate(policy, &Params::read(params).unwrap(), &context())
    }

    fn judge(policy: &ManagedPolicy) -> Verdict<Vec<Found>> {
        judge_with(policy, &Value::Null)
    }

    const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    fn said(policy: &ManagedPolicy) -> String {
        match judge(policy) {
            Verdict::NonCompliant(found) => PolicyAdmin::annotate(&found, &Params::default()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_spelling_of_everything_counts() {
        for action in ["\"*\"", "[\"*\"]", "\"*:*\"", "\"**\"", "[\"s3:Get*\",\"*:*\"]"] {
            let policy = policy_of(&format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"*"}}"#));
            assert!(matches!(judge(&policy), Verdict::NonCompliant(_)), "{action}");
        }
        let all_but = r#"{"Effect":"Allow","NotAction":"aws-portal:*","Resource":"*"}"#;
        assert!(matches!(judge(&policy_of(all_but)), Verdict::NonCompliant(_)));
    }

    #[test]
    fn what_is_less_than_everything_does_not_count() {
        for statements in [
            r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::depot/*"}"#,
            r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#,
            r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#,
        ] {
            assert_eq!(judge(&policy_of(statements)), Verdict::Compliant, "{statements}");
        }
    }

    #[test]
    fn a_boundary_counts_unless_it_is_excluded_and_attached_to_nobody() {
        let exclude = json!({ "excludePermissionBoundaryPolicy": "true" });
        let boundary =
            ManagedPolicy { attachments: Fact::Known(0), bounds: Fact::Known(2), ..policy_of(ALL) };
        assert!(matches!(judge(&boundary), Verdict::NonCompliant(_)));
        assert_eq!(judge_with(&boundary, &exclude), Verdict::Compliant);
        let attached_too = ManagedPolicy { attachments: Fact::Known(1), ..boundary };
        assert!(matches!(judge_with(&attached_too, &exclude), Verdict::NonCompliant(_)));
    }

    #[test]
    fn where_only_attached_ones_are_asked_for_the_others_are_left_out() {
        let attached_only = json!({ "attachedOnly": true });
        let lying_about = ManagedPolicy { attachments: Fact::Known(0), ..policy_of(ALL) };
        assert!(matches!(judge(&lying_about), Verdict::NonCompliant(_)));
        assert_eq!(judge_with(&lying_about, &attached_only), Verdict::Compliant);
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let unknown = ManagedPolicy { attachments: Fact::Unknown(unread.clone()), ..policy_of(ALL) };
        assert_eq!(judge_with(&unknown, &attached_only), Verdict::Unknown(unread));
        assert!(matches!(judge_with(&policy_of(ALL), &attached_only), Verdict::NonCompliant(_)));
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge(&policy), Verdict::Unknown(unread));
    }

    #[test]
    fn says_where() {
        let policy =
            policy_of(&format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}},{ALL}"#));
        assert_eq!(
            said(&policy),
            "Statement[1].Action[0] allows every action on every resource: whoever has it is an administrator"
        );
    }
}
