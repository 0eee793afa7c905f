use serde::{Deserialize, Deserializer, Serialize};

use super::{Form, ParameterType};
use crate::facts::Holder;

/// Through what a policy must be in use, in the words of AWS's managed rule `IAM_POLICY_IN_USE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UsageType(&'static str);

impl UsageType {
    const WORDS: &'static [&'static str] = &["ANY", "IAM_USER", "IAM_GROUP", "IAM_ROLE"];

    /// For defaults.
    pub(crate) fn of(word: &'static str) -> Self {
        debug_assert!(Self::WORDS.contains(&word));
        Self(word)
    }

    /// The kinds of holders that count.
    pub fn holders(self) -> &'static [Holder] {
        match self.0 {
            "IAM_USER" => &[Holder::User],
            "IAM_GROUP" => &[Holder::Group],
            "IAM_ROLE" => &[Holder::Role],
            _ => &Holder::ALL,
        }
    }

    /// Who does not hold the policy, in words.
    pub fn nobody(self) -> &'static str {
        match self.0 {
            "IAM_USER" => "no user",
            "IAM_GROUP" => "no group with members",
            "IAM_ROLE" => "no role that somebody may assume",
            _ => "no user, no group with members and no role that somebody may assume",
        }
    }
}

impl ParameterType for UsageType {
    const FORM: Form = Form::OneOf { words: Self::WORDS };
}

impl<'de> Deserialize<'de> for UsageType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::WORDS
            .iter()
            .copied()
            .find(|word| *word == text.trim())
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("expected one of {}", Self::WORDS.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_word_says_who_counts_and_no_other_word_is_taken() {
        let read = |text: &str| serde_json::from_value::<UsageType>(json!(text));
        assert_eq!(read("ANY").unwrap().holders(), Holder::ALL);
        assert_eq!(read(" IAM_USER").unwrap().holders(), [Holder::User]);
        assert_eq!(read("IAM_GROUP").unwrap().holders(), [Holder::Group]);
        assert_eq!(read("IAM_ROLE").unwrap().holders(), [Holder::Role]);
        for wrong in ["", "any", "IAM_ROLES", "ANY,IAM_USER"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
