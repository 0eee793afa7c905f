//! Governance rules: one file a rule, in the folder of what it is about, listed here in the order in which documents
//! show them.

mod account;
mod administrator;
mod certificate;
mod declaration;
#[cfg(test)]
mod generated;
mod group;
mod identity;
mod identity_provider;
pub mod page;
mod parameters;
mod policy;
mod principal;
#[cfg(test)]
mod properties;
mod role;
mod rule;
mod tagging;
mod threat;
mod user;
mod verdict;

pub use crate::facts::ResourceType;
pub(crate) use declaration::declare_rule;
pub use declaration::{Declared, Level, Meta, Phase, RuleId, Severity, Trigger, UnknownRuleError};
pub(crate) use parameters::ParameterType;
pub(crate) use parameters::declare_parameters;
pub(crate) use parameters::is_same_policy;
pub use parameters::{
    Count, Days, Exceptions, Flag, Form, Lists, Names, Parameter, Parameters, ParametersError, PolicyArns,
    Threshold, UsageType,
};
pub use rule::{BoundRule, Context, Entry, Proposal, Rule, Violation};
pub use verdict::Verdict;

/// Every rule.
pub static RULES: &[Entry] = &[
    Entry::of::<threat::access_key_exposed::AccessKeyExposed>(),
    Entry::of::<threat::access_key_made_by_another::AccessKeyMadeByAnother>(),
    Entry::of::<threat::principal_threatened::PrincipalThreatened>(),
    Entry::of::<threat::user_quarantined_by_aws::UserQuarantinedByAws>(),
    Entry::of::<user::access_key_age::AccessKeyAge>(),
    Entry::of::<user::access_key_unused::AccessKeyUnused>(),
    Entry::of::<user::access_key_disabled::AccessKeyDisabled>(),
    Entry::of::<user::user_second_active_key::UserSecondActiveKey>(),
    Entry::of::<user::user_inline_policy::UserInlinePolicy>(),
    Entry::of::<user::user_attached_policy::UserAttachedPolicy>(),
    Entry::of::<user::console_user_without_mfa::ConsoleUserWithoutMfa>(),
    Entry::of::<user::console_password_unused::ConsolePasswordUnused>(),
    Entry::of::<user::user_unused::UserUnused>(),
    Entry::of::<user::user_left::UserLeft>(),
    Entry::of::<user::user_admin::UserAdmin>(),
    Entry::of::<user::mfa_not_phishing_resistant::MfaNotPhishingResistant>(),
    Entry::of::<user::user_without_mfa::UserWithoutMfa>(),
    Entry::of::<user::user_default_password::UserDefaultPassword>(),
    Entry::of::<user::user_key_made_at_creation::UserKeyMadeAtCreation>(),
    Entry::of::<user::user_mixed_credentials::UserMixedCredentials>(),
    Entry::of::<user::user_with_vendor_key::UserWithVendorKey>(),
    Entry::of::<user::user_service_specific_credential::UserServiceSpecificCredential>(),
    Entry::of::<user::user_ssh_key_age::UserSshKeyAge>(),
    Entry::of::<user::user_signing_certificate_age::UserSigningCertificateAge>(),
    Entry::of::<user::user_empty::UserEmpty>(),
    Entry::of::<user::user_without_purpose::UserWithoutPurpose>(),
    Entry::of::<user::user_without_group::UserWithoutGroup>(),
    Entry::of::<user::user_without_boundary::UserWithoutBoundary>(),
    Entry::of::<user::user_name_pattern::UserNamePattern>(),
    Entry::of::<principal::principal_required_tags::PrincipalRequiredTags>(),
    Entry::of::<role::role_admin::RoleAdmin>(),
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
    Entry::of::<policy::policy_admin::PolicyAdmin>(),
    Entry::of::<policy::policy_service_full_access::PolicyServiceFullAccess>(),
    Entry::of::<policy::policy_privilege_escalation::PolicyPrivilegeEscalation>(),
    Entry::of::<policy::policy_pass_role_any::PolicyPassRoleAny>(),
    Entry::of::<policy::policy_not_action_allow::PolicyNotActionAllow>(),
    Entry::of::<policy::policy_kms_decrypt_any::PolicyKmsDecryptAny>(),
    Entry::of::<policy::policy_sensitive_without_mfa::PolicySensitiveWithoutMfa>(),
    Entry::of::<policy::policy_exact_match_wildcard::PolicyExactMatchWildcard>(),
    Entry::of::<policy::policy_old_version::PolicyOldVersion>(),
    Entry::of::<policy::policy_unused::PolicyUnused>(),
    Entry::of::<identity::inline_policy_kms_decrypt_any::InlinePolicyKmsDecryptAny>(),
    Entry::of::<identity::policy_deprecated_managed::PolicyDeprecatedManaged>(),
    Entry::of::<identity::policy_blocked_attached::PolicyBlockedAttached>(),
    Entry::of::<role::role_required_policy::RoleRequiredPolicy>(),
    Entry::of::<role::role_inline_policy::RoleInlinePolicy>(),
    Entry::of::<group::group_inline_policy::GroupInlinePolicy>(),
    Entry::of::<group::group_empty::GroupEmpty>(),
    Entry::of::<group::group_job_function::GroupJobFunction>(),
    Entry::of::<group::group_separation_of_duties::GroupSeparationOfDuties>(),
    Entry::of::<group::group_admin::GroupAdmin>(),
    Entry::of::<account::root_access_key::RootAccessKey>(),
    Entry::of::<account::root_mfa::RootMfa>(),
    Entry::of::<account::root_hardware_mfa::RootHardwareMfa>(),
    Entry::of::<account::root_used::RootUsed>(),
    Entry::of::<account::password_policy::PasswordPolicyWeak>(),
    Entry::of::<account::support_role_missing::SupportRoleMissing>(),
    Entry::of::<account::access_analyzer_off::AccessAnalyzerOff>(),
    Entry::of::<account::security_contact_missing::SecurityContactMissing>(),
    Entry::of::<account::too_many_users::TooManyUsers>(),
    Entry::of::<account::too_many_keys::TooManyKeys>(),
    Entry::of::<certificate::server_certificate_expired::ServerCertificateExpired>(),
    Entry::of::<certificate::server_certificate_expiring::ServerCertificateExpiring>(),
    Entry::of::<certificate::server_certificate_tags::ServerCertificateTags>(),
    Entry::of::<identity_provider::identity_provider_tags::IdentityProviderTags>(),
];

/// The rule with this id.
pub fn find(id: RuleId) -> Option<&'static Entry> {
    RULES.iter().find(|entry| entry.meta.id == id)
}
