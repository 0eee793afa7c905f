use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Step;
use super::suspension::timeless;
use crate::facts::{Need, ResourceIdentity};

/// What will be done to one resource, step by step. Made once, never changed: a dry run and a real run hold the
/// same plan, and executing leaves no choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What every step is about. Entries of earlier versions know users and roles alone.
    #[serde(alias = "principal")]
    pub resource: ResourceIdentity,
    /// In the order in which they run.
    pub steps: Vec<Step>,
    /// What is left to people on purpose, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

impl Plan {
    /// A plan for one resource; steps about any other make it an error.
    pub fn new(
        resource: impl Into<ResourceIdentity>,
        steps: Vec<Step>,
        left: Vec<String>,
    ) -> Result<Self, ForeignStepError> {
        let resource = resource.into();
        match steps.iter().find(|step| step.resource() != resource) {
            Some(step) => Err(ForeignStepError { step: step.to_string(), resource: resource.to_string() }),
            None => Ok(Self { resource, steps, left }),
        }
    }

    /// What must be read of it to know where it stands.
    pub fn needs(&self) -> Vec<Need> {
        let mut needs: Vec<Need> = self.steps.iter().filter_map(Step::needs).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// The SHA-256 of its content, in hexadecimal: two plans with one fingerprint do the same. That sessions are revoked up to
    /// the moment of the planning is part of it, and which moment that was is not: whoever approves a plan approves it later.
    pub fn fingerprint(&self) -> String {
        let steps: Vec<_> = self.steps.iter().map(timeless).collect();
        let content = serde_json::to_vec(&(&self.resource, &steps)).unwrap_or_default();
        hexadecimal(&Sha256::digest(content))
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A step about something else than the plan's resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the step `{step}` is not about {resource}; a plan changes one resource only")]
pub struct ForeignStepError {
    step: String,
    resource: String,
}
