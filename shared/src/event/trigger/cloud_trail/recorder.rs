//! What AWS Config's recorder records from now on.

use super::call::Call;
use crate::event::error::EventError;
use crate::event::field::Field;

/// What the rules hear of by AWS Config.
const IDENTITIES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// Whether a kind of identity is not recorded, or not at each change.
///
/// Source: AWS Config API reference, `RecordingGroup` and `RecordingMode`.
pub(super) fn leaves_identities_out(call: &Call<'_>) -> Result<bool, EventError> {
    let recorder = call.parameters.under("configurationRecorder")?;
    let (group, mode) = (recorder.under("recordingGroup")?, recorder.under("recordingMode")?);

    let strategy = group.deep(&["recordingStrategy", "useOnly"])?.text_if_any()?;
    let (listed, excluded) = (types(&group)?, types(&group.under("exclusionByResourceTypes")?)?);
    let all = says_yes(&group, "allSupported")?;
    // Identities belong to no Region, and are left out of all unless they are asked for.
    let global = says_yes(&group, "includeGlobalResourceTypes")?;
    let is_recorded = |kind: &str| match strategy {
        Some("EXCLUSION_BY_RESOURCE_TYPES") => !excluded.contains(&kind),
        _ if all => global,
        _ => listed.contains(&kind),
    };

    let by_default = is_daily(&mode)?.unwrap_or_default();
    let overrides = mode.under("recordingModeOverrides")?.list(|of| Ok((types(of)?, is_daily(of)?)))?;
    let overrides = overrides.unwrap_or_default();
    let daily = |kind: &str| {
        let of_it = overrides.iter().find(|(types, _)| types.contains(&kind));
        of_it.and_then(|(_, daily)| *daily).unwrap_or(by_default)
    };
    Ok(IDENTITIES.iter().any(|kind| !is_recorded(kind) || daily(kind)))
}

/// Whether a kind of identity is among the resource types.
pub(super) fn names_identities(of: &Field<'_>) -> Result<bool, EventError> {
    Ok(types(of)?.iter().any(|kind| IDENTITIES.contains(kind)))
}

fn types<'a>(of: &Field<'a>) -> Result<Vec<&'a str>, EventError> {
    Ok(of.under("resourceTypes")?.list(Field::text)?.unwrap_or_default())
}

fn says_yes(group: &Field<'_>, key: &str) -> Result<bool, EventError> {
    Ok(group.under(key)?.optional(Field::boolean)?.unwrap_or_default())
}

fn is_daily(of: &Field<'_>) -> Result<Option<bool>, EventError> {
    Ok(of.under("recordingFrequency")?.text_if_any()?.map(|word| word == "DAILY"))
}
