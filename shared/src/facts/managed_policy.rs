use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Read, ResourceIdentity};
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
    /// The versions that are kept and not in force. Somebody may put any of them in force.
    pub other_versions: Fact<Vec<PolicyVersion>>,
    /// To how many users, groups and roles it is attached.
    pub attachments: Fact<u64>,
    /// Of how many users and roles it is the permissions boundary.
    pub bounds: Fact<u64>,
    /// Whom it is attached to or bounds, and the members of those of them that are groups.
    pub holders: Fact<BTreeSet<ResourceIdentity>>,
}

/// A version of a policy that is not in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyVersion {
    /// Which one.
    pub id: PolicyVersionId,
    /// Its text.
    pub document: Fact<PolicyDocument>,
}

impl ManagedPolicy {
    /// The most versions that IAM keeps of a policy, the default one among them (IAM quotas).
    pub const MOST_VERSIONS: usize = 5;

    /// A policy of which nothing but the identity is known.
    pub fn unread(identity: PolicyIdentity) -> Self {
        Self {
            identity,
            created: Fact::not_read(Read::GetAccountAuthorizationDetails),
            document: Fact::not_read(Read::GetAccountAuthorizationDetails),
            default_version: Fact::not_read(Read::GetAccountAuthorizationDetails),
            other_versions: Fact::not_read(Read::GetAccountAuthorizationDetails),
            attachments: Fact::not_read(Read::GetAccountAuthorizationDetails),
            bounds: Fact::not_read(Read::GetAccountAuthorizationDetails),
            holders: Fact::not_read(Read::ListEntitiesForPolicy),
        }
    }
}
