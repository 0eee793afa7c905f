use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Sign, Source};

/// One term of a risk, from 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Grade {
    /// 0.
    None,
    /// 1.
    One,
    /// 2.
    Two,
    /// 3.
    Three,
}

impl From<Grade> for u8 {
    fn from(grade: Grade) -> Self {
        match grade {
            Grade::None => 0,
            Grade::One => 1,
            Grade::Two => 2,
            Grade::Three => 3,
        }
    }
}

impl TryFrom<u8> for Grade {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            0 => Ok(Self::None),
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            3 => Ok(Self::Three),
            other => Err(format!("{other} is no grade from 0 to 3")),
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        u8::from(*self).fmt(f)
    }
}

/// A percentage: how sure it is that what was seen is no ordinary work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub struct Confidence(u8);

impl Confidence {
    /// At most 100.
    pub fn of(percent: u8) -> Self {
        Self(percent.min(100))
    }

    /// The percentage.
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl From<Confidence> for u8 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

impl TryFrom<u8> for Confidence {
    type Error = String;

    fn try_from(percent: u8) -> Result<Self, String> {
        if percent <= 100 { Ok(Self(percent)) } else { Err(format!("{percent} is no percentage")) }
    }
}

/// How urgent a threat is, with the terms it was made of, so that nobody has to take the number on trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Risk {
    /// What is at stake with the principal: 3 for an administrator.
    pub tier: Grade,
    /// How far the thing lies open.
    pub exposure: Grade,
    /// How far from everyday work it is.
    pub anomaly: Grade,
    /// How sure it is.
    pub confidence: Confidence,
}

impl Risk {
    /// Of a sign that this source saw of somebody of this tier.
    pub fn of(sign: Sign, source: Source, tier: Grade) -> Self {
        let confidence = Confidence::of(sign.confidence(source));
        Self { tier, exposure: sign.exposure(), anomaly: sign.anomaly(), confidence }
    }

    /// From 1 to 10: one, and of each of the three terms as much as it is sure, rounded to the nearest.
    pub fn score(self) -> u8 {
        let terms: u16 =
            [self.tier, self.exposure, self.anomaly].map(|grade| u16::from(u8::from(grade))).iter().sum();
        let sure = (terms * u16::from(self.confidence.percent()) + 50) / 100;
        u8::try_from(1 + sure).unwrap_or(u8::MAX).min(10)
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tier, exposure, anomaly, confidence } = self;
        write!(
            f,
            "risk {} of 10 (tier {tier} + exposure {exposure} + anomaly {anomaly}, {} % sure)",
            self.score(),
            confidence.percent()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn risk(tier: u8, exposure: u8, anomaly: u8, percent: u8) -> Risk {
        let grade = |number| Grade::try_from(number).unwrap();
        Risk {
            tier: grade(tier),
            exposure: grade(exposure),
            anomaly: grade(anomaly),
            confidence: Confidence::of(percent),
        }
    }

    #[test]
    fn it_reaches_from_one_to_ten() {
        assert_eq!(risk(0, 0, 0, 0).score(), 1);
        assert_eq!(risk(3, 3, 3, 0).score(), 1);
        assert_eq!(risk(3, 3, 3, 100).score(), 10);
        assert_eq!(risk(1, 2, 2, 75).score(), 5);
    }

    #[test]
    fn it_says_what_it_was_made_of() {
        assert_eq!(
            risk(1, 3, 3, 95).to_string(),
            "risk 8 of 10 (tier 1 + exposure 3 + anomaly 3, 95 % sure)"
        );
    }

    #[test]
    fn no_more_than_three_and_no_more_than_a_hundred_is_read_back() {
        assert!(serde_json::from_str::<Grade>("4").is_err());
        assert!(serde_json::from_str::<Confidence>("101").is_err());
        let json = serde_json::to_string(&risk(1, 2, 3, 75)).unwrap();
        assert_eq!(serde_json::from_str::<Risk>(&json).unwrap(), risk(1, 2, 3, 75));
    }

    proptest! {
        #[test]
        fn more_of_a_term_is_never_less_of_a_risk(terms in [0_u8..3, 0..3, 0..3, 0..100]) {
            let [tier, exposure, anomaly, percent] = terms;
            let score = risk(tier, exposure, anomaly, percent).score();
            prop_assert!((1..=10).contains(&score));
            prop_assert!(score <= risk(tier + 1, exposure, anomaly, percent).score());
            prop_assert!(score <= risk(tier, exposure + 1, anomaly, percent).score());
            prop_assert!(score <= risk(tier, exposure, anomaly + 1, percent).score());
            prop_assert!(score <= risk(tier, exposure, anomaly, percent + 1).score());
        }
    }
}
