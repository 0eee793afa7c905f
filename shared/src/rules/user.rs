//! Rules about users, their keys and their passwords.

pub(super) mod access_key_age;
pub(super) mod access_key_disabled;
pub(super) mod access_key_unused;
pub(super) mod console_password_unused;
pub(super) mod console_user_without_mfa;
mod disuse;
pub(super) mod mfa_not_phishing_resistant;
mod other_credentials;
mod tagged;
pub(super) mod user_admin;
pub(super) mod user_attached_policy;
pub(super) mod user_default_password;
pub(super) mod user_empty;
pub(super) mod user_inline_policy;
pub(super) mod user_key_made_at_creation;
pub(super) mod user_mixed_credentials;
pub(super) mod user_name_pattern;
pub(super) mod user_second_active_key;
pub(super) mod user_service_specific_credential;
pub(super) mod user_signing_certificate_age;
pub(super) mod user_ssh_key_age;
pub(super) mod user_unused;
pub(super) mod user_with_vendor_key;
pub(super) mod user_without_boundary;
pub(super) mod user_without_group;
pub(super) mod user_without_mfa;
pub(super) mod user_without_purpose;
