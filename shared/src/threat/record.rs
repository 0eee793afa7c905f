use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Risk, Sign, Source};
use crate::identifier::AccessKeyId;

/// What was seen of one principal, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Threat {
    /// The id under which its source knows it; told again, it is the same threat.
    pub id: String,
    /// Who saw it.
    pub source: Source,
    /// What was seen.
    pub sign: Sign,
    /// When it happened, by the source's word.
    pub at: Timestamp,
    /// When Bailiff first heard of it.
    pub heard: Timestamp,
    /// The access key it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<AccessKeyId>,
    /// Who did it, by ARN, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What was seen, in the source's words: one line, fit to be shown.
    pub said: String,
    /// How urgent it is.
    pub risk: Risk,
}

/// All that were seen of one principal, the earliest first.
pub type Threats = Vec<Threat>;
