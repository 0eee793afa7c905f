use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a rule may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Judge, and write into the journal the plan that `enforce` would carry out. The default.
    #[default]
    Audit,
    /// The same, and send a notice.
    Notify,
    /// Carry the plan out.
    Enforce,
}

impl Mode {
    /// Every one, the mildest first.
    pub const ALL: [Self; 3] = [Self::Audit, Self::Notify, Self::Enforce];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Notify => "notify",
            Self::Enforce => "enforce",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
