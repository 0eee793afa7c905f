use std::fmt;

use serde::{Deserialize, Serialize};

use super::RULES;
use crate::facts::{Need, ResourceType};
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
    /// The function that carries its plan out. None where no API call could put it right, or none should without a
    /// person: its page says what that person does.
    pub remediator: Option<Remediator>,
    /// Its page, in Markdown; the first line is its title.
    pub documentation: &'static str,
}

impl Meta {
    /// Whether its plan takes a user's keys though it does not judge keys one by one.
    pub fn takes_keys_along(&self) -> bool {
        self.steps.contains(&Write::UpdateAccessKey)
            && self.remediator != Some(Remediator::DeactivateAccessKeys)
    }

    /// Whether it answers what somebody saw: then no change window is waited for, and nobody warned before.
    pub fn answers_threats(&self) -> bool {
        self.needs.contains(&Need::Threats)
    }

    /// Whether it answers what was reported of somebody, by a detector or a directory: a person's undo does not stand
    /// against what is reported after it.
    pub fn answers_reports(&self) -> bool {
        self.answers_threats() || self.needs.contains(&Need::Departure)
    }

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

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
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

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Change => "change",
            Self::Sweep => "sweep",
        })
    }
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

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foundation => "foundation",
            Self::Hygiene => "hygiene",
            Self::Refinement => "refinement",
        })
    }
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

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
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
            $(remediator: $remediator:ident,)?
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
                remediator: [$(Some($crate::remedy::Remediator::$remediator),)? None][0],
                documentation: concat!($($documentation, "\n"),+),
            };
        }
    };
}
pub(crate) use declare_rule;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rules::{Form, find};

    /// The id each file under a folder that declares a rule gives it.
    fn declared_ids(folder: &Path) -> Vec<String> {
        let mut ids = Vec::new();
        for file in folder.read_dir().unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                ids.extend(declared_ids(&path));
                continue;
            }
            #[expect(clippy::disallowed_methods, reason = "the test is about the files")]
            let source = std::fs::read_to_string(&path).unwrap();
            if !source.lines().any(|line| line == "declare_rule! {") {
                continue;
            }
            let id = source.split("        id: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            assert_eq!(path.file_stem().unwrap().to_str().unwrap(), id.replace('-', "_"));
            ids.push(id.to_owned());
        }
        ids.sort();
        ids
    }

    #[test]
    fn every_rule_is_registered_once_and_lives_in_the_file_of_its_name() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let mut registered: Vec<&str> = RULES.iter().map(|rule| rule.meta.id.as_str()).collect();
        registered.sort_unstable();
        assert_eq!(declared_ids(&folder), registered);
        registered.dedup();
        assert_eq!(registered.len(), RULES.len());
    }

    #[test]
    fn ids_are_kebab_case_and_are_found_by_their_text() {
        for rule in RULES {
            let id = rule.meta.id.as_str();
            assert!(id.split('-').all(|word| {
                !word.is_empty()
                    && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            }));
            assert_eq!(RuleId::parse(id), Ok(rule.meta.id));
            assert_eq!(find(rule.meta.id).unwrap().meta.id, rule.meta.id);
        }
    }

    #[test]
    fn an_unknown_id_is_refused_with_a_suggestion() {
        let refused = |text: &str| RuleId::parse(text).unwrap_err().to_string();
        assert_eq!(
            refused("access-keys-age"),
            "there is no rule `access-keys-age` (did you mean `access-key-age`?); `bailiff rules` lists them"
        );
        assert_eq!(refused(""), "there is no rule ``; `bailiff rules` lists them");
        assert!(refused(&"x".repeat(1 << 20)).len() < 200);
    }

    #[test]
    fn an_id_comes_back_from_json_as_it_went() {
        for rule in RULES {
            let json = serde_json::to_string(&rule.meta.id).unwrap();
            assert_eq!(json, format!("\"{}\"", rule.meta.id));
            assert_eq!(serde_json::from_str::<RuleId>(&json).unwrap(), rule.meta.id);
        }
        assert!(serde_json::from_str::<RuleId>("\"no-such-rule\"").is_err());
    }

    #[test]
    fn a_title_is_one_line_without_a_full_stop() {
        for rule in RULES {
            let title = rule.meta.title();
            assert!(!title.is_empty() && !title.ends_with('.'), "{}: {title}", rule.meta.id);
            // The first line is the whole first sentence.
            let mut lines = rule.meta.documentation.lines();
            assert_eq!(lines.next().map(|line| line.trim().ends_with('.')), Some(true), "{title}");
            assert_eq!(lines.next(), Some(""), "{title}");
        }
    }

    #[test]
    fn every_rule_has_the_five_sections_in_their_order_and_none_empty() {
        for rule in RULES {
            let sections: Vec<(&str, &str)> = rule
                .meta
                .documentation
                .split("\n ## ")
                .skip(1)
                .map(|section| section.split_once('\n').unwrap())
                .collect();
            let headings: Vec<&str> = sections.iter().map(|(heading, _)| *heading).collect();
            assert_eq!(
                headings,
                ["What it checks", "Why it matters", "What is done about it", "How to exempt", "References"],
                "{}",
                rule.meta.id
            );
            for (heading, text) in sections {
                assert!(text.trim().len() > 20, "{}: {heading}", rule.meta.id);
            }
        }
    }

    #[test]
    fn every_default_that_a_page_tells_is_the_one_in_force() {
        for rule in RULES {
            let page = rule.meta.documentation.split_whitespace().collect::<Vec<_>>().join(" ");
            for parameter in rule.parameters {
                let told = match parameter.form {
                    Form::Days { .. } => {
                        let s = if parameter.default == "1" { "" } else { "s" };
                        format!("`{}` ({} day{s} by default)", parameter.name, parameter.default)
                    }
                    Form::Count { .. } | Form::Flag => {
                        format!("`{}` ({} by default)", parameter.name, parameter.default)
                    }
                    Form::OneOf { .. } => {
                        format!("`{}` (`{}` by default)", parameter.name, parameter.default.trim_matches('"'))
                    }
                    Form::Names => format!("`{}`", parameter.name),
                };
                assert!(page.contains(&told), "{}: {told}", rule.meta.id);
            }
        }
    }

    #[test]
    fn every_rule_needs_facts_and_plans_steps_and_names_nothing_twice() {
        for rule in RULES {
            let meta = &rule.meta;
            // A name is known before anything is read.
            assert!(!meta.needs.is_empty() || meta.id.as_str() == "user-name-pattern", "{}", meta.id);
            assert_eq!(meta.steps.is_empty(), meta.remediator.is_none(), "{}", meta.id);
            assert!(!meta.applies_to.is_empty() && !meta.triggers.is_empty(), "{}", meta.id);
            assert!(!meta.controls.is_empty(), "{}", meta.id);
            let needs: Vec<Need> = meta.needs.iter().chain(meta.plan_needs).copied().collect();
            for (at, need) in needs.iter().enumerate() {
                assert!(!needs[..at].contains(need), "{}: {need} twice", meta.id);
            }
            for (at, step) in meta.steps.iter().enumerate() {
                assert!(!meta.steps[..at].contains(step), "{}: {step} twice", meta.id);
            }
        }
    }

    #[test]
    fn no_rule_about_credentials_is_triggered_by_a_change() {
        // A configuration item tells no credential, so the verdict would be unknown each time.
        for rule in RULES.iter().filter(|rule| rule.meta.triggers.contains(&Trigger::Change)) {
            let told = |need: &Need| {
                matches!(
                    need,
                    Need::Tags
                        | Need::Trust
                        | Need::Groups
                        | Need::Boundary
                        | Need::InlinePolicies
                        | Need::AttachedPolicies
                        | Need::ServerCertificateTags
                        | Need::IdentityProviderTags
                        | Need::PolicyText
                        | Need::PolicyAttachments
                )
            };
            assert!(rule.meta.needs.iter().all(told), "{}", rule.meta.id);
        }
    }
}
