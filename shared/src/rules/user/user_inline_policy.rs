use crate::facts::{InlinePolicy, User};
use crate::remedy::{Step, is_own_inline_policy};
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};

declare_rule! {
    /// An inline policy on a user.
    ///
    /// ## What it checks
    ///
    /// Policies written into a user. Bailiff's own restrictions, which only deny, do not count; a policy that merely
    /// borrows their name does.
    ///
    /// ## Why it matters
    ///
    /// Permissions that sit in single users escape every review of groups and managed policies, and stay when the
    /// person's job changes.
    ///
    /// ## What is done about it
    ///
    /// Each inline policy is deleted, with its exact text kept in the journal, from where it can be put back byte
    /// for byte. A policy that only denies may be somebody's containment of the user: it is left to people.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN.
    ///
    /// ## References
    ///
    /// The inline half of AWS Config managed rule `IAM_USER_NO_POLICIES_CHECK`, and the users' part of
    /// `IAM_NO_INLINE_POLICY_CHECK`; CIS AWS Foundations 3.0 1.15 and 5.0 1.14; Security Hub IAM.2.
    UserInlinePolicy {
        id: "user-inline-policy",
        severity: Medium,
        applies_to: [User],
        triggers: [Change, Sweep],
        stands_for: ["IAM_USER_NO_POLICIES_CHECK", "IAM_NO_INLINE_POLICY_CHECK"],
        controls: ["CIS-3.0:1.15", "CIS-5.0:1.14", "SecurityHub:IAM.2"],
        journey: (Hygiene, effort: Medium, benefit: Medium),
        needs: [InlinePolicies],
        plan_needs: [],
        steps: [DeleteUserPolicy],
        remediator: RemoveUserPolicies,
    }
}

impl Rule for UserInlinePolicy {
    type Subject = User;
    type Params = NoParameters;
    type Finding = Vec<InlinePolicy>;

    fn evaluate(user: &User, _: &NoParameters, _: &Context) -> Verdict<Vec<InlinePolicy>> {
        match user.inline_policies.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(policies) => Verdict::of_each(policies, |policy| Ok(!is_own_inline_policy(policy))),
        }
    }

    fn annotate(policies: &Vec<InlinePolicy>, _: &NoParameters) -> String {
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        format!("inline policies: {}", names.join(", "))
    }

    fn plan(user: &User, policies: &Vec<InlinePolicy>, _: &NoParameters, _: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        for policy in policies {
            if policy.only_denies() {
                proposal.left.push(format!(
                    "{} only denies: delete it yourself if it contains nobody any more",
                    policy.name
                ));
            } else {
                proposal.steps.push(Step::DeleteUserPolicy {
                    user: user.identity.clone(),
                    policy: policy.name.clone(),
                    document: policy.document.clone(),
                });
            }
        }
        proposal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{DENIES, alice, context, days, inline, many_attached, throttled};
    use crate::facts::{Fact, Read};
    use crate::remedy::{QUARANTINE_INLINE_POLICY, REQUIRE_MFA_POLICY, require_mfa, suspend_user};

    const ALLOW: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn judge(user: &User) -> Verdict<Vec<InlinePolicy>> {
        UserInlinePolicy::evaluate(user, &NoParameters {}, &context())
    }

    /// The policies that Bailiff itself writes into users.
    fn own() -> [InlinePolicy; 2] {
        let quarantine = suspend_user(&alice().with_attached(many_attached(10)), &context()).steps;
        let mfa = require_mfa(&alice().with_password(days(1))).steps;
        [quarantine, mfa].map(|steps| match steps.first() {
            Some(Step::PutUserPolicy { policy, document, .. }) => {
                InlinePolicy { name: policy.clone(), document: document.clone() }
            }
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_user_without_inline_policies_is_fine() {
        assert_eq!(judge(&alice()), Verdict::Compliant);
        assert_eq!(judge(&alice().with_inline([])), Verdict::Compliant);
    }

    #[test]
    fn inline_policies_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::GetUserPolicy);
        let user = User { inline_policies: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }

    #[test]
    fn every_inline_policy_is_deleted_with_its_exact_text_kept() {
        let policies = [inline("s3", "{ \"Version\":\n\"2012-10-17\" }"), inline("broken", "{not json")];
        let user = alice().with_inline(policies.clone());
        assert_eq!(judge(&user), Verdict::NonCompliant(policies.to_vec()));
        let proposal = UserInlinePolicy::plan(&user, &policies.to_vec(), &NoParameters {}, &context());
        let steps = policies.map(|policy| Step::DeleteUserPolicy {
            user: user.identity.clone(),
            policy: policy.name,
            document: policy.document,
        });
        assert_eq!(proposal, Proposal { steps: steps.to_vec(), ..Proposal::default() });
    }

    #[test]
    fn what_only_denies_may_contain_somebody_and_is_left_to_people() {
        let policies = [inline("ir-2231", DENIES), inline("grant", ALLOW)];
        let user = alice().with_inline(policies.clone());
        assert_eq!(judge(&user), Verdict::NonCompliant(policies.to_vec()));
        let proposal = UserInlinePolicy::plan(&user, &policies.to_vec(), &NoParameters {}, &context());
        assert_eq!((proposal.steps.len(), proposal.left.len()), (1, 1));
        assert!(
            matches!(&proposal.steps[0], Step::DeleteUserPolicy { policy, .. } if policy.as_str() == "grant")
        );
    }

    #[test]
    fn our_own_restrictions_do_not_count_and_are_not_deleted() {
        let [quarantine, mfa] = own();
        assert_eq!(quarantine.name.as_str(), QUARANTINE_INLINE_POLICY);
        assert_eq!(mfa.name.as_str(), REQUIRE_MFA_POLICY);
        assert_eq!(judge(&alice().with_inline([quarantine.clone(), mfa.clone()])), Verdict::Compliant);
        let grant = inline("grant", ALLOW);
        let user = alice().with_inline([quarantine, grant.clone(), mfa]);
        assert_eq!(judge(&user), Verdict::NonCompliant(vec![grant]));
    }

    #[test]
    fn our_own_text_is_recognised_in_other_spacing_and_order() {
        for policy in own() {
            let value: serde_json::Value = serde_json::from_str(policy.document.as_str()).unwrap();
            let spaced = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(
                judge(&alice().with_inline([inline(policy.name.as_str(), spaced)])),
                Verdict::Compliant
            );
            let reversed: serde_json::Map<String, serde_json::Value> =
                value.as_object().unwrap().clone().into_iter().rev().collect();
            let reversed = serde_json::to_string(&reversed).unwrap();
            assert_eq!(
                judge(&alice().with_inline([inline(policy.name.as_str(), reversed)])),
                Verdict::Compliant
            );
        }
    }

    #[test]
    fn our_name_with_another_text_counts() {
        let [quarantine, mfa] = own();
        let deny = quarantine.document.as_str();
        let with_grant_first = deny.replacen(
            r#""Statement":"#,
            r#""Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}],"Statement":"#,
            1,
        );
        let borrowed = [
            ALLOW.to_owned(),
            String::new(),
            deny.replace(r#""Resource":"*""#, r#""Resource":"arn:aws:s3:::nothing""#),
            deny.replace("Deny", "Allow"),
            mfa.document.as_str().to_owned(),
            with_grant_first,
        ];
        for text in borrowed {
            let policy = inline(QUARANTINE_INLINE_POLICY, text);
            let verdict = judge(&alice().with_inline([policy.clone()]));
            assert_eq!(verdict, Verdict::NonCompliant(vec![policy.clone()]), "{}", policy.document.as_str());
        }
    }

    #[test]
    fn our_text_under_another_name_counts() {
        let [quarantine, _] = own();
        for name in ["BailiffQuarantine2", "bailiffquarantine", "Quarantine", REQUIRE_MFA_POLICY] {
            let user = alice().with_inline([inline(name, quarantine.document.as_str())]);
            assert!(matches!(judge(&user), Verdict::NonCompliant(_)), "{name}");
        }
    }

    #[test]
    fn says_their_names_and_never_their_text() {
        let policies = vec![inline("s3", ALLOW), inline("ec2", ALLOW)];
        assert_eq!(UserInlinePolicy::annotate(&policies, &NoParameters {}), "inline policies: s3, ec2");
    }
}
