//! Sessions that outlive the credentials they were made with.

use super::super::Hint;
use super::call::Call;
use super::caller::Kind;
use crate::event::error::EventError;
use crate::threat::Sign;

pub(super) fn hints(call: &Call<'_>) -> Result<Option<Hint>, EventError> {
    Ok(match call.name {
        "GetFederationToken" => call.against(Sign::MadeLongSession),
        // With an MFA device it is how people use one on the command line.
        "GetSessionToken" if call.text("serialNumber")?.is_none() && !is_root(call) => {
            call.against(Sign::MadeLongSession)
        }
        // No change to a principal of this account takes back what was done as root of another.
        "AssumeRoot" => Some(Hint::Page { sign: Sign::AssumedRoot, said: call.said() }),
        _ => None,
    })
}

fn is_root(call: &Call<'_>) -> bool {
    matches!(call.caller.kind, Kind::Root { .. })
}
