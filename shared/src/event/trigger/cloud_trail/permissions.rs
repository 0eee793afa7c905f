//! Rights given, boundaries taken off, quarantines lifted.

use super::super::{Hint, MarkTouch, Ours, Suspect};
use super::call::Call;
use super::{changed, document};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, GroupName};
use crate::policy::analysis::{Permissions, makes_admin};
use crate::policy::{Json, Policy, PolicyKind};
use crate::remedy::QUARANTINE_TAG;
use crate::threat::Sign;

pub(super) fn hints(call: &Call<'_>, ours: &Ours) -> Result<Vec<Hint>, EventError> {
    if lifts_a_quarantine(call, ours)? {
        return Ok(call.against(Sign::LiftedQuarantine).into_iter().collect());
    }
    if let Some(touch) = touches_the_mark(call)? {
        return mark(call, touch);
    }
    if call.name.ends_with("PermissionsBoundary") {
        return Ok(boundary(call, ours)?.into_iter().collect());
    }
    if let Some(what) = given(call, ours)? {
        let against = call.against(Sign::GrantedAdmin);
        return Ok(against.map(|then| Hint::Granted { what, then: Box::new(then) }).into_iter().collect());
    }
    let sign = match call.name {
        name if ATTACHES.contains(&name) => {
            let admin = arn(call, "policyArn")?.is_some_and(|arn| makes_admin(&arn));
            admin.then_some(Sign::GrantedAdmin)
        }
        "PutUserPolicy" | "PutRolePolicy" | "PutGroupPolicy" => admin_by_document(call)?,
        "CreatePolicyVersion" if call.flag("setAsDefault")?.unwrap_or_default() => admin_by_document(call)?,
        "SetDefaultPolicyVersion" => Some(Sign::SwitchedPolicyVersion),
        _ => None,
    };
    Ok(sign.and_then(|sign| call.against(sign)).into_iter().collect())
}

const ATTACHES: [&str; 3] = ["AttachUserPolicy", "AttachRolePolicy", "AttachGroupPolicy"];

/// The policy of the customer's own that is attached, or the group that is joined: what it allows IAM alone knows.
fn given(call: &Call<'_>, ours: &Ours) -> Result<Option<Suspect>, EventError> {
    if call.name == "AddUserToGroup" {
        let named = call.parameters.under("groupName")?;
        let name = named.optional(|field| field.identifier(GroupName::parse))?;
        return Ok(name.and_then(|name| call.arn(&format!("group/{name}"))).map(Suspect::Arn));
    }
    if !ATTACHES.contains(&call.name) {
        return Ok(None);
    }
    let policy = arn(call, "policyArn")?;
    Ok(policy
        .filter(|policy| !policy.is_aws_managed() && *policy != ours.quarantine_policy)
        .map(Suspect::Arn))
}

fn admin_by_document(call: &Call<'_>) -> Result<Option<Sign>, EventError> {
    let text = document(&call.parameters.under("policyDocument")?)?;
    Ok(text.is_some_and(makes_an_administrator).then_some(Sign::GrantedAdmin))
}

/// Whether it allows everything, or everything of IAM. What cannot be read makes nobody anything here: the rules judge
/// what IAM holds.
fn makes_an_administrator(text: &str) -> bool {
    let Ok(json) = Json::parse(text) else { return false };
    let Ok((policy, _)) = Policy::read_unless_unclear(&json, PolicyKind::Identity) else { return false };
    Permissions::of(&policy).makes_an_administrator()
}

/// Whether it takes off, or overwrites, what Bailiff puts on whom it suspends. Whether somebody was suspended the live
/// state tells.
fn lifts_a_quarantine(call: &Call<'_>, ours: &Ours) -> Result<bool, EventError> {
    Ok(match call.name {
        "DetachUserPolicy" | "DetachRolePolicy" => {
            call.text("policyArn")? == Some(ours.quarantine_policy.as_str())
        }
        "DeleteUserPolicy" | "DeleteRolePolicy" | "PutUserPolicy" | "PutRolePolicy" => {
            call.text("policyName")?.is_some_and(|name| (ours.is_quarantine_name)(name))
        }
        _ => false,
    })
}

/// What it does to the tag of whoever is in quarantine.
fn touches_the_mark(call: &Call<'_>) -> Result<Option<MarkTouch>, EventError> {
    let is_it = |keys: Vec<&str>| keys.iter().any(|key| key.eq_ignore_ascii_case(QUARANTINE_TAG));
    Ok(match call.name {
        "UntagUser" | "UntagRole" => {
            let keys = call.parameters.under("tagKeys")?.list(Field::text)?.unwrap_or_default();
            is_it(keys).then_some(MarkTouch::TakenOff)
        }
        "TagUser" | "TagRole" | "CreateUser" | "CreateRole" => {
            let keys = call.parameters.under("tags")?.list(key_of_tag)?.unwrap_or_default();
            is_it(keys.into_iter().flatten().collect()).then_some(MarkTouch::Set)
        }
        _ => None,
    })
}

fn key_of_tag<'a>(tag: &Field<'a>) -> Result<Option<&'a str>, EventError> {
    tag.under("key")?.text_if_any()
}

fn mark(call: &Call<'_>, touch: MarkTouch) -> Result<Vec<Hint>, EventError> {
    let sign = match touch {
        MarkTouch::Set => Sign::SetQuarantineTag,
        MarkTouch::TakenOff => Sign::LiftedQuarantine,
    };
    let of = changed::user(call)?.or(changed::role(call)?);
    let Some((of, then)) = of.zip(call.against(sign)) else { return Ok(Vec::new()) };
    Ok(vec![Hint::Mark { of, touch, then: Box::new(then) }])
}

/// A boundary put or deleted.
fn boundary(call: &Call<'_>, ours: &Ours) -> Result<Option<Hint>, EventError> {
    let removes = match call.name {
        "DeleteUserPermissionsBoundary" | "DeleteRolePermissionsBoundary" => true,
        "PutUserPermissionsBoundary" | "PutRolePermissionsBoundary" => {
            let put = arn(call, "permissionsBoundary")?;
            if put.as_ref() == Some(&ours.quarantine_policy) {
                return Ok(None);
            }
            // One that bounds nothing.
            put.is_some_and(|put| makes_admin(&put))
        }
        _ => return Ok(None),
    };
    let otherwise = if removes { call.against(Sign::RemovedBoundary).map(Box::new) } else { None };
    let of = changed::user(call)?.or(changed::role(call)?);
    let lifted = of.zip(call.against(Sign::LiftedQuarantine));
    Ok(lifted.map(|(of, then)| Hint::Boundary { of, then: Box::new(then), otherwise }))
}

fn arn(call: &Call<'_>, key: &str) -> Result<Option<Arn>, EventError> {
    call.parameters.under(key)?.optional(|field| field.identifier(Arn::parse))
}
