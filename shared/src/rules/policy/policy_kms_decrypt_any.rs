use std::collections::BTreeMap;

use super::found::{Found, allowing, say};
use super::{narrowing, text};
use crate::facts::ManagedPolicy;
use crate::policy::Policy;
use crate::policy::analysis::{Asked, Circumstances, ResourceKind};
use crate::rules::{Context, Names, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A customer managed policy that allows decrypting with every KMS key.
    ///
    /// ## What it checks
    ///
    /// The version in force of each customer managed policy: whether it allows an action of `blockedActionsPatterns`
    /// (`kms:Decrypt` and `kms:ReEncryptFrom` if none is given) with every key of the account. A pattern is met by
    /// whatever the policy allows of its actions. Keys that are named are fine, as are conditions that hold somebody
    /// back: `kms:ViaService`, `kms:RequestAlias`, `kms:ResourceAliases`, `kms:EncryptionContext:…`, tags of the key.
    /// With `excludePermissionBoundaryPolicy` (false by default) a policy that bounds somebody and is attached to
    /// nobody is left out.
    ///
    /// AWS's own rule does not look at conditions, and reports a policy that lets S3 alone decrypt.
    ///
    /// ## Why it matters
    ///
    /// Encryption separates those who may read data from those who may read it in clear. Whoever may use every key is among
    /// both, for all data there is.
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
    /// AWS Config managed rule `IAM_CUSTOMER_POLICY_BLOCKED_KMS_ACTIONS`, whose parameter names are accepted; Security Hub
    /// KMS.1.
    PolicyKmsDecryptAny {
        id: "policy-kms-decrypt-any",
        severity: Medium,
        applies_to: [Policy],
        triggers: [Change, Sweep],
        stands_for: ["IAM_CUSTOMER_POLICY_BLOCKED_KMS_ACTIONS"],
        controls: ["SecurityHub:KMS.1"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [PolicyText, PolicyAttachments],
        plan_needs: [PolicyVersions, Holders],
        steps: [CreatePolicyVersion, SetDefaultPolicyVersion],
        remediator: RestrictPolicy,
    }
}

declare_parameters! {
    /// Actions, possibly with wildcards, that no policy may allow with every key.
    "blockedActionsPatterns" => blocked_actions_patterns: Names = ["kms:Decrypt", "kms:ReEncryptFrom"],
    /// Whether to leave out a policy that is a permissions boundary and attached to nobody.
    "excludePermissionBoundaryPolicy" => exclude_permission_boundary_policy: Flag = false,
}

impl Rule for PolicyKmsDecryptAny {
    type Subject = ManagedPolicy;
    type Params = Params;
    type Finding = Vec<Found>;

    fn evaluate(policy: &ManagedPolicy, params: &Params, _: &Context) -> Verdict<Vec<Found>> {
        text::judge_unless(policy, params.exclude_permission_boundary_policy, |text| {
            with_every_key(text, &params.blocked_actions_patterns, &text::of_account(policy))
        })
    }

    fn annotate(found: &Vec<Found>, _: &Params) -> String {
        say(found)
    }

    fn plan(policy: &ManagedPolicy, found: &Vec<Found>, params: &Params, _: &Context) -> Proposal {
        narrowing::plan(policy, found, |text| {
            with_every_key(text, &params.blocked_actions_patterns, &text::of_account(policy))
        })
    }
}

/// The statements that allow one of the actions with every key, to whoever asks KMS itself.
pub(crate) fn with_every_key(text: &Policy, blocked: &Names, known: &Circumstances<'_>) -> Vec<Found> {
    let without_context = Circumstances::direct().and(known).without("kms:EncryptionContext*");
    // To KMS itself and of a key without an alias; and through a service and by an alias that nobody thought of, as a
    // pattern of everything lets through.
    let plain = KEYS.iter().fold(without_context.clone(), |known, (key, _)| known.without(*key));
    let any = KEYS.iter().fold(without_context, |known, (key, value)| known.with(*key, *value));
    let mut allowing = allowing_on_every_key(text, blocked, &plain);
    for (index, action) in allowing_on_every_key(text, blocked, &any) {
        allowing.entry(index).or_insert(action);
    }
    let statements =
        allowing.iter().filter_map(|(index, action)| Some((*index, action, text.statements.get(*index)?)));
    statements
        .map(|(index, action, statement)| {
            let at = statement.place_of(index, action);
            Found::at(&[index], at.as_str(), format!("allows {action} with every key of the account"))
        })
        .collect()
}

/// Keys that tell which KMS keys may be used for what, each with a value that no policy names.
///
/// Source: AWS KMS Developer Guide, "AWS KMS condition keys" and "Use aliases to control access to KMS keys".
const KEYS: [(&str, &str); 3] = [
    ("kms:ViaService", "nobodys-service.nowhere-1.amazonaws.com"),
    ("kms:RequestAlias", "alias/nobodys-alias"),
    ("kms:ResourceAliases", "alias/nobodys-alias"),
];

fn allowing_on_every_key(
    text: &Policy,
    blocked: &Names,
    known: &Circumstances<'_>,
) -> BTreeMap<usize, String> {
    allowing(text, blocked.iter(), &Asked::Every(ResourceKind::KEY), known)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{context, customer_policy, policy_of, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge_with(policy: &ManagedPolicy, params: &Value) -> Verdict<Vec<Found>> {
        PolicyKmsDecryptAny::evaluate(policy, &Params::read(params).unwrap(), &context())
    }

    fn judge(policy: &ManagedPolicy) -> Verdict<Vec<Found>> {
        judge_with(policy, &Value::Null)
    }

    fn allow(action: &str, resource: &str, condition: &str) -> ManagedPolicy {
        policy_of(&format!(
            r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}"#
        ))
    }

    #[test]
    fn decrypting_with_every_key_counts() {
        for (action, resource) in [
            ("kms:Decrypt", "*"),
            ("kms:ReEncrypt*", "*"),
            ("kms:*", "arn:aws:kms:*:111122223333:key/*"),
            ("*", "arn:aws:kms:eu-west-1:111122223333:*"),
        ] {
            let verdict = judge(&allow(action, resource, ""));
            assert!(matches!(verdict, Verdict::NonCompliant(_)), "{action} {resource}");
        }
    }

    #[test]
    fn one_key_other_actions_and_one_service_are_fine() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(judge(&allow("kms:Decrypt", key, "")), Verdict::Compliant);
        assert_eq!(judge(&allow("kms:Encrypt", "*", "")), Verdict::Compliant);
        assert_eq!(judge(&allow("kms:ReEncryptTo", "*", "")), Verdict::Compliant);
        let by_s3 = r#""StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}"#;
        assert_eq!(judge(&allow("kms:Decrypt", "*", by_s3)), Verdict::Compliant);
        for by_alias in [
            r#""StringEquals":{"kms:RequestAlias":"alias/x"}"#,
            r#""ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/x"}"#,
            r#""ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/app-*"}"#,
        ] {
            assert_eq!(judge(&allow("kms:Decrypt", "*", by_alias)), Verdict::Compliant, "{by_alias}");
        }
        let mfa = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
        assert!(matches!(judge(&allow("kms:Decrypt", "*", mfa)), Verdict::NonCompliant(_)));
    }

    #[test]
    fn a_condition_that_asks_for_nothing_holds_nobody_back() {
        for condition in [
            r#""StringLike":{"kms:ViaService":"*"}"#,
            r#""StringLike":{"kms:ViaService":"*.amazonaws.com"}"#,
            r#""Null":{"kms:ViaService":"false"}"#,
            r#""StringEqualsIfExists":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}"#,
            r#""StringLike":{"kms:RequestAlias":"alias/*"}"#,
            r#""ForAllValues:StringEquals":{"kms:ResourceAliases":"alias/x"}"#,
        ] {
            let verdict = judge(&allow("kms:Decrypt", "*", condition));
            assert!(matches!(verdict, Verdict::NonCompliant(_)), "{condition}");
        }
    }

    #[test]
    fn the_blocked_actions_may_be_others_and_patterns() {
        let blocked = json!({ "blockedActionsPatterns": "kms:Schedule*,kms:Disable*" });
        let judge = |action: &str| judge_with(&allow(action, "*", ""), &blocked);
        assert_eq!(judge("kms:Decrypt"), Verdict::Compliant);
        for action in ["kms:ScheduleKeyDeletion", "kms:DisableKey*", "kms:*"] {
            assert!(matches!(judge(action), Verdict::NonCompliant(_)), "{action}");
        }
    }

    #[test]
    fn a_boundary_may_be_left_out() {
        let boundary = ManagedPolicy {
            attachments: Fact::Known(0),
            bounds: Fact::Known(1),
            ..allow("kms:Decrypt", "*", "")
        };
        assert!(matches!(judge(&boundary), Verdict::NonCompliant(_)));
        assert_eq!(
            judge_with(&boundary, &json!({ "excludePermissionBoundaryPolicy": "true" })),
            Verdict::Compliant
        );
    }

    #[test]
    fn a_text_that_could_not_be_read_is_unknown() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let policy = ManagedPolicy { document: Fact::Unknown(unread.clone()), ..customer_policy("") };
        assert_eq!(judge(&policy), Verdict::Unknown(unread));
    }

    #[test]
    fn says_which_action_and_where() {
        let Verdict::NonCompliant(found) = judge(&allow("kms:*", "*", "")) else { panic!("fine") };
        assert_eq!(
            PolicyKmsDecryptAny::annotate(&found, &Params::default()),
            "Statement[0].Action[0] allows kms:Decrypt with every key of the account"
        );
    }
}
