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

/// Longer than any rule answers it by default.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);
/// That others know a key speaks against switching it on again, for longer than anybody waits with that.
const OF_A_KEY_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 400);

impl Threat {
    /// Until when it is kept; `None` where it always is.
    pub fn kept_until(&self) -> Option<Timestamp> {
        let kept_for = match self.sign {
            // It speaks against deleting the key, however long that waits; one is kept of each key.
            Sign::TriedDisabledKey if self.key.is_some() => return None,
            Sign::KeyExposed | Sign::KeyMadeByAnother | Sign::TriedDisabledKey => OF_A_KEY_KEPT_FOR,
            _ => KEPT_FOR,
        };
        Some(self.at.saturating_add(kept_for).unwrap_or(Timestamp::MAX))
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
    use crate::facts::fixture::{key_id, threat};

    #[test]
    fn a_try_of_a_key_is_always_kept_and_what_people_were_paged_with_is_not() {
        let days = |sign: Sign, key: Option<AccessKeyId>| {
            let threat = Threat { key, ..threat(sign, Source::CloudTrail) };
            threat.kept_until().map(|until| until.duration_since(threat.at).as_hours() / 24)
        };
        let key = || Some(key_id('A'));
        assert_eq!(days(Sign::TriedDisabledKey, key()), None);
        assert_eq!(days(Sign::TriedDisabledKey, None), Some(400));
        assert_eq!([days(Sign::KeyExposed, key()), days(Sign::Detected, key())], [Some(400), Some(90)]);
    }

    #[test]
    fn a_page_says_what_was_seen_and_shows_no_key() {
        let said = "LeaveOrganization with key AKIAIOSFODNN7EXAMPLE".to_owned();
        let text = Threat { said, ..threat(Sign::LeftOrganization, Source::CloudTrail) }.page();
        assert!(text.contains("LeaveOrganization with key …MPLE"), "{text}");
        assert!(text.contains("the account was about to leave its organisation"), "{text}");
        assert!(text.contains("risk 5 of 10 (tier 1"), "{text}");
    }
}
