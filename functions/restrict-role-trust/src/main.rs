//! Takes principals out of trust policies: judged again on live state, written down with the policy that was there, done
//! and read back.
//!
//! Of all writes to IAM it holds `iam:UpdateAssumeRolePolicy` alone, and writes no policy that is not a narrower one than
//! it found.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| Remediate::new(sdk, environment, Remediator::RestrictRoleTrust)).await
}
