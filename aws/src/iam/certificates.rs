use futures_util::stream::{self, StreamExt};
use shared::facts::{Fact, Read, Resource, ServerCertificate, ServerCertificateIdentity, Unread};
use shared::identifier::ServerCertificateName;

use super::find::{moment, tags};
use super::pages::listed;
use super::{AT_ONCE, Iam, fact, senseless};

impl Iam {
    /// Every server certificate, with its tags where these are needed.
    pub(super) async fn server_certificates(&self, with_tags: bool) -> Result<Vec<Resource>, Unread> {
        const READ: Read = Read::ListServerCertificates;
        let listed = listed!(READ, self.client.list_server_certificates(), |answer| answer
            .server_certificate_metadata_list)
        .await?;
        let mut certificates = Vec::new();
        for live in listed {
            let identity = ServerCertificateIdentity::new(
                self.account.clone(),
                ServerCertificateName::parse(&live.server_certificate_name)
                    .map_err(|error| senseless(READ, error))?,
                self.own_arn(&live.arn, READ)?,
            );
            let mut certificate = ServerCertificate::unread(identity);
            certificate.expires =
                live.expiration.map_or_else(|| Fact::not_read(READ), |expires| moment(&expires, READ));
            certificates.push(certificate);
        }
        let with_their_tags = stream::iter(certificates).map(async |mut certificate| {
            if with_tags {
                certificate.tags = fact(self.certificate_tags(&certificate.identity.name).await);
            }
            Resource::from(certificate)
        });
        Ok(with_their_tags.buffered(AT_ONCE).collect().await)
    }

    async fn certificate_tags(
        &self,
        name: &ServerCertificateName,
    ) -> Result<std::collections::BTreeMap<String, String>, Unread> {
        let listed = listed!(
            Read::ListServerCertificateTags,
            self.client.list_server_certificate_tags().server_certificate_name(name.as_str()),
            |answer| answer.tags
        );
        Ok(tags(listed.await?))
    }
}
