//! Rules about groups.

pub(super) mod group_admin;
