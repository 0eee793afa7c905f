//! What records and watches the account, stopped, deleted or narrowed.

use super::super::Hint;
use super::call::Call;
use super::recorder;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::threat::Sign;

pub(super) fn hints(call: &Call<'_>) -> Result<Vec<Hint>, EventError> {
    let blinds = blinds(call)?;
    Ok(blinds.then(|| call.against(Sign::BlindedWatch)).flatten().into_iter().collect())
}

fn blinds(call: &Call<'_>) -> Result<bool, EventError> {
    Ok(match (call.service, call.name) {
        ("cloudtrail", "StopLogging" | "DeleteTrail" | "DeleteEventDataStore" | "StopEventDataStoreIngestion")
        | (
            "config",
            "StopConfigurationRecorder" | "DeleteConfigurationRecorder" | "DeleteDeliveryChannel"
            | "DeleteConfigRule" | "DeleteConformancePack" | "DeleteOrganizationConfigRule"
            // Nothing tells whether the bucket is the one of before.
            | "PutDeliveryChannel",
        )
        | (
            "guardduty",
            "DeleteDetector" | "StopMonitoringMembers" | "DisassociateFromMasterAccount"
            | "DisassociateFromAdministratorAccount" | "DisassociateMembers" | "DeleteMembers"
            // Whose addresses are trusted raise no findings.
            | "CreateIPSet" | "UpdateIPSet" | "CreateTrustedEntitySet" | "UpdateTrustedEntitySet",
        )
        | (
            "securityhub",
            "DisableSecurityHub" | "DisableSecurityHubV2" | "BatchDisableStandards" | "DisableImportFindingsForProduct"
            | "DisassociateFromMasterAccount" | "DisassociateFromAdministratorAccount",
        )
        | ("access-analyzer", "DeleteAnalyzer" | "CreateArchiveRule")
        | ("macie2", "DisableMacie" | "DisassociateFromMasterAccount" | "DisassociateFromAdministratorAccount") => true,
        ("cloudtrail", "UpdateTrail") => is_narrowed(call)?,
        ("cloudtrail", "PutEventSelectors") => leaves_management_events_out(call)?,
        ("config", "PutConfigurationRecorder") => recorder::leaves_identities_out(call)?,
        ("guardduty", "UpdateDetector") => call.flag("enable")? == Some(false),
        ("macie2", "UpdateMacieSession") => call.text("status")? == Some("PAUSED"),
        ("guardduty", "CreateFilter" | "UpdateFilter")
        | ("macie2", "CreateFindingsFilter" | "UpdateFindingsFilter") => call.text("action")? == Some("ARCHIVE"),
        _ => false,
    })
}

/// Whether a trail records less from now on, or elsewhere.
fn is_narrowed(call: &Call<'_>) -> Result<bool, EventError> {
    const WIDE: &[&str] = &[
        "isMultiRegionTrail",
        "includeGlobalServiceEvents",
        "isOrganizationTrail",
        "enableLogFileValidation",
    ];
    for key in WIDE {
        if call.flag(key)? == Some(false) {
            return Ok(true);
        }
    }
    Ok(call.text("s3BucketName")?.is_some())
}

fn leaves_management_events_out(call: &Call<'_>) -> Result<bool, EventError> {
    let selectors = call.parameters.under("eventSelectors")?.list(|selector| {
        let all = selector.get("readWriteType")?.text_if_any()?.is_none_or(|kind| kind == "All");
        let management = selector.get("includeManagementEvents")?.optional(Field::boolean)?.unwrap_or(true);
        let excluded = selector.get("excludeManagementEventSources")?.list(Field::text)?.unwrap_or_default();
        Ok(all && management && excluded.is_empty())
    })?;
    let advanced = call.parameters.under("advancedEventSelectors")?.list(|selector| {
        let fields = selector.get("fieldSelectors")?.list(|field| {
            let is_category = field.get("field")?.text_if_any()? == Some("eventCategory");
            let values = field.get("equals")?.list(Field::text)?.unwrap_or_default();
            Ok((is_category, is_category && values.contains(&"Management")))
        })?;
        let fields = fields.unwrap_or_default();
        // Whatever stands beside the category takes something out.
        Ok(fields.len() == 1 && fields.iter().any(|(_, management)| *management))
    })?;
    let whole = selectors.into_iter().chain(advanced).flatten().any(|whole| whole);
    Ok(!whole)
}
