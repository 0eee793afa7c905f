//! The account taken out of its organisation, and the organisation's policies taken off somebody.

use super::super::Hint;
use super::call::Call;
use crate::event::error::EventError;
use crate::threat::Sign;

/// The policies that bound what principals may do. The others are about tags, backups and the like.
const BOUNDING: [&str; 2] = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"];

pub(super) fn hints(call: &Call<'_>) -> Result<Vec<Hint>, EventError> {
    if call.name == "LeaveOrganization" {
        // Whoever did it, the organisation's policies no longer bind: that is for people to know.
        return Ok(call.told_and_against(Sign::LeftOrganization));
    }
    // Who runs an organisation does this as their work, and what was there before no call tells.
    let page = Hint::Page { sign: Sign::LoosenedOrganization, said: call.said() };
    Ok(loosens(call)?.then_some(page).into_iter().collect())
}

/// These calls come up in the organisation's own account alone.
fn loosens(call: &Call<'_>) -> Result<bool, EventError> {
    Ok(match call.name {
        "MoveAccount" | "RemoveAccountFromOrganization" => true,
        // Most of these tell a policy by its id, and not what kind it is of.
        "DetachPolicy" | "DeletePolicy" | "DisablePolicyType" | "UpdatePolicy" => {
            let told = call.response.deep(&["policy", "policySummary", "type"])?.text_if_any()?;
            call.text("policyType")?.or(told).is_none_or(|kind| BOUNDING.contains(&kind))
        }
        _ => false,
    })
}
