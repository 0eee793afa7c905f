//! Takes actions and statements out of customer managed policies, and blocked policies off users, groups and roles: judged again on
//! live state, written down with its undo, done and read back.
//!
//! Of all writes to IAM it holds `iam:CreatePolicyVersion`, for versions that surely allow no more than the one before,
//! and `iam:DetachUserPolicy`, `iam:DetachGroupPolicy` and `iam:DetachRolePolicy`.

use aws::lambda::Remediate;
use shared::remedy::Remediator;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(|sdk, environment| Remediate::new(sdk, environment, Remediator::RestrictPolicy)).await
}
