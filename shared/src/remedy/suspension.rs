//! Taking all powers from a principal: an explicit deny first, because it stops keys and running sessions alike,
//! then the credentials one by one.

mod aftermath;
mod bounded;
mod workloads;

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::mark::{mark_role, mark_user};
use super::{Step, Write};
use crate::facts::{
    Entity, Fact, InlinePolicy, OtherCredentialKind, Resource, ResourceIdentity, Role, Unread, User,
};
use crate::identifier::{Arn, IdentifierError, PolicyName};
use crate::policy::PolicyDocument;
use crate::rules::{Context, Proposal};

pub use aftermath::{Aftermath, Denial, OldSessions, SessionKind, old_sessions, workloads_of};

pub use workloads::{Assumer, Workloads};

pub(crate) use aftermath::denies;
pub(crate) use bounded::{BoundaryBefore, boundary_before};

use aftermath::whole_second;

/// Name of the inline policy that denies everything.
pub const QUARANTINE_INLINE_POLICY: &str = "BailiffQuarantine";
/// Begins the name of an inline policy that denies everything at once, before anything is known of the policies that are
/// there: what follows is like no other, so that nothing is written over.
pub const FIRST_DENY_PREFIX: &str = "BailiffFirstDeny-";
/// Name of the inline policy that denies everything to older role sessions.
pub const REVOKE_SESSIONS_POLICY: &str = "BailiffRevokeOlderSessions";
/// Name of the inline policy that denies a console session without MFA all but enrolling a device.
pub const REQUIRE_MFA_POLICY: &str = "BailiffRequireMfa";

/// Denies everything, to keys and to sessions of any age.
const DENY_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"BailiffQuarantine","Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// `Bool`, not `BoolIfExists`: the key is absent from requests signed with a long-term key, which this must not
/// touch, and present and false in a console session without MFA (IAM user guide, global condition keys).
const REQUIRE_MFA: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"BailiffRequireMfa","Effect":"Deny","NotAction":["#,
    r#""iam:ChangePassword","iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetMFADevice","iam:GetUser","#,
    r#""iam:ListMFADevices","iam:ListVirtualMFADevices","iam:ResyncMFADevice"],"Resource":"*","#,
    r#""Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}"#
);

/// Managed policies a principal may have attached: 10 by default (IAM and STS quotas); raising it is not visible
/// from here.
const ATTACHED_POLICIES_QUOTA: usize = 10;
/// Characters all inline policies of a user may have together, white space not counted (IAM and STS quotas).
const USER_INLINE_QUOTA: usize = 2_048;
/// The same for a role.
const ROLE_INLINE_QUOTA: usize = 10_240;

/// Whether an inline policy is Bailiff's own restriction: by name and by content, because a name alone could be
/// borrowed to hide a grant.
pub fn is_own_inline_policy(policy: &InlinePolicy) -> bool {
    match policy.name.as_str() {
        name if denies_by_name(name) => is_text(&policy.document, DENY_ALL),
        REQUIRE_MFA_POLICY => is_text(&policy.document, REQUIRE_MFA),
        _ => false,
    }
}

/// Whether an inline policy is named like one of those by which everything is denied.
fn denies_by_name(name: &str) -> bool {
    name == QUARANTINE_INLINE_POLICY || name.starts_with(FIRST_DENY_PREFIX)
}

/// Whether an inline policy is named like one that denies everything, or everything to older sessions.
pub fn is_quarantine_name(name: &str) -> bool {
    denies_by_name(name) || name == REVOKE_SESSIONS_POLICY
}

/// Whether a document is one of our texts, spacing and order of keys aside. The length must agree too: JSON takes
/// a key twice, and a reader that keeps the last one would not see a grant in the first.
fn is_text(document: &PolicyDocument, text: &str) -> bool {
    size(document.as_str()) == size(text) && document.same_meaning(&PolicyDocument::new(text))
}

/// Suspends a user: deny-all first, then every active key, then the console password, and the mark of quarantine last.
/// What is unknown keeps nothing else from being planned; whether a plan with gaps may be carried out is for its guards
/// to say.
pub fn suspend_user(user: &User, context: &Context) -> Proposal {
    let mut proposal = strip(user, context);
    // That the mark alone is missing is no reason to act: who takes it off has opened nothing, and where the
    // organisation's policies are in force nobody can.
    if !proposal.steps.is_empty() {
        mark_user(user, &mut proposal);
    }
    proposal
}

/// Takes everything from a user that it could do anything with.
fn strip(user: &User, context: &Context) -> Proposal {
    let mut proposal = Proposal::default();
    let quarantine = &context.quarantine_policy;
    let identity = || user.identity.clone();
    let means = means(
        &user.attached_policies,
        &user.inline_policies,
        &user.boundary,
        quarantine,
        USER_INLINE_QUOTA,
        &context.used_up,
        &mut proposal.unknown,
    );
    let denied = means.is_some();
    match means {
        None | Some(Means::InForce) => {}
        Some(Means::Managed) => {
            proposal.steps.push(Step::AttachUserPolicy { user: identity(), policy: quarantine.clone() });
        }
        Some(Means::Inline(policy, document)) => {
            proposal.steps.push(Step::PutUserPolicy { user: identity(), policy, document });
        }
        Some(Means::Boundary { replaces }) => proposal.steps.push(Step::PutUserPermissionsBoundary {
            user: identity(),
            boundary: quarantine.clone(),
            replaces,
        }),
    }
    match user.access_keys.list() {
        Err(unread) => proposal.unknown.push(unread.clone()),
        Ok(keys) => {
            for key in keys.iter().filter(|key| key.is_active()) {
                match &key.id {
                    Fact::Known(id) => {
                        proposal.steps.push(Step::DeactivateAccessKey { user: identity(), key: id.clone() });
                    }
                    Fact::Unknown(unread) => proposal.unknown.push(unread.clone()),
                    Fact::Absent => {}
                }
            }
        }
    }
    for kind in OtherCredentialKind::ALL {
        deactivate_others(user, kind, context, &mut proposal);
    }
    match user.login_profile.known() {
        Err(unread) => proposal.unknown.push(unread.clone()),
        Ok(None) => {}
        // It never comes back, so it does not go before everything is denied.
        Ok(Some(_)) if !denied => proposal.left.push("its console password".to_owned()),
        Ok(Some(_)) => proposal.steps.push(Step::DeleteLoginProfile { user: identity() }),
    }
    proposal
}

/// Whether a suspension would find nothing left to do. Where one list of policies could not be read, another means of
/// denial is planned in its place, though the deny may be in force by the one unread: only what is seen to be open says
/// that it is not.
///
/// # Errors
///
/// What could not be read and hides the answer.
pub fn is_suspended(user: &User, context: &Context) -> Result<bool, Unread> {
    let suspension = strip(user, context);
    let denial_is_read = user.attached_policies.list().is_ok()
        && user.inline_policies.list().is_ok()
        && user.boundary.known().is_ok();
    let is_open = suspension.steps.iter().any(|step| denial_is_read || !denies(step));
    if is_open || !suspension.left.is_empty() {
        return Ok(false);
    }
    suspension.unknown.into_iter().next().map_or(Ok(true), Err)
}

/// Whether a user or role is denied everything, by any means of a suspension. A first deny is none: what is told of whoever is
/// contained is not told of them yet.
///
/// # Errors
///
/// What could not be read and hides the answer.
pub fn is_denied(live: &Resource, context: &Context) -> Result<bool, Unread> {
    is_denied_by(live, &context.quarantine_policy)
}

/// The same, where this is the quarantine policy.
pub(crate) fn is_denied_by(live: &Resource, quarantine: &Arn) -> Result<bool, Unread> {
    let mut unknown = Vec::new();
    let (attached, inline, boundary) = match live {
        Resource::Entity(Entity::User(user)) => {
            (&user.attached_policies, &user.inline_policies, &user.boundary)
        }
        Resource::Entity(Entity::Role(role)) => {
            (&role.attached_policies, &role.inline_policies, &role.boundary)
        }
        _ => return Ok(false),
    };
    match means(attached, inline, boundary, quarantine, USER_INLINE_QUOTA, &BTreeSet::new(), &mut unknown) {
        Some(Means::InForce) => Ok(true),
        _ => unknown.into_iter().next().map_or(Ok(false), Err),
    }
}

/// Whether an undo's step takes off what denies somebody everything, older sessions included, or the mark of it.
pub(crate) fn takes_denial_off(step: &Step, quarantine: &Arn) -> bool {
    match step {
        Step::DetachUserPolicy { policy, .. } | Step::DetachRolePolicy { policy, .. } => policy == quarantine,
        Step::DeleteUserPolicy { policy, .. } | Step::DeleteRolePolicy { policy, .. } => {
            is_quarantine_name(policy.as_str())
        }
        Step::DeleteUserPermissionsBoundary { boundary, .. }
        | Step::DeleteRolePermissionsBoundary { boundary, .. } => boundary == quarantine,
        // Where somebody took the quarantine off before, it comes back in the place of none.
        Step::PutUserPermissionsBoundary { boundary, replaces, .. }
        | Step::PutRolePermissionsBoundary { boundary, replaces, .. } => {
            replaces.as_ref().map_or(boundary != quarantine, |replaces| replaces == quarantine)
        }
        _ => step.unmarks(),
    }
}

/// The deny covers what they are for, as long as nobody takes it off.
fn deactivate_others(user: &User, kind: OtherCredentialKind, context: &Context, proposal: &mut Proposal) {
    let credentials = match user.other_credentials(kind).list() {
        Err(unread) => return proposal.unknown.push(unread.clone()),
        Ok(credentials) => credentials,
    };
    for live in credentials.iter().filter(|live| live.is_usable(context.at)) {
        match &live.id {
            Fact::Known(credential) => proposal.steps.push(Step::DeactivateCredential {
                user: user.identity.clone(),
                kind,
                credential: credential.clone(),
            }),
            Fact::Unknown(unread) => proposal.unknown.push(unread.clone()),
            Fact::Absent => {}
        }
    }
}

/// Suspends a role: deny-all first, then a deny for sessions issued before now, which still holds if somebody
/// takes the deny-all off.
pub fn suspend_role(role: &Role, context: &Context) -> Proposal {
    let mut proposal = deny(role, context);
    revoke_sessions(role, context, &mut proposal);
    if !proposal.steps.is_empty() {
        mark_role(role, &mut proposal);
    }
    proposal
}

/// Denies a role everything, and no more: of one that nobody has used for weeks there are no sessions to revoke.
pub fn deny_role(role: &Role, context: &Context) -> Proposal {
    let mut proposal = deny(role, context);
    if !proposal.steps.is_empty() {
        mark_role(role, &mut proposal);
    }
    proposal
}

/// Denies a user or role everything by a policy that is new whatever is there; `of` tells it from all others.
///
/// # Errors
///
/// Where that cannot be part of a policy's name.
pub fn deny_first(principal: &ResourceIdentity, of: &str) -> Result<Option<Step>, IdentifierError> {
    let policy = PolicyName::parse(&format!("{FIRST_DENY_PREFIX}{of}"))?;
    let document = PolicyDocument::new(DENY_ALL);
    Ok(match principal.clone() {
        ResourceIdentity::User(user) => Some(Step::PutUserPolicy { user, policy, document }),
        ResourceIdentity::Role(role) => Some(Step::PutRolePolicy { role, policy, document }),
        _ => None,
    })
}

fn deny(role: &Role, context: &Context) -> Proposal {
    let mut proposal = Proposal::default();
    let quarantine = &context.quarantine_policy;
    let identity = || role.identity.clone();
    let means = means(
        &role.attached_policies,
        &role.inline_policies,
        &role.boundary,
        quarantine,
        ROLE_INLINE_QUOTA,
        &context.used_up,
        &mut proposal.unknown,
    );
    match means {
        None | Some(Means::InForce) => {}
        Some(Means::Managed) => {
            proposal.steps.push(Step::AttachRolePolicy { role: identity(), policy: quarantine.clone() });
        }
        Some(Means::Inline(policy, document)) => {
            proposal.steps.push(Step::PutRolePolicy { role: identity(), policy, document });
        }
        Some(Means::Boundary { replaces }) => proposal.steps.push(Step::PutRolePermissionsBoundary {
            role: identity(),
            boundary: quarantine.clone(),
            replaces,
        }),
    }
    proposal
}

fn revoke_sessions(role: &Role, context: &Context, proposal: &mut Proposal) {
    // That they are unknown is said by `means`.
    let Ok(policies) = role.inline_policies.list() else { return };
    let Ok(policy) = PolicyName::parse(REVOKE_SESSIONS_POLICY) else { return };
    if let Some(live) = policies.iter().find(|live| live.name == policy) {
        match revoked_until(&live.document) {
            // Where everything is denied all along, that is all there is to do.
            Some(_) if proposal.steps.is_empty() => {}
            Some(time) => {
                proposal.left.push(format!("sessions issued before {time} were revoked already"));
            }
            None => {
                proposal
                    .left
                    .push(format!("an inline policy named {policy} with another text is in the way"));
            }
        }
        return;
    }
    if context.used_up.contains(&Write::PutRolePolicy) {
        proposal
            .left
            .push("the room for inline policies is used up; the deny-all covers older sessions".to_owned());
        return;
    }
    // Whole seconds, as IAM's own dates are, and never before the moment itself.
    let document = PolicyDocument::new(revocation(&whole_second(context.at).to_string()));
    // A quarantine put inline just before counts too.
    let planned = proposal.steps.iter().any(|step| matches!(step, Step::PutRolePolicy { .. }));
    let room = ROLE_INLINE_QUOTA.saturating_sub(if planned { size(DENY_ALL) } else { 0 });
    if used(policies) + size(document.as_str()) > room {
        proposal.left.push(
            "no room for an inline policy that revokes older sessions; the deny-all covers them".to_owned(),
        );
        return;
    }
    proposal.steps.push(Step::PutRolePolicy { role: role.identity.clone(), policy, document });
}

/// Denies everything to sessions issued before the time.
fn revocation(time: &str) -> String {
    format!(
        concat!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"BailiffRevokeOlderSessions","Effect":"Deny","#,
            r#""Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{}"}}}}}}]}}"#
        ),
        time
    )
}

/// The time in a revocation of ours; `None` for any other text.
fn revoked_until(document: &PolicyDocument) -> Option<Timestamp> {
    let value: Value = serde_json::from_str(document.as_str()).ok()?;
    let time = value.pointer("/Statement/0/Condition/DateLessThan/aws:TokenIssueTime")?.as_str()?;
    let ours = is_text(document, &revocation(time));
    time.parse().ok().filter(|_| ours)
}

/// Whether an inline policy is a revocation of older sessions of ours, from whatever moment.
pub(super) fn is_revocation(policy: &InlinePolicy) -> bool {
    policy.name.as_str() == REVOKE_SESSIONS_POLICY && revoked_until(&policy.document).is_some()
}

/// Whether a step does what another would.
pub(crate) fn does_the_same(step: &Step, other: &Step) -> bool {
    timeless(step) == timeless(other)
}

/// The step without the moment at which it was planned, which a revocation of older sessions holds: one that is planned again
/// later differs in that alone.
pub(super) fn timeless(step: &Step) -> Cow<'_, Step> {
    match step {
        Step::PutRolePolicy { role, policy, document }
            if policy.as_str() == REVOKE_SESSIONS_POLICY && revoked_until(document).is_some() =>
        {
            let document = PolicyDocument::new(revocation("…"));
            Cow::Owned(Step::PutRolePolicy { role: role.clone(), policy: policy.clone(), document })
        }
        _ => Cow::Borrowed(step),
    }
}

/// Denies a user's console sessions without MFA everything but enrolling a device.
pub fn require_mfa(user: &User) -> Proposal {
    let mut proposal = Proposal::default();
    let policies = match user.inline_policies.list() {
        Ok(policies) => policies,
        Err(unread) => {
            proposal.unknown.push(unread.clone());
            return proposal;
        }
    };
    let Ok(policy) = PolicyName::parse(REQUIRE_MFA_POLICY) else { return proposal };
    let document = PolicyDocument::new(REQUIRE_MFA);
    if policies.iter().any(is_own_require_mfa) {
        proposal
            .left
            .push("its console sessions without MFA are denied already; it must enrol a device".to_owned());
    } else if policies.iter().any(|live| live.name == policy) {
        proposal.left.push(format!("an inline policy named {policy} with another text is in the way"));
    } else if used(policies) + size(document.as_str()) > USER_INLINE_QUOTA {
        proposal
            .left
            .push("no room for an inline policy; shorten the user's inline policies first".to_owned());
    } else {
        proposal.steps.push(Step::PutUserPolicy { user: user.identity.clone(), policy, document });
    }
    proposal
}

fn is_own_require_mfa(policy: &InlinePolicy) -> bool {
    policy.name.as_str() == REQUIRE_MFA_POLICY && is_own_inline_policy(policy)
}

/// By what a principal is denied everything.
enum Means {
    /// It is already.
    InForce,
    /// The managed policy: its text is in one place and it costs no inline room.
    Managed,
    /// An inline policy, where the attachments are at their quota.
    Inline(PolicyName, PolicyDocument),
    /// The permissions boundary, where inline is full too.
    Boundary { replaces: Option<Arn> },
}

/// Whether everything is denied to somebody, or a suspension would see to it.
fn denial(entity: &Entity, quarantine: &Arn) -> Denial {
    let (attached, inline, boundary, quota) = match entity {
        Entity::User(user) => {
            (&user.attached_policies, &user.inline_policies, &user.boundary, USER_INLINE_QUOTA)
        }
        Entity::Role(role) => {
            (&role.attached_policies, &role.inline_policies, &role.boundary, ROLE_INLINE_QUOTA)
        }
    };
    match means(attached, inline, boundary, quarantine, quota, &BTreeSet::new(), &mut Vec::new()) {
        None => Denial::Unclear,
        Some(Means::InForce) => Denial::InForce,
        Some(Means::Managed | Means::Inline(..) | Means::Boundary { .. }) => Denial::Planned,
    }
}

/// What is unknown is noted, and what can be done without it still is: the later means stand in for one that cannot be
/// judged, or that met a quota a moment ago. `None` where nothing is known well enough.
fn means(
    attached: &Fact<Vec<crate::facts::AttachedPolicy>>,
    inline: &Fact<Vec<InlinePolicy>>,
    boundary: &Fact<Arn>,
    quarantine: &Arn,
    inline_quota: usize,
    used_up: &BTreeSet<Write>,
    unknown: &mut Vec<Unread>,
) -> Option<Means> {
    let has_room = |writes: [Write; 2]| writes.iter().all(|write| !used_up.contains(write));
    let mut note = |unread: &Unread| unknown.push(unread.clone());
    let attached = attached.list().map_err(&mut note).ok();
    let inline = inline.list().map_err(&mut note).ok();
    let boundary = boundary.known().map_err(&mut note).ok();
    // A first deny keeps nobody from being suspended: the organisation's policies do not hold it.
    let is_own = |policy: &InlinePolicy| {
        policy.name.as_str() == QUARANTINE_INLINE_POLICY && is_own_inline_policy(policy)
    };
    let in_force = attached.is_some_and(|attached| attached.iter().any(|policy| policy.arn == *quarantine))
        || inline.is_some_and(|inline| inline.iter().any(is_own))
        || boundary == Some(Some(quarantine));
    if in_force {
        return Some(Means::InForce);
    }
    if attached.is_some_and(|attached| attached.len() < ATTACHED_POLICIES_QUOTA)
        && has_room([Write::AttachUserPolicy, Write::AttachRolePolicy])
    {
        return Some(Means::Managed);
    }
    let free = |inline: &[InlinePolicy]| {
        has_room([Write::PutUserPolicy, Write::PutRolePolicy])
            && inline.iter().all(|policy| policy.name.as_str() != QUARANTINE_INLINE_POLICY)
            && used(inline) + size(DENY_ALL) <= inline_quota
    };
    match PolicyName::parse(QUARANTINE_INLINE_POLICY) {
        Ok(name) if inline.is_some_and(free) => Some(Means::Inline(name, PolicyDocument::new(DENY_ALL))),
        _ => boundary.map(|prior| Means::Boundary { replaces: prior.cloned() }),
    }
}

fn used(policies: &[InlinePolicy]) -> usize {
    policies.iter().map(|policy| size(policy.document.as_str())).sum()
}

/// Characters as IAM counts them: white space is free.
fn size(document: &str) -> usize {
    document.chars().filter(|character| !character.is_whitespace()).count()
}

#[cfg(test)]
mod tests;
