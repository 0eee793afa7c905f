use std::fmt;

use serde::{Deserialize, Serialize};

use super::RULES;
use crate::facts::Need;
use crate::remedy::{Remediator, Write};

/// A rule's id: kebab-case, the violation's subject first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

impl RuleId {
    /// For declarations alone; everyone else parses.
    pub(crate) const fn declared(id: &'static str) -> Self {
        Self(id)
    }

    /// The rule of this id, if there is one.
    pub fn parse(text: &str) -> Result<Self, UnknownRuleError> {
        RULES.iter().map(|entry| entry.meta.id).find(|id| id.0 == text).ok_or_else(|| UnknownRuleError {
            text: text.chars().take(64).collect(),
            suggestion: crate::governance::did_you_mean(text, RULES.iter().map(|entry| entry.meta.id.0)),
        })
    }

    /// The id.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuleId({})", self.0)
    }
}

impl Serialize for RuleId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A rule id nobody declared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{text}`{suggestion}; `bailiff rules` lists them")]
pub struct UnknownRuleError {
    text: String,
    suggestion: String,
}

/// All that is said of a rule beside its logic. Registry, documents, the template's Config rules and the
/// functions' permissions follow from it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Its id, never used again for another rule.
    pub id: RuleId,
    /// How bad a violation is.
    pub severity: Severity,
    /// What it judges.
    pub applies_to: &'static [ResourceType],
    /// What makes it judge.
    pub triggers: &'static [Trigger],
    /// AWS managed Config rules it stands for.
    pub stands_for: &'static [&'static str],
    /// Controls it checks, as `CIS-5.0:1.14`.
    pub controls: &'static [&'static str],
    /// When in an organisation's journey to take it up.
    pub phase: Phase,
    /// What it costs people to comply.
    pub effort: Level,
    /// What complying gains.
    pub benefit: Level,
    /// Facts the verdict needs.
    pub needs: &'static [Need],
    /// Facts the plan needs beside those.
    pub plan_needs: &'static [Need],
    /// Writes its plan may hold.
    pub steps: &'static [Write],
    /// The function that carries its plan out.
    pub remediator: Remediator,
    /// Its page, in Markdown; the first line is its title.
    pub documentation: &'static str,
}

impl Meta {
    /// The documentation's first line.
    pub fn title(&self) -> &'static str {
        self.documentation.lines().next().unwrap_or_default().trim().trim_end_matches('.')
    }
}

/// What `declare_rule!` gives a rule.
pub trait Declared {
    /// The declaration.
    const META: Meta;
}

/// How bad a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Hygiene.
    Low,
    /// A step in an attack.
    Medium,
    /// A door left open.
    High,
    /// An open door that is being used.
    Critical,
}

/// AWS Config's resource types that rules judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ResourceType {
    /// An IAM user.
    #[serde(rename = "AWS::IAM::User")]
    User,
    /// An IAM role.
    #[serde(rename = "AWS::IAM::Role")]
    Role,
}

impl ResourceType {
    /// AWS Config's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "AWS::IAM::User",
            Self::Role => "AWS::IAM::Role",
        }
    }
}

/// What makes a rule judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Trigger {
    /// A configuration item of AWS Config; it holds policies, groups, tags and boundary, but no credential.
    Change,
    /// A schedule over the whole account.
    Sweep,
}

/// When in an organisation's journey to take a rule up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Day one.
    Foundation,
    /// Once the foundation stands.
    Hygiene,
    /// A long-running programme.
    Refinement,
}

/// A rough size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

/// Declares a rule: its doc comment becomes its page, its fields its [`Meta`].
macro_rules! declare_rule {
    (
        $(#[doc = $documentation:literal])+
        $rule:ident {
            id: $id:literal,
            severity: $severity:ident,
            applies_to: [$($resource_type:ident),+],
            triggers: [$($trigger:ident),+],
            stands_for: [$($managed_rule:literal),*],
            controls: [$($control:literal),*],
            journey: ($phase:ident, effort: $effort:ident, benefit: $benefit:ident),
            needs: [$($need:ident),*],
            plan_needs: [$($plan_need:ident),*],
            steps: [$($write:ident),*],
            remediator: $remediator:ident $(,)?
        }
    ) => {
        $(#[doc = $documentation])+
        pub(crate) struct $rule;

        impl $crate::rules::Declared for $rule {
            const META: $crate::rules::Meta = $crate::rules::Meta {
                id: $crate::rules::RuleId::declared($id),
                severity: $crate::rules::Severity::$severity,
                applies_to: &[$($crate::rules::ResourceType::$resource_type),+],
                triggers: &[$($crate::rules::Trigger::$trigger),+],
                stands_for: &[$($managed_rule),*],
                controls: &[$($control),*],
                phase: $crate::rules::Phase::$phase,
                effort: $crate::rules::Level::$effort,
                benefit: $crate::rules::Level::$benefit,
                needs: &[$($crate::facts::Need::$need),*],
                plan_needs: &[$($crate::facts::Need::$plan_need),*],
                steps: &[$($crate::remedy::Write::$write),*],
                remediator: $crate::remedy::Remediator::$remediator,
                documentation: concat!($($documentation, "\n"),+),
            };
        }
    };
}
pub(crate) use declare_rule;
