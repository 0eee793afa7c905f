//! What a call of IAM changes: every rule about it is judged at once.

use super::super::{Hint, Suspect};
use super::call::Call;
use super::caller::Kind;
use super::credentials;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, GroupName, RoleName, UserName};

pub(super) fn hints(call: &Call<'_>) -> Result<Vec<Hint>, EventError> {
    let mut changed = Vec::new();
    changed.extend(user(call)?);
    changed.extend(role(call)?);
    changed.extend(group(call)?);
    changed.extend(policy(call)?);
    changed.extend(provider(call)?);
    if changed.is_empty() && is_about_the_account(call) {
        changed.extend(Suspect::of_account(&call.caller.partition, &call.account));
    }
    Ok(changed.into_iter().map(|about| Hint::Changed { about }).collect())
}

pub(super) fn user(call: &Call<'_>) -> Result<Option<Suspect>, EventError> {
    if credentials::is_about_credentials(call) {
        return Ok(credentials::Target::of(call)?.suspect());
    }
    let Some(name) = renamed(call, "userName", "newUserName", &["user", "userName"])? else {
        return Ok(None);
    };
    let name = name.identifier(UserName::parse)?;
    let id = call.response.deep(&["user", "userId"])?.text_if_any()?;
    Ok(Suspect::of_user(Some(name.as_str()), id))
}

pub(super) fn role(call: &Call<'_>) -> Result<Option<Suspect>, EventError> {
    let Some(name) = renamed(call, "roleName", "roleName", &["role", "roleName"])? else { return Ok(None) };
    let name = name.identifier(RoleName::parse)?;
    let id = call.response.deep(&["role", "roleId"])?.text_if_any()?;
    Ok(Suspect::of_role(Some(name.as_str()), id))
}

fn group(call: &Call<'_>) -> Result<Option<Suspect>, EventError> {
    // Whose membership changes is the user, and the group stays what it is.
    if call.is(&["AddUserToGroup", "RemoveUserFromGroup"]) {
        return Ok(None);
    }
    let Some(name) = renamed(call, "groupName", "newGroupName", &["group", "groupName"])? else {
        return Ok(None);
    };
    let name = name.identifier(GroupName::parse)?;
    Ok(call.arn(&format!("group/{name}")).map(Suspect::Arn))
}

/// The policy itself; attaching one changes whom it is attached to.
fn policy(call: &Call<'_>) -> Result<Option<Suspect>, EventError> {
    const OWN: &[&str] = &[
        "CreatePolicyVersion",
        "DeletePolicy",
        "DeletePolicyVersion",
        "SetDefaultPolicyVersion",
        "TagPolicy",
        "UntagPolicy",
    ];
    let field = match call.name {
        "CreatePolicy" => call.response.deep(&["policy", "arn"])?,
        name if OWN.contains(&name) => call.parameters.under("policyArn")?,
        _ => return Ok(None),
    };
    let arn = field.optional(|field| field.identifier(Arn::parse))?;
    Ok(arn.filter(|arn| !arn.is_aws_managed()).map(Suspect::Arn))
}

/// An identity provider. Making one names it in the answer only.
fn provider(call: &Call<'_>) -> Result<Option<Suspect>, EventError> {
    for key in ["sAMLProviderArn", "samlProviderArn", "openIDConnectProviderArn"] {
        for elements in [&call.parameters, &call.response] {
            if let Some(arn) = elements.under(key)?.optional(|field| field.identifier(Arn::parse))? {
                return Ok(Some(Suspect::Arn(arn)));
            }
        }
    }
    Ok(None)
}

fn is_about_the_account(call: &Call<'_>) -> bool {
    let of_root = matches!(call.caller.kind, Kind::Root { .. }) && credentials::is_about_credentials(call);
    of_root || call.name.contains("AccountPasswordPolicy") || call.name.contains("AccountAlias")
}

/// A name, the new one where it is changed, and that of what was made where only the answer tells it. Nothing where it is
/// hidden or missing.
fn renamed<'a>(
    call: &Call<'a>,
    key: &str,
    new: &str,
    made: &[&str],
) -> Result<Option<Field<'a>>, EventError> {
    for key in [new, key] {
        if call.text(key)?.is_some() {
            return call.parameters.under(key).map(Some);
        }
    }
    let made = call.response.deep(made)?;
    Ok(made.text_if_any()?.is_some().then_some(made))
}
