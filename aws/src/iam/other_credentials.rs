use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::types::StatusType;
use shared::facts::{KeyStatus, OtherCredential, OtherCredentialKind, Read, Unread};
use shared::identifier::UserName;

use super::Iam;
use super::pages::{IamPage, all};

impl Iam {
    /// A user's SSH public keys, service-specific credentials and signing certificates.
    pub(super) async fn other_credentials(&self, user: &UserName) -> Result<Vec<OtherCredential>, Unread> {
        let ssh_public_keys = all(Read::ListSshPublicKeys, async |marker| {
            let request = self.client.list_ssh_public_keys().user_name(user.as_str());
            let answer = request.set_marker(marker).send().await?;
            Ok::<_, SdkError<_, HttpResponse>>(IamPage {
                items: answer.ssh_public_keys.unwrap_or_default(),
                is_truncated: answer.is_truncated,
                marker: answer.marker,
            })
        })
        .await?;
        let service_specific = all(Read::ListServiceSpecificCredentials, async |marker| {
            let request = self.client.list_service_specific_credentials().user_name(user.as_str());
            let answer = request.set_marker(marker).send().await?;
            Ok::<_, SdkError<_, HttpResponse>>(IamPage {
                items: answer.service_specific_credentials.unwrap_or_default(),
                is_truncated: answer.is_truncated,
                marker: answer.marker,
            })
        })
        .await?;
        let certificates = all(Read::ListSigningCertificates, async |marker| {
            let request = self.client.list_signing_certificates().user_name(user.as_str());
            let answer = request.set_marker(marker).send().await?;
            Ok::<_, SdkError<_, HttpResponse>>(IamPage {
                items: answer.certificates,
                is_truncated: answer.is_truncated,
                marker: answer.marker,
            })
        })
        .await?;
        let of = |kind, status: &StatusType| OtherCredential { kind, status: usable(status) };
        Ok(ssh_public_keys
            .iter()
            .map(|key| of(OtherCredentialKind::SshPublicKey, &key.status))
            .chain(
                service_specific
                    .iter()
                    .map(|credential| of(OtherCredentialKind::ServiceSpecificCredential, &credential.status)),
            )
            .chain(
                certificates
                    .iter()
                    .map(|certificate| of(OtherCredentialKind::SigningCertificate, &certificate.status)),
            )
            .collect())
    }
}

/// What is not surely off counts as on: it is a reason to leave a user to people.
fn usable(status: &StatusType) -> KeyStatus {
    match status {
        StatusType::Inactive | StatusType::Expired => KeyStatus::Inactive,
        _ => KeyStatus::Active,
    }
}
