//! Shortens the sessions of roles: judged again on live state, written down with the maximum that was there, done and read
//! back.
//!
//! Of all writes to IAM it holds `iam:UpdateRole` alone.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| Remediate::new(sdk, environment, Remediator::SetRoleSessionDuration))
        .await
}
