//! Takes all powers from a user or role, for a finding or at a person's order: an explicit deny first, then the
//! credentials one by one, written down with their undo, done and read back.
//!
//! Its writes to IAM only ever take away: deny-all by policy or boundary, keys switched off, console passwords
//! deleted.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| Remediate::new(sdk, environment, Remediator::SuspendPrincipal)).await
}
