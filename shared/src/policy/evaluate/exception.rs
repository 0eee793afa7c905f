//! Requests for which AWS does not go by policies alone.

use super::arn_parts::arn_parts;
use super::principal::{Principal, PrincipalType};
use super::request::Request;

/// Whether AWS answers the request without asking any policy: everybody with credentials may know who they are, and
/// users may authenticate.
///
/// Sources: AWS STS API Reference, "`GetCallerIdentity`"; IAM User Guide, "Permissions for `GetSessionToken`".
pub(super) fn needs_no_permission(request: &Request<'_>) -> bool {
    let principal = &request.principal;
    principal.has_identity() && request.action.eq_ignore_ascii_case("sts:GetCallerIdentity")
        || matches!(principal.kind(), PrincipalType::User | PrincipalType::Root) && authenticates(request)
}

fn authenticates(request: &Request<'_>) -> bool {
    request.action.eq_ignore_ascii_case("sts:GetSessionToken")
}

/// Whether AWS refuses the request whatever policies allow.
pub(super) fn is_refused(request: &Request<'_>) -> bool {
    is_kept_by_aws(request) || is_beyond_the_credentials(request)
}

/// Whether the principal's kind of credentials is good for it. The root user's assume no role, a role's and a federated
/// user's get no session token, and a federated user's are good for no operation of IAM or STS: for what these services
/// have as a permission only, they are.
///
/// Sources: AWS STS API Reference, "`AssumeRole`", "`GetSessionToken`" and "`GetFederationToken`", on the credentials to
/// call them with and what those that are given can be used for.
fn is_beyond_the_credentials(request: &Request<'_>) -> bool {
    match request.principal.kind() {
        PrincipalType::Root => assumes_a_role(request),
        PrincipalType::Role | PrincipalType::RoleSession => authenticates(request),
        PrincipalType::FederatedUser => {
            let service = request.action.split_once(':').map_or("", |(service, _)| service);
            ["iam", "sts"].iter().any(|other| service.eq_ignore_ascii_case(other))
                && !is_one_of(request.action, "iam", &["PassRole"])
                && !is_one_of(request.action, "sts", &["GetServiceBearerToken"])
        }
        _ => false,
    }
}

fn assumes_a_role(request: &Request<'_>) -> bool {
    matches!(arn_parts(request.resource), Some([_, _, "iam", _, _, resource]) if resource.starts_with("role/"))
        && is_one_of(request.action, "sts", &ASSUMING_A_ROLE)
}

/// Whether only a trust policy or key policy opens the resource: what the principal's account says is not enough.
///
/// Source: IAM User Guide, "How AWS enforcement code logic evaluates requests", on role trust policies and KMS key
/// policies.
pub(super) fn resource_must_allow(request: &Request<'_>) -> bool {
    match arn_parts(request.resource) {
        Some([_, _, "kms", _, _, resource]) => resource.starts_with("key/"),
        _ => assumes_a_role(request),
    }
}

const ASSUMING_A_ROLE: [&str; 6] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "SetContext",
    "SetSourceIdentity",
    "TagSession",
];

/// Whether AWS keeps the resource to itself as far as this action goes: its managed policies, the roles that IAM
/// Identity Center makes, and the aliases of AWS managed keys can be looked at, but not changed.
///
/// Sources: IAM User Guide, "Managed policies and inline policies"; IAM Identity Center User Guide, "Permission sets";
/// AWS KMS Developer Guide, "Aliases".
fn is_kept_by_aws(request: &Request<'_>) -> bool {
    match arn_parts(request.resource) {
        Some([_, _, "kms", _, _, resource]) => {
            resource.starts_with("alias/aws/") && is_one_of(request.action, "kms", &CHANGING_AN_ALIAS)
        }
        Some([_, _, "iam", _, "aws", resource]) => {
            resource.starts_with("policy/") && is_one_of(request.action, "iam", &CHANGING_A_POLICY)
        }
        Some([_, _, "iam", _, _, resource]) => {
            resource.starts_with("role/aws-reserved/") && is_one_of(request.action, "iam", &CHANGING_A_ROLE)
        }
        _ => false,
    }
}

const CHANGING_AN_ALIAS: [&str; 3] = ["CreateAlias", "DeleteAlias", "UpdateAlias"];

const CHANGING_A_POLICY: [&str; 7] = [
    "CreatePolicy",
    "CreatePolicyVersion",
    "DeletePolicy",
    "DeletePolicyVersion",
    "SetDefaultPolicyVersion",
    "TagPolicy",
    "UntagPolicy",
];

const CHANGING_A_ROLE: [&str; 16] = [
    "AttachRolePolicy",
    "CreateRole",
    "CreateServiceLinkedRole",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteServiceLinkedRole",
    "DetachRolePolicy",
    "PassRole",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "TagRole",
    "UntagRole",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
    "UpdateRoleDescription",
];

/// Whether service control policies apply: to users, roles and root users, but not to what AWS does itself.
///
/// Source: AWS Organizations User Guide, "Service control policies", tasks and entities not restricted by SCPs.
pub(super) fn heeds_service_control(principal: &Principal<'_>) -> bool {
    principal.has_identity() && !principal.is_service_linked()
}

/// Whether resource control policies apply: to everybody but service-linked roles.
///
/// Source: AWS Organizations User Guide, "Resource control policies", resources and entities not restricted by RCPs.
pub(super) fn heeds_resource_control(principal: &Principal<'_>) -> bool {
    !principal.is_service_linked()
}

/// Whether a session has what its user has without a policy of its own. A federated user's has nothing then.
///
/// Source: IAM User Guide, "Permissions for `GetFederationToken`".
pub(super) fn needs_no_session_policy(principal: &Principal<'_>) -> bool {
    principal.kind() != PrincipalType::FederatedUser
}

/// Whether the principal may do anything its account may: only the root user does without policies.
pub(super) fn needs_no_identity_policy(principal: &Principal<'_>) -> bool {
    principal.kind() == PrincipalType::Root
}

fn is_one_of(action: &str, service: &str, names: &[&str]) -> bool {
    action.split_once(':').is_some_and(|(of, name)| {
        of.eq_ignore_ascii_case(service) && names.iter().any(|other| other.eq_ignore_ascii_case(name))
    })
}
