use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttachedPolicy, Fact, InlinePolicy, Privileges, Read, ResourceIdentity};
use crate::identifier::{AccountId, Arn, GroupName, UniqueId, UserName};

/// Which group it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupIdentity {
    /// The account it lives in.
    pub account: AccountId,
    /// Its name.
    pub name: GroupName,
    /// Its id for life.
    pub unique_id: UniqueId,
    /// Its ARN, with its path.
    pub arn: Arn,
}

/// An IAM group, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Which one it is.
    pub identity: GroupIdentity,
    /// When it was created.
    pub created: Fact<Timestamp>,
    /// Policies written into it.
    pub inline_policies: Fact<Vec<InlinePolicy>>,
    /// Managed policies attached to it.
    pub attached_policies: Fact<Vec<AttachedPolicy>>,
    /// Who belongs to it. A configuration item does not tell.
    pub members: Fact<BTreeSet<UserName>>,
    /// The same, with their ARNs. The bulk read does not tell, for nobody asks it.
    pub holders: Fact<BTreeSet<ResourceIdentity>>,
    /// What any of its members can do and become by its policies; only a sweep tells.
    pub privileges: Fact<Privileges>,
}

impl Group {
    /// A group of which nothing but the identity is known.
    pub fn unread(identity: GroupIdentity) -> Self {
        Self {
            identity,
            created: Fact::not_read(Read::GetAccountAuthorizationDetails),
            inline_policies: Fact::not_read(Read::GetAccountAuthorizationDetails),
            attached_policies: Fact::not_read(Read::GetAccountAuthorizationDetails),
            members: Fact::not_read(Read::GetAccountAuthorizationDetails),
            holders: Fact::not_read(Read::GetGroup),
            privileges: Fact::not_read(Read::GetAccountAuthorizationDetails),
        }
    }
}
