use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Risk, Sign, Source};
use crate::identifier::AccessKeyId;
use crate::masked::Masked;

/// IAM's clock and those of whoever saw it may differ by this much.
pub(crate) const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_mins(5);

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

impl Threat {
    /// Whether the other is the same report, told again or going on. Trusted Advisor gives each refresh an id of its own
    /// where it names no case.
    pub fn is_told_again_by(&self, other: &Self) -> bool {
        let same_key = self.source == Source::TrustedAdvisor && self.key.is_some() && self.key == other.key;
        (self.source, self.sign) == (other.source, other.sign) && (self.id == other.id || same_key)
    }

    /// What people are paged with. Key ids are masked.
    pub fn page(&self) -> String {
        let Self { id, source, sign, at, said, risk, .. } = self;
        let text = format!(
            "What:   {sign}\nSeen:   {said}\nBy:     {source}\nWhen:   {at}\nRisk:   {risk}\nId:     {id}\n\n\
             Bailiff has changed nothing: this is for people. Look it up by its id in {source}.\n"
        );
        Masked(&text).to_string()
    }
}

/// All that were seen of one principal, the earliest first.
pub type Threats = Vec<Threat>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::threat;

    #[test]
    fn a_page_says_what_was_seen_and_shows_no_key() {
        let said = "LeaveOrganization with key AKIAIOSFODNN7EXAMPLE".to_owned();
        let text = Threat { said, ..threat(Sign::LeftOrganization, Source::CloudTrail) }.page();
        assert!(text.contains("LeaveOrganization with key …MPLE"), "{text}");
        assert!(text.contains("the account was about to leave its organisation"), "{text}");
        assert!(text.contains("risk 5 of 10 (tier 1"), "{text}");
    }
}
