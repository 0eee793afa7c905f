use std::collections::BTreeMap;

use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::{ServiceSpecificCredentialMetadata, StatusType};
use shared::facts::{Fact, KeyStatus, OtherCredential, OtherCredentialKind, Read, Span, Unread};
use shared::identifier::{CredentialId, UserName};

use super::pages::listed;
use super::{Iam, senseless};
use crate::time::from_sdk;

impl Iam {
    /// A user's SSH public keys.
    pub(super) async fn ssh_public_keys(&self, user: &UserName) -> Result<Vec<OtherCredential>, Unread> {
        const READ: Read = Read::ListSshPublicKeys;
        let keys =
            listed!(READ, self.client.list_ssh_public_keys().user_name(user.as_str()), |answer| answer
                .ssh_public_keys
                .unwrap_or_default())
            .await?;
        keys.iter()
            .map(|key| {
                let kind = OtherCredentialKind::SshPublicKey;
                credential(READ, kind, &key.ssh_public_key_id, &key.status, Some(&key.upload_date))
            })
            .collect()
    }

    /// A user's service-specific credentials, of every service.
    pub(super) async fn service_specific_credentials(
        &self,
        user: &UserName,
    ) -> Result<Vec<OtherCredential>, Unread> {
        const READ: Read = Read::ListServiceSpecificCredentials;
        let credentials = listed!(
            READ,
            self.client.list_service_specific_credentials().user_name(user.as_str()),
            |answer| answer.service_specific_credentials.unwrap_or_default()
        )
        .await?;
        credentials.into_iter().map(service_specific).collect()
    }

    /// Those of every user at once.
    pub(super) async fn list_all_service_specific_credentials(
        &self,
    ) -> Result<BTreeMap<UserName, Vec<OtherCredential>>, Unread> {
        const READ: Read = Read::ListServiceSpecificCredentials;
        let credentials =
            listed!(READ, self.client.list_service_specific_credentials().all_users(true), |answer| answer
                .service_specific_credentials
                .unwrap_or_default())
            .await?;
        let mut by_user: BTreeMap<UserName, Vec<OtherCredential>> = BTreeMap::new();
        for live in credentials {
            let user = UserName::parse(&live.user_name).map_err(|error| senseless(READ, error))?;
            by_user.entry(user).or_default().push(service_specific(live)?);
        }
        Ok(by_user)
    }

    /// A user's X.509 signing certificates.
    pub(super) async fn signing_certificates(&self, user: &UserName) -> Result<Vec<OtherCredential>, Unread> {
        const READ: Read = Read::ListSigningCertificates;
        let certificates =
            listed!(READ, self.client.list_signing_certificates().user_name(user.as_str()), |answer| answer
                .certificates)
            .await?;
        certificates
            .iter()
            .map(|live| {
                let kind = OtherCredentialKind::SigningCertificate;
                credential(READ, kind, &live.certificate_id, &live.status, live.upload_date.as_ref())
            })
            .collect()
    }
}

fn service_specific(live: ServiceSpecificCredentialMetadata) -> Result<OtherCredential, Unread> {
    const READ: Read = Read::ListServiceSpecificCredentials;
    let kind = OtherCredentialKind::ServiceSpecificCredential;
    let id = &live.service_specific_credential_id;
    let credential = credential(READ, kind, id, &live.status, Some(&live.create_date))?;
    let expires = live.expiration_date.as_ref().and_then(from_sdk);
    Ok(OtherCredential { service: Some(live.service_name), expires, ..credential })
}

fn credential(
    read: Read,
    kind: OtherCredentialKind,
    id: &str,
    status: &StatusType,
    created: Option<&DateTime>,
) -> Result<OtherCredential, Unread> {
    let id = CredentialId::parse(id).map_err(|error| senseless(read, error))?;
    let created =
        created.and_then(from_sdk).ok_or_else(|| senseless(read, format!("the {kind} {id} has no date")))?;
    Ok(OtherCredential {
        kind,
        id: Fact::Known(id),
        status: usable(status),
        created: Span::exactly(created),
        service: None,
        expires: None,
    })
}

/// What is not surely off counts as on: it is a reason to leave a user to people.
fn usable(status: &StatusType) -> KeyStatus {
    match status {
        StatusType::Inactive | StatusType::Expired => KeyStatus::Inactive,
        _ => KeyStatus::Active,
    }
}
