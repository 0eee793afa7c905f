use std::fmt;

use serde::{Deserialize, Serialize};

/// Who saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A call that CloudTrail recorded.
    CloudTrail,
    /// Amazon GuardDuty.
    GuardDuty,
    /// Amazon Macie.
    Macie,
    /// IAM Access Analyzer.
    AccessAnalyzer,
    /// AWS Security Hub.
    SecurityHub,
    /// AWS Health: AWS itself found the key in public.
    Health,
    /// AWS Trusted Advisor.
    TrustedAdvisor,
    /// A rule of AWS Config that is not Bailiff's.
    Config,
    /// A person who ordered a suspension.
    Order,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CloudTrail => "CloudTrail",
            Self::GuardDuty => "GuardDuty",
            Self::Macie => "Macie",
            Self::AccessAnalyzer => "IAM Access Analyzer",
            Self::SecurityHub => "Security Hub",
            Self::Health => "AWS Health",
            Self::TrustedAdvisor => "Trusted Advisor",
            Self::Config => "AWS Config",
            Self::Order => "a person's order",
        })
    }
}
