use serde::{Deserialize, Serialize};

/// How sure it is that something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It hangs on something that the file does not tell, such as a condition or an instance that runs.
    Possible,
    /// The file tells that it can.
    Is,
}
