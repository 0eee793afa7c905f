//! Judges every user of the account, for AWS Config's scheduled rules and in the sweep that catches what no event
//! told, and sends what it found to the remediators.
//!
//! It reads IAM in bulk, drills into the few users the bulk leaves open, and writes nothing there.

use aws::lambda::EvaluateAccount;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(EvaluateAccount::new).await
}
