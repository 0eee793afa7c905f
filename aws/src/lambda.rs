//! The functions' handlers, and the loop that feeds them.

mod answer;
mod approve_plan;
mod batch;
mod dead_letters;
mod deliver_notices;
mod detect_threats;
mod evaluate_account;
mod evaluate_changes;
mod failed;
mod receive_directory_change;
mod remediate;
mod restore;

use aws_types::SdkConfig;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tracing::{error, warn};

pub use approve_plan::ApprovePlan;
pub use deliver_notices::DeliverNotices;
pub use detect_threats::DetectThreats;
pub use evaluate_account::EvaluateAccount;
pub use evaluate_changes::EvaluateChanges;
pub use failed::Failed;
pub use receive_directory_change::ReceiveDirectoryChange;
pub use remediate::Remediate;
pub use restore::Restore;

use crate::environment::{Environment, EnvironmentError};
use crate::{log, sdk};

/// What a function does with an invocation.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Handle {
    /// Handles one; `deadline` is when Lambda ends the function.
    async fn handle(&self, payload: Value, deadline: jiff::Timestamp) -> Result<Value, Failed>;
}

/// Runs a function until Lambda ends it.
///
/// Under an environment or governance file that is wrong, every invocation is answered with what is wrong: the
/// events then wait in retries and dead letters, where a function that died at its start would show nothing but
/// that.
pub async fn run<H: Handle>(
    start: impl FnOnce(&SdkConfig, &Environment) -> Result<H, EnvironmentError>,
) -> Result<(), lambda_runtime::Error> {
    let environment = Environment::of_process();
    log::init(environment.log_level().as_deref());
    let started = start(&sdk::of_environment(&environment), &environment).map_err(|wrong| {
        error!(decision = "not-started", why = %wrong);
        Failed::Permanent(wrong.to_string())
    });
    let started = &started;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let (payload, context) = event.into_parts();
        let deadline = i64::try_from(context.deadline).ok();
        let deadline = deadline.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
        let handled = match started {
            // Boxed: the handlers' futures are large and deeply nested, and are better not part of each other.
            Ok(handler) => Box::pin(handler.handle(payload, deadline.unwrap_or(jiff::Timestamp::MAX))).await,
            Err(failed) => Err(failed.clone()),
        };
        if let Err(failed) = &handled {
            match failed {
                Failed::Retryable(why) => warn!(decision = "failed", retryable = true, why),
                Failed::Permanent(why) => error!(decision = "failed", retryable = false, why),
            }
        }
        handled
    }))
    .await
}
