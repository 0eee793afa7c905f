//! Rules about users, their keys and their passwords.

pub(super) mod access_key_age;
pub(super) mod access_key_unused;
pub(super) mod console_password_unused;
pub(super) mod console_user_without_mfa;
mod disuse;
pub(super) mod mfa_not_phishing_resistant;
pub(super) mod user_admin;
pub(super) mod user_attached_policy;
pub(super) mod user_inline_policy;
pub(super) mod user_second_active_key;
pub(super) mod user_unused;
