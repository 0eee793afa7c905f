//! What records and watches the account, stopped, deleted or narrowed.

use super::super::Hint;
use super::call::Call;
use super::recorder;
use super::selectors::{self, Management, Selected};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::threat::Sign;

pub(super) fn hints(call: &Call<'_>) -> Result<Option<Hint>, EventError> {
    if blinds(call)? {
        return Ok(call.against(Sign::BlindedWatch));
    }
    // Nobody's work is held against them for what may have been so before: people look.
    let page = || Hint::Page { sign: Sign::BlindedWatch, said: call.said() };
    Ok((!call.caller.is_service() && may_blind(call)?).then(page))
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
        ("cloudtrail", "PutEventSelectors") => {
            call.is_without_parameters()
                || match selectors::of(call)? {
                    Selected { management: Management::InPart, .. } => true,
                    // A trail that is for no data either records nothing from now on.
                    Selected { management: Management::None, data, any } => any && !data,
                    Selected { management: Management::All, .. } => false,
                }
        }
        ("config", "DisassociateResourceTypes") => recorder::names_identities(&call.parameters)?,
        ("config", "PutConfigurationRecorder") => recorder::leaves_identities_out(call)?,
        ("guardduty", "UpdateDetector") => call.flag("enable")? == Some(false),
        ("macie2", "UpdateMacieSession") => call.text("status")? == Some("PAUSED"),
        ("guardduty", "CreateFilter" | "UpdateFilter")
        | ("macie2", "CreateFindingsFilter" | "UpdateFindingsFilter") => call.text("action")? == Some("ARCHIVE"),
        _ => false,
    })
}

/// What may blind a watch, or be as it was: the call alone does not tell.
fn may_blind(call: &Call<'_>) -> Result<bool, EventError> {
    Ok(match (call.service, call.name) {
        // Tools put a trail's whole settings each time: the bucket may be the one of before, and a trail of one account
        // never was the organisation's.
        ("cloudtrail", "UpdateTrail") => {
            call.flag("isOrganizationTrail")? == Some(false) || call.text("s3BucketName")?.is_some()
        }
        // It may never have been a trail of management events.
        ("cloudtrail", "PutEventSelectors") => selectors::of(call)?.management == Management::None,
        ("guardduty", "UpdateDetector") => leaves_callers_out(call)?,
        ("securityhub", "UpdateStandardsControl") => {
            call.text("controlStatus")? == Some("DISABLED")
                && call.text("standardsControlArn")?.is_none_or(may_be_of_identities)
        }
        ("securityhub", "BatchUpdateStandardsControlAssociations") => {
            let updates = call.parameters.under("standardsControlAssociationUpdates")?.list(|update| {
                let is_off = update.get("associationStatus")?.text_if_any()? == Some("DISABLED");
                let control = update.get("securityControlId")?.text_if_any()?;
                Ok(is_off && control.is_none_or(may_be_of_identities))
            })?;
            updates.into_iter().flatten().any(|is_off| is_off)
        }
        // Findings are suppressed or resolved by such rules before anybody sees them.
        (
            "securityhub",
            "CreateAutomationRule"
            | "CreateAutomationRuleV2"
            | "BatchUpdateAutomationRules"
            | "UpdateAutomationRuleV2",
        ) => true,
        _ => false,
    })
}

/// Whether a detector no longer looks at who reads and writes S3. Its other features watch machines; what it makes of
/// calls of IAM none of them switches off.
///
/// Source: `GuardDuty` API reference, `UpdateDetector`.
fn leaves_callers_out(call: &Call<'_>) -> Result<bool, EventError> {
    let features = call.parameters.under("features")?.list(|feature| {
        let name = feature.get("name")?.text_if_any()?;
        Ok(name == Some("S3_DATA_EVENTS") && feature.get("status")?.text_if_any()? == Some("DISABLED"))
    })?;
    let old = call.parameters.deep(&["dataSources", "s3Logs", "enable"])?.optional(Field::boolean)?;
    Ok(old == Some(false) || features.into_iter().flatten().any(|is_off| is_off))
}

/// Whether a control may be one about IAM: CIS's own numbers, such as `1.4`, do not tell.
fn may_be_of_identities(control: &str) -> bool {
    let control = control.rsplit('/').next().unwrap_or(control);
    !control.starts_with(|c: char| c.is_ascii_alphabetic())
        || control.starts_with("IAM.")
        || !control.contains('.')
}

/// Whether a trail records less from now on.
fn is_narrowed(call: &Call<'_>) -> Result<bool, EventError> {
    const WIDE: &[&str] = &["isMultiRegionTrail", "includeGlobalServiceEvents", "enableLogFileValidation"];
    for key in WIDE {
        if call.flag(key)? == Some(false) {
            return Ok(true);
        }
    }
    Ok(false)
}
