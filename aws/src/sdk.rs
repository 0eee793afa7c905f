//! How Bailiff talks to AWS: one configuration for every client.

use std::cell::LazyCell;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};

/// A client that is made on first use, so that a function's start does not pay for those it may not need.
pub(crate) type Lazy<T> = LazyCell<T, Box<dyn FnOnce() -> T>>;

/// Tries of one operation, the first included. Adaptive: once throttled, a client also slows itself down.
const TRIES: u32 = 5;
/// One try of an operation. Above it a connection is taken for dead.
const ATTEMPT: Duration = Duration::from_secs(8);
/// One operation with all its tries. Well below the shortest function's 60 seconds, so that what AWS did not do
/// is still told before Lambda ends the function.
const OPERATION: Duration = Duration::from_secs(25);

/// Defaults of the SDK change under a new version only; a new one is a decision, made here.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// Region, credentials and endpoints from the environment, `AWS_ENDPOINT_URL` and
/// `AWS_ENDPOINT_URL_<SERVICE>` included.
pub async fn load() -> SdkConfig {
    let loader = aws_config::defaults(behavior())
        .retry_config(RetryConfig::adaptive().with_max_attempts(TRIES))
        .timeout_config(timeouts(ATTEMPT, OPERATION));
    // Shows in CloudTrail's `userAgent`, so that people find what Bailiff did.
    match AppName::new("bailiff") {
        Ok(name) => loader.app_name(name),
        Err(_) => loader,
    }
    .load()
    .await
}

/// The timeouts of an operation and of one try of it.
pub(crate) fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build()
}

/// A client on first use.
pub(crate) fn lazily<T>(sdk: &SdkConfig, make: fn(&SdkConfig) -> T) -> Lazy<T>
where
    T: 'static,
{
    let sdk = sdk.clone();
    LazyCell::new(Box::new(move || make(&sdk)))
}
