use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, KeyStatus, Need, Span};
use crate::identifier::CredentialId;

/// A credential of which IAM does not tell when it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OtherCredential {
    /// What it is.
    pub kind: OtherCredentialKind,
    /// Its id; unknown where only the credential report was read, which names none.
    pub id: Fact<CredentialId>,
    /// Whether it can be used.
    pub status: KeyStatus,
    /// When it was made or uploaded. The credential report's `last_rotated` is only an upper bound of this.
    pub created: Span,
    /// The service it is for, such as `bedrock.amazonaws.com`; of service-specific credentials alone.
    pub service: Option<String>,
    /// When it ends by itself, if it does; of service-specific credentials alone.
    pub expires: Option<Timestamp>,
}

impl OtherCredential {
    /// Whether it can be used at this moment.
    pub fn is_usable(&self, at: Timestamp) -> bool {
        self.status == KeyStatus::Active && self.expires.is_none_or(|expires| expires > at)
    }

    /// What it is and the end of its id, for people.
    pub fn label(&self) -> String {
        let service = self.service.as_ref().map(|service| format!(" for {service}")).unwrap_or_default();
        match &self.id {
            Fact::Known(id) => format!("{} {id}{service}", self.kind),
            Fact::Absent | Fact::Unknown(_) => format!("{}{service}", self.kind),
        }
    }
}

/// What kind of credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OtherCredentialKind {
    /// An SSH public key, for CodeCommit.
    SshPublicKey,
    /// A credential for one service alone: CodeCommit, Keyspaces, Bedrock, CloudWatch Logs.
    ServiceSpecificCredential,
    /// An X.509 certificate.
    SigningCertificate,
}

impl OtherCredentialKind {
    /// Every one.
    pub const ALL: [Self; 3] =
        [Self::SshPublicKey, Self::ServiceSpecificCredential, Self::SigningCertificate];

    /// What must be read to know of a user's.
    pub fn need(self) -> Need {
        match self {
            Self::SshPublicKey => Need::SshPublicKeys,
            Self::ServiceSpecificCredential => Need::ServiceSpecificCredentials,
            Self::SigningCertificate => Need::SigningCertificates,
        }
    }
}

impl fmt::Display for OtherCredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SshPublicKey => "SSH public key",
            Self::ServiceSpecificCredential => "service-specific credential",
            Self::SigningCertificate => "signing certificate",
        })
    }
}
