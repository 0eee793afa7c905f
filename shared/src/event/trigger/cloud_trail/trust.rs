//! Who may assume a role.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::Hint;
use super::call::Call;
use super::document;
use crate::event::error::EventError;
use crate::identifier::OrganizationId;
use crate::policy::analysis::{TrustContext, TrustReport};
use crate::policy::{Json, Policy, PolicyKind};
use crate::threat::Sign;

/// An organisation that is nobody's, so that each that a policy names counts as outside: which one is the own one, the
/// governance file says, and the rules judge by it.
const NO_ORGANIZATION: &str = "o-0000000000";

pub(super) fn hints(call: &Call<'_>) -> Result<Option<Hint>, EventError> {
    let text = match call.name {
        "CreateRole" => document(&call.parameters.under("assumeRolePolicyDocument")?)?,
        "UpdateAssumeRolePolicy" => document(&call.parameters.under("policyDocument")?)?,
        _ => None,
    };
    Ok(text.filter(|text| lets_others_in(call, text)).and_then(|_| call.against(Sign::OpenedTrust)))
}

/// Whether somebody outside the account gets in.
fn lets_others_in(call: &Call<'_>, text: &str) -> bool {
    let Ok(json) = Json::parse(text) else { return false };
    let Ok((policy, _)) = Policy::read_unless_unclear(&json, PolicyKind::Trust) else { return false };
    let context = TrustContext {
        account: Some(call.account.clone()),
        organization: OrganizationId::parse(NO_ORGANIZATION).ok(),
        trusted: Arc::new(BTreeSet::new()),
    };
    let report = TrustReport::of(&policy, &context);
    report.public
        || !report.external_accounts.is_empty()
        || report.external_organization
        || report.anonymous_federation
        || report.oidc_any_subject == Some(true)
}
