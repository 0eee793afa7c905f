use serde::{Deserialize, Serialize};

use crate::identifier::{Arn, PolicyName};
use crate::policy::PolicyDocument;

/// A policy written into its principal, with its exact text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlinePolicy {
    /// Its name, unique in the principal.
    pub name: PolicyName,
    /// Its text, byte for byte.
    pub document: PolicyDocument,
}

/// A managed policy attached to a principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedPolicy {
    /// The policy.
    pub arn: Arn,
}

/// Names of AWS's managed policies that AWS itself attaches to contain an exposed key
/// (IAM user guide, "AWS managed policies"). Version numbers follow the prefix.
const AWS_QUARANTINE_PREFIXES: [&str; 2] = ["AWSCompromisedKeyQuarantine", "AWSExposedCredentialPolicy"];

impl AttachedPolicy {
    /// Whether AWS attached it to contain an exposed key; nobody but AWS's support case should take it off.
    pub fn is_aws_quarantine(&self) -> bool {
        is_aws_quarantine(&self.arn)
    }
}

/// Whether the managed policy is one of AWS's own quarantine policies.
pub fn is_aws_quarantine(policy: &Arn) -> bool {
    policy.is_aws_managed() && AWS_QUARANTINE_PREFIXES.iter().any(|prefix| policy.name().starts_with(prefix))
}
