//! Undoes a journal entry at a person's request, where nothing else has changed since.
//!
//! It holds the inverse of every write the remediators hold, and creates no credential.

use aws::lambda::Restore;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(Restore::new).await
}
