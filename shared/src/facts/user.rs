use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessKey, AttachedPolicy, Fact, InlinePolicy, Read, Span, UserIdentity};
use crate::identifier::{Arn, GroupName};

/// An IAM user, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Who it is.
    pub identity: UserIdentity,
    /// When it was created.
    pub created: Fact<Timestamp>,
    /// Its tags.
    pub tags: Fact<BTreeMap<String, String>>,
    /// Its permissions boundary.
    pub boundary: Fact<Arn>,
    /// Policies written into it.
    pub inline_policies: Fact<Vec<InlinePolicy>>,
    /// Managed policies attached to it directly.
    pub attached_policies: Fact<Vec<AttachedPolicy>>,
    /// Groups it is a member of.
    pub groups: Fact<Vec<GroupName>>,
    /// Its console password; `Absent` is none.
    pub login_profile: Fact<LoginProfile>,
    /// When the password was last used; `Absent` is never.
    pub password_last_used: Fact<Timestamp>,
    /// Its MFA devices, virtual and hardware.
    pub mfa_devices: Fact<Vec<MfaDevice>>,
    /// Its access keys. AWS's limit of two is not reliably enforced: never assume it.
    pub access_keys: Fact<Vec<AccessKey>>,
}

impl User {
    /// A user of whom nothing but the identity is known.
    pub fn unread(identity: UserIdentity) -> Self {
        Self {
            identity,
            created: Fact::not_read(Read::GetUser),
            tags: Fact::not_read(Read::GetUser),
            boundary: Fact::not_read(Read::GetUser),
            inline_policies: Fact::not_read(Read::ListUserPolicies),
            attached_policies: Fact::not_read(Read::ListAttachedUserPolicies),
            groups: Fact::not_read(Read::GetAccountAuthorizationDetails),
            login_profile: Fact::not_read(Read::GetLoginProfile),
            password_last_used: Fact::not_read(Read::GetUser),
            mfa_devices: Fact::not_read(Read::ListMfaDevices),
            access_keys: Fact::not_read(Read::ListAccessKeys),
        }
    }
}

/// A console password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// When it was created.
    pub created: Span,
}

/// An MFA device; the credential report tells that there is one, not which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Its serial number or ARN.
    pub serial: Option<String>,
}
