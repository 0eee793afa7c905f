//! Reads of the account itself, of its server certificates and of its identity providers.

use std::collections::{BTreeMap, BTreeSet};

use shared::facts::{
    Account, AccountSummary, Fact, FederationProtocol, IdentityProvider, IdentityProviderIdentity, MfaDevice,
    Need, Read, Resource, ServerCertificate, ServerCertificateIdentity, Unread,
};
use shared::identifier::Arn;

use super::World;
use super::iam::arn;
use super::state::State;
use crate::account_file::{self, AccountSettings, Protocol};

impl World {
    pub(super) async fn server_certificates(&self, with_tags: bool) -> Result<Vec<Resource>, Unread> {
        let listed = self
            .read(Read::ListServerCertificates, "", |state| {
                let account = &state.iam.account;
                let identified = state.iam.certificates.iter().filter_map(|certificate| {
                    let name = certificate.name.clone();
                    let arn = arn(account, "server-certificate", &certificate.path, name.as_str())?;
                    let identity = ServerCertificateIdentity::new(account.clone(), name, arn);
                    Some((identity, certificate.clone()))
                });
                Ok(identified.collect::<Vec<_>>())
            })
            .await?;
        let mut seen = Vec::new();
        for (identity, certificate) in listed {
            let mut known = ServerCertificate::unread(identity);
            known.expires = Fact::Known(certificate.expires);
            if with_tags {
                let name = certificate.name.as_str();
                known.tags = self.tags(Read::ListServerCertificateTags, name, certificate.tags).await;
            }
            seen.push(known.into());
        }
        Ok(seen)
    }

    pub(super) async fn identity_providers(
        &self,
        protocol: FederationProtocol,
    ) -> Result<Vec<Resource>, Unread> {
        let (list, tags, kind, spoken) = match protocol {
            FederationProtocol::Saml => {
                (Read::ListSamlProviders, Read::ListSamlProviderTags, "saml-provider", Protocol::Saml)
            }
            FederationProtocol::Oidc => (
                Read::ListOpenIdConnectProviders,
                Read::ListOpenIdConnectProviderTags,
                "oidc-provider",
                Protocol::Oidc,
            ),
        };
        let listed = self
            .read(list, "", |state| {
                let account = &state.iam.account;
                let of_protocol = state.iam.providers.iter().filter(|provider| provider.protocol == spoken);
                let identified = of_protocol.filter_map(|provider| {
                    let arn = Arn::parse(&format!("arn:aws:iam::{account}:{kind}/{}", provider.name)).ok()?;
                    Some((IdentityProviderIdentity::new(account.clone(), arn), provider.tags.clone()))
                });
                Ok(identified.collect::<Vec<_>>())
            })
            .await?;
        let mut seen = Vec::new();
        for (identity, own) in listed {
            let name = identity.name().to_owned();
            let mut known = IdentityProvider::unread(identity, protocol);
            known.tags = self.tags(tags, &name, own).await;
            seen.push(known.into());
        }
        Ok(seen)
    }

    async fn tags(
        &self,
        read: Read,
        of: &str,
        tags: BTreeMap<String, String>,
    ) -> Fact<BTreeMap<String, String>> {
        match self.read(read, of, |_| Ok(tags)).await {
            Ok(tags) => Fact::Known(tags),
            Err(unread) => Fact::Unknown(unread),
        }
    }

    pub(super) async fn refresh_account(&self, account: &mut Account, needs: &BTreeSet<Need>) {
        if needs.contains(&Need::AccountSummary) {
            account.summary = self.of_account(Read::GetAccountSummary, |state| Some(state.summary())).await;
        }
        if needs.contains(&Need::RootMfaDevices) {
            account.root_virtual_mfa_devices = self
                .of_account(Read::ListVirtualMfaDevices, |state| {
                    let devices = state.settings().root.mfa_devices.into_iter();
                    let is_virtual = |serial: &String| serial.contains(":mfa/");
                    Some(
                        devices.filter(is_virtual).map(|serial| MfaDevice { serial: Some(serial) }).collect(),
                    )
                })
                .await;
        }
        if needs.contains(&Need::PasswordPolicy) {
            let policy = |state: &mut State| state.settings().password_policy;
            account.password_policy = self.of_account(Read::GetAccountPasswordPolicy, policy).await;
        }
        if needs.contains(&Need::Analyzers) {
            let analyzers = |state: &mut State| Some(state.settings().analyzers);
            account.analyzers = self.of_account(Read::ListAnalyzers, analyzers).await;
        }
        if needs.contains(&Need::SecurityContact) {
            let contact = |state: &mut State| state.settings().security_contact.then_some(());
            account.security_contact = self.of_account(Read::GetAlternateContact, contact).await;
        }
    }

    /// One read of the account; `None` is AWS's word for "there is none".
    pub(super) async fn of_account<T>(
        &self,
        read: Read,
        answer: impl FnOnce(&mut State) -> Option<T>,
    ) -> Fact<T> {
        match self.read(read, "", |state| Ok(answer(state))).await {
            Ok(answer) => answer.into(),
            Err(unread) => Fact::Unknown(unread),
        }
    }
}

impl State {
    /// The settings as reads see them.
    fn settings(&self) -> AccountSettings {
        let settings = self.iam.settings.as_ref().and_then(|settings| settings.seen(self.now));
        settings.cloned().unwrap_or_default()
    }

    fn summary(&self) -> AccountSummary {
        let account_file::RootUser { password, mfa_devices, access_keys, .. } = self.settings().root;
        AccountSummary {
            root_has_access_key: !access_keys.is_empty(),
            root_has_mfa: !mfa_devices.is_empty(),
            root_has_password: Some(password),
            users: self.iam.users_seen(self.now).count() as u64,
        }
    }
}
