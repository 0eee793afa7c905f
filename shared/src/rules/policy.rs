//! Rules about customer managed policies.

pub(super) mod found;
mod narrowing;
pub(super) mod policy_admin;
pub(super) mod policy_exact_match_wildcard;
pub(super) mod policy_kms_decrypt_any;
pub(super) mod policy_not_action_allow;
pub(super) mod policy_old_version;
pub(super) mod policy_pass_role_any;
pub(super) mod policy_privilege_escalation;
pub(super) mod policy_sensitive_without_mfa;
pub(super) mod policy_service_full_access;
pub(super) mod policy_unused;
pub(super) mod text;
