//! Rules about the account itself: its root user, its settings, and what it holds in numbers.

pub(super) mod access_analyzer_off;
pub(super) mod password_policy;
pub(super) mod root_access_key;
pub(super) mod root_hardware_mfa;
pub(super) mod root_mfa;
pub(super) mod root_used;
pub(super) mod security_contact_missing;
pub(super) mod support_role_missing;
pub(super) mod too_many_keys;
pub(super) mod too_many_users;
