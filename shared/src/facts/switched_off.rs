use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::{AccessKeyId, UniqueId};

/// That Bailiff switched an access key off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SwitchedOff {
    /// The journal entry under which it did.
    pub entry: String,
    /// When it was read back.
    pub at: Timestamp,
    /// Whether it was switched on again by an undo.
    #[serde(default)]
    pub undone: bool,
}

/// The keys of one user that Bailiff switched off.
pub type SwitchedOffKeys = BTreeMap<AccessKeyId, SwitchedOff>;

/// Those of every user.
pub type AllSwitchedOffKeys = BTreeMap<UniqueId, SwitchedOffKeys>;
