//! Deactivates SSH public keys, service-specific credentials and signing certificates that a rule says must not be
//! active: judged again on live state, written down with their undo, done and read back.
//!
//! Of all writes to IAM it holds `iam:UpdateSSHPublicKey`, `iam:UpdateServiceSpecificCredential` and
//! `iam:UpdateSigningCertificate` alone.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| {
        Remediate::new(sdk, environment, Remediator::DeactivateOtherCredentials)
    })
    .await
}
