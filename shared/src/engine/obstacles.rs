use jiff::Timestamp;

use super::brake::Orders;
use super::{FailedAct, Hold, Stop};
use crate::remedy::{Entry, Refusal};

/// What may stand against an act on a principal, as one read found it before the principal itself was looked at. The switch
/// is read again before each write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Obstacles {
    /// The principal's open entry: a worker died over it, or is at it.
    pub unfinished: Option<Entry>,
    /// A person's undo.
    pub hold: Option<Hold>,
    /// The rule's last act on it that AWS refused.
    pub failure: Option<FailedAct>,
    /// The account's order to stop.
    pub stop: Option<Stop>,
    /// The organisation's, which is read from another table at the same time.
    pub organization_stop: Option<Stop>,
    /// How many users and roles the last sweep found, if one has counted them.
    pub principals: Option<u64>,
    /// How many the last sweeps of all accounts of the organisation found, where a share hangs on it: from the other table
    /// too.
    pub organization_principals: Option<u64>,
}

impl Obstacles {
    /// The orders to stop that stand.
    pub(super) fn orders(&self) -> Orders {
        Orders { account: self.stop.clone(), organization: self.organization_stop.clone() }
    }

    /// Whether a person has undone Bailiff's work on the principal lately. It holds every rule: another one might find in
    /// what was put back a reason for worse.
    pub(super) fn held(&self, at: Timestamp) -> Option<Refusal> {
        self.hold.as_ref().filter(|hold| hold.stands(at)).map(|hold| Refusal::Restored {
            by: hold.restored_by.clone(),
            until: hold.until.strftime("%Y-%m-%d").to_string(),
        })
    }
}
