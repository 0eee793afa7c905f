//! Takes notices to those whom they concern, by mail, Slack or Teams, and sends the day's digest.
//!
//! It reads tags and writes nothing in IAM. A webhook's secret never reaches it.

use aws::lambda::DeliverNotices;

// One vCPU or less, and all the work is waiting for AWS: more threads would only cost start time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    aws::lambda::run(DeliverNotices::new).await
}
