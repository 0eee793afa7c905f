use super::path::{Need, PASS_ROLE};
use crate::policy::Condition;
use crate::policy::analysis::{Asked, Circumstances, ResourceKind, STRONG_POLICIES};

/// The partitions whose ARNs begin otherwise than `arn:aws:`.
const OTHER_PARTITIONS: &[&str] = &["aws-cn", "aws-us-gov"];

/// Actions whose requests have `iam:PolicyARN`.
///
/// Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
/// Management"; the same for the two below.
const WITH_POLICY_ARN: &[&str] = &["iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy"];

/// Actions whose requests have `iam:PermissionsBoundary`: the boundary of the user or role that they change.
const WITH_BOUNDARY: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
];

/// The requests, any of which would do for a step of a path: as far as they differ in keys by which a policy could
/// still forbid the step. All other keys are taken to be as the policy wants them; who wants to become administrator
/// uses MFA, and the office's network.
///
/// `by` are the conditions that the requests are held against. Where they ask for a service's name only if there is
/// one (`IfExists`), a service that does not tell its name is tried too; where they know China, its names.
pub(super) fn requests<'a, 'c>(
    known: &Circumstances<'a>,
    need: &Need,
    passed_to: &[&str],
    asked: &Asked<'_>,
    through_stacks: bool,
    prepared: &Prepared,
    by: impl Iterator<Item = &'c Condition> + Clone,
) -> Vec<Circumstances<'a>> {
    let mut base = Circumstances::direct();
    if through_stacks {
        for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
            base = base.with(key, "cloudformation.amazonaws.com");
        }
        base = base.with("aws:ViaAWSService", "true");
    }
    if *asked == Asked::Some {
        // What one makes oneself bears the tags one gives it.
        base = base.free("aws:ResourceTag/*");
    } else {
        for key in ["ec2:ResourceTag/*", "ecs:ResourceTag/*", "iam:ResourceTag/*", "ssm:ResourceTag/*"] {
            base = base.without(key);
        }
    }
    let base = base
        .without("iam:PassedToService")
        .without("iam:RoleTemplateARN")
        .without("iam:PolicyARN")
        .without("iam:PermissionsBoundary")
        .on_own_resources(known)
        .and(known);
    let base = prepared.tags.iter().fold(base, |base, tag| {
        base.free(format!("aws:ResourceTag/{tag}")).free(format!("iam:ResourceTag/{tag}"))
    });
    if need.action == PASS_ROLE.action {
        return passing(&base, passed_to, by);
    }
    let is_of = |partition: &str, value: &str| {
        value
            .strip_prefix("arn:")
            .and_then(|rest| rest.strip_prefix(partition))
            .is_some_and(|rest| rest.starts_with(':'))
    };
    let values = by.flat_map(|condition| &condition.values);
    let others: Vec<&str> = OTHER_PARTITIONS
        .iter()
        .copied()
        .filter(|partition| values.clone().any(|value| is_of(partition, value)))
        .collect();
    let of_aws = |name: &str| -> Vec<String> {
        let partitions = std::iter::once("aws").chain(others.iter().copied());
        partitions.map(|partition| format!("arn:{partition}:iam::aws:policy/{name}")).collect()
    };
    let mut requests = vec![base];
    if WITH_POLICY_ARN.contains(&need.action) {
        let own = ResourceKind::POLICY.0.to_owned();
        let made = prepared.policies.iter().cloned();
        let arns = STRONG_POLICIES.iter().flat_map(|name| of_aws(name)).chain([own]).chain(made);
        requests = arns.flat_map(|arn| with(&requests, "iam:PolicyARN", &arn)).collect();
    }
    if WITH_BOUNDARY.contains(&need.action) {
        // Without one, or with one that caps nothing.
        let bounds = of_aws("AdministratorAccess").into_iter();
        let bounded: Vec<_> =
            bounds.flat_map(|arn| with(&requests, "iam:PermissionsBoundary", &arn)).collect();
        requests.extend(bounded);
    }
    requests
}

/// Requests to pass a role, to one service each.
fn passing<'a, 'c>(
    base: &Circumstances<'a>,
    passed_to: &[&str],
    by: impl Iterator<Item = &'c Condition> + Clone,
) -> Vec<Circumstances<'a>> {
    let mut about = by.filter(|condition| condition.is_about("iam:PassedToService"));
    let unnamed = about.clone().any(|condition| condition.operator.if_exists);
    let in_china = |value: &String| value.rsplit_once('.').is_some_and(|(_, last)| last == "cn");
    let china = about.any(|condition| condition.values.iter().any(in_china));
    let mut services: Vec<String> = passed_to.iter().map(|service| (*service).to_owned()).collect();
    if china {
        services.extend(passed_to.iter().map(|service| format!("{service}.cn")));
    }
    let named = services.into_iter().map(|service| base.clone().with("iam:PassedToService", service));
    named.chain(unnamed.then(|| base.clone())).collect()
}

fn with<'a>(bases: &[Circumstances<'a>], key: &'static str, value: &str) -> Vec<Circumstances<'a>> {
    bases.iter().map(|base| base.clone().with(key, value.to_owned())).collect()
}

/// What the principal can see to beforehand, for the sake of conditions that a request would not meet.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared {
    /// Tags that it can set on the resource itself.
    pub(super) tags: Vec<String>,
    /// Policies that it can make, by ARN.
    pub(super) policies: Vec<String>,
}

impl Prepared {
    pub(super) fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.policies.is_empty()
    }
}

/// Whether the requests for an action tell which policy they are about.
pub(super) fn tells_policy(action: &str) -> bool {
    WITH_POLICY_ARN.contains(&action)
}

/// The tag of a resource that a condition key is about.
pub(in crate::policy) fn resource_tag(key: &str) -> Option<&str> {
    ["aws:ResourceTag/", "iam:ResourceTag/"].into_iter().find_map(|start| {
        let (beginning, tag) = key.split_at_checked(start.len())?;
        beginning.eq_ignore_ascii_case(start).then_some(tag)
    })
}

/// A request to set a tag to a value that a condition asks for.
pub(super) fn tagging<'a>(known: &Circumstances<'a>, tag: &str, value: &str) -> Circumstances<'a> {
    let base = Circumstances::direct()
        .without("iam:ResourceTag/*")
        .without("aws:RequestTag/*")
        .with("aws:TagKeys", tag.to_owned())
        .on_own_resources(known)
        .and(known);
    let key = format!("aws:RequestTag/{tag}");
    if value.contains(['$', '*', '?']) { base.free(key) } else { base.with(key, value.to_owned()) }
}

/// A policy of the account that a pattern means, by ARN; its letters where the pattern leaves them open are made up.
pub(in crate::policy) fn policy_like(pattern: &str, account: Option<&str>) -> Option<String> {
    let mut parts = pattern.splitn(6, ':');
    let (arn, partition, _, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (named, resource) = (parts.next()?, parts.next()?);
    let is_own =
        arn == "arn" && region.is_empty() && resource.starts_with("policy/") && !pattern.contains('$');
    let partition = if partition.contains(['*', '?']) { "aws" } else { partition };
    let account = if named.contains(['*', '?']) { account? } else { named };
    let name = resource.replace(['*', '?'], "x");
    (is_own && account != "aws").then(|| format!("arn:{partition}:iam::{account}:{name}"))
}
