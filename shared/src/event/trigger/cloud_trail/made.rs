//! Whom somebody makes, or gives a way in. Whether the maker is in quarantine only the live state tells.

use super::super::Hint;
use super::call::Call;
use super::changed;
use crate::event::error::EventError;

/// What makes a user or role, or gives one a credential, a right or somebody who may assume it.
const MAKES: &[&str] = &[
    "AddUserToGroup",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreateRole",
    "CreateServiceSpecificCredential",
    "CreateUser",
    "PutRolePolicy",
    "PutUserPolicy",
    "UpdateAssumeRolePolicy",
    "UpdateLoginProfile",
    "UploadSSHPublicKey",
    "UploadSigningCertificate",
];

pub(super) fn hints(call: &Call<'_>) -> Result<Option<Hint>, EventError> {
    if !call.is(MAKES) || call.caller.is_service() {
        return Ok(None);
    }
    let about = changed::user(call)?.or(changed::role(call)?);
    let (Some(about), Some(by)) = (about, call.caller.about.clone()) else { return Ok(None) };
    Ok(Some(Hint::Made { about, by, said: call.said() }))
}
