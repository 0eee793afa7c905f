use shared::identifier::{AccountId, UniqueId};
use shared::remedy::JournalId;
use shared::rules::RuleId;

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";

/// Sort key of an entry, and the attribute that names one.
pub(super) const ENTRY: &str = "entry";
/// Sort key of who has a principal.
pub(super) const OPEN: &str = "open";

/// Sort key of a person's undo.
pub(super) const HOLD: &str = "hold";

pub(super) const BODY: &str = "body";
pub(super) const SCHEMA: &str = "schema";
pub(super) const STATUS: &str = "status";
pub(super) const UNTIL: &str = "until";

pub(super) fn entry(id: &JournalId) -> String {
    format!("entry#{id}")
}

pub(super) fn principal(account: &AccountId, id: &UniqueId) -> String {
    format!("principal#{account}#{id}")
}

pub(super) fn failed(rule: RuleId) -> String {
    format!("failed#{rule}")
}
