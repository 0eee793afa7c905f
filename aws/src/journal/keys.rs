use shared::identifier::{AccountId, UniqueId};
use shared::remedy::JournalId;
pub(super) use shared::remedy::chain::layout::*;
use shared::rules::RuleId;

/// Sort key of who has a principal.
pub(super) const OPEN: &str = "open";

/// Sort key of a person's undo.
pub(super) const HOLD: &str = "hold";

/// Sort key of what answered a threat to whoever was denied everything already.
pub(super) const CONTAINED: &str = "contained";

pub(super) const UNTIL: &str = "until";

/// When an entry was last written.
pub(super) const TOUCHED: &str = "touched";

pub(super) fn entry(id: &JournalId) -> String {
    format!("{ENTRY_PREFIX}{id}")
}

pub(super) fn principal(account: &AccountId, id: &UniqueId) -> String {
    format!("principal#{account}#{id}")
}

pub(super) fn failed(rule: RuleId) -> String {
    format!("failed#{rule}")
}

/// What people were told is coming: who delivers notices writes it too, and reaches nothing else of a principal.
pub(super) fn warned(account: &AccountId, id: &UniqueId) -> String {
    format!("warned#{account}#{id}")
}

/// What people are asked: who takes their answers reaches nothing else of a principal.
pub(super) fn asked(account: &AccountId, id: &UniqueId) -> String {
    format!("asked#{account}#{id}")
}
