use shared::identifier::{AccountId, UniqueId};
use shared::remedy::JournalId;
pub(super) use shared::remedy::chain::layout::*;
use shared::rules::RuleId;

/// Sort key of who has a principal.
pub(super) const OPEN: &str = "open";

/// Sort key of a person's undo.
pub(super) const HOLD: &str = "hold";

pub(super) const UNTIL: &str = "until";

pub(super) fn entry(id: &JournalId) -> String {
    format!("{ENTRY_PREFIX}{id}")
}

pub(super) fn principal(account: &AccountId, id: &UniqueId) -> String {
    format!("principal#{account}#{id}")
}

pub(super) fn failed(rule: RuleId) -> String {
    format!("failed#{rule}")
}

pub(super) fn warnings(rule: RuleId) -> String {
    format!("warnings#{rule}")
}

pub(super) fn approval(rule: RuleId) -> String {
    format!("approval#{rule}")
}
