//! Credentials made, changed or taken, for oneself or for somebody else.

use super::super::suspect::long_term_key;
use super::super::{Hint, Suspect};
use super::call::Call;
use super::caller::Kind;
use crate::event::error::EventError;
use crate::identifier::{AccessKeyId, UserName};
use crate::threat::Sign;

/// Whose credential it is.
pub(super) enum Target {
    Oneself(Suspect),
    Another(Suspect),
    /// Root's, or nobody's that is told.
    NoUser,
}

impl Target {
    /// By `userName`, which people leave out when they act on themselves.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, EventError> {
        let mut named = call.parameters.under("userName")?;
        if call.text("userName")?.is_none() {
            named = call.response.deep(&["accessKey", "userName"])?;
        }
        let Some(name) = named.text_if_any()? else {
            return Ok(match (&call.caller.kind, call.caller.about.clone()) {
                (Kind::User(_), Some(about)) => Self::Oneself(about),
                _ => Self::NoUser,
            });
        };
        if call.caller.is_user(name) {
            return Ok(call.caller.about.clone().map_or(Self::NoUser, Self::Oneself));
        }
        // Root is named in words that no user can have, such as `<root_account>`.
        if matches!(call.caller.kind, Kind::Root { .. }) && UserName::parse(name).is_err() {
            return Ok(Self::NoUser);
        }
        let name = named.identifier(UserName::parse)?;
        Ok(Self::Another(Suspect::User { name, unique_id: None }))
    }

    pub(super) fn suspect(self) -> Option<Suspect> {
        match self {
            Self::Oneself(suspect) | Self::Another(suspect) => Some(suspect),
            Self::NoUser => None,
        }
    }
}

/// Whether the operation is about a credential, so that its user may be left out.
pub(super) fn is_about_credentials(call: &Call<'_>) -> bool {
    const KINDS: &[&str] = &[
        "AccessKey",
        "LoginProfile",
        "MFADevice",
        "SSHPublicKey",
        "SigningCertificate",
        "ServiceSpecificCredential",
    ];
    // Devices are made and thrown away without anybody's name; what counts is who has one.
    let nobodys = call.is(&["CreateVirtualMFADevice", "DeleteVirtualMFADevice"]);
    !nobodys && (call.name == "ChangePassword" || KINDS.iter().any(|kind| call.name.contains(kind)))
}

pub(super) fn hints(call: &Call<'_>) -> Result<Vec<Hint>, EventError> {
    let Some((to_target, to_caller)) = signs(call)? else { return Ok(Vec::new()) };
    let Target::Another(about) = Target::of(call)? else { return Ok(Vec::new()) };
    let Some(against) = call.against(to_caller) else { return Ok(Vec::new()) };
    let target = to_target.map(|sign| -> Result<Hint, EventError> {
        Ok(Hint::Threat {
            sign,
            about,
            key: key(call)?,
            by: Some(call.caller.principal()),
            severity: None,
            said: call.said(),
        })
    });
    Ok(target.transpose()?.into_iter().chain([against]).collect())
}

/// What it is a sign of, of the one whose credential it is and of the caller, if they are not the same.
fn signs(call: &Call<'_>) -> Result<Option<(Option<Sign>, Sign)>, EventError> {
    let key = (Some(Sign::KeyMadeByAnother), Sign::MadeKeyForAnother);
    Ok(match call.name {
        "CreateAccessKey"
        | "UploadSSHPublicKey"
        | "UploadSigningCertificate"
        | "CreateServiceSpecificCredential"
        | "ResetServiceSpecificCredential" => Some(key),
        // Switched on again, an old one is as good as a new one.
        "UpdateAccessKey"
        | "UpdateSSHPublicKey"
        | "UpdateSigningCertificate"
        | "UpdateServiceSpecificCredential" => {
            let is_active = call.text("status")?.is_some_and(|status| status.eq_ignore_ascii_case("Active"));
            is_active.then_some(key)
        }
        "CreateLoginProfile" | "UpdateLoginProfile" => {
            Some((Some(Sign::PasswordMadeByAnother), Sign::MadePasswordForAnother))
        }
        "DeactivateMFADevice" | "EnableMFADevice" => Some((None, Sign::TamperedWithMfa)),
        _ => None,
    })
}

/// The access key that was made or switched on.
fn key(call: &Call<'_>) -> Result<Option<AccessKeyId>, EventError> {
    let made = call.response.deep(&["accessKey", "accessKeyId"])?.text_if_any()?;
    Ok(made.or(call.text("accessKeyId")?).and_then(long_term_key))
}
