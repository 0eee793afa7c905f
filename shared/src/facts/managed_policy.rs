use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Read};
use crate::identifier::{AccountId, Arn, PolicyName, PolicyVersionId, UniqueId};
use crate::policy::PolicyDocument;

/// Which policy it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyIdentity {
    /// The account it lives in.
    pub account: AccountId,
    /// Its name.
    pub name: PolicyName,
    /// Its id for life.
    pub unique_id: UniqueId,
    /// Its ARN, with its path.
    pub arn: Arn,
}

/// A policy that the customer manages, as far as it was read. AWS's own are nobody's here to judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedPolicy {
    /// Which one it is.
    pub identity: PolicyIdentity,
    /// When it was created.
    pub created: Fact<Timestamp>,
    /// The text of its default version, the only one in force.
    pub document: Fact<PolicyDocument>,
    /// Its default version.
    pub default_version: Fact<PolicyVersionId>,
    /// When each of its versions was made, the default one among them. At most five (IAM quotas).
    pub versions: Fact<Vec<Timestamp>>,
    /// The texts of the other versions, any of which somebody may put in force. Only a sweep tells.
    pub other_documents: Fact<Vec<PolicyDocument>>,
    /// To how many users, groups and roles it is attached.
    pub attachments: Fact<u64>,
    /// Of how many users and roles it is the permissions boundary.
    pub bounds: Fact<u64>,
}

impl ManagedPolicy {
    /// A policy of which nothing but the identity is known.
    pub fn unread(identity: PolicyIdentity) -> Self {
        Self {
            identity,
            created: Fact::not_read(Read::GetAccountAuthorizationDetails),
            document: Fact::not_read(Read::GetAccountAuthorizationDetails),
            default_version: Fact::not_read(Read::GetAccountAuthorizationDetails),
            versions: Fact::not_read(Read::GetAccountAuthorizationDetails),
            other_documents: Fact::not_read(Read::GetAccountAuthorizationDetails),
            attachments: Fact::not_read(Read::GetAccountAuthorizationDetails),
            bounds: Fact::not_read(Read::GetAccountAuthorizationDetails),
        }
    }
}
