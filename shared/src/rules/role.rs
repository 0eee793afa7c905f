//! Rules about roles.

pub(super) mod role_admin;
