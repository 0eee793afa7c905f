use std::error::Error;

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use shared::engine::{PortError, PortErrorKind};
use shared::facts::{Read, Unread, WhyUnread};

use shared::masked::Masked;

/// What AWS's services say when they are asked too fast or fail on their own side. `LimitExceeded`, IAM's word for
/// a quota, is none of them.
const RETRYABLE: &[&str] = &[
    "BandwidthLimitExceeded",
    "ConcurrentModification",
    "EntityTemporarilyUnmodifiable",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "KMSThrottling",
    "KMSThrottlingException",
    "KmsThrottled",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// What they say when a role may not.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "KMSAccessDenied",
    "KMSAccessDeniedException",
    "KmsAccessDenied",
    "NotAuthorized",
    "UnauthorizedOperation",
];

/// The longest message that is passed on: some of AWS's repeat half the request.
const MOST: usize = 400;

/// An operation that did not surely succeed, as far as callers treat it differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Whether trying again may help.
    pub(crate) kind: PortErrorKind,
    /// AWS's code; `None` where no answer came.
    pub(crate) code: Option<String>,
    /// What was said, for people: cut, and without key ids.
    pub(crate) message: String,
}

impl Failure {
    /// Reads an error of any operation of any service.
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        let kind = match error {
            // The request was never made.
            SdkError::ConstructionFailure(_) => PortErrorKind::Failed,
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => PortErrorKind::Throttled,
            _ => kind(code, status),
        };
        let message = match error.as_service_error().and_then(ProvideErrorMetadata::message) {
            Some(message) => said(&format!("{}: {message}", code.unwrap_or("no code"))),
            None => match (code, status) {
                (Some(code), _) => said(code),
                (None, Some(status)) => said(&format!("HTTP {status}: {}", innermost(error))),
                (None, None) => said(&format!("{error}: {}", innermost(error))),
            },
        };
        Self { kind, code: code.map(str::to_owned), message }
    }

    /// A code that stands inside an answer.
    pub(crate) fn of_code(code: &str, message: &str) -> Self {
        Self {
            kind: kind(Some(code), None),
            code: Some(code.to_owned()),
            message: said(&format!("{code}: {message}")),
        }
    }

    /// An answer that makes no sense.
    pub(crate) fn of_answer(message: impl Into<String>) -> Self {
        Self { kind: PortErrorKind::Failed, code: None, message: message.into() }
    }

    /// Whether AWS said this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// As a fact's read that told nothing.
    pub(crate) fn unread(self, read: Read) -> Unread {
        let why = match self.kind {
            PortErrorKind::Throttled | PortErrorKind::Overtaken => WhyUnread::Throttled,
            PortErrorKind::Denied => WhyUnread::Denied,
            PortErrorKind::Failed => WhyUnread::Failed,
        };
        Unread::new(read, why, self.message)
    }

    /// As a port's error.
    pub(crate) fn port(self, operation: &'static str) -> PortError {
        PortError { operation, kind: self.kind, message: self.message }
    }
}

fn kind(code: Option<&str>, status: Option<u16>) -> PortErrorKind {
    match (code, status) {
        (Some(code), _) if RETRYABLE.contains(&code) => PortErrorKind::Throttled,
        (Some(code), _) if DENIED.contains(&code) => PortErrorKind::Denied,
        (_, Some(429 | 500..=599)) => PortErrorKind::Throttled,
        _ => PortErrorKind::Failed,
    }
}

/// The error at the bottom, which says what really happened.
fn innermost(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

fn said(text: &str) -> String {
    let masked = Masked(text).to_string();
    if masked.chars().count() <= MOST {
        masked
    } else {
        masked.chars().take(MOST - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_statuses_are_told_apart() {
        use PortErrorKind::{Denied, Failed, Throttled};
        for (code, status, expected) in [
            (Some("Throttling"), Some(400), Throttled),
            (Some("ThrottlingException"), Some(400), Throttled),
            (Some("ServiceFailure"), Some(500), Throttled),
            (Some("EntityTemporarilyUnmodifiable"), Some(409), Throttled),
            (Some("ConcurrentModification"), Some(409), Throttled),
            (Some("SomethingNew"), Some(503), Throttled),
            (None, Some(502), Throttled),
            (None, Some(429), Throttled),
            (Some("AccessDenied"), Some(403), Denied),
            (Some("AccessDeniedException"), Some(400), Denied),
            (Some("LimitExceeded"), Some(409), Failed),
            (Some("NoSuchEntity"), Some(404), Failed),
            (Some("InvalidClientTokenId"), Some(403), Failed),
            (None, Some(404), Failed),
            (None, None, Failed),
        ] {
            assert_eq!(kind(code, status), expected, "{code:?} {status:?}");
        }
    }

    #[test]
    fn messages_are_cut_and_masked() {
        let long = format!("The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found{}", " x".repeat(400));
        let message = said(&long);
        assert!(message.starts_with("The Access Key with id …MPLE cannot"), "{message}");
        assert_eq!(message.chars().count(), MOST);
    }
}
