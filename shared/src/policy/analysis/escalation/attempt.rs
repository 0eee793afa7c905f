use super::path::{Need, PASS_ROLE};
use crate::policy::Condition;
use crate::policy::analysis::{Asked, Circumstances, ResourceKind};

/// AWS's own policies that make an administrator, or somebody who can become one.
const STRONG_POLICIES: &[&str] =
    &["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMFullAccess"];

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
    if need.action == PASS_ROLE.action {
        return passing(&base, passed_to, by);
    }
    let mut requests = vec![base];
    if WITH_POLICY_ARN.contains(&need.action) {
        let own = ResourceKind::POLICY.0;
        let arns = STRONG_POLICIES.iter().copied().chain([own]);
        requests = arns.flat_map(|arn| with(&requests, "iam:PolicyARN", arn)).collect();
    }
    if WITH_BOUNDARY.contains(&need.action) {
        // Without one, or with one that caps nothing.
        let bounded =
            with(&requests, "iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess");
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

fn with<'a>(bases: &[Circumstances<'a>], key: &'static str, value: &'static str) -> Vec<Circumstances<'a>> {
    bases.iter().map(|base| base.clone().with(key, value)).collect()
}
