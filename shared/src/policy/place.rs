use std::fmt;

use serde::{Serialize, Serializer};

/// Where in a policy something stands, such as `Statement[2].Action[0]` or
/// `Statement[0].Condition.StringEquals.aws:SourceArn[1]`.
///
/// Numbers count from 0. A lone value counts as a list of one, so it has a `[0]` too. The policy as a whole is the
/// empty place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place(String);

impl Place {
    /// The policy as a whole.
    pub fn policy() -> Self {
        Self::default()
    }

    /// A statement.
    pub fn statement(index: usize) -> Self {
        Self(format!("Statement[{index}]"))
    }

    /// An element or key in this place.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        let dot = if self.0.is_empty() { "" } else { "." };
        Self(format!("{}{dot}{name}", self.0))
    }

    /// An entry of the list in this place.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The place as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "the policy" } else { &self.0 })
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
