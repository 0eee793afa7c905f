use crate::facts::Group;
use crate::identifier::Arn;
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule, is_same_policy};

declare_rule! {
    /// A group with a policy beside its job.
    ///
    /// ## What it checks
    ///
    /// Groups that `jobFunctions` names: whether each has only the policies that its job takes. An entry is a group with
    /// its policies, such as `databases:[DatabaseAdministrator;arn:aws:iam::111122223333:policy/backups]`. A policy is an
    /// ARN, or the name of one of AWS's own, whatever its path and partition. Every inline policy is beside the job. A group
    /// that has fewer policies is fine, and so is one that is not named; without an entry, which is the default, all are.
    ///
    /// ## Why it matters
    ///
    /// A group is a job. What is attached to it for one member's sake, everybody in the job has from then on.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: either the policy or the list is wrong. A person takes the policy off with
    /// `aws iam detach-group-policy` or `aws iam delete-group-policy`, or adds it to the list.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the group's ARN as its `resource`.
    ///
    /// ## References
    ///
    /// IAM User Guide, "AWS managed policies for job functions"; NIST SP 800-53 AC-2(7), privileged user accounts. No rule
    /// of AWS Config checks this.
    GroupJobFunction {
        id: "group-job-function",
        severity: Medium,
        applies_to: [Group],
        triggers: [Change, Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-2(7)"],
        journey: (Refinement, effort: Medium, benefit: Medium),
        needs: [AttachedPolicies, InlinePolicies],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// The policies of each job, as `group:[policy;policy]`.
    "jobFunctions" => job_functions: Lists = [],
}

impl Rule for GroupJobFunction {
    type Subject = Group;
    type Params = Params;
    type Finding = Vec<String>;

    fn evaluate(group: &Group, params: &Params, _: &Context) -> Verdict<Vec<String>> {
        let Some(job) = params.job_functions.get(group.identity.name.as_str()) else {
            return Verdict::Compliant;
        };
        let attached = group.attached_policies.list();
        let inline = group.inline_policies.list();
        let beside = attached.unwrap_or_default().iter().map(|policy| &policy.arn);
        let beside = beside.filter(|policy| !job.iter().any(|listed| names(listed, policy)));
        let mut beside: Vec<String> = beside.map(|policy| policy.name().to_owned()).collect();
        beside.extend(inline.unwrap_or_default().iter().map(|policy| policy.name.to_string()));
        match (beside.is_empty(), attached.err().or(inline.err())) {
            (false, _) => Verdict::NonCompliant(beside),
            (true, Some(unread)) => Verdict::Unknown(unread.clone()),
            (true, None) => Verdict::Compliant,
        }
    }

    fn annotate(policies: &Vec<String>, _: &Params) -> String {
        format!("policies beside its job: {}", policies.join(", "))
    }
}

/// Whether an entry of the list means the policy. A bare name is AWS's: anybody who makes a policy can name it so.
fn names(listed: &str, policy: &Arn) -> bool {
    match Arn::parse(listed) {
        Ok(arn) => is_same_policy(&arn, policy),
        Err(_) => policy.is_aws_managed() && policy.name() == listed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{ALLOWS, attached, context, developers, inline, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge(group: &Group) -> Verdict<Vec<String>> {
        let jobs = "developers:[DatabaseAdministrator;arn:aws:iam::111122223333:policy/backups], auditors:[SecurityAudit]";
        let params = Params::read(&json!({ "jobFunctions": jobs })).unwrap();
        GroupJobFunction::evaluate(group, &params, &context())
    }

    fn with(policies: &[&str]) -> Group {
        let policies = policies.iter().map(|policy| attached(policy)).collect();
        Group { attached_policies: Fact::Known(policies), ..developers() }
    }

    fn beside(names: &[&str]) -> Verdict<Vec<String>> {
        Verdict::NonCompliant(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn the_policies_of_the_job_are_fine_and_no_other() {
        let job = "arn:aws:iam::aws:policy/job-function/DatabaseAdministrator";
        let ours = "arn:aws:iam::111122223333:policy/backups";
        assert_eq!(judge(&with(&[job, ours])), Verdict::Compliant);
        assert_eq!(judge(&developers()), Verdict::Compliant);
        let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
        assert_eq!(judge(&with(&[job, admin])), beside(&["AdministratorAccess"]));
        // A policy of one's own may have the name of AWS's.
        let borrowed = "arn:aws:iam::111122223333:policy/DatabaseAdministrator";
        assert_eq!(judge(&with(&[borrowed])), beside(&["DatabaseAdministrator"]));
        let elsewhere = "arn:aws:iam::aws:policy/backups";
        assert_eq!(judge(&with(&[elsewhere])), beside(&["backups"]));
    }

    #[test]
    fn an_inline_policy_is_beside_the_job() {
        let group = Group { inline_policies: Fact::Known(vec![inline("more", ALLOWS)]), ..developers() };
        assert_eq!(judge(&group), beside(&["more"]));
    }

    #[test]
    fn a_group_that_is_not_named_is_fine() {
        let verdict = GroupJobFunction::evaluate(
            &with(&["arn:aws:iam::aws:policy/AdministratorAccess"]),
            &Params::default(),
            &context(),
        );
        assert_eq!(verdict, Verdict::Compliant);
    }

    #[test]
    fn what_is_not_known_is_unknown_unless_the_rest_settles_it() {
        let unread = throttled(Read::GetAccountAuthorizationDetails);
        let unknown = Group { inline_policies: Fact::Unknown(unread.clone()), ..developers() };
        assert_eq!(judge(&unknown), Verdict::Unknown(unread.clone()));
        let group = Group {
            inline_policies: Fact::Unknown(unread.clone()),
            ..with(&["arn:aws:iam::aws:policy/AdministratorAccess"])
        };
        assert_eq!(judge(&group), beside(&["AdministratorAccess"]));
        let attached_unknown = Group { attached_policies: Fact::Unknown(unread.clone()), ..developers() };
        assert_eq!(judge(&attached_unknown), Verdict::Unknown(unread));
    }

    #[test]
    fn says_which() {
        let said = GroupJobFunction::annotate(&vec!["a".into(), "b".into()], &Params::default());
        assert_eq!(said, "policies beside its job: a, b");
    }
}
