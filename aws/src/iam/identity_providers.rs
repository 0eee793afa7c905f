use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use shared::facts::{FederationProtocol, IdentityProvider, IdentityProviderIdentity, Read, Resource, Unread};
use shared::identifier::Arn;

use super::find::tags;
use super::pages::listed;
use super::{AT_ONCE, Iam, fact};
use crate::failure::Failure;

impl Iam {
    /// Every SAML provider, with its tags. IAM lists them in one answer.
    pub(super) async fn saml_providers(&self) -> Result<Vec<Resource>, Unread> {
        const READ: Read = Read::ListSamlProviders;
        let answer = self.client.list_saml_providers().send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(READ))?;
        let listed = answer.saml_provider_list.unwrap_or_default();
        let arns =
            listed.iter().map(|provider| self.own_arn(provider.arn.as_deref().unwrap_or_default(), READ));
        Ok(self.providers(FederationProtocol::Saml, arns.collect::<Result<_, _>>()?).await)
    }

    /// Every OpenID Connect provider, with its tags. IAM lists them in one answer.
    pub(super) async fn oidc_providers(&self) -> Result<Vec<Resource>, Unread> {
        const READ: Read = Read::ListOpenIdConnectProviders;
        let answer = self.client.list_open_id_connect_providers().send().await;
        let answer = answer.map_err(|error| Failure::of(&error).unread(READ))?;
        let listed = answer.open_id_connect_provider_list.unwrap_or_default();
        let arns =
            listed.iter().map(|provider| self.own_arn(provider.arn.as_deref().unwrap_or_default(), READ));
        Ok(self.providers(FederationProtocol::Oidc, arns.collect::<Result<_, _>>()?).await)
    }

    async fn providers(&self, protocol: FederationProtocol, arns: Vec<Arn>) -> Vec<Resource> {
        let providers = stream::iter(arns).map(async |arn| {
            let own = match protocol {
                FederationProtocol::Saml => self.saml_provider_tags(&arn).await,
                FederationProtocol::Oidc => self.oidc_provider_tags(&arn).await,
            };
            let identity = IdentityProviderIdentity::new(self.account.clone(), arn);
            Resource::from(IdentityProvider { identity, protocol, tags: fact(own) })
        });
        providers.buffered(AT_ONCE).collect().await
    }

    async fn saml_provider_tags(&self, arn: &Arn) -> Result<BTreeMap<String, String>, Unread> {
        let listed = listed!(
            Read::ListSamlProviderTags,
            self.client.list_saml_provider_tags().saml_provider_arn(arn.as_str()),
            |answer| answer.tags
        );
        Ok(tags(listed.await?))
    }

    async fn oidc_provider_tags(&self, arn: &Arn) -> Result<BTreeMap<String, String>, Unread> {
        let listed = listed!(
            Read::ListOpenIdConnectProviderTags,
            self.client.list_open_id_connect_provider_tags().open_id_connect_provider_arn(arn.as_str()),
            |answer| answer.tags
        );
        Ok(tags(listed.await?))
    }
}
