use crate::facts::{Entity, Resource};
use crate::identifier::PolicyName;
use crate::policy::analysis::Circumstances;
use crate::policy::{Effect, Policy, PolicyDocument, PolicyKind, PrincipalEntry};
use crate::rules::policy::found::{Found, say};
use crate::rules::policy::policy_kms_decrypt_any::with_every_key;
use crate::rules::policy::text;
use crate::rules::{Context, Names, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An inline policy that allows decrypting with every KMS key.
    ///
    /// ## What it checks
    ///
    /// The policies written into each user, group and role: whether one allows an action of `blockedActionsPatterns`
    /// (`kms:Decrypt` and `kms:ReEncryptFrom` if none is given) with every key of the account. A pattern is met by
    /// whatever the policy allows of its actions. Keys that are named are fine, as are conditions that hold somebody
    /// back: `kms:ViaService`, `kms:RequestAlias`, `kms:ResourceAliases`, `kms:EncryptionContext:…`, tags of the key.
    /// With `excludeRoleByManagementAccount` (false by default) a role is left out that nobody can assume but the
    /// accounts in `managementAccountIds`; AWS's rule knows the organisation's management account, this one must be
    /// told. Roles that belong to an AWS service, and those that IAM Identity Center made, are not judged: nobody can
    /// change them.
    ///
    /// AWS's own rule does not look at conditions, and reports a policy that lets S3 alone decrypt.
    ///
    /// ## Why it matters
    ///
    /// Encryption separates those who may read data from those who may read it in clear. Whoever may use every key is among
    /// both, for all data there is, and an inline policy is where nobody looks.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know which keys are used. They name them as resources, with
    /// `aws iam put-user-policy`, `put-group-policy` or `put-role-policy`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's or role's ARN, or a group's as its `resource`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS`, whose parameter names are accepted; Security Hub
    /// KMS.2.
    InlinePolicyKmsDecryptAny {
        id: "inline-policy-kms-decrypt-any",
        severity: Medium,
        applies_to: [User, Group, Role],
        triggers: [Change, Sweep],
        stands_for: ["IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS"],
        controls: ["SecurityHub:KMS.2"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [InlinePolicies, Trust],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Actions, possibly with wildcards, that no policy may allow with every key.
    "blockedActionsPatterns" => blocked_actions_patterns: Names = ["kms:Decrypt", "kms:ReEncryptFrom"],
    /// Whether to leave out a role that only a management account can assume.
    "excludeRoleByManagementAccount" => exclude_role_by_management_account: Flag = false,
    /// Numbers of the management accounts that are meant.
    "managementAccountIds" => management_account_ids: Names = [],
}

/// An inline policy and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inline {
    name: PolicyName,
    found: Vec<Found>,
}

impl Rule for InlinePolicyKmsDecryptAny {
    type Subject = Resource;
    type Params = Params;
    type Finding = Vec<Inline>;

    fn evaluate(resource: &Resource, params: &Params, _: &Context) -> Verdict<Vec<Inline>> {
        let Some(policies) = resource.inline_policies() else { return Verdict::Compliant };
        if resource.is_made_by_aws() || is_excluded(resource, params) {
            return Verdict::Compliant;
        }
        let policies = match policies.list() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(policies) => policies,
        };
        let identity = resource.identity();
        let known = Circumstances::unknown().with("aws:PrincipalAccount", identity.account().as_str());
        let mut wide = Vec::new();
        let mut unread = None;
        for policy in policies {
            match text::read(&policy.document) {
                Err(reason) => unread = Some(reason),
                Ok(text) => {
                    let found = with_every_key(&text, &params.blocked_actions_patterns, &known);
                    if !found.is_empty() {
                        wide.push(Inline { name: policy.name.clone(), found });
                    }
                }
            }
        }
        match (wide.is_empty(), unread) {
            (false, _) => Verdict::NonCompliant(wide),
            (true, Some(unread)) => Verdict::Unknown(unread),
            (true, None) => Verdict::Compliant,
        }
    }

    fn annotate(policies: &Vec<Inline>, _: &Params) -> String {
        let said: Vec<String> = policies
            .iter()
            .map(|policy| format!("inline policy {}: {}", policy.name, say(&policy.found)))
            .collect();
        said.join("; ")
    }
}

/// Whether it is a role that the management accounts alone can assume. One whose trust policy cannot be read is not
/// left out.
fn is_excluded(resource: &Resource, params: &Params) -> bool {
    let Resource::Entity(Entity::Role(role)) = resource else { return false };
    params.exclude_role_by_management_account.is_set()
        && role
            .trust
            .known()
            .ok()
            .flatten()
            .is_some_and(|trust| trusts_only(trust, &params.management_account_ids))
}

fn trusts_only(trust: &PolicyDocument, accounts: &Names) -> bool {
    let is_one = |entry: &PrincipalEntry| {
        let account = match entry {
            PrincipalEntry::Account(account) => Some(account.clone()),
            PrincipalEntry::Aws(arn) => arn.account(),
            _ => None,
        };
        account.is_some_and(|account| accounts.iter().any(|listed| listed == account.as_str()))
    };
    Policy::parse_document(trust, PolicyKind::Trust).is_ok_and(|policy| {
        let mut allows = policy.statements.iter().filter(|it| it.effect == Effect::Allow).peekable();
        allows.peek().is_some()
            && allows.all(|statement| {
                statement
                    .principal
                    .as_ref()
                    .is_some_and(|principals| !principals.negated && principals.entries.iter().all(is_one))
            })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{alice, arn, context, deployer, developers, inline, throttled};
    use crate::facts::{Fact, Group, InlinePolicy, Read, Role, RoleIdentity};
    use crate::rules::Parameters;

    const ANY_KEY: &str = r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    const NO_KEY: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

    fn judge_with(resource: impl Into<Resource>, params: &Value) -> Verdict<Vec<Inline>> {
        let params = Params::read(params).unwrap();
        InlinePolicyKmsDecryptAny::evaluate(&resource.into(), &params, &context())
    }

    fn judge(resource: impl Into<Resource>) -> Verdict<Vec<Inline>> {
        judge_with(resource, &Value::Null)
    }

    fn role(policies: Vec<InlinePolicy>, trust: &str) -> Role {
        Role {
            inline_policies: Fact::Known(policies),
            trust: Fact::Known(PolicyDocument::new(trust)),
            ..deployer()
        }
    }

    fn names(verdict: Verdict<Vec<Inline>>) -> Vec<String> {
        match verdict {
            Verdict::NonCompliant(found) => found.iter().map(|policy| policy.name.to_string()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_policy_of_a_user_a_group_or_a_role_counts() {
        let policies = vec![inline("fine", NO_KEY), inline("keys", ANY_KEY)];
        assert_eq!(names(judge(alice().with_inline(policies.clone()))), ["keys"]);
        let group = Group { inline_policies: Fact::Known(policies.clone()), ..developers() };
        assert_eq!(names(judge(group)), ["keys"]);
        assert_eq!(names(judge(role(policies, "{}"))), ["keys"]);
        assert_eq!(judge(alice().with_inline([inline("fine", NO_KEY)])), Verdict::Compliant);
        assert_eq!(judge(developers()), Verdict::Compliant);
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_unknown_unless_another_settles_it() {
        let broken = inline("broken", "");
        let user = alice().with_inline([broken.clone()]);
        assert!(matches!(judge(user), Verdict::Unknown(_)));
        let both = alice().with_inline([broken, inline("keys", ANY_KEY)]);
        assert_eq!(names(judge(both)), ["keys"]);
        let unread = throttled(Read::GetUserPolicy);
        let user = crate::facts::User { inline_policies: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(user), Verdict::Unknown(unread));
    }

    #[test]
    fn a_role_that_the_management_account_alone_assumes_may_be_left_out() {
        let trusting = |principals: &str| {
            let trust = format!(
                r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principals}}}}}"#
            );
            role(vec![inline("keys", ANY_KEY)], &trust)
        };
        let exclude =
            json!({ "excludeRoleByManagementAccount": true, "managementAccountIds": "999988887777" });
        let management = r#"{"AWS":"arn:aws:iam::999988887777:root"}"#;
        assert_eq!(judge_with(trusting(management), &exclude), Verdict::Compliant);
        assert_eq!(names(judge(trusting(management))), ["keys"]);
        for more in [
            r#"{"AWS":["999988887777","111122223333"]}"#,
            r#"{"AWS":"999988887777","Service":"ec2.amazonaws.com"}"#,
            r#""*""#,
        ] {
            assert_eq!(names(judge_with(trusting(more), &exclude)), ["keys"], "{more}");
        }
        let unread = Role {
            trust: Fact::Unknown(throttled(Read::GetRole)),
            ..role(vec![inline("keys", ANY_KEY)], "")
        };
        assert_eq!(names(judge_with(unread, &exclude)), ["keys"]);
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x");
        let reserved = Role {
            identity: RoleIdentity { arn, ..deployer().identity },
            ..role(vec![inline("keys", ANY_KEY)], "{}")
        };
        assert_eq!(judge(reserved), Verdict::Compliant);
    }

    #[test]
    fn says_which_policy_and_where() {
        let Verdict::NonCompliant(found) = judge(alice().with_inline([inline("keys", ANY_KEY)])) else {
            panic!("fine")
        };
        assert_eq!(
            InlinePolicyKmsDecryptAny::annotate(&found, &Params::default()),
            "inline policy keys: Statement[0].Action[0] allows kms:Decrypt with every key of the account"
        );
    }
}
