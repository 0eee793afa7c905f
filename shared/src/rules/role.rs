//! Rules about roles: whom they let in, what they have, and what becomes of them.

pub(super) mod role_admin;
pub(super) mod role_inline_policy;
pub(super) mod role_required_policy;
pub(super) mod role_session_duration;
pub(super) mod role_trust_external;
pub(super) mod role_trust_external_id;
pub(super) mod role_trust_oidc_subject;
pub(super) mod role_trust_public;
pub(super) mod role_trust_roles_anywhere;
pub(super) mod role_trust_saml_audience;
pub(super) mod role_trust_service_source;
pub(super) mod role_unused;
pub(super) mod role_unused_services;
pub(super) mod role_without_boundary;
mod shared_issuers;
mod trust;
mod usage;
