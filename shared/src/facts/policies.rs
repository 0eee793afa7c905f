use serde::{Deserialize, Serialize};

use super::{Read, Unread, User, WhyUnread};
use crate::identifier::{Arn, PolicyName};
use crate::policy::{Policy, PolicyDocument, PolicyKind};

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

/// AWS's managed policies that only deny, quarantines apart, and that somebody attaches to a user to contain it
/// (AWS Managed Policy Reference Guide).
const AWS_DENIES: [&str; 1] = ["AWSDenyAll"];

impl User {
    /// Whether an attached policy only takes permissions away: containment that must not be undone in the name of
    /// order.
    pub fn is_restricted_by(&self, attached: &AttachedPolicy) -> Result<bool, Unread> {
        if attached.arn.is_aws_managed() {
            return Ok(denies_alone(&attached.arn));
        }
        let texts = self.policy_texts.known().map_err(Clone::clone)?;
        texts.and_then(|texts| texts.get(&attached.arn)).map(only_denies).ok_or_else(|| {
            Unread::new(
                Read::GetPolicyVersion,
                WhyUnread::NotRead,
                "the text of an attached policy is not known",
            )
        })
    }
}

impl InlinePolicy {
    /// Whether it only takes permissions away.
    pub fn only_denies(&self) -> bool {
        only_denies(&self.document)
    }
}

/// A text that is no policy denies nothing.
fn only_denies(document: &PolicyDocument) -> bool {
    Policy::parse_document(document, PolicyKind::Identity).is_ok_and(|policy| policy.only_denies())
}

/// Whether the managed policy is one of AWS's own that only takes permissions away.
pub fn denies_alone(policy: &Arn) -> bool {
    is_aws_quarantine(policy) || (policy.is_aws_managed() && AWS_DENIES.contains(&policy.name()))
}

/// Whether the managed policy is one of AWS's own quarantine policies.
pub fn is_aws_quarantine(policy: &Arn) -> bool {
    policy.is_aws_managed() && AWS_QUARANTINE_PREFIXES.iter().any(|prefix| policy.name().starts_with(prefix))
}
