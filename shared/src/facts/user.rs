use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    AccessKey, AttachedPolicy, Departure, Fact, InlinePolicy, OtherCredential, OtherCredentialKind,
    Privileges, Read, Span, SwitchedOffKeys, UserIdentity,
};
use crate::identifier::{Arn, GroupName};
use crate::policy::PolicyDocument;
use crate::threat::Threats;

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
    /// Texts of the customer managed policies among them. AWS's own are known by their names.
    pub policy_texts: Fact<BTreeMap<Arn, PolicyDocument>>,
    /// Groups it is a member of.
    pub groups: Fact<Vec<GroupName>>,
    /// Its console password; `Absent` is none.
    pub login_profile: Fact<LoginProfile>,
    /// When the password was last set, by whomever. Only the credential report tells.
    pub password_last_changed: Fact<Timestamp>,
    /// When the password was last used; `Absent` is never.
    pub password_last_used: Fact<Timestamp>,
    /// Its MFA devices, virtual and hardware.
    pub mfa_devices: Fact<Vec<MfaDevice>>,
    /// Its access keys. AWS's limit of two is not reliably enforced: never assume it.
    pub access_keys: Fact<Vec<AccessKey>>,
    /// Those of them that Bailiff switched off. Its journal tells, not IAM.
    pub switched_off_keys: Fact<SwitchedOffKeys>,
    /// What a directory said of its person; `Absent` is nothing. Bailiff's table tells, not IAM.
    #[serde(default = "no_departure_read")]
    pub departure: Fact<Departure>,
    /// What threats were reported of it. Bailiff's table tells, not IAM.
    pub threats: Fact<Threats>,
    /// Its SSH public keys, for CodeCommit.
    pub ssh_public_keys: Fact<Vec<OtherCredential>>,
    /// When an earlier sweep saw that it had none of these, on or off.
    #[serde(default)]
    pub no_ssh_public_key_at: Option<Timestamp>,
    /// Its credentials for one service alone.
    pub service_specific_credentials: Fact<Vec<OtherCredential>>,
    /// Its X.509 certificates. The credential report leaves out inactive ones.
    pub signing_certificates: Fact<Vec<OtherCredential>>,
    /// What it can do and become among all others of the account; only a sweep tells.
    pub privileges: Fact<Privileges>,
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
            policy_texts: Fact::not_read(Read::GetPolicyVersion),
            groups: Fact::not_read(Read::GetAccountAuthorizationDetails),
            login_profile: Fact::not_read(Read::GetLoginProfile),
            password_last_changed: Fact::not_read(Read::GetCredentialReport),
            password_last_used: Fact::not_read(Read::GetUser),
            mfa_devices: Fact::not_read(Read::ListMfaDevices),
            access_keys: Fact::not_read(Read::ListAccessKeys),
            switched_off_keys: Fact::not_read(Read::SwitchedOffKeys),
            departure: no_departure_read(),
            threats: Fact::not_read(Read::Threats),
            ssh_public_keys: Fact::not_read(Read::ListSshPublicKeys),
            no_ssh_public_key_at: None,
            service_specific_credentials: Fact::not_read(Read::ListServiceSpecificCredentials),
            signing_certificates: Fact::not_read(Read::ListSigningCertificates),
            privileges: Fact::not_read(Read::GetAccountAuthorizationDetails),
        }
    }

    /// Its credentials of one kind.
    pub fn other_credentials(&self, kind: OtherCredentialKind) -> &Fact<Vec<OtherCredential>> {
        match kind {
            OtherCredentialKind::SshPublicKey => &self.ssh_public_keys,
            OtherCredentialKind::ServiceSpecificCredential => &self.service_specific_credentials,
            OtherCredentialKind::SigningCertificate => &self.signing_certificates,
        }
    }

    /// The same, to be changed.
    pub fn other_credentials_mut(&mut self, kind: OtherCredentialKind) -> &mut Fact<Vec<OtherCredential>> {
        match kind {
            OtherCredentialKind::SshPublicKey => &mut self.ssh_public_keys,
            OtherCredentialKind::ServiceSpecificCredential => &mut self.service_specific_credentials,
            OtherCredentialKind::SigningCertificate => &mut self.signing_certificates,
        }
    }
}

/// What was kept before anybody asked a directory.
fn no_departure_read() -> Fact<Departure> {
    Fact::not_read(Read::Departures)
}

/// A console password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// When it was created.
    pub created: Span,
    /// Whether the user must change it at the next sign-in; the credential report does not tell.
    pub reset_required: Option<bool>,
}

/// What kind of device an MFA device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MfaKind {
    /// A passkey or a security key: FIDO2, which phishing does not get past.
    SecurityKey,
    /// An app that shows codes.
    Virtual,
    /// A thing that shows codes.
    HardwareToken,
    /// Codes by text message, which AWS no longer offers.
    Sms,
}

impl MfaKind {
    /// The kind of the device with this serial number, which is an ARN where it is no hardware token; `None` where it
    /// is none that is known.
    ///
    /// Source: IAM User Guide, "Assign MFA devices in the AWS CLI or AWS API", and "IAM identifiers".
    pub fn of_serial(serial: &str) -> Option<Self> {
        if !serial.contains(':') {
            let is_token = !serial.is_empty() && serial.bytes().all(|byte| byte.is_ascii_alphanumeric());
            return is_token.then_some(Self::HardwareToken);
        }
        let arn = Arn::parse(serial).ok()?;
        match arn.resource().split_once('/')?.0 {
            "u2f" => Some(Self::SecurityKey),
            "mfa" => Some(Self::Virtual),
            "sms-mfa" => Some(Self::Sms),
            _ => None,
        }
    }
}

/// An MFA device; the credential report tells that there is one, not which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Its serial number or ARN.
    pub serial: Option<String>,
}
