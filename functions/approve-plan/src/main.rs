//! Takes people's answers to plans that wait for their approval, each signed with AWS's own signature.
//!
//! It knows nothing of IAM: with the last answer that is needed, the rule's remediator gets its finding again, and
//! looks at everything anew.

use aws::lambda::ApprovePlan;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(ApprovePlan::new).await
}
