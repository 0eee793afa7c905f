use serde_json::Value;

use super::{ItemCoverage, Setting, Status};
use crate::rules::Entry;

/// What a framework asks for.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// Its number or name there.
    pub id: &'static str,
    /// What it asks for, in our words.
    pub title: &'static str,
    /// What can be said of it, whatever rules there are.
    pub standing: Standing,
    /// Limits that it sets, by the names of the parameters that hold them.
    pub limits: &'static [(&'static str, Limit)],
}

/// What an item wants of a parameter.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    /// This number.
    Is(u32),
    /// A list with something in it, which everybody has to choose.
    Chosen,
}

impl Limit {
    /// Whether a default falls short of it.
    fn is_missed_by(self, default: &Value) -> bool {
        match self {
            Self::Is(number) => *default != number,
            Self::Chosen => default.as_array().is_some_and(Vec::is_empty),
        }
    }
}

/// What can be said of an item, whatever rules there are.
#[derive(Debug, Clone, Copy)]
pub enum Standing {
    /// A rule can tell.
    Automatable,
    /// Rules can tell, but for this.
    InPart(&'static str),
    /// No API tells.
    Manual {
        /// Why.
        why: &'static str,
        /// What a person does.
        person: &'static str,
    },
    /// It is listed for completeness, for this reason.
    NotCounted(&'static str),
}

impl Item {
    /// One that rules can tell.
    pub(super) const fn automatable(id: &'static str, title: &'static str) -> Self {
        Self::standing(id, title, Standing::Automatable)
    }

    /// One of which something else is to be said.
    pub(super) const fn standing(id: &'static str, title: &'static str, standing: Standing) -> Self {
        Self { id, title, standing, limits: &[] }
    }

    /// The same with limits.
    pub(super) const fn limits(self, limits: &'static [(&'static str, Limit)]) -> Self {
        Self { limits, ..self }
    }

    /// What is said of it when these rules claim it.
    pub(super) fn covered_by(&self, rules: &[&Entry]) -> ItemCoverage {
        let (status, note, person) = match self.standing {
            Standing::Manual { why, person } => (Status::Manual, Some(why), Some(person)),
            Standing::NotCounted(why) => (Status::NotCounted, Some(why), None),
            Standing::Automatable | Standing::InPart(_) if rules.is_empty() => {
                (Status::NotCovered, None, None)
            }
            Standing::Automatable => (Status::Covered, None, None),
            Standing::InPart(open) => (Status::PartlyCovered, Some(open), None),
        };
        ItemCoverage {
            id: self.id,
            title: self.title,
            status,
            rules: rules.iter().map(|rule| rule.meta.id).collect(),
            settings: self.settings(rules),
            note,
            person,
        }
    }

    /// The limits that are not the defaults of the rules.
    fn settings(&self, rules: &[&Entry]) -> Vec<Setting> {
        let settings = self.limits.iter().filter_map(|(name, limit)| {
            let misses = |rule: &&&Entry| {
                let mut parameters = rule.parameters.iter();
                parameters.any(|parameter| {
                    parameter.name == *name && limit.is_missed_by(&parameter.default_value())
                })
            };
            let rules: Vec<_> = rules.iter().filter(misses).map(|rule| rule.meta.id).collect();
            let value = match limit {
                Limit::Is(number) => Some(*number),
                Limit::Chosen => None,
            };
            (!rules.is_empty()).then_some(Setting { parameter: name, value, rules })
        });
        settings.collect()
    }
}
