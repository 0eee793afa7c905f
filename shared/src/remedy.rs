//! Remediation as data: steps, plans, the guards they must pass, the journal that remembers them, and undo.

#[cfg(test)]
pub(crate) mod apply;
mod approver;
pub mod chain;
mod credible;
mod evidence;
mod guard;
mod journal;
mod known_key;
mod mark;
mod plan;
mod protected;
mod remediator;
mod step;
mod suspension;
mod undo;
mod warning;
mod write;

pub use approver::{Approver, NobodyError};
pub use credible::{check_entry, check_step};
pub use evidence::{Act, ActStep};
pub use guard::{Refusal, check_identity, check_remit};
pub use journal::{CHAINED_SINCE, Cause, Entry, JournalId, SCHEMA, Status, StepOutcome, StepResult};
pub use known_key::KnownKey;
pub(crate) use known_key::KnownKeys;
pub(crate) use mark::is_marked;
pub use mark::{QUARANTINE_TAG, mark};
pub use plan::Plan;
pub(crate) use plan::hexadecimal;
pub(crate) use protected::matches;
pub use protected::{Protected, ProtectedReason, ROLES_OF_OTHERS, RolesCalled};
pub use remediator::{Permissions, Remediator, SUSPENSION_NEEDS};
pub use step::{Inverse, Step, StepState};
pub use suspension::{
    Aftermath, Assumer, Denial, FIRST_DENY_PREFIX, OldSessions, QUARANTINE_INLINE_POLICY, REQUIRE_MFA_POLICY,
    REVOKE_SESSIONS_POLICY, SessionKind, Workloads, deny_first, deny_role, is_denied, is_own_inline_policy,
    is_quarantine_name, is_suspended, old_sessions, require_mfa, suspend_role, suspend_user, workloads_of,
};
pub(crate) use suspension::{
    BoundaryBefore, boundary_before, denies as denies_everything, does_the_same, is_denied_by,
    takes_denial_off,
};
pub use undo::{Undo, undo};
pub use warning::{Due, Given, Ripe, Warning, WarningSchedule, Warnings, ripe};
pub use write::Write;
