use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::directory::EmployeeId;
use crate::identifier::UniqueId;

/// What the directory last said of the person whose user it is. Kept where none but Bailiff's own function for it
/// writes, so that whoever acts can read it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Departure {
    /// Whose user it is. Of several nobody knows which.
    pub employees: BTreeSet<EmployeeId>,
    /// The tags that said so, as they read then.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// From when the person is gone; `None` where the person stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Timestamp>,
    /// From when the person is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<Timestamp>,
    /// When the directory said so. What was said later stands.
    pub said: Timestamp,
    /// Whether a list said so: then lists alone can take it back before its day, by naming the person as active.
    #[serde(default)]
    pub by_list: bool,
    /// Where it said so: an event by its id, or a list by its place and version.
    pub source: String,
    /// When Bailiff heard of it.
    pub received: Timestamp,
}

/// Those of every user.
pub type Departures = BTreeMap<UniqueId, Departure>;

impl Departure {
    /// Whether the person is gone at that time: has left, and is not back.
    pub fn is_gone(&self, at: Timestamp) -> bool {
        self.leaves.is_some_and(|leaves| leaves <= at) && self.returns.is_none_or(|returns| at < returns)
    }

    /// Whether both say the same, wherever and whenever they do.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (&self.employees, &self.tags, self.leaves, self.returns)
            == (&other.employees, &other.tags, other.leaves, other.returns)
    }

    /// Whose user it is, for people.
    pub fn who(&self) -> String {
        self.employees.iter().map(EmployeeId::as_str).collect::<Vec<_>>().join(" or ")
    }
}
