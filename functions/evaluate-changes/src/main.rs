//! Judges a changed user or role by what AWS Config's event says of it, reports to AWS Config, and sends what it
//! found to the remediators.
//!
//! It holds no IAM action, neither reading nor writing.

use aws::lambda::EvaluateChanges;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(EvaluateChanges::new).await
}
