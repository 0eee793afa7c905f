use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::facts::ResourceIdentity;
use crate::remedy::hexadecimal;
use crate::rules::RuleId;

/// A hint that a resource breaks a rule. Never an order: a remediator acts on live state it judged itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// Version of this shape.
    pub schema: u32,
    /// The same for the same rule, resource and occasion: a duplicate event makes the same finding.
    pub id: String,
    /// The rule.
    pub rule: RuleId,
    /// Who or what breaks it.
    pub resource: ResourceIdentity,
    /// What was found, in one line.
    pub annotation: String,
    /// When.
    pub seen: Timestamp,
    /// The sweep that found it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<String>,
}

impl Finding {
    /// Version of the shape.
    const SCHEMA: u32 = 1;

    /// A finding made on an occasion: the state id of a configuration item, the time of a sweep.
    pub fn new(
        rule: RuleId,
        resource: ResourceIdentity,
        annotation: String,
        occasion: &str,
        seen: Timestamp,
    ) -> Self {
        let mut hash = Sha256::new();
        for part in [rule.as_str(), resource.account().as_str(), resource.unique_id().as_str(), occasion] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let id = hexadecimal(hash.finalize().get(..16).unwrap_or_default());
        Self { schema: Self::SCHEMA, id, rule, resource, annotation, seen, sweep: None }
    }

    /// The same, found by a sweep.
    #[must_use]
    pub fn of_sweep(self, sweep: &str) -> Self {
        Self { sweep: Some(sweep.to_owned()), ..self }
    }

    /// Reads a finding off a queue.
    pub fn parse(body: &str) -> Result<Self, FindingError> {
        let finding: Self = serde_json::from_str(body).map_err(|error| FindingError(error.to_string()))?;
        if finding.schema == Self::SCHEMA {
            Ok(finding)
        } else {
            Err(FindingError(format!(
                "its schema is {}, this version reads {}",
                finding.schema,
                Self::SCHEMA
            )))
        }
    }
}

/// A message that is no finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message is not a finding: {0}; it goes to the dead letters")]
pub struct FindingError(String);

impl FindingError {
    pub(super) fn new(why: String) -> Self {
        Self(why)
    }
}
