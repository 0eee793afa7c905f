use lambda_runtime::Diagnostic;
use shared::engine::{EngineError, OrderError};
use shared::event::EventError;

/// An invocation that came to nothing. Alarms and people filter on its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// It may work when tried again.
    Retryable(String),
    /// It will never work as it is.
    Permanent(String),
}

impl From<Failed> for Diagnostic {
    fn from(failed: Failed) -> Self {
        let (error_type, error_message) = match failed {
            Failed::Retryable(why) => ("Retryable", why),
            Failed::Permanent(why) => ("Permanent", why),
        };
        Self { error_type: error_type.to_owned(), error_message }
    }
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Retry(_) => Self::Retryable(error.to_string()),
            EngineError::Permanent(_) => Self::Permanent(error.to_string()),
        }
    }
}

impl From<EventError> for Failed {
    fn from(error: EventError) -> Self {
        Self::Permanent(error.to_string())
    }
}

impl From<OrderError> for Failed {
    fn from(error: OrderError) -> Self {
        Self::Permanent(error.to_string())
    }
}
