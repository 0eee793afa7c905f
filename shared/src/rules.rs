//! Governance rules: one file a rule, in the folder of what it is about, listed here in the order in which documents
//! show them.

mod declaration;
#[cfg(test)]
mod generated;
pub mod page;
mod parameters;
mod policy;
mod principal;
#[cfg(test)]
mod properties;
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
    Entry::of::<principal::principal_required_tags::PrincipalRequiredTags>(),
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
];

/// The rule with this id.
pub fn find(id: RuleId) -> Option<&'static Entry> {
    RULES.iter().find(|entry| entry.meta.id == id)
}
