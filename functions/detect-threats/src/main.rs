//! Takes what GuardDuty, Macie, Access Analyzer, Security Hub, AWS Health, Trusted Advisor, AWS Config's rules and
//! CloudTrail tell, looks at the live state of whom it is about, and sends what it finds to the remediators.
//!
//! It reads: nothing it holds could change a principal.

use aws::lambda::DetectThreats;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(DetectThreats::new).await
}
