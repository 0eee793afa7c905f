use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttachedPolicy, Fact, InlinePolicy, Privileges, Read, RoleIdentity};
use crate::identifier::Arn;
use crate::policy::PolicyDocument;
use crate::threat::Threats;

/// The last use of a role. IAM shows it up to four hours late and for 400 days, less in a Region that it tracks for a
/// shorter time (IAM User Guide, "Refine permissions using last accessed information").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleLastUse {
    /// When.
    pub at: Timestamp,
    /// In which Region; IAM may leave it out.
    pub region: Option<String>,
}

/// A service that a role may use. IAM shows a use up to four hours late and for 400 days, as for [`RoleLastUse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceUse {
    /// Its namespace, as in actions: `s3`.
    pub service: String,
    /// When the role last tried to use it; none within the time that IAM looks back.
    pub at: Option<Timestamp>,
}

/// An IAM role, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Who it is.
    pub identity: RoleIdentity,
    /// When it was created.
    pub created: Fact<Timestamp>,
    /// Its tags.
    pub tags: Fact<BTreeMap<String, String>>,
    /// Who may assume it.
    pub trust: Fact<PolicyDocument>,
    /// How long a session of it may last at most, in seconds.
    pub max_session_duration: Fact<u32>,
    /// When and where it was last used; `Absent` is not within the time that IAM looks back.
    pub last_used: Fact<RoleLastUse>,
    /// The services that its policies let it use, with their last use by it.
    pub services: Fact<Vec<ServiceUse>>,
    /// Its permissions boundary.
    pub boundary: Fact<Arn>,
    /// Policies written into it.
    pub inline_policies: Fact<Vec<InlinePolicy>>,
    /// Managed policies attached to it.
    pub attached_policies: Fact<Vec<AttachedPolicy>>,
    /// The instance profiles it is in: by these, EC2 instances run as it.
    pub instance_profiles: Fact<Vec<Arn>>,
    /// What threats were reported of it. Bailiff's table tells, not IAM.
    pub threats: Fact<Threats>,
    /// What it can do and become among all others of the account; only a sweep tells.
    pub privileges: Fact<Privileges>,
}

impl Role {
    /// A role of which nothing but the identity is known.
    pub fn unread(identity: RoleIdentity) -> Self {
        Self {
            identity,
            created: Fact::not_read(Read::GetRole),
            tags: Fact::not_read(Read::GetRole),
            trust: Fact::not_read(Read::GetRole),
            max_session_duration: Fact::not_read(Read::GetRole),
            last_used: Fact::not_read(Read::GetRole),
            services: Fact::not_read(Read::GetServiceLastAccessedDetails),
            boundary: Fact::not_read(Read::GetRole),
            inline_policies: Fact::not_read(Read::ListRolePolicies),
            attached_policies: Fact::not_read(Read::ListAttachedRolePolicies),
            instance_profiles: Fact::not_read(Read::GetAccountAuthorizationDetails),
            threats: Fact::not_read(Read::Threats),
            privileges: Fact::not_read(Read::GetAccountAuthorizationDetails),
        }
    }

    /// Whether AWS made it for a service or for IAM Identity Center, so that nobody else can change it (IAM User Guide,
    /// "Service-linked roles"; IAM Identity Center User Guide, "Reserved roles").
    pub fn is_made_by_aws(&self) -> bool {
        let path = self.identity.arn.resource();
        path.starts_with("role/aws-service-role/") || path.starts_with("role/aws-reserved/")
    }

    /// Whether it is AWS Control Tower's, by the names that its mandatory controls keep for it (AWS Control Tower
    /// Controls Reference Guide, "Disallow Changes to AWS IAM Roles Set Up by AWS Control Tower and AWS CloudFormation").
    pub fn is_of_control_tower(&self) -> bool {
        let name = self.identity.name.as_str();
        name.starts_with("AWSControlTower") || name.starts_with("aws-controltower-")
    }
}
