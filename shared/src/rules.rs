//! Governance rules: one file a rule, listed here in the order in which documents show them.

mod access_key_age;
mod access_key_unused;
mod console_password_unused;
mod console_user_without_mfa;
mod declaration;
mod disuse;
pub mod page;
mod parameters;
mod principal_required_tags;
#[cfg(test)]
mod properties;
mod rule;
mod user_attached_policy;
mod user_inline_policy;
mod user_second_active_key;
mod user_unused;
mod verdict;

pub use crate::facts::ResourceType;
pub(crate) use declaration::declare_rule;
pub use declaration::{Declared, Level, Meta, Phase, RuleId, Severity, Trigger, UnknownRuleError};
pub(crate) use parameters::ParameterType;
pub(crate) use parameters::declare_parameters;
pub use parameters::{Days, Form, Names, Parameter, Parameters, ParametersError, Threshold};
pub use rule::{BoundRule, Context, Entry, Proposal, Rule, Violation};
pub use verdict::Verdict;

/// Every rule.
pub static RULES: &[Entry] = &[
    Entry::of::<access_key_age::AccessKeyAge>(),
    Entry::of::<access_key_unused::AccessKeyUnused>(),
    Entry::of::<user_second_active_key::UserSecondActiveKey>(),
    Entry::of::<user_inline_policy::UserInlinePolicy>(),
    Entry::of::<user_attached_policy::UserAttachedPolicy>(),
    Entry::of::<console_user_without_mfa::ConsoleUserWithoutMfa>(),
    Entry::of::<console_password_unused::ConsolePasswordUnused>(),
    Entry::of::<user_unused::UserUnused>(),
    Entry::of::<principal_required_tags::PrincipalRequiredTags>(),
];

/// The rule with this id.
pub fn find(id: RuleId) -> Option<&'static Entry> {
    RULES.iter().find(|entry| entry.meta.id == id)
}
