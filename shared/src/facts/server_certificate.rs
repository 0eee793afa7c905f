use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Read};
use crate::identifier::{AccountId, Arn, ServerCertificateName, UniqueId};

/// Which server certificate it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerCertificateIdentity {
    /// The account it lives in.
    pub account: AccountId,
    /// Its name, which is AWS Config's id of it too.
    pub name: ServerCertificateName,
    /// Its ARN: a configuration item tells no other id.
    pub unique_id: UniqueId,
    /// Its ARN, with its path.
    pub arn: Arn,
}

impl ServerCertificateIdentity {
    /// The certificate of this name and ARN.
    pub fn new(account: AccountId, name: ServerCertificateName, arn: Arn) -> Self {
        Self { account, name, unique_id: UniqueId::of_arn(&arn), arn }
    }
}

/// A TLS certificate that IAM keeps for load balancers and distributions, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCertificate {
    /// Which one it is.
    pub identity: ServerCertificateIdentity,
    /// The last moment at which it is valid.
    pub expires: Fact<Timestamp>,
    /// Its tags.
    pub tags: Fact<BTreeMap<String, String>>,
}

impl ServerCertificate {
    /// A certificate of which nothing but the identity is known.
    pub fn unread(identity: ServerCertificateIdentity) -> Self {
        Self {
            identity,
            expires: Fact::not_read(Read::ListServerCertificates),
            tags: Fact::not_read(Read::ListServerCertificateTags),
        }
    }
}
