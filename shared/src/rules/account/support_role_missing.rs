use crate::facts::Account;
use crate::identifier::Arn;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An account in which nobody can open a support case.
    ///
    /// ## What it checks
    ///
    /// Accounts in which none of the managed policies in `policyARN`, AWS's own `AWSSupportAccess` unless told otherwise,
    /// is in use: attached to a user, to a group that has members, or to a role that somebody may assume.
    /// `policyUsageType` (`ANY` by default) narrows that to one of these. A role that only trusts principals that were
    /// deleted does not count. AWS's own policies are the same in every partition.
    ///
    /// ## Why it matters
    ///
    /// An incident is a bad time to find out that nobody but the root user may talk to AWS.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: only people know who is to talk to AWS. They make a role for those and attach the policy: `aws
    /// iam attach-role-policy --role-name … --policy-arn arn:aws:iam::aws:policy/AWSSupportAccess`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and, as its resource, the ARN of the root user, `arn:aws:iam::111122223333:root`.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_POLICY_IN_USE`, whose parameter names are accepted; CIS AWS Foundations 3.0 1.17 and
    /// 5.0 1.16; Security Hub IAM.18.
    SupportRoleMissing {
        id: "support-role-missing",
        severity: Low,
        applies_to: [Account],
        triggers: [Sweep],
        stands_for: ["IAM_POLICY_IN_USE"],
        controls: ["CIS-3.0:1.17", "CIS-5.0:1.16", "SecurityHub:IAM.18"],
        journey: (Hygiene, effort: Low, benefit: Low),
        needs: [PolicyUsage],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// ARNs of the policies of which one must be in use.
    "policyARN" => policy_arn: Names = ["arn:aws:iam::aws:policy/AWSSupportAccess"],
    /// Through what it must be in use.
    "policyUsageType" => policy_usage_type: UsageType = "ANY",
}

impl Rule for SupportRoleMissing {
    type Subject = Account;
    type Params = Params;
    type Finding = ();

    fn evaluate(account: &Account, params: &Params, _: &Context) -> Verdict<()> {
        let usage = match account.policy_usage.known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(None) => return Verdict::NonCompliant(()),
            Ok(Some(usage)) => usage,
        };
        let mut unknown = None;
        for policy in params.policy_arn.iter().filter_map(|policy| Arn::parse(policy).ok()) {
            match usage.is_used(&policy, params.policy_usage_type.holders()) {
                Ok(true) => return Verdict::Compliant,
                Ok(false) => {}
                Err(unread) => unknown = Some(unread),
            }
        }
        unknown.map_or(Verdict::NonCompliant(()), Verdict::Unknown)
    }

    fn annotate((): &(), params: &Params) -> String {
        let policies: Vec<&str> =
            params.policy_arn.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn)).collect();
        format!("{} has {}", params.policy_usage_type.nobody(), policies.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{account, alice, attached, context, deployer, throttled};
    use crate::facts::{Fact, Group, GroupIdentity, PolicyUsage, Read, Role, Unread, User};
    use crate::identifier::{AccountId, GroupName, UniqueId, UserName};
    use crate::policy::PolicyDocument;
    use crate::rules::Parameters;

    const SUPPORT: &str = "arn:aws:iam::aws:policy/AWSSupportAccess";

    fn judge_by(params: &Value, note: impl FnOnce(&mut PolicyUsage)) -> Verdict<()> {
        let mut usage = PolicyUsage::default();
        note(&mut usage);
        let account = Account { policy_usage: Fact::Known(usage), ..account() };
        SupportRoleMissing::evaluate(&account, &Params::read(params).unwrap(), &context())
    }

    fn judge(note: impl FnOnce(&mut PolicyUsage)) -> Verdict<()> {
        judge_by(&json!(null), note)
    }

    fn user() -> User {
        User { attached_policies: Fact::Known(vec![attached(SUPPORT)]), ..alice() }
    }

    fn group(members: Fact<BTreeSet<UserName>>) -> Group {
        let mut group = Group::unread(GroupIdentity {
            account: AccountId::parse("111122223333").unwrap(),
            name: GroupName::parse("support").unwrap(),
            unique_id: UniqueId::parse("AGPAEXAMPLEEXAMPLE001").unwrap(),
            arn: Arn::parse("arn:aws:iam::111122223333:group/support").unwrap(),
        });
        group.attached_policies = Fact::Known(vec![attached(SUPPORT)]);
        group.members = members;
        group
    }

    fn role(trusted: &str) -> Role {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{trusted}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        let attached_policies = Fact::Known(vec![attached(SUPPORT)]);
        Role { trust: Fact::Known(PolicyDocument::new(trust)), attached_policies, ..deployer() }
    }

    #[test]
    fn a_user_a_group_with_members_or_a_role_with_somebody_to_trust_is_enough() {
        assert_eq!(judge(|_| ()), Verdict::NonCompliant(()));
        assert_eq!(judge(|usage| usage.note_user(&user())), Verdict::Compliant);
        assert_eq!(judge(|usage| usage.note_user(&alice())), Verdict::NonCompliant(()));
        let members = Fact::Known(BTreeSet::from([UserName::parse("alice").unwrap()]));
        assert_eq!(judge(|usage| usage.note_group(&group(members))), Verdict::Compliant);
        assert_eq!(judge(|usage| usage.note_role(&role("111122223333"))), Verdict::Compliant);
    }

    #[test]
    fn an_empty_group_and_a_role_for_deleted_principals_do_not_count() {
        assert_eq!(judge(|usage| usage.note_group(&group(Fact::Absent))), Verdict::NonCompliant(()));
        assert_eq!(judge(|usage| usage.note_role(&role("AROAEXAMPLEEXAMPLE009"))), Verdict::NonCompliant(()));
    }

    #[test]
    fn the_usage_type_says_who_counts() {
        let role_only = json!({ "policyUsageType": "IAM_ROLE" });
        assert_eq!(judge_by(&role_only, |usage| usage.note_user(&user())), Verdict::NonCompliant(()));
        let user_only = json!({ "policyUsageType": "IAM_USER" });
        assert_eq!(judge_by(&user_only, |usage| usage.note_user(&user())), Verdict::Compliant);
    }

    #[test]
    fn one_of_several_policies_is_enough_and_aws_own_are_the_same_in_every_partition() {
        let several = json!({ "policyARN": format!("arn:aws:iam::111122223333:policy/support,{SUPPORT}") });
        assert_eq!(judge_by(&several, |usage| usage.note_user(&user())), Verdict::Compliant);
        let china = attached("arn:aws-cn:iam::aws:policy/AWSSupportAccess");
        let user = User { attached_policies: Fact::Known(vec![china]), ..alice() };
        assert_eq!(judge(|usage| usage.note_user(&user)), Verdict::Compliant);
    }

    #[test]
    fn a_holder_that_may_not_count_leaves_it_open_unless_another_one_does() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let unknown = |unread: &Unread| Verdict::Unknown(unread.clone());
        let open = group(Fact::Unknown(unread.clone()));
        assert_eq!(judge(|usage| usage.note_group(&open)), unknown(&unread));
        let blind = User { attached_policies: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(|usage| usage.note_user(&blind)), unknown(&unread));
        let both = |usage: &mut PolicyUsage| {
            usage.note_user(&blind);
            usage.note_user(&user());
        };
        assert_eq!(judge(both), Verdict::Compliant);
        let account = Account { policy_usage: Fact::Unknown(unread.clone()), ..account() };
        let verdict = SupportRoleMissing::evaluate(&account, &Params::default(), &context());
        assert_eq!(verdict, unknown(&unread));
    }

    #[test]
    fn says_who_has_not_what() {
        assert_eq!(
            SupportRoleMissing::annotate(&(), &Params::default()),
            "no user, no group with members and no role that somebody may assume has AWSSupportAccess"
        );
    }
}
