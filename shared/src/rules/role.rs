//! Rules about roles.

pub(super) mod role_inline_policy;
pub(super) mod role_required_policy;
