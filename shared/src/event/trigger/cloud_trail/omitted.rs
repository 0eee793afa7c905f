//! Calls of IAM whose parameters CloudTrail left out.
//!
//! IAM counts no white space of a policy, and takes one padded to 131,072 characters; CloudTrail records parameters of up to
//! 100 KB. What was changed, and for whom, is then in no event.

use super::super::Hint;
use super::call::Call;
use crate::threat::Sign;

pub(super) fn hints(call: &Call<'_>) -> Vec<Hint> {
    // The metadata of a SAML provider may be as large, and to change one counts by itself.
    if !call.is_without_parameters() || call.caller.is_service() || call.name.contains("SAMLProvider") {
        return Vec::new();
    }
    // Whom it changed nothing tells, so that no rule can judge them before the next sweep.
    let mut hints = call.told_and_against(Sign::HidParameters);
    // A chain of certificates may be as large, too.
    if call.name == "UploadServerCertificate" {
        hints.truncate(1);
    }
    hints
}
