//! Demands more of passwords: the account's policy judged again, written down as it was, set to the stricter of both in
//! each option, and read back.
//!
//! Of all writes to IAM it holds `iam:UpdateAccountPasswordPolicy` alone.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| Remediate::new(sdk, environment, Remediator::HardenAccount)).await
}
