//! Rules about users, groups and roles alike, which AWS calls identities.

pub(super) mod inline_policy_kms_decrypt_any;
pub(super) mod policy_blocked_attached;
pub(super) mod policy_deprecated_managed;
