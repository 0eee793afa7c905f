use crate::facts::{AttachedPolicy, Entity, Resource, ResourceIdentity, Unread, denies_alone};
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// A blocked policy that is attached.
    ///
    /// ## What it checks
    ///
    /// Managed policies attached to each user, group and role: whether one is in `policyArns`, which is
    /// `AWSCloudShellFullAccess` alone if nobody says otherwise. (AWS Config's own rule blocks `AdministratorAccess` then.)
    /// A policy of AWS's is the same in each partition, however its ARN is written. Who is named in `exceptionList`, as
    /// `users:[alice;bob], groups:[ops], roles:[deployer]`, may have any. Roles that belong to an AWS service, and those
    /// that IAM Identity Center made, are not judged: nobody can change them.
    ///
    /// ## Why it matters
    ///
    /// `AWSCloudShellFullAccess` lets its holder move files between the account and anywhere, past every control on
    /// machines of the organisation's own. What else nobody should have, each organisation knows for itself.
    ///
    /// ## What is done about it
    ///
    /// The policy is detached; the policy itself, and its other attachments, stay as they are, and an undo attaches it
    /// again. A policy that only denies may be somebody's containment, and one of the customer's whose text is not read,
    /// because it hangs on a group or a role, may be such a one: these are left to people, who detach them with
    /// `aws iam detach-user-policy`, `detach-group-policy` or `detach-role-policy`. Nothing is detached from a group that
    /// somebody protected is in.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's or role's ARN, or a group's as its `resource`. Unlike the
    /// exception list it has an owner and ends.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_POLICY_BLACKLISTED_CHECK`, whose parameter names are accepted; CIS AWS Foundations 3.0
    /// 1.22 and 5.0 1.21; Security Hub IAM.27.
    PolicyBlockedAttached {
        id: "policy-blocked-attached",
        severity: Medium,
        applies_to: [User, Group, Role],
        triggers: [Change, Sweep],
        stands_for: ["IAM_POLICY_BLACKLISTED_CHECK"],
        controls: ["CIS-3.0:1.22", "CIS-5.0:1.21", "SecurityHub:IAM.27"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [AttachedPolicies],
        plan_needs: [AttachedPolicyTexts, Holders],
        steps: [DetachUserPolicy, DetachRolePolicy, DetachGroupPolicy],
        remediator: RestrictPolicy,
    }
}

declare_parameters! {
    /// ARNs of the policies that nobody may have.
    "policyArns" => policy_arns: PolicyArns = ["arn:aws:iam::aws:policy/AWSCloudShellFullAccess"],
    /// Who may have them all the same, as `users:[alice;bob], groups:[ops], roles:[deployer]`.
    "exceptionList" => exception_list: Exceptions = [],
}

impl Rule for PolicyBlockedAttached {
    type Subject = Resource;
    type Params = Params;
    type Finding = Vec<AttachedPolicy>;

    fn evaluate(resource: &Resource, params: &Params, _: &Context) -> Verdict<Vec<AttachedPolicy>> {
        let Some(attached) = resource.attached_policies() else { return Verdict::Compliant };
        if resource.is_made_by_aws()
            || params.policy_arns.is_empty()
            || params.exception_list.has(&resource.identity())
        {
            return Verdict::Compliant;
        }
        match attached.list() {
            Err(unread) => Verdict::Unknown(unread.clone()),
            Ok(policies) => Verdict::of_each(policies, |policy| Ok(params.policy_arns.contains(&policy.arn))),
        }
    }

    fn annotate(policies: &Vec<AttachedPolicy>, _: &Params) -> String {
        let names: Vec<&str> = policies.iter().map(|policy| policy.arn.name()).collect();
        format!("blocked policies: {}", names.join(", "))
    }

    fn plan(resource: &Resource, policies: &Vec<AttachedPolicy>, _: &Params, context: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        for policy in policies {
            match only_denies(resource, policy, context) {
                Ok(false) => proposal.steps.extend(detach(resource, policy)),
                Ok(true) => proposal.left.push(format!(
                    "{} may only deny: detach it yourself if it contains nobody",
                    policy.arn.name()
                )),
                Err(unread) => proposal.unknown.push(unread),
            }
        }
        proposal
    }
}

/// Whether the policy may be there to contain somebody. Of a customer's text nothing is known but on a user.
fn only_denies(resource: &Resource, policy: &AttachedPolicy, context: &Context) -> Result<bool, Unread> {
    match resource {
        _ if policy.arn == context.quarantine_policy => Ok(true),
        Resource::Entity(Entity::User(user)) => user.is_restricted_by(policy),
        _ => Ok(!policy.arn.is_aws_managed() || denies_alone(&policy.arn)),
    }
}

fn detach(from: &Resource, policy: &AttachedPolicy) -> Option<Step> {
    let policy = policy.arn.clone();
    match from.identity() {
        ResourceIdentity::User(user) => Some(Step::DetachUserPolicy { user, policy }),
        ResourceIdentity::Role(role) => Some(Step::DetachRolePolicy { role, policy }),
        ResourceIdentity::Group(group) => Some(Step::DetachGroupPolicy { group, policy }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::fixture::{QUARANTINE, alice, arn, attached, context, deployer, developers, throttled};
    use crate::facts::{Fact, Group, Read, Role, RoleIdentity};
    use crate::rules::Parameters;

    const CLOUD_SHELL: &str = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";

    fn judge_with(resource: impl Into<Resource>, params: &Value) -> Verdict<Vec<AttachedPolicy>> {
        PolicyBlockedAttached::evaluate(&resource.into(), &Params::read(params).unwrap(), &context())
    }

    fn judge(resource: impl Into<Resource>) -> Verdict<Vec<AttachedPolicy>> {
        judge_with(resource, &Value::Null)
    }

    #[test]
    fn a_blocked_policy_counts_on_users_groups_and_roles_in_each_partition() {
        let broken = Verdict::NonCompliant(vec![attached(CLOUD_SHELL)]);
        let other = attached("arn:aws:iam::aws:policy/ReadOnlyAccess");
        assert_eq!(judge(alice().with_attached([other.clone(), attached(CLOUD_SHELL)])), broken);
        let policies = Fact::Known(vec![attached(CLOUD_SHELL)]);
        assert_eq!(judge(Group { attached_policies: policies.clone(), ..developers() }), broken);
        assert_eq!(judge(Role { attached_policies: policies, ..deployer() }), broken);
        let in_china = attached("arn:aws-cn:iam::aws:policy/AWSCloudShellFullAccess");
        assert_eq!(judge(alice().with_attached([in_china.clone()])), Verdict::NonCompliant(vec![in_china]));
        assert_eq!(judge(alice().with_attached([other])), Verdict::Compliant);
    }

    #[test]
    fn the_list_may_be_another_and_whoever_is_excepted_may_have_it() {
        let team = "arn:aws:iam::111122223333:policy/team";
        let blocked = json!({ "policyArns": team, "exceptionList": "users:[bob], groups:[alice]" });
        let user = alice().with_attached([attached(team), attached(CLOUD_SHELL)]);
        assert_eq!(judge_with(user.clone(), &blocked), Verdict::NonCompliant(vec![attached(team)]));
        let excepted = json!({ "policyArns": [team], "exceptionList": ["users:[bob;alice]"] });
        assert_eq!(judge_with(user.clone(), &excepted), Verdict::Compliant);
        assert_eq!(judge_with(user, &json!({ "policyArns": [] })), Verdict::Compliant);
    }

    #[test]
    fn policies_that_could_not_be_listed_are_unknown() {
        let unread = throttled(Read::ListAttachedRolePolicies);
        let role = Role { attached_policies: Fact::Unknown(unread.clone()), ..deployer() };
        assert_eq!(judge(role.clone()), Verdict::Unknown(unread));
        // An exception settles it, whatever it has.
        let excepted = json!({ "exceptionList": "roles:[deployer]" });
        assert_eq!(judge_with(role, &excepted), Verdict::Compliant);
    }

    #[test]
    fn roles_that_only_aws_can_change_are_not_judged() {
        let arn = arn("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x");
        let role = Role {
            identity: RoleIdentity { arn, ..deployer().identity },
            attached_policies: Fact::Known(vec![attached(CLOUD_SHELL)]),
            ..deployer()
        };
        assert_eq!(judge(role), Verdict::Compliant);
    }

    #[test]
    fn a_blocked_policy_is_detached_and_what_may_only_deny_is_left_to_people() {
        let plan = |resource: Resource, policies: &[&str]| {
            let policies = policies.iter().map(|policy| attached(policy)).collect();
            PolicyBlockedAttached::plan(&resource, &policies, &Params::default(), &context())
        };
        let team = "arn:aws:iam::111122223333:policy/team";
        let user = alice().with_attached([attached(CLOUD_SHELL), attached(team)]);
        let of_user = plan(user.clone().into(), &[CLOUD_SHELL, team]);
        let detach = |policy: &str| Step::DetachUserPolicy { user: alice().identity, policy: arn(policy) };
        assert_eq!((of_user.steps, of_user.left.len()), (vec![detach(CLOUD_SHELL), detach(team)], 0));
        let group = developers();
        let of_group = plan(group.clone().into(), &[CLOUD_SHELL, team, "arn:aws:iam::aws:policy/AWSDenyAll"]);
        let detach = Step::DetachGroupPolicy { group: group.identity, policy: arn(CLOUD_SHELL) };
        assert_eq!((of_group.steps, of_group.left.len()), (vec![detach], 2));
        let of_role = plan(deployer().into(), &[CLOUD_SHELL, QUARANTINE]);
        let detach = Step::DetachRolePolicy { role: deployer().identity, policy: arn(CLOUD_SHELL) };
        assert_eq!((of_role.steps, of_role.left.len()), (vec![detach], 1));
        let unread = throttled(Read::GetPolicyVersion);
        let text_unknown = crate::facts::User { policy_texts: Fact::Unknown(unread.clone()), ..user };
        let unknown = plan(text_unknown.into(), &[team]);
        assert_eq!((unknown.steps.len(), unknown.unknown), (0, vec![unread]));
    }

    #[test]
    fn says_which() {
        let said = PolicyBlockedAttached::annotate(&vec![attached(CLOUD_SHELL)], &Params::default());
        assert_eq!(said, "blocked policies: AWSCloudShellFullAccess");
    }
}
