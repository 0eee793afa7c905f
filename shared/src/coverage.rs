//! Which items of four well-known frameworks the rules cover, and what can be said of the others.
//!
//! The frameworks' items are listed here in our own words. Which rules cover them follows from the rules' declarations
//! alone: an item names no rule.

mod aws_managed;
mod cis;
mod item;
mod page;
mod security_hub;

use serde::{Serialize, Serializer};

pub use item::{Item, Limit, Standing};
pub use page::section;

use crate::rules::{Entry, Meta, RULES, RuleId};

/// A list of demands by somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// Chapter 1 of the CIS AWS Foundations Benchmark 5.0.
    Cis5,
    /// Chapter 1 of the CIS AWS Foundations Benchmark 3.0.
    Cis3,
    /// Security Hub's controls of IAM, and those of others that are about identities.
    SecurityHub,
    /// AWS Config's managed rules about IAM.
    AwsManaged,
}

impl Framework {
    /// Every framework.
    pub const ALL: [Self; 4] = [Self::Cis5, Self::Cis3, Self::SecurityHub, Self::AwsManaged];

    /// The framework of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|framework| framework.as_str() == name)
    }

    /// Its name, such as `cis-5.0`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cis5 => "cis-5.0",
            Self::Cis3 => "cis-3.0",
            Self::SecurityHub => "security-hub",
            Self::AwsManaged => "aws-managed",
        }
    }

    /// What it is.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cis5 => "CIS AWS Foundations Benchmark 5.0, chapter 1",
            Self::Cis3 => "CIS AWS Foundations Benchmark 3.0, chapter 1",
            Self::SecurityHub => "AWS Security Hub, IAM.1 to IAM.28, Account.1, KMS.1 and KMS.2",
            Self::AwsManaged => "AWS Config managed rules about IAM",
        }
    }

    /// Its items, in its order.
    pub fn items(self) -> Vec<Item> {
        match self {
            Self::Cis5 => cis::version_5().collect(),
            Self::Cis3 => cis::version_3().collect(),
            Self::SecurityHub => security_hub::ITEMS.to_vec(),
            Self::AwsManaged => aws_managed::ITEMS.to_vec(),
        }
    }

    /// Ids of its items that a rule claims to cover.
    fn claimed(self, meta: &Meta) -> impl Iterator<Item = &'static str> {
        let (claims, prefix) = match self {
            Self::Cis5 => (meta.controls, "CIS-5.0:"),
            Self::Cis3 => (meta.controls, "CIS-3.0:"),
            Self::SecurityHub => (meta.controls, "SecurityHub:"),
            Self::AwsManaged => (meta.stands_for, ""),
        };
        claims.iter().filter_map(move |claim| claim.strip_prefix(prefix))
    }

    /// What the rules cover of it.
    pub fn coverage(self) -> Coverage {
        let items = self.items().into_iter().map(|item| {
            let claims = |entry: &&Entry| self.claimed(&entry.meta).any(|id| id == item.id);
            item.covered_by(&RULES.iter().filter(claims).collect::<Vec<_>>())
        });
        let items: Vec<ItemCoverage> = items.collect();
        Coverage { framework: self, title: self.title(), summary: Summary::of(&items), items }
    }
}

impl Serialize for Framework {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What the rules cover of a framework.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Which one.
    pub framework: Framework,
    /// What it is.
    pub title: &'static str,
    /// Its items in numbers.
    pub summary: Summary,
    /// Every item once, in the framework's order.
    pub items: Vec<ItemCoverage>,
}

/// Items in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Items that can be told from what AWS's APIs answer: covered or not.
    pub automatable: usize,
    /// Those of them that rules cover, in part or wholly.
    pub covered: usize,
    /// Those of the covered of which the rules leave something open.
    pub partly_covered: usize,
    /// Those of the covered that ask for other parameters than the defaults.
    pub other_settings: usize,
    /// Items that a person has to judge.
    pub manual: usize,
    /// Items that are listed and not counted.
    pub not_counted: usize,
}

impl Summary {
    fn of(items: &[ItemCoverage]) -> Self {
        let number = |of: &[Status]| items.iter().filter(|item| of.contains(&item.status)).count();
        let counted = |item: &&ItemCoverage| item.status != Status::NotCounted;
        Self {
            automatable: number(&[Status::Covered, Status::PartlyCovered, Status::NotCovered]),
            covered: number(&[Status::Covered, Status::PartlyCovered]),
            partly_covered: number(&[Status::PartlyCovered]),
            other_settings: items.iter().filter(counted).filter(|item| !item.settings.is_empty()).count(),
            manual: number(&[Status::Manual]),
            not_counted: number(&[Status::NotCounted]),
        }
    }
}

/// In one line, what is zero left out.
impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "covered {} of {} automatable items ({} manual)",
            self.covered, self.automatable, self.manual
        )?;
        for (number, what) in [
            (self.partly_covered, "in part"),
            (self.other_settings, "with other settings"),
            (self.not_counted, "not counted"),
        ] {
            if number > 0 {
                write!(f, "; {number} {what}")?;
            }
        }
        Ok(())
    }
}

/// What is said of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemCoverage {
    /// The framework's number or name of it.
    pub id: &'static str,
    /// What it asks for.
    pub title: &'static str,
    /// Whether rules cover it.
    pub status: Status,
    /// The rules that do.
    pub rules: Vec<RuleId>,
    /// Parameters that those must be given, because the defaults are others.
    pub settings: Vec<Setting>,
    /// What the rules leave open, why no rule can tell, or why it is not counted.
    pub note: Option<&'static str>,
    /// What a person does, where no rule can tell.
    pub person: Option<&'static str>,
}

/// Whether rules cover an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// They do.
    Covered,
    /// They do, and leave something open.
    PartlyCovered,
    /// A rule could, and there is none.
    NotCovered,
    /// What AWS's APIs answer does not tell; a person has to.
    Manual,
    /// It is not in force, or not of the framework's kind.
    NotCounted,
}

impl Status {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::PartlyCovered => "in part",
            Self::NotCovered => "not covered",
            Self::Manual => "manual",
            Self::NotCounted => "not counted",
        }
    }
}

/// A parameter as an item wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setting {
    /// Its name.
    pub parameter: &'static str,
    /// What it has to be; none where it is a list with something in it, which everybody has to choose.
    pub value: Option<u32>,
    /// The rules whose default is not that.
    pub rules: Vec<RuleId>,
}

#[cfg(test)]
mod tests;
