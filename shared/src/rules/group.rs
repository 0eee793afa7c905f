//! Rules about groups, and about who is in them.

pub(super) mod group_admin;
pub(super) mod group_empty;
pub(super) mod group_inline_policy;
pub(super) mod group_job_function;
pub(super) mod group_separation_of_duties;
