//! What IAM can tell of use, and how late (IAM User Guide, "Refine permissions in AWS using last accessed information").

use jiff::SignedDuration;

/// As late as this IAM may show a use.
pub(super) const LAG: SignedDuration = SignedDuration::from_hours(4);
/// As far back as this IAM looks.
pub(super) const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(400 * 24);
