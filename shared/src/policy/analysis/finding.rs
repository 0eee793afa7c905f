use serde::Serialize;

use crate::policy::Place;

/// Something in a policy that a rule has to say something about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// Where.
    pub at: Place,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
}

impl Finding {
    pub(super) fn new(rule: &'static str, at: Place, message: impl Into<String>) -> Self {
        Self { rule, at, message: message.into() }
    }
}
