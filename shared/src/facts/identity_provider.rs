use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fact, Read};
use crate::identifier::{AccountId, Arn, UniqueId};

/// Which identity provider it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityProviderIdentity {
    /// The account it lives in.
    pub account: AccountId,
    /// Its ARN, which is AWS Config's id of it too.
    pub unique_id: UniqueId,
    /// Its ARN.
    pub arn: Arn,
}

impl IdentityProviderIdentity {
    /// The provider of this ARN.
    pub fn new(account: AccountId, arn: Arn) -> Self {
        Self { account, unique_id: UniqueId::of_arn(&arn), arn }
    }

    /// Its name; of an OIDC provider its URL without the scheme.
    pub fn name(&self) -> &str {
        self.arn.resource().split_once('/').map_or("", |(_, name)| name)
    }
}

/// An identity provider that roles can trust, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Which one it is.
    pub identity: IdentityProviderIdentity,
    /// What it speaks.
    pub protocol: FederationProtocol,
    /// Its tags.
    pub tags: Fact<BTreeMap<String, String>>,
}

/// What an identity provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FederationProtocol {
    /// SAML 2.0.
    Saml,
    /// OpenID Connect.
    Oidc,
}

impl IdentityProvider {
    /// A provider of which nothing but the identity is known.
    pub fn unread(identity: IdentityProviderIdentity, protocol: FederationProtocol) -> Self {
        let read = match protocol {
            FederationProtocol::Saml => Read::ListSamlProviderTags,
            FederationProtocol::Oidc => Read::ListOpenIdConnectProviderTags,
        };
        Self { identity, protocol, tags: Fact::not_read(read) }
    }
}
