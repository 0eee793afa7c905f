use super::Fact;
use crate::identifier::Arn;
use crate::policy::PolicyDocument;

/// A policy that AWS manages, as far as it was read. No rule judges it; what it says counts for whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsManagedPolicy {
    /// Its ARN, such as `arn:aws:iam::aws:policy/ReadOnlyAccess`.
    pub arn: Arn,
    /// The text of its default version, the only one in force.
    pub document: Fact<PolicyDocument>,
}
