//! Governance rules: one file a rule, in the folder of what it is about, listed here in the order in which documents
//! show them.

mod declaration;
#[cfg(test)]
mod generated;
pub mod page;
mod parameters;
mod principal;
#[cfg(test)]
mod properties;
mod role;
mod rule;
mod user;
mod verdict;

pub use crate::facts::ResourceType;
pub(crate) use declaration::declare_rule;
pub use declaration::{Declared, Level, Meta, Phase, RuleId, Severity, Trigger, UnknownRuleError};
pub(crate) use parameters::ParameterType;
pub(crate) use parameters::declare_parameters;
pub use parameters::{Count, Days, Flag, Form, Names, Parameter, Parameters, ParametersError, Threshold};
pub use rule::{BoundRule, Context, Entry, Proposal, Rule, Violation};
pub use verdict::Verdict;

/// Every rule.
pub static RULES: &[Entry] = &[
    Entry::of::<user::access_key_age::AccessKeyAge>(),
    Entry::of::<user::access_key_unused::AccessKeyUnused>(),
    Entry::of::<user::user_second_active_key::UserSecondActiveKey>(),
    Entry::of::<user::user_inline_policy::UserInlinePolicy>(),
    Entry::of::<user::user_attached_policy::UserAttachedPolicy>(),
    Entry::of::<user::console_user_without_mfa::ConsoleUserWithoutMfa>(),
    Entry::of::<user::console_password_unused::ConsolePasswordUnused>(),
    Entry::of::<user::user_unused::UserUnused>(),
    Entry::of::<user::user_without_mfa::UserWithoutMfa>(),
    Entry::of::<user::user_default_password::UserDefaultPassword>(),
    Entry::of::<user::user_key_made_at_creation::UserKeyMadeAtCreation>(),
    Entry::of::<user::user_mixed_credentials::UserMixedCredentials>(),
    Entry::of::<user::user_with_vendor_key::UserWithVendorKey>(),
    Entry::of::<user::user_empty::UserEmpty>(),
    Entry::of::<user::user_without_purpose::UserWithoutPurpose>(),
    Entry::of::<user::user_without_group::UserWithoutGroup>(),
    Entry::of::<user::user_without_boundary::UserWithoutBoundary>(),
    Entry::of::<user::user_name_pattern::UserNamePattern>(),
    Entry::of::<principal::principal_required_tags::PrincipalRequiredTags>(),
    Entry::of::<role::role_trust_public::RoleTrustPublic>(),
    Entry::of::<role::role_trust_external::RoleTrustExternal>(),
    Entry::of::<role::role_trust_external_id::RoleTrustExternalId>(),
    Entry::of::<role::role_trust_service_source::RoleTrustServiceSource>(),
    Entry::of::<role::role_trust_oidc_subject::RoleTrustOidcSubject>(),
    Entry::of::<role::role_trust_saml_audience::RoleTrustSamlAudience>(),
    Entry::of::<role::role_trust_roles_anywhere::RoleTrustRolesAnywhere>(),
    Entry::of::<role::role_session_duration::RoleSessionDuration>(),
    Entry::of::<role::role_unused::RoleUnused>(),
    Entry::of::<role::role_without_boundary::RoleWithoutBoundary>(),
    Entry::of::<role::role_unused_services::RoleUnusedServices>(),
];

/// The rule with this id.
pub fn find(id: RuleId) -> Option<&'static Entry> {
    RULES.iter().find(|entry| entry.meta.id == id)
}
