use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use shared::facts::{KeyStatus, OtherCredentialKind, RoleLastUse};
use shared::identifier::{
    AccessKeyId, Arn, CredentialId, GroupName, PolicyName, PolicyVersionId, RoleName, UniqueId, UserName,
};
use shared::policy::PolicyDocument;

/// A user with all that IAM keeps of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    /// Its name.
    pub name: UserName,
    /// Its unique id; derived from the name where the file has none.
    #[serde(default)]
    pub id: Option<UniqueId>,
    /// Its path, such as `/team/`.
    #[serde(default = "root_path")]
    pub path: String,
    /// When it was created; a year before the file's `now` where the file does not say.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Groups it is a member of.
    #[serde(default)]
    pub groups: BTreeSet<GroupName>,
    /// Policies written into it.
    #[serde(default)]
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to it.
    #[serde(default)]
    pub attached_policies: BTreeSet<Arn>,
    /// Its permissions boundary.
    #[serde(default)]
    pub boundary: Option<Arn>,
    /// Its console password.
    #[serde(default)]
    pub login_profile: Option<LoginProfile>,
    /// When the password was last used.
    #[serde(default)]
    pub password_last_used: Option<Timestamp>,
    /// Serial numbers of its MFA devices.
    #[serde(default)]
    pub mfa_devices: Vec<String>,
    /// Its access keys.
    #[serde(default)]
    pub access_keys: Vec<AccessKey>,
    /// Its SSH public keys, service-specific credentials and signing certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_credentials: Vec<OtherCredential>,
}

/// A role with all that IAM keeps of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// Its unique id; derived from the name where the file has none.
    #[serde(default)]
    pub id: Option<UniqueId>,
    /// Its path.
    #[serde(default = "root_path")]
    pub path: String,
    /// When it was created; a year before the file's `now` where the file does not say.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Who may assume it: JSON text as a string, or an object.
    #[serde(default = "trusts_nobody", deserialize_with = "document")]
    pub trust: PolicyDocument,
    /// Policies written into it.
    #[serde(default)]
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to it.
    #[serde(default)]
    pub attached_policies: BTreeSet<Arn>,
    /// Its permissions boundary.
    #[serde(default)]
    pub boundary: Option<Arn>,
    /// The instance profiles it is in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub instance_profiles: BTreeSet<Arn>,
    /// How long a session of it may last, in seconds; an hour where the file does not say.
    #[serde(default = "an_hour", skip_serializing_if = "is_an_hour")]
    pub max_session_duration: u32,
    /// Its last use; none within the time that IAM looks back where the file has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<RoleLastUse>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: GroupName,
    /// Its unique id; derived from the name where the file has none.
    #[serde(default)]
    pub id: Option<UniqueId>,
    /// Its path.
    #[serde(default = "root_path")]
    pub path: String,
    /// Managed policies attached to it.
    #[serde(default)]
    pub attached_policies: BTreeSet<Arn>,
    /// Policies written into it.
    #[serde(default)]
    pub inline_policies: Vec<InlinePolicy>,
}

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: PolicyName,
    /// Its unique id; derived from the name where the file has none.
    #[serde(default)]
    pub id: Option<UniqueId>,
    /// Its path.
    #[serde(default = "root_path")]
    pub path: String,
    /// When it was made; long ago where the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Which version is in force; the first where the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_version: Option<PolicyVersionId>,
    /// The text in force: JSON text as a string, or an object.
    #[serde(default = "allows_nothing", deserialize_with = "document")]
    pub document: PolicyDocument,
    /// Versions that are kept and not in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_versions: Vec<PolicyVersion>,
}

/// A version of a managed policy that is not in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyVersion {
    /// Such as `v1`.
    pub id: PolicyVersionId,
    /// Its text: JSON text as a string, or an object.
    #[serde(default = "allows_nothing", deserialize_with = "document")]
    pub document: PolicyDocument,
}

/// A policy that AWS manages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwsManagedPolicy {
    /// Its ARN, such as `arn:aws:iam::aws:policy/ReadOnlyAccess`.
    pub arn: Arn,
    /// Its text: JSON text as a string, or an object.
    #[serde(deserialize_with = "document")]
    pub document: PolicyDocument,
}

/// A policy written into its principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InlinePolicy {
    /// Its name.
    pub name: PolicyName,
    /// Its text: JSON text as a string, kept byte for byte, or an object.
    #[serde(default = "allows_nothing", deserialize_with = "document")]
    pub document: PolicyDocument,
}

/// A console password.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginProfile {
    /// When it was created; with the user where the file does not say.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// When it was last set, by whomever; at its creation where the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Timestamp>,
    /// Whether the user must change it at the next sign-in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reset_required: bool,
}

/// A credential of another kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtherCredential {
    /// What it is.
    pub kind: OtherCredentialKind,
    /// Its id; derived from the user's name where the file has none.
    #[serde(default)]
    pub id: Option<CredentialId>,
    /// Whether it can be used.
    #[serde(default = "active")]
    pub status: KeyStatus,
    /// When it was made or uploaded; with the user where the file does not say.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// The service it is for; CodeCommit where the file does not say.
    #[serde(default)]
    pub service: Option<String>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// An access key. Its secret is nowhere in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessKey {
    /// Its id; derived from the user's name where the file has none.
    #[serde(default)]
    pub id: Option<AccessKeyId>,
    /// Whether it can be used.
    #[serde(default = "active")]
    pub status: KeyStatus,
    /// When it was created; with the user where the file does not say.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// Its last use.
    #[serde(default)]
    pub last_used: Option<LastUse>,
    /// When it was last switched on or off, which the credential report passes off as its rotation. Taken in and
    /// never given out: an account put back exactly equals the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_changed: Option<Timestamp>,
}

/// The last use of an access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// The service called.
    #[serde(default = "some_service")]
    pub service: String,
    /// The Region called.
    #[serde(default = "some_region")]
    pub region: String,
}

pub(super) fn root_path() -> String {
    "/".to_owned()
}

/// What IAM gives a role whose maker says nothing (IAM API, `CreateRole`, `MaxSessionDuration`).
const AN_HOUR: u32 = 3_600;

fn an_hour() -> u32 {
    AN_HOUR
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_an_hour(seconds: &u32) -> bool {
    *seconds == AN_HOUR
}

fn active() -> KeyStatus {
    KeyStatus::Active
}

fn some_service() -> String {
    "s3".to_owned()
}

fn some_region() -> String {
    "eu-west-1".to_owned()
}

pub(crate) fn allows_nothing() -> PolicyDocument {
    PolicyDocument::new(r#"{"Version":"2012-10-17","Statement":[]}"#)
}

fn trusts_nobody() -> PolicyDocument {
    allows_nothing()
}

/// A document as a person writes it into a file: a string is taken byte for byte, an object compactly.
fn document<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PolicyDocument, D::Error> {
    written(Value::deserialize(deserializer)?)
}

fn written<E: serde::de::Error>(value: Value) -> Result<PolicyDocument, E> {
    match value {
        Value::String(text) => Ok(PolicyDocument::new(text)),
        object @ Value::Object(_) => Ok(PolicyDocument::new(object.to_string())),
        _ => Err(E::custom("a policy document is an object, or its text as a string")),
    }
}
