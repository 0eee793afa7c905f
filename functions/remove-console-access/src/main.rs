//! Takes the console from users who must not have it, or not without MFA: judged again on live state, written down with
//! its undo, done and read back.
//!
//! Of all writes to IAM it holds `iam:PutUserPolicy`, for policies that only deny, and `iam:DeleteLoginProfile`.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| Remediate::new(sdk, environment, Remediator::RemoveConsoleAccess))
        .await
}
