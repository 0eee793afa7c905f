//! Calls that CloudTrail recorded: who changed IAM, its surroundings, or Bailiff itself.

mod call;
mod caller;
mod changed;
mod credentials;
mod federation;
mod made;
mod omitted;
mod organization;
mod permissions;
mod put_back;
mod recorder;
mod root;
mod selectors;
mod sessions;
mod stack;
#[cfg(test)]
mod tests;
mod trust;
mod watch;

use super::envelope::{Envelope, Origin};
use super::said::shortened;
use super::suspect::long_term_key;
use super::{Hint, Ours, Suspect, Trigger};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::threat::{Sign, Source};
use call::Call;

pub use put_back::PutBack;

/// The detail types under which CloudTrail tells what somebody did. AWS's documentation writes the sign-in in one word,
/// the events in two.
///
/// Source: `EventBridge` user guide, "AWS service events delivered via AWS CloudTrail".
pub(super) const TOLD: [&str; 4] = [
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Console Action via CloudTrail",
];

pub(super) fn read(envelope: &Envelope<'_>, ours: &Ours) -> Result<Trigger, EventError> {
    let detail = &envelope.detail;
    let id = detail.get("eventID")?.filled_text()?;
    let (account, region) = (detail.get("recipientAccountId")?, detail.get("awsRegion")?);
    let origin = envelope.origin(Source::CloudTrail).with(id, &account, &region)?;
    let origin = origin.seen(Some(detail.get("eventTime")?.time()?));
    let call = Call::read(detail, &origin.account)?;
    if call.caller.is_one_of(ours) {
        return Ok(origin.ignored("Bailiff called it itself"));
    }
    if let Some(code) = call.error {
        return Ok(refused(&call, code, origin));
    }
    // CloudTrail calls what makes sessions a read.
    if call.is_read && call.service != "sts" {
        return Ok(origin.ignored("it reads and changes nothing"));
    }
    hints(&call, ours).map(|hints| match hints {
        hints if hints.is_empty() => {
            let what = shortened(&call.action());
            origin.ignored(format!("`{what}` is no sign of anything that is judged here"))
        }
        hints => origin.hinting(hints),
    })
}

/// A call that AWS refused has changed nothing. One is no threat; the engine counts them.
fn refused(call: &Call<'_>, code: &str, origin: Origin) -> Trigger {
    let about = call.caller.about.clone();
    let key = call.caller.key.clone();
    let said = call.said_with(&format!("AWS refused with {code}"));
    let threat = |sign, about, key| vec![Hint::Threat { sign, about, key, by: None, severity: None, said }];
    if is_denial(code) {
        return match about {
            Some(about) if !call.caller.is_service() => {
                origin.hinting(threat(Sign::DeniedAgainAndAgain, about, key))
            }
            _ => origin.ignored(format!("AWS refused it with `{}`", shortened(code))),
        };
    }
    match call.key_used().and_then(long_term_key) {
        Some(key) if is_refused_key(code) => {
            origin.hinting(threat(Sign::TriedDisabledKey, Suspect::HolderOf(key.clone()), Some(key)))
        }
        _ => origin.ignored(format!("AWS refused it with `{}`", shortened(code))),
    }
}

/// Each service has a spelling of its own for "you may not".
fn is_denial(code: &str) -> bool {
    let code = code.rsplit('.').next().unwrap_or(code);
    code.starts_with("AccessDenied") || code.starts_with("Unauthorized") || code == "NotAuthorized"
}

/// What services answer to a key that is switched off or deleted. Which, the live state tells.
fn is_refused_key(code: &str) -> bool {
    ["InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException", "AuthFailure"]
        .iter()
        .any(|known| code.ends_with(known))
}

fn hints(call: &Call<'_>, ours: &Ours) -> Result<Vec<Hint>, EventError> {
    let mut hints = Vec::from_iter(root::hints(call)?);
    match call.service {
        "iam" => {
            hints.extend(credentials::hints(call)?);
            hints.extend(omitted::hints(call));
            hints.extend(permissions::hints(call, ours)?);
            hints.extend(trust::hints(call)?);
            hints.extend(federation::hints_of_iam(call));
            hints.extend(changed::hints(call)?);
            hints.extend(made::hints(call)?);
        }
        "rolesanywhere" => hints.extend(federation::hints_of_roles_anywhere(call)?),
        "sts" => hints.extend(sessions::hints(call)?),
        "organizations" => hints.extend(organization::hints(call)?),
        _ => hints.extend(watch::hints(call)?),
    }
    hints.extend(stack::hints(call, ours)?);
    Ok(hints)
}

/// A document of a policy among the parameters, where it is told.
fn document<'a>(field: &Field<'a>) -> Result<Option<&'a str>, EventError> {
    Ok(field.text_if_any()?.filter(|text| text.starts_with(['{', '['])))
}
