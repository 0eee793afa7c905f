//! Hears from a directory or HR system who has left, keeps it as a fact of the person's users, and asks
//! suspend-principal to look.
//!
//! It lists users with their tags, and writes nothing in IAM.

use aws::lambda::ReceiveDirectoryChange;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(ReceiveDirectoryChange::new).await
}
