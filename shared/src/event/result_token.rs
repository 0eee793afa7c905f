use std::fmt;

/// What AWS Config wants back with every evaluation: a bearer secret for the results of one invocation.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultToken(String);

impl ResultToken {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token, for `PutEvaluations` and for nothing else.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResultToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResultToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_token() {
        assert_eq!(format!("{:?}", ResultToken::new("a-secret")), "ResultToken(…)");
    }
}
