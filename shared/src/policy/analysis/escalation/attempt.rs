use super::path::Need;
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
pub(super) fn requests<'a>(
    known: &Circumstances<'a>,
    need: &Need,
    passed_to: &[&str],
    asked: &Asked<'_>,
    through_stacks: bool,
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
        base = base.without("iam:ResourceTag/*").without("ec2:ResourceTag/*").without("ssm:ResourceTag/*");
    }
    let base = base
        .without("iam:PassedToService")
        .without("iam:RoleTemplateARN")
        .without("iam:PolicyARN")
        .without("iam:PermissionsBoundary")
        .and(known);
    match need.action {
        "iam:PassRole" => passed_to
            .iter()
            .flat_map(|service| [(*service).to_owned(), format!("{service}.cn")])
            .map(|service| base.clone().with("iam:PassedToService", service))
            .collect(),
        action => {
            let boundary = WITH_BOUNDARY.contains(&action).then_some("iam:PermissionsBoundary");
            let policy = WITH_POLICY_ARN.contains(&action).then_some("iam:PolicyARN");
            let strong = STRONG_POLICIES.iter().map(|arn| (*arn).to_owned());
            with_each(vec![base], policy, strong.chain([ResourceKind::POLICY.0.to_owned()]), false)
                .into_iter()
                .flat_map(|base| {
                    // Without a boundary, or with one that allows everything.
                    with_each(
                        vec![base],
                        boundary,
                        STRONG_POLICIES.iter().take(1).map(|arn| (*arn).to_owned()),
                        true,
                    )
                })
                .collect()
        }
    }
}

fn with_each<'a>(
    bases: Vec<Circumstances<'a>>,
    key: Option<&'static str>,
    values: impl Iterator<Item = String> + Clone,
    or_absent: bool,
) -> Vec<Circumstances<'a>> {
    let Some(key) = key else { return bases };
    let mut each = Vec::new();
    for base in bases {
        each.extend(values.clone().map(|value| base.clone().with(key, value)));
        if or_absent {
            each.push(base);
        }
    }
    each
}
