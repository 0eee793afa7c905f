//! What an organisation's policies, service control policies and resource control policies, hold for an account.
//!
//! A quarantine lives in the account, and whoever administers the account can undo it. Only an organisation can keep
//! them from it. The policies of `organization/policies` do; [`check`] asks whether policies that are in force do too,
//! whoever wrote them: it puts requests to the evaluator and compares no texts.

mod check;
mod effective;
mod file;
mod pack;
mod protection;
mod question;

pub use check::{Finding, check};
pub use effective::{ControlPolicy, ControlType, Denial, Denier, OrganizationPolicies};
pub use file::{PolicyFile, PolicyFileError};
pub use pack::{PackedPolicy, Settings, pack};
pub use protection::{Protection, UnknownProtectionError};
pub use question::Asked;

#[cfg(test)]
mod tests;
