//! Deletes access keys that Bailiff itself switched off long ago, after two people have approved the plan.
//!
//! It is the only function that can delete a credential for good by itself, and `iam:DeleteAccessKey` is all that it
//! may write.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| Remediate::new(sdk, environment, Remediator::DeleteAccessKeys)).await
}
