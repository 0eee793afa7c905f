//! The rules of the decision, in their order.

use serde_json::Value;

use super::document;
use super::element::Naming;
use super::request::Request;
use super::requester::{Requester, is_account};
use super::statement::{any, matching};
use super::{Decision, Kind};

pub(super) fn decide(request: &Request) -> Decision {
    if asks_who_it_is(request) || authenticates(request) {
        return Decision::Allowed;
    }
    if explicitly_denied(request) {
        return Decision::ExplicitlyDenied;
    }
    if !belongs_to_aws(request) && has_credentials_for(request) && gates_open(request) && granted(request) {
        Decision::Allowed
    } else {
        Decision::ImplicitlyDenied
    }
}

pub(super) fn kind(request: &Request) -> Kind {
    if is_trust(request) {
        Kind::Trust
    } else if is_kms(request) {
        Kind::Kms
    } else if request.requester.account().is_none() {
        Kind::WithoutIdentity
    } else if !same_account(request) {
        Kind::CrossAccount
    } else if is_root(request) {
        Kind::OwnRoot
    } else {
        Kind::SameAccount
    }
}

/// Before all rules: whoever has credentials may ask whose they are, and no policy can forbid it.
fn asks_who_it_is(request: &Request) -> bool {
    request.action.to_lowercase() == "sts:getcalleridentity" && !without_identity(request)
}

/// "No permissions are required for a user to get a session token. You cannot use policies to control authentication
/// operations."
fn authenticates(request: &Request) -> bool {
    gets_session_token(request)
        && matches!(request.requester, Requester::User { .. } | Requester::Root { .. })
}

fn gets_session_token(request: &Request) -> bool {
    request.action.to_lowercase() == "sts:getsessiontoken"
}

/// What AWS STS says of the credentials it gives and takes.
fn has_credentials_for(request: &Request) -> bool {
    let action = request.action.to_lowercase();
    match request.requester {
        // "You cannot use AWS account root user credentials to call AssumeRole."
        Requester::Root { .. } => !is_trust(request),
        // "GetSessionToken must be called by using the long-term credentials of an IAM user."
        Requester::Role { .. } | Requester::Session { .. } => !gets_session_token(request),
        // "You cannot call any IAM operations. You cannot call any STS operations except GetCallerIdentity." Two actions
        // of these are no operations.
        Requester::FederatedUser { .. } => {
            !(action.starts_with("iam:") || action.starts_with("sts:"))
                || action == "iam:passrole"
                || action == "sts:getservicebearertoken"
        }
        _ => true,
    }
}

/// Rule 1.
fn explicitly_denied(request: &Request) -> bool {
    let denied = |documents: &[Value]| any(documents, "Deny", request);
    denied_for_having_a_boundary(request)
        || denied(&request.identity)
        || denied(&request.boundaries)
        || denied(&request.session)
        || denied(&request.resource_policies)
        || denied(&request.endpoint)
        || (service_control_applies(request) && request.service_control.iter().any(|level| denied(level)))
        || (resource_control_applies(request) && request.resource_control.iter().any(|level| denied(level)))
}

/// A denial in a resource policy spares nobody who has a boundary: it is as if its `NotPrincipal` were everyone.
fn denied_for_having_a_boundary(request: &Request) -> bool {
    let mut policies = request.resource_policies.clone();
    for document in &mut policies {
        for statement in document::statements_mut(document) {
            let members = statement.as_object_mut().expect("checked when read");
            if members.remove("NotPrincipal").is_some() {
                members.insert("Principal".to_owned(), Value::String("*".to_owned()));
            }
        }
    }
    !request.boundaries.is_empty() && any(&policies, "Deny", request)
}

fn service_control_applies(request: &Request) -> bool {
    !without_identity(request) && !request.requester.is_service_linked_role()
}

fn resource_control_applies(request: &Request) -> bool {
    !request.requester.is_service_linked_role()
}

/// Rule 2. There is no gate of RCPs: at each level hangs one that allows everything, and it cannot be taken off.
fn gates_open(request: &Request) -> bool {
    let allows = |documents: &[Value]| any(documents, "Allow", request);
    (!service_control_applies(request) || request.service_control.iter().all(|level| allows(level)))
        && allows_if_given(&request.endpoint, request)
}

fn allows_if_given(documents: &[Value], request: &Request) -> bool {
    documents.is_empty() || any(documents, "Allow", request)
}

/// Rules 3 to 7.
fn granted(request: &Request) -> bool {
    if without_identity(request) {
        return resource_policy_allows(request);
    }
    if !same_account(request) {
        return (is_root(request) || identity_side_allows(request)) && resource_policy_allows(request);
    }
    let must_be_in_resource_policy = is_trust(request) || is_kms(request);
    if is_root(request) {
        return !must_be_in_resource_policy || resource_policy_allows(request);
    }
    if must_be_in_resource_policy {
        return resource_policy_grants(request)
            || (resource_policy_delegates(request) && identity_side_allows(request));
    }
    resource_policy_grants(request) || identity_side_allows(request)
}

/// A role is being assumed.
fn is_trust(request: &Request) -> bool {
    const ACTIONS: [&str; 6] = [
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
    ];
    let is_role = match request.resource.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam", "", account, name] => is_account(account) && name.starts_with("role/"),
        _ => false,
    };
    is_role && ACTIONS.contains(&request.action.to_lowercase().as_str())
}

/// A KMS key. Each has a policy, and where none is given it is one that says nothing.
fn is_kms(request: &Request) -> bool {
    match request.resource.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "kms", _, _, name] => name.starts_with("key/"),
        _ => false,
    }
}

/// What is AWS's own cannot be changed by anyone.
fn belongs_to_aws(request: &Request) -> bool {
    let resource: Vec<&str> = request.resource.splitn(6, ':').collect();
    let changes = match resource.as_slice() {
        [_, _, "iam", _, "aws", name] if name.starts_with("policy/") => AWS_MANAGED_POLICY,
        [_, _, "iam", _, _, name] if name.starts_with("role/aws-reserved/") => RESERVED_ROLE,
        [_, _, "kms", _, _, name] if name.starts_with("alias/aws/") => AWS_MANAGED_ALIAS,
        _ => return false,
    };
    changes.split_whitespace().any(|change| change.to_lowercase() == request.action.to_lowercase())
}

const AWS_MANAGED_POLICY: &str = "iam:CreatePolicy iam:DeletePolicy iam:CreatePolicyVersion \
    iam:DeletePolicyVersion iam:SetDefaultPolicyVersion iam:TagPolicy iam:UntagPolicy";

const RESERVED_ROLE: &str = "iam:CreateRole iam:DeleteRole iam:UpdateRole iam:UpdateRoleDescription \
    iam:UpdateAssumeRolePolicy iam:AttachRolePolicy iam:DetachRolePolicy iam:PutRolePolicy iam:DeleteRolePolicy \
    iam:PutRolePermissionsBoundary iam:DeleteRolePermissionsBoundary iam:TagRole iam:UntagRole iam:PassRole \
    iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole";

const AWS_MANAGED_ALIAS: &str = "kms:CreateAlias kms:UpdateAlias kms:DeleteAlias";

/// Rule 4: anonymous, services and federated providers.
fn without_identity(request: &Request) -> bool {
    matches!(request.requester, Requester::Anonymous | Requester::Service(_) | Requester::Provider(_))
}

/// Rule 5.
fn is_root(request: &Request) -> bool {
    matches!(request.requester, Requester::Root { .. })
}

fn same_account(request: &Request) -> bool {
    request.requester.account() == request.resource_account.as_deref()
}

/// Some statement of the resource policy allows, however it names the one who asks.
fn resource_policy_allows(request: &Request) -> bool {
    any(&request.resource_policies, "Allow", request)
}

/// The ways in which the resource policy's allowing statements name the one who asks.
fn allowing_namings(request: &Request) -> Vec<Naming> {
    matching(&request.resource_policies, "Allow", request).concat()
}

fn resource_policy_delegates(request: &Request) -> bool {
    allowing_namings(request).contains(&Naming::Account)
}

/// The resource policy alone is enough, within the account.
fn resource_policy_grants(request: &Request) -> bool {
    allowing_namings(request).into_iter().any(|naming| match naming {
        Naming::Everyone | Naming::User | Naming::Session | Naming::FederatedUser => true,
        Naming::Role => caps_allow(request),
        Naming::Account | Naming::Service | Naming::Provider => false,
    })
}

/// Identity policies allow, and nothing caps them.
fn identity_side_allows(request: &Request) -> bool {
    any(&request.identity, "Allow", request) && caps_allow(request)
}

/// The boundary and the session policy, where given. "If you do not pass a policy, the resulting federated user session
/// has no permissions."
fn caps_allow(request: &Request) -> bool {
    let needs_session_policy = matches!(request.requester, Requester::FederatedUser { .. });
    allows_if_given(&request.boundaries, request)
        && allows_if_given(&request.session, request)
        && !(needs_session_policy && request.session.is_empty())
}
