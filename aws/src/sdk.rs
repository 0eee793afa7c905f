//! How Bailiff talks to AWS: one configuration for every client.
//!
//! A function finds all it needs in its environment: Lambda puts Region, credentials and, where somebody wants
//! them, other endpoints there. So the SDK's chain of places to look for credentials is left out, which is a
//! tenth of a function's size and most of its start.

mod endpoints;
mod trust;

use std::cell::LazyCell;
use std::time::Duration;

use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::config::timeout::TimeoutConfig;
use aws_sdk_iam::config::{
    AppName, BehaviorVersion, Credentials, IdentityCache, Region, SharedCredentialsProvider,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;

use crate::environment::Environment;
use endpoints::Endpoints;
use trust::trusted;

/// A client that is made on first use, so that a function's start does not pay for those it may not need.
pub(crate) type Lazy<T> = LazyCell<T, Box<dyn FnOnce() -> T>>;

/// Tries of one operation, the first included, with waits that double and are drawn at random.
///
/// Not adaptive: a client that was throttled would then let half a call a second through and count a retry as five
/// (aws-smithy-runtime, `client_rate_limiter`), so a second throttle used up the whole operation's time in waiting.
/// What keeps Bailiff's rate low is how many reads it has under way at once.
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

/// The configuration of a function's clients.
pub fn of_environment(environment: &Environment) -> SdkConfig {
    let endpoints = Endpoints::of(environment);
    let mut config = SdkConfig::builder()
        .behavior_version(behavior())
        .retry_config(retries())
        .timeout_config(timeouts(ATTEMPT, OPERATION))
        .region(environment.region().map(Region::new))
        .identity_cache(IdentityCache::lazy().build())
        // One for all clients: each of its own would read the trusted certificates again.
        .http_client(https(environment))
        .service_config(endpoints.clone());
    config.set_credentials_provider(credentials(environment).map(SharedCredentialsProvider::new));
    config.set_endpoint_url(endpoints.of_all());
    // Shows in CloudTrail's `userAgent`, so that people find what Bailiff did.
    config.set_app_name(AppName::new("bailiff").ok());
    config.build()
}

fn https(environment: &Environment) -> SharedHttpClient {
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    match TlsContext::builder().with_trust_store(trusted(environment)).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

/// The credentials of the function's role. They outlive the process: Lambda starts another for new ones.
fn credentials(environment: &Environment) -> Option<Credentials> {
    Some(Credentials::new(
        environment.variable("AWS_ACCESS_KEY_ID")?,
        environment.variable("AWS_SECRET_ACCESS_KEY")?,
        environment.variable("AWS_SESSION_TOKEN"),
        None,
        "the function's environment",
    ))
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(TRIES)
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
