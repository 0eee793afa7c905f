//! Ways in from outside: identity providers, and the trust anchors of IAM Roles Anywhere.

use super::super::Hint;
use super::call::Call;
use crate::event::error::EventError;
use crate::threat::Sign;

pub(super) fn hints_of_iam(call: &Call<'_>) -> Option<Hint> {
    const OPENS: &[&str] = &[
        "CreateSAMLProvider",
        "UpdateSAMLProvider",
        "CreateOpenIDConnectProvider",
        "AddClientIDToOpenIDConnectProvider",
        "UpdateOpenIDConnectProviderThumbprint",
    ];
    hint(call, OPENS)
}

/// A profile names roles, a trust anchor whose certificates get their sessions. Without a revocation list, revoked
/// certificates are as good as new.
pub(super) fn hints_of_roles_anywhere(call: &Call<'_>) -> Result<Option<Hint>, EventError> {
    const OPENS: &[&str] = &[
        "CreateTrustAnchor",
        "UpdateTrustAnchor",
        "EnableTrustAnchor",
        "CreateProfile",
        "UpdateProfile",
        "EnableProfile",
        "DisableCrl",
        "DeleteCrl",
    ];
    // Made but not enabled, it opens nothing before `EnableTrustAnchor` or `EnableProfile` is heard.
    if call.name.starts_with("Create") && call.flag("enabled")? == Some(false) {
        return Ok(None);
    }
    Ok(hint(call, OPENS))
}

fn hint(call: &Call<'_>, opens: &[&str]) -> Option<Hint> {
    if call.is(opens) { call.against(Sign::OpenedFederation) } else { None }
}
